//! The node's policy at the moment of acting: what paths, programs and names really are.
//!
//! The engine binds a [`Policy`] to each template ([`bind`]) and hands the outcome to runners as
//! `cx.policy`. A runner that opens a file, starts a program or connects does it by way of this
//! module, which follows links, looks names up and asks the policy about what it found, and then
//! acts on exactly that.
//!
//! Invariant: what was asked about is what is used.

mod host;
mod load;
mod net;
mod open;
mod paths;
#[cfg(feature = "shell")]
pub(crate) mod program;

use std::path::Path;
use std::sync::Arc;

use aei_core::policy::{BoundPolicy, Guard, Open, Places, Policy};

pub(crate) use host::{Environment, GuardedHost};
pub use load::{SIGNATURE_ENDING, load, load_signed, signature_path};
pub use net::{NoAddress, addresses};
pub use open::{Denied, Way, open};
pub use paths::{entry_path, real_path};

/// Binds a policy to this machine and the folder of a template; without one, all is allowed.
pub(crate) fn bind(policy: Option<&Arc<Policy>>, template: &Path) -> Arc<dyn Guard> {
    let Some(policy) = policy else { return Arc::new(Open) };
    let places = Here { template: real_path(template) };
    let bound: BoundPolicy = policy.bind(&places);
    Arc::new(bound)
}

/// This machine, and where a template lies on it.
struct Here {
    template: std::path::PathBuf,
}

impl Places for Here {
    fn real(&self, path: &Path) -> std::path::PathBuf {
        real_path(path)
    }

    fn on_path(&self, name: &str) -> Option<std::path::PathBuf> {
        paths::on_path(name)
    }

    fn template(&self) -> &Path {
        &self.template
    }
}
