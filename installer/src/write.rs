//! Stamping files: reads a template, writes the stamped agent whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mayday_protocol::stamp::StampFields;

use crate::image::{StampError, stamp_image};
use crate::key::StampKey;

/// No agent is larger, bytes; even a debug build with all its symbols.
pub(crate) const FILE_BYTES: u64 = 1 << 30;

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path} is too large to be an agent")]
    TooLarge { path: PathBuf },
    #[error("{path}: {source}")]
    Stamp { path: PathBuf, source: StampError },
}

/// Makes `out` the template with this stamp, readable and executable by everybody (0755). Whoever reads `out` meanwhile sees the
/// file of before or the new one, never a part.
///
/// # Errors
/// When a file cannot be read or written, or the template cannot be stamped.
pub fn stamp_file(
    template: &Path,
    out: &Path,
    fields: &StampFields,
    key: &StampKey,
) -> Result<(), FileError> {
    let mut image = read_image(template)?;
    stamp_image(&mut image, fields, key).map_err(|source| FileError::Stamp {
        path: template.to_owned(),
        source,
    })?;
    replace(out, &image).map_err(|source| FileError::Write {
        path: out.to_owned(),
        source,
    })
}

pub(crate) fn read_image(path: &Path) -> Result<Vec<u8>, FileError> {
    let failed = |source| FileError::Read {
        path: path.to_owned(),
        source,
    };
    if fs::metadata(path).map_err(failed)?.len() > FILE_BYTES {
        let path = path.to_owned();
        return Err(FileError::TooLarge { path });
    }
    fs::read(path).map_err(failed)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path
        .file_name()
        .ok_or(io::ErrorKind::InvalidFilename)?
        .to_owned();
    name.push(format!(".{}.draft", std::process::id()));
    let draft = path.with_file_name(name);
    let written = write_draft(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // The draft may not even exist; the error that counts is the first one.
        let _ = fs::remove_file(&draft);
    }
    written?;
    sync_directory(path)
}

fn write_draft(draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(draft)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    file.sync_all()
}

/// Makes a new name durable. Other systems than Unix do that by themselves.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        };
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
