use aei_core::api::UserEvent;
use serde_json::{Value, json};

use super::{Applied, Applying, News};
use crate::command::{DeleteNode, DescribeNode, NodesSeen, RegisterNode, Rejection, UpdateNode};
use crate::store::{keys, nodes, runs};

/// The same words for a wrong user, a wrong key and one that is used up, so that trying keys
/// teaches nothing.
fn no_such_key() -> Rejection {
    Rejection::new(403, "key-refused", "this enrolment key does not open this user's door")
        .detail("it may be wrong, expired, used up or of another user; make a new one")
}

pub(super) async fn register(cx: &mut Applying<'_>, command: &RegisterNode) -> Applied {
    let Some(key) = keys::by_hash(cx.db, &command.key_hash).await? else {
        return Err(no_such_key().into());
    };
    let is_over = key.expires_at.is_some_and(|end| end <= cx.at()) || key.uses_left == Some(0);
    if key.user_id != cx.user().0 || is_over {
        return Err(no_such_key().into());
    }
    keys::use_once(cx.db, key.id).await?;
    nodes::insert(cx.db, cx.user(), command, &key.labels.0, cx.at()).await?;
    cx.tell(UserEvent::Node(command.id));
    cx.log("node.registered", &command.name).await?;
    Ok(json!({ "node_id": command.id }))
}

pub(super) async fn update(cx: &mut Applying<'_>, command: &UpdateNode) -> Applied {
    if !nodes::update(cx.db, cx.user(), command).await? {
        return Err(Rejection::not_found("node").into());
    }
    cx.tell(UserEvent::Node(command.id));
    cx.log("node.updated", command.id).await?;
    Ok(Value::Null)
}

pub(super) async fn describe(cx: &mut Applying<'_>, command: &DescribeNode) -> Applied {
    nodes::describe(cx.db, command).await?;
    cx.tell(UserEvent::Node(command.id));
    Ok(Value::Null)
}

pub(super) async fn delete(cx: &mut Applying<'_>, command: &DeleteNode) -> Applied {
    let user = cx.user();
    if nodes::by_id(cx.db, user, command.id).await?.is_none() {
        return Err(Rejection::not_found("node").into());
    }
    let open = runs::open_of_node(cx.db, command.id).await?;
    for (id, run) in open {
        super::work::end_lost(cx, id, run, "the node was removed").await?;
    }
    nodes::delete(cx.db, user, command.id).await?;
    cx.news.push(News::NodeGone(command.id));
    cx.tell(UserEvent::Node(command.id));
    cx.log("node.deleted", command.id).await?;
    Ok(Value::Null)
}

pub(super) async fn seen(cx: &mut Applying<'_>, command: &NodesSeen) -> Applied {
    for &(node, at) in &command.nodes {
        nodes::seen(cx.db, node, at).await?;
    }
    Ok(Value::Null)
}
