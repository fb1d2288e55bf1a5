//! The handle: opens a session by its link and does what a technician does, from any thread. Owns the viewer's thread.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mayday_codec::{Canvas, Size};
use mayday_protocol::control::{EndReason, FromTechnician, Refusal, RemoteState, ToTechnician};
use mayday_protocol::cursor::Shape;
use mayday_protocol::input::Event as InputEvent;
use mayday_protocol::{Sequence, Slot, control};
use mayday_transport::{ConnectError, Link, Path, Received, connect};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::client::{Client, Command};
use crate::damage::Damage;
use crate::hands::Hands;
use crate::keys::{SHIFT, key_of};
use crate::sandbox;
use crate::screen::Screen;
use crate::shared::{Event, Shared, Sight, Watch};
use crate::statistics::Statistics;
use crate::url::{NativeLink, NotALink};
use crate::why::Lately;

const JOIN: Duration = Duration::from_secs(10);

/// Why a session cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Link(#[from] NotALink),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("the gateway refused: {0:?}")]
    Refused(Refusal),
    #[error("the gateway did not answer: {0}")]
    NoAnswer(String),
    #[error(transparent)]
    Decoder(#[from] sandbox::SandboxError),
    #[error("cannot start: {0}")]
    Start(std::io::Error),
}

/// A technician's stay in a session. It ends when this goes.
pub struct Viewer {
    shared: Arc<Shared>,
    hands: Arc<Hands>,
    link: Link,
    slot: Slot,
    commands: UnboundedSender<Command>,
    thread: Option<JoinHandle<()>>,
}

/// What there is to see at one moment.
pub struct Glimpse<'a> {
    pub canvas: Option<&'a Canvas>,
    /// What changed on the canvas since the last glimpse.
    pub damage: Damage,
    pub state: Option<&'a RemoteState>,
    /// The session's name.
    pub name: &'a str,
    /// The end user's pointer: its place and its shape's id, 0 for hidden.
    pub pointer: Option<(u16, u16, u32)>,
    pub shape: Option<&'a Shape>,
    /// Updates drawn so far.
    pub drawn: u64,
    /// The form of pictures that came and cannot be read: the agent is newer than this viewer, or older.
    pub other_form: Option<u8>,
    /// How long nothing came from the gateway, and no answer from the agent.
    pub silent: Option<Duration>,
    pub agent_silent: Option<Duration>,
}

/// What the thread hands out when it has joined.
struct Joined {
    hands: Arc<Hands>,
    link: Link,
    slot: Slot,
    commands: UnboundedSender<Command>,
}

impl Viewer {
    /// Opens `url` (`mayday://host:port/view#PIN:TICKET`) and waits until the gateway has let this viewer in.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_by(url, None)
    }

    /// Opens a link for a window: `wake` is called after every change, in the viewer's own thread, and must not wait. Pictures are decoded
    /// by `decoder`, or here without one.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_link(
        link: NativeLink,
        prefer: Option<Path>,
        decoder: Option<sandbox::Decoder>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::default());
        shared.wake_by(Box::new(wake));
        Self::start(link, prefer, shared, decoder)
    }

    /// The same, trying one way first.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_by(url: &str, prefer: Option<Path>) -> Result<Self, OpenError> {
        Self::start(url.parse()?, prefer, Arc::default(), None)
    }

    fn start(
        link: NativeLink,
        prefer: Option<Path>,
        shared: Arc<Shared>,
        decoder: Option<sandbox::Decoder>,
    ) -> Result<Self, OpenError> {
        let (ready, joined) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("viewer".to_owned())
            .spawn({
                let shared = shared.clone();
                move || run(&link, prefer, &shared, decoder, &ready)
            })
            .map_err(OpenError::Start)?;
        let Joined {
            hands,
            link,
            slot,
            commands,
        } = joined
            .recv()
            .map_err(|_| OpenError::NoAnswer("the viewer's thread ended".to_owned()))??;
        Ok(Self {
            shared,
            hands,
            link,
            slot,
            commands,
            thread: Some(thread),
        })
    }

    #[must_use]
    pub fn slot(&self) -> Slot {
        self.slot
    }

    #[must_use]
    pub fn path(&self) -> Path {
        self.link.kind()
    }

    /// What the gateway said last.
    #[must_use]
    pub fn state(&self) -> Option<RemoteState> {
        self.shared.lock().state.clone()
    }

    /// Waits until the state is as wanted.
    #[must_use]
    pub fn wait_for_state(
        &self,
        limit: Duration,
        wanted: impl Fn(&RemoteState) -> bool,
    ) -> Option<RemoteState> {
        self.shared
            .wait(limit, |seen| seen.state.clone().filter(&wanted))
    }

    /// Waits until the picture is as wanted; the instant at which it was drawn. The question is asked now, and then in the viewer's
    /// own thread after every update.
    #[must_use]
    pub fn wait_for(
        &self,
        limit: Duration,
        wanted: impl FnMut(&Canvas) -> bool + Send + 'static,
    ) -> Option<Instant> {
        let come = self.watch(wanted).recv_timeout(limit).ok();
        come.map(|sight| sight.at)
    }

    /// The same in two steps: watch first, then do what changes the picture.
    pub fn watch(
        &self,
        mut wanted: impl FnMut(&Canvas) -> bool + Send + 'static,
    ) -> mpsc::Receiver<Sight> {
        let (seen, come) = mpsc::channel();
        let mut shared = self.shared.lock();
        let now = shared
            .screen
            .as_ref()
            .is_some_and(|screen| wanted(screen.canvas()));
        if now {
            let _ = seen.send(Sight::without_update());
        } else {
            shared.watches.push(Watch {
                predicate: Box::new(wanted),
                seen,
            });
        }
        come
    }

    /// The picture now: its size and its BGRX pixels.
    #[must_use]
    pub fn snapshot(&self) -> Option<(Size, Vec<u8>)> {
        let seen = self.shared.lock();
        let canvas = seen.screen.as_ref()?.canvas();
        Some((canvas.size(), canvas.pixels().to_vec()))
    }

    /// Shows what there is now, under the lock that the viewer's task needs too: `look` must be short. What it sees as damage is
    /// taken by it.
    pub fn glimpse<T>(&self, look: impl FnOnce(&Glimpse<'_>) -> T) -> T {
        let mut seen = self.shared.lock();
        let damage = std::mem::take(&mut seen.damage);
        let shape_at = seen.pointer.map(|(_, _, shape)| shape);
        look(&Glimpse {
            canvas: seen.screen.as_ref().map(Screen::canvas),
            damage,
            state: seen.state.as_ref(),
            name: &seen.name,
            pointer: seen.pointer,
            shape: shape_at.and_then(|id| seen.shapes.iter().find(|shape| shape.id == id)),
            drawn: seen.counts.updates(),
            other_form: seen.other_form,
            silent: seen.heard.map(|at| at.elapsed()),
            agent_silent: seen.silent_since.map(|at| at.elapsed()),
        })
    }

    /// Whether the connection is gone.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shared.lock().over.is_some()
    }

    /// Why the gateway ended the stay, if it did.
    #[must_use]
    pub fn ended(&self) -> Option<EndReason> {
        let seen = self.shared.lock();
        seen.events.iter().rev().find_map(|event| match event {
            Event::Ended(reason) => Some(*reason),
            Event::State(_) | Event::Cleared | Event::Reset { .. } | Event::Closed(_) => None,
        })
    }

    /// Updates drawn so far.
    #[must_use]
    pub fn updates_drawn(&self) -> u64 {
        self.shared.lock().counts.updates()
    }

    /// What this stay's successor may open the link with; empty when the gateway gave nothing.
    #[must_use]
    pub fn resume(&self) -> String {
        self.shared.lock().resume.clone()
    }

    /// Where the end user's pointer is and which shape it has.
    #[must_use]
    pub fn remote_pointer(&self) -> Option<(u16, u16, u32)> {
        self.shared.lock().pointer
    }

    /// What happened so far, from the beginning.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.shared.lock().events.clone()
    }

    /// Waits until the connection is over; says why.
    #[must_use]
    pub fn wait_for_end(&self, limit: Duration) -> Option<String> {
        self.shared.wait(limit, |seen| seen.over.clone())
    }

    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let path = match self.link.kind() {
            Path::Quic => "quic",
            Path::WebTransport => "webtransport",
            Path::WebSocket => "websocket",
        };
        let seen = self.shared.lock();
        let rtt = seen.ping.unwrap_or_else(|| self.link.rtt());
        seen.counts.summary(path, rtt)
    }

    /// How long each stage took lately.
    #[must_use]
    pub fn lately(&self) -> Lately {
        let seen = self.shared.lock();
        let rtt = seen.ping.unwrap_or_else(|| self.link.rtt());
        seen.counts.lately(rtt, Instant::now())
    }

    /// The round trip to the end user's computer, or if that is not known, to the gateway.
    #[must_use]
    pub fn round_trip(&self) -> Duration {
        let known = self.shared.lock().ping;
        known.unwrap_or_else(|| self.link.rtt())
    }

    /// A key goes down or up (a Linux input event code).
    pub fn key(&self, code: u16, down: bool) -> Sequence {
        self.hands.input(vec![InputEvent::Key { code, down }])
    }

    /// A key goes down and up, in one packet.
    pub fn press(&self, code: u16) -> Sequence {
        let stroke = |down| InputEvent::Key { code, down };
        self.hands.input(vec![stroke(true), stroke(false)])
    }

    /// Types on a US keyboard; characters without a key go as text.
    pub fn type_text(&self, text: &str) {
        for character in text.chars() {
            let Some((code, shift)) = key_of(character) else {
                self.hands
                    .input(vec![InputEvent::Text(character.to_string())]);
                continue;
            };
            let key = |code, down| InputEvent::Key { code, down };
            let mut events = vec![key(code, true), key(code, false)];
            if shift {
                events.insert(0, key(SHIFT, true));
                events.push(key(SHIFT, false));
            }
            self.hands.input(events);
        }
    }

    pub fn pointer(&self, x: u16, y: u16) {
        self.hands.pointer(x, y);
    }

    /// A button goes down or up at a place (1 left, 2 middle, 3 right).
    pub fn button(&self, button: u8, down: bool, x: u16, y: u16) -> Sequence {
        self.hands
            .input(vec![InputEvent::Button { button, down, x, y }])
    }

    pub fn click(&self, x: u16, y: u16) {
        self.button(1, true, x, y);
        self.button(1, false, x, y);
    }

    /// Sends any input.
    pub fn input(&self, events: Vec<InputEvent>) -> Sequence {
        self.hands.input(events)
    }

    /// Takes the controls, or hands them to somebody else.
    pub fn give_controls(&self, slot: Slot) {
        let _ = self
            .commands
            .send(Command::Say(FromTechnician::Controller { slot }));
    }

    /// Says goodbye and waits until the connection is closed.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.commands.send(Command::Close);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.end();
    }
}

fn run(
    link: &NativeLink,
    prefer: Option<Path>,
    shared: &Arc<Shared>,
    decoder: Option<sandbox::Decoder>,
    ready: &mpsc::Sender<Result<Joined, OpenError>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ready.send(Err(OpenError::Start(error)));
            return;
        }
    };
    let why = runtime.block_on(async {
        let (link, slot, session) = match join(link, prefer, shared).await {
            Ok(joined) => joined,
            Err(error) => {
                let _ = ready.send(Err(error));
                return String::new();
            }
        };
        let (ordered, ordered_waiting) = unbounded_channel();
        let (commands, commands_waiting) = unbounded_channel();
        let hands = Arc::new(Hands::new(link.clone(), session, slot, ordered));
        let _ = ready.send(Ok(Joined {
            hands: hands.clone(),
            link: link.clone(),
            slot,
            commands,
        }));
        let cage = decoder.map(|decoder| Arc::new(Mutex::new(decoder)));
        Client::new(link, shared.clone(), hands, cage)
            .run(commands_waiting, ordered_waiting)
            .await
    });
    shared.change(|seen| {
        seen.happened(Event::Closed(why.clone()));
        seen.over = Some(why);
    });
}

async fn join(
    link: &NativeLink,
    prefer: Option<Path>,
    shared: &Arc<Shared>,
) -> Result<(Link, Slot, mayday_protocol::SessionId), OpenError> {
    let connection = connect(&link.host, link.port, link.pin, prefer).await?;
    let silent = |error: &dyn ToString| OpenError::NoAnswer(error.to_string());
    connection
        .send_control(&FromTechnician::Hello {
            version: mayday_protocol::VERSION,
            ticket: link.ticket.clone(),
        })
        .await
        .map_err(|error| silent(&error))?;
    let answer = tokio::time::timeout(JOIN, async {
        loop {
            if let Received::Control(bytes) = connection.recv().await? {
                return Ok::<_, mayday_transport::LinkError>(bytes);
            }
        }
    })
    .await
    .map_err(|_| silent(&"no answer within 10 s"))?
    .map_err(|error| silent(&error))?;
    match control::decode(&answer) {
        Ok(ToTechnician::Joined {
            session,
            slot,
            state,
            name,
            resume,
            ..
        }) => {
            shared.change(|seen| {
                seen.name = name;
                seen.resume = resume;
                seen.heard = Some(Instant::now());
                seen.session = Some((session, slot));
                seen.state = Some(state);
            });
            Ok((connection, slot, session))
        }
        Ok(ToTechnician::Refused { reason }) => Err(OpenError::Refused(reason)),
        Ok(_) => Err(silent(&"it said something else")),
        Err(error) => Err(silent(&error)),
    }
}
