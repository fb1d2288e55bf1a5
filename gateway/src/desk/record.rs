//! One session with everything that belongs to it, as one value: a change makes a new one. Owns no rules (the session crate has them).

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use mayday_protocol::{SessionId, TechnicianId};
use mayday_session::Timestamp;
use mayday_session::desk::{Facts, Session, Status};
use mayday_session::permission::{Permissions, effective};
use serde::{Deserialize, Serialize};

use super::annals::Annals;
use super::device::Device;
use crate::directory::{Account, Snapshot};

/// A committed state of a session.
#[derive(Clone, Debug)]
pub struct Record {
    pub session: Session,
    pub name: String,
    pub note: String,
    pub created_by: Option<TechnicianId>,
    pub device: Option<Device>,
    pub invite: Invite,
    pub resume: Option<Resume>,
    /// How it came about, when the end user began it.
    pub request: Option<Arc<Request>>,
    pub annals: Annals,
}

/// A request through an SOS Call or a session code. Never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The SOS Call; `None`: a session code.
    pub call: Option<u64>,
    /// Its name as it was then.
    pub call_name: String,
    /// The agent comes back with this key.
    pub key_hash: String,
    /// Where it came from, as a keyed hash.
    pub source: String,
    pub made_at: Timestamp,
    pub answers: Vec<Answered>,
}

/// One field of the form as it was filled in, made harmless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    pub field: u32,
    /// Empty for name and issue.
    pub label: String,
    pub value: String,
}

/// How an end user gets in. Nothing here is readable without the key file.
#[derive(Clone, Debug, PartialEq)]
pub struct Invite {
    pub token_hash: String,
    pub token_sealed: String,
    pub pin: Option<Pin>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    pub hash: String,
    pub sealed: String,
    pub expires_at: Timestamp,
}

/// Hashes of resume tokens: the newest, and the one before until the newest was used (its delivery may have been lost).
#[derive(Clone, Debug, PartialEq)]
pub struct Resume {
    pub newest: String,
    pub before: Option<String>,
}

impl Record {
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.facts().id
    }

    #[must_use]
    pub fn facts(&self) -> &Facts {
        self.session.facts()
    }

    /// Whether it counts as open: neither closed nor expired nor deleted.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        let status = match self.session.status(now) {
            Status::Waiting | Status::Active | Status::InQueue => true,
            Status::Expired | Status::Closed => false,
        };
        status && self.facts().deleted_at.is_none()
    }

    /// `account` as an actor on this session: with the permissions that it has in the session's channel. A technician of the session
    /// is treated as one of the channel, even if the channel is somebody's Private.
    #[must_use]
    pub fn actor(&self, snapshot: &Snapshot, account: &Account) -> mayday_session::desk::Actor {
        let technician = TechnicianId(account.id);
        let member = self.facts().member_of(technician).is_some();
        let permissions = match snapshot.channel(self.facts().channel.0) {
            _ if account.disabled => Permissions::NONE,
            Some(channel) if member => effective(account.role, true, channel.refined(account.id)),
            Some(channel) => snapshot.permissions(account, channel),
            None => Permissions::NONE,
        };
        mayday_session::desk::Actor {
            technician,
            permissions,
        }
    }
}

/// A session's place in memory: the newest committed record, and the turn to change it.
#[derive(Debug)]
pub struct Entry {
    pub(super) turn: tokio::sync::Mutex<()>,
    current: RwLock<Arc<Record>>,
    /// When the timer looks at it next.
    pub(super) deadline: Mutex<Option<Timestamp>>,
}

impl Entry {
    pub(super) fn new(record: Record) -> Self {
        Self {
            turn: tokio::sync::Mutex::default(),
            current: RwLock::new(Arc::new(record)),
            deadline: Mutex::default(),
        }
    }

    #[must_use]
    pub fn current(&self) -> Arc<Record> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    pub(super) fn replace(&self, record: Arc<Record>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = record;
    }
}
