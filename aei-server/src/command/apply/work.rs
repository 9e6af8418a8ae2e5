//! What nodes do with their commands: START → RUNNING → gone.

use aei_core::api::{CommandId, NodeMessage, NodeRunState, UserEvent};
use aei_core::event::{RunId, Status};
use serde_json::{Value, json};

use super::{Applied, Applying, News};
use crate::command::{
    AppendEvents, FinishCommand, KeepArtifact, LoseCommand, Rejection, RenewLeases, TakeCommand,
};
use crate::store::{cases, commands, events, nodes, runs};

fn gone() -> Rejection {
    Rejection::new(404, "command-gone", "this command is not the node's any more")
        .detail("it has ended, was cancelled, was lost, or never was this node's")
}

pub(super) async fn take(cx: &mut Applying<'_>, command: &TakeCommand) -> Applied {
    let held = commands::of_node(cx.db, command.node, command.id).await?;
    let Some(held) = held else { return Err(gone().into()) };
    let until = cx.at() + command.lease;
    if !held.is_running() {
        commands::set_running(cx.db, command.id, until).await?;
        runs::node_began(cx.db, held.run(), command.id, cx.at()).await?;
        cx.tell(UserEvent::Run(held.run()));
        cx.tell(UserEvent::Node(command.node));
    }
    let next_seq = runs::next_seq(cx.db, command.id).await?;
    Ok(json!({ "next_seq": next_seq }))
}

pub(super) async fn append_events(cx: &mut Applying<'_>, command: &AppendEvents) -> Applied {
    // A lost command may still deliver: what happened is worth keeping.
    let Some(part) = runs::part(cx.db, command.node, command.command).await? else {
        return Err(gone().into());
    };
    let expected = part.next_seq();
    if command.first > expected {
        let mut gap = Rejection::conflict("events-gap", "events before these are missing");
        gap.expected = Some(expected);
        return Err(gap.into());
    }
    if command.next <= expected {
        return Ok(json!({ "next_seq": expected }));
    }
    events::append(cx.db, command, expected).await?;
    runs::set_next_seq(cx.db, command.command, command.next).await?;
    let owner = cases::Owner {
        command: command.command,
        run: command.run,
        node: command.node,
        user: cx.user(),
        template: &command.template,
    };
    cases::upsert(cx.db, &owner, &command.cases).await?;
    cases::insert_measurements(cx.db, &owner, &command.measurements).await?;
    commands::renew(cx.db, command.node, command.command, cx.at() + command.lease).await?;
    cx.tell(UserEvent::Run(command.run));
    Ok(json!({ "next_seq": command.next }))
}

pub(super) async fn keep_artifact(cx: &mut Applying<'_>, command: &KeepArtifact) -> Applied {
    if runs::part(cx.db, command.node, command.command).await?.is_none() {
        return Err(gone().into());
    }
    events::keep_artifact(cx.db, command).await?;
    Ok(Value::Null)
}

pub(super) async fn finish(cx: &mut Applying<'_>, command: &FinishCommand) -> Applied {
    let Some(part) = runs::part(cx.db, command.node, command.id).await? else {
        return Err(gone().into());
    };
    if part.state() == NodeRunState::Finished {
        return Err(gone().into());
    }
    let held = part.next_seq();
    if held < command.events {
        let mut gap = Rejection::conflict("events-gap", "events of this command are missing");
        gap.expected = Some(held);
        return Err(gap.into());
    }
    runs::node_ended(
        cx.db,
        &runs::Ending {
            command: command.id,
            state: NodeRunState::Finished,
            status: command.status,
            summary: Some(command.summary),
            reason: command.reason.as_deref(),
            at: cx.at(),
        },
    )
    .await?;
    commands::delete(cx.db, command.id).await?;
    let run = part.run();
    runs::settle(cx.db, run, cx.at()).await?;
    cx.tell(UserEvent::Run(run));
    cx.tell(UserEvent::Node(command.node));
    Ok(Value::Null)
}

pub(super) async fn renew(cx: &mut Applying<'_>, command: &RenewLeases) -> Applied {
    let until = cx.at() + command.lease;
    for &id in &command.commands {
        commands::renew(cx.db, command.node, id, until).await?;
    }
    Ok(Value::Null)
}

pub(super) async fn lose(cx: &mut Applying<'_>, command: &LoseCommand) -> Applied {
    let Some(held) = commands::by_id(cx.db, command.id).await? else {
        return Ok(json!({ "lost": false }));
    };
    if held.lease_until() != Some(command.lease_until) {
        return Ok(json!({ "lost": false }));
    }
    end_lost(cx, command.id, held.run(), "the node was not heard of in time").await?;
    if let Some(part) = &command.reassign
        && nodes::by_id(cx.db, cx.user(), part.node).await?.is_some()
    {
        commands::give(cx.db, cx.user(), part, cx.at()).await?;
        runs::reopen(cx.db, held.run()).await?;
        let message = NodeMessage::Command(Box::new(part.command.clone()));
        cx.news.push(News::Node(part.node, Box::new(message)));
    }
    cx.tell(UserEvent::Node(held.node()));
    Ok(json!({ "lost": true }))
}

/// Ends a command whose node is lost.
pub(super) async fn end_lost(
    cx: &mut Applying<'_>,
    id: CommandId,
    run: RunId,
    reason: &str,
) -> Applied<()> {
    end(cx, id, run, (NodeRunState::Lost, Status::Errored, reason)).await
}

/// Ends a command that nobody has taken.
pub(super) async fn end_cancelled(cx: &mut Applying<'_>, id: CommandId, run: RunId) -> Applied<()> {
    let how = (NodeRunState::Finished, Status::Cancelled, "cancelled before the node took it");
    end(cx, id, run, how).await
}

async fn end(
    cx: &mut Applying<'_>,
    id: CommandId,
    run: RunId,
    (state, status, reason): (NodeRunState, Status, &str),
) -> Applied<()> {
    let at = cx.at();
    let ending =
        runs::Ending { command: id, state, status, summary: None, reason: Some(reason), at };
    runs::node_ended(cx.db, &ending).await?;
    commands::delete(cx.db, id).await?;
    runs::settle(cx.db, run, at).await?;
    cx.tell(UserEvent::Run(run));
    Ok(())
}
