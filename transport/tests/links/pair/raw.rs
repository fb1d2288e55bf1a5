//! A QUIC client that is not ours, to speak as a browser or as a hostile peer does. Owns its handshake and which certificates it takes.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::Gateway;

/// Connects with `alpn` and says nothing yet.
pub async fn connect(gateway: &Gateway, alpn: &[u8], judge: Arc<Judge>) -> quinn::Connection {
    let endpoint = quinn::Endpoint::client("0.0.0.0:0".parse().unwrap()).unwrap();
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_protocol_versions(&[&rustls::version::TLS13])
    .unwrap()
    .dangerous()
    .with_custom_certificate_verifier(judge)
    .with_no_client_auth();
    tls.alpn_protocols = vec![alpn.to_vec()];
    let crypto = quinn::crypto::rustls::QuicClientConfig::try_from(tls).unwrap();
    let config = quinn::ClientConfig::new(Arc::new(crypto));
    let address = (std::net::Ipv4Addr::LOCALHOST, gateway.port()).into();
    endpoint
        .connect_with(config, address, "mayday")
        .unwrap()
        .await
        .unwrap()
}

/// Which certificates are taken: those with an allowed hash, as `serverCertificateHashes` does, or any.
#[derive(Debug, Default)]
pub struct Judge {
    allowed: Option<Vec<String>>,
    met: Mutex<Option<String>>,
}

impl Judge {
    pub fn anybody() -> Arc<Self> {
        Arc::default()
    }

    pub fn by_hash(allowed: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            allowed: Some(allowed),
            met: Mutex::default(),
        })
    }

    /// SHA-256 of the certificate that was shown last, in hexadecimal.
    pub fn met(&self) -> Option<String> {
        self.met.lock().unwrap().clone()
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let hash = ring::digest::digest(&ring::digest::SHA256, certificate);
        let hash: String = hash.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        let taken = self
            .allowed
            .as_ref()
            .is_none_or(|allowed| allowed.contains(&hash));
        *self.met.lock().unwrap() = Some(hash);
        if taken {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
