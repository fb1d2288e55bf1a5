//! Signed heads of the audit, kept outside the database: whoever cuts or rewrites the end of the audit there cannot do it here. Owns the
//! file and the key; what a head is and how a chain is judged, `mayday_session::audit` says.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mayday_session::audit::Head;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::chain;
use crate::clock::{Timestamp, now};
use crate::data::DataFolder;
use crate::secrets::{hex, load_or_create_seed, unhex};
use crate::store::Store;

/// As often a head is signed, if anything happened.
const PERIOD: Duration = Duration::from_secs(60);
/// A line with its signature, bytes; nothing longer is read.
const LINE: usize = 512;

/// Cheap to clone.
#[derive(Clone)]
pub struct AuditHeads {
    store: Store,
    key: Arc<Ed25519KeyPair>,
    path: PathBuf,
    newest: Arc<Mutex<u64>>,
}

#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    #[error("the key of the audit's heads cannot be read or made: {0}")]
    Key(io::Error),
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{path}, line {line}: not signed by this gateway, or changed")]
    Signature { path: String, line: usize },
    #[error("the audit cannot be read: {0}")]
    Read(#[from] sqlx::Error),
}

impl AuditHeads {
    /// # Errors
    /// When the key file cannot be read or made.
    pub fn open(data: &DataFolder, store: Store) -> Result<Self, HeadsError> {
        let seed = load_or_create_seed(&data.keys().join("audit.key")).map_err(HeadsError::Key)?;
        let key = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|_| HeadsError::Key(io::ErrorKind::InvalidData.into()))?;
        Ok(Self {
            store,
            key: Arc::new(key),
            path: data.path().join("audit-heads.log"),
            newest: Arc::new(Mutex::new(0)),
        })
    }

    /// Signs a head now and every minute in which anything happened.
    pub async fn keep(self) {
        loop {
            if let Err(error) = self.sign_now().await {
                tracing::error!(%error, "the audit's head was not signed");
            }
            tokio::time::sleep(PERIOD).await;
        }
    }

    /// Signs the head, if it moved. It goes to the log as well, which may be kept on another machine.
    ///
    /// # Errors
    /// When the audit cannot be read or the file cannot be written.
    pub async fn sign_now(&self) -> Result<(), HeadsError> {
        let head = chain::head(&mut *self.store.reads().acquire().await?).await?;
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if head.sequence <= *newest {
            return Ok(());
        }
        let line = head.to_line(now());
        let signature = hex(self.key.sign(line.as_bytes()).as_ref());
        append(&self.path, &format!("{line} {signature}\n")).map_err(|e| self.failed(e))?;
        tracing::info!(sequence = head.sequence, hash = %head.hash, signature, "audit head");
        *newest = head.sequence;
        Ok(())
    }

    /// All heads that were signed. None, when the file is not there yet.
    ///
    /// # Errors
    /// When the file cannot be read, or a line in it is not this gateway's.
    pub fn read(&self) -> Result<Vec<Head>, HeadsError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(error)),
        };
        let public = UnparsedPublicKey::new(&ED25519, self.key.public_key());
        let mut heads = Vec::new();
        for (at, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(|error| self.failed(error))?;
            let head = signed_head(&line, |said, signature| {
                public.verify(said.as_bytes(), signature).is_ok()
            });
            heads.push(head.ok_or_else(|| HeadsError::Signature {
                path: self.path.display().to_string(),
                line: at + 1,
            })?);
        }
        Ok(heads)
    }

    /// The last head that was signed, and when.
    ///
    /// # Errors
    /// See [`AuditHeads::read`].
    pub fn newest(&self) -> Result<Option<(Head, Timestamp)>, HeadsError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        let end = |file: &mut File| {
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(LINE as u64)))?;
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            Ok(text)
        };
        let text = end(&mut file).map_err(|error| self.failed(error))?;
        let last = text.lines().last().and_then(|line| line.rsplit_once(' '));
        Ok(last.and_then(|(said, _)| Head::from_line(said)))
    }

    fn failed(&self, source: io::Error) -> HeadsError {
        let path = self.path.display().to_string();
        HeadsError::File { path, source }
    }
}

fn signed_head(line: &str, good: impl Fn(&str, &[u8]) -> bool) -> Option<Head> {
    let (said, signature) = line.rsplit_once(' ').filter(|_| line.len() <= LINE)?;
    let (head, _) = Head::from_line(said)?;
    good(said, &unhex(signature)?).then_some(head)
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(line.as_bytes())?;
    file.sync_data()
}
