//! The life of one session at the desk. Owns who may ask and what the desk remembers of the end user's grants; the agent's
//! consent decides what is allowed. Knows no storage, no connections and no clock.

mod agent;
mod asking;
mod baton;
mod command;
mod effect;
mod ending;
mod facts;
mod granting;
mod members;
mod refusal;
mod status;
mod timeout;
mod viewer;

#[cfg(test)]
mod ask_tests;
#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
#[cfg(test)]
mod random;
#[cfg(test)]
mod request_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk;

use std::collections::VecDeque;
use std::time::Duration;

use mayday_protocol::{SessionId, TechnicianId};

pub use agent::Arrival;
pub use asking::asking;
pub use baton::{ANSWERING, Baton};
pub use command::{Actor, Command};
pub use effect::{By, Effect, Happening, What};
pub use facts::{
    ASKING, ClosedBy, Closing, ControlRequest, EXPIRATION_MAX, EXPIRATION_MIN, Facts, Member, Part,
    PendingAsk, Presence, REJECT_PAUSE, REJECTS_IN_A_ROW, RESUME, Rejections,
};
pub use refusal::NotAllowed;
pub use status::{AskAgain, Consent, Stage, Status, SubState};

use crate::time::{ChannelId, Timestamp};

/// One support case: facts, and what follows from each event.
///
/// Every `handle_*` first handles the deadlines that have passed. A refused event changes nothing else.
/// After each, perform what [`Session::poll_effect`] gives, and call [`Session::handle_timeout`] at [`Session::poll_timeout`].
#[derive(Clone, Debug)]
pub struct Session {
    facts: Facts,
    effects: VecDeque<Effect>,
}

impl Session {
    /// A new session, assigned to its creator; nobody is assigned when `creator` is `None` (an SOS Call).
    #[must_use]
    pub fn new(
        id: SessionId,
        channel: ChannelId,
        creator: Option<TechnicianId>,
        expiration: Duration,
        now: Timestamp,
    ) -> Self {
        let facts = Facts {
            id,
            channel,
            created_at: now,
            expires_at: now.after(expiration.clamp(EXPIRATION_MIN, EXPIRATION_MAX)),
            agent: Presence::Never,
            members: Vec::new(),
            controller: None,
            queued_at: creator.is_none().then_some(now),
            request: None,
            rejections: Vec::new(),
            expiry_seen: None,
            closing: None,
            deleted_at: None,
        };
        let mut session = Self::from_facts(facts);
        let by = creator.map_or(By::EndUser, By::Technician);
        if let Some(technician) = creator {
            session.seat(technician, Part::Assigned);
        }
        session.happened(by, What::Created);
        session.effects.push_back(Effect::Changed);
        session
    }

    /// A session as it was stored. After a restart of the gateway, pass [`Facts::after_restart`].
    #[must_use]
    pub fn from_facts(facts: Facts) -> Self {
        Self {
            facts,
            effects: VecDeque::new(),
        }
    }

    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        self.facts.status(now)
    }

    #[must_use]
    pub fn sub_state(&self, now: Timestamp) -> SubState {
        self.facts.sub_state(now)
    }

    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Handles the passed deadlines, then `event`; says once that something changed, if it did.
    fn step<T>(
        &mut self,
        now: Timestamp,
        event: impl FnOnce(&mut Self) -> Result<T, NotAllowed>,
    ) -> Result<T, NotAllowed> {
        let before = self.facts.clone();
        self.pass_deadlines(now);
        let result = event(self);
        // A viewer that goes, or a withdrawn grant, may let the expiration take effect at once.
        self.pass_deadlines(now);
        self.note_queue(now);
        if self.facts != before {
            self.effects.push_back(Effect::Changed);
        }
        result
    }

    /// Since when nobody is assigned, if nobody is.
    fn note_queue(&mut self, now: Timestamp) {
        let since = self.facts.queued_at.unwrap_or(now);
        self.facts.queued_at = self.facts.assigned().is_none().then_some(since);
    }

    fn happened(&mut self, by: By, what: What) {
        self.effects
            .push_back(Effect::Happened(Happening { by, what }));
    }

    /// Refuses whatever needs a session that goes on.
    fn open(&self, now: Timestamp) -> Result<(), NotAllowed> {
        if self.facts.deleted_at.is_some() {
            return Err(NotAllowed::Deleted);
        }
        match self.status(now) {
            Status::Waiting | Status::Active | Status::InQueue => Ok(()),
            Status::Expired => Err(NotAllowed::Expired),
            Status::Closed => Err(NotAllowed::Closed),
        }
    }
}
