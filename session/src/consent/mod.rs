//! The end user's consent, enforced in the agent: what was asked, what is on the screen, who holds which grant. Owns no window,
//! no connection and no clock. docs/consent.md describes the machine; this is where it is decided.

mod effect;
mod gateway;
mod grant;
mod prompt;
mod refusals;
mod user;

#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use mayday_protocol::control::{Person, Rights};
use mayday_protocol::{Slot, TechnicianId};

pub use effect::{Effect, Prompt};
pub use grant::{Asked, ControlGrant, ViewGrant};
use grant::{Granted, Offered};
use prompt::Shown;
pub use prompt::Verified;
use refusals::Refusals;
pub use refusals::{REJECT_PAUSE, REJECTS_IN_A_ROW};
pub use user::UserAction;

use crate::time::Timestamp;
use crate::verification::{self, Verification};

/// A prompt takes no key or click for so long: what was typed ahead must not grant.
pub const DEAF: Duration = Duration::from_secs(1);
/// Then an unanswered question without a verification code counts as rejected.
pub const COUNTDOWN: Duration = Duration::from_secs(30);
/// A lost connection keeps its grants for so long.
pub const RESUME: Duration = Duration::from_secs(60);
/// A grant ends by itself after a working day.
pub const GRANT_LASTS: Duration = Duration::from_secs(8 * 3600);

/// When an unanswered question counts as rejected; it is the agent's own countdown, not the gateway's.
#[must_use]
pub fn countdown(verification: Option<Verification>) -> Duration {
    verification.map_or(COUNTDOWN, |_| verification::ANSWERING)
}

/// The machine. Every `handle_*` first handles the deadlines that have passed; afterwards perform what
/// [`Consent::poll_effect`] gives, and call [`Consent::handle_timeout`] at [`Consent::poll_timeout`].
#[derive(Debug)]
pub struct Consent {
    connection: Connection,
    flow: Flow,
    /// The question on the screen.
    shown: Option<Shown>,
    /// Questions that wait for their turn.
    queue: VecDeque<Offered>,
    /// By slot.
    granted: [Option<Granted>; Slot::COUNT],
    controller: Option<Slot>,
    refusals: Refusals,
    /// The latest question ran out before anybody answered, and nothing was asked since.
    ran_out: bool,
    effects: VecDeque<Effect>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connection {
    Up,
    Lost {
        since: Timestamp,
    },
    /// The end user left: nothing is ever granted again.
    Left,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Running,
    Paused,
}

/// What one technician holds, for the banner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held<'a> {
    pub slot: Slot,
    pub technician: TechnicianId,
    pub person: &'a Person,
    pub rights: Rights,
    pub since: Timestamp,
}

impl Default for Consent {
    fn default() -> Self {
        Self::new()
    }
}

impl Consent {
    /// An agent that has just joined: nothing is granted.
    #[must_use]
    pub fn new() -> Self {
        Self {
            connection: Connection::Up,
            flow: Flow::Running,
            shown: None,
            queue: VecDeque::new(),
            granted: [const { None }; Slot::COUNT],
            controller: None,
            refusals: Refusals::default(),
            ran_out: false,
            effects: VecDeque::new(),
        }
    }

    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Whether the screen may be sent to `slot` now.
    #[must_use]
    pub fn may_see(&self, slot: Slot) -> bool {
        self.rights(slot).view && self.flow == Flow::Running && self.connection == Connection::Up
    }

    /// Whether `slot` may move the mouse and press keys now. Nobody may while a prompt is shown: a technician cannot grant to
    /// themselves.
    #[must_use]
    pub fn may_inject(&self, slot: Slot) -> bool {
        self.controller == Some(slot)
            && self.rights(slot).control
            && self.may_see(slot)
            && !self.is_prompting()
    }

    /// Whether a prompt is on the screen: injection is suspended, held keys are released.
    #[must_use]
    pub fn is_prompting(&self) -> bool {
        self.shown.is_some()
    }

    /// The verification code of the question on the screen, and how far the end user is with it.
    #[must_use]
    pub fn verification(&self) -> Option<(Verification, Verified)> {
        let shown = self.shown.as_ref()?;
        Some((shown.offered.asked.verification?, shown.verified))
    }

    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.flow == Flow::Paused
    }

    /// Whether a technician was rejected so often that only the end user can invite them again.
    #[must_use]
    pub fn can_invite_again(&self) -> bool {
        self.refusals.shut_out().next().is_some()
    }

    /// Whether the latest question ran out before the end user answered: nothing was allowed by it.
    #[must_use]
    pub fn ran_out(&self) -> bool {
        self.ran_out && !self.is_prompting()
    }

    /// What `slot` holds, paused or not.
    #[must_use]
    pub fn rights(&self, slot: Slot) -> Rights {
        self.granted[slot.index()]
            .as_ref()
            .map_or(Rights::NONE, |granted| granted.rights)
    }

    /// Who may inject, out of those with a control grant.
    #[must_use]
    pub fn controller(&self) -> Option<Slot> {
        self.controller
    }

    /// Everybody who holds a grant, in the order of their slots.
    pub fn held(&self) -> impl Iterator<Item = Held<'_>> {
        self.granted.iter().flatten().map(|granted| Held {
            slot: granted.asked.slot,
            technician: granted.asked.technician,
            person: &granted.asked.person,
            rights: granted.rights,
            since: granted.since,
        })
    }

    /// Handles every deadline that has passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.pass_deadlines(now);
    }

    /// When [`Consent::handle_timeout`] must be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let shown = self.shown.iter().map(|shown| shown.offered.deadline);
        let queued = self.queue.iter().map(|offered| offered.deadline);
        let grants = self.granted.iter().flatten().map(|one| one.expires_at);
        shown
            .chain(queued)
            .chain(grants)
            .chain(self.resume_until())
            .min()
    }

    fn pass_deadlines(&mut self, now: Timestamp) {
        if self.resume_until().is_some_and(|until| until <= now) {
            self.end_all(Tell::Nobody);
        }
        for slot in Slot::ALL {
            let granted = self.granted[slot.index()].as_ref();
            if granted.is_some_and(|one| one.expires_at <= now) {
                self.keep(slot, Rights::NONE, Tell::Gateway);
            }
        }
        self.pass_countdowns(now);
    }

    fn resume_until(&self) -> Option<Timestamp> {
        match self.connection {
            Connection::Lost { since } if self.holds_any() => Some(since.after(RESUME)),
            Connection::Lost { .. } | Connection::Up | Connection::Left => None,
        }
    }

    fn holds_any(&self) -> bool {
        self.granted.iter().any(Option::is_some)
    }

    fn end_all(&mut self, tell: Tell) {
        for slot in Slot::ALL {
            self.keep(slot, Rights::NONE, tell);
        }
    }

    /// Leaves `slot` no more than `rights`. What it loses ends here and now; then the gateway hears it.
    fn keep(&mut self, slot: Slot, rights: Rights, tell: Tell) {
        let Some(granted) = &mut self.granted[slot.index()] else {
            return;
        };
        let had = granted.rights;
        let left = had.and(rights);
        if left == had {
            return;
        }
        granted.rights = left;
        if !left.view {
            self.granted[slot.index()] = None;
        }
        if had.control && !left.control {
            self.effects.push_back(Effect::EndControl { slot });
            self.effects.push_back(Effect::ReleaseKeys);
        }
        if !left.view {
            self.effects.push_back(Effect::EndView { slot });
        }
        if tell == Tell::Gateway && self.connection == Connection::Up {
            let rights = left;
            self.effects.push_back(Effect::Lowered { slot, rights });
        }
        if self.controller == Some(slot) && !left.control {
            self.controller = None;
        }
        if !self.holds_any() {
            self.run();
        }
        self.effects.push_back(Effect::Changed);
    }

    /// Pause ends; without a grant there is nothing to pause.
    fn run(&mut self) {
        if self.flow == Flow::Paused {
            self.flow = Flow::Running;
            self.tell_paused();
        }
    }

    fn tell_paused(&mut self) {
        if self.connection == Connection::Up {
            let paused = self.is_paused();
            self.effects.push_back(Effect::Paused { paused });
        }
    }
}

/// Whether a lowering is news to the gateway.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tell {
    Gateway,
    Nobody,
}
