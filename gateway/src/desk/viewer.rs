//! What technicians' viewers say, and the one-time tickets that let them in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// The hash of the sign-in that it came from: it is worth nothing without that.
    sign_in: Arc<str>,
    /// `None` as long as the viewer that may come back with it is there.
    expires_at: Option<Timestamp>,
    is_resume: bool,
}

impl Ticket {
    fn is_valid(&self, at: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > at)
    }

    fn resumes(&self, session: SessionId, technician: TechnicianId) -> bool {
        self.is_resume && self.session == session && self.technician == technician
    }
}

impl Tickets {
    fn make(&self, session: SessionId, technician: TechnicianId, sign_in: &str) -> String {
        let (token, at) = (random_token(), now());
        let mut tickets = self.lock();
        tickets.retain(|_, ticket| ticket.is_valid(at));
        let ticket = Ticket {
            session,
            technician,
            sign_in: sign_in.into(),
            expires_at: Some(Timestamp(at.0 + VALID_MS)),
            is_resume: false,
        };
        tickets.insert(token_hash(&token), ticket);
        token
    }

    /// What a viewer that is let in now may come back with; what an earlier one of this technician had is worth nothing any more.
    fn make_resume(&self, used: &Ticket) -> String {
        let token = random_token();
        let mut tickets = self.lock();
        tickets.retain(|_, ticket| !ticket.resumes(used.session, used.technician));
        let ticket = Ticket {
            session: used.session,
            technician: used.technician,
            sign_in: Arc::clone(&used.sign_in),
            expires_at: None,
            is_resume: true,
        };
        tickets.insert(token_hash(&token), ticket);
        token
    }

    /// The viewer is missed: from now on it has this long to come back.
    fn start_resume(&self, session: SessionId, technician: TechnicianId) {
        let end = Timestamp(now().0 + VALID_MS);
        for ticket in self.lock().values_mut() {
            if ticket.resumes(session, technician) {
                ticket.expires_at.get_or_insert(end);
            }
        }
    }

    /// The viewer left of its own accord.
    fn end_resume(&self, session: SessionId, technician: TechnicianId) {
        self.lock()
            .retain(|_, ticket| !ticket.resumes(session, technician));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Ticket>> {
        self.by_hash.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody uses the tickets of `technician` any more.
    fn forget(&self, technician: TechnicianId) {
        self.lock()
            .retain(|_, ticket| ticket.technician != technician);
    }

    /// Nobody uses the tickets of this sign-in any more. Gives whose viewers it had let in.
    fn forget_sign_in(&self, sign_in: &str) -> Vec<(SessionId, TechnicianId)> {
        let mut there = Vec::new();
        self.lock().retain(|_, ticket| {
            let of_it = *ticket.sign_in == *sign_in;
            if of_it && ticket.is_resume && ticket.expires_at.is_none() {
                there.push((ticket.session, ticket.technician));
            }
            !of_it
        });
        there
    }

    fn knows(&self, token: &str) -> bool {
        self.lock().contains_key(&token_hash(token))
    }

    fn use_up(&self, token: &str) -> Option<Ticket> {
        let ticket = self.lock().remove(&token_hash(token))?;
        ticket.is_valid(now()).then_some(ticket)
    }
}

impl Desk {
    /// A ticket for `me` to connect a viewer, as long as the sign-in holds.
    ///
    /// # Errors
    /// When the session's rules do not let them connect now.
    pub async fn ticket(
        &self,
        me: &Account,
        session: SessionId,
        sign_in: &str,
    ) -> Result<String, DeskError> {
        let entry = self.entry_for(me, session).await?;
        let record = entry.current();
        let actor = record.actor(&self.inner.directory.now(), me);
        record.session.allowed_now(actor, Action::Connect, now())?;
        let tickets = &self.inner.tickets;
        Ok(tickets.make(session, actor.technician, sign_in))
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
            self.end_viewer(record.id(), technician).await;
        }
    }

    /// One sign-in ended, by its owner or by time: the viewers that it let in end.
    pub async fn sign_in_ended(&self, sign_in: &str) {
        for (session, technician) in self.inner.tickets.forget_sign_in(sign_in) {
            self.end_viewer(session, technician).await;
        }
    }

    async fn end_viewer(&self, id: SessionId, technician: TechnicianId) {
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

    pub(super) async fn let_viewer_in(&self, token: &str) -> Result<ViewerJoined, Refusal> {
        let ticket = self.inner.tickets.use_up(token).ok_or(Refusal::Ticket {})?;
        let entry = self.inner.shelf.get(ticket.session);
        let entry: Arc<Entry> = entry.ok_or(Refusal::Over {})?;
        let stay = self.next_stay();
        let (session, technician) = (ticket.session, ticket.technician);
        let resume = self.inner.tickets.make_resume(&ticket);
        let joined = self.change(entry, move |draft| {
            let now = draft.now;
            let member = draft.record.facts().member_of(technician);
            let slot = member.ok_or(NotAllowed::NotMember)?.slot;
            draft.session().handle_viewer_connected(slot, now)?;
            draft.announce = Some(LiveEffect::ViewerArrives(session, slot, stay));
            Ok(slot)
        });
        let joined = joined.await;
        // The sign-in ended in this moment.
        if joined.is_ok() && !self.inner.tickets.knows(&resume) {
            self.end_viewer(session, technician).await;
            return Err(Refusal::Ticket {});
        }
        match joined {
            Ok(done) => Ok(ViewerJoined {
                session,
                slot: done.value,
                stay,
                technician,
                name: done.record.name.clone(),
                resume,
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
            FromTechnician::Bye {} => {
                self.inner.tickets.end_resume(session, technician);
                self.lose_viewer(session, slot, technician).await;
            }
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
        self.inner.tickets.start_resume(session, technician);
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
