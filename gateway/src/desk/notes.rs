//! Notes on a session, for technicians only: several, each with its author and time. Only its author changes or deletes one.

use mayday_protocol::SessionId;
use mayday_session::chat;
use mayday_session::desk::NotAllowed;
use mayday_session::permission::{Action, Denied};
use sqlx::Row;

use super::annals::{moment, number};
use super::command::by;
use super::transition::Draft;
use super::{Desk, DeskError};
use crate::clock::Timestamp;
use crate::directory::Account;
use crate::events::Event;
use crate::secrets::random_id;
use crate::store::Statement;
use crate::values;

/// In one session: more than anybody reads.
const MOST: i64 = 500;

#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    pub id: u64,
    pub author: (u64, String),
    pub at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub text: String,
}

impl Desk {
    /// All notes, oldest first.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn notes(&self, me: &Account, id: SessionId) -> Result<Vec<Note>, DeskError> {
        self.find(me, id).await?;
        let rows = sqlx::query(
            "SELECT n.id, n.author_id, n.at, n.edited_at, n.text, a.name FROM notes n \
             LEFT JOIN accounts a ON a.id = n.author_id WHERE n.session_id = $1 \
             ORDER BY n.at, n.id LIMIT $2",
        )
        .bind(i64::try_from(id.0).unwrap_or(0))
        .bind(MOST)
        .fetch_all(self.inner.store.reads())
        .await?;
        let notes = rows.iter().map(|row| Note {
            id: number(row, "id"),
            author: (
                number(row, "author_id"),
                row.get::<Option<String>, _>("name").unwrap_or_default(),
            ),
            at: Timestamp(number(row, "at")),
            edited_at: moment(row, "edited_at"),
            text: row.get("text"),
        });
        Ok(notes.collect())
    }

    /// # Errors
    /// See [`DeskError`].
    pub async fn add_note(
        &self,
        me: &Account,
        id: SessionId,
        text: &str,
    ) -> Result<Note, DeskError> {
        let text = chat::message(text)?;
        self.note(me, id, "noted", move |draft, me| {
            let note = Note {
                id: random_id(),
                author: (me.id, me.name.clone()),
                at: draft.now,
                edited_at: None,
                text,
            };
            draft.statements.push(Statement::new(
                "INSERT INTO notes (id, session_id, author_id, at, text) VALUES ($1, $2, $3, $4, $5)",
                values![note.id, id.0, me.id, note.at, note.text.as_str()],
            ));
            note
        })
        .await
    }

    /// # Errors
    /// See [`DeskError`]; for others' notes, not theirs.
    pub async fn edit_note(
        &self,
        me: &Account,
        id: SessionId,
        note: u64,
        text: &str,
    ) -> Result<Note, DeskError> {
        let text = chat::message(text)?;
        let mut own = self.own_note(me, id, note).await?;
        self.note(me, id, "note_edited", move |draft, me| {
            (own.edited_at, own.text) = (Some(draft.now), text);
            draft.statements.push(Statement::exactly_one(
                "UPDATE notes SET text = $3, edited_at = $4 WHERE id = $1 AND author_id = $2",
                values![note, me.id, own.text.as_str(), draft.now],
            ));
            own
        })
        .await
    }

    /// # Errors
    /// See [`DeskError`]; for others' notes, not theirs.
    pub async fn delete_note(
        &self,
        me: &Account,
        id: SessionId,
        note: u64,
    ) -> Result<(), DeskError> {
        self.own_note(me, id, note).await?;
        self.note(me, id, "note_deleted", move |draft, me| {
            draft.statements.push(Statement::exactly_one(
                "DELETE FROM notes WHERE id = $1 AND author_id = $2",
                values![note, me.id],
            ));
        })
        .await
    }

    async fn own_note(&self, me: &Account, id: SessionId, note: u64) -> Result<Note, DeskError> {
        let notes = self.notes(me, id).await?;
        let found = notes.into_iter().find(|one| one.id == note);
        let found = found.ok_or(DeskError::NotFound)?;
        if found.author.0 != me.id {
            return Err(NotAllowed::Denied(Denied::NotYours).into());
        }
        Ok(found)
    }

    async fn note<T: Send + 'static>(
        &self,
        me: &Account,
        id: SessionId,
        happened: &'static str,
        act: impl FnOnce(&mut Draft, &Account) -> T + Send + 'static,
    ) -> Result<T, DeskError> {
        let entry = self.entry_for(me, id).await?;
        let (directory, me) = (self.inner.directory.clone(), me.clone());
        let done = self.change(entry, move |draft| {
            let actor = draft.record.actor(&directory.now(), &me);
            let now = draft.now;
            draft.session().allowed_now(actor, Action::Note, now)?;
            let value = act(draft, &me);
            draft.audit.push(by(&me, happened, draft));
            draft.news.push(Event::Notes(id));
            Ok(value)
        });
        Ok(done.await?.value)
    }
}
