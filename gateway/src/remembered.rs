//! What the gateway remembers by itself from one start to the next. What its owner sets is in settings.rs, in the same table.

use sqlx::Row;

use crate::store::{Change, Store, WriteError};
use crate::values;

/// How others reach the gateway, as of its last start: for set-up links that the command line prints.
pub const PUBLIC_URL: &str = "public_url";

/// # Errors
/// When the database cannot be read.
pub async fn get(store: &Store, name: &str) -> Result<Option<String>, sqlx::Error> {
    let row = sqlx::query("SELECT value FROM settings WHERE name = $1")
        .bind(name)
        .fetch_optional(store.reads())
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// # Errors
/// When it cannot be written.
pub async fn set(store: &Store, name: &str, value: &str) -> Result<(), WriteError> {
    let change = Change::new().run(
        "INSERT INTO settings (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        values![name, value],
    );
    store.write(change).await
}
