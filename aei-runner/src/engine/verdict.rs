use aei_core::event::Status;

/// How a unit ended, as others need to know it.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) status: Status,
    pub(crate) flaky: bool,
    /// Why, when no step tells.
    pub(crate) reason: Option<String>,
    /// The unit's id, for those that needed it.
    pub(crate) id: String,
}

impl Verdict {
    pub(crate) fn new(status: Status, reason: impl Into<String>) -> Self {
        Self { status, flaky: false, reason: Some(reason.into()), id: String::new() }
    }

    pub(crate) fn passed() -> Self {
        Self { status: Status::Passed, flaky: false, reason: None, id: String::new() }
    }

    pub(crate) fn skipped(reason: String) -> Self {
        Self::new(Status::Skipped, reason)
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(Status::Cancelled, CANCELLED)
    }

    /// The first thing that went wrong decides; later trouble is mostly its echo.
    pub(crate) fn add(&mut self, status: Status, reason: Option<String>) {
        if self.status == Status::Passed && !matches!(status, Status::Passed | Status::Skipped) {
            self.status = status;
            self.reason = reason;
        }
    }

    /// `failed`, `was cancelled`: the status as a verb.
    pub(crate) const fn verb(&self) -> &'static str {
        match self.status {
            Status::Passed => "passed",
            Status::Skipped => "was skipped",
            Status::Cancelled => "was cancelled",
            Status::Failed => "failed",
            Status::TimedOut => "timed out",
            Status::Errored => "could not be carried out",
            Status::Refused => "was refused",
        }
    }
}

/// Said of what a Ctrl-C ends.
pub(crate) const CANCELLED: &str = "the run was cancelled";
