//! From rows to the directory's snapshot.

use std::collections::{HashMap, HashSet};

use mayday_protocol::control::Rights;
use mayday_session::permission::{Permission, Refinements, Role, Setting};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqlitePool};

use super::{Account, Channel, Group, Kind, Routing, Snapshot, Subject, Verification};
use crate::clock::{Timestamp, now};
use crate::secrets::random_id;
use crate::settings::NewChannels;
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
        "SELECT id, name, email, role, language, disabled, password IS NOT NULL AS set_up, skills \
         FROM accounts WHERE removed_at IS NULL",
    )
    .fetch_all(&mut *transaction)
    .await?;
    let channels = sqlx::query(
        "SELECT id, name, description, kind, owner_id, expiration_s, pin_valid_s, default_rights, \
         max_open_sessions, routing, routing_id, skills, verification, rating, rating_question, \
         created_at FROM channels",
    )
    .fetch_all(&mut *transaction)
    .await?;
    let groups = sqlx::query("SELECT id, name, created_at FROM technician_groups")
        .fetch_all(&mut *transaction)
        .await?;
    let of_group = pairs(
        &mut transaction,
        "SELECT group_id, account_id FROM group_members",
    );
    let mut of_group = of_group.await?;
    let sql = "SELECT channel_id, account_id FROM channel_members";
    let mut of_channel = pairs(&mut transaction, sql).await?;
    let sql = "SELECT channel_id, group_id FROM channel_groups";
    let mut groups_of = pairs(&mut transaction, sql).await?;
    let mut refined = refinements(&mut transaction).await?;
    let groups = groups.iter().map(|row| {
        let members = of_group.remove(&number(row, "id")).unwrap_or_default();
        group(row, members)
    });
    let groups: HashMap<_, _> = groups.map(|one| (one.id, one)).collect();
    let channels = channels.iter().map(|row| {
        let mut channel = channel(row);
        let id = channel.id;
        channel.members = of_channel.remove(&id).unwrap_or_default();
        let assigned = groups_of.remove(&id).unwrap_or_default();
        channel.groups = assigned.into_iter().collect();
        channel.refinements = refined.remove(&id).unwrap_or_default();
        channel.settle(&groups);
        (id, channel)
    });
    Ok(Snapshot {
        channels: channels.collect(),
        groups,
        accounts: accounts
            .iter()
            .map(account)
            .map(|one| (one.id, one))
            .collect(),
    })
}

type Transaction<'a> = sqlx::Transaction<'a, sqlx::Sqlite>;

/// Everything in the second column, by the first.
async fn pairs(
    transaction: &mut Transaction<'_>,
    sql: &'static str,
) -> Result<HashMap<u64, HashSet<u64>>, sqlx::Error> {
    let mut found: HashMap<u64, HashSet<u64>> = HashMap::new();
    for row in sqlx::query(sql).fetch_all(&mut **transaction).await? {
        let [of, one] = [0, 1].map(|column| u64::try_from(row.get::<i64, _>(column)).unwrap_or(0));
        found.entry(of).or_default().insert(one);
    }
    Ok(found)
}

async fn refinements(
    transaction: &mut Transaction<'_>,
) -> Result<HashMap<u64, HashMap<Subject, Refinements>>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT channel_id, subject, subject_id, permission, setting FROM refinements")
            .fetch_all(&mut **transaction)
            .await?;
    let mut found: HashMap<u64, HashMap<Subject, Refinements>> = HashMap::new();
    for row in &rows {
        let id = number(row, "subject_id");
        let subject = match row.get("subject") {
            "group" => Subject::Group(id),
            _ => Subject::Technician(id),
        };
        // A permission of a later version means nothing here; a setting of a later version allows nothing.
        let Some(permission) = Permission::parse(row.get("permission")) else {
            continue;
        };
        let setting = Setting::parse(row.get("setting")).unwrap_or(Setting::Off);
        let of_channel = found.entry(number(row, "channel_id")).or_default();
        let all = of_channel.entry(subject).or_default();
        *all = all.and(permission, setting);
    }
    Ok(found)
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
        skills: tags(row),
    }
}

fn group(row: &SqliteRow, members: HashSet<u64>) -> Group {
    Group {
        id: number(row, "id"),
        name: row.get("name"),
        members,
        created_at: Timestamp(number(row, "created_at")),
    }
}

fn channel(row: &SqliteRow) -> Channel {
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
    let routing_id = row.get::<Option<i64>, _>("routing_id");
    let routing_id = routing_id.and_then(|id| u64::try_from(id).ok());
    let verification = row.get::<&str, _>("verification");
    Channel {
        name: row.get("name"),
        description: row.get("description"),
        kind,
        expiration_s: small(row, "expiration_s"),
        pin_valid_s: small(row, "pin_valid_s"),
        default_rights,
        max_open_sessions: small(row, "max_open_sessions"),
        routing: match (row.get("routing"), routing_id) {
            ("technician", Some(id)) => Routing::Technician(id),
            ("round_robin", Some(id)) => Routing::RoundRobin(id),
            ("least_busy", _) => Routing::LeastBusy,
            (_, _) => Routing::Queue,
        },
        skills: tags(row),
        // A check of a later version is the strictest of ours.
        verification: Verification::ALL
            .into_iter()
            .find(|one| one.word() == verification)
            .unwrap_or(Verification::Type),
        rating: row.get::<i64, _>("rating") != 0,
        rating_question: row.get("rating_question"),
        ..Channel::new(
            number(row, "id"),
            NewChannels::default(),
            Timestamp(number(row, "created_at")),
        )
    }
}

fn tags(row: &SqliteRow) -> Vec<String> {
    let lines = row.get::<&str, _>("skills").lines();
    lines.map(str::to_owned).collect()
}

fn number(row: &SqliteRow, column: &str) -> u64 {
    u64::try_from(row.get::<i64, _>(column)).unwrap_or(0)
}

fn small(row: &SqliteRow, column: &str) -> u32 {
    u32::try_from(row.get::<i64, _>(column)).unwrap_or(u32::MAX)
}
