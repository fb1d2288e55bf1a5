//! A test's own folder: nothing of it stays when the test passed, and only what a person reads when it failed. Owns that rule alone.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process;

/// What is kept of a failed test, besides the pictures that lie in the folder itself: a stamped agent or a browser's profile fills disks.
const KEPT: [&str; 3] = ["logs", "pictures", "report.json"];

/// Deleted when dropped, so it goes after everything that still writes into it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// An empty one beside the programs; what an earlier run left of it goes.
    ///
    /// # Errors
    /// When the system does not tell where this program lies, or it cannot be made.
    pub fn new(name: &str) -> Result<Self> {
        let path = process::programs()?.join("worlds").join(name);
        remove(&path);
        fs::create_dir_all(&path)?;
        Ok(Self { path })
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return remove(&self.path);
        }
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let path = entry.path();
            let kept = KEPT.iter().any(|name| path.ends_with(name));
            if !kept && path.extension().is_none_or(|kind| kind != "png") {
                remove(&path);
            }
        }
    }
}

/// What cannot be removed is for the next run: a test has no other use for it.
fn remove(path: &Path) {
    let _ = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(folder: &Folder) -> PathBuf {
        for name in ["logs", "pictures", "gateway/agents", "profile"] {
            fs::create_dir_all(folder.join(name)).unwrap();
            fs::write(folder.join(name).join("file"), "words").unwrap();
        }
        fs::write(folder.join("failed.png"), "a picture").unwrap();
        fs::write(folder.join("mayday-sos-altered"), "a program").unwrap();
        folder.to_path_buf()
    }

    #[test]
    fn a_passed_test_leaves_nothing() {
        let path = fill(&Folder::new("folder-passed").unwrap());
        assert!(!path.exists());
    }

    #[test]
    fn a_failed_test_leaves_its_logs_and_pictures() {
        let failed = std::thread::spawn(|| {
            let folder = Folder::new("folder-failed").unwrap();
            fill(&folder);
            std::panic::panic_any(folder.to_path_buf());
        });
        let path = failed.join().unwrap_err().downcast::<PathBuf>().unwrap();
        let left = fs::read_dir(&*path).unwrap();
        let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["failed.png", "logs", "pictures"]);
        remove(&path);
    }
}
