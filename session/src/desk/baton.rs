//! The controls as a baton: exactly one technician has them. Taken at once where nobody is disturbed, else asked for; the one who
//! has them answers, and silence means that they keep them.

use std::time::Duration;

use mayday_protocol::{Slot, TechnicianId};

use super::effect::{By, What};
use super::facts::{ControlRequest, Member, Part};
use super::{NotAllowed, Session};
use crate::time::Timestamp;

/// How long the one who has the controls has to answer.
pub const ANSWERING: Duration = Duration::from_secs(20);

/// What a technician does about the controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baton {
    /// Takes them, or asks for them when a connected technician has them.
    Take,
    /// Hands them over; also the answer yes.
    Give { technician: TechnicianId },
    /// The answer no.
    Keep,
    /// Asks no more.
    Unask,
}

impl Session {
    pub(super) fn baton(
        &mut self,
        actor: TechnicianId,
        baton: Baton,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        let slot = self.slot_of(actor)?;
        match baton {
            Baton::Take => self.take_controls(slot, now),
            Baton::Give { technician } => {
                let to = self.slot_of(technician)?;
                self.give_controls(slot, to)
            }
            Baton::Keep => {
                self.has_controls(slot)?;
                let request = self.facts.request.take().ok_or(NotAllowed::NobodyAsks)?;
                let to = self.facts.member(request.slot).map(|one| one.technician);
                self.happened(By::Technician(actor), What::ControlKept { from: to });
                Ok(())
            }
            Baton::Unask => {
                let own = self.facts.request.is_some_and(|one| one.slot == slot);
                own.then_some(()).ok_or(NotAllowed::NobodyAsks)?;
                self.facts.request = None;
                self.happened(By::Technician(actor), What::ControlUnasked);
                Ok(())
            }
        }
    }

    /// At once from nobody, from somebody whose viewer is not attached, and by the assigned technician; else it is a request.
    pub(super) fn take_controls(&mut self, slot: Slot, now: Timestamp) -> Result<(), NotAllowed> {
        let member = *self.facts.member(slot).ok_or(NotAllowed::NotMember)?;
        if !member.may_control() {
            return Err(NotAllowed::NoControl);
        }
        if self.facts.controller == Some(slot) {
            return Ok(());
        }
        let holder = self.facts.controller.and_then(|one| self.facts.member(one));
        let disturbs = holder.is_some_and(|one| one.viewer.is_some());
        let by = By::Technician(member.technician);
        if !disturbs || member.part == Part::Assigned {
            self.hand_controls(Some(slot), by);
            return Ok(());
        }
        match self.facts.request {
            Some(request) if request.slot == slot => Ok(()),
            Some(_) => Err(NotAllowed::SomebodyAsks),
            None => {
                let until = now.after(ANSWERING);
                self.facts.request = Some(ControlRequest { slot, until });
                self.happened(by, What::ControlAsked);
                Ok(())
            }
        }
    }

    pub(super) fn give_controls(&mut self, from: Slot, to: Slot) -> Result<(), NotAllowed> {
        self.has_controls(from)?;
        if !self.facts.member(to).is_some_and(Member::may_control) {
            return Err(NotAllowed::NoControl);
        }
        if from != to {
            let member = self.facts.member(from).ok_or(NotAllowed::NotMember)?;
            let by = By::Technician(member.technician);
            self.hand_controls(Some(to), by);
        }
        Ok(())
    }

    fn has_controls(&self, slot: Slot) -> Result<(), NotAllowed> {
        let has = self.facts.controller == Some(slot);
        has.then_some(()).ok_or(NotAllowed::NoControl)
    }

    /// A request ends with what it stands on: somebody connected who has the controls, and another who may have them. When the one
    /// who has them is not connected any more, nobody is left to answer: they pass on.
    pub(super) fn settle_request(&mut self, by: By) {
        let Some(request) = self.facts.request else {
            return;
        };
        let able = self.facts.member(request.slot);
        let able = able.is_some_and(Member::may_control);
        let holder = self.facts.controller.and_then(|one| self.facts.member(one));
        if !able || holder.is_none() || self.facts.controller == Some(request.slot) {
            self.facts.request = None;
        } else if holder.is_some_and(|one| one.viewer.is_none()) {
            self.hand_controls(Some(request.slot), by);
        }
    }

    /// Nobody answered: the controls stay where they are.
    pub(super) fn end_request(&mut self, at: Timestamp) {
        if let Some(request) = self.facts.request.filter(|one| one.until <= at) {
            self.facts.request = None;
            let from = self.facts.member(request.slot).map(|one| one.technician);
            self.happened(By::Time, What::ControlKept { from });
        }
    }
}

#[cfg(test)]
mod tests {
    use mayday_protocol::control::Rights;

    use super::*;
    use crate::desk::Command;
    use crate::desk::oracle::{ADA, BOB, Event, World};

    const FIRST: Slot = Slot::ALL[0];
    const SECOND: Slot = Slot::ALL[1];

    /// Ada is assigned, Bob invited; both are connected with control, and Ada has the controls.
    fn two() -> World {
        let mut world = World::connected(Rights::CONTROL);
        let invite = Command::Invite { technician: BOB };
        world.does(Event::Command(ADA, invite)).unwrap();
        world.grants(BOB, Rights::CONTROL);
        world.does(Event::Viewer(SECOND)).unwrap();
        world
    }

    fn does(world: &mut World, who: TechnicianId, baton: Baton) -> Result<(), NotAllowed> {
        let done = world.does(Event::Command(who, Command::Control { baton }));
        done.map(drop)
    }

    fn holder(world: &World) -> Option<Slot> {
        world.session.facts().controls(world.now)
    }

    fn request(world: &World) -> Option<Slot> {
        world.session.facts().request.map(|one| one.slot)
    }

    #[test]
    fn from_a_connected_technician_they_are_asked_for_and_given() {
        let mut world = two();
        does(&mut world, BOB, Baton::Take).unwrap();
        assert_eq!(
            (holder(&world), request(&world)),
            (Some(FIRST), Some(SECOND))
        );
        does(&mut world, BOB, Baton::Take).unwrap();
        does(&mut world, ADA, Baton::Give { technician: BOB }).unwrap();
        assert_eq!((holder(&world), request(&world)), (Some(SECOND), None));
    }

    #[test]
    fn no_and_silence_leave_them_where_they_are() {
        let mut world = two();
        does(&mut world, BOB, Baton::Take).unwrap();
        does(&mut world, ADA, Baton::Keep).unwrap();
        assert_eq!((holder(&world), request(&world)), (Some(FIRST), None));
        does(&mut world, BOB, Baton::Take).unwrap();
        world.sleeps(20);
        world.does(Event::Deadline).unwrap();
        assert_eq!((holder(&world), request(&world)), (Some(FIRST), None));
        does(&mut world, BOB, Baton::Take).unwrap();
        does(&mut world, BOB, Baton::Unask).unwrap();
        assert_eq!(request(&world), None);
        let nobody = does(&mut world, ADA, Baton::Keep);
        assert_eq!(nobody, Err(NotAllowed::NobodyAsks));
    }

    #[test]
    fn the_assigned_technician_takes_them_back_at_once() {
        let mut world = two();
        does(&mut world, ADA, Baton::Give { technician: BOB }).unwrap();
        does(&mut world, ADA, Baton::Take).unwrap();
        assert_eq!((holder(&world), request(&world)), (Some(FIRST), None));
    }

    #[test]
    fn from_somebody_who_is_not_connected_they_are_taken_at_once() {
        let mut world = two();
        world.does(Event::ViewerGone(FIRST)).unwrap();
        does(&mut world, BOB, Baton::Take).unwrap();
        assert_eq!(holder(&world), Some(SECOND));
    }

    #[test]
    fn who_leaves_while_asked_leaves_them_to_the_one_who_asks() {
        let mut world = two();
        does(&mut world, BOB, Baton::Take).unwrap();
        world.does(Event::ViewerGone(FIRST)).unwrap();
        assert_eq!((holder(&world), request(&world)), (Some(SECOND), None));
    }

    #[test]
    fn a_request_ends_with_the_right_to_control() {
        let mut world = two();
        does(&mut world, BOB, Baton::Take).unwrap();
        world.does(Event::Lowered(SECOND, Rights::VIEW)).unwrap();
        assert_eq!((holder(&world), request(&world)), (Some(FIRST), None));
        let view_only = does(&mut world, BOB, Baton::Take);
        assert_eq!(view_only, Err(NotAllowed::NoControl));
        let give = does(&mut world, ADA, Baton::Give { technician: BOB });
        assert_eq!(give, Err(NotAllowed::NoControl));
    }

    #[test]
    fn nobody_gives_what_they_do_not_have() {
        let mut world = two();
        let give = does(&mut world, BOB, Baton::Give { technician: BOB });
        assert_eq!(give, Err(NotAllowed::NoControl));
    }
}
