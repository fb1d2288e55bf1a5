//! The certificates that browsers meet on UDP: P-256, 13 days, two at a time (the one in use and the one after it), so that a
//! page that holds both hashes connects across a change. Kept in the data folder so that hashes survive a restart.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, KeyPair};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::files;
use crate::identity::certified_from_pem;

/// Browsers accept at most 14 days for a certificate named by its hash.
const LIFETIME: Duration = Duration::days(13);
/// A certificate is in use this long, then the next one is.
const IN_USE: Duration = Duration::days(10);
/// Its validity begins earlier by this, for browsers whose clock is behind.
const HEAD_START: Duration = Duration::hours(12);
const FILE: &str = "web-certificates.json";

/// The browsers' certificates. Cheap to clone; changes by itself as time goes on.
#[derive(Clone, Debug)]
pub struct WebCertificates {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    pair: Mutex<Pair>,
}

#[derive(Debug)]
struct Pair {
    current: Made,
    next: Made,
}

#[derive(Clone, Debug)]
struct Made {
    stored: Stored,
    certified: Arc<CertifiedKey>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    /// Unix seconds at which it comes into use.
    from: i64,
    certificate: String,
    key: String,
}

impl WebCertificates {
    /// The certificates kept in `folder`, made when missing or too old.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn load_or_create(folder: &Path) -> io::Result<Self> {
        Self::load_at(folder, OffsetDateTime::now_utc())
    }

    fn load_at(folder: &Path, now: OffsetDateTime) -> io::Result<Self> {
        let file = folder.join(FILE);
        let kept = files::read(&file)?.and_then(|text| pair_from_json(&text));
        let pair = match kept {
            Some(pair) => pair,
            None => Pair::start(now)?,
        };
        let certificates = Self {
            inner: Arc::new(Inner {
                file,
                pair: Mutex::new(pair),
            }),
        };
        certificates.with_pair(now, |pair| pair.write(&certificates.inner.file))?;
        Ok(certificates)
    }

    /// SHA-256 of the certificate in use and of the next one (DER), for a page's `serverCertificateHashes`.
    #[must_use]
    pub fn hashes(&self) -> [[u8; 32]; 2] {
        self.hashes_at(OffsetDateTime::now_utc())
    }

    fn hashes_at(&self, now: OffsetDateTime) -> [[u8; 32]; 2] {
        self.with_pair(now, |pair| [pair.current.hash(), pair.next.hash()])
    }

    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        self.with_pair(OffsetDateTime::now_utc(), |pair| {
            pair.current.certified.clone()
        })
    }

    fn with_pair<T>(&self, now: OffsetDateTime, use_pair: impl FnOnce(&Pair) -> T) -> T {
        let mut pair = self
            .inner
            .pair
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match pair.advance(now) {
            Ok(false) => {}
            Ok(true) => {
                if let Err(error) = pair.write(&self.inner.file) {
                    tracing::warn!(%error, "cannot keep the browsers' certificates; pages opened before a restart must be opened anew");
                }
            }
            Err(error) => tracing::error!(%error, "cannot make a certificate for browsers"),
        }
        use_pair(&pair)
    }
}

impl Pair {
    fn start(now: OffsetDateTime) -> io::Result<Self> {
        Ok(Self {
            current: Made::new(now)?,
            next: Made::new(now + IN_USE)?,
        })
    }

    /// Moves on if it is time; says whether it did.
    fn advance(&mut self, now: OffsetDateTime) -> io::Result<bool> {
        let since_next = now.unix_timestamp() - self.next.stored.from;
        if since_next < 0 {
            return Ok(false);
        }
        if since_next >= IN_USE.whole_seconds() {
            *self = Self::start(now)?;
        } else {
            let after = Made::new(self.next.from()? + IN_USE)?;
            self.current = std::mem::replace(&mut self.next, after);
        }
        Ok(true)
    }

    fn write(&self, file: &Path) -> io::Result<()> {
        let both = [&self.current.stored, &self.next.stored];
        files::write(file, &serde_json::to_string(&both)?)
    }
}

impl Made {
    fn new(from: OffsetDateTime) -> io::Result<Self> {
        let stored = generate(from).map_err(io::Error::other)?;
        Self::from_stored(stored).ok_or_else(|| io::Error::other("made no usable certificate"))
    }

    fn from_stored(stored: Stored) -> Option<Self> {
        let certified = certified_from_pem(&stored.certificate, &stored.key).ok()?;
        Some(Self {
            stored,
            certified: Arc::new(certified),
        })
    }

    fn from(&self) -> io::Result<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.stored.from).map_err(io::Error::other)
    }

    fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        if let Some(certificate) = self.certified.cert.first() {
            hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, certificate).as_ref());
        }
        hash
    }
}

fn generate(from: OffsetDateTime) -> Result<Stored, rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec!["mayday".to_owned()])?;
    params.not_before = from - HEAD_START;
    params.not_after = from - HEAD_START + LIFETIME;
    let certificate = params.self_signed(&key)?;
    Ok(Stored {
        from: from.unix_timestamp(),
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    })
}

fn pair_from_json(text: &str) -> Option<Pair> {
    let [current, next] = serde_json::from_str::<[Stored; 2]>(text).ok()?;
    Some(Pair {
        current: Made::from_stored(current)?,
        next: Made::from_stored(next)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::now_utc();
        let first = WebCertificates::load_at(folder.path(), now).unwrap();
        let later = now + Duration::days(3);
        let second = WebCertificates::load_at(folder.path(), later).unwrap();
        assert_eq!(first.hashes_at(now), second.hashes_at(later));
    }

    #[test]
    fn the_next_certificate_comes_into_use_and_a_new_next_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::now_utc();
        let certificates = WebCertificates::load_at(folder.path(), now).unwrap();
        let [_, next] = certificates.hashes_at(now);
        let later = now + Duration::days(11);
        let [current, after] = certificates.hashes_at(later);
        assert_eq!(current, next);
        assert_ne!(after, next);
        let restarted = WebCertificates::load_at(folder.path(), later).unwrap();
        assert_eq!(restarted.hashes_at(later), [current, after]);
    }

    #[test]
    fn after_a_long_rest_both_are_new_and_valid() {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::now_utc();
        let old = WebCertificates::load_at(folder.path(), now)
            .unwrap()
            .hashes_at(now);
        let later = now + Duration::days(40);
        let fresh = WebCertificates::load_at(folder.path(), later).unwrap();
        for hash in fresh.hashes_at(later) {
            assert!(!old.contains(&hash));
        }
        let pair = fresh.inner.pair.lock().unwrap();
        assert!(pair.current.from().unwrap() <= later);
        assert!(pair.current.from().unwrap() + LIFETIME - HEAD_START > later);
    }
}
