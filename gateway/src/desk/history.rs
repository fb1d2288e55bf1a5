//! A session's history: its audit records in order, with names instead of ids.

use mayday_protocol::SessionId;
use mayday_session::Timestamp;
use sqlx::Row;

use super::{Desk, DeskError};
use crate::directory::Account;
use crate::names::{self, Names};

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
        let names = Names::read(&self.inner.store).await?;
        let lines = rows.iter().rev().map(|row| HistoryLine {
            at: Timestamp(u64::try_from(row.get::<i64, _>("at")).unwrap_or(0)),
            actor: names.actor(row.get("actor")),
            what: row.get("action"),
            detail: names::line(&names.parts(row.get("detail"))),
        });
        Ok(lines.collect())
    }
}
