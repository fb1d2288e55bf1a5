//! What is sent next. Owns the damage that waits, which stripes each technician can decode, and the order: small things at once, then
//! stripes nearest to the pointer, then what was sent coarsely again and finer. Pure: sends and encodes nothing.

use std::time::{Duration, Instant};

use mayday_codec::{Layout, Rect};
use mayday_protocol::{Audience, Slot};

use super::cells::Cells;
use super::quality::{FINE, GOOD, Quality};

/// What counts as small: about one datagram's worth.
const SMALL_BYTES: usize = 1100;
/// With less room than this a large change waits, so that it does not crumble.
const CRUMB_BYTES: usize = 1024;
/// Quiet time after which coarse pixels are sent again.
const REFINE_AFTER: Duration = Duration::from_millis(200);
/// Sending a stripe again must make it finer by at least this much.
const STEP: u8 = 4;

/// What goes into one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub rects: Vec<Rect>,
    /// Stripes whose next picture must be a key picture, one bit each.
    pub keys: u64,
    pub qp: u8,
    pub blocks: usize,
    cells: Cells,
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
    /// Per slot: stripes whose pictures it can decode. `None`: nobody there.
    keyed: [Option<u64>; Slot::COUNT],
    /// Those who are there but too slow to follow: they get nothing, and what they miss as key pictures later.
    detached: Audience,
}

impl Plan {
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        let none = Cells::none(layout.size());
        Self {
            layout,
            urgent: none.clone(),
            waiting: none.clone(),
            coarse: none,
            coarse_since: None,
            coarse_qp: vec![FINE; layout.stripes()],
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

    /// The batch was coded, but nobody got it: its stripes start anew for everybody.
    pub fn redo(&mut self, batch: &Batch) {
        let stripes = batch.cells.stripes(&self.layout) | batch.keys;
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
    }

    /// Everybody has everything: what merely moved may be copied on their canvases.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        !self.has_backlog() && self.unkeyed() == 0 && self.detached == Audience::NOBODY && self.audience() != Audience::NOBODY
    }

    /// What goes with copies of `moves` (source and target of each), which must leave now: a picture of every stripe they touch, so
    /// that the stripes' own order is the copies' too, and `rest` if there is room for it.
    pub fn moved(&mut self, moves: &[(Rect, Rect)], rest: &[Rect], room: Room, quality: &Quality, now: Instant) -> Batch {
        let mut cells = Cells::none(self.layout.size());
        for rect in rest {
            cells.add(*rect);
        }
        self.coarse.remove_all(&cells);
        if cells.count() > quality.most_blocks(room.bytes) {
            self.waiting.add_all(&cells);
            cells.clear();
        }
        let mut touched = Cells::none(self.layout.size());
        for (source, target) in moves {
            touched.add(*source);
            touched.add(*target);
            if !self.coarse.is_empty() {
                // Coarse pixels may have moved here.
                self.coarse.add(*target);
                self.coarse_since = Some(now);
            }
        }
        for stripe in bits(touched.stripes(&self.layout) & !cells.stripes(&self.layout)) {
            let visible = self.layout.visible(stripe);
            cells.add(Rect::new(visible.x, visible.y, 1, 1));
        }
        let qp = quality.quantiser(cells.count(), room.bytes);
        self.batch(cells, 0, qp)
    }

    /// Anything left to send, now or later.
    #[must_use]
    pub fn has_backlog(&self) -> bool {
        !self.urgent.is_empty() || !self.waiting.is_empty()
    }

    /// When coarse pixels are due.
    #[must_use]
    pub fn refine_at(&self) -> Option<Instant> {
        self.coarse_since.map(|since| since + REFINE_AFTER)
    }

    /// Takes what goes into the next update, if anything may go now.
    pub fn next(&mut self, room: Room, pointer: (u16, u16), quality: &Quality, now: Instant) -> Option<Batch> {
        if self.audience() == Audience::NOBODY {
            return None;
        }
        self.take_urgent(room, quality)
            .or_else(|| self.take_waiting(room, pointer, quality))
            .or_else(|| self.take_coarse(room, pointer, quality, now))
    }

    /// The batch was encoded and sent.
    pub fn sent(&mut self, batch: &Batch, keys: u64, now: Instant) {
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
        if batch.qp > GOOD {
            self.coarse.add_all(&batch.cells);
            self.coarse_since = Some(now);
        } else {
            self.coarse.remove_all(&batch.cells);
            if self.coarse.is_empty() {
                self.coarse_since = None;
            }
        }
        for stripe in bits(stripes) {
            let whole = batch.keys & 1 << stripe != 0;
            let before = if whole { FINE } else { self.coarse_qp[stripe] };
            self.coarse_qp[stripe] = before.max(batch.qp);
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

    fn take_waiting(&mut self, room: Room, pointer: (u16, u16), quality: &Quality) -> Option<Batch> {
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
                    let part = if whole { part } else { part.nearest(pointer.0, limit) };
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

    /// A stripe with coarse pixels, whole and as a key picture: openh264 skips macroblocks that look almost right, however fine
    /// the quantiser, so only a new start makes them finer.
    fn take_coarse(&mut self, room: Room, pointer: (u16, u16), quality: &Quality, now: Instant) -> Option<Batch> {
        if !room.idle || self.refine_at()? > now {
            return None;
        }
        let stripe = self.by_distance(self.coarse.stripes(&self.layout), pointer.1).next()?;
        let mut cells = Cells::none(self.layout.size());
        cells.add(self.layout.visible(stripe));
        let fitting = quality.quantiser(cells.count(), room.bytes);
        let finer = self.coarse_qp[stripe].saturating_sub(STEP).max(FINE);
        let lavish = quality.expect(cells.count(), FINE) * 4 <= room.bytes;
        let qp = if lavish { FINE } else { fitting.min(finer) };
        Some(self.batch(cells, 1 << stripe, qp))
    }

    fn batch(&self, cells: Cells, keys: u64, qp: u8) -> Batch {
        Batch {
            rects: cells.rects(self.layout.size()),
            keys,
            qp,
            blocks: cells.count(),
            cells,
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
mod tests {
    use super::*;
    use crate::pipeline::quality::{COARSE, GOOD};
    use mayday_codec::Size;

    const A: Slot = Slot::ALL[0];
    const B: Slot = Slot::ALL[1];
    const WIDE: Room = Room { bytes: 1 << 20, small: true, idle: true };

    fn joined() -> (Plan, Quality, Instant) {
        let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
        let (mut plan, quality, now) = (Plan::new(layout), Quality::default(), Instant::now());
        plan.join(A);
        let batch = plan.next(WIDE, (0, 0), &quality, now).unwrap();
        plan.sent(&batch, batch.keys, now);
        (plan, quality, now)
    }

    fn stripe_of(batch: &Batch) -> u16 {
        batch.rects[0].y / 144
    }

    #[test]
    fn whoever_joins_gets_a_key_picture_of_every_stripe() {
        let layout = Layout::new(Size::new(1920, 1080), 144).unwrap();
        let mut plan = Plan::new(layout);
        plan.join(A);
        let batch = plan.next(WIDE, (0, 0), &Quality::default(), Instant::now()).unwrap();
        assert_eq!((batch.keys, batch.qp), (0xff, GOOD));
        assert_eq!(batch.rects, [layout.size().rect()]);
        assert!(!plan.has_backlog());
    }

    #[test]
    fn with_nobody_there_nothing_is_sent() {
        let mut plan = Plan::new(Layout::new(Size::new(640, 480), 144).unwrap());
        plan.damage(&[Rect::new(0, 0, 16, 16)]);
        assert_eq!(plan.next(WIDE, (0, 0), &Quality::default(), Instant::now()), None);
    }

    #[test]
    fn a_thin_link_gets_the_stripe_under_the_pointer_first() {
        let (mut plan, quality, now) = joined();
        plan.damage(&[Rect::new(0, 0, 1920, 1080)]);
        let room = Room { bytes: 8192, small: true, idle: true };
        let first = plan.next(room, (900, 500), &quality, now).unwrap();
        assert_eq!((stripe_of(&first), first.qp), (3, COARSE));
        assert!(plan.has_backlog());
    }

    #[test]
    fn a_keystroke_overtakes_a_page_even_without_room() {
        let (mut plan, quality, now) = joined();
        plan.damage(&[Rect::new(0, 0, 1920, 1080)]);
        let full = Room { bytes: 0, small: true, idle: false };
        assert_eq!(plan.next(full, (0, 0), &quality, now), None);
        plan.damage(&[Rect::new(800, 500, 10, 16)]);
        let batch = plan.next(full, (0, 0), &quality, now).unwrap();
        assert_eq!((batch.qp, batch.keys), (FINE, 0));
        assert!(batch.blocks <= 4);
        assert!(plan.has_backlog());
    }

    #[test]
    fn a_second_technician_costs_key_pictures_and_the_first_one_follows_them() {
        let (mut plan, quality, now) = joined();
        plan.join(B);
        let room = Room { bytes: 8192, small: true, idle: true };
        let first = plan.next(room, (0, 1000), &quality, now).unwrap();
        assert_eq!(first.keys.count_ones(), 1);
        plan.sent(&first, first.keys, now);
        plan.damage(&[Rect::new(100, 10, 10, 10)]);
        let under = plan.next(WIDE, (0, 1000), &quality, now).unwrap();
        assert_eq!(under.keys & 1, 1, "the changed stripe is made decodable for both");
    }

    #[test]
    fn whoever_was_too_slow_gets_key_pictures_of_what_changed_meanwhile_and_of_nothing_else() {
        let (mut plan, quality, now) = joined();
        plan.join(B);
        let batch = plan.next(WIDE, (0, 0), &quality, now).unwrap();
        plan.sent(&batch, batch.keys, now);
        plan.detach(B);
        assert_eq!(plan.audience(), Audience::only(A));
        plan.damage(&[Rect::new(0, 300, 10, 10)]);
        let small = plan.next(WIDE, (0, 0), &quality, now).unwrap();
        assert_eq!(small.keys, 0);
        plan.sent(&small, 0, now);
        plan.attach(B);
        let repair = plan.next(WIDE, (0, 0), &quality, now).unwrap();
        assert_eq!(repair.keys, 0b100);
    }

    #[test]
    fn a_lost_stripe_is_sent_whole_and_as_a_key_picture() {
        let (mut plan, quality, now) = joined();
        plan.lose(A, 0b100);
        let batch = plan.next(WIDE, (0, 0), &quality, now).unwrap();
        assert_eq!((batch.keys, batch.rects), (0b100, vec![Rect::new(0, 288, 1920, 144)]));
        plan.lose(B, 0b1);
        assert!(!plan.has_backlog(), "nobody is there in slot 1");
    }

    #[test]
    fn coarse_pixels_come_again_finer_and_finer_when_it_is_quiet() {
        let (mut plan, quality, mut now) = joined();
        plan.damage(&[Rect::new(0, 0, 1920, 144)]);
        let thin = Room { bytes: 16_000, small: true, idle: true };
        let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
        assert!(coarse.qp > GOOD);
        plan.sent(&coarse, 0, now);
        assert_eq!(plan.next(thin, (0, 0), &quality, now), None);
        let mut before = coarse.qp;
        while plan.refine_at().is_some() {
            now += REFINE_AFTER;
            let finer = plan.next(thin, (0, 0), &quality, now).unwrap();
            assert!(finer.qp < before && finer.keys == 1);
            before = finer.qp;
            plan.sent(&finer, finer.keys, now);
        }
        assert!(before <= GOOD);
    }

    #[test]
    fn with_plenty_of_room_what_was_coarse_becomes_fine_at_once() {
        let (mut plan, quality, now) = joined();
        plan.damage(&[Rect::new(0, 0, 1920, 144)]);
        let thin = Room { bytes: 16_000, small: true, idle: true };
        let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
        plan.sent(&coarse, 0, now);
        let fine = plan.next(WIDE, (0, 0), &quality, now + REFINE_AFTER).unwrap();
        assert_eq!(fine.qp, FINE);
    }

    #[test]
    fn a_move_takes_a_picture_of_every_stripe_it_touches_along() {
        let (mut plan, quality, now) = joined();
        assert!(plan.is_calm());
        let moves = [(Rect::new(0, 160, 800, 400), Rect::new(0, 144, 800, 400))];
        let rest = [Rect::new(0, 544, 800, 16)];
        let batch = plan.moved(&moves, &rest, WIDE, &quality, now);
        let stripes = batch.rects.iter().fold(0, |mask, rect| mask | 1 << (rect.y / 144));
        assert_eq!((stripes, batch.keys), (0b1110, 0));
        let thin = Room { bytes: 10, small: true, idle: true };
        let bare = plan.moved(&moves, &rest, thin, &quality, now);
        assert_eq!(bare.blocks, 3);
        assert!(!plan.is_calm(), "the uncovered line waits for room");
    }

    #[test]
    fn a_change_under_coarse_pixels_is_not_refined_twice() {
        let (mut plan, quality, now) = joined();
        plan.damage(&[Rect::new(0, 0, 1920, 144)]);
        let thin = Room { bytes: 20_000, small: true, idle: true };
        let coarse = plan.next(thin, (0, 0), &quality, now).unwrap();
        plan.sent(&coarse, 0, now);
        plan.damage(&[Rect::new(0, 0, 1920, 144)]);
        plan.damage(&[]);
        assert_eq!(plan.coarse.count(), 0);
    }
}
