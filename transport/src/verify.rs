//! How clients check a gateway: by its key's pin, or only looking which key it has.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};

use crate::identity::pin_of;
use crate::pin::KeyPin;

/// Accepts exactly one key (or, without a wanted pin, any), and remembers which key it met. Names and dates do not matter:
/// the key is the identity.
#[derive(Debug)]
pub(crate) struct PinVerifier {
    wanted: Option<KeyPin>,
    met: Mutex<Option<KeyPin>>,
    provider: Arc<CryptoProvider>,
}

impl PinVerifier {
    pub(crate) fn new(wanted: Option<KeyPin>) -> Arc<Self> {
        Arc::new(Self {
            wanted,
            met: Mutex::new(None),
            provider: provider(),
        })
    }

    /// The key that the other side showed, if it got so far.
    pub(crate) fn met(&self) -> Option<KeyPin> {
        *self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the other side showed a key that is not the wanted one.
    pub(crate) fn mismatched(&self) -> bool {
        self.met().is_some() && self.wanted.is_some() && self.met() != self.wanted
    }
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let pin = pin_of(end_entity).ok_or(CertificateError::BadEncoding)?;
        *self.met.lock().unwrap_or_else(PoisonError::into_inner) = Some(pin);
        if self.wanted.is_none_or(|wanted| wanted == pin) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The one crypto provider; named everywhere, so that another one in the build changes nothing.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A client's TLS configuration with this verifier.
pub(crate) fn client_config(
    verifier: Arc<dyn ServerCertVerifier>,
    alpn: &[u8],
) -> Result<rustls::ClientConfig, rustls::Error> {
    let mut config = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    Ok(config)
}
