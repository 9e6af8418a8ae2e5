use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{NewRun, ScheduleId};
use crate::event::RunId;

/// Runs that begin by the clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// Its identity.
    pub id: ScheduleId,
    /// When and what.
    pub schedule: NewSchedule,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it is due next; absent when it is switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<DateTime<Utc>>,
    /// The last run it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<RunId>,
    /// Why its last run could not begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// A schedule to make, or to put in the place of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    /// What people call it: 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// When, as a cron expression of five fields: `30 6 * * MON-FRI`.
    #[cfg_attr(feature = "openapi", schema(example = "30 6 * * MON-FRI"))]
    pub cron: String,
    /// The time zone of `cron`: `Europe/Berlin`; `UTC` when not given.
    #[serde(default = "utc")]
    #[cfg_attr(feature = "openapi", schema(example = "Europe/Berlin"))]
    pub time_zone: String,
    /// What to run.
    pub run: NewRun,
    /// Whether it is on.
    #[serde(default = "on")]
    pub enabled: bool,
}

fn utc() -> String {
    "UTC".to_owned()
}

const fn on() -> bool {
    true
}
