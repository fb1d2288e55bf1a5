//! What technicians do through the console. Every rule is the session crate's; here it is found, called and made durable.

use std::sync::Arc;
use std::time::Duration;

use mayday_protocol::control::Rights;
use mayday_protocol::limits::TEXT_CHARS;
use mayday_protocol::{AskId, SessionId, TechnicianId};
use mayday_session::ChannelId;
use mayday_session::desk::{Command, EXPIRATION_MAX, EXPIRATION_MIN, NotAllowed, Session};
use mayday_session::permission::{Action, Denied, Permission};
use mayday_session::verification::{Verification, VerificationCode, VerificationMode};

use super::annals::Annals;
use super::record::{Entry, Record};
use super::transition::Draft;
use super::{Desk, DeskError, sees};
use crate::accounts::clean_name;
use crate::clock::now;
use crate::directory::{self, Account, Channel, Snapshot};
use crate::secrets::{random, random_id};
use crate::store::AuditEntry;

/// What a technician fills in.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub name: String,
    pub note: String,
    /// `None`: the default channel.
    pub channel: Option<u64>,
}

impl Desk {
    /// The session, if it exists for `me`.
    ///
    /// # Errors
    /// `NotFound` alike for one that never was and one that `me` may not see.
    pub async fn find(&self, me: &Account, id: SessionId) -> Result<Arc<Record>, DeskError> {
        Ok(self.entry_for(me, id).await?.current())
    }

    pub(super) async fn entry_for(
        &self,
        me: &Account,
        id: SessionId,
    ) -> Result<Arc<Entry>, DeskError> {
        let entry = self.entry(id).await?.ok_or(DeskError::NotFound)?;
        let snapshot = self.inner.directory.now();
        if sees(&entry.current(), &snapshot, me, now()) {
            Ok(entry)
        } else {
            Err(DeskError::NotFound)
        }
    }

    /// Makes a session with link and PIN, assigned to `me`. Gives the link and the PIN in clear.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn create(
        &self,
        me: &Account,
        new: NewSession,
    ) -> Result<(Arc<Record>, String, String), DeskError> {
        let (name, note) = (session_name(&new.name)?, session_note(&new.note)?);
        let channel = self.channel_for_new(me, new.channel)?;
        let at = now();
        let open = self.open_sessions();
        if open.get(&channel.id).copied().unwrap_or(0) >= channel.max_open_sessions {
            return Err(DeskError::ChannelFull);
        }
        let id = SessionId(random_id());
        let creator = TechnicianId(me.id);
        let expiration = Duration::from_secs(channel.expiration_s.into());
        let session = Session::new(id, ChannelId(channel.id), Some(creator), expiration, at);
        let (pin, pin_clear) = self.fresh_pin(id, &channel, at);
        let (mut invite, token) = self.fresh_invite(id);
        let pin_hash = pin.hash.clone();
        invite.pin = Some(pin);
        let record = Record {
            session,
            name,
            note,
            created_by: Some(creator),
            device: None,
            invite,
            resume: None,
            request: None,
            annals: Annals::default(),
        };
        let desk = self.clone();
        // Runs to its end even if the browser goes away meanwhile.
        let added = tokio::spawn(crate::origin::carried(
            async move { desk.add(record).await },
        ))
        .await;
        match added {
            Ok(Ok(record)) => Ok((record, self.link(&token), pin_clear)),
            Ok(Err(error)) => {
                self.inner.shelf.free_pin(&pin_hash, id);
                Err(error)
            }
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Does one of the session crate's commands.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn command(
        &self,
        me: &Account,
        id: SessionId,
        command: Command,
    ) -> Result<Arc<Record>, DeskError> {
        let entry = self.entry_for(me, id).await?;
        let (directory, me) = (self.inner.directory.clone(), me.clone());
        let done = self.change(entry, move |draft| {
            let actor = draft.record.actor(&directory.now(), &me);
            let now = draft.now;
            Ok(draft.session().handle_command(actor, command, now)?)
        });
        Ok(done.await?.record)
    }

    /// Asks the end user for `rights`, or for the channel's default.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn ask(
        &self,
        me: &Account,
        id: SessionId,
        rights: Option<Rights>,
    ) -> Result<Arc<Record>, DeskError> {
        let record = self.find(me, id).await?;
        let snapshot = self.inner.directory.now();
        let channel = snapshot.channel(record.facts().channel.0);
        let default = channel.map_or(Rights::VIEW, |channel| channel.default_rights);
        let command = Command::Ask {
            ask: AskId(random_id()),
            rights: rights.unwrap_or(default),
            verification: channel.and_then(fresh_verification),
        };
        self.command(me, id, command).await
    }

    /// Makes a session last longer, an expired one too.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn extend(
        &self,
        me: &Account,
        id: SessionId,
        seconds: u32,
    ) -> Result<Arc<Record>, DeskError> {
        let by = Duration::from_secs(seconds.into());
        if !(EXPIRATION_MIN..=EXPIRATION_MAX).contains(&by) {
            return Err(DeskError::Invalid {
                field: "seconds",
                message: "a session is extended by 60 to 604800 seconds",
            });
        }
        let entry = self.entry_for(me, id).await?;
        let (directory, me) = (self.inner.directory.clone(), me.clone());
        let extended = self.change(entry, move |draft| {
            let (snapshot, now) = (directory.now(), draft.now);
            let actor = draft.record.actor(&snapshot, &me);
            let session = draft.session();
            session.handle_command(actor, Command::Extend { by }, now)?;
            // Who left the desk meanwhile was not taken out of a session that was over.
            for member in session.facts().members.clone() {
                let account = snapshot.account(member.technician.0);
                if account.is_none_or(|account| account.disabled) {
                    session.handle_technician_gone(member.technician, now);
                }
            }
            Ok(())
        });
        Ok(extended.await?.record)
    }

    /// Changes name and note.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn edit(
        &self,
        me: &Account,
        id: SessionId,
        name: Option<&str>,
        note: Option<&str>,
    ) -> Result<Arc<Record>, DeskError> {
        let name = name.map(session_name).transpose()?;
        let note = note.map(session_note).transpose()?;
        let entry = self.entry_for(me, id).await?;
        let (directory, me) = (self.inner.directory.clone(), me.clone());
        let done = self.change(entry, move |draft| {
            let actor = draft.record.actor(&directory.now(), &me);
            let session = &draft.record.session;
            session.allowed_now(actor, Action::Edit, draft.now)?;
            draft.record.name = name.unwrap_or_else(|| draft.record.name.clone());
            draft.record.note = note.unwrap_or_else(|| draft.record.note.clone());
            draft.audit.push(by(&me, "edited", draft));
            Ok(())
        });
        Ok(done.await?.record)
    }

    /// Gives a session to another technician, who must be able to sign in.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn command_about(
        &self,
        me: &Account,
        id: SessionId,
        technician: u64,
        command: impl FnOnce(TechnicianId) -> Command,
    ) -> Result<Arc<Record>, DeskError> {
        let snapshot = self.inner.directory.now();
        let account = snapshot.account(technician);
        let usable = account.filter(|account| account.set_up && !account.disabled);
        let technician = usable.ok_or(DeskError::NoTechnician)?.id;
        self.command(me, id, command(TechnicianId(technician)))
            .await
    }

    /// Moves a session to another channel.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn move_to(
        &self,
        me: &Account,
        id: SessionId,
        channel: u64,
    ) -> Result<Arc<Record>, DeskError> {
        let entry = self.entry_for(me, id).await?;
        let (desk, me) = (self.clone(), me.clone());
        let moved = self.change(entry, move |draft| {
            let snapshot = desk.inner.directory.now();
            let actor = draft.record.actor(&snapshot, &me);
            let now = draft.now;
            // Who may not move it learns nothing of the other channel.
            let session = draft.session();
            session.allowed_now(actor, Action::TransferChannel, now)?;
            let there = snapshot
                .channel(channel)
                .filter(|one| snapshot.sees(&me, one));
            let there = there.ok_or(NotAllowed::NoAccessToChannel)?;
            let command = Command::TransferChannel {
                channel: ChannelId(channel),
                there: snapshot.permissions(&me, there),
            };
            session.handle_command(actor, command, now)?;
            let open = desk.open_sessions().get(&channel).copied();
            let counts = draft.record.is_open(now);
            if counts && open.unwrap_or(0) >= there.max_open_sessions {
                return Err(DeskError::ChannelFull);
            }
            Ok(())
        });
        Ok(moved.await?.record)
    }

    /// Moves all sessions of a channel that is about to be removed to the default channel, those that are over too.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn move_all(&self, me: &Account, channel: &Channel) -> Result<(), DeskError> {
        let home = ChannelId(self.inner.directory.now().default_channel().id);
        let from = ChannelId(channel.id);
        let mut entries = self.inner.shelf.all();
        entries.retain(|entry| entry.current().facts().channel == from);
        for id in self.archived_in(channel.id).await? {
            entries.extend(self.entry(id).await?);
        }
        for entry in entries {
            let me = me.clone();
            let moved = self.change(entry, move |draft| {
                let mut facts = draft.record.facts().clone();
                facts.channel = home;
                draft.record.session = Session::from_facts(facts);
                let mut entry = by(&me, "moved", draft);
                entry.detail = format!("channel:{} channel:{}", from.0, home.0);
                draft.audit.push(entry);
                Ok(())
            });
            match moved.await {
                Ok(_) | Err(DeskError::NotAllowed(NotAllowed::Deleted)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// An account was disabled or removed: its parts in all sessions end.
    pub async fn technician_left(&self, account: u64) {
        let technician = TechnicianId(account);
        for entry in self.inner.shelf.all() {
            let record = entry.current();
            if record.facts().member_of(technician).is_none() {
                continue;
            }
            let left = self.change_if_there(record.id(), move |draft| {
                let now = draft.now;
                draft.session().handle_technician_gone(technician, now);
                Ok(())
            });
            left.await;
        }
    }

    /// Who may do what has changed: what technicians of open sessions may not do any more ends.
    pub async fn access_changed(&self, before: &Snapshot, after: &Snapshot) {
        for entry in self.inner.shelf.all() {
            let record = entry.current();
            for member in record.facts().members.clone() {
                let id = member.technician.0;
                let (Some(was), Some(is)) = (before.account(id), after.account(id)) else {
                    continue;
                };
                let actor = record.actor(after, is);
                if record.actor(before, was) == actor {
                    continue;
                }
                let changed = self.change_if_there(record.id(), move |draft| {
                    let now = draft.now;
                    draft.session().handle_permissions(actor, now);
                    Ok(())
                });
                changed.await;
            }
        }
    }

    pub(super) fn channel_for_new(
        &self,
        me: &Account,
        id: Option<u64>,
    ) -> Result<Channel, DeskError> {
        let snapshot = self.inner.directory.now();
        let channel = match id {
            Some(id) => snapshot.channel(id).filter(|one| snapshot.sees(me, one)),
            None => Some(snapshot.default_channel()),
        };
        let channel = channel.ok_or(DeskError::Invalid {
            field: "channel_id",
            message: "this channel does not exist",
        })?;
        let needed = Permission::SessionCreate;
        if snapshot.permissions(me, channel).contains(needed) {
            Ok(channel.clone())
        } else {
            Err(NotAllowed::Denied(Denied::Missing(needed)).into())
        }
    }
}

/// A code for one question, where the channel wants it.
fn fresh_verification(channel: &Channel) -> Option<Verification> {
    let mode = match channel.verification {
        directory::Verification::Off => return None,
        directory::Verification::Compare => VerificationMode::Compare,
        directory::Verification::Type => VerificationMode::Type,
    };
    loop {
        let drawn = VerificationCode::from_random(u16::from_be_bytes(random()));
        if let Some(code) = drawn {
            return Some(Verification { mode, code });
        }
    }
}

/// Something that the session crate does not know as a happening.
pub(super) fn by(me: &Account, action: &'static str, draft: &Draft) -> AuditEntry {
    AuditEntry {
        at: draft.now,
        actor: format!("technician:{}", me.id),
        action,
        session: Some(draft.record.id().0),
        detail: String::new(),
    }
}

fn session_name(name: &str) -> Result<String, DeskError> {
    clean_name(name).ok_or(DeskError::Invalid {
        field: "name",
        message: "a name has 1 to 64 characters",
    })
}

fn session_note(note: &str) -> Result<String, DeskError> {
    if note.chars().count() > TEXT_CHARS {
        return Err(DeskError::Invalid {
            field: "note",
            message: "a note has at most 2000 characters",
        });
    }
    Ok(note.trim().to_owned())
}
