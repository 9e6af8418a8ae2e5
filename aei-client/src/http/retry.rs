use std::time::Duration;

use uuid::Uuid;

/// How often and how patiently a call is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many tries in all; 1 means none again.
    pub attempts: u32,
    /// The pause after the first try; it doubles each time.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How long a queued write (`202 Accepted`) or a `Retry-After` is waited for in all.
    pub patience: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            first: Duration::from_millis(100),
            longest: Duration::from_secs(5),
            patience: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// One try only.
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }
}

/// Pauses that double, each drawn from its upper half so that many callers do not come back at
/// the same moment.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    pub(crate) const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// The pause to make now.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.next.min(self.longest);
        self.next = (pause * 2).min(self.longest);
        jittered(pause)
    }

    /// All is well again.
    pub(crate) const fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Between half of it and all of it.
fn jittered(pause: Duration) -> Duration {
    // The low 32 bits of a version 4 id are chance and nothing else.
    let chance = u32::try_from(Uuid::new_v4().as_u128() & 0xffff_ffff).unwrap_or(0);
    let half = pause / 2;
    half + half.mul_f64(f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_start_anew() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_millis(500));
        let mut backoff = Backoff::new(first, longest);
        for whole in [100, 200, 400, 500, 500] {
            let pause = backoff.next();
            let whole = Duration::from_millis(whole);
            assert!(whole / 2 <= pause && pause <= whole, "{pause:?} of {whole:?}");
        }
        backoff.reset();
        assert!(backoff.next() <= first);
    }
}
