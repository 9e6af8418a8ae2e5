use aei_core::api::{NodeMessage, RunState, UserEvent};
use serde_json::{Value, json};

use super::{Applied, Applying, News};
use crate::command::{CancelRun, DeleteRun, ImportRun, Rejection, StartRun};
use crate::store::{cases, commands, nodes, runs};

pub(super) async fn start(cx: &mut Applying<'_>, command: &StartRun) -> Applied {
    let user = cx.user();
    let own = nodes::ids(cx.db, user).await?;
    if let Some(part) = command.parts.iter().find(|part| !own.contains(&part.node)) {
        let title = format!("the node `{}` is gone", part.node_name);
        return Err(Rejection::conflict("node-gone", title).into());
    }
    runs::insert(cx.db, user, command, cx.at()).await?;
    for part in &command.parts {
        commands::give(cx.db, user, part, cx.at()).await?;
        let message = NodeMessage::Command(Box::new(part.command.clone()));
        cx.news.push(News::Node(part.node, Box::new(message)));
    }
    cx.tell(UserEvent::Run(command.id));
    cx.log("run.started", command.id).await?;
    Ok(json!({ "run_id": command.id }))
}

/// Commands that nobody has taken are gone at once; nodes at work are told to stop.
pub(super) async fn cancel(cx: &mut Applying<'_>, command: &CancelRun) -> Applied {
    let Some(run) = runs::by_id(cx.db, cx.user(), command.id).await? else {
        return Err(Rejection::not_found("run").into());
    };
    if run.state == RunState::Finished {
        return Err(Rejection::conflict("run-finished", "the run has ended already").into());
    }
    runs::set_state(cx.db, command.id, RunState::Cancelling).await?;
    for waiting in commands::of_run(cx.db, command.id).await? {
        if waiting.is_running() {
            commands::ask_to_cancel(cx.db, waiting.id()).await?;
        } else {
            super::work::end_cancelled(cx, waiting.id(), command.id).await?;
        }
        let message = NodeMessage::Cancel(waiting.id());
        cx.news.push(News::Node(waiting.node(), Box::new(message)));
    }
    runs::settle(cx.db, command.id, cx.at()).await?;
    cx.tell(UserEvent::Run(command.id));
    cx.log("run.cancelled", command.id).await?;
    Ok(Value::Null)
}

pub(super) async fn delete(cx: &mut Applying<'_>, command: &DeleteRun) -> Applied {
    let Some(run) = runs::by_id(cx.db, cx.user(), command.id).await? else {
        return Err(Rejection::not_found("run").into());
    };
    if run.state != RunState::Finished {
        return Err(Rejection::conflict("run-going", "the run has not ended")
            .detail("cancel it first")
            .into());
    }
    runs::delete(cx.db, command.id).await?;
    cx.tell(UserEvent::Run(command.id));
    cx.log("run.deleted", command.id).await?;
    Ok(Value::Null)
}

pub(super) async fn import(cx: &mut Applying<'_>, command: &ImportRun) -> Applied {
    let user = cx.user();
    runs::insert_imported(cx.db, user, command, cx.at()).await?;
    let owner = cases::Owner {
        command: command.command,
        run: command.id,
        node: command.node,
        user,
        template: &command.template,
    };
    cases::upsert(cx.db, &owner, &command.cases).await?;
    cases::insert_measurements(cx.db, &owner, &command.measurements).await?;
    cx.tell(UserEvent::Run(command.id));
    cx.log("run.imported", command.id).await?;
    Ok(json!({ "run_id": command.id }))
}
