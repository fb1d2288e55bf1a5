//! The heart: capture -> damage -> convert -> encode -> packetise -> send, on one thread, woken by damage. Owns the order of these
//! steps and the life of the thread; what is sent next is `plan`'s, how much `rate`'s, whether it may leave `outlet`'s.
//!
//! Back-pressure: while the way is full damage is merged and the newest pixels win. Coded pictures are never dropped for a technician
//! who follows; who cannot follow is left behind and gets key pictures of what they missed.

mod bell;
mod cells;
mod exactness;
mod flow;
mod handle;
mod ledger;
mod outlet;
mod plan;
mod pointer;
mod quality;
mod rate;
mod screen;
mod tiles;

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use mayday_codec::{Encoded, Layout, Rect};
use mayday_protocol::control::ScreenState;
use mayday_protocol::cursor::Cursor;
use mayday_protocol::update::{self, StageTimes, Update};
use mayday_protocol::{Audience, Class, ClearHeader, Epoch, Packet, Sequence, Slot, limits};
use mayday_session::consent::ViewGrant;

use bell::Bell;
use flow::{Again, Flow, Pace};
use handle::Command;
pub use handle::{Counters, Pipeline, Setup};
use ledger::Kind;
use outlet::Outlet;
use plan::Batch;
use pointer::PointerNews;
use quality::Quality;
use screen::{Parts, Screen};
use tiles::Tiled;

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
                Ok(Command::Lost(slot, epoch, stripes)) => self.lost(slot, epoch, stripes),
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
            screen.plan.join(slot);
        }
    }

    fn part(&mut self, slot: Slot) {
        self.grants[slot.index()] = None;
        if let Some(screen) = &mut self.screen {
            screen.plan.part(slot);
        }
    }

    fn lost(&mut self, slot: Slot, epoch: Option<Epoch>, stripes: u64) {
        let current = self.setup.counters.epoch();
        if let Some(screen) = &mut self.screen
            && epoch.is_none_or(|epoch| epoch == current)
        {
            screen.plan.lose(slot, stripes);
            let mut flow = lock(&self.flow);
            flow.ledger.lose(slot, stripes);
            self.fresh |= !flow.is_slow(slot);
        }
    }

    fn again(&mut self, slot: Slot, sequences: &[Sequence], tiles: &[Rect]) {
        if let Some(screen) = &mut self.screen {
            screen.plan.again(tiles);
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
                        screen.plan.join(slot);
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
        let pace = (flow.hungry || flow.has_left_behind()).then(|| now + OBSTACLE);
        let held_up = flow.gives_up_at(now).filter(|at| *at > now);
        // A path that is open by its pace and still has no room waits for a report, which rings.
        let opens = flow.opens_at().filter(|at| flow.hungry && *at > now);
        let refine = screen
            .filter(|_| !flow.hungry)
            .and_then(|screen| screen.plan.refine_at());
        let pointer = self.pointer.due();
        [flow.next_due(), refine, pointer, pace, held_up, opens]
            .into_iter()
            .flatten()
            .min()
            .map_or(LONG, |due| due.saturating_duration_since(now))
    }

    /// Sends again what may be lost.
    fn repeat(&mut self) {
        let now = Instant::now();
        let (due, paces) = {
            let mut flow = lock(&self.flow);
            (flow.due(now), flow.pace(now))
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
                Pace::Detach(slot) => screen.plan.detach(slot),
                Pace::Attach(slot) => {
                    screen.plan.attach(slot);
                    self.fresh |= !lock(&self.flow).is_slow(slot);
                }
            }
        }
    }

    /// Grabs, and sends the one update that is due most, if there is room for it.
    fn send_update(&mut self) -> anyhow::Result<()> {
        let Some(screen) = &mut self.screen else {
            return Ok(());
        };
        let input = Sequence(self.setup.counters.injected.load(Ordering::Acquire));
        let grabbing = Instant::now();
        let frame = screen.capture.grab()?;
        let damaged = !frame.damage.is_empty();
        self.fresh |= damaged;
        let noticed = if damaged { frame.noticed_at } else { grabbing };
        let since = *self.waiting_since.get_or_insert(noticed);
        let audience = screen.plan.audience();
        let (room, may_copy) = {
            let flow = lock(&self.flow);
            let room = flow.room(audience, SMALL_BYTES, grabbing);
            (room, flow.ledger.may_copy(ALL_STRIPES))
        };
        let moved = screen.changes.note(
            &frame,
            &mut screen.plan,
            room,
            may_copy,
            &self.quality,
            grabbing,
        );
        let next = moved.or_else(|| {
            let batch = screen
                .plan
                .next(room, self.pointer.place(), &self.quality, grabbing);
            batch.map(|batch| (Vec::new(), batch))
        });
        let Some((copies, mut batch)) = next else {
            self.starve(damaged);
            return Ok(());
        };
        let coding = Instant::now();
        let parts = if screen.with_tiles {
            let layout = screen.encoder.layout();
            Parts::of(&batch, &frame, &layout, room, self.pointer.place().1)
        } else {
            Parts::pictures(&batch, &frame)
        };
        let tiling = coding.elapsed();
        screen.plan.put_back(&parts.left);
        batch.cells.remove_all(&parts.left);
        screen.encoder.force_key(batch.keys);
        screen.encoder.touch(batch.touched);
        let mut encoded = screen.encoder.encode(&frame, &parts.pictures, batch.qp)?;
        if let Some(only) = &batch.only {
            draw_only(&mut encoded, only, &screen.encoder.layout());
        }
        let stages = StageTimes {
            wait_us: micros(grabbing.saturating_duration_since(noticed)),
            grab_us: micros(frame.grab),
            convert_us: micros(encoded.convert),
            encode_us: micros(encoded.encode + tiling),
        };
        self.send(&batch, copies, parts.tiled, encoded, stages, input, since);
        if self
            .screen
            .as_ref()
            .is_some_and(|screen| !screen.plan.has_backlog())
        {
            self.waiting_since = None;
            self.fresh = false;
        }
        Ok(())
    }

    /// There is no room: a report will ring, and until then damage is merged.
    fn starve(&mut self, damaged: bool) {
        let screen = self.screen.as_ref();
        let backlog = screen.is_some_and(|screen| screen.plan.has_backlog());
        let work = screen.is_some_and(|screen| screen.has_work(Instant::now()));
        {
            let mut flow = lock(&self.flow);
            flow.hungry = work;
            if backlog && self.fresh {
                flow.hold_up(Instant::now());
            }
        }
        if !backlog {
            self.waiting_since = None;
            self.fresh = false;
        } else if damaged {
            self.bell.sleep(Some(FULL_PACE));
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one update, each made elsewhere"
    )]
    fn send(
        &mut self,
        batch: &Batch,
        copies: Vec<update::Copy>,
        tiled: Tiled,
        encoded: Encoded,
        stages: StageTimes,
        input: Sequence,
        since: Instant,
    ) {
        let Some(screen) = &mut self.screen else {
            return;
        };
        let audience = screen.plan.audience();
        let mut keys = 0;
        let mut stripes = 0;
        let mut qp = if encoded.stripes.is_empty() {
            0
        } else {
            batch.qp
        };
        for stripe in &encoded.stripes {
            if !stripe.draw.is_empty() {
                qp = qp.max(stripe.qp);
            }
            stripes |= 1 << stripe.index;
            keys |= u64::from(stripe.key) << stripe.index;
        }
        let tiled_stripes = tiled.cells.stripes(&screen.encoder.layout());
        let copied = if copies.is_empty() { 0 } else { batch.touched };
        let (known, follows) = {
            let flow = lock(&self.flow);
            let mut follows = flow.ledger.follows(Kind::Copies, copied);
            follows.extend(flow.ledger.follows(Kind::Tiles, tiled_stripes));
            follows.truncate(limits::FOLLOWS);
            (flow.knows_layout(audience), follows)
        };
        let update = Update {
            epoch: self.setup.counters.epoch(),
            layout: (!known).then(|| screen.wire_layout()),
            stages,
            qp,
            input,
            follows,
            copies,
            stripes: encoded.stripes.into_iter().map(wire_stripe).collect(),
            tiles: tiled.tiles,
        };
        let sequence = Sequence(Counters::next(&self.setup.counters.update));
        let payload = update.encode();
        tracing::trace!(
            sequence = sequence.0,
            blocks = batch.blocks,
            qp,
            bytes = payload.len(),
            keys,
            finer = batch.is_refinement(),
            tiles = update.tiles.len(),
            exact = batch.exact,
            "update"
        );
        if !batch.is_refinement() && update.tiles.is_empty() {
            self.quality.learn(batch.blocks, qp, payload.len());
        }
        let class = if batch.exact {
            Class::Refinement
        } else {
            Class::Update
        };
        let packet = self.packet(class, audience, sequence, since, payload);
        let now = Instant::now();
        if audience.0 & !self.outlet.permitted().0 != 0 {
            // Lowered meanwhile: nobody got this picture, so everybody needs new ones if it goes on.
            if let Some(screen) = &mut self.screen {
                screen.plan.redo(batch);
            }
            return;
        }
        // Noted before it leaves: the report may be here before this thread runs again.
        {
            let mut flow = lock(&self.flow);
            flow.hungry = false;
            flow.sent(&packet, stripes, tiled.rects, packet.fits_datagram(), now);
            if copied != 0 {
                flow.ledger.sent(sequence, Kind::Copies, copied, audience);
            }
            if tiled_stripes != 0 {
                flow.ledger
                    .sent(sequence, Kind::Tiles, tiled_stripes, audience);
            }
        }
        if let Some(screen) = &mut self.screen {
            screen.plan.sent(batch, keys, qp, &tiled.cells, now);
        }
        if !(packet.fits_datagram() && self.outlet.datagram(&packet)) {
            self.outlet.stream(packet);
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
        for news in self.pointer.take(screen.plan.audience(), now) {
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

/// Leaves out what need not be drawn of pictures that cover more.
fn draw_only(encoded: &mut Encoded, only: &cells::Cells, layout: &Layout) {
    for stripe in encoded.stripes.iter_mut().filter(|stripe| !stripe.key) {
        let cells = only.in_stripe(layout, usize::from(stripe.index));
        stripe.draw = cells.rects(layout.size().align16());
    }
}

fn wire_stripe(stripe: mayday_codec::CodedStripe) -> update::Stripe {
    update::Stripe {
        index: stripe.index,
        picture: stripe.picture,
        key: stripe.key,
        draw: stripe.draw.into_iter().map(screen::wire_rect).collect(),
        data: Bytes::from(stripe.data),
    }
}

fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
