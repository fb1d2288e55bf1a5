//! How anything about a session changes: on a copy, written together with its audit, then put in place, then told. One change of a
//! session at a time; different sessions share the writer's commits.

use std::sync::Arc;

use mayday_session::desk::{Effect, NotAllowed, Session};

use super::record::{Entry, Record};
use super::{Desk, DeskError, LiveEffect, archive, audit, figures, stored};
use crate::clock::{Timestamp, now};
use crate::events::Event;
use crate::origin;
use crate::store::{AuditEntry, Change, Statement};
use crate::values;

/// The copy that is being changed.
pub struct Draft {
    pub record: Record,
    pub now: Timestamp,
    /// Written in the same transaction.
    pub statements: Vec<Statement>,
    pub audit: Vec<AuditEntry>,
    /// Told before everything else that follows, once it is written.
    pub announce: Option<LiveEffect>,
    /// Told to the consoles of those who see the session, after the session itself.
    pub news: Vec<Event>,
}

impl Draft {
    pub fn session(&mut self) -> &mut Session {
        &mut self.record.session
    }
}

/// What was committed.
pub struct Done<T> {
    pub value: T,
    pub record: Arc<Record>,
}

impl Desk {
    /// Changes a session through `act`. When this returns `Ok`, the change is on the disk; when `act` refuses, nothing happened.
    /// Runs to its end even if the caller is dropped.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        entry: Arc<Entry>,
        act: impl FnOnce(&mut Draft) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<Done<T>, DeskError> {
        let desk = self.clone();
        let task = tokio::spawn(origin::carried(async move {
            desk.change_in_turn(&entry, act).await
        }));
        match task.await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn change_in_turn<T>(
        &self,
        entry: &Arc<Entry>,
        act: impl FnOnce(&mut Draft) -> Result<T, DeskError>,
    ) -> Result<Done<T>, DeskError> {
        let _turn = entry.turn.lock().await;
        let before = entry.current();
        if before.facts().deleted_at.is_some() {
            return Err(NotAllowed::Deleted.into());
        }
        let mut draft = Draft {
            record: Record::clone(&before),
            now: now(),
            statements: Vec::new(),
            audit: Vec::new(),
            announce: None,
            news: Vec::new(),
        };
        let value = act(&mut draft)?;
        let mut effects = Vec::new();
        while let Some(effect) = draft.record.session.poll_effect() {
            effects.push(effect);
        }
        if archive::is_over(&draft.record) {
            // Nobody gets in with it, and another session may have it from now on.
            draft.record.invite.pin = None;
        }
        let annals = &mut draft.record.annals;
        annals
            .figures
            .note(draft.record.session.facts(), &effects, draft.now);
        let change = written(&before, &mut draft, &effects);
        if !change.statements.is_empty() || !change.audit.is_empty() {
            self.inner.store.write(change).await?;
        }
        let arrived = matches!(draft.announce, Some(LiveEffect::AgentArrives(..)));
        if let Some(announce) = draft.announce {
            self.tell(announce);
        }
        let record = Arc::new(draft.record);
        self.inner.archive.note(&record);
        self.inner.shelf.replace(entry, &before, &record);
        self.schedule(entry, &record);
        self.perform(&before, &record, &effects);
        self.keep_queue(&record, arrived);
        self.spread(&record, &draft.news);
        Ok(Done { value, record })
    }

    /// Puts a new session into memory after it was written.
    pub(super) async fn add(&self, mut record: Record) -> Result<Arc<Record>, DeskError> {
        let mut effects = Vec::new();
        while let Some(effect) = record.session.poll_effect() {
            effects.push(effect);
        }
        let annals = &mut record.annals;
        let facts = record.session.facts();
        annals.figures.note(facts, &effects, facts.created_at);
        let facts = record.facts();
        let id = facts.id.0;
        let mut change = Change::new()
            .run(
                "INSERT INTO sessions (id, channel_id, name, note, created_at, created_by, facts) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                values![
                    id,
                    facts.channel.0,
                    record.name.as_str(),
                    record.note.as_str(),
                    facts.created_at,
                    record.created_by.map(|technician| technician.0),
                    stored::to_json(facts)
                ],
            )
            .run(
                "INSERT INTO invites (session_id, token_hash, token_sealed) VALUES ($1, $2, $3)",
                values![
                    id,
                    record.invite.token_hash.as_str(),
                    record.invite.token_sealed.as_str()
                ],
            );
        change.statements.push(pin_statement(&record));
        if let Some(request) = &record.request {
            change = change.run(
                "INSERT INTO requests (session_id, call_id, call_name, key_hash, source, made_at, answers) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                values![
                    id,
                    request.call,
                    request.call_name.as_str(),
                    request.key_hash.as_str(),
                    request.source.as_str(),
                    request.made_at,
                    serde_json::to_string(&request.answers).expect("plain data is always JSON")
                ],
            );
        }
        change.statements.extend(figures::statement(None, &record));
        change.audit = audit::entries(&record, &effects, facts.created_at);
        self.inner.store.write(change).await?;
        let entry = self.inner.shelf.insert(record);
        let record = entry.current();
        self.schedule(&entry, &record);
        self.publish(None, &record);
        self.keep_queue(&record, false);
        Ok(record)
    }
}

/// What has to be written for the step from `before` to the draft.
fn written(before: &Record, draft: &mut Draft, effects: &[Effect]) -> Change {
    let after = &draft.record;
    let id = after.id().0;
    let mut change = Change {
        statements: std::mem::take(&mut draft.statements),
        audit: std::mem::take(&mut draft.audit),
    };
    change
        .audit
        .extend(audit::entries(after, effects, draft.now));
    let named = before.name != after.name || before.note != after.note;
    if before.facts() != after.facts() || named || before.device != after.device {
        let facts = after.facts();
        let device = after.device.as_ref();
        let device = device.and_then(|device| serde_json::to_string(device).ok());
        change = change.run_once(
            "UPDATE sessions SET channel_id = $2, name = $3, note = $4, facts = $5, device = $6, \
             deleted_at = $7 WHERE id = $1",
            values![
                id,
                facts.channel.0,
                after.name.as_str(),
                after.note.as_str(),
                stored::to_json(facts),
                device,
                facts.deleted_at
            ],
        );
    }
    change
        .statements
        .extend(figures::statement(Some(before), after));
    change.statements.extend(archive::statements(before, after));
    if before.invite != after.invite {
        change.statements.push(pin_statement(after));
    }
    if before.resume != after.resume {
        change = change.run(
            "DELETE FROM resume_tokens WHERE session_id = $1",
            values![id],
        );
        if let Some(resume) = &after.resume {
            change = change.run(
                "INSERT INTO resume_tokens (session_id, newest, before) VALUES ($1, $2, $3)",
                values![id, resume.newest.as_str(), resume.before.as_deref()],
            );
        }
    }
    change
}

fn pin_statement(record: &Record) -> Statement {
    let pin = record.invite.pin.as_ref();
    Statement::exactly_one(
        "UPDATE invites SET pin_hash = $2, pin_sealed = $3, pin_expires_at = $4 WHERE session_id = $1",
        values![
            record.id().0,
            pin.map(|pin| pin.hash.as_str()),
            pin.map(|pin| pin.sealed.as_str()),
            pin.map(|pin| pin.expires_at)
        ],
    )
}
