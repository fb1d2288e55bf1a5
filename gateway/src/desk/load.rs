//! Sessions from the database: the open ones at the start, those that are over when somebody wants them.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use mayday_protocol::{SessionId, TechnicianId};
use mayday_session::desk::Session;
use mayday_session::{ChannelId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::DeskError;
use super::annals::{self, Annals};
use super::record::{Invite, Pin, Record, Request, Resume};
use super::stored::{self, Columns};
use crate::clock::now;
use crate::store::Store;

/// Without the annals.
const WHOLE: &str = "SELECT s.id, s.channel_id, s.name, s.note, s.created_at, s.created_by, s.facts, s.device, \
         i.token_hash, i.token_sealed, i.pin_hash, i.pin_sealed, i.pin_expires_at, \
         r.newest, r.before, \
         q.call_id, q.call_name, q.key_hash, q.source, q.made_at, q.answers \
         FROM sessions s JOIN invites i ON i.session_id = s.id \
         LEFT JOIN resume_tokens r ON r.session_id = s.id \
         LEFT JOIN requests q ON q.session_id = s.id \
         WHERE s.deleted_at IS NULL";

/// All that are not in the archive.
pub async fn records(store: &Store, at: Timestamp) -> anyhow::Result<Vec<Record>> {
    let mut query = QueryBuilder::<Sqlite>::new(WHOLE);
    query.push(" AND NOT EXISTS (SELECT 1 FROM archived_sessions c WHERE c.session_id = s.id)");
    let rows = query.build().fetch_all(store.reads()).await?;
    let mut records: Vec<_> = rows
        .iter()
        .map(|row| record(row, at))
        .collect::<Result<_, _>>()?;
    annals::fill(store, &mut records).await?;
    Ok(records)
}

/// Those of the archive with these ids, in their order; deleted ones are not there.
pub async fn archived(store: &Store, ids: &[SessionId]) -> Result<Vec<Record>, DeskError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<Sqlite>::new(WHOLE);
    query.push(" AND s.id IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(i64::try_from(id.0).unwrap_or(0));
    }
    query.push(") AND EXISTS (SELECT 1 FROM archived_sessions c WHERE c.session_id = s.id)");
    let rows = query.build().fetch_all(store.reads()).await?;
    let at = now();
    let mut records = Vec::with_capacity(rows.len());
    for row in &rows {
        let damaged = |error: anyhow::Error| sqlx::Error::Decode(error.into());
        records.push(record(row, at).map_err(damaged)?);
    }
    annals::fill_archived(store, &mut records).await?;
    let place: HashMap<_, _> = ids.iter().zip(0..).collect();
    records.sort_by_key(|record| place.get(&record.id()).copied().unwrap_or(usize::MAX));
    Ok(records)
}

fn record(row: &SqliteRow, at: Timestamp) -> anyhow::Result<Record> {
    let number = |column: &str| u64::try_from(row.get::<i64, _>(column)).unwrap_or(0);
    let columns = Columns {
        id: SessionId(number("id")),
        channel: ChannelId(number("channel_id")),
        created_at: Timestamp(number("created_at")),
        deleted_at: None,
    };
    let id = columns.id.0;
    let facts = stored::from_json(columns, row.get("facts"))
        .with_context(|| format!("the facts of session {id} are damaged"))?;
    let device = row.get::<Option<&str>, _>("device");
    let device = device.map(serde_json::from_str).transpose();
    let created_by = row.get::<Option<i64>, _>("created_by");
    Ok(Record {
        session: Session::from_facts(facts.after_restart(at)),
        name: row.get("name"),
        note: row.get("note"),
        created_by: created_by
            .and_then(|id| u64::try_from(id).ok())
            .map(TechnicianId),
        device: device.with_context(|| format!("the device of session {id} is damaged"))?,
        invite: Invite {
            token_hash: row.get("token_hash"),
            token_sealed: row.get("token_sealed"),
            pin: pin(row),
        },
        resume: row.get::<Option<String>, _>("newest").map(|newest| Resume {
            newest,
            before: row.get("before"),
        }),
        request: request(row).with_context(|| format!("the request of session {id} is damaged"))?,
        annals: Annals::default(),
    })
}

fn request(row: &SqliteRow) -> anyhow::Result<Option<Arc<Request>>> {
    let Some(key_hash) = row.get::<Option<String>, _>("key_hash") else {
        return Ok(None);
    };
    let call = row.get::<Option<i64>, _>("call_id");
    let made_at = row.get::<Option<i64>, _>("made_at").unwrap_or(0);
    Ok(Some(Arc::new(Request {
        call: call.and_then(|id| u64::try_from(id).ok()),
        call_name: row.get("call_name"),
        key_hash,
        source: row.get("source"),
        made_at: Timestamp(u64::try_from(made_at).unwrap_or(0)),
        answers: serde_json::from_str(row.get("answers"))?,
    })))
}

fn pin(row: &SqliteRow) -> Option<Pin> {
    let expires_at = row.get::<Option<i64>, _>("pin_expires_at")?;
    Some(Pin {
        hash: row.get::<Option<String>, _>("pin_hash")?,
        sealed: row.get::<Option<String>, _>("pin_sealed")?,
        expires_at: Timestamp(u64::try_from(expires_at).ok()?),
    })
}
