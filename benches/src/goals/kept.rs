//! What the benches said, in a file: so that nothing is lost when a long measurement is interrupted.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::part::Part;

/// One part of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    pub part: Part,
    pub run: u32,
    pub commit: String,
    /// With a few samples only.
    pub quick: bool,
    pub seconds: f64,
    /// Why there is no object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// As the bench printed it.
    pub object: Value,
}

/// Everything of one commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub commit: String,
    pub said: Vec<Said>,
}

impl Kept {
    #[must_use]
    pub fn new(commit: &str) -> Self {
        Self {
            commit: commit.to_owned(),
            said: Vec::new(),
        }
    }

    /// What was measured of this commit before; another commit's results are put aside under its name.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn begin(folder: &Path, commit: &str) -> Result<Self> {
        let file = file(folder);
        if !file.exists() {
            return Ok(Self::new(commit));
        }
        match Self::read(&file) {
            Ok(kept) if kept.commit == commit => Ok(kept),
            other => {
                let name = other.map_or_else(|_| "unreadable".to_owned(), |kept| kept.commit);
                std::fs::rename(&file, folder.join(format!("goals-{name}.json")))?;
                Ok(Self::new(commit))
            }
        }
    }

    /// # Errors
    /// When there is no such file, or it is something else.
    pub fn read(file: &Path) -> Result<Self> {
        let name = || file.display().to_string();
        let text = std::fs::read_to_string(file).with_context(name)?;
        serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is not what `bench goals` keeps in target/bench-goals/goals.json",
                name()
            )
        })
    }

    /// Several files as one; what a later file says of the same part and run replaces the earlier.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn read_all(files: &[PathBuf]) -> Result<Self> {
        let mut all: Option<Self> = None;
        for file in files {
            let next = Self::read(file)?;
            match &mut all {
                Some(all) => next.said.into_iter().for_each(|said| all.keep(said)),
                None => all = Some(next),
            }
        }
        all.context("a file was given")
    }

    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let (file, new) = (file(folder), folder.join("goals.json.new"));
        std::fs::write(&new, serde_json::to_string_pretty(self)?)
            .and_then(|()| std::fs::rename(&new, &file))
            .with_context(|| file.display().to_string())
    }

    /// In place of what this part said before in this run.
    pub fn keep(&mut self, new: Said) {
        self.said
            .retain(|one| (one.run, one.part) != (new.run, new.part));
        self.said.push(new);
        self.said.sort_by_key(|one| one.run);
    }

    /// Of this part in this run, unless it failed.
    #[must_use]
    pub fn said(&self, run: u32, part: Part) -> Option<&Said> {
        let mut all = self.said.iter();
        all.find(|one| (one.run, one.part) == (run, part) && one.failure.is_none())
    }

    /// How many runs there are, whole or not.
    #[must_use]
    pub fn runs(&self) -> u32 {
        self.said.iter().map(|one| one.run).max().unwrap_or(0)
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("goals.json")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(run: u32, object: Value) -> Said {
        Said {
            part: Part::PageLoads,
            run,
            commit: "abc".to_owned(),
            quick: false,
            seconds: 2.0,
            failure: None,
            object,
        }
    }

    #[test]
    fn what_was_kept_is_there_again_and_another_commits_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = Kept::begin(folder.path(), "abc").unwrap();
        kept.keep(said(2, json!(2)));
        kept.keep(said(1, json!(1)));
        kept.keep(said(2, json!(3)));
        kept.write(folder.path()).unwrap();
        let again = Kept::begin(folder.path(), "abc").unwrap();
        assert_eq!(again, kept);
        assert_eq!(again.said(2, Part::PageLoads).unwrap().object, json!(3));
        assert_eq!((again.said.len(), again.runs()), (2, 2));
        let other = Kept::begin(folder.path(), "def").unwrap();
        assert!(other.said.is_empty());
        let aside = folder.path().join("goals-abc.json");
        assert_eq!(Kept::read_all(&[aside]).unwrap(), kept);
    }

    #[test]
    fn another_file_is_refused_with_what_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("latency.json");
        std::fs::write(&file, r#"{"cells":[]}"#).unwrap();
        let error = format!("{:#}", Kept::read(&file).unwrap_err());
        assert!(error.contains("target/bench-goals/goals.json"), "{error}");
    }
}
