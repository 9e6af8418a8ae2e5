//! What a check says when it does not hold, as it is really said.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::samples::{SNAPSHOT, Sample};
use crate::evaluator::{Evaluator, Snapshots};
use crate::event::CheckResult;
use crate::expr::Scope;
use crate::host::{Host, HostError};
use crate::source::{SourceMap, Syntax, from_node, parse};
use crate::template::Check;

/// A world in which time stands still and one snapshot is stored.
struct Shelf;

impl Host for Shelf {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn random_int(&self, low: i64, _: i64) -> i64 {
        low
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        if path == Path::new("order.json") {
            return Ok(SNAPSHOT.into());
        }
        let path = path.display().to_string();
        let reason = "there is no such file".to_owned();
        Err(HostError { action: "read", path, reason, not_found: true })
    }

    fn write(&self, _: &Path, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }
}

/// Evaluates the entry of a sample over its outcome. `None` for a sample that cannot be read.
pub(super) fn result(sample: &Sample) -> Option<CheckResult> {
    let entry = parse(&mut SourceMap::default(), "", sample.entry.into(), Syntax::Yaml).ok()?;
    let check: Check = from_node(entry).ok()?;
    let outcome: Value = serde_json::from_str(sample.broken).ok()?;
    let (sources, snapshots) = (Arc::new(SourceMap::default()), Snapshots::default());
    let evaluator = Evaluator::new(Arc::new(Shelf), sources, PathBuf::new(), snapshots);
    evaluator.check(&check, &outcome, &Scope::default()).into_iter().next()
}
