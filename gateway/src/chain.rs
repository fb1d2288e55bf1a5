//! The audit's chain in the database: where it ends, and what one more record makes of it. What is hashed, `mayday_session::audit` says.

use mayday_session::audit::{Entry, Head};
use ring::digest;
use sqlx::{Row, SqliteConnection};

use crate::store::AuditEntry;

/// The head after one more record.
#[must_use]
pub fn after(head: &Head, entry: &AuditEntry, source: &str) -> Head {
    let entry = Entry {
        at: entry.at,
        actor: &entry.actor,
        action: entry.action,
        session: entry.session,
        detail: &entry.detail,
        source,
    };
    head.after(entry, sha256)
}

/// The chain's hash function.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// Reads the newest record's place; another process may have written meanwhile.
///
/// # Errors
/// When the database cannot be read.
pub async fn head(connection: &mut SqliteConnection) -> Result<Head, sqlx::Error> {
    let newest = sqlx::query("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        .fetch_optional(connection)
        .await?;
    Ok(newest.map_or_else(Head::start, |row| Head {
        sequence: u64::try_from(row.get::<i64, _>(0)).unwrap_or(0),
        hash: row.get(1),
    }))
}
