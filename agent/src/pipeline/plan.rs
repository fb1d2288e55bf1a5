//! What is sent next. Owns the damage that waits, which stripes each technician can decode, and the order: small things at once, then
//! stripes nearest to the pointer, then what was sent coarsely again and finer, at last what is not exact yet. Pure: sends and encodes
//! nothing.

use std::time::{Duration, Instant};

use mayday_codec::{Layout, Rect};
use mayday_protocol::{Audience, Slot};

use super::cells::Cells;
use super::exactness::Exactness;
use super::quality::{FINE, GOOD, Quality};

/// What counts as small: about one datagram's worth.
const SMALL_BYTES: usize = 1100;
/// With less room than this a large change waits, so that it does not crumble.
const CRUMB_BYTES: usize = 1024;
/// Quiet time after which coarse pixels are sent again.
const REFINE_AFTER: Duration = Duration::from_millis(200);
/// Macroblocks of a word or a cursor.
const SMALL_BLOCKS: usize = 64;
/// Rectangles drawn of one stripe.
const MOST_RECTS: usize = 64;
/// Sending a stripe again must make it finer by at least this much.
const STEP: u8 = 4;

/// What goes into one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub rects: Vec<Rect>,
    /// Stripes whose next picture must be a key picture, one bit each.
    pub keys: u64,
    /// Stripes that must have a picture, changed or not.
    pub touched: u64,
    /// Stripes of which nothing is left out.
    whole: u64,
    pub qp: u8,
    pub blocks: usize,
    /// All of it goes as tiles, at the lowest priority.
    pub exact: bool,
    pub cells: Cells,
    /// All that is drawn of it, if that is less.
    pub only: Option<Cells>,
}

impl Batch {
    /// Only what was coarse gets finer; its size says little about fresh pixels.
    #[must_use]
    pub fn is_refinement(&self) -> bool {
        self.whole & !self.keys != 0
    }
}

/// What the way to the technicians allows now.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes within the window.
    pub bytes: usize,
    /// Something small may go beyond the window.
    pub small: bool,
    /// Nothing is on the way.
    pub idle: bool,
}

/// Damage that was not sent yet, by urgency.
#[derive(Debug)]
pub struct Plan {
    layout: Layout,
    urgent: Cells,
    waiting: Cells,
    /// What was sent coarser than good.
    coarse: Cells,
    coarse_since: Option<Instant>,
    /// The coarsest quantiser of the coarse cells, per stripe.
    coarse_qp: Vec<u8>,
    /// What is shown, but not exactly; `None` if nobody sends tiles.
    exactness: Option<Exactness>,
    /// Per slot: stripes whose pictures it can decode. `None`: nobody there.
    keyed: [Option<u64>; Slot::COUNT],
    /// Those who are there but too slow to follow: they get nothing, and what they miss as key pictures later.
    detached: Audience,
}

impl Plan {
    /// With `tiles` everything becomes exact in the end.
    #[must_use]
    pub fn new(layout: Layout, tiles: bool) -> Self {
        let none = Cells::none(layout.size());
        Self {
            layout,
            urgent: none.clone(),
            waiting: none.clone(),
            coarse: none,
            coarse_since: None,
            coarse_qp: vec![FINE; layout.stripes()],
            exactness: tiles.then(|| Exactness::new(layout.size())),
            keyed: [None; Slot::COUNT],
            detached: Audience::NOBODY,
        }
    }

    /// Who gets the updates.
    #[must_use]
    pub fn audience(&self) -> Audience {
        Slot::ALL
            .into_iter()
            .filter(|slot| self.keyed[slot.index()].is_some() && !self.detached.contains(*slot))
            .fold(Audience::NOBODY, Audience::with)
    }

    /// A technician needs everything.
    pub fn join(&mut self, slot: Slot) {
        self.keyed[slot.index()] = Some(0);
        self.attach(slot);
    }

    pub fn part(&mut self, slot: Slot) {
        self.keyed[slot.index()] = None;
        self.detached = self.detached.without(slot);
    }

    /// `slot` cannot follow for now.
    pub fn detach(&mut self, slot: Slot) {
        self.detached = self.detached.with(slot);
    }

    /// `slot` can follow again, after key pictures of what it missed.
    pub fn attach(&mut self, slot: Slot) {
        self.detached = self.detached.without(slot);
        if let Some(keyed) = self.keyed[slot.index()] {
            self.need_whole(!keyed);
        }
    }

    /// `slot` cannot decode these stripes (bits) any more.
    pub fn lose(&mut self, slot: Slot, stripes: u64) {
        let Some(keyed) = &mut self.keyed[slot.index()] else {
            return;
        };
        *keyed &= !stripes;
        self.need_whole(stripes);
    }

    /// Somebody did not get the tiles that showed these; they need no key picture.
    pub fn again(&mut self, rects: &[Rect]) {
        for rect in rects {
            self.waiting.add(*rect);
        }
    }

    /// The batch was coded, but nobody got it: its stripes start anew for everybody.
    pub fn redo(&mut self, batch: &Batch) {
        let stripes = batch.cells.stripes(&self.layout) | batch.keys | batch.touched;
        for keyed in self.keyed.iter_mut().flatten() {
            *keyed &= !stripes;
        }
        self.need_whole(stripes);
    }

    /// The screen changed here.
    pub fn damage(&mut self, rects: &[Rect]) {
        for rect in rects {
            self.urgent.add(*rect);
        }
        self.coarse.remove_all(&self.urgent);
        if let Some(exactness) = &mut self.exactness {
            exactness.settle(&self.urgent);
        }
    }

    /// This part of the last batch could not go.
    pub fn put_back(&mut self, cells: &Cells) {
        self.waiting.add_all(cells);
    }

    /// Everybody has everything: what merely moved may be copied on their canvases.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        !self.has_backlog()
            && self.unkeyed() == 0
            && self.detached == Audience::NOBODY
            && self.audience() != Audience::NOBODY
    }

    /// What goes with copies of `moves` (source and target of each), which must leave now: a picture of every stripe they touch, so
    /// that the stripes' own order is the copies' too, and `rest` if there is room for it.
    pub fn moved(
        &mut self,
        moves: &[(Rect, Rect)],
        rest: &[Rect],
        room: Room,
        quality: &Quality,
        now: Instant,
    ) -> Batch {
        let mut cells = Cells::none(self.layout.size());
        for rect in rest {
            cells.add(*rect);
        }
        self.coarse.remove_all(&cells);
        if let Some(exactness) = &mut self.exactness {
            exactness.moved(moves, now);
            exactness.settle(&cells);
        }
        if cells.count() > quality.most_blocks(room.bytes) {
            self.waiting.add_all(&cells);
            cells.clear();
        }
        let mut touched = 0;
        for (source, target) in moves {
            touched |= self.layout.touched(*source) | self.layout.touched(*target);
            if !self.coarse.is_empty() {
                // Coarse pixels may have moved here.
                let mut here = Cells::none(self.layout.size());
                here.add(*target);
                self.coarse.add_all(&match &self.exactness {
                    Some(exactness) => here.common(exactness.inexact()),
                    None => here,
                });
                self.coarse_since = Some(now);
            }
        }
        let qp = quality.quantiser(cells.count(), room.bytes);
        Batch {
            touched,
            ..self.batch(cells, 0, qp)
        }
    }

    /// Anything left to send, now or later.
    #[must_use]
    pub fn has_backlog(&self) -> bool {
        !self.urgent.is_empty() || !self.waiting.is_empty()
    }

    /// When coarse or inexact pixels are due.
    #[must_use]
    pub fn refine_at(&self) -> Option<Instant> {
        let exact = self.exactness.as_ref();
        let exact = exact.and_then(|exactness| exactness.due_at(&self.coarse));
        self.coarse_at().into_iter().chain(exact).min()
    }

    fn coarse_at(&self) -> Option<Instant> {
        let since = self.coarse_since.filter(|_| !self.coarse.is_empty());
        since.map(|since| since + REFINE_AFTER)
    }

    /// Takes what goes into the next update, if anything may go now.
    pub fn next(
        &mut self,
        room: Room,
        pointer: (u16, u16),
        quality: &Quality,
        now: Instant,
    ) -> Option<Batch> {
        if self.audience() == Audience::NOBODY {
            return None;
        }
        self.take_urgent(room, quality)
            .or_else(|| self.take_waiting(room, pointer, quality))
            .or_else(|| self.take_coarse(room, pointer, quality, now))
            .or_else(|| self.take_inexact(room, now))
    }

    /// The batch was encoded and sent: with `keys` as key pictures, `qp` as the coarsest quantiser that was really used, and `tiles`
    /// not as pictures.
    pub fn sent(&mut self, batch: &Batch, keys: u64, qp: u8, tiles: &Cells, now: Instant) {
        let audience = self.audience();
        let stripes = batch.cells.stripes(&self.layout) | keys;
        for slot in Slot::ALL {
            let Some(keyed) = &mut self.keyed[slot.index()] else {
                continue;
            };
            if audience.contains(slot) {
                *keyed |= keys;
            } else {
                *keyed &= !stripes;
            }
        }
        let mut pictures = batch.only.clone().unwrap_or_else(|| batch.cells.clone());
        for stripe in bits(keys) {
            pictures.add(self.layout.visible(stripe));
        }
        pictures.remove_all(tiles);
        self.coarse.remove_all(tiles);
        if let Some(exactness) = &mut self.exactness {
            if !batch.exact {
                exactness.drawn(&pictures, now);
            }
            exactness.settle(tiles);
        }
        if self.coarse.is_empty() {
            self.coarse_since = None;
        }
        if batch.exact || pictures.is_empty() {
            return;
        }
        if qp > GOOD {
            self.coarse.add_all(&pictures);
            let since = self.coarse_since.get_or_insert(now);
            if batch.blocks > SMALL_BLOCKS {
                *since = now; // a blinking cursor, though, holds nothing up
            }
        } else {
            self.coarse.remove_all(&batch.cells);
        }
        if self.coarse.is_empty() {
            self.coarse_since = None;
        }
        for stripe in bits(stripes) {
            let whole = (batch.whole | keys) & 1 << stripe != 0;
            let before = if whole { FINE } else { self.coarse_qp[stripe] };
            self.coarse_qp[stripe] = before.max(qp);
        }
    }

    fn need_whole(&mut self, stripes: u64) {
        for stripe in bits(stripes).filter(|stripe| *stripe < self.layout.stripes()) {
            self.waiting.add(self.layout.visible(stripe));
        }
    }

    /// Stripes that somebody cannot decode yet.
    fn unkeyed(&self) -> u64 {
        let every = u64::MAX >> (64 - self.layout.stripes());
        self.audience()
            .technicians()
            .filter_map(|slot| self.keyed[slot.index()])
            .fold(0, |mask, keyed| mask | (every & !keyed))
    }

    fn take_urgent(&mut self, room: Room, quality: &Quality) -> Option<Batch> {
        if self.urgent.is_empty() {
            return None;
        }
        let blocks = self.urgent.count();
        let bytes = quality.expect(blocks, FINE);
        let decodable = self.urgent.stripes(&self.layout) & self.unkeyed() == 0;
        if !decodable || bytes > SMALL_BYTES {
            self.waiting.add_all(&self.urgent);
            self.urgent.clear();
            return None;
        }
        if bytes > room.bytes && !room.small {
            return None;
        }
        let cells = std::mem::replace(&mut self.urgent, Cells::none(self.layout.size()));
        self.waiting.remove_all(&cells);
        Some(self.batch(cells, 0, FINE))
    }

    fn take_waiting(
        &mut self,
        room: Room,
        pointer: (u16, u16),
        quality: &Quality,
    ) -> Option<Batch> {
        if self.waiting.is_empty() || (room.bytes < CRUMB_BYTES && !room.idle) {
            return None;
        }
        let limit = quality.most_blocks(room.bytes);
        let unkeyed = self.unkeyed();
        let mut cells = Cells::none(self.layout.size());
        let (mut keys, mut blocks) = (0, 0);
        for stripe in self.by_distance(self.waiting.stripes(&self.layout), pointer.1) {
            let mut part = self.waiting.in_stripe(&self.layout, stripe);
            if unkeyed & 1 << stripe != 0 {
                part.add(self.layout.visible(stripe));
            }
            let count = part.count();
            if blocks + count > limit {
                let whole = unkeyed & 1 << stripe != 0;
                if blocks == 0 && (!whole || room.idle || count <= limit * 2) {
                    let part = if whole {
                        part
                    } else {
                        part.nearest(pointer.0, limit)
                    };
                    keys |= u64::from(whole) << stripe;
                    blocks = part.count();
                    cells.add_all(&part);
                }
                break;
            }
            keys |= unkeyed & 1 << stripe;
            blocks += count;
            cells.add_all(&part);
        }
        if blocks == 0 {
            return None;
        }
        self.waiting.remove_all(&cells);
        self.urgent.remove_all(&cells);
        let qp = quality.quantiser(blocks, room.bytes);
        Some(self.batch(cells, keys, qp))
    }

    /// A stripe with coarse pixels, whole: a finer quantiser for a part of it would code its surroundings again, too, while whole
    /// it costs only what is missing.
    fn take_coarse(
        &mut self,
        room: Room,
        pointer: (u16, u16),
        quality: &Quality,
        now: Instant,
    ) -> Option<Batch> {
        if !room.idle || self.coarse_at()? > now {
            return None;
        }
        let stripe = self
            .by_distance(self.coarse.stripes(&self.layout), pointer.1)
            .next()?;
        let mut cells = Cells::none(self.layout.size());
        cells.add(self.layout.visible(stripe));
        let fitting = quality.quantiser(cells.count(), room.bytes);
        let finer = self.coarse_qp[stripe].saturating_sub(STEP).max(FINE);
        let lavish = quality.expect(cells.count(), FINE) * 4 <= room.bytes;
        let qp = if lavish { FINE } else { fitting.min(finer) };
        // What became exact meanwhile stays so.
        let inexact = self.exactness.as_ref().map(|exactness| exactness.inexact());
        let only = inexact.map(|inexact| {
            let mut only = inexact.clone();
            only.add_all(&self.coarse);
            only.in_stripe(&self.layout, stripe)
        });
        let few = |cells: &Cells| cells.rects(self.layout.size()).len() <= MOST_RECTS;
        Some(Batch {
            whole: 1 << stripe,
            only: only.filter(few),
            ..self.batch(cells, 0, qp)
        })
    }

    /// What has been still for a while, and is not exact.
    fn take_inexact(&mut self, room: Room, now: Instant) -> Option<Batch> {
        let due = self.exactness.as_ref()?.due(&self.coarse, now);
        if !room.idle || due.is_empty() {
            return None;
        }
        Some(Batch {
            exact: true,
            ..self.batch(due, 0, 0)
        })
    }

    fn batch(&self, cells: Cells, keys: u64, qp: u8) -> Batch {
        Batch {
            rects: cells.rects(self.layout.size()),
            keys,
            touched: 0,
            whole: keys,
            qp,
            blocks: cells.count(),
            exact: false,
            cells,
            only: None,
        }
    }

    fn by_distance(&self, stripes: u64, y: u16) -> impl Iterator<Item = usize> {
        let mut sorted: Vec<usize> = bits(stripes).collect();
        sorted.sort_by_key(|stripe| {
            let visible = self.layout.visible(*stripe);
            let nearest = y.clamp(visible.y, visible.bottom() - 1);
            y.abs_diff(nearest)
        });
        sorted.into_iter()
    }
}

fn bits(mask: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |bit| mask & 1 << bit != 0)
}

#[cfg(test)]
mod tests;
