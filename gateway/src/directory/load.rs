//! From rows to the directory's snapshot.

use std::collections::{HashMap, HashSet};

use mayday_protocol::control::Rights;
use mayday_session::permission::Role;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqlitePool};

use super::{Account, Channel, Kind, Snapshot};
use crate::clock::{Timestamp, now};
use crate::secrets::random_id;
use crate::store::{Change, Store, WriteError};
use crate::values;

pub async fn ensure_default_channel(store: &Store) -> anyhow::Result<()> {
    let known = sqlx::query("SELECT id FROM channels WHERE kind = 'default'")
        .fetch_optional(store.reads())
        .await?;
    if known.is_some() {
        return Ok(());
    }
    let change = Change::new().run(
        "INSERT INTO channels (id, name, description, kind, expiration_s, pin_valid_s, \
         default_rights, max_open_sessions, created_at) \
         VALUES ($1, 'General', '', 'default', 86400, 900, 'control', 500, $2)",
        values![random_id(), now()],
    );
    match store.write(change).await {
        // Another process was quicker.
        Ok(()) | Err(WriteError::Exists) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

pub async fn snapshot(pool: &SqlitePool) -> Result<Snapshot, sqlx::Error> {
    // One read transaction, so that members and accounts belong together.
    let mut transaction = pool.begin().await?;
    let accounts = sqlx::query(
        "SELECT id, name, email, role, language, disabled, password IS NOT NULL AS set_up \
         FROM accounts WHERE removed_at IS NULL",
    )
    .fetch_all(&mut *transaction)
    .await?;
    let channels = sqlx::query(
        "SELECT id, name, description, kind, owner_id, expiration_s, pin_valid_s, default_rights, \
         max_open_sessions, created_at FROM channels",
    )
    .fetch_all(&mut *transaction)
    .await?;
    let members = sqlx::query("SELECT channel_id, account_id FROM channel_members")
        .fetch_all(&mut *transaction)
        .await?;
    let mut of_channel: HashMap<u64, HashSet<u64>> = HashMap::new();
    for row in &members {
        of_channel
            .entry(number(row, "channel_id"))
            .or_default()
            .insert(number(row, "account_id"));
    }
    let channels = channels.iter().map(|row| {
        let members = of_channel.remove(&number(row, "id")).unwrap_or_default();
        channel(row, members)
    });
    Ok(Snapshot {
        channels: channels.map(|one| (one.id, one)).collect(),
        accounts: accounts
            .iter()
            .map(account)
            .map(|one| (one.id, one))
            .collect(),
    })
}

fn account(row: &SqliteRow) -> Account {
    Account {
        id: number(row, "id"),
        name: row.get("name"),
        email: row.get("email"),
        // A role of a later version is the smallest of ours.
        role: Role::parse(row.get("role")).unwrap_or(Role::ChannelTechnician),
        language: row.get("language"),
        disabled: row.get::<i64, _>("disabled") != 0,
        set_up: row.get::<i64, _>("set_up") != 0,
    }
}

fn channel(row: &SqliteRow, members: HashSet<u64>) -> Channel {
    let owner = row.get::<Option<i64>, _>("owner_id");
    let kind = match (row.get("kind"), owner.and_then(|id| u64::try_from(id).ok())) {
        ("default", _) => Kind::Default,
        ("private", Some(owner)) => Kind::Private { owner },
        (_, _) => Kind::Shared,
    };
    let default_rights = match row.get("default_rights") {
        "control" => Rights::CONTROL,
        _ => Rights::VIEW,
    };
    Channel {
        id: number(row, "id"),
        name: row.get("name"),
        description: row.get("description"),
        kind,
        expiration_s: small(row, "expiration_s"),
        pin_valid_s: small(row, "pin_valid_s"),
        default_rights,
        max_open_sessions: small(row, "max_open_sessions"),
        members,
        created_at: Timestamp(number(row, "created_at")),
    }
}

fn number(row: &SqliteRow, column: &str) -> u64 {
    u64::try_from(row.get::<i64, _>(column)).unwrap_or(0)
}

fn small(row: &SqliteRow, column: &str) -> u32 {
    u32::try_from(row.get::<i64, _>(column)).unwrap_or(u32::MAX)
}
