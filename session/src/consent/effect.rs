//! What the agent must do about consent, as values.

use mayday_protocol::control::{Person, Rights};
use mayday_protocol::{AskId, Slot, TechnicianId};

use super::grant::{ControlGrant, ViewGrant};
use crate::time::Timestamp;
use crate::verification::{VerificationCode, VerificationMode};

/// Something for the agent to do, in this order: what ends comes before what begins.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    ShowPrompt(Prompt),
    HidePrompt,
    /// Tell the gateway the end user's answer; no rights means rejected.
    Answer {
        ask: AskId,
        rights: Rights,
        /// With a yes, where the question wanted one.
        code: Option<VerificationCode>,
    },
    /// Tell the gateway that nobody answered in time.
    Unanswered {
        ask: AskId,
    },
    /// Tell the gateway what `slot` may do from now on.
    Lowered {
        slot: Slot,
        rights: Rights,
    },
    /// Tell the gateway that the technician may ask again.
    InviteAgain {
        technician: TechnicianId,
    },
    /// Tell the gateway.
    Paused {
        paused: bool,
    },
    /// Tell the gateway that the end user leaves, then end.
    Leave,
    /// The screen may be sent to the technician of this grant.
    StartView(ViewGrant),
    /// The technician of this grant may control, while `may_inject` says so.
    StartControl(ControlGrant),
    /// Nothing more may be sent to `slot`; drop what is queued for it.
    EndView {
        slot: Slot,
    },
    /// Nothing more may be injected for `slot`.
    EndControl {
        slot: Slot,
    },
    /// Release every key and button that is held down for a technician.
    ReleaseKeys,
    /// The banner shows something else now.
    Changed,
}

impl Effect {
    pub(super) fn rejected(ask: AskId) -> Self {
        Self::Answer {
            ask,
            rights: Rights::NONE,
            code: None,
        }
    }
}

/// The question before the end user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pub ask: AskId,
    pub slot: Slot,
    pub technician: TechnicianId,
    pub person: Person,
    pub wants: Rights,
    pub verification: Option<VerificationMode>,
    /// No key or click counts before.
    pub accepts_from: Timestamp,
    /// Then it counts as rejected.
    pub deadline: Timestamp,
}
