use aei_core::api::FinishCommand;

use super::folder::{Claim, Folder};

/// What a process of before left of a command.
pub(super) enum Left {
    /// It has not begun.
    Nothing,
    /// It was in the middle.
    CutOff(Claim),
    /// It has ended and is not delivered, or not wholly.
    Finished(Claim, FinishCommand),
}

/// How often a command is begun that never comes to its end: a template that brings the node down
/// would do so for ever.
const ATTEMPTS: u32 = 3;

pub(super) fn left(folder: &Folder) -> Left {
    match (folder.claim(), folder.finish()) {
        (None, _) => Left::Nothing,
        (Some(claim), None) => Left::CutOff(claim),
        (Some(claim), Some(finish)) => Left::Finished(claim, finish),
    }
}

impl Left {
    /// Why it was cut off, as the end of a sentence.
    pub(super) fn reason(claim: &Claim) -> String {
        if claim.attempt >= ATTEMPTS && claim.command.rerun_if_interrupted {
            format!("the node was stopped in the middle of it {} times", claim.attempt)
        } else {
            "the node was stopped in the middle of it".to_owned()
        }
    }
}

impl Claim {
    pub(super) const fn may_run_again(&self) -> bool {
        self.command.rerun_if_interrupted && self.attempt < ATTEMPTS
    }
}
