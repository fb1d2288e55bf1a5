//! The agent's core with a played window, and a gateway of the test's own at the other end of a real connection.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mayday_agent::cli::{CaptureBackend, EncodeArm, Exit, Gateway, InputBackend};
use mayday_agent::desk_link::{self, Means, Start};
use mayday_agent::face::{Face, UserAction, View};
use mayday_agent::permit::Permit;
use mayday_agent::stop_key::InjectedKeys;
use mayday_agent::window::OwnWindows;
use mayday_protocol::control::{
    self, FromAgent, Join, Person, Rights, ToAgent, Verification, VerificationMode,
};
use mayday_protocol::feedback::{Feedback, Report};
use mayday_protocol::input::{Event, Input};
use mayday_protocol::update::Update;
use mayday_protocol::{
    AskId, Audience, Class, ClearHeader, Epoch, Packet, Sequence, SessionId, Slot, TechnicianId,
};
use mayday_transport::{
    HttpsCertificate, Identity, Incoming, Link, Listener, Received, WebCertificates,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::application::Application;
use crate::drawers::Drawers;
use crate::sight::{Came, Sight};

pub const PATIENCE: Duration = Duration::from_secs(20);
const SESSION: SessionId = SessionId(77);
/// Where the application's window is at first.
pub const WINDOW: (i16, i16) = (100, 100);

/// The played window: what it would show comes out here.
struct Shown(mpsc::Sender<View>);

impl Face for Shown {
    fn show(&self, view: View) {
        let _ = self.0.send(view);
    }

    fn close(&self) {}
}

/// What the path to the technician loses.
#[derive(Clone, Copy, Default)]
pub struct Losses {
    /// The first copy of each datagram.
    pub datagrams: bool,
    /// Every so many updates on a stream is given up by the relay; 0: none.
    pub streams: u32,
    /// Nothing is lost, but drawing an update takes this long, one after the other.
    pub drawing: Duration,
}

pub struct World {
    /// The gateway's end of the connection.
    link: Link,
    pub messages: UnboundedReceiver<FromAgent>,
    pub updates: UnboundedReceiver<(Instant, Update)>,
    /// What technician A sees, and what B sees.
    pub sights: [Arc<Mutex<Sight>>; 2],
    pub losses: Arc<Mutex<Losses>>,
    /// The most updates that were with technician A and not drawn.
    pub undrawn: Arc<AtomicUsize>,
    pub views: mpsc::Receiver<View>,
    pub actions: UnboundedSender<UserAction>,
    pub permit: Arc<Permit>,
    pub ended: mpsc::Receiver<Exit>,
    pub application: Application,
    inputs: u32,
}

impl World {
    pub async fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("mayday-core-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let identity = Identity::load_or_create(&folder).unwrap();
        let listener = Listener::bind(
            "127.0.0.1:0".parse().unwrap(),
            &identity,
            &WebCertificates::load_or_create(&folder).unwrap(),
            &HttpsCertificate::load_or_create(&folder, &["localhost".to_owned()]).unwrap(),
        )
        .unwrap();
        let gateway = Gateway {
            host: "127.0.0.1".to_owned(),
            port: listener.local_addr().port(),
            pin: Some(identity.pin()),
            organisation: None,
        };
        let (actions, taken) = unbounded_channel();
        let (shown, views) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let permit = Arc::new(Permit::default());
        let application = Application::open(WINDOW.0, WINDOW.1);
        application.take_focus();
        let core_permit = permit.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let start = Start {
                gateway: Some(gateway),
                join: Some(Join::Pin("123456".to_owned())),
                means: Means {
                    capture: CaptureBackend::X11,
                    input: InputBackend::Xtest,
                    encode: EncodeArm::Stripes,
                    own_windows: OwnWindows::default(),
                    injected_keys: InjectedKeys::default(),
                },
                exit_on_failure: true,
                altered: false,
            };
            let exit = desk_link::run(start, Box::new(Shown(shown)), core_permit, taken);
            let _ = end.send(runtime.block_on(exit));
        });
        let Some(Incoming::Native(link)) = listener.accept_udp().await else {
            panic!("no agent came");
        };
        let sights: [Arc<Mutex<Sight>>; 2] = Default::default();
        let losses = Arc::new(Mutex::new(Losses::default()));
        let undrawn = Arc::new(AtomicUsize::new(0));
        let seen = (sights.clone(), losses.clone(), undrawn.clone());
        let (messages, updates) = listen(link.clone(), seen.0, seen.1, seen.2);
        let mut world = Self {
            link,
            messages,
            updates,
            sights,
            losses,
            undrawn,
            views,
            actions,
            permit,
            ended,
            application,
            inputs: 0,
        };
        world
            .said(|message| matches!(message, FromAgent::Hello { join: Join::Pin(pin), .. } if pin == "123456"))
            .await;
        world
            .tell(&ToAgent::Welcome {
                version: 1,
                session: SESSION,
                resume_token: "token".to_owned(),
                organisation: "Example".to_owned(),
                technician: None,
            })
            .await;
        // The listener lives as long as the process.
        std::mem::forget(listener);
        let _ = std::fs::remove_dir_all(folder);
        world
    }

    pub async fn tell(&self, message: &ToAgent) {
        self.link.send_control(message).await.unwrap();
    }

    pub async fn ask(&self, ask: u64, slot: Slot) {
        self.question(ask, slot, None).await;
    }

    /// The end user must type this code.
    pub async fn ask_with_code(&self, ask: u64, slot: Slot, code: &str) {
        let verification = Verification {
            mode: VerificationMode::Type,
            code: code.to_owned(),
        };
        self.question(ask, slot, Some(verification)).await;
    }

    async fn question(&self, ask: u64, slot: Slot, verification: Option<Verification>) {
        let person = Person {
            name: "Ada".to_owned(),
            picture: Vec::new(),
        };
        let technician = TechnicianId(100 + ask);
        let (ask, rights, key) = (AskId(ask), Rights::CONTROL, Vec::new());
        self.tell(&ToAgent::Ask {
            ask,
            slot,
            technician,
            person,
            rights,
            key,
            verification,
        })
        .await;
    }

    pub fn act(&self, action: UserAction) {
        self.actions.send(action).unwrap();
    }

    pub fn view(&self, wanted: impl Fn(&View) -> bool) -> View {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let view = self.views.recv_timeout(left).expect("the scene is shown");
            if wanted(&view) {
                return view;
            }
        }
    }

    pub async fn said(&mut self, wanted: impl Fn(&FromAgent) -> bool) {
        let found = async {
            while let Some(message) = self.messages.recv().await {
                if wanted(&message) {
                    return true;
                }
            }
            false
        };
        assert!(
            tokio::time::timeout(PATIENCE, found)
                .await
                .expect("the agent says it")
        );
    }

    pub async fn update(&mut self) -> (Instant, Update) {
        let next = tokio::time::timeout(PATIENCE, self.updates.recv()).await;
        next.expect("an update comes")
            .expect("the connection lives")
    }

    /// The updates until technician A sees what there is and none came for `quiet`: on a busy machine the first may take longer than that.
    pub async fn until_quiet(&mut self, quiet: Duration) -> Vec<(Instant, Update)> {
        let mut all = Vec::new();
        let until = Instant::now() + PATIENCE;
        loop {
            match tokio::time::timeout(quiet, self.updates.recv()).await {
                Ok(Some(update)) => all.push(update),
                Err(_) if self.compare(Slot::ALL[0]).is_err() && Instant::now() < until => {}
                Ok(None) | Err(_) => return all,
            }
        }
    }

    /// What a technician sees becomes what there is, pixel by pixel; when, depends on the machine.
    pub async fn is_exact(&self, slot: Slot, when: &str) {
        let until = Instant::now() + PATIENCE;
        while let Err(differs) = self.compare(slot) {
            assert!(Instant::now() < until, "{when}, {slot:?}: {differs}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn compare(&self, slot: Slot) -> Result<(), String> {
        let sight = self.sights[slot.index()].lock().unwrap();
        let Some((size, shown)) = sight.pixels() else {
            return Err(format!("there is no picture; {}", sight.state()));
        };
        let real = self.application.screen(size.width, size.height);
        let pairs = shown.chunks_exact(4).zip(real.chunks_exact(4));
        let differs = |(_, (shown, real)): &(usize, (&[u8], &[u8]))| shown[..3] != real[..3];
        let wrong: Vec<usize> = pairs
            .enumerate()
            .filter(differs)
            .map(|(at, _)| at)
            .collect();
        let Some(first) = wrong.first() else {
            return Ok(());
        };
        let width = usize::from(size.width);
        Err(format!(
            "{} pixels differ, the first at {:?}; {}",
            wrong.len(),
            (first % width, first / width),
            sight.state()
        ))
    }

    /// A key of technician A, as the relay hands it on.
    pub fn key(&mut self, code: u16, down: bool) {
        self.inputs += 1;
        let events = vec![Event::Key { code, down }];
        let payload = Input {
            epoch: Epoch(1),
            events,
        }
        .encode();
        let packet = Packet::new(header(Class::Input, self.inputs), payload);
        self.link.send_datagram(&packet).unwrap();
    }
}

pub fn header(class: Class, sequence: u32) -> ClearHeader {
    ClearHeader {
        class,
        source: 0,
        audience: Audience::AGENT,
        session: SESSION,
        sequence: Sequence(sequence),
        size: 0,
        age_us: 0,
    }
}

/// Sorts what the agent sends, and reports every update as drawn for each technician who gets it, but for what is lost.
fn listen(
    link: Link,
    sights: [Arc<Mutex<Sight>>; 2],
    losses: Arc<Mutex<Losses>>,
    undrawn: Arc<AtomicUsize>,
) -> (
    UnboundedReceiver<FromAgent>,
    UnboundedReceiver<(Instant, Update)>,
) {
    let (said, messages) = unbounded_channel();
    let (came, updates) = unbounded_channel();
    tokio::spawn(async move {
        let mut streams = 0;
        let (mut lost, mut seen) = (HashSet::new(), HashSet::new());
        // Whom each sequence was for at first: it may come again for only some of them.
        let mut addressed = HashMap::new();
        let drawers = Drawers::new(&link, &losses, undrawn);
        while let Ok(received) = link.recv().await {
            let losing = *losses.lock().unwrap();
            let mut given_up = false;
            let packet = match received {
                Received::Control(bytes) => {
                    let _ = said.send(control::decode(&bytes).unwrap());
                    continue;
                }
                Received::Packet { packet, .. } => {
                    let header = packet.header;
                    if !matches!(header.class, Class::Update | Class::Refinement) {
                        continue;
                    }
                    addressed.entry(header.sequence).or_insert(header.audience);
                    if losing.datagrams && lost.insert(header.sequence) {
                        let slots = Slot::ALL.into_iter().zip(&sights);
                        for (_, sight) in slots.filter(|(slot, _)| header.audience.contains(*slot))
                        {
                            sight.lock().unwrap().lose(header.sequence.0);
                        }
                        continue;
                    }
                    packet
                }
                Received::Stream(stream) => {
                    streams += 1;
                    given_up = losing.streams > 0 && streams % losing.streams == 0;
                    match stream.read().await {
                        Ok(packet) => packet,
                        Err(_) => continue, // abandoned
                    }
                }
            };
            if !matches!(packet.header.class, Class::Update | Class::Refinement) {
                continue;
            }
            let (sequence, audience) = (packet.header.sequence, packet.header.audience);
            let update = Update::decode(&packet.payload).unwrap();
            let first = *addressed.entry(sequence).or_insert(audience);
            for (slot, sight) in Slot::ALL.into_iter().zip(&sights) {
                let mut spoilt = 0;
                if !first.contains(slot) {
                    spoilt |= sight.lock().unwrap().take(sequence.0, Came::Theirs);
                }
                if audience.contains(slot) && given_up {
                    spoilt |= sight.lock().unwrap().take(sequence.0, Came::GivenUp);
                    let sequences = vec![sequence.0];
                    let abandoned = ToAgent::Abandoned { slot, sequences };
                    link.send_control(&abandoned).await.unwrap();
                } else if audience.contains(slot) {
                    let mut sight = sight.lock().unwrap();
                    sight.bytes += packet.payload.len();
                    spoilt |= sight.take(sequence.0, Came::Update(Box::new(update.clone())));
                    drawers.draw(slot, report(sequence, packet.payload.len()));
                }
                // What waited for this one may be spoilt, whatever became of it.
                if spoilt != 0 {
                    let wanted = Feedback::Refresh {
                        epoch: update.epoch,
                        stripes: spoilt,
                    };
                    drawers.say(slot, wanted);
                }
            }
            // A busy machine is slow to report, and then the agent sends again.
            if !given_up && audience.contains(Slot::ALL[0]) && seen.insert(sequence) {
                let _ = came.send((Instant::now(), update));
            }
        }
    });
    (messages, updates)
}

fn report(update: Sequence, bytes: usize) -> Report {
    Report {
        update,
        bytes: bytes as u32,
        arrival_us: 0,
        spread_us: 0,
        wait_us: 0,
        decode_us: 0,
        draw_us: 0,
        queued: 0,
    }
}
