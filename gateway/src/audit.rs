//! The audit as people read it: searched, filtered, a page at a time, and judged as a whole. Owns no writing (the store's writer does
//! it) and no rule about chains (`mayday_session::audit` has them).

pub mod language;

use mayday_session::audit::{Check, Entry, Head};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::audit_heads::{AuditHeads, HeadsError};
use crate::chain;
use crate::clock::Timestamp;
use crate::names::{Names, Part};
use crate::store::Store;

/// Records in memory at a time when all are looked at.
const PAGE: i64 = 1000;

/// Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    store: Store,
    heads: AuditHeads,
}

/// Which records; everything that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// In the session's name, the detail, the address or a technician's name; lower or upper case.
    pub words: String,
    /// As it is stored: `technician:ID`, `end_user`, …
    pub actor: Option<String>,
    pub action: Option<String>,
    pub session: Option<u64>,
    /// The channel in which the session is now.
    pub channel: Option<u64>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// One record, with names where ids are stored.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    pub sequence: u64,
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub session: Option<u64>,
    pub session_name: Option<String>,
    /// What else there is to say.
    pub about: Vec<Part>,
    /// An address; empty for the gateway itself.
    pub source: String,
}

/// How far the audit goes, and how much of it a signature outside the database covers.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditState {
    pub records: u64,
    /// Of the newest record, hexadecimal.
    pub hash: String,
    pub signed: Option<(u64, Timestamp)>,
}

#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error("the audit is not whole: {0}")]
    Broken(#[from] mayday_session::audit::Broken),
    #[error("the audit's signed heads cannot be used: {0}")]
    Heads(#[from] HeadsError),
    #[error("the audit cannot be read: {0}")]
    Read(#[from] sqlx::Error),
}

impl Audit {
    #[must_use]
    pub fn new(store: Store, heads: AuditHeads) -> Self {
        Self { store, heads }
    }

    /// The newest records that pass, from before `before`, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn page(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT a.sequence, a.at, a.actor, a.action, a.session_id, a.detail, a.source, s.name \
             FROM audit a LEFT JOIN sessions s ON s.id = a.session_id \
             WHERE a.sequence < $1 AND a.at >= $2 AND a.at < $3 \
             AND ($4 IS NULL OR a.actor = $4) AND ($5 IS NULL OR a.action = $5) \
             AND ($6 IS NULL OR a.session_id = $6) AND ($7 IS NULL OR s.channel_id = $7) \
             AND ($8 IS NULL OR LOWER(s.name) LIKE $8 ESCAPE '!' OR LOWER(a.detail) LIKE $8 ESCAPE '!' \
             OR a.source LIKE $8 ESCAPE '!' OR a.actor IN \
             (SELECT 'technician:' || id FROM accounts WHERE LOWER(name) LIKE $8 ESCAPE '!')) \
             ORDER BY a.sequence DESC LIMIT $9",
        )
        .bind(signed(before.unwrap_or(u64::MAX)))
        .bind(signed(filter.since.map_or(0, |at| at.0)))
        .bind(signed(filter.until.map_or(u64::MAX, |at| at.0)))
        .bind(filter.actor.as_deref())
        .bind(filter.action.as_deref())
        .bind(filter.session.map(signed))
        .bind(filter.channel.map(signed))
        .bind(pattern(&filter.words))
        .bind(limit)
        .fetch_all(self.store.reads())
        .await?;
        let names = Names::read(&self.store).await?;
        Ok(rows.iter().map(|row| record(row, &names)).collect())
    }

    /// # Errors
    /// When the audit or its signed heads cannot be read.
    pub async fn state(&self) -> Result<AuditState, AuditError> {
        let head = chain::head(&mut *self.store.reads().acquire().await?).await?;
        let signed = self.heads.newest()?;
        Ok(AuditState {
            records: head.sequence,
            hash: head.hash,
            signed: signed.map(|(head, at)| (head.sequence, at)),
        })
    }

    /// Judges every record; gives the end of the chain and how many signed heads it went through.
    ///
    /// # Errors
    /// With the first record that is not what was written.
    pub async fn check(&self) -> Result<(Head, usize), AuditError> {
        let signed_heads = self.heads.read()?;
        let count = signed_heads.len();
        let mut check = Check::new(signed_heads, chain::sha256);
        let mut last = 0_i64;
        loop {
            let rows = sqlx::query(
                "SELECT sequence, at, actor, action, session_id, detail, source, hash FROM audit \
                 WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            )
            .bind(last)
            .bind(PAGE)
            .fetch_all(self.store.reads())
            .await?;
            for row in &rows {
                last = row.get("sequence");
                let session = row.get::<Option<i64>, _>("session_id");
                let entry = Entry {
                    at: Timestamp(unsigned(row.get("at"))),
                    actor: row.get("actor"),
                    action: row.get("action"),
                    session: session.map(unsigned),
                    detail: row.get("detail"),
                    source: row.get("source"),
                };
                check.handle_record(unsigned(last), entry, row.get("hash"))?;
            }
            if rows.is_empty() {
                return Ok((check.end()?, count));
            }
        }
    }
}

fn record(row: &SqliteRow, names: &Names) -> AuditRecord {
    let session = row.get::<Option<i64>, _>("session_id");
    AuditRecord {
        sequence: unsigned(row.get("sequence")),
        at: Timestamp(unsigned(row.get("at"))),
        actor: names.actor(row.get("actor")),
        action: row.get("action"),
        session: session.map(unsigned),
        session_name: row.get("name"),
        about: names.parts(row.get("detail")),
        source: row.get("source"),
    }
}

/// What `LIKE … ESCAPE '!'` wants.
fn pattern(words: &str) -> Option<String> {
    let words = words.trim().to_lowercase();
    let mut safe = String::with_capacity(words.len());
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '!') {
            safe.push('!');
        }
        safe.push(letter);
    }
    (!words.is_empty()).then(|| format!("%{safe}%"))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_a_pattern_are_letters_in_a_search() {
        assert_eq!(pattern(" 50%_ok! "), Some("%50!%!_ok!!%".to_owned()));
        assert_eq!(pattern("  "), None);
    }
}
