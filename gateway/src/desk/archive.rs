//! Sessions that are over, closed or expired: they leave memory, and are read from the database when somebody wants one. Owns the table
//! that their lists come from, and that each of them has one entry at a time, so that its changes have one order. An expired one that is
//! extended goes back to memory.

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

/// One at a time reads an archived session, so that nobody puts an older state in the place of a newer one.
pub struct Archive {
    reading: tokio::sync::Mutex<()>,
    /// Something was over at some time: until then no list asks the database.
    used: AtomicBool,
}

impl Archive {
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(store: &Store) -> Result<Self, sqlx::Error> {
        let row = sqlx::query("SELECT EXISTS (SELECT 1 FROM archived_sessions) AS session_id")
            .fetch_one(store.reads())
            .await?;
        Ok(Self {
            reading: tokio::sync::Mutex::default(),
            used: AtomicBool::new(id(&row).0 != 0),
        })
    }

    /// Before a session that is over leaves memory.
    pub fn note(&self, record: &Record) {
        if is_over(record) {
            self.used.store(true, Ordering::Release);
        }
    }

    fn is_used(&self) -> bool {
        self.used.load(Ordering::Acquire)
    }
}

impl Desk {
    /// The session, in memory or not.
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
        let found = load::archived(&self.inner.store, &[id]).await?.pop();
        Ok(found.map(|record| self.inner.shelf.lend(record)))
    }

    /// The archived sessions of a channel.
    pub(super) async fn archived_in(&self, channel: u64) -> Result<Vec<SessionId>, DeskError> {
        let rows = sqlx::query("SELECT session_id FROM archived_sessions WHERE channel_id = $1")
            .bind(i64::try_from(channel).unwrap_or(0))
            .fetch_all(self.inner.store.reads())
            .await?;
        Ok(rows.iter().map(id).collect())
    }

    /// The archived sessions of a computer, newest first.
    pub(super) async fn archived_of(
        &self,
        computer: &str,
        most: u32,
    ) -> Result<Vec<Record>, DeskError> {
        let rows = sqlx::query(
            "SELECT session_id FROM archived_sessions WHERE device_key = $1 AND device_key <> '' \
             ORDER BY created_at DESC, session_id LIMIT $2",
        )
        .bind(computer)
        .bind(most)
        .fetch_all(self.inner.store.reads())
        .await?;
        let ids: Vec<_> = rows.iter().map(id).collect();
        load::archived(&self.inner.store, &ids).await
    }
}

fn id(row: &sqlx::sqlite::SqliteRow) -> SessionId {
    SessionId(super::annals::number(row, "session_id"))
}

/// Whether the session is one of the archive's.
pub fn is_over(record: &Record) -> bool {
    record.facts().is_over()
}

/// Writes sessions into the archive that an earlier version kept in memory although they were over.
///
/// # Errors
/// When the database cannot be written.
pub async fn take_over(store: &Store, over: &[Record]) -> Result<(), crate::store::WriteError> {
    const AT_ONCE: usize = 500;
    for some in over.chunks(AT_ONCE) {
        let mut change = crate::store::Change::new();
        for record in some {
            change.statements.push(without_pin(record));
            change.statements.extend(placed(record));
        }
        store.write(change).await?;
    }
    Ok(())
}

/// What has to be written for the step from `before`; nothing for a session that goes on as it did.
pub fn statements(before: &Record, after: &Record) -> Vec<Statement> {
    match (is_over(before), is_over(after)) {
        (false, false) => return Vec::new(),
        // Extended.
        (true, false) => return removed(after),
        (_, true) if after.facts().deleted_at.is_some() => return removed(after),
        (_, true) => {}
    }
    let same = is_over(before)
        && before.facts() == after.facts()
        && before.name == after.name
        && before.note == after.note
        && before.device == after.device;
    match same {
        true => Vec::new(),
        false => placed(after),
    }
}

fn removed(record: &Record) -> Vec<Statement> {
    let id = record.id().0;
    vec![
        Statement::new(
            "DELETE FROM archived_technicians WHERE session_id = $1",
            values![id],
        ),
        Statement::new(
            "DELETE FROM archived_sessions WHERE session_id = $1",
            values![id],
        ),
    ]
}

/// Nobody reserves the PIN of a session that is over: another may get it.
fn without_pin(record: &Record) -> Statement {
    Statement::new(
        "UPDATE invites SET pin_hash = NULL, pin_sealed = NULL, pin_expires_at = NULL WHERE session_id = $1",
        values![record.id().0],
    )
}

fn placed(record: &Record) -> Vec<Statement> {
    let facts = record.facts();
    let device = record.device.as_ref();
    let mut statements = vec![Statement::new(
        "INSERT INTO archived_sessions (session_id, channel_id, assigned, created_at, expires_at, name, words, device_key, closed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (session_id) DO UPDATE SET channel_id = excluded.channel_id, assigned = excluded.assigned, \
         expires_at = excluded.expires_at, name = excluded.name, words = excluded.words, device_key = excluded.device_key, \
         closed = excluded.closed",
        values![
            facts.id.0,
            facts.channel.0,
            facts.assigned().is_some(),
            facts.created_at,
            facts.expires_at,
            record.name.to_lowercase(),
            searched(record),
            device.map(|one| one.key.as_str()).unwrap_or_default(),
            facts.closing.is_some()
        ],
    )];
    let members = facts.members.iter().map(|member| {
        Statement::new(
            "INSERT INTO archived_technicians (session_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            values![facts.id.0, member.technician.0],
        )
    });
    statements.extend(members);
    statements
}
