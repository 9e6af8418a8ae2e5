//! How often somebody may try to log in.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::api::ApiError;

/// Counts tries by name and by address, since a thief of passwords varies the one or the other.
pub(crate) struct Attempts {
    by_name: DefaultKeyedRateLimiter<String>,
    by_address: DefaultKeyedRateLimiter<String>,
}

/// Tries of one name: so many at once, and as many again every minute.
const PER_NAME: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Tries from one address: so many at once, and as many again every minute.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(100).unwrap();

impl Default for Attempts {
    fn default() -> Self {
        Self {
            by_name: RateLimiter::keyed(Quota::per_minute(PER_NAME)),
            by_address: RateLimiter::keyed(Quota::per_minute(PER_ADDRESS)),
        }
    }
}

impl Attempts {
    /// Counts a try, or refuses it.
    pub(crate) fn check(&self, name: &str, address: Option<&str>) -> Result<(), ApiError> {
        let name_is_free = self.by_name.check_key(&name.to_lowercase()).is_ok();
        let address_is_free =
            address.is_none_or(|address| self.by_address.check_key(&address.to_owned()).is_ok());
        if name_is_free && address_is_free {
            return Ok(());
        }
        Err(ApiError::new(
            axum::http::StatusCode::TOO_MANY_REQUESTS,
            "too-many-attempts",
            "too many tries to log in",
        )
        .detail("wait a minute, then try again")
        .retry_after(60))
    }

    /// Makes room: limiters remember keys that are long free again.
    pub(crate) fn tidy(&self) {
        self.by_name.retain_recent();
        self.by_address.retain_recent();
    }
}
