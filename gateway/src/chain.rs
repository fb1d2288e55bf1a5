//! The audit's chain of hashes: each record's hash covers the one before, so that a changed or missing record shows.

use ring::digest;
use sqlx::{Row, SqliteConnection};

use crate::secrets::hex;
use crate::store::AuditEntry;

/// The newest record; the next one is chained to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub sequence: u64,
    pub hash: String,
}

impl Head {
    /// The head after `entry`. Fields are length-prefixed, so that no two records read alike.
    #[must_use]
    pub fn after(&self, entry: &AuditEntry) -> Self {
        let sequence = self.sequence + 1;
        let mut context = digest::Context::new(&digest::SHA256);
        let session = entry.session.map(|id| id.to_string()).unwrap_or_default();
        for field in [
            self.hash.as_str(),
            &sequence.to_string(),
            &entry.at.0.to_string(),
            &entry.actor,
            entry.action,
            &session,
            &entry.detail,
        ] {
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field.as_bytes());
        }
        Self {
            sequence,
            hash: hex(context.finish().as_ref()),
        }
    }
}

/// Reads the newest record's place; another process may have written meanwhile.
///
/// # Errors
/// When the database cannot be read.
pub async fn head(connection: &mut SqliteConnection) -> Result<Head, sqlx::Error> {
    let newest = sqlx::query("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        .fetch_optional(connection)
        .await?;
    Ok(newest.map_or_else(
        || Head {
            sequence: 0,
            hash: String::new(),
        },
        |row| Head {
            sequence: u64::try_from(row.get::<i64, _>(0)).unwrap_or(0),
            hash: row.get(1),
        },
    ))
}
