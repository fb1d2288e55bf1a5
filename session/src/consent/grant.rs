//! What the end user allowed, as values that only the consent machine can make. Whoever captures or injects asks for one.

use mayday_protocol::control::{Person, Rights};
use mayday_protocol::{AskId, Slot, TechnicianId};

use crate::time::Timestamp;
use crate::verification::Verification;

/// A question as it came from the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub ask: AskId,
    pub slot: Slot,
    pub technician: TechnicianId,
    pub person: Person,
    pub rights: Rights,
    /// The technician's session key, for end-to-end encryption; may be empty. The grant names it.
    pub key: Vec<u8>,
    /// Where the channel wants it: no yes counts before the end user confirmed or typed this code.
    pub verification: Option<Verification>,
}

/// A question before the end user. The only way out to a grant is [`Offered::granted`], which consumes it.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    pub(super) asked: Asked,
    pub(super) deadline: Timestamp,
}

/// What one technician holds.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) asked: Asked,
    pub(super) rights: Rights,
    pub(super) since: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// The right to send the screen to one technician. Needed to construct capture; not to be copied or made elsewhere.
#[derive(Debug, PartialEq, Eq)]
pub struct ViewGrant(Named);

/// The right to inject one technician's mouse and keyboard. Needed to construct injection; not to be copied or made elsewhere.
#[derive(Debug, PartialEq, Eq)]
pub struct ControlGrant(Named);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    slot: Slot,
    technician: TechnicianId,
    key: Vec<u8>,
}

impl Offered {
    /// The end user said yes, to no more than was asked, on top of what the technician held before.
    pub(super) fn granted(self, yes: Rights, held: Rights, now: Timestamp) -> Granted {
        let gives = yes.and(self.asked.rights);
        let rights = Rights {
            view: held.view || gives.view || gives.control,
            control: held.control || gives.control,
        };
        Granted {
            asked: self.asked,
            rights,
            since: now,
            expires_at: now.after(super::GRANT_LASTS),
        }
    }
}

impl Granted {
    pub(super) fn view_grant(&self) -> ViewGrant {
        ViewGrant(self.named())
    }

    /// `None` when only the view was granted.
    pub(super) fn control_grant(&self) -> Option<ControlGrant> {
        self.rights.control.then(|| ControlGrant(self.named()))
    }

    fn named(&self) -> Named {
        Named {
            slot: self.asked.slot,
            technician: self.asked.technician,
            key: self.asked.key.clone(),
        }
    }
}

impl ViewGrant {
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.0.slot
    }

    #[must_use]
    pub fn technician(&self) -> TechnicianId {
        self.0.technician
    }

    /// The technician's session key; empty without end-to-end encryption.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.0.key
    }
}

impl ControlGrant {
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.0.slot
    }

    #[must_use]
    pub fn technician(&self) -> TechnicianId {
        self.0.technician
    }
}
