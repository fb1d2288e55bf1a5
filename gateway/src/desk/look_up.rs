//! Sessions by a secret that an end user's side shows: link, resume token, a request's key. Those in memory are found at once; for what
//! is over the database is asked, and everybody may try, so that is bounded: by address and in all.

use std::sync::{Arc, Mutex, PoisonError};

use mayday_protocol::SessionId;
use mayday_session::pin_guard::Source;
use mayday_session::request_guard::{Limits, RequestGuard};

use super::record::Entry;
use super::{Desk, DeskError, annals};
use crate::clock::now;
use crate::origin;

/// How often the database was asked, by address. In memory only: a restart forgives.
pub struct LookUps {
    asked: Mutex<RequestGuard<Option<Source>>>,
}

impl Default for LookUps {
    fn default() -> Self {
        Self {
            asked: Mutex::new(RequestGuard::new(Limits::OLD_LINKS)),
        }
    }
}

impl LookUps {
    fn ask(&self) -> Result<(), DeskError> {
        let (at, from) = (now(), origin::current().map(Source::of));
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked
            .handle_request(&from, 0, at)
            .map_err(|later| DeskError::TryLater {
                seconds: later.until.since(at).as_secs().saturating_add(1),
            })
    }
}

impl Desk {
    pub(super) async fn entry_by_token(&self, hash: &str) -> Result<Arc<Entry>, DeskError> {
        let sql = "SELECT session_id FROM invites WHERE token_hash = $1";
        match self.inner.shelf.by_token(hash) {
            Some(entry) => Ok(entry),
            None => self.entry_where(sql, hash).await,
        }
    }

    pub(super) async fn entry_by_resume(&self, hash: &str) -> Result<Arc<Entry>, DeskError> {
        let sql = "SELECT session_id FROM resume_tokens WHERE newest = $1 OR before = $1";
        match self.inner.shelf.by_resume(hash) {
            Some(entry) => Ok(entry),
            None => self.entry_where(sql, hash).await,
        }
    }

    pub(super) async fn entry_by_request(&self, hash: &str) -> Result<Arc<Entry>, DeskError> {
        let sql = "SELECT session_id FROM requests WHERE key_hash = $1";
        match self.inner.shelf.by_request(hash) {
            Some(entry) => Ok(entry),
            None => self.entry_where(sql, hash).await,
        }
    }

    /// The session whose row `sql` finds by a secret's hash.
    async fn entry_where(&self, sql: &'static str, hash: &str) -> Result<Arc<Entry>, DeskError> {
        self.inner.look_ups.ask()?;
        let row = sqlx::query(sql)
            .bind(hash)
            .fetch_optional(self.inner.store.reads())
            .await?;
        let row = row.ok_or(DeskError::NotFound)?;
        let entry = self.entry(SessionId(annals::number(&row, "session_id")));
        entry.await?.ok_or(DeskError::NotFound)
    }
}
