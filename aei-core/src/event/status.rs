use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a step, a case or a run ended.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every check held.
    Passed,
    /// It was not run, for a reason that is given.
    Skipped,
    /// Somebody cancelled it.
    Cancelled,
    /// A check did not hold.
    Failed,
    /// The time was up.
    TimedOut,
    /// It could not be carried out.
    Errored,
    /// The node's policy forbids it.
    Refused,
}

impl Status {
    /// All of them, from good to bad.
    pub const ALL: [Self; 7] = [
        Self::Passed,
        Self::Skipped,
        Self::Cancelled,
        Self::Failed,
        Self::TimedOut,
        Self::Errored,
        Self::Refused,
    ];

    /// The word used on the wire and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Errored => "errored",
            Self::Refused => "refused",
        }
    }

    /// Whether it counts against the run: failed, errored, timed out, refused.
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut | Self::Errored | Self::Refused)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many cases ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Summary {
    /// All cases of the plan.
    pub total: u32,
    /// Every check held. Flaky cases are among them.
    pub passed: u32,
    /// A check did not hold.
    pub failed: u32,
    /// Could not be carried out.
    pub errored: u32,
    /// Not run, for a reason.
    pub skipped: u32,
    /// The time was up.
    pub timed_out: u32,
    /// Somebody cancelled.
    pub cancelled: u32,
    /// Forbidden by policy.
    pub refused: u32,
    /// Passed only after a retry of the case.
    pub flaky: u32,
}

impl Summary {
    /// Counts one case. `total` is not touched: it is known before.
    pub fn count(&mut self, status: Status, flaky: bool) {
        *self.of_mut(status) += 1;
        self.flaky += u32::from(flaky);
    }

    /// The count of a status.
    pub const fn of(&self, status: Status) -> u32 {
        match status {
            Status::Passed => self.passed,
            Status::Skipped => self.skipped,
            Status::Cancelled => self.cancelled,
            Status::Failed => self.failed,
            Status::TimedOut => self.timed_out,
            Status::Errored => self.errored,
            Status::Refused => self.refused,
        }
    }

    const fn of_mut(&mut self, status: Status) -> &mut u32 {
        match status {
            Status::Passed => &mut self.passed,
            Status::Skipped => &mut self.skipped,
            Status::Cancelled => &mut self.cancelled,
            Status::Failed => &mut self.failed,
            Status::TimedOut => &mut self.timed_out,
            Status::Errored => &mut self.errored,
            Status::Refused => &mut self.refused,
        }
    }

    /// How many have ended.
    pub fn finished(&self) -> u32 {
        Status::ALL.iter().map(|&status| self.of(status)).sum()
    }

    /// The verdict over all cases: the worst that counts against the run, else `cancelled` if
    /// there is one, else `passed`. Skipped cases do not spoil a run.
    pub fn status(&self) -> Status {
        let worst = [Status::Errored, Status::Refused, Status::TimedOut, Status::Failed]
            .into_iter()
            .find(|&status| self.of(status) > 0);
        worst.unwrap_or(if self.cancelled > 0 { Status::Cancelled } else { Status::Passed })
    }
}
