//! Authorities and certificates made for a test.

use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// Whom a server lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clients {
    Anyone,
    /// Those with a certificate of the authority.
    Known,
}

/// An authority, and what it and another one have signed.
pub(crate) struct Certificates {
    authority: CertifiedIssuer<'static, KeyPair>,
    server: Signed,
    client: Signed,
    stranger: Signed,
}

struct Signed {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Certificates {
    pub(crate) fn new() -> Self {
        let (authority, other) = (authority(), authority());
        Self {
            server: sign(&authority, "localhost"),
            client: sign(&authority, "client"),
            stranger: sign(&other, "stranger"),
            authority,
        }
    }

    /// Writes `ca.pem`, `client.pem`, `client.key`, `stranger.pem` and `stranger.key`.
    pub(crate) fn write(&self, dir: &Path) {
        let write = |name: &str, text: String| std::fs::write(dir.join(name), text).unwrap();
        write("ca.pem", self.authority.pem());
        for (name, signed) in [("client", &self.client), ("stranger", &self.stranger)] {
            write(&format!("{name}.pem"), signed.certificate.pem());
            write(&format!("{name}.key"), signed.key.serialize_pem());
        }
    }

    /// A server called `localhost`.
    pub(crate) fn server(&self, clients: Clients) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            Clients::Anyone => builder.with_no_client_auth(),
            Clients::Known => {
                let mut roots = RootCertStore::empty();
                roots.add(self.authority.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let key = PrivatePkcs8KeyDer::from(self.server.key.serialize_der());
        builder.with_single_cert(vec![self.server.certificate.der().clone()], key.into()).unwrap()
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn sign(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> Signed {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    Signed { certificate: params.signed_by(&key, authority).unwrap(), key }
}
