//! What is known about a session: plain public data, as the caller stores it. Holds causes only; whatever follows from them
//! (status, sub-state, consent) is computed in `status`.

use std::time::Duration;

use mayday_protocol::control::{Rights, ScreenState};
use mayday_protocol::{AskId, SessionId, Slot, TechnicianId};

use crate::time::{ChannelId, Timestamp};
use crate::verification::{Verification, VerificationCode};

/// How long a lost agent may take to resume and keep its grants.
pub const RESUME: Duration = Duration::from_secs(60);
/// How long the end user has to answer a question without a verification code.
pub const ASKING: Duration = Duration::from_secs(30);
/// How long a technician waits after a rejection.
pub const REJECT_PAUSE: Duration = Duration::from_secs(5);
/// After so many rejections in a row, only the end user can invite the technician again.
pub const REJECTS_IN_A_ROW: u8 = 3;
/// The shortest time until a session expires.
pub const EXPIRATION_MIN: Duration = Duration::from_secs(60);
/// The longest time until a session expires.
pub const EXPIRATION_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub id: SessionId,
    pub channel: ChannelId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub agent: Presence,
    /// At most [`Slot::COUNT`], each in a slot of its own, at most one of them assigned.
    pub members: Vec<Member>,
    /// Who may move the mouse: always one with a control grant.
    pub controller: Option<Slot>,
    /// Since when nobody is assigned; the place in the queue counts by it, whatever becomes of the agent's connection.
    pub queued_at: Option<Timestamp>,
    /// Somebody else asks for the controls. Not kept over a restart.
    pub request: Option<ControlRequest>,
    /// Technicians who were rejected since they were last granted, in this run of the agent.
    pub rejections: Vec<Rejections>,
    /// The expiration that has taken effect: its connections were ended and lists were told.
    pub expiry_seen: Option<Timestamp>,
    pub closing: Option<Closing>,
    pub deleted_at: Option<Timestamp>,
}

/// Whether the end user's agent is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Never,
    Here {
        since: Timestamp,
        paused: bool,
        screen: ScreenState,
    },
    /// The connection went without a word.
    Lost {
        since: Timestamp,
        paused: bool,
    },
    Left {
        at: Timestamp,
        /// The end user chose to; else it was lost for too long, or the session was over.
        chosen: bool,
    },
}

/// A technician's place in the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub slot: Slot,
    pub technician: TechnicianId,
    pub part: Part,
    /// What the end user allowed.
    pub grant: Option<Rights>,
    /// The question on the end user's screen.
    pub ask: Option<PendingAsk>,
    /// Since when a viewer of this technician is attached.
    pub viewer: Option<Timestamp>,
    /// The end user took everything back that this technician was granted, and nothing was asked since.
    pub stopped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Assigned,
    Invited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PendingAsk {
    pub ask: AskId,
    pub rights: Rights,
    pub until: Timestamp,
    /// Where the channel wants it: no yes counts without this code.
    pub verification: Option<Verification>,
}

/// Who asks for the controls, and until when the one who has them can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ControlRequest {
    pub slot: Slot,
    pub until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rejections {
    pub technician: TechnicianId,
    pub in_a_row: u8,
    /// Until then the technician cannot ask; `None` once that has passed.
    pub pause_until: Option<Timestamp>,
    /// The latest of them ran out before anybody answered.
    pub unanswered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Closing {
    pub at: Timestamp,
    pub by: ClosedBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosedBy {
    Technician(TechnicianId),
    /// "I don't know this person" on the page behind the link, or a request that its end user withdrew.
    EndUser,
}

impl PendingAsk {
    /// Whether a yes that came with this code counts.
    pub(super) fn is_verified_by(&self, code: Option<VerificationCode>) -> bool {
        self.verification
            .is_none_or(|wanted| code == Some(wanted.code))
    }
}

impl Facts {
    /// What is left of these facts when the gateway starts again: no connection survived, and each may come back.
    #[must_use]
    pub fn after_restart(mut self, now: Timestamp) -> Self {
        if let Presence::Here { paused, .. } = self.agent {
            self.agent = Presence::Lost { since: now, paused };
        }
        for member in &mut self.members {
            member.viewer = None;
            member.ask = None;
        }
        self.request = None;
        self
    }

    #[must_use]
    pub fn member(&self, slot: Slot) -> Option<&Member> {
        self.members.iter().find(|member| member.slot == slot)
    }

    #[must_use]
    pub fn member_of(&self, technician: TechnicianId) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.technician == technician)
    }

    #[must_use]
    pub fn assigned(&self) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.part == Part::Assigned)
    }

    pub(super) fn member_mut(&mut self, slot: Slot) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.slot == slot)
    }

    pub(super) fn rejections_of(&self, technician: TechnicianId) -> Option<&Rejections> {
        self.rejections
            .iter()
            .find(|one| one.technician == technician)
    }

    pub(super) fn free_slot(&self) -> Option<Slot> {
        Slot::ALL
            .into_iter()
            .find(|&slot| self.member(slot).is_none())
    }
}

impl Member {
    #[must_use]
    pub(super) fn new(slot: Slot, technician: TechnicianId, part: Part) -> Self {
        Self {
            slot,
            technician,
            part,
            grant: None,
            ask: None,
            viewer: None,
            stopped: false,
        }
    }

    pub(super) fn may_control(&self) -> bool {
        self.grant.is_some_and(|rights| rights.control)
    }
}
