//! The deadlines: unanswered questions, pauses after a rejection, a lost agent, the expiration.

use mayday_protocol::Slot;
use mayday_protocol::control::EndReason;

use super::Session;
use super::effect::{By, What};
use super::facts::{Member, Presence, RESUME};
use crate::time::Timestamp;

impl Session {
    /// Handles every deadline that has passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let _ = self.step(now, |_| Ok(()));
    }

    /// When [`Session::handle_timeout`] must be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let asks = self.facts.members.iter().filter_map(|one| one.ask);
        let pauses = self
            .facts
            .rejections
            .iter()
            .filter_map(|one| one.pause_until);
        asks.map(|ask| ask.until)
            .chain(pauses)
            .chain(self.facts.request.map(|request| request.until))
            .chain(self.resume_until())
            .chain(self.expiration())
            .min()
    }

    /// In the order of time, so that one late call comes to the same as many punctual ones.
    pub(super) fn pass_deadlines(&mut self, now: Timestamp) {
        while let Some(at) = self.poll_timeout().filter(|&at| at <= now) {
            self.end_pauses(at);
            self.reject_unanswered(at);
            self.end_request(at);
            self.give_up_lost_agent(at);
            self.expire(at, now);
        }
    }

    fn end_pauses(&mut self, at: Timestamp) {
        for one in &mut self.facts.rejections {
            one.pause_until = one.pause_until.filter(|&until| at < until);
        }
    }

    fn reject_unanswered(&mut self, at: Timestamp) {
        for slot in Slot::ALL {
            let pending = self.facts.member(slot).and_then(|member| member.ask);
            if pending.is_some_and(|pending| pending.until <= at) {
                self.unanswered(slot, By::Time, at);
            }
        }
    }

    fn give_up_lost_agent(&mut self, at: Timestamp) {
        if self.resume_until().is_some_and(|until| until <= at) {
            self.facts.agent = Presence::Left { chosen: false, at };
            self.forget_consent(By::Time);
            self.happened(By::Time, What::AgentGivenUp);
        }
    }

    /// Ends what is left of the session's connections once it has expired.
    fn expire(&mut self, at: Timestamp, now: Timestamp) {
        if self.expiration().is_some_and(|expires_at| expires_at <= at) {
            self.happened(By::Time, What::Expired);
            self.end_connections(EndReason::Expired, By::Time, now);
            self.facts.expiry_seen = Some(self.facts.expires_at);
        }
    }

    fn resume_until(&self) -> Option<Timestamp> {
        match self.facts.agent {
            Presence::Lost { since, .. } => Some(since.after(RESUME)),
            Presence::Never | Presence::Here { .. } | Presence::Left { .. } => None,
        }
    }

    /// The expiration that has still to take effect: not while somebody is connected, a live connection is never cut.
    fn expiration(&self) -> Option<Timestamp> {
        let connected = |member: &Member| member.viewer.is_some() && member.grant.is_some();
        let facts = &self.facts;
        let live = facts.members.iter().any(connected);
        (!facts.is_over() && !live).then_some(facts.expires_at)
    }
}
