//! The gateway's stamp key (Ed25519), in a file that only its owner reads.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::write::sync_directory;

/// Signs stamps.
pub struct StampKey(Ed25519KeyPair);

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("cannot read the stamp key {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write the stamp key {path}: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path} is not a stamp key (Ed25519, PKCS#8)")]
    NotAKey { path: PathBuf },
    #[error("the system gives no random numbers")]
    NoRandomness,
}

impl StampKey {
    /// Reads the key, or makes one where there is no file yet. Of several processes that make one at once, one wins and all use its key.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is no key.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        if let Some(key) = Self::load(path)? {
            return Ok(key);
        }
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| KeyError::NoRandomness)?;
        create(path, document.as_ref()).map_err(|source| KeyError::Write {
            path: path.to_owned(),
            source,
        })?;
        Self::load(path)?.ok_or_else(|| KeyError::Read {
            path: path.to_owned(),
            source: io::ErrorKind::NotFound.into(),
        })
    }

    /// `None` when there is no such file.
    fn load(path: &Path) -> Result<Option<Self>, KeyError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                let path = path.to_owned();
                return Err(KeyError::Read { path, source });
            }
        };
        let pair = Ed25519KeyPair::from_pkcs8(&bytes).map_err(|_| KeyError::NotAKey {
            path: path.to_owned(),
        })?;
        Ok(Some(Self(pair)))
    }

    pub(crate) fn public(&self) -> [u8; 32] {
        let mut public = [0; 32];
        public.copy_from_slice(self.0.public_key().as_ref());
        public
    }

    pub(crate) fn sign(&self, part: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.0.sign(part).as_ref());
        signature
    }
}

/// Writes the file whole beside its place, then links it there, unless another process was first.
fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => sync_directory(path),
    }
}
