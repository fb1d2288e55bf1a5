//! A technician's question to the end user: when it can be put, how long it waits, and that taking it back is no way around the
//! pauses. What comes of the answer is in `granting`.

use std::time::Duration;

use mayday_protocol::control::Rights;
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::command::Actor;
use super::effect::{By, Effect, What};
use super::facts::{ASKING, PendingAsk, Presence};
use super::status::AskAgain;
use super::{NotAllowed, Session};
use crate::permission::{Denied, Permission};
use crate::time::Timestamp;
use crate::verification::{self, Verification};

/// How long the end user has to answer.
#[must_use]
pub fn asking(verification: Option<Verification>) -> Duration {
    verification.map_or(ASKING, |_| verification::ANSWERING)
}

impl Session {
    pub(super) fn ask(
        &mut self,
        actor: Actor,
        ask: AskId,
        rights: Rights,
        verification: Option<Verification>,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        let slot = self.may_ask(actor, rights, now)?;
        if rights.control && !actor.permissions.contains(Permission::RemoteControl) {
            return Err(Denied::Missing(Permission::RemoteControl).into());
        }
        let technician = actor.technician;
        if let Some(member) = self.facts.member_mut(slot) {
            member.stopped = false;
            member.ask = Some(PendingAsk {
                ask,
                rights,
                until: now.after(asking(verification)),
                verification,
            });
        }
        self.happened(By::Technician(technician), What::Asked { rights });
        self.effects.push_back(Effect::Ask {
            ask,
            slot,
            technician,
            rights,
            verification,
        });
        Ok(())
    }

    pub(super) fn may_ask(
        &self,
        actor: Actor,
        rights: Rights,
        now: Timestamp,
    ) -> Result<Slot, NotAllowed> {
        let member = self
            .facts
            .member_of(actor.technician)
            .ok_or(NotAllowed::NotMember)?;
        if !matches!(self.facts.agent, Presence::Here { .. }) {
            return Err(NotAllowed::AgentNotHere);
        }
        if member.ask.is_some_and(|ask| now < ask.until) {
            return Err(NotAllowed::AlreadyAsking);
        }
        let had = member.grant.unwrap_or_default();
        if !rights.view || rights.and(had) == rights {
            return Err(NotAllowed::AlreadyGranted);
        }
        let rejections = self.facts.rejections_at(member, now);
        match rejections.map_or(AskAgain::Now, |one| one.again(now)) {
            AskAgain::Now => Ok(member.slot),
            AskAgain::From(until) => Err(NotAllowed::RejectPause { until }),
            AskAgain::OnlyInvited => Err(NotAllowed::OnlyInvited),
        }
    }

    /// Counts as a rejection, here and in the agent: the question disturbed the end user.
    pub(super) fn withdraw(
        &mut self,
        technician: TechnicianId,
        by: By,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        let slot = self.slot_of(technician)?;
        self.drop_ask(slot).ok_or(NotAllowed::NotAsking)?;
        self.count_rejection(slot, false, now);
        self.happened(by, What::Withdrawn);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::oracle::{ADA, BOB, Event, World};
    use crate::desk::{Arrival, Command, Consent};

    /// Whether the technician's question still waits after so many seconds. Bob's wants a code.
    fn waits_after(seconds: u64, technician: TechnicianId) -> bool {
        let mut world = World::new();
        world.does(Event::Joined(Arrival::Invited)).unwrap();
        let invited = Command::Invite { technician: BOB };
        world.does(Event::Command(ADA, invited)).unwrap();
        let ask = Command::Ask {
            ask: AskId(0),
            rights: Rights::VIEW,
            verification: None,
        };
        world.does(Event::Command(technician, ask)).unwrap();
        let slept = Event::Sleep(Duration::from_secs(seconds));
        world.does(slept).unwrap();
        let facts = world.session.facts();
        let slot = facts.member_of(technician).unwrap().slot;
        matches!(facts.consent(slot, world.now), Some(Consent::Asking { .. }))
    }

    #[test]
    fn a_question_waits_30_seconds_and_with_a_code_90() {
        assert!(waits_after(29, ADA) && !waits_after(30, ADA));
        assert!(waits_after(89, BOB) && !waits_after(90, BOB));
    }
}
