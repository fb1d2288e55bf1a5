//! What technicians do to a session: each is checked here against permissions, relation and state, and nowhere else.

use std::time::Duration;

use mayday_protocol::control::{EndReason, Rights};
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::baton::Baton;
use super::effect::{By, Effect, What};
use super::facts::{
    ClosedBy, Closing, EXPIRATION_MAX, EXPIRATION_MIN, Member, Part, PendingAsk, Presence,
};
use super::status::{AskAgain, Status, ask_until};
use super::{NotAllowed, Session};
use crate::permission::{Action, Denied, Permission, Permissions, Relation, check};
use crate::time::{ChannelId, Timestamp};
use crate::verification::Verification;

/// Who acts: an account, and what it may do in the session's channel
/// ([`effective`](crate::permission::effective); none when it does not see the channel).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub technician: TechnicianId,
    pub permissions: Permissions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Take,
    /// A technician gives back their own part; whoever manages the session, that of the assigned technician.
    Release,
    Assign {
        technician: TechnicianId,
    },
    TransferUser {
        technician: TechnicianId,
    },
    /// `there` is what the actor may do in that channel.
    TransferChannel {
        channel: ChannelId,
        there: Permissions,
    },
    Invite {
        technician: TechnicianId,
    },
    Remove {
        technician: TechnicianId,
    },
    Ask {
        ask: AskId,
        rights: Rights,
        /// A fresh one, where the channel wants it.
        verification: Option<Verification>,
    },
    Withdraw,
    Extend {
        by: Duration,
    },
    Control {
        baton: Baton,
    },
    Close,
    Delete,
}

impl Command {
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Take => Action::Take,
            Self::Release => Action::Release,
            Self::Assign { .. } => Action::Assign,
            Self::TransferUser { .. } => Action::TransferUser,
            Self::TransferChannel { .. } => Action::TransferChannel,
            Self::Invite { .. } => Action::Invite,
            Self::Remove { .. } => Action::Remove,
            Self::Ask { .. } => Action::Ask,
            Self::Withdraw => Action::Withdraw,
            Self::Extend { .. } => Action::Extend,
            Self::Control { .. } => Action::Control,
            Self::Close => Action::Close,
            Self::Delete => Action::Delete,
        }
    }
}

impl Session {
    /// Does what a technician wants, if they and the session's state allow it.
    ///
    /// # Errors
    /// [`NotAllowed`] says why not; apart from passed deadlines, the session is then as before.
    pub fn handle_command(
        &mut self,
        actor: Actor,
        command: Command,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        self.step(now, |session| session.obey(actor, command, now))
    }

    /// Whether the actor may do `action` now, as far as it can be told without its details.
    ///
    /// # Errors
    /// [`NotAllowed`] says why not.
    pub fn allowed_now(
        &self,
        actor: Actor,
        action: Action,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        check(actor.permissions, action, self.relation(actor))?;
        self.state_allows(actor, action, now)
    }

    /// Everything that the actor may do now.
    #[must_use]
    pub fn actions_for(&self, actor: Actor, now: Timestamp) -> Vec<Action> {
        Action::ALL
            .into_iter()
            .filter(|&action| self.allowed_now(actor, action, now).is_ok())
            .collect()
    }

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

    /// How the actor stands to this session.
    #[must_use]
    pub fn relation(&self, actor: Actor) -> Relation {
        match self.facts.member_of(actor.technician) {
            Some(member) if member.part == Part::Assigned => Relation::Own,
            Some(_) => Relation::Invited,
            None if actor.permissions.is_empty() => Relation::Outside,
            None if self.facts.assigned().is_none() => Relation::Unassigned,
            None => Relation::Others,
        }
    }

    fn state_allows(&self, actor: Actor, action: Action, now: Timestamp) -> Result<(), NotAllowed> {
        if self.facts.deleted_at.is_some() {
            return Err(NotAllowed::Deleted);
        }
        match action {
            Action::See | Action::Delete | Action::Edit | Action::Note => Ok(()),
            Action::Chat | Action::Whisper => self.open(now),
            Action::Control => {
                self.open(now)?;
                let slot = self.slot_of(actor.technician)?;
                let granted = self.facts.granted(slot, now).control;
                granted.then_some(()).ok_or(NotAllowed::NoControl)
            }
            Action::Extend | Action::Close => self.not_closed(now),
            Action::Take => self.open(now).and_then(|()| self.unassigned()),
            Action::Release | Action::TransferUser | Action::Invite => {
                self.open(now)?;
                if action == Action::Invite && self.facts.free_slot().is_none() {
                    return Err(NotAllowed::Full);
                }
                self.assigned_slot().map(drop)
            }
            Action::Remove => {
                self.open(now)?;
                let invited = |one: &Member| one.part == Part::Invited;
                let any = self.facts.members.iter().any(invited);
                any.then_some(()).ok_or(NotAllowed::NotMember)
            }
            Action::Assign
            | Action::TransferChannel
            | Action::ShowPin
            | Action::NewPin
            | Action::CopyLink => self.open(now),
            Action::Ask => {
                self.open(now)?;
                let asked = [Rights::VIEW, Rights::CONTROL]
                    .map(|rights| self.may_ask(actor, rights, now).map(drop));
                asked[0].or(asked[1])
            }
            Action::Withdraw => {
                self.open(now)?;
                let member = self.facts.member_of(actor.technician);
                let asking = member.is_some_and(|one| one.ask.is_some_and(|ask| now < ask.until));
                asking.then_some(()).ok_or(NotAllowed::NotAsking)
            }
            Action::Connect => {
                self.open(now)?;
                let slot = self.slot_of(actor.technician)?;
                let granted = self.facts.granted(slot, now).view;
                granted.then_some(()).ok_or(NotAllowed::NotGranted)
            }
        }
    }

    fn obey(&mut self, actor: Actor, command: Command, now: Timestamp) -> Result<(), NotAllowed> {
        self.allowed_now(actor, command.action(), now)?;
        let by = By::Technician(actor.technician);
        match command {
            Command::Take => self.take(actor.technician, by),
            Command::Release => self.release(actor.technician, by),
            Command::Assign { technician } => self.assign(technician, by),
            Command::TransferUser { technician } => self.transfer(technician, by),
            Command::TransferChannel { channel, there } => self.move_to(channel, there, by),
            Command::Invite { technician } => self.invite(technician, by),
            Command::Remove { technician } => self.remove(technician, by),
            Command::Ask {
                ask,
                rights,
                verification,
            } => self.ask(actor, ask, rights, verification, now),
            Command::Withdraw => self.withdraw(actor.technician, by, now),
            Command::Control { baton } => self.baton(actor.technician, baton, now),
            Command::Extend { by: time } => {
                self.extend(time, by, now);
                Ok(())
            }
            Command::Close => {
                self.close(ClosedBy::Technician(actor.technician), by, now);
                Ok(())
            }
            Command::Delete => {
                if self.facts.closing.is_none() {
                    self.close(ClosedBy::Technician(actor.technician), by, now);
                }
                self.facts.deleted_at = Some(now);
                self.happened(by, What::Deleted);
                Ok(())
            }
        }
    }

    fn take(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        self.seat(technician, Part::Assigned)
            .ok_or(NotAllowed::Full)?;
        self.happened(by, What::Taken);
        self.tell_assigned();
        Ok(())
    }

    fn release(&mut self, actor: TechnicianId, by: By) -> Result<(), NotAllowed> {
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

    fn assign(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        self.replace_assigned(technician, by)?;
        self.happened(by, What::Assigned { technician });
        self.tell_assigned();
        Ok(())
    }

    fn transfer(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
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

    fn move_to(
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

    fn invite(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        if self.facts.member_of(technician).is_some() {
            return Err(NotAllowed::AlreadyMember);
        }
        self.seat(technician, Part::Invited)
            .ok_or(NotAllowed::Full)?;
        self.happened(by, What::Invited { technician });
        Ok(())
    }

    fn remove(&mut self, technician: TechnicianId, by: By) -> Result<(), NotAllowed> {
        let member = self.facts.member_of(technician).copied();
        let invited = member.filter(|one| one.part == Part::Invited);
        let slot = invited.ok_or(NotAllowed::NotMember)?.slot;
        self.happened(by, What::Removed { technician });
        self.unseat(slot, by);
        Ok(())
    }

    fn ask(
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
            member.ask = Some(PendingAsk {
                ask,
                rights,
                until: ask_until(now),
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

    fn may_ask(&self, actor: Actor, rights: Rights, now: Timestamp) -> Result<Slot, NotAllowed> {
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
    fn withdraw(
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

    fn extend(&mut self, time: Duration, by: By, now: Timestamp) {
        let time = time.clamp(EXPIRATION_MIN, EXPIRATION_MAX);
        let expires_at = self.facts.expires_at.max(now).after(time);
        self.facts.expires_at = expires_at.min(now.after(EXPIRATION_MAX));
        let expires_at = self.facts.expires_at;
        self.happened(by, What::Extended { expires_at });
    }

    pub(super) fn close(&mut self, closer: ClosedBy, by: By, now: Timestamp) {
        self.happened(by, What::Closed { by: closer });
        self.end_connections(EndReason::Closed, by, now);
        self.facts.closing = Some(Closing {
            at: now,
            by: closer,
        });
    }

    /// Nobody stays connected, nothing stays granted; who the technicians were stays for the history.
    pub(super) fn end_connections(&mut self, reason: EndReason, by: By, now: Timestamp) {
        self.forget_consent(by);
        for slot in Slot::ALL {
            let viewer = self
                .facts
                .member_mut(slot)
                .and_then(|one| one.viewer.take());
            if viewer.is_some() {
                self.effects.push_back(Effect::EndViewer { slot, reason });
            }
        }
        match self.facts.agent {
            Presence::Here { .. } => {
                self.effects.push_back(Effect::EndAgent { reason });
                self.facts.agent = Presence::Left { at: now };
            }
            Presence::Lost { .. } => self.facts.agent = Presence::Left { at: now },
            Presence::Never | Presence::Left { .. } => {}
        }
    }

    fn tell_assigned(&mut self) {
        if self.agent_told() {
            let technician = self.facts.assigned().map(|member| member.technician);
            self.effects.push_back(Effect::Assigned { technician });
        }
    }

    fn unassigned(&self) -> Result<(), NotAllowed> {
        match self.facts.assigned() {
            Some(_) => Err(NotAllowed::AlreadyAssigned),
            None => Ok(()),
        }
    }

    fn assigned_slot(&self) -> Result<Slot, NotAllowed> {
        let assigned = self.facts.assigned().ok_or(NotAllowed::NobodyAssigned)?;
        Ok(assigned.slot)
    }

    fn technician_in(&self, slot: Slot) -> Result<TechnicianId, NotAllowed> {
        let member = self.facts.member(slot).ok_or(NotAllowed::NotMember)?;
        Ok(member.technician)
    }

    fn not_closed(&self, now: Timestamp) -> Result<(), NotAllowed> {
        match self.status(now) {
            Status::Closed => Err(NotAllowed::Closed),
            Status::Waiting | Status::Active | Status::InQueue | Status::Expired => Ok(()),
        }
    }
}
