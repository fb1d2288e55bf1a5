//! The pipeline as the core holds it: starts the thread, tells it who is there, hears reports for it. Owns no pixel.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Instant;

use mayday_codec::Rect;
use mayday_protocol::control::ScreenState;
use mayday_protocol::feedback::Report;
use mayday_protocol::{Epoch, Sequence, SessionId, Slot};
use mayday_session::consent::ViewGrant;
use mayday_transport::Link;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;

use super::bell::Bell;
use super::flow::Flow;
use super::outlet::Outlet;
use super::{Pump, lock};
use crate::cli::{CaptureBackend, EncodeArm};
use crate::permit::Permit;

/// Numbers that go on counting when a pipeline ends and another begins.
#[derive(Debug, Default)]
pub struct Counters {
    pub(super) epoch: AtomicU32,
    pub(super) update: AtomicU32,
    pub(super) cursor: AtomicU32,
    /// The newest input that was injected.
    pub injected: AtomicU32,
}

impl Counters {
    /// The epoch whose pixels the technicians see.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Relaxed))
    }

    pub(super) fn next(counter: &AtomicU32) -> u32 {
        counter.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// What a pipeline needs for its life.
pub struct Setup {
    pub link: Link,
    pub session: SessionId,
    pub permit: Arc<Permit>,
    pub counters: Arc<Counters>,
    pub capture: CaptureBackend,
    pub encode: EncodeArm,
    /// Why there is no picture, or that there is one again.
    pub states: UnboundedSender<ScreenState>,
}

/// What the core wants of the thread.
pub(super) enum Command {
    Join(Slot, Arc<ViewGrant>),
    Part(Slot),
    /// The viewer waits for pictures of these stripes.
    Refresh(Slot, Epoch, u64),
    /// The slot did not get pictures of these stripes.
    Lost(Slot, u64),
    /// The slot did not get these updates, whose tiles showed these places.
    Again(Slot, Vec<Sequence>, Vec<Rect>),
    End,
}

/// A running pipeline; ends when dropped.
pub struct Pipeline {
    commands: Sender<Command>,
    bell: Arc<Bell>,
    flow: Arc<Mutex<Flow>>,
}

impl Pipeline {
    /// Starts the thread; it touches the screen only once somebody joined.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(setup: Setup, runtime: &Handle) -> std::io::Result<Self> {
        let (commands, orders) = channel();
        let bell = Arc::new(Bell::default());
        let flow = Arc::new(Mutex::new(Flow::default()));
        let outlet = Outlet::new(setup.link.clone(), setup.permit.clone(), runtime);
        let pump = Pump::new(setup, orders, bell.clone(), flow.clone(), outlet);
        thread::Builder::new()
            .name("pipeline".into())
            .spawn(move || pump.run())?;
        Ok(Self {
            commands,
            bell,
            flow,
        })
    }

    /// A technician's viewer is there, and sees nothing yet.
    pub fn join(&self, slot: Slot, grant: Arc<ViewGrant>) {
        self.lock().join(slot);
        self.command(Command::Join(slot, grant));
    }

    pub fn part(&self, slot: Slot) {
        self.lock().part(slot);
        self.command(Command::Part(slot));
    }

    /// The viewer cannot decode these stripes any more.
    pub fn refresh(&self, slot: Slot, epoch: Epoch, stripes: u64) {
        self.command(Command::Refresh(slot, epoch, stripes));
    }

    /// The relay could not deliver these updates.
    pub fn abandoned(&self, slot: Slot, sequences: &[Sequence]) {
        let missed = self.lock().abandoned(slot, sequences);
        self.command(Command::Lost(slot, missed.stripes));
        if !missed.tiles.is_empty() {
            let command = Command::Again(slot, sequences.to_vec(), missed.tiles);
            self.command(command);
        }
    }

    /// The viewer drew an update.
    pub fn drawn(&self, slot: Slot, report: &Report) {
        if self.lock().drawn(slot, report, Instant::now()) {
            self.bell.ring();
        }
    }

    fn command(&self, command: Command) {
        let _ = self.commands.send(command);
        self.bell.ring();
    }

    fn lock(&self) -> MutexGuard<'_, Flow> {
        lock(&self.flow)
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.command(Command::End);
    }
}
