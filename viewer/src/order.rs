//! The order of updates: from packets in any order, some twice, some never, to what may be decoded and shown next. Pure: the time is
//! an argument, decoders and network are the shell's.
//!
//! Per stripe, pictures are shown in their order without a gap; only one that says so begins anew. An update is shown whole, once each
//! of its stripes has its turn and what it follows is shown. A stripe that waits holds up nobody who does not need it, and tiles wait for
//! no stripe: per 16x16 block, what is older than the newest draw is left out.

mod blocks;
mod lane;
mod seen;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use mayday_protocol::update::{Layout, QUICK, Rect, SMALL, Stripe, Tile, Update};
use mayday_protocol::{Class, Epoch, Sequence};

use blocks::Blocks;
use lane::{Lane, Turn};
use seen::Seen;

/// The agent sends a lost update again after 1.5 round trips; before that has come and gone, asking costs a key picture for nothing.
const GAP_RTTS: u32 = 4;
const GAP: Duration = Duration::from_millis(250);
/// Between two requests for the same stripe.
const ASK_AGAIN_RTTS: u32 = 6;
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// But not while bytes flow, which may be the answer: a screen may take longer. However much flows, after so many times as long.
const ASK_AT_LAST: u32 = 8;
/// A stream that has begun comes whole or is given up; what it lost comes again. So long it may be silent meanwhile.
const SILENT: Duration = Duration::from_secs(2);
/// What may wait here; beyond it every stripe starts anew.
const WAITING: usize = 1024;
const WAITING_BYTES: usize = 64 * 1024 * 1024;
/// Updates of an epoch whose layout has not come.
const UNPLACED: usize = 64;
const ALL_STRIPES: u64 = !0;

/// How an update's bytes came, on the viewer's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    pub first: Duration,
    pub last: Duration,
    pub bytes: usize,
}

/// An update whose turn has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub class: Class,
    pub sequence: Sequence,
    pub arrival: Arrival,
    /// Without the stripes, draws and tiles that something newer has overtaken.
    pub update: Update,
    pub tiles: Vec<ShownTile>,
}

/// A tile, and what of it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownTile {
    pub tile: Tile,
    pub draw: Vec<Rect>,
}

/// What the shell must do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A new layout: canvas and decoders begin anew.
    Reset(Layout),
    /// Decode its stripes, then draw, then report.
    Show(Box<Shown>),
    /// These stripes must begin anew.
    Refresh { epoch: Epoch, stripes: u64 },
}

/// The core. Feed it, then take its effects.
#[derive(Debug, Default)]
pub struct Order {
    screen: Option<Screen>,
    updates_seen: Seen,
    refinements_seen: Seen,
    unplaced: VecDeque<Shown>,
    unplaced_since: Option<Duration>,
    /// Streams that are flowing, and when bytes of each came last: nobody is late while they flow.
    flowing: BTreeMap<Sequence, Duration>,
    effects: VecDeque<Effect>,
    rtt: Duration,
}

#[derive(Debug)]
struct Screen {
    epoch: Epoch,
    layout: Layout,
    lanes: Vec<Lane>,
    waiting: BTreeMap<(Sequence, u8), Shown>,
    waiting_bytes: usize,
    /// What was shown, for those that follow it.
    done: Seen,
    blocks: Blocks,
}

impl Order {
    /// Updates received and not yet shown.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.screen
            .as_ref()
            .map_or(0, |screen| screen.waiting.len())
    }

    /// Whose pixels the places of input mean.
    #[must_use]
    pub fn epoch(&self) -> Option<Epoch> {
        self.screen.as_ref().map(|screen| screen.epoch)
    }

    pub fn handle_rtt(&mut self, rtt: Duration) {
        self.rtt = rtt;
    }

    /// Bytes of a stream came, and it is not whole yet.
    pub fn handle_flowing(&mut self, sequence: Sequence, now: Duration) {
        self.flowing.insert(sequence, now);
    }

    /// A stream is whole, or was given up.
    pub fn handle_flowed(&mut self, sequence: Sequence) {
        self.flowing.remove(&sequence);
    }

    /// A whole update, from wherever, at the time of its arrival.
    pub fn handle_update(
        &mut self,
        class: Class,
        sequence: Sequence,
        update: Update,
        arrival: Arrival,
    ) {
        let seen = if class == Class::Refinement {
            &mut self.refinements_seen
        } else {
            &mut self.updates_seen
        };
        if seen.first(sequence) {
            self.place(Shown {
                class,
                sequence,
                arrival,
                update,
                tiles: Vec::new(),
            });
        }
    }

    /// A stripe's decoder refused a picture.
    pub fn handle_decoder_failed(&mut self, stripe: u8, now: Duration) {
        self.start_anew(1 << stripe, now);
    }

    /// A tile cannot be read.
    pub fn handle_tile_failed(&mut self, rect: Rect, now: Duration) {
        if let Some(screen) = &self.screen {
            let stripes = rows(screen.layout, rect.y, rect.height);
            self.start_anew(stripes, now);
        }
    }

    /// The picture was cleared: whatever comes begins with key pictures.
    pub fn handle_cleared(&mut self) {
        if let Some(screen) = &mut self.screen {
            screen.forget();
        }
        self.unplaced.clear();
        self.unplaced_since = None;
        self.effects.clear();
    }

    pub fn handle_timeout(&mut self, now: Duration) {
        if let Some(screen) = &self.screen {
            let late = screen
                .lanes
                .iter()
                .enumerate()
                .filter(|(_, lane)| self.due(lane).is_some_and(|due| due <= now))
                .fold(0u64, |late, (stripe, _)| late | 1 << stripe);
            let epoch = screen.epoch;
            self.ask(epoch, late, now);
        }
        if self.unplaced_due().is_some_and(|due| due <= now)
            && let Some(first) = self.unplaced.front()
        {
            let epoch = first.update.epoch;
            self.unplaced_since = Some(now);
            self.effects.push_back(Effect::Refresh {
                epoch,
                stripes: ALL_STRIPES,
            });
        }
    }

    /// When [`Self::handle_timeout`] wants to be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.screen
            .iter()
            .flat_map(|screen| &screen.lanes)
            .filter_map(|lane| self.due(lane))
            .chain(self.unplaced_due())
            .min()
    }

    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn place(&mut self, arrived: Shown) {
        let current = self.epoch();
        let epoch = arrived.update.epoch;
        if current.is_some_and(|current| epoch < current) {
            return;
        }
        if current == Some(epoch) {
            return self.accept(arrived);
        }
        let Some(layout) = arrived.update.layout else {
            self.unplaced_since.get_or_insert(arrived.arrival.last);
            self.unplaced.push_back(arrived);
            if self.unplaced.len() > UNPLACED {
                self.unplaced.pop_front();
            }
            return;
        };
        self.begin(epoch, layout);
        self.accept(arrived);
        for earlier in std::mem::take(&mut self.unplaced) {
            self.place(earlier);
        }
    }

    fn begin(&mut self, epoch: Epoch, layout: Layout) {
        self.screen = Some(Screen {
            epoch,
            layout,
            lanes: vec![Lane::default(); layout.stripes()],
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            done: Seen::default(),
            blocks: Blocks::new(layout),
        });
        self.unplaced_since = None;
        self.effects.clear();
        self.effects.push_back(Effect::Reset(layout));
    }

    fn accept(&mut self, mut arrived: Shown) {
        let now = arrived.arrival.last;
        let Some(screen) = &mut self.screen else {
            return;
        };
        let lanes = screen.lanes.len();
        arrived
            .update
            .stripes
            .retain(|stripe| usize::from(stripe.index) < lanes);
        if arrived
            .update
            .tiles
            .iter()
            .any(|tile| !matches!(tile.format, SMALL | QUICK))
        {
            let stripes = touched(&arrived.update, screen.layout);
            return self.start_anew(stripes, now);
        }
        for stripe in &arrived.update.stripes {
            screen.lanes[usize::from(stripe.index)].arrive(stripe);
        }
        screen.waiting_bytes += arrived.arrival.bytes;
        let key = (arrived.sequence, arrived.class as u8);
        screen.waiting.insert(key, arrived);
        if screen.waiting.len() > WAITING || screen.waiting_bytes > WAITING_BYTES {
            screen.forget();
            return self.start_anew(ALL_STRIPES, now);
        }
        self.show_what_can_be(now);
    }

    fn show_what_can_be(&mut self, now: Duration) {
        while let Some((shown, spoilt)) = self.screen.as_mut().and_then(Screen::take_ready) {
            self.effects.push_back(Effect::Show(shown));
            // At once: what comes next would be made on pixels that are not there.
            self.start_anew(spoilt, now);
        }
        if let Some(screen) = &mut self.screen {
            screen.mark_waiting(now);
        }
    }

    fn start_anew(&mut self, stripes: u64, now: Duration) {
        let Some(screen) = &mut self.screen else {
            return;
        };
        let mut existing = 0;
        for (index, lane) in screen.lanes.iter_mut().enumerate() {
            if stripes & 1 << index != 0 {
                lane.fail(now);
                existing |= 1 << index;
            }
        }
        let epoch = screen.epoch;
        self.ask(epoch, existing, now);
    }

    fn ask(&mut self, epoch: Epoch, stripes: u64, now: Duration) {
        if stripes == 0 {
            return;
        }
        if let Some(screen) = &mut self.screen {
            for (index, lane) in screen.lanes.iter_mut().enumerate() {
                if stripes & 1 << index != 0 {
                    lane.asked_at = Some(now);
                }
            }
        }
        self.effects.push_back(Effect::Refresh { epoch, stripes });
    }

    /// When to ask for a lane's key picture.
    fn due(&self, lane: &Lane) -> Option<Duration> {
        let since = lane.late_since()?;
        if let Some(asked) = lane.asked_at {
            let again = ASK_AGAIN.max(self.rtt * ASK_AGAIN_RTTS);
            let flowed = self.flowing.values().copied().max().unwrap_or_default();
            return Some((asked.max(flowed) + again).min(asked + again * ASK_AT_LAST));
        }
        let first = lane.late_first().unwrap_or(Sequence(u32::MAX));
        let earlier = self.flowing.range(..first);
        let flowed = earlier
            .map(|(_, last)| *last + SILENT.max(self.gap()))
            .max();
        Some((since + self.gap()).max(flowed.unwrap_or_default()))
    }

    fn unplaced_due(&self) -> Option<Duration> {
        Some(self.unplaced_since? + self.gap())
    }

    fn gap(&self) -> Duration {
        GAP.max(self.rtt * GAP_RTTS)
    }
}

impl Screen {
    /// The picture is gone, and with it what was decoded and what waits.
    fn forget(&mut self) {
        self.lanes.fill(Lane::default());
        self.waiting.clear();
        self.waiting_bytes = 0;
        self.blocks.clear();
    }

    /// The next update whose turn has come, with what is to be drawn of it, and the stripes that must start anew after it.
    fn take_ready(&mut self) -> Option<(Box<Shown>, u64)> {
        let key = self.next_ready()?;
        let mut shown = self.waiting.remove(&key)?;
        self.waiting_bytes -= shown.arrival.bytes;
        let spoilt = self.settle(&mut shown);
        Some((Box::new(shown), spoilt))
    }

    /// The earliest update whose stripes all have their turn, and whose predecessors are shown.
    fn next_ready(&self) -> Option<(Sequence, u8)> {
        let has_turn = |shown: &Shown| {
            let mut stripes = shown.update.stripes.iter();
            stripes.all(|stripe| self.lanes[usize::from(stripe.index)].turn(stripe) != Turn::Wait)
        };
        self.waiting
            .iter()
            .find(|(_, shown)| has_turn(shown) && self.follows(&shown.update))
            .map(|(key, _)| *key)
    }

    /// Whether all that the update follows is shown, or everything the update touches began anew since.
    fn follows(&self, update: &Update) -> bool {
        let anew = || {
            bits(touched(update, self.layout))
                .map(|stripe| {
                    self.lanes
                        .get(stripe)
                        .map_or(Sequence(0), |lane| lane.anew_at)
                })
                .min()
                .unwrap_or(Sequence(0))
        };
        let mut follows = update.follows.iter();
        follows.all(|one| self.done.contains(*one) || *one < anew())
    }

    /// The turn of `shown` has come: leaves in it what is to be drawn. Gives the stripes that must start anew, because its copies
    /// cannot be made.
    fn settle(&mut self, shown: &mut Shown) -> u64 {
        let sequence = shown.sequence;
        self.done.first(sequence);
        let concerned = touched(&shown.update, self.layout);
        let before = shown.update.stripes.len();
        let mut anew = false;
        shown.update.stripes.retain(|stripe| {
            let lane = &mut self.lanes[usize::from(stripe.index)];
            let turn = lane.turn(stripe);
            anew |= turn == Turn::Anew;
            if turn != Turn::Past {
                lane.advance(stripe, sequence);
            }
            turn != Turn::Past
        });
        let mut spoilt = 0;
        // A copy is right only on the pixels it was made for.
        let late = shown.update.copies.iter().any(|copy| {
            let target = Rect {
                x: copy.x,
                y: copy.y,
                ..copy.source
            };
            self.blocks.is_newer(copy.source, sequence) || self.blocks.is_newer(target, sequence)
        });
        let overtaken = anew || late || shown.update.stripes.len() < before;
        if !shown.update.copies.is_empty() && overtaken {
            shown.update.copies.clear();
            // Overtaken everywhere, what it did comes again.
            if !shown.update.stripes.is_empty() {
                spoilt = concerned;
            }
        }
        for stripe in &mut shown.update.stripes {
            let draws = std::mem::take(&mut stripe.draw).into_iter();
            stripe.draw = draws
                .flat_map(|rect| self.blocks.draw(rect, sequence))
                .collect();
        }
        for tile in shown.update.tiles.drain(..) {
            let draw = self.blocks.draw(tile.rect, sequence);
            if !draw.is_empty() {
                shown.tiles.push(ShownTile { tile, draw });
            }
        }
        spoilt
    }

    /// Stripes that something waits for are late from now on.
    fn mark_waiting(&mut self, now: Duration) {
        let mut held = vec![None; self.lanes.len()];
        for ((sequence, _), shown) in &self.waiting {
            if !self.follows(&shown.update) {
                for stripe in bits(touched(&shown.update, self.layout)) {
                    if let Some(held) = held.get_mut(stripe) {
                        held.get_or_insert(*sequence);
                    }
                }
            }
        }
        let mut parts: Vec<_> = self
            .waiting
            .iter()
            .flat_map(|((sequence, _), shown)| {
                let stripes = shown.update.stripes.iter();
                stripes.map(|stripe| (*sequence, stripe))
            })
            .collect();
        parts.sort_by_key(|(_, stripe)| stripe.picture);
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            let here = |(_, stripe): &&(Sequence, &Stripe)| usize::from(stripe.index) == index;
            lane.mark(parts.iter().filter(here).copied(), now);
            lane.hold(held[index], now);
        }
    }
}

/// The stripes that an update's stripes, copies and tiles lie in.
fn touched(update: &Update, layout: Layout) -> u64 {
    let coded = update
        .stripes
        .iter()
        .fold(0, |stripes, stripe| stripes | 1u64 << stripe.index);
    let tiles = update.tiles.iter().fold(0, |stripes, tile| {
        stripes | rows(layout, tile.rect.y, tile.rect.height)
    });
    let copies = update.copies.iter().fold(0, |stripes, copy| {
        let height = copy.source.height;
        stripes | rows(layout, copy.y, height) | rows(layout, copy.source.y, height)
    });
    coded | tiles | copies
}

/// The stripes of these rows, one bit each.
fn rows(layout: Layout, y: u16, height: u16) -> u64 {
    let first = u32::from(y / layout.stripe_height);
    let last = u32::from((y.saturating_add(height).saturating_sub(1)) / layout.stripe_height);
    (first..=last.min(63)).fold(0u64, |stripes, index| stripes | 1 << index)
}

fn bits(mask: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |bit| mask & 1 << bit != 0)
}

#[cfg(any(test, feature = "oracle"))]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "a fuzzer walks, but tells no story of it")
)]
pub(crate) mod model;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walks;
