//! The certificate that browsers meet on TCP: the operator's files, read again when they change, or one of our own made at the
//! first start (browsers warn about it once).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rcgen::{CertificateParams, KeyPair};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::files;
use crate::identity::certified_from_pem;
use crate::validity;

/// How often the operator's files are looked at, at most.
const LOOK: Duration = Duration::from_secs(5);
/// Own certificate: browsers and systems refuse more than 398 days.
const LIFETIME: time::Duration = time::Duration::days(397);
/// Own certificate: made anew at a start when less is left.
const RENEW: time::Duration = time::Duration::days(60);
const FILE: &str = "https-certificate.json";

/// The HTTPS certificate. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpsCertificate {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    certified: Arc<CertifiedKey>,
    watched: Option<Watched>,
}

#[derive(Debug)]
struct Watched {
    certificate: PathBuf,
    key: PathBuf,
    changed: [SystemTime; 2],
    looked: Instant,
}

#[derive(Serialize, Deserialize)]
struct Own {
    names: Vec<String>,
    until: i64,
    certificate: String,
    key: String,
}

impl HttpsCertificate {
    /// The operator's own files (PEM, the chain and the key). They are read again when they change.
    ///
    /// # Errors
    /// When they cannot be read, or do not belong together.
    pub fn from_files(certificate: &Path, key: &Path) -> io::Result<Self> {
        let changed = changed(certificate, key)?;
        Ok(Self {
            inner: Arc::new(Mutex::new(Inner {
                certified: Arc::new(read(certificate, key)?),
                watched: Some(Watched {
                    certificate: certificate.to_owned(),
                    key: key.to_owned(),
                    changed,
                    looked: Instant::now(),
                }),
            })),
        })
    }

    /// A self-signed one for `names` (host names or addresses), kept in `folder`.
    ///
    /// # Errors
    /// When its file cannot be read or written, or a name cannot be one.
    pub fn load_or_create(folder: &Path, names: &[String]) -> io::Result<Self> {
        let file = folder.join(FILE);
        let now = OffsetDateTime::now_utc();
        let kept = files::read(&file)?
            .and_then(|text| serde_json::from_str::<Own>(&text).ok())
            .filter(|own| own.names == names)
            .filter(|own| own.until - now.unix_timestamp() > RENEW.whole_seconds());
        let own = match kept {
            Some(own) => own,
            None => {
                let own = generate(names, now).map_err(io::Error::other)?;
                files::write(&file, &serde_json::to_string(&own)?)?;
                own
            }
        };
        let certified = certified_from_pem(&own.certificate, &own.key).map_err(io::Error::other)?;
        Ok(Self {
            inner: Arc::new(Mutex::new(Inner {
                certified: Arc::new(certified),
                watched: None,
            })),
        })
    }

    /// Whether we made it ourselves, so that browsers warn.
    #[must_use]
    pub fn is_own(&self) -> bool {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.watched.is_none()
    }

    /// Until when the one in use is valid.
    #[must_use]
    pub fn ends_at(&self) -> Option<OffsetDateTime> {
        let certified = self.certified();
        validity::ends_at(certified.cert.first()?)
    }

    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.look();
        inner.certified.clone()
    }
}

impl Inner {
    fn look(&mut self) {
        let Some(watched) = &mut self.watched else {
            return;
        };
        if watched.looked.elapsed() < LOOK {
            return;
        }
        watched.looked = Instant::now();
        let Ok(changed) = changed(&watched.certificate, &watched.key) else {
            return;
        };
        if changed == watched.changed {
            return;
        }
        match read(&watched.certificate, &watched.key) {
            Ok(certified) => {
                watched.changed = changed;
                self.certified = Arc::new(certified);
                tracing::info!("read the changed certificate");
            }
            Err(error) => {
                tracing::warn!(%error, "the changed certificate is unusable; still using the one before")
            }
        }
    }
}

fn changed(certificate: &Path, key: &Path) -> io::Result<[SystemTime; 2]> {
    let of = |path: &Path| {
        std::fs::metadata(path)
            .and_then(|metadata| metadata.modified())
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    };
    Ok([of(certificate)?, of(key)?])
}

fn read(certificate: &Path, key: &Path) -> io::Result<CertifiedKey> {
    let chain = std::fs::read_to_string(certificate)?;
    let secret = std::fs::read_to_string(key)?;
    let certified = certified_from_pem(&chain, &secret).map_err(io::Error::other)?;
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Ok(certified)
        }
        Err(error) => Err(io::Error::other(error)),
    }
}

fn generate(names: &[String], now: OffsetDateTime) -> Result<Own, rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(names)?;
    params.not_before = now - time::Duration::days(1);
    params.not_after = params.not_before + LIFETIME;
    let certificate = params.self_signed(&key)?;
    Ok(Own {
        names: names.to_vec(),
        until: params.not_after.unix_timestamp(),
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_pair(folder: &Path, name: &str) -> [PathBuf; 2] {
        let own = generate(&[name.to_owned()], OffsetDateTime::now_utc()).unwrap();
        let paths = [folder.join("cert.pem"), folder.join("key.pem")];
        std::fs::write(&paths[0], own.certificate).unwrap();
        std::fs::write(&paths[1], own.key).unwrap();
        paths
    }

    #[test]
    fn changed_files_are_read_again_and_broken_ones_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = write_pair(folder.path(), "one.example");
        let https = HttpsCertificate::from_files(&certificate, &key).unwrap();
        let first = https.certified();
        let look_again = || {
            let mut inner = https.inner.lock().unwrap();
            let watched = inner.watched.as_mut().unwrap();
            watched.changed = [SystemTime::UNIX_EPOCH; 2];
            watched.looked = Instant::now().checked_sub(2 * LOOK).unwrap();
            drop(inner);
            https.certified()
        };
        std::fs::write(&certificate, "broken").unwrap();
        assert_eq!(look_again().cert, first.cert);
        write_pair(folder.path(), "two.example");
        assert_ne!(look_again().cert, first.cert);
    }

    #[test]
    fn an_own_certificate_survives_a_restart_but_not_a_new_name() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            HttpsCertificate::load_or_create(folder.path(), &[name.to_owned()])
                .unwrap()
                .certified()
        };
        let first = make("help.example");
        assert_eq!(make("help.example").cert, first.cert);
        assert_ne!(make("127.0.0.1").cert, first.cert);
    }

    #[test]
    fn an_own_certificate_says_that_it_is_and_until_when() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["help.example".to_owned()];
        let own = HttpsCertificate::load_or_create(folder.path(), &names).unwrap();
        assert!(own.is_own());
        let left = own.ends_at().unwrap() - OffsetDateTime::now_utc();
        assert!(left > LIFETIME - time::Duration::days(2) && left < LIFETIME);
        let [certificate, key] = write_pair(folder.path(), "one.example");
        assert!(
            !HttpsCertificate::from_files(&certificate, &key)
                .unwrap()
                .is_own()
        );
    }
}
