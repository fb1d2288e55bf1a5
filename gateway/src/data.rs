//! The data folder: what lies where in it, and that only this user reads it.

use std::fs;
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
