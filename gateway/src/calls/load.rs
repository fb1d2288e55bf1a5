//! SOS Calls from the database.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Call, stored};
use crate::clock::Timestamp;
use crate::store::Store;

pub async fn calls(store: &Store) -> Result<Vec<Call>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, channel_id, name, technician_id, paused, form, token_hash, token_sealed, created_at FROM calls",
    )
    .fetch_all(store.reads())
    .await?;
    Ok(rows.iter().map(call).collect())
}

fn call(row: &SqliteRow) -> Call {
    let number = |column: &str| u64::try_from(row.get::<i64, _>(column)).unwrap_or(0);
    let technician = row.get::<Option<i64>, _>("technician_id");
    Call {
        id: number("id"),
        channel: number("channel_id"),
        name: row.get("name"),
        technician: technician.and_then(|id| u64::try_from(id).ok()),
        paused: number("paused") != 0,
        form: stored::from_json(row.get("form")),
        created_at: Timestamp(number("created_at")),
        token_hash: row.get("token_hash"),
        token_sealed: row.get("token_sealed"),
    }
}
