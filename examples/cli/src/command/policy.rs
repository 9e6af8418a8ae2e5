use std::fs;
use std::path::Path;
use std::sync::Arc;

use aei_core::policy::Policy;
use aei_runner::host::reason;

use crate::exit::Stop;

/// Reads a `policy.toml`.
pub(super) fn read(path: &Path) -> Result<Arc<Policy>, Stop> {
    let bytes = fs::read(path).map_err(|error| {
        let (name, reason) = (path.display(), reason(&error));
        Stop::mistake(format!("cannot read the policy `{name}`: {reason}"))
    })?;
    Ok(Arc::new(Policy::parse(path, bytes)?))
}
