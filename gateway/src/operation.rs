//! What an operator looks for: since when the gateway runs, where it listens, which certificate it shows, how much its folder holds.
//! Read when somebody asks; owns no history.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use mayday_transport::HttpsCertificate;

use crate::clock::Timestamp;
use crate::data::DataFolder;
use crate::store::Store;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Operation {
    pub started_at: Timestamp,
    /// TCP and UDP.
    pub listens_on: SocketAddr,
    /// Plain HTTP for this machine only: the console, and the figures for Prometheus.
    pub loopback: Option<SocketAddr>,
    pub certificate: HttpsCertificate,
    pub data: DataFolder,
}

/// How large the data folder is, bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    pub folder: u64,
    /// Of it: the database, with what is not yet in its main file.
    pub database: u64,
}

impl Operation {
    /// # Errors
    /// When the folder cannot be read.
    pub async fn sizes(&self) -> io::Result<Sizes> {
        let data = self.data.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let mut sizes = Sizes::default();
            add(data.path(), &mut sizes)?;
            Ok(sizes)
        });
        looked.await.map_err(io::Error::other)?
    }
}

/// Files come and go meanwhile: one that is gone counts nothing. Links are not followed.
fn add(folder: &Path, sizes: &mut Sizes) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(about) = entry.metadata() else {
            continue;
        };
        if about.is_dir() {
            add(&entry.path(), sizes)?;
        } else if about.is_file() {
            sizes.folder += about.len();
            if entry.file_name().to_string_lossy().starts_with(Store::FILE) {
                sizes.database += about.len();
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_in_the_folder_count_and_the_database_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: usize| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, vec![0; bytes]).unwrap();
        };
        write("mayday.sqlite", 100);
        write("mayday.sqlite-wal", 20);
        write("agents/mayday-sos", 3000);
        let mut sizes = Sizes::default();
        add(folder.path(), &mut sizes).unwrap();
        let wanted = Sizes {
            folder: 3120,
            database: 120,
        };
        assert_eq!(sizes, wanted);
    }
}
