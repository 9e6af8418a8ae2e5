//! What has to happen without anybody asking: lost nodes, old runs, what was heard of nodes.
//!
//! Everything goes through commands whose ids follow from what they do, so that several processes
//! that keep the same house do each thing once.

use std::time::Duration;

use aei_core::api::{CommandId, CommandState, Node, NodePresence, UserId};
use uuid::Uuid;

use crate::api::ApiError;
use crate::command::{Command, DeleteRun, Envelope, LoseCommand, NodesSeen, RunPart};
use crate::dispatch::{fits, set_labels};
use crate::state::{AppState, fresh_id, now};
use crate::store::{commands, nodes, runs, templates};

/// Who keeps the house when no user asked.
const NOBODY: UserId = UserId(Uuid::nil());

/// Keeps the house until the server stops.
pub(crate) async fn keep(state: AppState) {
    // Often enough to see a lost node soon after its lease.
    let pause = (state.config.lease / 10).clamp(Duration::from_millis(50), Duration::from_secs(5));
    let mut round = 0_u64;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = state.stopping.cancelled() => return,
        }
        round += 1;
        if let Err(error) = lose_overdue(&state).await {
            tracing::warn!(?error, "cannot look for lost nodes");
        }
        if round.is_multiple_of(10) {
            if let Err(error) = note_seen(&state).await {
                tracing::warn!(?error, "cannot note when nodes were heard of");
            }
            if let Err(error) = forget_expired(&state).await {
                tracing::warn!(?error, "cannot delete old runs");
            }
            state.attempts.tidy();
        }
    }
}

/// Counts commands as lost whose nodes were not heard of in time.
async fn lose_overdue(state: &AppState) -> Result<(), ApiError> {
    let at = now();
    let overdue = {
        let mut db = state.read().await?;
        commands::overdue(&mut db, at).await?
    };
    for row in overdue {
        let lease_until = row.lease_until().unwrap_or(0);
        let reassign = reassignment(state, &row).await?;
        let (id, user) = (row.id(), row.user());
        let command = LoseCommand { id, user, lease_until, reassign };
        let key = format!("lose {id} {lease_until}");
        let envelope = Envelope {
            id: Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()),
            user,
            at,
            address: None,
            command: Command::LoseCommand(command),
        };
        state.submit(envelope).await?;
    }
    Ok(())
}

/// Who gets the cases of a lost node: one that is there, fits, and has least to do.
async fn reassignment(
    state: &AppState,
    row: &commands::CommandRow,
) -> Result<Option<RunPart>, ApiError> {
    let mut db = state.read().await?;
    let Some(run) = runs::by_id(&mut db, row.user(), row.run()).await? else { return Ok(None) };
    let wants = run.run.request.as_ref().is_some_and(|request| request.reassign_lost);
    if !wants || row.cancel {
        return Ok(None);
    }
    let mut command = row.command()?;
    let wanted = &command.template;
    let template =
        templates::version(&mut db, row.user(), &wanted.name, Some(wanted.version)).await?;
    let Some(template) = template else { return Ok(None) };
    let outline = template.outline()?;
    let given = |id: &str| {
        let plain = |case: &String| case.split('[').next() == Some(id);
        command.cases.as_ref().is_none_or(|cases| cases.iter().any(plain))
    };
    let cases: Vec<_> = outline.cases.iter().filter(|case| given(&case.id)).collect();
    let all = nodes::all(&mut db, row.user()).await?;
    let busy = commands::of_user(&mut db, row.user()).await?;
    let is_there = |node: &Node| {
        let presence = state.presence.of(node.id, state.config.patience());
        matches!(presence, NodePresence::Online | NodePresence::Busy)
    };
    let candidates = all.into_iter().filter(|node| {
        node.id != row.node() && is_there(node) && cases.iter().all(|case| fits(case, node))
    });
    let load = |node: &Node| busy.iter().filter(|(_, at)| *at == node.id).count();
    let Some(node) = candidates.min_by_key(|node| (load(node), node.id)) else { return Ok(None) };
    command.id = CommandId(fresh_id());
    command.state = CommandState::Start;
    command.labels = set_labels(&node);
    Ok(Some(RunPart { node: node.id, node_name: node.name, command }))
}

/// Deletes runs that were to be kept for a while only.
async fn forget_expired(state: &AppState) -> Result<(), ApiError> {
    let at = now();
    let expired = {
        let mut db = state.read().await?;
        runs::expired(&mut db, at).await?
    };
    for (id, user) in expired {
        let key = format!("expire {id}");
        let envelope = Envelope {
            id: Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()),
            user,
            at,
            address: None,
            command: Command::DeleteRun(DeleteRun { id }),
        };
        crate::api::runs::forget(state, id, envelope).await?;
    }
    Ok(())
}

/// Writes down when nodes were last heard of, all in one command.
async fn note_seen(state: &AppState) -> Result<(), ApiError> {
    let nodes = state.presence.take_fresh();
    if nodes.is_empty() {
        return Ok(());
    }
    let envelope = Envelope {
        id: fresh_id(),
        user: NOBODY,
        at: now(),
        address: None,
        command: Command::NodesSeen(NodesSeen { nodes }),
    };
    state.submit(envelope).await?;
    Ok(())
}
