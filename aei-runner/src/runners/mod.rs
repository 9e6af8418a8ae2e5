//! The built-in step runners, one folder and one cargo feature each.

use aei_core::runner::Registry;

/// A registry with every runner that this build has.
pub fn builtin() -> Registry {
    Registry::empty()
}
