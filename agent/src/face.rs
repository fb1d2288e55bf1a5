//! The seam between the agent's core and its window: what is shown, and what the end user does. Owns the types only; how they look
//! and in which language is the window's business, when they are shown is `desk_link`'s.

use std::time::Instant;

use mayday_protocol::control::Rights;
use mayday_protocol::{AskId, Slot};

use crate::sentence::Sentence;

/// The gateway as the connection proves it, never as a peer says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayLabel {
    pub host: String,
    /// From the stamp.
    pub organisation: Option<String>,
}

/// What the window is about now.
#[derive(Clone, Debug, PartialEq)]
pub enum Scene {
    EnterPin {
        gateway: Option<GatewayLabel>,
        error: Option<Sentence>,
        /// No gateway is known: the end user types its address first.
        ask_gateway: bool,
    },
    /// An unknown gateway without a public certificate: does the end user trust this host with this fingerprint?
    ConfirmGateway {
        host: String,
        fingerprint: String,
    },
    Connecting {
        host: String,
    },
    Waiting {
        organisation: String,
        gateway_host: String,
        technician: Option<String>,
        /// Technicians who were rejected so often that only the end user can let them ask again.
        can_invite_again: bool,
    },
    Reconnecting {
        since: Instant,
    },
    Prompt {
        ask: AskId,
        name: String,
        organisation: String,
        gateway_host: String,
        picture_png: Vec<u8>,
        wants: Rights,
        deadline: Instant,
        /// No key or click counts before.
        accepts_from: Instant,
    },
    Ended {
        sentence: Sentence,
        can_retry: bool,
    },
    Failed {
        sentence: Sentence,
        can_retry: bool,
    },
}

/// Who may see the screen now.
#[derive(Clone, Debug, PartialEq)]
pub struct BannerEntry {
    pub slot: Slot,
    pub name: String,
    pub control: bool,
    pub since: Instant,
}

/// Shown beside any scene while anybody is granted anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Banner {
    pub technicians: Vec<BannerEntry>,
    pub paused: bool,
}

/// All that the window shows.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub scene: Scene,
    pub banner: Option<Banner>,
}

/// The window, as the core sees it. Calls return at once, from any thread.
pub trait Face: Send {
    fn show(&self, view: View);
    /// Ends the window's loop.
    fn close(&self);
}

/// What the end user did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserAction {
    Pin(String),
    Gateway(String),
    GatewayConfirmed(bool),
    Allow,
    ViewOnly,
    Reject,
    Pause,
    Resume,
    LowerToView,
    Stop,
    Leave,
    InviteAgain,
    Retry,
    Quit,
}
