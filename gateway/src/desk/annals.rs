//! What belongs to a session beside its rules: its chat without the texts, its figures, the end user's rating. Owns how it is read at
//! the start; each part says itself how it is written.

use std::collections::HashMap;
use std::sync::Arc;

use mayday_protocol::TechnicianId;
use mayday_session::Timestamp;
use mayday_session::chat::{Head, Mark, Talk};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::chat::{END_USER, GOT, audience};
use super::figures::Figures;
use super::rating::Rating;
use super::record::Record;
use crate::store::Store;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annals {
    pub talk: Arc<Talk>,
    pub figures: Figures,
    pub rating: Option<Rating>,
}

#[derive(Default)]
struct Read {
    heads: Vec<Head>,
    marks: Vec<Mark>,
    got: u32,
    read: u32,
}

/// Reads the annals of these sessions.
pub async fn fill(store: &Store, records: &mut [Record]) -> Result<(), sqlx::Error> {
    let mut talks = talks(store).await?;
    let mut figures = Figures::all(store).await?;
    let mut ratings = Rating::all(store).await?;
    for record in records {
        let id = record.id().0;
        // In a closed session nobody writes any more, and nothing is unread.
        let open = record.facts().closing.is_none();
        let read = talks.remove(&id).filter(|_| open).unwrap_or_default();
        record.annals = Annals {
            talk: Arc::new(Talk::stored(read.heads, read.marks, read.got, read.read)),
            figures: figures.remove(&id).unwrap_or_default(),
            rating: ratings.remove(&id),
        };
    }
    Ok(())
}

/// Reads the annals of these closed sessions: nobody writes in them any more, and nothing is unread.
pub async fn fill_closed(store: &Store, records: &mut [Record]) -> Result<(), sqlx::Error> {
    for record in records {
        let id = record.id().0;
        record.annals = Annals {
            talk: Arc::new(Talk::stored(Vec::new(), Vec::new(), 0, 0)),
            figures: Figures::of(store, id).await?,
            rating: Rating::of(store, id).await?,
        };
    }
    Ok(())
}

async fn talks(store: &Store) -> Result<HashMap<u64, Read>, sqlx::Error> {
    let mut talks: HashMap<u64, Read> = HashMap::new();
    let heads = sqlx::query(
        "SELECT session_id, number, audience, author_id FROM chat_messages \
         WHERE session_id NOT IN (SELECT session_id FROM closed_sessions) ORDER BY session_id, number",
    )
    .fetch_all(store.reads())
    .await?;
    for row in &heads {
        let author = number(row, "author_id");
        talks
            .entry(number(row, "session_id"))
            .or_default()
            .heads
            .push(Head {
                number: small(row, "number"),
                audience: audience(row.get("audience")),
                author: (author != END_USER).then_some(TechnicianId(author)),
            });
    }
    let marks = sqlx::query(
        "SELECT session_id, reader_id, what, upto FROM chat_marks \
         WHERE session_id NOT IN (SELECT session_id FROM closed_sessions)",
    )
    .fetch_all(store.reads())
    .await?;
    for row in &marks {
        let talk = talks.entry(number(row, "session_id")).or_default();
        let (reader, what) = (number(row, "reader_id"), row.get::<&str, _>("what"));
        let upto = small(row, "upto");
        match (reader, what) {
            (END_USER, GOT) => talk.got = upto,
            (END_USER, _) => talk.read = upto,
            (technician, what) => talk.marks.push(Mark {
                technician: TechnicianId(technician),
                audience: audience(what),
                upto,
            }),
        }
    }
    Ok(talks)
}

pub fn number(row: &SqliteRow, column: &str) -> u64 {
    u64::try_from(row.get::<i64, _>(column)).unwrap_or(0)
}

pub fn moment(row: &SqliteRow, column: &str) -> Option<Timestamp> {
    let at = row.get::<Option<i64>, _>(column)?;
    u64::try_from(at).ok().map(Timestamp)
}

pub fn small(row: &SqliteRow, column: &str) -> u32 {
    u32::try_from(row.get::<i64, _>(column)).unwrap_or(0)
}
