//! The data folder: what lies where in it, that only this user reads it, and that one gateway at a time runs on it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::secrets::random_token;

#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

/// Why it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("the data folder {path} cannot be made: {source}")]
    Make { path: String, source: io::Error },
    #[error(
        "the data folder {path} is not writable: {source}; choose another with --data, or let this user write there"
    )]
    NotWritable { path: String, source: io::Error },
    #[error(
        "another gateway runs on the data folder {path}: stop it first, or give this one a folder of its own with --data"
    )]
    InUse { path: String },
    #[error(
        "the data folder {path} cannot be locked: {source}; choose one on a local disk with --data"
    )]
    Lock { path: String, source: io::Error },
}

/// The right to run a gateway on the folder. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
#[must_use = "another gateway may start as soon as this is dropped"]
pub struct Claim {
    _lock: File,
}

impl DataFolder {
    /// Makes the folder and its sub-folders if need be, and checks that it can be written.
    ///
    /// # Errors
    /// See [`DataError`].
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let folder = Self {
            path: path.to_owned(),
        };
        for one in [path.to_owned(), folder.keys(), folder.agents()] {
            make(&one).map_err(|source| DataError::Make {
                path: one.display().to_string(),
                source,
            })?;
        }
        // As root every permission bit is ignored, so only a real file tells.
        let probe = path.join(format!(".probe-{}", random_token()));
        fs::write(&probe, b"")
            .and_then(|()| fs::remove_file(&probe))
            .map_err(|source| DataError::NotWritable {
                path: path.display().to_string(),
                source,
            })?;
        Ok(folder)
    }

    /// Keeps other gateways off this folder. Commands that work beside a running gateway do not ask for it.
    ///
    /// # Errors
    /// `InUse` while another gateway runs on it.
    pub fn claim(&self) -> Result<Claim, DataError> {
        let path = || self.path.display().to_string();
        let lock = |source| DataError::Lock {
            path: path(),
            source,
        };
        let mut options = File::options();
        options.create(true).write(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.path.join("gateway.lock")).map_err(lock)?;
        match file.try_lock() {
            Ok(()) => Ok(Claim { _lock: file }),
            Err(TryLockError::WouldBlock) => Err(DataError::InUse { path: path() }),
            Err(TryLockError::Error(source)) => Err(lock(source)),
        }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Identity, certificates, the keys that seal invites. Keep it apart from backups of the database.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// Agents prepared for this gateway.
    #[must_use]
    pub fn agents(&self) -> PathBuf {
        self.path.join("agents")
    }

    /// Where an agent to prepare is looked for.
    #[must_use]
    pub fn template(&self) -> PathBuf {
        self.path.join("templates").join("mayday-sos-linux-x86_64")
    }
}

fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
