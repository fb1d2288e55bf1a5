//! The heart: capture -> damage -> convert -> encode -> packetise -> send, on one thread, woken by damage. Owns the order of these
//! steps and the life of the thread; an update is made in `making` and addressed in `sending`; what is sent next is `plan`'s, how much
//! `rate`'s, whether it may leave `outlet`'s.
//!
//! Back-pressure: while the way is full damage is merged and the newest pixels win. Coded pictures are never dropped for a technician
//! who follows; who cannot follow is left behind, and gets what they missed as tiles of their own.

mod bell;
mod cells;
mod exactness;
mod flow;
mod handle;
mod ledger;
mod making;
mod outlet;
mod piece;
mod plan;
mod pointer;
mod quality;
mod rate;
mod restless;
mod screen;
mod sending;
mod tiles;

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use mayday_codec::Rect;
use mayday_protocol::control::ScreenState;
use mayday_protocol::cursor::Cursor;
use mayday_protocol::{Audience, Class, ClearHeader, Epoch, Packet, Sequence, Slot};
use mayday_session::consent::ViewGrant;

use bell::Bell;
use flow::{Again, Flow, Pace};
use handle::Command;
pub use handle::{Counters, Pipeline, Setup};
use outlet::Outlet;
use pointer::PointerNews;
use quality::Quality;
use screen::Screen;

/// With nothing to do the thread sleeps this long; what happens wakes it earlier.
const LONG: Duration = Duration::from_secs(3600);
/// How long an obstacle (no permission, no screen) is left alone before it is looked at again.
const OBSTACLE: Duration = Duration::from_millis(250);
/// While the way is full, damage is looked at no more often than this.
const FULL_PACE: Duration = Duration::from_millis(4);
const ALL_STRIPES: u64 = !0;
/// An expected size that counts as small.
const SMALL_BYTES: usize = 1100;

fn lock(flow: &Mutex<Flow>) -> MutexGuard<'_, Flow> {
    flow.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread's state.
struct Pump {
    orders: Receiver<Command>,
    bell: Arc<Bell>,
    flow: Arc<Mutex<Flow>>,
    outlet: Outlet,
    setup: Setup,
    grants: [Option<Arc<ViewGrant>>; Slot::COUNT],
    /// `None` while nobody is there, or it cannot be captured.
    screen: Option<Screen>,
    pointer: PointerNews,
    quality: Quality,
    /// When the oldest damage that was not sent was noticed.
    waiting_since: Option<Instant>,
    /// Some of what waits is new on the screen, or is missed by somebody who is not slow.
    fresh: bool,
    state: ScreenState,
}

impl Pump {
    fn new(
        setup: Setup,
        orders: Receiver<Command>,
        bell: Arc<Bell>,
        flow: Arc<Mutex<Flow>>,
        outlet: Outlet,
    ) -> Self {
        Self {
            orders,
            bell,
            flow,
            outlet,
            setup,
            grants: [const { None }; Slot::COUNT],
            screen: None,
            pointer: PointerNews::default(),
            quality: Quality::default(),
            waiting_since: None,
            fresh: false,
            state: ScreenState::Unknown,
        }
    }

    fn run(mut self) {
        while self.obey() {
            if self.grants.iter().all(Option::is_none) {
                self.close_screen();
                self.bell.sleep(None);
            } else if self.screen.is_none() && !self.open_screen() {
                self.bell.sleep(Some(OBSTACLE * 4));
            } else if self.outlet.permitted() == Audience::NOBODY {
                // Paused or stopped: the core ends this pipeline in a moment. Nothing is looked at meanwhile.
                self.bell.sleep(Some(OBSTACLE));
            } else if let Err(error) = self.turn() {
                tracing::warn!(%error, "the screen is gone");
                self.close_screen();
                self.tell(ScreenState::Unavailable);
                self.bell.sleep(Some(OBSTACLE));
            }
        }
        self.close_screen();
    }

    /// Takes what the core wants; `false` when it wants the end.
    fn obey(&mut self) -> bool {
        loop {
            match self.orders.try_recv() {
                Ok(Command::Join(slot, grant)) => self.join(slot, grant),
                Ok(Command::Part(slot)) => self.part(slot),
                Ok(Command::Refresh(slot, epoch, stripes)) => self.refresh(slot, epoch, stripes),
                Ok(Command::Lost(slot, stripes)) => self.lose(slot, stripes, false),
                Ok(Command::Again(slot, sequences, tiles)) => self.again(slot, &sequences, &tiles),
                Ok(Command::End) | Err(TryRecvError::Disconnected) => return false,
                Err(TryRecvError::Empty) => return true,
            }
        }
    }

    fn join(&mut self, slot: Slot, grant: Arc<ViewGrant>) {
        self.grants[slot.index()] = Some(grant);
        self.pointer.join(slot);
        self.fresh = true;
        if let Some(screen) = &mut self.screen {
            screen.plan.join(slot, Instant::now());
        }
    }

    fn part(&mut self, slot: Slot) {
        self.grants[slot.index()] = None;
        if let Some(screen) = &mut self.screen {
            screen.plan.part(slot, Instant::now());
        }
    }

    /// A viewer asks for stripes of the epoch that it sees.
    fn refresh(&mut self, slot: Slot, epoch: Epoch, stripes: u64) {
        if epoch == self.setup.counters.epoch() {
            self.lose(slot, stripes, true);
        }
    }

    fn lose(&mut self, slot: Slot, stripes: u64, asked: bool) {
        if let Some(screen) = &mut self.screen {
            screen.plan.lose(slot, stripes, asked, Instant::now());
            let mut flow = lock(&self.flow);
            flow.ledger.lose(slot, stripes);
            self.fresh |= !flow.is_slow(slot);
        }
    }

    fn again(&mut self, slot: Slot, sequences: &[Sequence], tiles: &[Rect]) {
        if let Some(screen) = &mut self.screen {
            screen.plan.again(slot, tiles, Instant::now());
        }
        // Only now nothing must wait for them any more: a copy made before this would take along what is missing.
        let mut flow = lock(&self.flow);
        for sequence in sequences {
            flow.ledger.drawn(slot, *sequence);
        }
    }

    /// Opens the screen for whoever is there: a new epoch.
    fn open_screen(&mut self) -> bool {
        let Some(grant) = self.grants.iter().flatten().next() else {
            return false;
        };
        match Screen::open(grant, self.setup.capture, self.setup.encode) {
            Ok(mut screen) => {
                for slot in Slot::ALL {
                    if self.grants[slot.index()].is_some() {
                        screen.plan.join(slot, Instant::now());
                    }
                }
                self.bell.set_waker(Some(screen.capture.waker()));
                self.screen = Some(screen);
                let counters = &self.setup.counters;
                Counters::next(&counters.epoch);
                let first = Sequence(counters.update.load(Ordering::Relaxed)).next();
                lock(&self.flow).begin_epoch(first);
                self.tell(ScreenState::Live);
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the screen cannot be captured");
                self.tell(ScreenState::Unavailable);
                false
            }
        }
    }

    fn close_screen(&mut self) {
        self.bell.set_waker(None);
        self.screen = None;
    }

    fn tell(&mut self, state: ScreenState) {
        if self.state != state {
            self.state = state;
            let _ = self.setup.states.send(state);
        }
    }

    /// One round: wait, repeat what was lost, grab, send one update.
    fn turn(&mut self) -> anyhow::Result<()> {
        let timeout = self.timeout(Instant::now());
        let Some(screen) = &mut self.screen else {
            return Ok(());
        };
        let wake = screen.capture.wait(timeout)?;
        if wake.woken {
            self.bell.hush(); // what it rang for is looked at before the next wait
        }
        if wake.reinit {
            self.tell(ScreenState::Changing);
            self.close_screen();
            return Ok(());
        }
        self.repeat();
        if wake.damage
            || self
                .screen
                .as_ref()
                .is_some_and(|screen| screen.has_work(Instant::now()))
        {
            self.send_update()?;
        }
        self.send_pointer(wake.cursor)
    }

    /// How long nothing needs to be done by itself.
    fn timeout(&self, now: Instant) -> Duration {
        let flow = lock(&self.flow);
        let screen = self.screen.as_ref();
        let backlog = screen.is_some_and(|screen| screen.plan.has_backlog());
        if backlog && !flow.hungry {
            return Duration::ZERO;
        }
        let even = screen.map_or(Audience::NOBODY, |screen| screen.plan.audience());
        let behind = screen.map_or(Audience::NOBODY, |screen| screen.plan.followers.behind());
        let repairs = behind != Audience::NOBODY;
        if repairs && !flow.repairs {
            return Duration::ZERO;
        }
        let waits = flow.hungry || repairs || flow.has_left_behind();
        let pace = waits.then(|| now + OBSTACLE);
        let held_up = flow.gives_up_at(even, now).filter(|at| *at > now);
        // A path that is open by its pace and still has no room waits for a report, which rings.
        let opens = flow.opens_at(even).filter(|at| flow.hungry && *at > now);
        let repair = flow.opens_at(behind).filter(|at| *at > now);
        let begin = screen.and_then(|screen| screen.plan.followers.opens_at(now));
        let refine = screen
            .filter(|_| !flow.hungry)
            .and_then(|screen| screen.plan.refine_at());
        let pointer = self.pointer.due();
        let others = [repair, begin.filter(|at| *at > now)];
        [flow.next_due(), refine, pointer, pace, held_up, opens]
            .into_iter()
            .chain(others)
            .flatten()
            .min()
            .map_or(LONG, |due| due.saturating_duration_since(now))
    }

    /// Sends again what may be lost.
    fn repeat(&mut self) {
        let now = Instant::now();
        let screen = self.screen.as_ref();
        let even = screen.map_or(Audience::NOBODY, |screen| screen.plan.audience());
        let (due, paces) = {
            let mut flow = lock(&self.flow);
            (flow.due(now), flow.pace(even, now))
        };
        for (packet, again) in due {
            match again {
                Again::Datagram => {
                    self.outlet.datagram(&packet);
                }
                Again::Stream => self.outlet.stream(packet),
            }
        }
        let Some(screen) = &mut self.screen else {
            return;
        };
        for pace in paces {
            tracing::debug!(?pace, "a technician's pace");
            match pace {
                Pace::Detach(slot) => screen.plan.detach(slot, now),
                Pace::Attach(slot) => {
                    screen.plan.attach(slot, now);
                    self.fresh |= !lock(&self.flow).is_slow(slot);
                }
            }
        }
    }

    fn send_pointer(&mut self, moved: bool) -> anyhow::Result<()> {
        let Some(screen) = &mut self.screen else {
            return Ok(());
        };
        if moved {
            self.pointer.note(screen.capture.cursor()?);
        }
        let now = Instant::now();
        for news in self.pointer.take(screen.plan.followers.present(), now) {
            let sequence = Sequence(Counters::next(&self.setup.counters.cursor));
            let packet = self.packet(
                Class::Cursor,
                news.audience,
                sequence,
                now,
                news.cursor.encode(),
            );
            match news.cursor {
                Cursor::Shape(_) => self.outlet.stream(packet),
                Cursor::Position { .. } => {
                    self.outlet.datagram(&packet);
                }
            }
        }
        Ok(())
    }

    fn packet(
        &self,
        class: Class,
        audience: Audience,
        sequence: Sequence,
        since: Instant,
        payload: Bytes,
    ) -> Packet {
        let header = ClearHeader {
            class,
            source: 0,
            audience,
            session: self.setup.session,
            sequence,
            size: 0,
            age_us: micros(since.elapsed()),
        };
        Packet::new(header, payload)
    }
}

fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
