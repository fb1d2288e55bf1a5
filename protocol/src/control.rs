//! Control messages: who is there, who asks, what was granted. MessagePack with named fields; unknown fields are ignored and
//! an unknown message becomes `Unknown`, so that neighbouring versions talk.

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::ids::{AskId, SessionId, Slot, TechnicianId};
use crate::limits;
use crate::reader::Malformed;

/// What a technician may do, as asked for or as granted. Viewing is implied by every grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Rights {
    #[serde(default)]
    pub view: bool,
    #[serde(default)]
    pub control: bool,
}

impl Rights {
    pub const NONE: Self = Self {
        view: false,
        control: false,
    };
    pub const VIEW: Self = Self {
        view: true,
        control: false,
    };
    pub const CONTROL: Self = Self {
        view: true,
        control: true,
    };

    /// What both allow.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            view: self.view && other.view,
            control: self.control && other.control,
        }
    }
}

/// How an agent comes into a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// Six digits.
    Pin(String),
    /// The link's token.
    Invite(String),
    /// After a lost network: the newest resume token (base32), used once.
    Resume(String),
    /// What an SOS Call wants to know, by the token of its link. Answered with `Form`, and the connection ends: nobody is kept waiting
    /// for somebody who types.
    Form(String),
    /// A request for support through an SOS Call; coming back to it, after it was lost for too long to resume.
    Call(CallRequest),
    /// No invite at all: a session code that the end user reads out. The text is a key that the agent made up (base32, 128 random
    /// bits): with it the agent finds its code, or the session that came of it, again.
    Code(String),
}

/// What the end user filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CallRequest {
    /// The token of the SOS Call's link.
    pub call: String,
    /// A key that the agent made up (base32, 128 random bits): the same request sent twice makes one session.
    pub key: String,
    pub answers: Vec<Answer>,
}

/// The answer to one field of a form. Hostile text to everybody else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Answer {
    /// The field's id.
    pub field: u32,
    pub value: String,
}

/// One field of an SOS Call's form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct FormField {
    pub id: u32,
    /// Empty for the two that every form has: the receiver says them in its language.
    pub label: String,
    pub required: bool,
    pub kind: FieldKind,
    /// With `Choice`: the answers there are.
    pub options: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// The end user's name.
    Name,
    /// What the problem is.
    Issue,
    Text,
    LongText,
    Choice,
    /// Something from a later version: shown as a text.
    #[default]
    #[serde(other)]
    Unknown,
}

/// The short code by which technician and end user know that they mean each other, and what the end user does with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Verification {
    pub mode: VerificationMode,
    /// Four digits.
    pub code: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum VerificationMode {
    /// The prompt shows the code; the end user confirms that the technician has the same.
    Compare,
    /// The technician reads the code out; the end user types it.
    Type,
    #[serde(other)]
    Unknown,
}

/// What the agent tells about its computer. All of it is hostile text to everybody else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct SystemReport {
    pub host_name: String,
    /// "linux", "windows", "macos".
    pub os: String,
    /// "Debian GNU/Linux".
    pub os_name: String,
    /// "12 (bookworm)".
    pub os_version: String,
    pub cpu: String,
    pub cpu_cores: u32,
    pub memory_mb: u64,
    pub user_name: String,
    pub local_addresses: Vec<String>,
    pub displays: Vec<Display>,
    pub agent_version: String,
    /// The end user's language as a BCP 47 tag.
    pub language: String,
    /// Tells this computer from others at this gateway only: a hash that cannot be turned back. Empty: unknown.
    pub device: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Display {
    pub name: String,
    pub width: u32,
    pub height: u32,
}

/// Who asks, as the prompt shows it. The organisation's and gateway's names come from the verified connection instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Person {
    pub name: String,
    /// A small PNG, may be empty.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(feature = "ts", ts(type = "Uint8Array"))]
    pub picture: Vec<u8>,
}

/// First message of an agent, and everything it says later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum FromAgent {
    Hello {
        version: u8,
        join: Join,
        system: SystemReport,
    },
    /// Sent again when something changed (a display, an address).
    System {
        system: SystemReport,
    },
    /// The end user's answer. `rights` is what was granted; none means rejected.
    Answer {
        ask: AskId,
        rights: Rights,
        /// The verification code as the end user confirmed or typed it; needed for a yes where the question brought one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// Nobody answered the question in time: nothing is granted. An older gateway hears nothing and counts its own time-out.
    Unanswered {
        ask: AskId,
    },
    /// What `slot` may do from now on, after the end user lowered it, or stopped (none).
    Lowered {
        slot: Slot,
        rights: Rights,
    },
    /// After 3 rejections in a row, only the end user can invite this technician again.
    InviteAgain {
        technician: TechnicianId,
    },
    Paused {
        paused: bool,
    },
    /// Why there is no picture, or that there is one again.
    Screen {
        state: ScreenState,
    },
    /// The end user writes to the technicians. `client` is the agent's own number of the message: sent again after a lost
    /// connection, it is the same message.
    Chat {
        client: u64,
        text: String,
    },
    /// How far the chat has arrived here, and how far the end user has read it.
    ChatSeen {
        got: u32,
        read: u32,
    },
    /// In place of a hello, on a connection of its own after the session: the answer to [`ToAgent::RatingWanted`].
    Rate {
        version: u8,
        token: String,
        /// 1 to 5.
        stars: u8,
        words: String,
    },
    /// The end user leaves; the connection ends after this.
    Leave {},
    #[serde(other)]
    Unknown,
}

/// One message of the chat with the end user, as the end user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ChatMessage {
    /// Grows within the session; never used twice.
    pub number: u32,
    /// The technician's name; `None` is the end user.
    pub from: Option<String>,
    /// With the end user's own: the agent's number of it.
    pub client: Option<u64>,
    /// Milliseconds since 1970, by the gateway's clock.
    pub at: u64,
    pub text: String,
}

/// Who asks for the controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ControlRequest {
    pub slot: Slot,
    /// How long the one who has them has to answer, milliseconds from the sending of this.
    pub left_ms: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ScreenState {
    Live,
    /// The resolution changes; a new epoch follows.
    Changing,
    /// The screen is locked or belongs to somebody else.
    Locked,
    /// Capture does not work on this screen.
    Unavailable,
    #[serde(other)]
    Unknown,
}

/// What the gateway says to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ToAgent {
    Welcome {
        version: u8,
        session: SessionId,
        /// 256 bits in base32; replaces the one before.
        resume_token: String,
        organisation: String,
        /// Who works on it, if anybody does.
        technician: Option<Person>,
    },
    /// What an SOS Call wants to know. The connection ends after this.
    Form {
        organisation: String,
        /// The SOS Call's name.
        name: String,
        fields: Vec<FormField>,
    },
    /// The session code to read out. `Welcome` follows when a technician has entered it; without that the code ends after `seconds`.
    Code {
        /// Nine digits.
        code: String,
        seconds: u32,
        organisation: String,
    },
    /// The place among those who wait for a technician: 1 is next. Nil once nobody counts any more.
    Queue {
        place: Option<u32>,
    },
    Refused {
        reason: Refusal,
    },
    /// The assigned technician changed.
    Assigned {
        technician: Option<Person>,
    },
    Ask {
        ask: AskId,
        slot: Slot,
        technician: TechnicianId,
        person: Person,
        rights: Rights,
        /// The technician's session key, for end-to-end encryption; may be empty.
        #[serde(with = "serde_bytes")]
        #[cfg_attr(feature = "ts", ts(type = "Uint8Array"))]
        key: Vec<u8>,
        /// Where the channel wants it: no yes counts without the code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verification: Option<Verification>,
    },
    /// The question is void: the technician withdrew it, or left.
    Withdrawn {
        ask: AskId,
        /// It is void because nobody answered in time.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unanswered: bool,
    },
    /// A granted technician's viewer is there; updates for `slot` are wanted from now on, beginning with key pictures.
    Connected {
        slot: Slot,
    },
    Disconnected {
        slot: Slot,
    },
    /// The technician is in the session no more (released, removed, replaced): every grant of `slot` ends.
    Removed {
        slot: Slot,
    },
    /// The technician may not do more than this any more: whatever was granted beyond it ends, without a question.
    Lowered {
        slot: Slot,
        rights: Rights,
    },
    /// The technician who may move the mouse, out of those with a control grant.
    Controller {
        slot: Option<Slot>,
    },
    /// These updates did not reach `slot` whole.
    Abandoned {
        slot: Slot,
        sequences: Vec<u32>,
    },
    /// New in the chat, or all of it after a hello; what is known already may come again.
    Chat {
        messages: Vec<ChatMessage>,
    },
    /// The message was not taken: try again after so long, or (none) not at all.
    ChatRefused {
        client: u64,
        again_ms: Option<u32>,
    },
    /// After the session, the end user may be asked how it was. `token` goes with the answer.
    RatingWanted {
        /// The channel's own question; empty: the usual one.
        question: String,
        token: String,
    },
    /// The answer to [`FromAgent::Rate`] was taken.
    Rated {},
    /// The session is over; the agent shows it and ends.
    Ended {
        reason: EndReason,
    },
    #[serde(other)]
    Unknown,
}

/// Why a gateway refuses. The words a person reads are the receiver's, in their language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Refusal {
    /// PIN, link or token unknown: wrong, expired, closed and never existed are one answer.
    NotFound {},
    /// Too many wrong PINs; the link still works.
    TryLater { seconds: u32 },
    /// Another agent is in this session.
    InUse {},
    /// Known link, but its session is over.
    Over {},
    /// The resume token is too old; join anew.
    ResumeLate {},
    /// The gateway speaks from `min` to `max`.
    Version { min: u8, max: u8 },
    /// A ticket was used before or is too old.
    Ticket {},
    /// The gateway has as many connections as it allows.
    Busy {},
    /// The SOS Call takes no requests at the moment.
    Paused {},
    /// As many requests wait as the channel takes.
    Full {},
    /// The form changed meanwhile, or an answer does not fit it: ask for the form again. `field` names it, if it is one field.
    Form { field: Option<u32> },
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    Closed,
    Expired,
    /// Another connection of the same agent took over.
    Replaced,
    /// The gateway stops; come back soon.
    Restart,
    /// The technician is in this session no more.
    Removed,
    #[serde(other)]
    Unknown,
}

/// What a technician's viewer (browser or native) says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum FromTechnician {
    Hello {
        version: u8,
        /// One-time, from `POST /api/v1/sessions/{id}/connect`, valid 60 s; or the newest `resume` of `Joined`.
        ticket: String,
    },
    /// Takes the controls, or asks for them when a connected technician has them (`slot` is their own); or hands them over.
    Controller {
        slot: Slot,
    },
    Bye {},
    #[serde(other)]
    Unknown,
}

/// What the gateway says to a technician's viewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ToTechnician {
    Joined {
        version: u8,
        session: SessionId,
        slot: Slot,
        state: RemoteState,
        /// The session's name, for the title.
        name: String,
        /// A ticket for coming back after a lost connection: used once, until 60 s after the gateway missed the viewer.
        #[serde(default)]
        resume: String,
    },
    Refused {
        reason: Refusal,
    },
    /// Sent whenever anything in it changed.
    State {
        state: RemoteState,
    },
    /// Clear the picture now: the end user stopped, or the grant ended otherwise.
    Clear {},
    Ended {
        reason: EndReason,
    },
    #[serde(other)]
    Unknown,
}

/// All that a viewer must know to say in words why there is or is not a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct RemoteState {
    /// What this technician was granted.
    pub rights: Rights,
    pub consent: ConsentState,
    pub agent: AgentState,
    pub paused: bool,
    pub screen: ScreenState,
    /// Who may move the mouse.
    pub controller: Option<Slot>,
    pub technicians: Vec<RemoteTechnician>,
    /// The end user's computer, for the title.
    pub host_name: String,
    /// Somebody asks the one who has the controls for them.
    #[serde(default)]
    pub request: Option<ControlRequest>,
    /// The end user took back what this technician had been granted.
    #[serde(default)]
    pub stopped: bool,
    /// The end user ended the app: it is away by their choice.
    #[serde(default)]
    pub left: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct RemoteTechnician {
    pub slot: Slot,
    pub name: String,
    pub connected: bool,
    pub control: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    Idle,
    Asking,
    Granted,
    Rejected,
    /// The question ran out before anybody answered.
    Unanswered,
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Never there, or left.
    Away,
    /// Lost less than 60 s ago.
    Lost,
    Here,
    #[serde(other)]
    Unknown,
}

/// Writes a control message.
///
/// # Errors
/// When it is larger than [`limits::CONTROL_BYTES`].
pub fn encode<M: Serialize>(message: &M) -> Result<Bytes, Malformed> {
    let bytes = rmp_serde::to_vec_named(message).map_err(|_| Malformed::Unknown {
        what: "control message",
    })?;
    if bytes.len() > limits::CONTROL_BYTES {
        return Err(Malformed::TooLarge {
            limit: limits::CONTROL_BYTES,
        });
    }
    Ok(bytes.into())
}

/// Reads a control message.
///
/// # Errors
/// When it is too large or not a message.
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, Malformed> {
    if bytes.len() > limits::CONTROL_BYTES {
        return Err(Malformed::TooLarge {
            limit: limits::CONTROL_BYTES,
        });
    }
    rmp_serde::from_slice(bytes).map_err(|_| Malformed::Unknown {
        what: "control message",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_as_they_went() {
        let hello = FromAgent::Hello {
            version: 1,
            join: Join::Pin("123456".to_owned()),
            system: SystemReport {
                host_name: "büro-7".to_owned(),
                ..SystemReport::default()
            },
        };
        assert_eq!(decode(&encode(&hello).unwrap()), Ok(hello));
        let ask = ToAgent::Ask {
            ask: AskId(1),
            slot: Slot::ALL[1],
            technician: TechnicianId(u64::MAX),
            person: Person {
                name: "Ada".to_owned(),
                picture: vec![1, 2, 3],
            },
            rights: Rights::CONTROL,
            key: vec![],
            verification: None,
        };
        assert_eq!(decode(&encode(&ask).unwrap()), Ok(ask));
        let refused = ToAgent::Refused {
            reason: Refusal::TryLater { seconds: 900 },
        };
        assert_eq!(decode(&encode(&refused).unwrap()), Ok(refused));
    }

    #[test]
    fn a_message_of_a_later_version_is_unknown_and_not_an_error() {
        #[derive(Serialize)]
        #[serde(tag = "t", rename_all = "snake_case")]
        enum Later {
            Teleport { far: bool },
            Leave { bye: String },
        }
        let new = encode(&Later::Teleport { far: true }).unwrap();
        assert_eq!(decode(&new), Ok(FromAgent::Unknown));
        let grown = encode(&Later::Leave {
            bye: "x".to_owned(),
        })
        .unwrap();
        assert_eq!(decode(&grown), Ok(FromAgent::Leave {}));
    }

    #[test]
    fn a_slot_that_does_not_exist_is_refused() {
        #[derive(Serialize)]
        struct Forged {
            t: &'static str,
            slot: u8,
        }
        let bytes = encode(&Forged {
            t: "connected",
            slot: 3,
        })
        .unwrap();
        assert!(decode::<ToAgent>(&bytes).is_err());
    }

    #[test]
    fn no_cut_or_changed_byte_makes_the_reader_panic() {
        let bytes = encode(&FromAgent::Answer {
            ask: AskId(5),
            rights: Rights::VIEW,
            code: Some("4711".to_owned()),
        })
        .unwrap();
        for at in 0..bytes.len() {
            let _ = decode::<FromAgent>(&bytes[..at]);
            let mut changed = bytes.to_vec();
            changed[at] ^= 0xff;
            let _ = decode::<FromAgent>(&changed);
        }
    }
}
