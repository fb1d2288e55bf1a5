//! What belongs to a session beside its rules: its chat without the texts, its figures, the end user's rating. Owns how it is read at
//! the start; each part says itself how it is written.

use std::collections::HashMap;
use std::sync::Arc;

use mayday_protocol::TechnicianId;
use mayday_session::Timestamp;
use mayday_session::chat::{Head, Mark, Talk};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

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
    let mut talks = talks(store, None).await?;
    let mut figures = Figures::all(store).await?;
    let mut ratings = Rating::all(store).await?;
    for record in records {
        let id = record.id().0;
        let read = talks.remove(&id).unwrap_or_default();
        record.annals = Annals {
            talk: read.talk_of(record),
            figures: figures.remove(&id).unwrap_or_default(),
            rating: ratings.remove(&id),
        };
    }
    Ok(())
}

/// Reads the annals of these archived sessions, which are few.
pub async fn fill_archived(store: &Store, records: &mut [Record]) -> Result<(), sqlx::Error> {
    let expired = records.iter().filter(|one| one.facts().closing.is_none());
    let expired: Vec<_> = expired.map(|one| one.id().0).collect();
    let mut talks = talks(store, Some(&expired)).await?;
    for record in records {
        let id = record.id().0;
        let read = talks.remove(&id).unwrap_or_default();
        record.annals = Annals {
            talk: read.talk_of(record),
            figures: Figures::of(store, id).await?,
            rating: Rating::of(store, id).await?,
        };
    }
    Ok(())
}

impl Read {
    /// In a closed session nobody writes any more, and nothing is unread.
    fn talk_of(self, record: &Record) -> Arc<Talk> {
        let open = record.facts().closing.is_none();
        let read = if open { self } else { Self::default() };
        Arc::new(Talk::stored(read.heads, read.marks, read.got, read.read))
    }
}

/// Of these sessions, or of all that are not in the archive.
async fn talks(store: &Store, of: Option<&[u64]>) -> Result<HashMap<u64, Read>, sqlx::Error> {
    let mut talks: HashMap<u64, Read> = HashMap::new();
    if of.is_some_and(<[u64]>::is_empty) {
        return Ok(talks);
    }
    let mut heads =
        QueryBuilder::new("SELECT session_id, number, audience, author_id FROM chat_messages");
    narrow(&mut heads, of);
    heads.push(" ORDER BY session_id, number");
    let heads = heads.build().fetch_all(store.reads()).await?;
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
    let mut marks = QueryBuilder::new("SELECT session_id, reader_id, what, upto FROM chat_marks");
    narrow(&mut marks, of);
    let marks = marks.build().fetch_all(store.reads()).await?;
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

fn narrow(query: &mut QueryBuilder<Sqlite>, of: Option<&[u64]>) {
    let Some(ids) = of else {
        query.push(" WHERE session_id NOT IN (SELECT session_id FROM archived_sessions)");
        return;
    };
    query.push(" WHERE session_id IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(i64::try_from(*id).unwrap_or(0));
    }
    query.push(")");
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
