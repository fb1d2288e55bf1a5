//! Closed sessions: they leave memory, and are read from the database when somebody wants one. Owns the table that their lists come
//! from, and that a closed session has one entry at a time, so that its changes have one order.

mod list;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mayday_protocol::SessionId;

use super::index::searched;
use super::record::{Entry, Record};
use super::{Desk, DeskError, load};
use crate::store::{Statement, Store};
use crate::values;

/// One at a time reads a closed session, so that nobody puts an older state in the place of a newer one.
pub struct Archive {
    reading: tokio::sync::Mutex<()>,
    /// Something was closed at some time: until then no list asks the database.
    used: AtomicBool,
}

impl Archive {
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(store: &Store) -> Result<Self, sqlx::Error> {
        let row = sqlx::query("SELECT EXISTS (SELECT 1 FROM closed_sessions) AS session_id")
            .fetch_one(store.reads())
            .await?;
        Ok(Self {
            reading: tokio::sync::Mutex::default(),
            used: AtomicBool::new(id(&row).0 != 0),
        })
    }

    /// Before a session that was closed leaves memory.
    pub fn note(&self, record: &Record) {
        if is_closed(record) {
            self.used.store(true, Ordering::Release);
        }
    }

    fn is_used(&self) -> bool {
        self.used.load(Ordering::Acquire)
    }
}

impl Desk {
    /// The session, open or closed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn entry(&self, id: SessionId) -> Result<Option<Arc<Entry>>, DeskError> {
        if let Some(entry) = self.inner.shelf.get(id) {
            return Ok(Some(entry));
        }
        let _turn = self.inner.archive.reading.lock().await;
        if let Some(entry) = self.inner.shelf.get(id) {
            return Ok(Some(entry));
        }
        let found = load::closed(&self.inner.store, &[id]).await?.pop();
        Ok(found.map(|record| self.inner.shelf.lend(record)))
    }

    /// The session whose row `sql` finds by a secret's hash: open ones are found in memory.
    async fn entry_where(
        &self,
        sql: &'static str,
        hash: &str,
    ) -> Result<Option<Arc<Entry>>, DeskError> {
        let row = sqlx::query(sql)
            .bind(hash)
            .fetch_optional(self.inner.store.reads())
            .await?;
        match row.map(|row| super::annals::number(&row, "session_id")) {
            Some(id) => self.entry(SessionId(id)).await,
            None => Ok(None),
        }
    }

    pub(super) async fn entry_by_token(&self, hash: &str) -> Result<Option<Arc<Entry>>, DeskError> {
        let sql = "SELECT session_id FROM invites WHERE token_hash = $1";
        match self.inner.shelf.by_token(hash) {
            Some(entry) => Ok(Some(entry)),
            None => self.entry_where(sql, hash).await,
        }
    }

    pub(super) async fn entry_by_resume(
        &self,
        hash: &str,
    ) -> Result<Option<Arc<Entry>>, DeskError> {
        let sql = "SELECT session_id FROM resume_tokens WHERE newest = $1 OR before = $1";
        match self.inner.shelf.by_resume(hash) {
            Some(entry) => Ok(Some(entry)),
            None => self.entry_where(sql, hash).await,
        }
    }

    pub(super) async fn entry_by_request(
        &self,
        hash: &str,
    ) -> Result<Option<Arc<Entry>>, DeskError> {
        let sql = "SELECT session_id FROM requests WHERE key_hash = $1";
        match self.inner.shelf.by_request(hash) {
            Some(entry) => Ok(Some(entry)),
            None => self.entry_where(sql, hash).await,
        }
    }

    /// The closed sessions of a channel.
    pub(super) async fn closed_in(&self, channel: u64) -> Result<Vec<SessionId>, DeskError> {
        let rows = sqlx::query("SELECT session_id FROM closed_sessions WHERE channel_id = $1")
            .bind(i64::try_from(channel).unwrap_or(0))
            .fetch_all(self.inner.store.reads())
            .await?;
        Ok(rows.iter().map(id).collect())
    }

    /// The closed sessions of a computer, newest first.
    pub(super) async fn closed_of(
        &self,
        computer: &str,
        most: u32,
    ) -> Result<Vec<Record>, DeskError> {
        let rows = sqlx::query(
            "SELECT session_id FROM closed_sessions WHERE device_key = $1 AND device_key <> '' \
             ORDER BY created_at DESC, session_id LIMIT $2",
        )
        .bind(computer)
        .bind(most)
        .fetch_all(self.inner.store.reads())
        .await?;
        let ids: Vec<_> = rows.iter().map(id).collect();
        load::closed(&self.inner.store, &ids).await
    }
}

fn id(row: &sqlx::sqlite::SqliteRow) -> SessionId {
    SessionId(super::annals::number(row, "session_id"))
}

/// Whether the session is one of the archive's.
pub fn is_closed(record: &Record) -> bool {
    record.facts().closing.is_some()
}

/// Writes sessions into the archive that an earlier version closed.
///
/// # Errors
/// When the database cannot be written.
pub async fn take_over(store: &Store, closed: &[Record]) -> Result<(), crate::store::WriteError> {
    const AT_ONCE: usize = 500;
    for some in closed.chunks(AT_ONCE) {
        let mut change = crate::store::Change::new();
        for record in some {
            change.statements.extend(placed(record));
        }
        store.write(change).await?;
    }
    Ok(())
}

/// What has to be written for the step from `before`; nothing for an open session.
pub fn statements(before: &Record, after: &Record) -> Vec<Statement> {
    if !is_closed(after) {
        return Vec::new();
    }
    let id = after.id().0;
    if after.facts().deleted_at.is_some() {
        return vec![
            Statement::new(
                "DELETE FROM closed_technicians WHERE session_id = $1",
                values![id],
            ),
            Statement::new(
                "DELETE FROM closed_sessions WHERE session_id = $1",
                values![id],
            ),
        ];
    }
    let same = is_closed(before)
        && before.facts() == after.facts()
        && before.name == after.name
        && before.note == after.note
        && before.device == after.device;
    match same {
        true => Vec::new(),
        false => placed(after),
    }
}

fn placed(record: &Record) -> Vec<Statement> {
    let facts = record.facts();
    let device = record.device.as_ref();
    let mut statements = vec![Statement::new(
        "INSERT INTO closed_sessions (session_id, channel_id, assigned, created_at, expires_at, name, words, device_key) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (session_id) DO UPDATE SET channel_id = excluded.channel_id, assigned = excluded.assigned, \
         expires_at = excluded.expires_at, name = excluded.name, words = excluded.words, device_key = excluded.device_key",
        values![
            facts.id.0,
            facts.channel.0,
            facts.assigned().is_some(),
            facts.created_at,
            facts.expires_at,
            record.name.to_lowercase(),
            searched(record),
            device.map(|one| one.key.as_str()).unwrap_or_default()
        ],
    )];
    let members = facts.members.iter().map(|member| {
        Statement::new(
            "INSERT INTO closed_technicians (session_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            values![facts.id.0, member.technician.0],
        )
    });
    statements.extend(members);
    statements
}
