//! Who the technicians of a session are: taking, giving, inviting, and what ends with an account, a permission or a route. Who may do it
//! was checked before (`command`).

use mayday_protocol::control::Rights;
use mayday_protocol::{Slot, TechnicianId};

use super::command::Actor;
use super::effect::{By, Effect, What};
use super::facts::Part;
use super::{NotAllowed, Session};
use crate::permission::{Permission, Permissions};
use crate::time::{ChannelId, Timestamp};

impl Session {
    /// An account is disabled or deleted: its part ends, as if released.
    pub fn handle_technician_gone(&mut self, technician: TechnicianId, now: Timestamp) {
        let _ = self.step(now, |session| {
            session.open(now)?;
            match session.facts.member_of(technician).copied() {
                Some(member) if member.part == Part::Assigned => {
                    session.send_to_queue(technician, By::Desk);
                }
                Some(member) => {
                    session.happened(By::Desk, What::Removed { technician });
                    session.unseat(member.slot, By::Desk);
                }
                None => {}
            }
            Ok(())
        });
    }

    /// The channel's routing gives a session that nobody has to `technician`.
    ///
    /// # Errors
    /// When somebody has it, or it is over.
    pub fn handle_routed(
        &mut self,
        technician: TechnicianId,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        self.step(now, |session| {
            session.open(now)?;
            session.unassigned()?;
            session.assign(technician, By::Desk)
        })
    }

    /// What a technician may do in the session's channel is another: what they may not do any more ends.
    pub fn handle_permissions(&mut self, actor: Actor, now: Timestamp) {
        let _ = self.step(now, |session| {
            session.open(now)?;
            let slot = session.slot_of(actor.technician)?;
            let view = actor.permissions.contains(Permission::RemoteView);
            let control = view && actor.permissions.contains(Permission::RemoteControl);
            session.cap(slot, Rights { view, control }, By::Desk);
            Ok(())
        });
    }

    pub(super) fn take(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        self.seat(technician, Part::Assigned)
            .ok_or(NotAllowed::Full)?;
        self.happened(by, What::Taken);
        self.tell_assigned();
        Ok(())
    }

    pub(super) fn release(&mut self, actor: TechnicianId, by: By) -> Result<(), NotAllowed> {
        let own = self.facts.member_of(actor).copied();
        match own {
            Some(member) if member.part == Part::Invited => {
                self.happened(by, What::Released { technician: actor });
                self.unseat(member.slot, by);
            }
            Some(_) | None => {
                let assigned = self.assigned_slot()?;
                let technician = self.technician_in(assigned)?;
                self.send_to_queue(technician, by);
            }
        }
        Ok(())
    }

    /// Those whom the assigned technician invited go with them: in the queue a session has no technicians.
    fn send_to_queue(&mut self, technician: TechnicianId, by: By) {
        self.happened(by, What::Released { technician });
        for slot in Slot::ALL {
            self.unseat(slot, by);
        }
        self.tell_assigned();
    }

    pub(super) fn assign(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        self.replace_assigned(technician, by)?;
        self.happened(by, What::Assigned { technician });
        self.tell_assigned();
        Ok(())
    }

    pub(super) fn transfer(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        let from = self.technician_in(self.assigned_slot()?)?;
        self.replace_assigned(technician, by)?;
        let to = technician;
        self.happened(by, What::Transferred { from, to });
        self.tell_assigned();
        Ok(())
    }

    /// Somebody invited who becomes the assigned one keeps what the end user granted to them; nobody inherits anything.
    fn replace_assigned(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        let before = self.facts.assigned().map(|member| member.slot);
        let known = self.facts.member_of(technician).map(|member| member.slot);
        if before.is_some() && before == known {
            return Err(NotAllowed::AlreadyMember);
        }
        if let Some(slot) = before {
            self.unseat(slot, by);
        }
        match known.and_then(|slot| self.facts.member_mut(slot)) {
            Some(member) => member.part = Part::Assigned,
            None => {
                self.seat(technician, Part::Assigned)
                    .ok_or(NotAllowed::Full)?;
            }
        }
        Ok(())
    }

    pub(super) fn move_to(
        &mut self,
        channel: ChannelId,
        there: Permissions,
        by: By,
    ) -> Result<(), NotAllowed> {
        let from = self.facts.channel;
        if from == channel {
            return Err(NotAllowed::SameChannel);
        }
        if !there.contains(Permission::SessionCreate) {
            return Err(NotAllowed::NoAccessToChannel);
        }
        self.facts.channel = channel;
        self.happened(by, What::TransferredToChannel { from, to: channel });
        Ok(())
    }

    pub(super) fn invite(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        if self.facts.member_of(technician).is_some() {
            return Err(NotAllowed::AlreadyMember);
        }
        self.seat(technician, Part::Invited)
            .ok_or(NotAllowed::Full)?;
        self.happened(by, What::Invited { technician });
        Ok(())
    }

    pub(super) fn remove(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        let member = self.facts.member_of(technician).copied();
        let invited = member.filter(|one| one.part == Part::Invited);
        let slot = invited.ok_or(NotAllowed::NotMember)?.slot;
        self.happened(by, What::Removed { technician });
        self.unseat(slot, by);
        Ok(())
    }

    fn tell_assigned(&mut self) {
        if self.agent_told() {
            let technician = self.facts.assigned().map(|member| member.technician);
            self.effects.push_back(Effect::Assigned { technician });
        }
    }

    pub(super) fn unassigned(&self) -> Result<(), NotAllowed> {
        match self.facts.assigned() {
            Some(_) => Err(NotAllowed::AlreadyAssigned),
            None => Ok(()),
        }
    }

    pub(super) fn assigned_slot(&self) -> Result<Slot, NotAllowed> {
        let assigned = self.facts.assigned().ok_or(NotAllowed::NobodyAssigned)?;
        Ok(assigned.slot)
    }

    fn technician_in(&self, slot: Slot) -> Result<TechnicianId, NotAllowed> {
        let member = self.facts.member(slot).ok_or(NotAllowed::NotMember)?;
        Ok(member.technician)
    }
}
