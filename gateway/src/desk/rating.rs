//! The end user's rating of a session: who is asked, the token that goes with the answer, and the one answer that counts.

use std::collections::HashMap;

use mayday_protocol::SessionId;
use mayday_protocol::control::{EndReason, Refusal, ToAgent};
use mayday_protocol::limits::RATING_CHARS;
use mayday_session::text::visible_lines;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::annals::{number, small};
use super::record::Record;
use super::{Desk, DeskError};
use crate::clock::Timestamp;
use crate::directory::Channel;
use crate::store::{AuditEntry, Statement, Store, WriteError};
use crate::values;

/// What the end user thought of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rating {
    /// 1 to 5.
    pub stars: u8,
    pub words: String,
    pub at: Timestamp,
}

impl Rating {
    pub(super) async fn all(store: &Store) -> Result<HashMap<u64, Self>, sqlx::Error> {
        let rows = sqlx::query("SELECT session_id, stars, words, at FROM ratings")
            .fetch_all(store.reads())
            .await?;
        let ratings = rows
            .iter()
            .map(|row| (number(row, "session_id"), Self::read(row)));
        Ok(ratings.collect())
    }

    pub(super) async fn of(store: &Store, session: u64) -> Result<Option<Self>, sqlx::Error> {
        let row = sqlx::query("SELECT stars, words, at FROM ratings WHERE session_id = $1")
            .bind(i64::try_from(session).unwrap_or(0))
            .fetch_optional(store.reads())
            .await?;
        Ok(row.as_ref().map(Self::read))
    }

    fn read(row: &SqliteRow) -> Self {
        Self {
            stars: u8::try_from(small(row, "stars")).unwrap_or(1),
            words: row.get("words"),
            at: Timestamp(number(row, "at")),
        }
    }
}

impl Desk {
    /// The question that the agent shows when the session is over, if this channel wants one and a technician turned to the end user.
    pub(super) fn rating_wanted(&self, record: &Record) -> Option<ToAgent> {
        let snapshot = self.inner.directory.now();
        let channel = snapshot.channel(record.facts().channel.0)?;
        let annals = &record.annals;
        let open = annals.rating.is_none() && annals.figures.answered_at.is_some();
        let question = question(channel).filter(|_| open)?;
        Some(ToAgent::RatingWanted {
            question,
            token: self.rating_token(record.id()),
        })
    }

    /// Whether an end is one that the end user is asked about.
    pub(super) fn is_worth_a_rating(reason: EndReason) -> bool {
        match reason {
            EndReason::Closed | EndReason::Expired => true,
            EndReason::Replaced | EndReason::Restart | EndReason::Removed | EndReason::Unknown => {
                false
            }
        }
    }

    /// Takes the end user's answer, once.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn rate(&self, token: &str, stars: u8, words: &str) -> Result<(), Refusal> {
        let session = self.rated_session(token).ok_or(Refusal::NotFound {})?;
        let entry = self.entry(session).await.ok().flatten();
        let entry = entry.ok_or(Refusal::Over {})?;
        if !(1..=5).contains(&stars) {
            return Err(Refusal::Unknown);
        }
        let words: String = words.trim().chars().take(RATING_CHARS).collect();
        let words = visible_lines(&words);
        let rated = self.change(entry, move |draft| {
            if draft.record.annals.rating.is_some() {
                return Err(DeskError::Store(WriteError::Exists));
            }
            let at = draft.now;
            draft.statements.push(Statement::new(
                "INSERT INTO ratings (session_id, stars, words, at) VALUES ($1, $2, $3, $4)",
                values![session.0, u32::from(stars), words.as_str(), at],
            ));
            draft.audit.push(AuditEntry {
                at,
                actor: "end_user".to_owned(),
                action: "rated",
                session: Some(session.0),
                detail: format!("stars:{stars}"),
            });
            draft.record.annals.rating = Some(Rating { stars, words, at });
            Ok(())
        });
        match rated.await {
            Ok(_) => Ok(()),
            Err(DeskError::Store(WriteError::Exists)) => Err(Refusal::Over {}),
            Err(error) => {
                tracing::error!(%error, "a rating could not be stored");
                Err(Refusal::Busy {})
            }
        }
    }

    /// Names the session, and cannot be made without the gateway's key file.
    fn rating_token(&self, session: SessionId) -> String {
        let proof = self.inner.keys.look_up("rating", &session.0.to_string());
        format!("{}.{proof}", session.0)
    }

    fn rated_session(&self, token: &str) -> Option<SessionId> {
        let (id, _) = token.split_once('.')?;
        let session = SessionId(id.parse().ok()?);
        (self.rating_token(session) == token).then_some(session)
    }
}

/// The channel's question; `None`: its end users are not asked.
fn question(channel: &Channel) -> Option<String> {
    channel.rating.then(|| channel.rating_question.clone())
}
