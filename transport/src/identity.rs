//! The gateway's identity: one P-256 key for its whole life, in a self-signed certificate that agents and native viewers
//! know by its key's pin. Browsers never see it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::files;
use crate::pin::KeyPin;

/// The long-lived key and certificate. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Identity {
    certified: Arc<CertifiedKey>,
    pin: KeyPin,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("cannot read or write {path}: {source}")]
    File { path: String, source: io::Error },
    #[error(
        "{path} holds no usable key and certificate; restore it from a backup (a new one would lock out every agent)"
    )]
    Unusable { path: String },
}

const FILE: &str = "identity.pem";

impl Identity {
    /// The identity kept in `folder`, made there at the first start.
    ///
    /// # Errors
    /// When its file cannot be read or written, or holds something else.
    pub fn load_or_create(folder: &Path) -> Result<Self, IdentityError> {
        let path = folder.join(FILE);
        let file_error = |source| IdentityError::File {
            path: path.display().to_string(),
            source,
        };
        if let Some(text) = files::read(&path).map_err(file_error)? {
            return from_pem(&text).ok_or_else(|| IdentityError::Unusable {
                path: path.display().to_string(),
            });
        }
        let text = generate().map_err(|error| file_error(io::Error::other(error)))?;
        files::write(&path, &text).map_err(file_error)?;
        from_pem(&text).ok_or_else(|| IdentityError::Unusable {
            path: path.display().to_string(),
        })
    }

    /// What agents and links carry.
    #[must_use]
    pub fn pin(&self) -> KeyPin {
        self.pin
    }

    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        self.certified.clone()
    }
}

fn generate() -> Result<String, rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec!["mayday".to_owned()])?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Mayday gateway");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2120, 1, 1);
    let certificate = params.self_signed(&key)?;
    Ok(key.serialize_pem() + &certificate.pem())
}

fn from_pem(text: &str) -> Option<Identity> {
    let certified = certified_from_pem(text, text).ok()?;
    let pin = pin_of(certified.cert.first()?)?;
    Some(Identity {
        certified: Arc::new(certified),
        pin,
    })
}

/// A certificate chain and its key, ready for TLS.
pub(crate) fn certified_from_pem(chain: &str, key: &str) -> Result<CertifiedKey, rustls::Error> {
    let other = |_| rustls::Error::General("not PEM".to_owned());
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(other)?;
    if chain.is_empty() {
        return Err(rustls::Error::NoCertificatesPresented);
    }
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(other)?;
    CertifiedKey::from_der(chain, key, &rustls::crypto::ring::default_provider())
}

/// The pin of a certificate's key, or `None` when it is not a certificate.
pub(crate) fn pin_of(certificate: &CertificateDer<'_>) -> Option<KeyPin> {
    let parsed = rustls::server::ParsedCertificate::try_from(certificate).ok()?;
    Some(KeyPin::of_public_key(&parsed.subject_public_key_info()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let first = Identity::load_or_create(folder.path()).unwrap();
        let second = Identity::load_or_create(folder.path()).unwrap();
        assert_eq!(first.pin(), second.pin());
        let other = tempfile::tempdir().unwrap();
        assert_ne!(
            Identity::load_or_create(other.path()).unwrap().pin(),
            first.pin()
        );
    }

    #[test]
    fn a_broken_file_is_an_error_and_not_a_new_identity() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "garbage").unwrap();
        assert!(matches!(
            Identity::load_or_create(folder.path()),
            Err(IdentityError::Unusable { .. })
        ));
    }
}
