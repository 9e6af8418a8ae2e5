use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use aei_core::policy::Policy;

use super::{InputSources, Rerun, TagExpr};

/// How to run, as far as the caller has a say.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// How many cases run at a time. Zero: as many as the machine has cores.
    pub jobs: usize,
    /// Values of inputs.
    pub inputs: InputSources,
    /// Which cases to run. What they need runs too.
    pub select: Selection,
    /// Which part of the cases to run.
    pub shard: Option<Shard>,
    /// Starts the cases in an order drawn by this seed. Reports keep the order of the template.
    pub shuffle: Option<u64>,
    /// Starts no further case once one did not pass.
    pub fail_fast: bool,
    /// Tries failed cases so many times more, unless they say otherwise.
    pub retries: Option<u32>,
    /// Time limit of the whole run. Teardown gets time of its own.
    pub timeout: Option<Duration>,
    /// Stores snapshots anew instead of comparing with them.
    pub update_snapshots: bool,
    /// The labels of this machine: `os`, `arch`, `hostname` and its own.
    pub node: BTreeMap<String, String>,
    /// What this machine lets templates do; without it, everything.
    pub policy: Option<Arc<Policy>>,
    /// Which cases of an earlier run to run again.
    pub rerun: Option<Rerun>,
}

/// Which cases to run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Ids, exact or as globs; `login` means all of its matrix, `login[user=ann]` one.
    /// None at all means every case.
    pub cases: Vec<String>,
    /// What their tags must be.
    pub tags: Option<TagExpr>,
}

/// One part of several equal ones: `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: NonZeroU32,
}

/// A text that is no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a shard; write `k/n` with k from 1 to n, such as `1/3`")]
pub struct ShardError(String);

impl Shard {
    /// The place of the shard, from 0, and how many there are.
    pub const fn parts(self) -> (u32, u32) {
        (self.index, self.count.get())
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let parse = || {
            let (k, n) = text.split_once('/')?;
            let k: NonZeroU32 = k.trim().parse().ok()?;
            let count: NonZeroU32 = n.trim().parse().ok()?;
            (k <= count).then(|| Self { index: k.get() - 1, count })
        };
        parse().ok_or_else(|| ShardError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_count_from_one() {
        assert_eq!("1/3".parse::<Shard>().unwrap().parts(), (0, 3));
        for wrong in ["0/3", "4/3", "1", "1/0", "a/b", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
