//! The seam between the agent's core and its window: what is shown, and what the end user does. Owns the types only; how they look
//! and in which language is the window's business, when they are shown is `desk_link`'s.

use std::sync::Arc;
use std::time::Instant;

use mayday_protocol::control::{Answer, FormField, Rights};
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
    /// The form of an SOS Call, to be filled in at each launch.
    Form {
        gateway: GatewayLabel,
        /// The SOS Call's name.
        name: String,
        fields: Vec<FormField>,
        error: Option<FormError>,
        /// It is on its way.
        sending: bool,
    },
    /// The session code, for the end user to read out.
    Code {
        gateway: GatewayLabel,
        /// Nine digits; empty once its time is over.
        code: String,
        until: Instant,
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
        /// The latest question ran out before the end user answered.
        ran_out: bool,
        /// Technicians who were rejected so often that only the end user can let them ask again.
        can_invite_again: bool,
        /// The place among those who wait for a technician: 1 is next.
        place: Option<u32>,
        /// The end user asked for help themselves: leaving withdraws it while nobody took it.
        requested: bool,
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
        verification: Option<PromptCode>,
    },
    /// The session is over; how was it?
    Rating {
        sentence: Sentence,
        /// The channel's own; empty: the usual one.
        question: String,
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

/// Why a form was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    /// The field that it is about, if one.
    pub field: Option<u32>,
    pub sentence: Sentence,
}

/// The verification code of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptCode {
    /// To compare with what the technician says; `None`: the technician says it and it is typed.
    pub shown: Option<String>,
    /// The end user confirmed it, or typed the right one.
    pub verified: bool,
    /// Wrong ones that were typed.
    pub wrong: u8,
}

/// One technician with a grant.
#[derive(Clone, Debug, PartialEq)]
pub struct BannerEntry {
    pub slot: Slot,
    pub name: String,
    /// The grant includes control.
    pub control: bool,
    pub doing: Doing,
    /// When it was granted.
    pub since: Instant,
}

/// What a technician with a grant does of it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Nothing: not connected yet, or not any more.
    Nothing,
    Sees,
    /// Sees, and has the controls.
    Controls,
}

/// Shown beside any scene while anybody is granted anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Banner {
    pub technicians: Vec<BannerEntry>,
    pub paused: bool,
}

/// The chat with the technicians, reachable while there is a session.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatView {
    pub lines: Arc<[ChatLine]>,
    /// Messages of technicians that the end user has not seen.
    pub unread: u32,
    /// The end user opened it; a message never does.
    pub open: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ChatLine {
    /// The technician's name; `None` is the end user.
    pub from: Option<String>,
    /// By the gateway's clock, milliseconds since 1970; `None` before it has arrived there.
    pub at_unix_ms: Option<u64>,
    pub text: String,
    pub delivery: Delivery,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Arrived,
    OnItsWay,
    Refused,
}

/// All that the window shows.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub scene: Scene,
    pub banner: Option<Banner>,
    pub chat: Option<ChatView>,
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
    /// Instead of a PIN: a code to read out.
    ShowCode,
    /// The code's time is over, or it was read to the wrong person.
    NewCode,
    /// Back to the PIN.
    EnterPin,
    /// The form, filled in.
    Send(Vec<Answer>),
    /// The prompt's code as it was typed.
    Code(String),
    /// The technician has the same code as the prompt, or not after all.
    SameCode(bool),
    Allow,
    ViewOnly,
    Reject,
    Pause,
    Resume,
    LowerToView,
    Stop,
    Leave,
    InviteAgain,
    OpenChat,
    CloseChat,
    Say(String),
    Rate {
        stars: u8,
        words: String,
    },
    SkipRating,
    Retry,
    Quit,
}
