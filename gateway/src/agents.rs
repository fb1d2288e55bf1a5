//! The agent that this gateway gives to end users: stamped at start and when the gateway's name changes, the same file for everybody.
//! A stamp is signed, so a file that was downloaded before keeps the name it had.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use mayday_installer::{Shown, StampKey, show_file, stamp_file};
use mayday_protocol::stamp::{GatewayAddress, StampFields};
use ring::digest;

use crate::clock::Timestamp;
use crate::data::DataFolder;
use crate::secrets::hex;
use crate::settings::SystemSettings;
use crate::site::VERSION;

/// Read at a time, bytes.
const CHUNK: usize = 256 * 1024;

/// Cheap to clone.
#[derive(Clone)]
pub struct Agents {
    inner: Arc<Inner>,
}

struct Inner {
    template: Option<PathBuf>,
    stamped: PathBuf,
    key: PathBuf,
    gateway: GatewayAddress,
    pin: [u8; 32],
    /// Held while a file is stamped, so that the newest name is the last one written.
    stamping: tokio::sync::Mutex<()>,
    /// What was found in the file, as long as it is the same one.
    seen: Mutex<Option<(u64, SystemTime, Prepared)>>,
}

/// A stamped agent, as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    pub file: String,
    pub bytes: u64,
    pub prepared_at: Timestamp,
    /// SHA-256 of the whole file, hexadecimal.
    pub fingerprint: String,
    /// `None`: somebody altered it.
    pub stamp: Option<StampFields>,
}

impl Agents {
    /// # Errors
    /// When the public URL does not fit into a stamp.
    pub fn new(
        template: Option<PathBuf>,
        data: &DataFolder,
        host_and_port: &str,
        pin: [u8; 32],
    ) -> anyhow::Result<Self> {
        let gateway = host_and_port.parse();
        Ok(Self {
            inner: Arc::new(Inner {
                template,
                stamped: data.agents().join("mayday-sos-linux-x86_64"),
                key: data.keys().join("stamp.key"),
                gateway: gateway.context("the public URL does not fit into the agent's stamp")?,
                pin,
                stamping: tokio::sync::Mutex::default(),
                seen: Mutex::default(),
            }),
        })
    }

    /// The template, if there is one.
    #[must_use]
    pub fn template(&self) -> Option<&Path> {
        self.inner.template.as_deref()
    }

    /// The stamped agent, if there is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        let inner = &*self.inner;
        inner.template.as_ref().map(|_| inner.stamped.as_path())
    }

    /// Stamps the template with the gateway's name as it is now. Who downloads meanwhile gets the file of before or the new one, whole.
    ///
    /// # Errors
    /// When the template cannot be stamped.
    pub async fn stamp(&self, settings: &SystemSettings) -> anyhow::Result<()> {
        let _turn = self.inner.stamping.lock().await;
        let fields = StampFields {
            gateway: self.inner.gateway.clone(),
            pin: self.inner.pin,
            organisation: settings.now().organisation.to_string(),
            version: VERSION.to_owned(),
        };
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || inner.stamp(&fields)).await?
    }

    /// What lies there for end users.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn look(&self) -> anyhow::Result<Option<Prepared>> {
        if self.inner.template.is_none() {
            return Ok(None);
        }
        let inner = Arc::clone(&self.inner);
        Ok(Some(
            tokio::task::spawn_blocking(move || inner.look()).await??,
        ))
    }
}

impl Inner {
    fn stamp(&self, fields: &StampFields) -> anyhow::Result<()> {
        let Some(template) = &self.template else {
            return Ok(());
        };
        let key = StampKey::load_or_create(&self.key)?;
        stamp_file(template, &self.stamped, fields, &key)
            .with_context(|| format!("the agent {} cannot be stamped", template.display()))
    }

    fn look(&self) -> anyhow::Result<Prepared> {
        let about = fs::metadata(&self.stamped)?;
        let (bytes, changed) = (about.len(), about.modified()?);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, known)) = seen
            .as_ref()
            .filter(|(length, at, _)| (*length, *at) == (bytes, changed))
        {
            return Ok(known.clone());
        }
        let since = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
        let name = self.stamped.file_name().unwrap_or_default();
        let found = Prepared {
            file: name.to_string_lossy().into_owned(),
            bytes,
            prepared_at: Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
            fingerprint: fingerprint(File::open(&self.stamped)?)?,
            stamp: match show_file(&self.stamped)? {
                Shown::Whole(stamp) => Some(stamp.fields),
                Shown::Unstamped | Shown::Altered | Shown::NoSection(_) => None,
            },
        };
        *seen = Some((bytes, changed, found.clone()));
        Ok(found)
    }
}

fn fingerprint(mut file: impl io::Read) -> io::Result<String> {
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex(hash.finish().as_ref())),
            read => hash.update(&chunk[..read]),
        }
    }
}

/// Whether the template that was asked for can be read, before anything else is done.
///
/// # Errors
/// When it is no readable file.
pub fn check(asked: &Path) -> anyhow::Result<()> {
    readable(asked).with_context(|| {
        format!(
            "the agent template {} cannot be read; give --agent-template the path of a built mayday-sos, \
             or leave it out to start without downloads",
            asked.display()
        )
    })
}

/// The one that was asked for, else the data folder's own, if it has one.
#[must_use]
pub fn template(asked: Option<PathBuf>, data: &DataFolder) -> Option<PathBuf> {
    let own = || Some(data.template()).filter(|own| own.is_file());
    let template = asked.or_else(own);
    if template.is_none() {
        tracing::warn!(
            "no agent template: invite pages cannot offer a download; see --agent-template"
        );
    }
    template
}

fn readable(path: &Path) -> io::Result<()> {
    let about = File::open(path)?.metadata()?;
    match about.is_file() {
        true => Ok(()),
        false => Err(io::Error::other("it is not a file")),
    }
}
