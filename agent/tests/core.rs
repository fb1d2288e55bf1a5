//! The whole core against a gateway of this test's own, over a real connection and on a real X server; only the window is played.
//! What must never happen is tried: allowing too early, input while a prompt is shown, pixels after Stop.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use mayday_agent::cli::{CaptureBackend, EncodeArm, Exit, Gateway, InputBackend};
use mayday_agent::desk_link::{self, Means, Start};
use mayday_agent::face::{Face, Scene, UserAction, View};
use mayday_agent::permit::Permit;
use mayday_agent::stop_key::InjectedKeys;
use mayday_agent::window::OwnWindows;
use mayday_protocol::control::{self, FromAgent, Join, Person, Rights, ToAgent};
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
use x11rb::connection::Connection as _;
use x11rb::protocol::Event as XEvent;
use x11rb::protocol::xproto::{
    ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, InputFocus,
    Rectangle, WindowClass,
};
use x11rb::rust_connection::RustConnection;

const PATIENCE: Duration = Duration::from_secs(20);
const SESSION: SessionId = SessionId(77);
const A: Slot = Slot::ALL[0];
const B: Slot = Slot::ALL[1];

/// The display is the process's, so the test runs in one of its own.
#[test]
fn the_core_keeps_its_promises() {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-noreset"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is installed by `cargo xtask test`");
    let mut number = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut number)
        .unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "inner", "--nocapture"])
        .env("DISPLAY", format!(":{}", number.trim()))
        .output();
    end(&mut server);
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn end(server: &mut Child) {
    let _ = server.kill();
    let _ = server.wait();
}

/// The played window: what it would show comes out here.
struct Shown(mpsc::Sender<View>);

impl Face for Shown {
    fn show(&self, view: View) {
        let _ = self.0.send(view);
    }

    fn close(&self) {}
}

struct World {
    /// The gateway's end of the connection.
    link: Link,
    messages: UnboundedReceiver<FromAgent>,
    updates: UnboundedReceiver<(Instant, Update)>,
    views: mpsc::Receiver<View>,
    actions: UnboundedSender<UserAction>,
    permit: Arc<Permit>,
    ended: mpsc::Receiver<Exit>,
    application: Application,
    inputs: u32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the test above, with a display"]
async fn inner() {
    let mut world = World::start().await;
    world.view(|view| matches!(view.scene, Scene::Waiting { .. }));
    allowing_too_early_grants_nothing(&mut world).await;
    the_screen_comes_as_key_pictures_and_then_as_it_changes(&mut world).await;
    keys_arrive_but_not_while_a_prompt_is_shown(&mut world).await;
    nothing_leaves_after_stop(&mut world).await;
    leaving_is_said_and_ends_with_0(world).await;
}

async fn allowing_too_early_grants_nothing(world: &mut World) {
    world.ask(1, A).await;
    world.view(|view| matches!(view.scene, Scene::Prompt { .. }));
    world.act(UserAction::Allow);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        world.messages.try_recv().is_err(),
        "answered in the first second"
    );
    tokio::time::sleep(Duration::from_millis(900)).await;
    world.act(UserAction::Allow);
    let answer = FromAgent::Answer {
        ask: AskId(1),
        rights: Rights::CONTROL,
    };
    world.said(|message| *message == answer).await;
}

async fn the_screen_comes_as_key_pictures_and_then_as_it_changes(world: &mut World) {
    assert!(
        world.updates.try_recv().is_err(),
        "pixels before anybody is connected"
    );
    world.tell(&ToAgent::Connected { slot: A }).await;
    world.tell(&ToAgent::Controller { slot: Some(A) }).await;
    let mut keys = 0u64;
    while keys != 0b1_1111 {
        let (_, update) = world.update().await;
        assert!(
            update.layout.is_some() || keys != 0,
            "the first update says the layout"
        );
        for stripe in update.stripes.iter().filter(|stripe| stripe.key) {
            keys |= 1 << stripe.index;
        }
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    while world.updates.try_recv().is_ok() {}
    world.application.paint(0x00ff_0000);
    let (_, update) = world.update().await;
    let drawn: Vec<_> = update
        .stripes
        .iter()
        .flat_map(|stripe| &stripe.draw)
        .collect();
    assert!(
        drawn
            .iter()
            .any(|rect| rect.y <= 110 && rect.y + rect.height > 110)
    );
    assert!(
        update.stripes.iter().all(|stripe| !stripe.key),
        "no key picture for a change"
    );
}

async fn keys_arrive_but_not_while_a_prompt_is_shown(world: &mut World) {
    world.key(30, true);
    world.key(30, false);
    assert_eq!(world.application.keys(2, PATIENCE), ["38 down", "38 up"]);
    world.key(42, true);
    assert_eq!(world.application.keys(1, PATIENCE), ["50 down"]);
    world.ask(2, B).await;
    world.view(|view| matches!(view.scene, Scene::Prompt { .. }));
    assert_eq!(
        world.application.keys(1, PATIENCE),
        ["50 up"],
        "held keys are let go"
    );
    world.key(28, true);
    world.key(28, false);
    assert!(
        world
            .application
            .keys(1, Duration::from_millis(400))
            .is_empty()
    );
    tokio::time::sleep(Duration::from_millis(700)).await;
    world.act(UserAction::Reject);
    let answer = FromAgent::Answer {
        ask: AskId(2),
        rights: Rights::NONE,
    };
    world.said(|message| *message == answer).await;
}

async fn nothing_leaves_after_stop(world: &mut World) {
    let painting = thread::spawn(|| {
        let application = Application::open(300, 300);
        for step in 0..300 {
            application.paint(step * 0x0001_0305);
            thread::sleep(Duration::from_millis(4));
        }
    });
    tokio::time::sleep(Duration::from_millis(400)).await;
    while world.updates.try_recv().is_ok() {}
    world.update().await;
    world.permit.stop();
    let stopped = Instant::now();
    world.act(UserAction::Stop);
    world
        .said(|message| {
            matches!(
                message,
                FromAgent::Lowered {
                    rights: Rights::NONE,
                    ..
                }
            )
        })
        .await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    while let Ok((at, _)) = world.updates.try_recv() {
        assert!(
            at < stopped + Duration::from_millis(100),
            "{:?} after Stop",
            at - stopped
        );
    }
    world.key(30, true);
    assert!(
        world
            .application
            .keys(1, Duration::from_millis(300))
            .is_empty()
    );
    painting.join().unwrap();
}

async fn leaving_is_said_and_ends_with_0(mut world: World) {
    world.act(UserAction::Leave);
    world.said(|message| *message == FromAgent::Leave {}).await;
    assert_eq!(world.ended.recv_timeout(PATIENCE), Ok(Exit::Normal));
}

impl World {
    async fn start() -> Self {
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
        let application = Application::open(100, 100);
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
        let (messages, updates) = listen(link.clone());
        let mut world = Self {
            link,
            messages,
            updates,
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

    async fn tell(&self, message: &ToAgent) {
        self.link.send_control(message).await.unwrap();
    }

    async fn ask(&self, ask: u64, slot: Slot) {
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
        })
        .await;
    }

    fn act(&self, action: UserAction) {
        self.actions.send(action).unwrap();
    }

    fn view(&self, wanted: impl Fn(&View) -> bool) -> View {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let view = self.views.recv_timeout(left).expect("the scene is shown");
            if wanted(&view) {
                return view;
            }
        }
    }

    async fn said(&mut self, wanted: impl Fn(&FromAgent) -> bool) {
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

    async fn update(&mut self) -> (Instant, Update) {
        let next = tokio::time::timeout(PATIENCE, self.updates.recv()).await;
        next.expect("an update comes")
            .expect("the connection lives")
    }

    /// A key of technician A, as the relay hands it on.
    fn key(&mut self, code: u16, down: bool) {
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

fn header(class: Class, sequence: u32) -> ClearHeader {
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

/// Sorts what the agent sends, and reports every update as drawn.
fn listen(
    link: Link,
) -> (
    UnboundedReceiver<FromAgent>,
    UnboundedReceiver<(Instant, Update)>,
) {
    let (said, messages) = unbounded_channel();
    let (came, updates) = unbounded_channel();
    tokio::spawn(async move {
        let mut reports = 0;
        while let Ok(received) = link.recv().await {
            let packet = match received {
                Received::Control(bytes) => {
                    let _ = said.send(control::decode(&bytes).unwrap());
                    continue;
                }
                Received::Packet { packet, .. } => packet,
                Received::Stream(stream) => match stream.read().await {
                    Ok(packet) => packet,
                    Err(_) => continue, // abandoned
                },
            };
            if packet.header.class != Class::Update {
                continue;
            }
            reports += 1;
            let _ = link.send_datagram(&Packet::new(
                header(Class::Feedback, reports),
                report(packet.header.sequence, packet.payload.len()),
            ));
            let _ = came.send((Instant::now(), Update::decode(&packet.payload).unwrap()));
        }
    });
    (messages, updates)
}

fn report(update: Sequence, bytes: usize) -> Bytes {
    let report = Report {
        update,
        bytes: bytes as u32,
        arrival_us: 0,
        spread_us: 0,
        wait_us: 0,
        decode_us: 0,
        draw_us: 0,
        queued: 0,
    };
    Feedback::Drawn(report).encode()
}

/// An application's window that is painted and takes keys.
struct Application {
    connection: RustConnection,
    window: u32,
    gc: u32,
}

impl Application {
    fn open(x: i16, y: i16) -> Self {
        let (connection, screen) = RustConnection::connect(None).unwrap();
        let root = connection.setup().roots[screen].root;
        let (window, gc) = (
            connection.generate_id().unwrap(),
            connection.generate_id().unwrap(),
        );
        let how = CreateWindowAux::new()
            .background_pixel(0x00ff_ffff)
            .event_mask(EventMask::KEY_PRESS | EventMask::KEY_RELEASE)
            .override_redirect(1);
        connection
            .create_window(
                24,
                window,
                root,
                x,
                y,
                200,
                200,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &how,
            )
            .unwrap();
        connection.map_window(window).unwrap();
        connection
            .create_gc(gc, window, &CreateGCAux::new())
            .unwrap();
        connection.get_input_focus().unwrap().reply().unwrap();
        Self {
            connection,
            window,
            gc,
        }
    }

    fn take_focus(&self) {
        let focus = self
            .connection
            .set_input_focus(InputFocus::PARENT, self.window, 0u32);
        focus.unwrap().check().unwrap();
    }

    fn paint(&self, colour: u32) {
        let colour = ChangeGCAux::new().foreground(colour);
        self.connection.change_gc(self.gc, &colour).unwrap();
        let place = Rectangle {
            x: 8,
            y: 8,
            width: 30,
            height: 20,
        };
        self.connection
            .poly_fill_rectangle(self.window, self.gc, &[place])
            .unwrap();
        self.connection.flush().unwrap();
    }

    fn keys(&self, count: usize, limit: Duration) -> Vec<String> {
        let until = Instant::now() + limit;
        let mut keys = Vec::new();
        while keys.len() < count && Instant::now() < until {
            match self.connection.poll_for_event().unwrap() {
                Some(XEvent::KeyPress(key)) => keys.push(format!("{} down", key.detail)),
                Some(XEvent::KeyRelease(key)) => keys.push(format!("{} up", key.detail)),
                Some(_) => {}
                None => thread::sleep(Duration::from_millis(2)),
            }
        }
        keys
    }
}
