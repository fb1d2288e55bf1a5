//! Shows the window's scenes without a gateway, for screenshots and for the tests of the window: `scenes [--language de] [--scheme dark]`
//! reads names of scenes from its input and prints what the end user does; asked for `shown`, it says so once the window shows them. It
//! grants nothing: there is nobody to grant to.

use std::io::{BufRead, stdin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use mayday_agent::cli::Language;
use mayday_agent::face::{
    Banner, BannerEntry, ChatLine, ChatView, Delivery, Doing, Face, FormError, GatewayLabel,
    PromptCode, Scene, View,
};
use mayday_agent::permit::Permit;
use mayday_agent::sentence::Sentence;
use mayday_agent::stop_key::{self, InjectedKeys};
use mayday_agent::window::{self, OwnWindows, Scheme, Texts, WindowFace};
use mayday_protocol::control::{FieldKind, FormField, Rights};
use mayday_protocol::{AskId, Slot};
use tokio::sync::mpsc;

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    language: Option<Language>,
    #[arg(long)]
    dark: bool,
    #[arg(long)]
    light: bool,
    /// A picture for the prompt.
    #[arg(long)]
    picture: Option<std::path::PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    let permit = Arc::new(Permit::default());
    let own_windows = OwnWindows::default();
    let (actions, mut done) = mpsc::unbounded_channel();
    stop_key::start(
        None,
        permit.clone(),
        actions.clone(),
        InjectedKeys::default(),
    )
    .expect("a stop key");
    let scheme = match (arguments.dark, arguments.light) {
        (true, _) => Scheme::Dark,
        (false, true) => Scheme::Light,
        (false, false) => Scheme::Desktop,
    };
    let options = window::Options {
        texts: Texts::for_language(arguments.language),
        permit,
        actions,
        own_windows: own_windows.clone(),
        scheme,
    };
    let (window, face) = window::open(options).expect("a window");
    let picture = arguments
        .picture
        .map(|path| std::fs::read(path).expect("the picture"))
        .unwrap_or_default();
    std::thread::spawn(move || read_scenes(&face, &own_windows, &picture));
    std::thread::spawn(move || {
        while let Some(action) = done.blocking_recv() {
            println!("{action:?}");
        }
    });
    window.run().expect("the window runs");
}

fn read_scenes(face: &WindowFace, own_windows: &OwnWindows, picture: &[u8]) {
    let mut asks = 0;
    for line in stdin().lock().lines() {
        let line = line.expect("a line");
        let mut words = line.split_whitespace();
        match words.next() {
            Some("hang") => {
                slint::invoke_from_event_loop(|| {
                    println!("hung");
                    std::thread::sleep(Duration::from_secs(600));
                })
                .expect("a running loop");
            }
            Some("shown") => {
                slint::invoke_from_event_loop(|| println!("shown")).expect("a running loop");
            }
            Some("own-windows") => println!("own {:?}", own_windows.ids()),
            Some("close") => face.close(),
            Some(name) => {
                asks += 1;
                let banner = banner(words.next());
                face.show(View {
                    scene: scene(name, asks, picture),
                    banner,
                    chat: Some(chat(name)),
                });
            }
            None => {}
        }
    }
}

const HOST: &str = "help.contoso.example";
const ORGANISATION: &str = "Contoso IT-Servicezentrum Süd";

fn scene(name: &str, ask: u64, picture: &[u8]) -> Scene {
    let gateway = || {
        Some(GatewayLabel {
            host: HOST.into(),
            organisation: Some(ORGANISATION.into()),
        })
    };
    let waiting = |technician: Option<&str>, can_invite_again| Scene::Waiting {
        organisation: ORGANISATION.into(),
        gateway_host: HOST.into(),
        technician: technician.map(str::to_owned),
        ran_out: false,
        can_invite_again,
        place: None,
        requested: false,
    };
    let queue = |place, technician: Option<&str>| Scene::Waiting {
        organisation: ORGANISATION.into(),
        gateway_host: HOST.into(),
        technician: technician.map(str::to_owned),
        ran_out: false,
        can_invite_again: false,
        place,
        requested: true,
    };
    let form = |error: Option<FormError>, sending| Scene::Form {
        gateway: gateway().expect("one"),
        name: "Hilfe für Drucker, Arbeitsplätze und alles andere".into(),
        fields: fields(),
        error,
        sending,
    };
    let code = |code: &str, seconds| Scene::Code {
        gateway: gateway().expect("one"),
        code: code.into(),
        until: Instant::now() + Duration::from_secs(seconds),
    };
    let prompt_from = |name: &str, wants, seconds, deaf| Scene::Prompt {
        ask: AskId(ask),
        name: name.into(),
        organisation: ORGANISATION.into(),
        gateway_host: HOST.into(),
        picture_png: picture.to_vec(),
        wants,
        deadline: Instant::now() + Duration::from_secs(seconds),
        accepts_from: Instant::now() + Duration::from_secs(deaf),
        verification: None,
    };
    let prompt = |name: &str, wants, seconds| prompt_from(name, wants, seconds, 1);
    // One question through all its states.
    let verify = |shown: Option<&str>, verified, wrong| Scene::Prompt {
        ask: AskId(1_000_000),
        name: "Anna Berger".into(),
        organisation: ORGANISATION.into(),
        gateway_host: HOST.into(),
        picture_png: picture.to_vec(),
        wants: Rights::CONTROL,
        deadline: Instant::now() + Duration::from_secs(30),
        accepts_from: Instant::now() + Duration::from_secs(1),
        verification: Some(PromptCode {
            shown: shown.map(str::to_owned),
            verified,
            wrong,
        }),
    };
    match name {
        "pin" => Scene::EnterPin {
            gateway: gateway(),
            error: None,
            ask_gateway: false,
        },
        "pin-wrong" => Scene::EnterPin {
            gateway: gateway(),
            error: Some(Sentence::new("wrong-pin")),
            ask_gateway: false,
        },
        "pin-gateway" => Scene::EnterPin {
            gateway: None,
            error: None,
            ask_gateway: true,
        },
        "form" => form(None, false),
        "form-wrong" => form(
            Some(FormError {
                field: Some(2),
                sentence: Sentence::new("answer-missing"),
            }),
            false,
        ),
        "form-paused" => form(
            Some(FormError {
                field: None,
                sentence: Sentence::new("call-paused"),
            }),
            false,
        ),
        "form-sending" => form(None, true),
        "code" => code("012345678", 599),
        "code-over" => code("", 0),
        "queue-1" => queue(Some(1), None),
        "queue-3" => queue(Some(3), None),
        "queue-taken" => queue(None, Some("Anna Berger")),
        "verify-compare" => verify(Some("0471"), false, 0),
        "verify-compare-same" => verify(Some("0471"), true, 0),
        "verify-type" => verify(None, false, 0),
        "verify-type-wrong" => verify(None, false, 1),
        "verify-type-right" => verify(None, true, 0),
        "confirm" => Scene::ConfirmGateway {
            host: HOST.into(),
            fingerprint: "k5pq2mzn7ya3wd4xrtg6hv2jbcsl5uo7ief3k5pq2mzn7ya3wd4x".into(),
        },
        "connecting" => Scene::Connecting { host: HOST.into() },
        "waiting" => waiting(Some("Anna Berger"), false),
        "waiting-nobody" => waiting(None, false),
        "waiting-ran-out" => ran_out(waiting(Some("Anna Berger"), false)),
        "waiting-rejected" => waiting(Some("Anna Berger"), true),
        "reconnecting" => Scene::Reconnecting {
            since: Instant::now(),
        },
        "prompt" => prompt("Anna Berger", Rights::CONTROL, 30),
        "prompt-view" => prompt("Anna Berger", Rights::VIEW, 30),
        // Its first second does not end, or not soon.
        "prompt-early" => prompt_from("Anna Berger", Rights::CONTROL, 30, 30),
        "prompt-late" => prompt_from("Anna Berger", Rights::CONTROL, 60, 8),
        "prompt-short" => prompt("Anna Berger", Rights::CONTROL, 3),
        "prompt-hostile" => prompt(
            &format!("Anna\u{202E}nigma\u{200B}\n{}", "Very Long Name ".repeat(9)),
            Rights::CONTROL,
            30,
        ),
        "chat" | "chat-closed" => waiting(Some("Anna Berger"), false),
        "rating" => Scene::Rating {
            sentence: Sentence::new("closed"),
            question: String::new(),
        },
        "ended" => Scene::Ended {
            sentence: Sentence::new("closed"),
            can_retry: true,
        },
        "failed" => Scene::Failed {
            sentence: Sentence::new("unreachable")
                .with("host", HOST)
                .with("port", 8443),
            can_retry: true,
        },
        "failed-paused" => Scene::Failed {
            sentence: Sentence::new("call-paused"),
            can_retry: true,
        },
        "failed-unknown-call" => Scene::Failed {
            sentence: Sentence::new("unknown-call"),
            can_retry: true,
        },
        other => panic!("there is no scene {other}"),
    }
}

/// The question before it was not answered.
fn ran_out(mut scene: Scene) -> Scene {
    if let Scene::Waiting { ran_out, .. } = &mut scene {
        *ran_out = true;
    }
    scene
}

fn fields() -> Vec<FormField> {
    let field = |id, label: &str, required, kind, options: &[&str]| FormField {
        id,
        label: label.into(),
        required,
        kind,
        options: options.iter().map(|one| (*one).into()).collect(),
    };
    let buildings = ["Nord", "Süd", "Verwaltungsgebäude und Außenstellen"];
    vec![
        field(1, "", true, FieldKind::Name, &[]),
        field(2, "", true, FieldKind::Issue, &[]),
        field(16, "Gebäude", true, FieldKind::Choice, &buildings),
        field(
            17,
            "Telefonnummer für Rückfragen",
            false,
            FieldKind::Text,
            &[],
        ),
    ]
}

fn chat(name: &str) -> ChatView {
    let line = |from: Option<&str>, text: &str, delivery| ChatLine {
        from: from.map(str::to_owned),
        at_unix_ms: Some(1_795_303_800_000),
        text: text.to_owned(),
        delivery,
    };
    let anna = Some("Anna Berger");
    let lines = vec![
        line(
            anna,
            "Good morning! I am Anna from the service desk. What does the printer say?",
            Delivery::Arrived,
        ),
        line(
            None,
            "It says “paper jam”, but there is no paper in it.",
            Delivery::Arrived,
        ),
        line(
            anna,
            "Then let us have a look together.\nI will ask you to share your screen in a moment.",
            Delivery::Arrived,
        ),
        line(None, "Yes please", Delivery::OnItsWay),
    ];
    ChatView {
        lines: lines.into(),
        unread: u32::from(name == "chat-closed") * 2,
        open: name == "chat",
    }
}

fn banner(name: Option<&str>) -> Option<Banner> {
    let entry = |slot: usize, name: &str, control, doing| BannerEntry {
        slot: Slot::ALL[slot],
        name: name.into(),
        control,
        doing,
        since: Instant::now(),
    };
    let technicians = match name? {
        "control" | "paused" => vec![entry(0, "Anna Berger", true, Doing::Controls)],
        "view" => vec![entry(0, "Anna Berger", false, Doing::Sees)],
        "allowed" => vec![entry(0, "Anna Berger", true, Doing::Nothing)],
        "allowed-view" => vec![entry(0, "Anna Berger", false, Doing::Nothing)],
        "three" => vec![
            entry(0, "Anna Berger", true, Doing::Controls),
            entry(1, "Benedikt Obermüller", true, Doing::Sees),
            entry(2, "Chiara Della Torre", false, Doing::Sees),
        ],
        "coming" => vec![
            entry(0, "Anna Berger", true, Doing::Controls),
            entry(1, "Benedikt Obermüller", true, Doing::Nothing),
        ],
        other => panic!("there is no banner {other}"),
    };
    Some(Banner {
        technicians,
        paused: name == Some("paused"),
    })
}
