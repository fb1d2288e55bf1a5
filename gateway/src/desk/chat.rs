//! The chat of a session, with the end user and among the technicians: written once, stored, then sent to those it is for. Who may
//! write and how fast are the session crate's rules.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mayday_protocol::control::{ChatMessage, ToAgent};
use mayday_protocol::{SessionId, TechnicianId};
use mayday_session::chat::{self, Audience, ChatRefusal, Meter, Talk};
use mayday_session::desk::NotAllowed;
use mayday_session::permission::Action;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::annals::{number, small};
use super::transition::Draft;
use super::{Desk, DeskError, LiveEffect};
use crate::clock::{Timestamp, now};
use crate::directory::Account;
use crate::events::Event;
use crate::store::{AuditEntry, Statement, WriteError};
use crate::values;

/// Stands for the end user where accounts have their id.
pub const END_USER: u64 = 0;
/// The mark for what has arrived at the end user's agent.
pub const GOT: &str = "got";
/// What the end user sees again after coming back, messages.
const REPLAYED: i64 = 200;
/// One control message with messages stays well below its limit.
const REPLAY_BYTES: usize = 32 * 1024;
const CLIENT_CHARS: usize = 64;

/// One message, with its writer's name as it was when it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub session: SessionId,
    pub audience: Audience,
    pub number: u32,
    /// `None`: the end user.
    pub author: Option<(u64, String)>,
    /// The writer's own name of it.
    pub client: String,
    pub at: Timestamp,
    pub text: String,
}

impl Said {
    /// As the end user sees it; `None` for what is not for them. The only way from a message to an agent.
    fn for_end_user(&self) -> Option<ChatMessage> {
        match self.audience {
            Audience::Technicians => None,
            Audience::EndUser => Some(ChatMessage {
                number: self.number,
                from: self.author.as_ref().map(|(_, name)| name.clone()),
                client: match self.author {
                    Some(_) => None,
                    None => self.client.parse().ok(),
                },
                at: self.at.0,
                text: self.text.clone(),
            }),
        }
    }
}

/// How fast everybody writes. In memory only: a restart forgives.
#[derive(Default)]
pub struct Meters {
    by_writer: Mutex<HashMap<(SessionId, u64), Meter>>,
}

impl Meters {
    fn spend(&self, session: SessionId, writer: u64, at: Timestamp) -> Result<(), ChatRefusal> {
        let mut meters = self
            .by_writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if meters.len() > 1000 {
            meters.retain(|_, meter| !meter.is_idle(at));
        }
        meters.entry((session, writer)).or_default().spend(at)
    }
}

impl Desk {
    /// `me` writes. Sent again with the same `client`, it is the same message.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn say(
        &self,
        me: &Account,
        id: SessionId,
        audience: Audience,
        client: String,
        text: &str,
    ) -> Result<Arc<Said>, DeskError> {
        let entry = self.entry_for(me, id).await?;
        let text = chat::message(text)?;
        let client = checked(client)?;
        if let Some(said) = self.said_before(id, me.id, &client).await? {
            return Ok(said);
        }
        self.inner.meters.spend(id, me.id, now())?;
        let (directory, me, again) = (self.inner.directory.clone(), me.clone(), client.clone());
        let author = me.id;
        let written = self.change(entry, move |draft| {
            let actor = draft.record.actor(&directory.now(), &me);
            let action = match audience {
                Audience::EndUser => Action::Chat,
                Audience::Technicians => Action::Whisper,
            };
            let now = draft.now;
            draft.session().allowed_now(actor, action, now)?;
            write(draft, audience, Some((me.id, me.name)), client, text)
        });
        match written.await {
            Ok(done) => Ok(done.value),
            // The same message came twice at the same time.
            Err(DeskError::Store(WriteError::Exists)) => {
                let said = self.said_before(id, author, &again).await?;
                said.ok_or(DeskError::Store(WriteError::Exists))
            }
            Err(error) => Err(error),
        }
    }

    /// The end user writes. Whatever becomes of it, their agent hears.
    pub(super) async fn end_user_says(&self, session: SessionId, client: u64, text: String) {
        let answer = match self.end_user_said(session, client, &text).await {
            Ok(Some(again)) => ToAgent::Chat {
                messages: again.for_end_user().into_iter().collect(),
            },
            // Sent with the change, in the order of the messages.
            Ok(None) => return,
            Err(error) => refused(client, &error),
        };
        self.tell(LiveEffect::ToAgent(session, answer));
    }

    /// The message, if it was there already.
    async fn end_user_said(
        &self,
        session: SessionId,
        client: u64,
        text: &str,
    ) -> Result<Option<Arc<Said>>, DeskError> {
        let text = chat::message(text)?;
        let client = client.to_string();
        if let Some(said) = self.said_before(session, END_USER, &client).await? {
            return Ok(Some(said));
        }
        self.inner.meters.spend(session, END_USER, now())?;
        let entry = self.entry(session).await?.ok_or(DeskError::NotFound)?;
        let written = self.change(entry, move |draft| {
            if !draft.record.is_open(draft.now) {
                return Err(NotAllowed::Closed.into());
            }
            write(draft, Audience::EndUser, None, client, text)
        });
        written.await.map(|_| None)
    }

    /// How far the end user's side has come.
    pub(super) async fn end_user_saw(&self, session: SessionId, got: u32, read: u32) {
        let heard = self.change_if_there(session, move |draft| {
            let talk = Arc::make_mut(&mut draft.record.annals.talk);
            if talk.seen(got, read) {
                let marks = [(GOT, talk.got()), ("read", talk.read())];
                let statements = marks.map(|(what, upto)| mark(session, END_USER, what, upto));
                draft.statements.extend(statements);
            }
            Ok(())
        });
        heard.await;
    }

    /// `me` has read so far.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn has_read(
        &self,
        me: &Account,
        id: SessionId,
        audience: Audience,
        upto: u32,
    ) -> Result<(), DeskError> {
        let entry = self.entry_for(me, id).await?;
        let reader = me.id;
        let mut known = Talk::clone(&entry.current().annals.talk);
        if !known.read_by(TechnicianId(reader), audience, upto) {
            return Ok(());
        }
        let done = self.change(entry, move |draft| {
            let talk = Arc::make_mut(&mut draft.record.annals.talk);
            let upto = upto.min(talk.newest());
            if talk.read_by(TechnicianId(reader), audience, upto) {
                draft
                    .statements
                    .push(mark(id, reader, word(audience), upto));
            }
            Ok(())
        });
        done.await.map(drop)
    }

    /// The newest messages before number `before`, oldest first, and whether there are older ones.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn chat(
        &self,
        me: &Account,
        id: SessionId,
        audience: Audience,
        before: Option<u32>,
        limit: u32,
    ) -> Result<(Vec<Said>, bool), DeskError> {
        self.find(me, id).await?;
        let mut said = self
            .stored(
                id,
                audience,
                before.unwrap_or(u32::MAX),
                limit.saturating_add(1),
            )
            .await?;
        let more = said.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            said.remove(0);
        }
        Ok((said, more))
    }

    /// Tells an agent that came in what was said before, for the end user alone.
    pub(super) async fn replay_chat(&self, session: SessionId) {
        let limit = u32::try_from(REPLAYED).unwrap_or(u32::MAX);
        let said = match self
            .stored(session, Audience::EndUser, u32::MAX, limit)
            .await
        {
            Ok(said) => said,
            Err(error) => return tracing::error!(%error, "a chat cannot be read"),
        };
        let mut messages = Vec::new();
        let mut bytes = 0;
        for message in said.iter().filter_map(Said::for_end_user) {
            bytes += message.text.len() + 200;
            messages.push(message);
            if bytes > REPLAY_BYTES {
                let messages = std::mem::take(&mut messages);
                self.tell(LiveEffect::ToAgent(session, ToAgent::Chat { messages }));
                bytes = 0;
            }
        }
        if !messages.is_empty() {
            self.tell(LiveEffect::ToAgent(session, ToAgent::Chat { messages }));
        }
    }

    async fn stored(
        &self,
        id: SessionId,
        audience: Audience,
        before: u32,
        limit: u32,
    ) -> Result<Vec<Said>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT m.session_id, m.number, m.audience, m.author_id, m.client, m.at, m.text, a.name \
             FROM chat_messages m LEFT JOIN accounts a ON a.id = m.author_id \
             WHERE m.session_id = $1 AND m.audience = $2 AND m.number < $3 \
             ORDER BY m.number DESC LIMIT $4",
        )
        .bind(i64::try_from(id.0).unwrap_or(0))
        .bind(word(audience))
        .bind(i64::from(before))
        .bind(i64::from(limit))
        .fetch_all(self.inner.store.reads())
        .await?;
        Ok(rows.iter().rev().map(said).collect())
    }

    async fn said_before(
        &self,
        id: SessionId,
        author: u64,
        client: &str,
    ) -> Result<Option<Arc<Said>>, sqlx::Error> {
        let row = sqlx::query(
            "SELECT m.session_id, m.number, m.audience, m.author_id, m.client, m.at, m.text, a.name \
             FROM chat_messages m LEFT JOIN accounts a ON a.id = m.author_id \
             WHERE m.session_id = $1 AND m.author_id = $2 AND m.client = $3",
        )
        .bind(i64::try_from(id.0).unwrap_or(0))
        .bind(i64::try_from(author).unwrap_or(0))
        .bind(client)
        .fetch_optional(self.inner.store.reads())
        .await?;
        Ok(row.as_ref().map(said).map(Arc::new))
    }
}

fn write(
    draft: &mut Draft,
    audience: Audience,
    author: Option<(u64, String)>,
    client: String,
    text: String,
) -> Result<Arc<Said>, DeskError> {
    let technician = author.as_ref().map(|(id, _)| TechnicianId(*id));
    let annals = &mut draft.record.annals;
    let number = Arc::make_mut(&mut annals.talk).add(audience, technician)?;
    if technician.is_some() && audience == Audience::EndUser {
        annals.figures.answered(draft.now);
    }
    let said = Arc::new(Said {
        session: draft.record.id(),
        audience,
        number,
        author,
        client,
        at: draft.now,
        text,
    });
    draft.statements.push(Statement::new(
        "INSERT INTO chat_messages (session_id, number, audience, author_id, client, at, text) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        values![
            said.session.0,
            number,
            word(audience),
            technician.map_or(END_USER, |one| one.0),
            said.client.as_str(),
            said.at,
            said.text.as_str()
        ],
    ));
    // That it was said; what was said is in the chat.
    draft.audit.push(AuditEntry {
        at: draft.now,
        actor: technician.map_or_else(
            || "end_user".to_owned(),
            |one| format!("technician:{}", one.0),
        ),
        action: match audience {
            Audience::EndUser => "wrote",
            Audience::Technicians => "whispered",
        },
        session: Some(said.session.0),
        detail: format!("message:{number}"),
    });
    draft.announce = said.for_end_user().map(|message| {
        let messages = vec![message];
        LiveEffect::ToAgent(said.session, ToAgent::Chat { messages })
    });
    draft.news.push(Event::Said(Arc::clone(&said)));
    Ok(said)
}

fn mark(session: SessionId, reader: u64, what: &'static str, upto: u32) -> Statement {
    Statement::new(
        "INSERT INTO chat_marks (session_id, reader_id, what, upto) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (session_id, reader_id, what) DO UPDATE SET upto = excluded.upto",
        values![session.0, reader, what, upto],
    )
}

fn said(row: &SqliteRow) -> Said {
    let author = number(row, "author_id");
    Said {
        session: SessionId(number(row, "session_id")),
        audience: audience(row.get("audience")),
        number: small(row, "number"),
        author: (author != END_USER).then(|| {
            let name = row.get::<Option<String>, _>("name");
            (author, name.unwrap_or_default())
        }),
        client: row.get("client"),
        at: Timestamp(number(row, "at")),
        text: row.get("text"),
    }
}

fn word(audience: Audience) -> &'static str {
    match audience {
        Audience::EndUser => "end_user",
        Audience::Technicians => "technicians",
    }
}

/// What is not known to be for the end user is not for them.
pub fn audience(word: &str) -> Audience {
    match word {
        "end_user" => Audience::EndUser,
        _ => Audience::Technicians,
    }
}

fn checked(client: String) -> Result<String, DeskError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if client.is_empty() || client.len() > CLIENT_CHARS || !client.chars().all(fits) {
        return Err(DeskError::Invalid {
            field: "client_id",
            message: "a client id has 1 to 64 letters, digits and hyphens",
        });
    }
    Ok(client)
}

fn refused(client: u64, error: &DeskError) -> ToAgent {
    let again = match error {
        DeskError::Chat(ChatRefusal::TooFast { again }) => Some(again.as_millis()),
        DeskError::Store(_) | DeskError::Read(_) => {
            tracing::error!(%error, "what the end user wrote could not be stored");
            Some(5000)
        }
        _ => None,
    };
    ToAgent::ChatRefused {
        client,
        again_ms: again.map(|again| u32::try_from(again).unwrap_or(u32::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_technicians_has_no_way_to_an_agent() {
        let mut said = Said {
            session: SessionId(1),
            audience: Audience::Technicians,
            number: 1,
            author: Some((7, "Ada".to_owned())),
            client: "a".to_owned(),
            at: Timestamp(5),
            text: "between us".to_owned(),
        };
        assert_eq!(said.for_end_user(), None);
        said.audience = audience("something new");
        assert_eq!(said.for_end_user(), None);
        said.audience = Audience::EndUser;
        assert_eq!(said.for_end_user().unwrap().from.as_deref(), Some("Ada"));
    }
}
