//! The events of nodes as they came, and the artifacts they left.

use aei_core::api::CommandId;
use sqlx::FromRow;

use super::{Connection, Result, on};
use crate::command::{AppendEvents, KeepArtifact};

const APPEND: &str = "insert into event_batch (command_id, first_seq, next_seq, body)
    values ($1, $2, $3, $4)";

/// Keeps those events of a batch that are new: from `expected` on.
pub(crate) async fn append(db: &mut Connection, batch: &AppendEvents, expected: u64) -> Result<()> {
    let known = usize::try_from(expected.saturating_sub(batch.first)).unwrap_or(usize::MAX);
    let body = skip_lines(&batch.body, known);
    on!(db, c => sqlx::query(APPEND)
        .bind(batch.command.0)
        .bind(i64::try_from(expected).unwrap_or(i64::MAX))
        .bind(i64::try_from(batch.next).unwrap_or(i64::MAX))
        .bind(body)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

fn skip_lines(body: &str, count: usize) -> &str {
    let mut rest = body;
    for _ in 0..count {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest
}

/// A batch of events as it came.
#[derive(FromRow)]
pub(crate) struct BatchRow {
    pub(crate) next_seq: i64,
    pub(crate) body: String,
}

const AFTER: &str = "select next_seq, body from event_batch
    where command_id = $1 and next_seq > $2 order by first_seq limit $3";

/// Batches that hold events from `from` on.
pub(crate) async fn after(
    db: &mut Connection,
    command: CommandId,
    from: i64,
    limit: i64,
) -> Result<Vec<BatchRow>> {
    Ok(on!(db, c => sqlx::query_as(AFTER).bind(command.0).bind(from).bind(limit).fetch_all(c)
        .await)?)
}

const KEEP: &str = "insert into artifact (command_id, path, media_type, size, sha256)
    values ($1, $2, $3, $4, $5)
    on conflict (command_id, path) do update
    set media_type = excluded.media_type, size = excluded.size, sha256 = excluded.sha256";

pub(crate) async fn keep_artifact(db: &mut Connection, artifact: &KeepArtifact) -> Result<()> {
    on!(db, c => sqlx::query(KEEP)
        .bind(artifact.command.0)
        .bind(&artifact.path)
        .bind(&artifact.media_type)
        .bind(i64::try_from(artifact.size).unwrap_or(i64::MAX))
        .bind(&artifact.sha256)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const ARTIFACT: &str = "select media_type from artifact where command_id = $1 and path = $2";

/// The media type of an artifact, if there is such a one.
pub(crate) async fn artifact(
    db: &mut Connection,
    command: CommandId,
    path: &str,
) -> Result<Option<String>> {
    Ok(on!(db, c => sqlx::query_scalar(ARTIFACT).bind(command.0).bind(path).fetch_optional(c)
        .await)?)
}

#[cfg(test)]
mod tests {
    use super::skip_lines;

    #[test]
    fn known_events_are_left_out() {
        assert_eq!(skip_lines("a\nb\nc\n", 0), "a\nb\nc\n");
        assert_eq!(skip_lines("a\nb\nc\n", 2), "c\n");
        assert_eq!(skip_lines("a\nb\nc\n", 4), "");
    }
}
