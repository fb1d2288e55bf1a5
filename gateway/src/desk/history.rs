//! A session's history: its audit records in order, with names instead of ids.

use mayday_protocol::SessionId;
use mayday_session::Timestamp;
use sqlx::Row;

use super::{Desk, DeskError};
use crate::directory::{Account, Snapshot};

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryLine {
    pub at: Timestamp,
    pub actor: String,
    pub what: String,
    pub detail: String,
}

/// The newest ones, if there are more.
const LINES: i64 = 1000;

impl Desk {
    /// What happened in a session, oldest first.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn history(
        &self,
        me: &Account,
        id: SessionId,
    ) -> Result<Vec<HistoryLine>, DeskError> {
        self.find(me, id).await?;
        let rows = sqlx::query(
            // The chat stands beside the history.
            "SELECT at, actor, action, detail FROM audit WHERE session_id = $1 \
             AND action NOT IN ('wrote', 'whispered') ORDER BY sequence DESC LIMIT $2",
        )
        .bind(i64::try_from(id.0).unwrap_or(0))
        .bind(LINES)
        .fetch_all(self.inner.store.reads())
        .await?;
        let names = self.names().await?;
        let lines = rows.iter().rev().map(|row| HistoryLine {
            at: Timestamp(u64::try_from(row.get::<i64, _>("at")).unwrap_or(0)),
            actor: named(row.get("actor"), &names),
            what: row.get("action"),
            detail: named(row.get("detail"), &names),
        });
        Ok(lines.collect())
    }

    /// Names for ids, also of those who left and of channels.
    async fn names(&self) -> Result<Vec<(String, String)>, DeskError> {
        let snapshot = self.inner.directory.now();
        let mut names: Vec<_> = channel_names(&snapshot);
        let accounts = sqlx::query("SELECT id, name FROM accounts")
            .fetch_all(self.inner.store.reads())
            .await?;
        names.extend(accounts.iter().map(|row| {
            let id = row.get::<i64, _>("id");
            (format!("technician:{id}"), row.get("name"))
        }));
        Ok(names)
    }
}

fn channel_names(snapshot: &Snapshot) -> Vec<(String, String)> {
    snapshot
        .channels()
        .map(|channel| (format!("channel:{}", channel.id), channel.name.clone()))
        .collect()
}

/// Words that are ids become names; the others stay.
fn named(text: &str, names: &[(String, String)]) -> String {
    let words = text.split(' ').map(|word| {
        let known = names.iter().find(|(id, _)| id == word);
        known.map_or(word, |(_, name)| name.as_str())
    });
    words.collect::<Vec<_>>().join(" ")
}
