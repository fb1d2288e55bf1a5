//! Who has a session, how long, and whether it is over: once more, written from desk.md's words as one table of "when" and "then",
//! without a line of the machine. After each step the machine must have come to the same, and have refused the same.

use std::collections::BTreeSet;

use mayday_protocol::TechnicianId;

use super::Event;
use crate::desk::{Command, EXPIRATION_MAX, EXPIRATION_MIN, Facts, Part, Status};
use crate::permission::Permission;
use crate::time::{ChannelId, Timestamp};

/// What a bystander could write on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    assigned: Option<TechnicianId>,
    invited: BTreeSet<TechnicianId>,
    channel: ChannelId,
    expires_at: Timestamp,
    closed: bool,
    deleted: bool,
}

impl Card {
    pub fn of(facts: &Facts) -> Self {
        let with = |part| {
            let members = facts.members.iter().filter(move |one| one.part == part);
            members.map(|one| one.technician)
        };
        Self {
            assigned: with(Part::Assigned).next(),
            invited: with(Part::Invited).collect(),
            channel: facts.channel,
            expires_at: facts.expires_at,
            closed: facts.closing.is_some(),
            deleted: facts.deleted_at.is_some(),
        }
    }

    /// The card after `event`, of somebody who manages the channel; `None` when it must be refused. Events that have nothing to do with
    /// the card leave it as it is. `status` is that of the moment before.
    pub fn after(
        &self,
        event: Event,
        status: Status,
        agent_here: bool,
        now: Timestamp,
    ) -> Option<Self> {
        let open = !matches!(status, Status::Closed | Status::Expired) && !self.deleted;
        let mut next = self.clone();
        let possible = match event {
            Event::Command(who, command) => next.obey(who, command, open, status, now),
            Event::Routed(technician) => {
                let possible = open && self.assigned.is_none();
                next.assigned = Some(technician);
                possible
            }
            Event::Disowned => {
                next.closed = true;
                open
            }
            // The end user takes back what nobody has taken; else nothing happens, and that is no error.
            Event::Cancelled => {
                next.closed |= open && agent_here && self.assigned.is_none();
                true
            }
            // Somebody who has no part, or a session that is over: nothing happens, and that is no error.
            Event::Gone(technician) => {
                if open {
                    next.without(technician);
                }
                true
            }
            _ => true,
        };
        possible.then_some(next)
    }

    fn obey(
        &mut self,
        who: TechnicianId,
        command: Command,
        open: bool,
        status: Status,
        now: Timestamp,
    ) -> bool {
        let nobody = self.assigned.is_none();
        match command {
            Command::Take => {
                self.assigned = Some(who);
                open && nobody
            }
            Command::Release => {
                if self.invited.contains(&who) {
                    self.invited.remove(&who);
                } else {
                    self.lose_everybody();
                }
                open && !nobody
            }
            Command::Assign { technician } => {
                let already = self.assigned == Some(technician);
                self.hand_to(technician);
                open && !already
            }
            Command::TransferUser { technician } => {
                let already = self.assigned == Some(technician);
                self.hand_to(technician);
                open && !nobody && !already
            }
            Command::TransferChannel { channel, there } => {
                let same = self.channel == channel;
                self.channel = channel;
                open && !same && there.contains(Permission::SessionCreate)
            }
            Command::Invite { technician } => {
                let room = self.invited.len() < 2;
                let new = self.assigned != Some(technician) && self.invited.insert(technician);
                open && !nobody && room && new
            }
            Command::Remove { technician } => self.invited.remove(&technician) && open,
            Command::Extend { by } => {
                let later = self.expires_at.max(now);
                let later = later.after(by.clamp(EXPIRATION_MIN, EXPIRATION_MAX));
                self.expires_at = later.min(now.after(EXPIRATION_MAX));
                !self.deleted && status != Status::Closed
            }
            Command::Close => {
                self.closed = true;
                !self.deleted && status != Status::Closed
            }
            Command::Delete => {
                let there = !self.deleted;
                (self.closed, self.deleted) = (true, true);
                there
            }
            // About consent and the controls, which the end user's side of the judge remembers. Whether they are refused is not the card's.
            Command::Ask { .. } | Command::Withdraw | Command::Control { .. } => true,
        }
    }

    fn lose_everybody(&mut self) {
        self.assigned = None;
        self.invited.clear();
    }

    fn hand_to(&mut self, technician: TechnicianId) {
        self.invited.remove(&technician);
        self.assigned = Some(technician);
    }

    fn without(&mut self, technician: TechnicianId) {
        if self.assigned == Some(technician) {
            self.lose_everybody();
        } else {
            self.invited.remove(&technician);
        }
    }
}
