//! Golden vectors of the control messages (MessagePack with named fields), and of every limit.

use crate::files::{check, check_vectors, refused, vector};
use mayday_protocol::control::{
    self, AgentState, Answer, CallRequest, ChatMessage, ConsentState, ControlRequest, Display,
    EndReason, FieldKind, FormField, FromAgent, FromTechnician, Join, Person, Refusal, RemoteState,
    RemoteTechnician, Rights, ScreenState, SystemReport, ToAgent, ToTechnician, Verification,
    VerificationMode,
};
use mayday_protocol::{AskId, SessionId, Slot, TechnicianId, limits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn message<M: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    name: &str,
    message: &M,
) -> Value {
    let bytes = control::encode(message).unwrap();
    assert_eq!(control::decode::<M>(&bytes).as_ref(), Ok(message));
    vector(name, &bytes, serde_json::to_value(message).unwrap())
}

fn person() -> Person {
    Person {
        name: "Ada Lovelace".to_owned(),
        picture: vec![0x89, 0x50, 0x4e, 0x47],
    }
}

fn system() -> SystemReport {
    SystemReport {
        host_name: "büro-7".to_owned(),
        os: "linux".to_owned(),
        os_name: "Debian GNU/Linux".to_owned(),
        os_version: "12 (bookworm)".to_owned(),
        cpu: "Two cores".to_owned(),
        cpu_cores: 2,
        memory_mb: 7_936,
        user_name: "mia".to_owned(),
        local_addresses: vec!["192.0.2.7".to_owned()],
        displays: vec![Display {
            name: "screen".to_owned(),
            width: 1920,
            height: 1080,
        }],
        agent_version: "0.1.0".to_owned(),
        language: "de".to_owned(),
        device: "abcdefgh".to_owned(),
    }
}

fn remote_state() -> RemoteState {
    RemoteState {
        rights: Rights::CONTROL,
        consent: ConsentState::Granted,
        agent: AgentState::Here,
        paused: false,
        screen: ScreenState::Live,
        controller: Some(Slot::ALL[0]),
        technicians: vec![RemoteTechnician {
            slot: Slot::ALL[0],
            name: "Ada Lovelace".to_owned(),
            connected: true,
            control: true,
        }],
        host_name: "büro-7".to_owned(),
        request: Some(ControlRequest {
            slot: Slot::ALL[1],
            left_ms: 20_000,
        }),
        stopped: false,
        left: false,
    }
}

#[test]
fn from_technician() {
    let hello = FromTechnician::Hello {
        version: 1,
        ticket: "abcdefghijklmnop".to_owned(),
    };
    check_vectors(
        "from_technician",
        vec![
            message("hello", &hello),
            message(
                "controller",
                &FromTechnician::Controller { slot: Slot::ALL[1] },
            ),
            message("bye", &FromTechnician::Bye {}),
        ],
        vec![],
    );
}

#[test]
fn to_technician() {
    let joined = ToTechnician::Joined {
        version: 1,
        session: SessionId(9_007_199_254_740_991),
        slot: Slot::ALL[2],
        state: remote_state(),
        name: "Printer".to_owned(),
        resume: "qr7k".to_owned(),
    };
    let idle = RemoteState {
        rights: Rights::NONE,
        consent: ConsentState::Idle,
        agent: AgentState::Away,
        paused: true,
        screen: ScreenState::Locked,
        controller: None,
        technicians: vec![],
        host_name: String::new(),
        request: None,
        stopped: true,
        left: true,
    };
    let mut accepted = vec![
        message("joined", &joined),
        message("state", &ToTechnician::State { state: idle }),
        message("clear", &ToTechnician::Clear {}),
    ];
    for (name, reason) in [
        ("refused: not found", Refusal::NotFound {}),
        ("refused: try later", Refusal::TryLater { seconds: 900 }),
        ("refused: in use", Refusal::InUse {}),
        ("refused: over", Refusal::Over {}),
        ("refused: resume late", Refusal::ResumeLate {}),
        ("refused: version", Refusal::Version { min: 1, max: 1 }),
        ("refused: ticket", Refusal::Ticket {}),
        ("refused: busy", Refusal::Busy {}),
    ] {
        accepted.push(message(name, &ToTechnician::Refused { reason }));
    }
    for (name, reason) in [
        ("ended: closed", EndReason::Closed),
        ("ended: expired", EndReason::Expired),
        ("ended: replaced", EndReason::Replaced),
        ("ended: restart", EndReason::Restart),
        ("ended: removed", EndReason::Removed),
    ] {
        accepted.push(message(name, &ToTechnician::Ended { reason }));
    }
    accepted.push(later_version());
    check_vectors("to_technician", accepted, bad_to_technician());
}

/// What a later gateway may say: an unknown message, which this version reads as `unknown`.
fn later_version() -> Value {
    let bytes = control::encode(&json!({ "t": "teleport", "far": true })).unwrap();
    assert_eq!(
        control::decode::<ToTechnician>(&bytes),
        Ok(ToTechnician::Unknown)
    );
    vector("of a later version", &bytes, json!({ "t": "unknown" }))
}

fn bad_to_technician() -> Vec<Value> {
    let forged = [
        ("no type", json!({ "slot": 1 })),
        ("not a map", json!("clear")),
        ("joined without its fields", json!({ "t": "joined" })),
        (
            "slot 3",
            json!({ "t": "joined", "version": 1, "session": 1, "slot": 3, "state": remote_state(), "name": "" }),
        ),
        (
            "version 256",
            json!({ "t": "joined", "version": 256, "session": 1, "slot": 0, "state": remote_state(), "name": "" }),
        ),
        (
            "paused is a number",
            json!({ "t": "state", "state": { "paused": 1 } }),
        ),
    ];
    let mut bad: Vec<Value> = forged
        .iter()
        .map(|(name, value)| {
            let bytes = control::encode(value).unwrap();
            assert!(
                control::decode::<ToTechnician>(&bytes).is_err(),
                "{name} was read"
            );
            refused(name, &bytes)
        })
        .collect();
    bad.push(refused("empty", &[]));
    bad.push(refused("cut", &[0x81, 0xa1]));
    bad
}

#[test]
fn from_agent() {
    let hello = |join| FromAgent::Hello {
        version: 1,
        join,
        system: system(),
    };
    check_vectors(
        "from_agent",
        vec![
            message("hello with a PIN", &hello(Join::Pin("123456".to_owned()))),
            message(
                "hello with a link",
                &hello(Join::Invite("abcdefgh".to_owned())),
            ),
            message("hello again", &hello(Join::Resume("abcdefgh".to_owned()))),
            message(
                "hello for a form",
                &hello(Join::Form("abcdefgh".to_owned())),
            ),
            message(
                "hello with a request",
                &hello(Join::Call(CallRequest {
                    call: "abcdefgh".to_owned(),
                    key: "ijklmnop".to_owned(),
                    answers: vec![Answer {
                        field: 1,
                        value: "Ada".to_owned(),
                    }],
                })),
            ),
            message(
                "hello for a session code",
                &hello(Join::Code("ijklmnop".to_owned())),
            ),
            message("system", &FromAgent::System { system: system() }),
            message(
                "answer",
                &FromAgent::Answer {
                    ask: AskId(5),
                    rights: Rights::VIEW,
                    code: None,
                },
            ),
            message(
                "answer with a verification code",
                &FromAgent::Answer {
                    ask: AskId(5),
                    rights: Rights::VIEW,
                    code: Some("0471".to_owned()),
                },
            ),
            message(
                "lowered",
                &FromAgent::Lowered {
                    slot: Slot::ALL[0],
                    rights: Rights::NONE,
                },
            ),
            message(
                "invite again",
                &FromAgent::InviteAgain {
                    technician: TechnicianId(7),
                },
            ),
            message("paused", &FromAgent::Paused { paused: true }),
            message(
                "screen",
                &FromAgent::Screen {
                    state: ScreenState::Changing,
                },
            ),
            message(
                "chat",
                &FromAgent::Chat {
                    client: u64::MAX,
                    text: "Hello, is anybody there?".to_owned(),
                },
            ),
            message("chat seen", &FromAgent::ChatSeen { got: 7, read: 5 }),
            message(
                "rate",
                &FromAgent::Rate {
                    version: 1,
                    token: "abcdefgh".to_owned(),
                    stars: 5,
                    words: "Quick and kind.".to_owned(),
                },
            ),
            message("leave", &FromAgent::Leave {}),
        ],
        vec![],
    );
}

#[test]
fn to_agent() {
    check_vectors(
        "to_agent",
        vec![
            message(
                "welcome",
                &ToAgent::Welcome {
                    version: 1,
                    session: SessionId(1),
                    resume_token: "abcdefgh".to_owned(),
                    organisation: "Example".to_owned(),
                    technician: Some(person()),
                },
            ),
            message(
                "refused",
                &ToAgent::Refused {
                    reason: Refusal::NotFound {},
                },
            ),
            message(
                "refused, the SOS Call is paused",
                &ToAgent::Refused {
                    reason: Refusal::Paused {},
                },
            ),
            message(
                "refused, an answer does not fit",
                &ToAgent::Refused {
                    reason: Refusal::Form { field: Some(2) },
                },
            ),
            message(
                "form",
                &ToAgent::Form {
                    organisation: "Example".to_owned(),
                    name: "Help with a printer".to_owned(),
                    fields: vec![
                        FormField {
                            id: 1,
                            required: true,
                            kind: FieldKind::Name,
                            ..FormField::default()
                        },
                        FormField {
                            id: 16,
                            label: "Building".to_owned(),
                            required: false,
                            kind: FieldKind::Choice,
                            options: vec!["North".to_owned(), "South".to_owned()],
                        },
                    ],
                },
            ),
            message(
                "session code",
                &ToAgent::Code {
                    code: "012345678".to_owned(),
                    seconds: 600,
                    organisation: "Example".to_owned(),
                },
            ),
            message("place in the queue", &ToAgent::Queue { place: Some(2) }),
            message("assigned", &ToAgent::Assigned { technician: None }),
            message(
                "ask",
                &ToAgent::Ask {
                    ask: AskId(5),
                    slot: Slot::ALL[0],
                    technician: TechnicianId(7),
                    person: person(),
                    rights: Rights::CONTROL,
                    key: vec![],
                    verification: None,
                },
            ),
            message(
                "ask with a verification code",
                &ToAgent::Ask {
                    ask: AskId(5),
                    slot: Slot::ALL[0],
                    technician: TechnicianId(7),
                    person: person(),
                    rights: Rights::VIEW,
                    key: vec![],
                    verification: Some(Verification {
                        mode: VerificationMode::Type,
                        code: "0471".to_owned(),
                    }),
                },
            ),
            message(
                "withdrawn",
                &ToAgent::Withdrawn {
                    ask: AskId(5),
                    unanswered: false,
                },
            ),
            message(
                "withdrawn_unanswered",
                &ToAgent::Withdrawn {
                    ask: AskId(5),
                    unanswered: true,
                },
            ),
            message("connected", &ToAgent::Connected { slot: Slot::ALL[0] }),
            message(
                "disconnected",
                &ToAgent::Disconnected { slot: Slot::ALL[0] },
            ),
            message("removed", &ToAgent::Removed { slot: Slot::ALL[0] }),
            message(
                "lowered",
                &ToAgent::Lowered {
                    slot: Slot::ALL[0],
                    rights: Rights::VIEW,
                },
            ),
            message("controller", &ToAgent::Controller { slot: None }),
            message(
                "abandoned",
                &ToAgent::Abandoned {
                    slot: Slot::ALL[0],
                    sequences: vec![7, 8],
                },
            ),
            message(
                "chat",
                &ToAgent::Chat {
                    messages: vec![
                        ChatMessage {
                            number: 1,
                            from: Some("Ada Lovelace".to_owned()),
                            client: None,
                            at: 1_795_303_800_000,
                            text: "Hello".to_owned(),
                        },
                        ChatMessage {
                            number: 2,
                            from: None,
                            client: Some(u64::MAX),
                            at: 1_795_303_801_000,
                            text: "Grüß Gott".to_owned(),
                        },
                    ],
                },
            ),
            message(
                "chat refused",
                &ToAgent::ChatRefused {
                    client: 9,
                    again_ms: Some(1000),
                },
            ),
            message(
                "rating wanted",
                &ToAgent::RatingWanted {
                    question: String::new(),
                    token: "abcdefgh".to_owned(),
                },
            ),
            message("rated", &ToAgent::Rated {}),
            message(
                "ended",
                &ToAgent::Ended {
                    reason: EndReason::Closed,
                },
            ),
        ],
        vec![],
    );
}

#[test]
fn limits() {
    let text = serde_json::to_string_pretty(&json!({
        "version": mayday_protocol::VERSION,
        "controlBytes": limits::CONTROL_BYTES,
        "orderedBytes": limits::ORDERED_BYTES,
        "datagramPayloadBytes": limits::DATAGRAM_PAYLOAD_BYTES,
        "tagBytes": limits::TAG_BYTES,
        "updateBytes": limits::UPDATE_BYTES,
        "chunkBytes": limits::CHUNK_BYTES,
        "screenSide": limits::SCREEN_SIDE,
        "stripes": limits::STRIPES,
        "rectsPerStripe": limits::RECTS_PER_STRIPE,
        "copies": limits::COPIES,
        "tiles": limits::TILES,
        "tilePixels": limits::TILE_PIXELS,
        "updateTilePixels": limits::UPDATE_TILE_PIXELS,
        "follows": limits::FOLLOWS,
        "inputEvents": limits::INPUT_EVENTS,
        "cursorSide": limits::CURSOR_SIDE,
        "textChars": limits::TEXT_CHARS,
    }));
    check("protocol/vectors/limits.json", &(text.unwrap() + "\n"));
}
