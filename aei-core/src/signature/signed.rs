use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::PublicKey;

/// Keeps a signature of a template from being taken for one of anything else.
const DOMAIN: &[u8] = b"aei template 1\0";

/// The version of the text that a signature is written as.
const VERSION: u32 = 1;

const ALGORITHM: &str = "ed25519";

/// A signature as it stands in `<template>.sig`: one JSON map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The id of the key that made it.
    key: String,
    bytes: Vec<u8>,
}

/// The JSON of a signature.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    aei_signature: u32,
    algorithm: String,
    key: String,
    signature: String,
}

/// A text that is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not the JSON of a signature.
    #[error("this is no signature of a template: {0}")]
    Malformed(String),
    /// Made by a later version.
    #[error("this signature has version {0}, and only version {VERSION} is known here")]
    Version(u32),
    /// Made in another way.
    #[error("this signature is of the algorithm `{0}`, and only `{ALGORITHM}` is known here")]
    Algorithm(String),
}

/// Why a template does not run although it may be good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// There is no signature.
    #[error("the template is not signed")]
    Unsigned,
    /// The signature cannot be read.
    #[error(transparent)]
    Unreadable(#[from] SignatureError),
    /// Nobody who is trusted made it.
    #[error("the template is signed by the key {key}, which is not trusted here")]
    UnknownKey {
        /// The id of the key that it names.
        key: String,
    },
    /// It is by a trusted key, but for other bytes.
    #[error("the template is not what the key {key} has signed: its bytes have changed")]
    Changed {
        /// The id of the key, with its name if it has one.
        key: String,
    },
}

/// What is signed for a template.
pub(super) fn message(template: &[u8]) -> Vec<u8> {
    [DOMAIN, template].concat()
}

/// Verifies a template's bytes: which of the trusted keys has signed them.
///
/// `signature` is the text of its `.sig` file, if it has one.
pub fn verify<'k>(
    template: &[u8],
    signature: Option<&str>,
    trusted: impl IntoIterator<Item = &'k PublicKey>,
) -> Result<&'k PublicKey, Unverified> {
    let signature: Signature = signature.ok_or(Unverified::Unsigned)?.parse()?;
    let unknown = || Unverified::UnknownKey { key: signature.key.clone() };
    let key = trusted.into_iter().find(|key| key.id() == signature.key).ok_or_else(unknown)?;
    if signature.is_of(template, key) {
        return Ok(key);
    }
    let name = key.name().map_or_else(String::new, |name| format!(" ({name})"));
    Err(Unverified::Changed { key: format!("{}{name}", signature.key) })
}

impl Signature {
    pub(super) fn new(key: String, bytes: &[u8]) -> Self {
        Self { key, bytes: bytes.to_vec() }
    }

    /// The id of the key that made it, as it says itself.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether a key has made it for these bytes.
    pub fn is_of(&self, template: &[u8], key: &PublicKey) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, key.bytes);
        key.verify(&message(template), &self.bytes).is_ok()
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = Written {
            aei_signature: VERSION,
            algorithm: ALGORITHM.to_owned(),
            key: self.key.clone(),
            signature: STANDARD.encode(&self.bytes),
        };
        let text = serde_json::to_string_pretty(&written).map_err(|_| fmt::Error)?;
        writeln!(f, "{text}")
    }
}

impl FromStr for Signature {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let malformed = |why: String| SignatureError::Malformed(why);
        let written: Written =
            serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if written.aei_signature != VERSION {
            return Err(SignatureError::Version(written.aei_signature));
        }
        if written.algorithm != ALGORITHM {
            return Err(SignatureError::Algorithm(written.algorithm));
        }
        let bytes = STANDARD.decode(&written.signature);
        let bytes = bytes.map_err(|error| malformed(format!("`signature`: {error}")))?;
        Ok(Self { key: written.key, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KeyError, Keypair};
    use super::*;

    const TEMPLATE: &[u8] = b"aei: 1\ncases: []\n";

    #[test]
    fn a_template_is_verified_by_the_key_that_signed_it() {
        let (pair, pem) = Keypair::generate().unwrap();
        let text = Keypair::from_pem(&pem).unwrap().sign(TEMPLATE).to_string();
        let other = Keypair::generate().unwrap().0.public();
        let key: PublicKey = pair.public().named("ann").to_string().parse().unwrap();
        let trusted = [other.clone(), key.clone()];
        let found = verify(TEMPLATE, Some(&text), &trusted).unwrap();
        assert_eq!((found, found.name()), (&key, Some("ann")));

        let changed = verify(b"aei: 1\ncases: [ ]\n", Some(&text), &trusted).unwrap_err();
        assert_eq!(changed, Unverified::Changed { key: format!("{} (ann)", key.id()) });
        let unknown = verify(TEMPLATE, Some(&text), std::slice::from_ref(&other)).unwrap_err();
        assert_eq!(unknown, Unverified::UnknownKey { key: key.id() });
        assert_eq!(verify(TEMPLATE, None, &trusted), Err(Unverified::Unsigned));
    }

    #[test]
    fn a_borrowed_key_id_does_not_help() {
        let (ann, eve) = (Keypair::generate().unwrap().0, Keypair::generate().unwrap().0);
        let forged = eve.sign(TEMPLATE).to_string().replace(&eve.public().id(), &ann.public().id());
        let error = verify(TEMPLATE, Some(&forged), &[ann.public()]).unwrap_err();
        assert_eq!(error, Unverified::Changed { key: ann.public().id() });
    }

    #[test]
    fn what_is_no_signature_or_key_says_so() {
        let (pair, _) = Keypair::generate().unwrap();
        let good = pair.sign(TEMPLATE).to_string();
        for (text, said) in [
            ("{", "this is no signature"),
            (&good.replace("\"aei_signature\": 1", "\"aei_signature\": 2"), "version 2"),
            (&good.replace("\"ed25519\"", "\"rsa\""), "algorithm `rsa`"),
            (&good.replace("\"signature\": \"", "\"signature\": \"?"), "`signature`"),
        ] {
            let error = verify(TEMPLATE, Some(text), &[pair.public()]).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        assert_eq!("ssh-ed25519 AAAA".parse::<PublicKey>(), Err(KeyError::Public));
        assert_eq!(Keypair::from_pem("nothing").unwrap_err(), KeyError::Private);
    }

    /// Made by `openssl genpkey -algorithm ed25519`, which leaves the public half out.
    #[test]
    fn keys_of_openssl_are_read() {
        let pem = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
                   -----END PRIVATE KEY-----\n";
        // The first test vector of RFC 8032.
        let public = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        assert_eq!(Keypair::from_pem(pem).unwrap().public().to_string(), public);
    }
}
