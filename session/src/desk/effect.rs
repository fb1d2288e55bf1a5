//! What the caller must do, as values, and what happened, for the history and the audit.

use mayday_protocol::control::{EndReason, Rights, ScreenState};
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::facts::ClosedBy;
use crate::time::{ChannelId, Timestamp};
use crate::verification::Verification;

/// Something for the caller to do, in this order. Make the facts durable first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// To the agent: show the prompt.
    Ask {
        ask: AskId,
        slot: Slot,
        technician: TechnicianId,
        rights: Rights,
        verification: Option<Verification>,
    },
    /// To the agent: the question is void; a grant that it brought ends.
    Withdraw {
        ask: AskId,
        /// Nobody answered in time.
        unanswered: bool,
    },
    /// To the agent: who is assigned.
    Assigned { technician: Option<TechnicianId> },
    /// To the agent: a viewer of `slot` is there, beginning with key pictures.
    Connected { slot: Slot },
    /// To the agent: the viewer of `slot` is gone.
    Disconnected { slot: Slot },
    /// To the agent: every grant of `slot` ends.
    Removed { slot: Slot },
    /// To the agent: `slot` keeps no more than this.
    Lowered { slot: Slot, rights: Rights },
    /// To the agent: who may move the mouse.
    Controller { slot: Option<Slot> },
    /// Drop what is queued for the viewer of `slot`, and let it clear its picture.
    Flush { slot: Slot },
    /// Close the connection of the viewer of `slot`.
    EndViewer { slot: Slot, reason: EndReason },
    /// Close the agent's connection, after telling it why.
    EndAgent { reason: EndReason },
    /// Record it.
    Happened(Happening),
    /// Tell the channel's managers.
    AlertManagers,
    /// Lists and viewers show something else now.
    Changed,
}

/// One line of a session's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    pub by: By,
    pub what: What,
}

/// Who caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Technician(TechnicianId),
    EndUser,
    /// The agent or its connection, without anybody's doing.
    Agent,
    /// A deadline passed.
    Time,
    /// The desk itself, because an account is no more, or may not do so much any more.
    Desk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Created,
    Taken,
    Released {
        technician: TechnicianId,
    },
    Assigned {
        technician: TechnicianId,
    },
    Transferred {
        from: TechnicianId,
        to: TechnicianId,
    },
    TransferredToChannel {
        from: ChannelId,
        to: ChannelId,
    },
    Invited {
        technician: TechnicianId,
    },
    Removed {
        technician: TechnicianId,
    },
    Extended {
        expires_at: Timestamp,
    },
    Asked {
        rights: Rights,
    },
    Withdrawn,
    Granted {
        technician: TechnicianId,
        rights: Rights,
    },
    /// Nobody answered in time. It counts as a rejection.
    Unanswered {
        technician: TechnicianId,
        in_a_row: u8,
    },
    /// By the end user, or for the lack of the verification code.
    Rejected {
        technician: TechnicianId,
        in_a_row: u8,
    },
    /// The end user, or the channel's permissions, left the technician only this much.
    Lowered {
        technician: TechnicianId,
        rights: Rights,
    },
    InvitedAgain {
        technician: TechnicianId,
    },
    /// The agent said yes without the question's verification code: it counts as rejected.
    Unverified {
        technician: TechnicianId,
    },
    /// The end user withdrew their request before anybody took it.
    Cancelled,
    AgentJoined,
    AgentResumed,
    AgentLost,
    /// Lost for 60 s: the grants are over.
    AgentGivenUp,
    AgentLeft,
    Paused,
    Unpaused,
    Screen {
        state: ScreenState,
    },
    ViewerConnected,
    ViewerDisconnected,
    ControlHandedTo {
        technician: Option<TechnicianId>,
    },
    ControlAsked,
    /// The technician asks for them no more.
    ControlUnasked,
    /// The request of `from` for the controls was declined, or not answered.
    ControlKept {
        from: Option<TechnicianId>,
    },
    Expired,
    Closed {
        by: ClosedBy,
    },
    Deleted,
}
