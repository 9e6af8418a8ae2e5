use aei_core::api::UserEvent;
use serde_json::{Value, json};

use super::{Applied, Applying};
use crate::command::{DeleteTemplate, Rejection, SetAssignments, StoreTemplate};
use crate::store::{nodes, templates};

pub(super) async fn store(cx: &mut Applying<'_>, command: &StoreTemplate) -> Applied {
    let user = cx.user();
    let latest = templates::latest(cx.db, user, &command.name).await?.unwrap_or(0);
    if latest >= command.version {
        let title = format!("`{}` has got version {latest} in the meantime", command.name);
        return Err(Rejection::conflict("version-conflict", title).into());
    }
    let version = command.version;
    templates::insert_version(cx.db, user, command, cx.at()).await?;
    cx.tell(UserEvent::Templates);
    cx.log("template.stored", format!("{} version {version}", command.name)).await?;
    Ok(json!({ "version": version }))
}

pub(super) async fn delete(cx: &mut Applying<'_>, command: &DeleteTemplate) -> Applied {
    if !templates::delete(cx.db, cx.user(), &command.name).await? {
        return Err(Rejection::not_found("template").into());
    }
    cx.tell(UserEvent::Templates);
    cx.log("template.deleted", &command.name).await?;
    Ok(Value::Null)
}

pub(super) async fn assign(cx: &mut Applying<'_>, command: &SetAssignments) -> Applied {
    let user = cx.user();
    if templates::latest(cx.db, user, &command.template).await?.is_none() {
        return Err(Rejection::not_found("template").into());
    }
    let own = nodes::ids(cx.db, user).await?;
    let stranger = command.assignments.cases.iter().find(|cell| !own.contains(&cell.node));
    if let Some(cell) = stranger {
        let title = format!("there is no node {}", cell.node);
        return Err(Rejection::new(422, "unknown-node", title).into());
    }
    templates::replace_assignments(cx.db, user, command).await?;
    cx.tell(UserEvent::Templates);
    cx.log("template.assigned", &command.template).await?;
    Ok(Value::Null)
}
