//! Who stands for a template: Ed25519 signatures over the exact bytes of its file.
//!
//! A signature stands in a file of its own beside the template (`checkout.aei.yaml.sig`), so that
//! signing touches nothing of it. It covers one file; so only a template that needs no other file
//! to be loaded may be signed ([`self_contained`]), which is what `aei bundle` makes.
//!
//! Invariant: nothing here reads a file; chance is drawn for new keys only.

mod contained;
mod key;
mod signed;

pub use contained::self_contained;
pub use key::{KeyError, Keypair, PublicKey};
pub use signed::{Signature, SignatureError, Unverified, verify};
