//! What technicians do to a session: each is checked here against permissions, relation and state, and nowhere else.

use std::time::Duration;

use mayday_protocol::control::Rights;
use mayday_protocol::{AskId, TechnicianId};

use super::baton::Baton;
use super::effect::{By, What};
use super::facts::{ClosedBy, Member, Part};
use super::status::Status;
use super::{NotAllowed, Session};
use crate::permission::{Action, Permissions, Relation, check};
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

    fn not_closed(&self, now: Timestamp) -> Result<(), NotAllowed> {
        match self.status(now) {
            Status::Closed => Err(NotAllowed::Closed),
            Status::Waiting | Status::Active | Status::InQueue | Status::Expired => Ok(()),
        }
    }
}
