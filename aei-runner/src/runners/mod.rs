//! The built-in step runners, one folder and one cargo feature each.

pub mod conformance;

#[cfg(feature = "assert")]
pub mod assert;
#[cfg(feature = "file")]
pub mod file;
#[cfg(any(feature = "file", feature = "http", feature = "tcp"))]
mod hexadecimal;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "shell")]
pub mod shell;
#[cfg(feature = "tcp")]
pub mod tcp;
#[cfg(feature = "wait")]
pub mod wait;

use aei_core::runner::Registry;

/// A registry with every runner that this build has.
pub fn builtin() -> Registry {
    let mut registry = Registry::empty();
    #[cfg(feature = "assert")]
    registry.register_dyn(assert::Assert::shared());
    #[cfg(feature = "file")]
    registry.register(file::File);
    #[cfg(feature = "http")]
    registry.register(http::Http);
    #[cfg(feature = "shell")]
    registry.register(shell::Shell);
    #[cfg(feature = "tcp")]
    registry.register(tcp::Tcp);
    #[cfg(feature = "wait")]
    registry.register(wait::Wait);
    registry
}
