//! What the technicians' viewers tell: attached, gone, and who takes or hands over the controls.

use mayday_protocol::Slot;

use super::effect::{By, Effect, What};
use super::{NotAllowed, Session};
use crate::time::Timestamp;

impl Session {
    /// A viewer of the technician in `slot` attaches. A second one takes the place of the first; the caller ends that.
    ///
    /// # Errors
    /// When the end user has not granted anything to this technician, or the session is over.
    pub fn handle_viewer_connected(
        &mut self,
        slot: Slot,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        self.step(now, |session| {
            session.open(now)?;
            if !session.facts.granted(slot, now).view {
                return Err(NotAllowed::NotGranted);
            }
            let member = session
                .facts
                .member_mut(slot)
                .ok_or(NotAllowed::NotMember)?;
            let technician = member.technician;
            member.viewer = Some(now);
            if session.agent_told() {
                session.effects.push_back(Effect::Connected { slot });
            }
            session.happened(By::Technician(technician), What::ViewerConnected);
            Ok(())
        })
    }

    /// The viewer of the technician in `slot` is gone. The grant stays.
    pub fn handle_viewer_disconnected(&mut self, slot: Slot, now: Timestamp) {
        let _ = self.step(now, |session| {
            let Some(member) = session.facts.member_mut(slot) else {
                return Ok(());
            };
            if member.viewer.take().is_some() {
                let (technician, granted) = (member.technician, member.grant.is_some());
                if granted && session.agent_told() {
                    session.effects.push_back(Effect::Disconnected { slot });
                }
                session.happened(By::Technician(technician), What::ViewerDisconnected);
                session.settle_request(By::Technician(technician));
            }
            Ok(())
        });
    }

    /// The technician in `from` takes or asks for the controls (`to` is the same), or hands them over.
    ///
    /// # Errors
    /// When either was not granted control, or somebody hands over what they do not have.
    pub fn handle_controller(
        &mut self,
        from: Slot,
        to: Slot,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        self.step(now, |session| {
            session.open(now)?;
            if from == to {
                session.take_controls(from, now)
            } else {
                session.give_controls(from, to)
            }
        })
    }
}
