//! How runners speak TLS: rustls with ring, options that templates share, roots loaded once.
//!
//! The provider is named on each config, so nothing has to be installed for the process.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use aei_core::host::Host;
use aei_core::runner::{StepError, StepErrorKind};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use schemars::JsonSchema;
use serde::Deserialize;

/// How the server is trusted, and who the client says it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsOptions {
    /// Whether the server's certificate must be valid. `false` accepts any; default `true`.
    pub verify: bool,
    /// A PEM file of the authorities to trust instead of the machine's own.
    pub ca: Option<String>,
    /// A PEM file with the client's certificate and its chain; needs `key`.
    pub cert: Option<String>,
    /// A PEM file with the client's private key.
    pub key: Option<String>,
    /// The name that the server's certificate must be for, and that is asked for (SNI); default
    /// is the host that is connected to.
    pub server_name: Option<String>,
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self { verify: true, ca: None, cert: None, key: None, server_name: None }
    }
}

/// Makes the client side's configuration. `alpn` names the protocols to offer, best first; files
/// are relative to `work_dir`. Errors point at `/tls/…`.
pub(crate) fn client_config(
    options: &TlsOptions,
    work_dir: &Path,
    host: &dyn Host,
    alpn: &[&[u8]],
) -> Result<Arc<ClientConfig>, StepError> {
    let files = Files { work_dir, host };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| StepError::new(StepErrorKind::Internal, error.to_string()))?;
    let builder = if options.verify {
        builder.with_root_certificates(match &options.ca {
            Some(path) => files.authorities(path)?,
            None => native_roots(),
        })
    } else {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyServer))
    };
    let mut config = match (&options.cert, &options.key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => {
            let chain = files.certificates(cert, "/tls/cert")?;
            let key_der = files.private_key(key)?;
            builder.with_client_auth_cert(chain, key_der).map_err(|error| {
                invalid("/tls/key", format!("cannot use the client certificate `{cert}`: {error}"))
            })?
        }
        (Some(_), None) => return Err(invalid("/tls/cert", "`tls.cert` needs `tls.key`")),
        (None, Some(_)) => return Err(invalid("/tls/key", "`tls.key` needs `tls.cert`")),
    };
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}

/// The name to ask for and to verify: that of the options, or the host connected to.
pub(crate) fn server_name(
    options: &TlsOptions,
    host: &str,
) -> Result<ServerName<'static>, StepError> {
    let (name, at) = match &options.server_name {
        Some(name) => (name.as_str(), "/tls/server_name"),
        None => (host.trim_start_matches('[').trim_end_matches(']'), "/url"),
    };
    ServerName::try_from(name.to_owned())
        .map_err(|_| invalid(at, format!("`{name}` is no host name that TLS can verify")))
}

/// Words a failed handshake for people.
pub(crate) fn handshake_error(peer: &str, error: &std::io::Error) -> StepError {
    tls_error(peer, error).unwrap_or_else(|| {
        StepError::new(
            StepErrorKind::Connection,
            format!("`{peer}` hung up during the TLS handshake: {error}"),
        )
        .help("Does the service speak TLS on this port, with a version of 1.2 or later?")
    })
}

/// Words what TLS complains of, if it is that. A server may do so after the handshake, too: with
/// TLS 1.3 it says only then that it misses the client's certificate.
pub(crate) fn tls_error(peer: &str, error: &std::io::Error) -> Option<StepError> {
    const ALERT: &str = "received fatal alert: ";
    let inner = error.get_ref()?;
    let (tls, text) = (inner.downcast_ref::<rustls::Error>(), inner.to_string());
    // HTTP/2 hands on the text alone.
    let alert = text.strip_prefix(ALERT);
    if tls.is_none() && alert.is_none() {
        return None;
    }
    let error =
        StepError::new(StepErrorKind::Connection, format!("TLS with `{peer}` failed: {text}"));
    Some(match tls {
        Some(rustls::Error::InvalidCertificate(_)) => error.help(
            "Trust its authority with `tls: { ca: FILE }`, name it with `tls: { server_name: … }`, \
             or skip the verification with `tls: { verify: false }`.",
        ),
        Some(rustls::Error::InvalidMessage(_)) => {
            error.help("Does the service speak TLS on this port?")
        }
        _ if alert.is_some_and(|alert| ABOUT_THE_CLIENT.contains(&alert)) => error.help(
            "The server wants a certificate that it knows: `tls: { cert: FILE, key: FILE }`.",
        ),
        _ => error,
    })
}

/// What a server says of a client's certificate.
const ABOUT_THE_CLIENT: &[&str] = &[
    "CertificateRequired",
    "NoCertificate",
    "BadCertificate",
    "UnsupportedCertificate",
    "CertificateRevoked",
    "CertificateExpired",
    "CertificateUnknown",
    "UnknownCA",
    "DecryptError",
    "AccessDenied",
];

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(ring::default_provider())))
}

/// The machine's own authorities, read at the first use of the process. Ones that cannot be read
/// are left out: then a handshake fails, with the reason and what to do.
fn native_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    Arc::clone(ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    }))
}

struct Files<'a> {
    work_dir: &'a Path,
    host: &'a dyn Host,
}

impl Files<'_> {
    fn read(&self, path: &str, at: &str) -> Result<Vec<u8>, StepError> {
        self.host
            .read(&self.work_dir.join(path))
            .map_err(|error| StepError::new(StepErrorKind::Io, error.to_string()).at(at))
    }

    fn certificates(
        &self,
        path: &str,
        at: &str,
    ) -> Result<Vec<CertificateDer<'static>>, StepError> {
        let pem = self.read(path, at)?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|error| invalid(at, format!("`{path}` is not valid PEM: {error}")))?;
        if chain.is_empty() {
            return Err(invalid(at, format!("`{path}` holds no certificate in PEM form")));
        }
        Ok(chain)
    }

    fn authorities(&self, path: &str) -> Result<Arc<RootCertStore>, StepError> {
        let mut roots = RootCertStore::empty();
        for certificate in self.certificates(path, "/tls/ca")? {
            roots.add(certificate).map_err(|error| {
                invalid("/tls/ca", format!("cannot trust the certificate in `{path}`: {error}"))
            })?;
        }
        Ok(Arc::new(roots))
    }

    fn private_key(&self, path: &str) -> Result<PrivateKeyDer<'static>, StepError> {
        let pem = self.read(path, "/tls/key")?;
        PrivateKeyDer::from_pem_slice(&pem).map_err(|error| {
            invalid("/tls/key", format!("`{path}` holds no private key in PEM form: {error}"))
        })
    }
}

fn invalid(at: &str, message: impl Into<String>) -> StepError {
    StepError::new(StepErrorKind::InvalidParams, message).at(at)
}

/// Accepts whichever certificate the server shows; signatures are still verified.
#[derive(Debug)]
struct AnyServer;

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
