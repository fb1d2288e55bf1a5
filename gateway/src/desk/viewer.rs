//! What technicians' viewers say, and the one-time tickets that let them in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mayday_protocol::control::{EndReason, FromTechnician, Refusal};
use mayday_protocol::{SessionId, Slot, TechnicianId};
use mayday_session::desk::NotAllowed;
use mayday_session::permission::Action;

use super::record::Entry;
use super::transition::Draft;
use super::{Desk, DeskError, LiveEffect, ViewerJoined};
use crate::clock::{Timestamp, now};
use crate::directory::Account;
use crate::secrets::{random_token, token_hash};

const VALID_MS: u64 = 60_000;

/// In memory only: after a restart a technician gets a new one.
#[derive(Default)]
pub struct Tickets {
    by_hash: Mutex<HashMap<String, Ticket>>,
}

struct Ticket {
    session: SessionId,
    technician: TechnicianId,
    expires_at: Timestamp,
}

impl Tickets {
    fn make(&self, session: SessionId, technician: TechnicianId) -> String {
        let (token, at) = (random_token(), now());
        let mut tickets = self.by_hash.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, ticket| ticket.expires_at > at);
        let ticket = Ticket {
            session,
            technician,
            expires_at: Timestamp(at.0 + VALID_MS),
        };
        tickets.insert(token_hash(&token), ticket);
        token
    }

    /// Nobody uses the tickets of `technician` any more.
    fn forget(&self, technician: TechnicianId) {
        let mut tickets = self.by_hash.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, ticket| ticket.technician != technician);
    }

    fn use_up(&self, token: &str) -> Option<Ticket> {
        let mut tickets = self.by_hash.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = tickets.remove(&token_hash(token))?;
        (ticket.expires_at > now()).then_some(ticket)
    }
}

impl Desk {
    /// A ticket for `me` to connect a viewer.
    ///
    /// # Errors
    /// When the session's rules do not let them connect now.
    pub fn ticket(&self, me: &Account, session: SessionId) -> Result<String, DeskError> {
        let entry = self.entry_for(me, session)?;
        let record = entry.current();
        let actor = record.actor(&self.inner.directory.now(), me);
        record.session.allowed_now(actor, Action::Connect, now())?;
        Ok(self.inner.tickets.make(session, actor.technician))
    }

    /// Sign-ins of `account` ended: what they opened ends too. Grants stay; a viewer whose sign-in holds comes back at once with a
    /// new ticket.
    pub async fn sign_ins_ended(&self, account: u64) {
        let technician = TechnicianId(account);
        self.inner.tickets.forget(technician);
        for entry in self.inner.shelf.all() {
            let record = entry.current();
            if record.facts().member_of(technician).is_none() {
                continue;
            }
            let id = record.id();
            let ended = self.change_if_there(id, move |draft| {
                let now = draft.now;
                let member = draft.record.facts().member_of(technician);
                let slot = member.ok_or(NotAllowed::NotMember)?.slot;
                draft.session().handle_viewer_disconnected(slot, now);
                draft.announce = Some(LiveEffect::EndViewer(id, slot, EndReason::Restart));
                Ok(())
            });
            ended.await;
        }
    }

    pub(super) async fn let_viewer_in(&self, token: &str) -> Result<ViewerJoined, Refusal> {
        let ticket = self.inner.tickets.use_up(token).ok_or(Refusal::Ticket {})?;
        let entry = self.inner.shelf.get(ticket.session);
        let entry: Arc<Entry> = entry.ok_or(Refusal::Over {})?;
        let stay = self.next_stay();
        let joined = self.change(entry, move |draft| {
            let now = draft.now;
            let member = draft.record.facts().member_of(ticket.technician);
            let slot = member.ok_or(NotAllowed::NotMember)?.slot;
            draft.session().handle_viewer_connected(slot, now)?;
            draft.announce = Some(LiveEffect::ViewerArrives(ticket.session, slot, stay));
            Ok(slot)
        });
        match joined.await {
            Ok(done) => Ok(ViewerJoined {
                session: ticket.session,
                slot: done.value,
                stay,
                technician: ticket.technician,
                name: done.record.name.clone(),
            }),
            Err(DeskError::NotAllowed(
                NotAllowed::Closed | NotAllowed::Expired | NotAllowed::Deleted,
            )) => Err(Refusal::Over {}),
            Err(DeskError::NotAllowed(_)) => Err(Refusal::Ticket {}),
            Err(error) => {
                tracing::error!(%error, "a viewer could not be let in");
                Err(Refusal::Busy {})
            }
        }
    }

    pub(super) async fn hear_viewer(
        &self,
        session: SessionId,
        slot: Slot,
        technician: TechnicianId,
        message: FromTechnician,
    ) {
        match message {
            FromTechnician::Controller { slot: to } => {
                let heard = self.change_if_there(session, move |draft| {
                    let now = draft.now;
                    is_theirs(draft, slot, technician)?;
                    Ok(draft.session().handle_controller(slot, to, now)?)
                });
                heard.await;
            }
            FromTechnician::Bye {} => self.lose_viewer(session, slot, technician).await,
            // A hello in the middle, or something from a later version.
            FromTechnician::Hello { .. } | FromTechnician::Unknown => {}
        }
    }

    pub(super) async fn lose_viewer(
        &self,
        session: SessionId,
        slot: Slot,
        technician: TechnicianId,
    ) {
        let lost = self.change_if_there(session, move |draft| {
            let now = draft.now;
            is_theirs(draft, slot, technician)?;
            draft.session().handle_viewer_disconnected(slot, now);
            Ok(())
        });
        lost.await;
    }
}

/// A slot that was given to somebody else hears nothing of who had it before.
fn is_theirs(draft: &Draft, slot: Slot, technician: TechnicianId) -> Result<(), NotAllowed> {
    let member = draft.record.facts().member(slot);
    let theirs = member.is_some_and(|member| member.technician == technician);
    theirs.then_some(()).ok_or(NotAllowed::NotMember)
}
