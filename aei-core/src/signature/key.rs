use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

use super::Signature;

/// Length of an Ed25519 public key (RFC 8032).
const PUBLIC_BYTES: usize = 32;

/// The scheme that texts of keys begin with.
const SCHEME: &str = "ed25519:";

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// A key that signs. Whoever has it can sign; it belongs into a file that only its owner reads.
pub struct Keypair(Ed25519KeyPair);

/// A key that verifies, perhaps with the name of its owner: `ed25519:<base64> ann@laptop`.
///
/// Two keys are equal when their numbers are, whatever their names.
#[derive(Debug, Clone)]
pub struct PublicKey {
    pub(super) bytes: [u8; PUBLIC_BYTES],
    name: Option<String>,
}

/// A text that is no key, or a key that could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a public key.
    #[error(
        "a public key is written `ed25519:` and 44 letters of base64, as `aei sign keygen` prints it"
    )]
    Public,
    /// Not a private key.
    #[error("a private key is an Ed25519 key in PKCS#8, between `{BEGIN}` and `{END}`")]
    Private,
    /// The system has no chance to give.
    #[error("the system gave no random numbers for a new key")]
    Random,
}

impl Keypair {
    /// A fresh key, of the system's random numbers; with the text to keep it as: PKCS#8 in PEM.
    pub fn generate() -> Result<(Self, String), KeyError> {
        let document =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| KeyError::Random)?;
        let text = STANDARD.encode(document.as_ref());
        let mut pem = format!("{BEGIN}\n");
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().map(|&letter| char::from(letter)));
            pem.push('\n');
        }
        pem.push_str(END);
        pem.push('\n');
        Ok((Self::from_pem(&pem)?, pem))
    }

    /// Reads a private key in PEM, as [`generate`](Self::generate) or `openssl genpkey -algorithm
    /// ed25519` writes it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let inner = text.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END));
        let (inner, _) = inner.ok_or(KeyError::Private)?;
        let letters: String = inner.split_whitespace().collect();
        let document = STANDARD.decode(letters).map_err(|_| KeyError::Private)?;
        // OpenSSL leaves the public half out.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&document);
        pair.map(Self).map_err(|_| KeyError::Private)
    }

    /// The half that verifies.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; PUBLIC_BYTES];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey { bytes, name: None }
    }

    /// Signs the bytes of a template.
    pub fn sign(&self, template: &[u8]) -> Signature {
        let signed = self.0.sign(&super::signed::message(template));
        Signature::new(self.public().id(), signed.as_ref())
    }
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keypair").field(&self.public().id()).finish()
    }
}

impl PublicKey {
    /// A short name for the key, the same everywhere: the first 16 hexadecimal digits of its
    /// SHA-256.
    pub fn id(&self) -> String {
        let digest = Sha256::digest(self.bytes);
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        format!("{:016x}", u64::from_be_bytes(first))
    }

    /// Whose key it is, if its text says.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The same key with the name of its owner.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let (key, name) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let letters = key.strip_prefix(SCHEME).ok_or(KeyError::Public)?;
        let decoded = STANDARD.decode(letters).map_err(|_| KeyError::Public)?;
        let bytes = decoded.try_into().map_err(|_| KeyError::Public)?;
        let name = name.trim();
        Ok(Self { bytes, name: (!name.is_empty()).then(|| name.to_owned()) })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", STANDARD.encode(self.bytes))?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, " {name}"))
    }
}
