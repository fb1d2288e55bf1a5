//! What is sent next. Owns the damage that waits, and the order: small things at once, then stripes nearest to the pointer, then what was
//! sent coarsely again and finer, then what is not exact yet, at last what somebody misses whom the others do not wait for. Who has what
//! is `followers`'. Pure: sends and encodes nothing.

mod batch;
pub mod followers;
mod order;

use std::time::{Duration, Instant};

use mayday_codec::{Layout, Rect};
use mayday_protocol::{Audience, Sequence, Slot};

pub use batch::{Batch, Room};

use super::cells::Cells;
use super::exactness::Exactness;
use super::quality::{FINE, GOOD, Quality};
use followers::{Followers, Repair};
pub use order::nearest;
use order::{bits, by_distance};

/// What counts as small: about one datagram's worth.
const SMALL_BYTES: usize = 1100;
/// After a picture that the relay gave up nothing is sent that needs the one before, for so long.
const TROUBLE: Duration = Duration::from_secs(1);
/// A tile's bytes for each macroblock of text, with plenty to spare.
const TILE_BYTES: usize = 24;
/// With less room than this a large change waits, so that it does not crumble.
pub const CRUMB_BYTES: usize = 2 * 1024;
/// So many times as many macroblocks fit into the same bytes as tiles, if they are text, as coarse pictures.
const TEXT: usize = 4;
/// Quiet time after which coarse pixels are sent again.
const REFINE_AFTER: Duration = Duration::from_millis(200);
/// With less room than this a stripe is sent again only when the technician did nothing for a while: their next key would wait for it.
const THIN_BYTES: usize = 6 * 1024;
const ATTENDED: Duration = Duration::from_secs(1);
/// Macroblocks of a word or a cursor.
const SMALL_BLOCKS: usize = 64;
/// Rectangles drawn of one stripe.
const MOST_RECTS: usize = 64;
/// Coarse cells of a stripe, one in so many, that are too few to send it again.
const FEW: usize = 4;
/// Cells that one technician alone gets at once.
const REPAIRED_AT_ONCE: usize = 1024;
/// Sending a stripe again must make it finer by at least this much.
const STEP: u8 = 4;

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
    pub followers: Followers,
    /// Of these nobody knows what the even ones' canvases show, until it was sent.
    unknown: Cells,
    /// Stripes whose pictures did not arrive, and until when what they show goes as tiles: these need nothing that came before.
    troubled: u64,
    safe_at: Option<Instant>,
    /// The newest input, and when it was first seen.
    input: Option<(Sequence, Instant)>,
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
            unknown: none.clone(),
            coarse: none,
            coarse_since: None,
            coarse_qp: vec![FINE; layout.stripes()],
            exactness: tiles.then(|| Exactness::new(layout.size())),
            followers: Followers::new(layout, tiles),
            troubled: 0,
            safe_at: None,
            input: None,
        }
    }

    /// The newest input that was injected.
    pub fn note_input(&mut self, input: Sequence, now: Instant) {
        if self.input.is_none_or(|(known, _)| known != input) {
            self.input = Some((input, now));
        }
    }

    /// Who gets all that changes.
    #[must_use]
    pub fn audience(&self) -> Audience {
        self.followers.even()
    }

    /// A technician needs everything.
    pub fn join(&mut self, slot: Slot, now: Instant) {
        self.followers.join(slot);
        self.settle(now);
    }

    pub fn part(&mut self, slot: Slot, now: Instant) {
        self.followers.part(slot);
        self.settle(now);
    }

    /// `slot` cannot follow for now.
    pub fn detach(&mut self, slot: Slot, now: Instant) {
        self.followers.leave(slot);
        self.settle(now);
    }

    /// `slot` can follow again, once it has what it missed.
    pub fn attach(&mut self, slot: Slot, now: Instant) {
        self.followers.come_back(slot);
        self.settle(now);
    }

    /// `slot` cannot decode these stripes (bits) any more. `asked`: it waits for their pictures.
    pub fn lose(&mut self, slot: Slot, stripes: u64, asked: bool, now: Instant) {
        self.followers.lose(slot, stripes, asked);
        if !asked && stripes != 0 {
            self.troubled |= stripes;
            self.safe_at = Some(now + TROUBLE);
        }
        self.settle(now);
    }

    /// Stripes of which everything goes as tiles now.
    #[must_use]
    pub fn troubled(&self, now: Instant) -> u64 {
        match self.safe_at {
            Some(at) if now < at => self.troubled,
            Some(_) | None => 0,
        }
    }

    /// `slot` did not get the tiles that showed these; it needs no picture.
    pub fn again(&mut self, slot: Slot, rects: &[Rect], now: Instant) {
        self.followers.miss(slot, rects);
        self.settle(now);
    }

    /// The batch was coded, but nobody got it: its stripes start anew for everybody.
    pub fn redo(&mut self, batch: &Batch) {
        let stripes = batch.cells.stripes(&self.layout) | batch.touched;
        self.followers.spoil(stripes);
        for stripe in bits(stripes) {
            self.waiting.add(self.layout.visible(stripe));
            self.unknown.add(self.layout.visible(stripe));
        }
    }

    /// While somebody is there, somebody is even: what they all lack goes to all.
    fn settle(&mut self, now: Instant) {
        while let Some(debt) = self.followers.settle() {
            self.waiting.add_all(&debt.missing);
            self.unknown.add_all(&debt.missing);
            if let Some(exactness) = &mut self.exactness {
                exactness.drawn(&debt.rough, now);
            }
        }
    }

    /// The screen changed here.
    pub fn damage(&mut self, rects: &[Rect], now: Instant) {
        let mut changed = Cells::none(self.layout.size());
        for rect in rects {
            changed.add(*rect);
        }
        self.coarse.remove_all(&changed);
        if let Some(exactness) = &self.exactness {
            // A film waits for its turn, so that what changes beside it need not wait with it.
            let film = exactness.lively(now).common(&changed);
            self.waiting.add_all(&film);
            changed.remove_all(&film);
        }
        self.urgent.add_all(&changed);
    }

    /// This part of the last batch could not go.
    pub fn put_back(&mut self, cells: &Cells) {
        self.waiting.add_all(cells);
    }

    /// Cells from which nothing may be copied until they are sent again, since the last time this was asked.
    pub fn take_unknown(&mut self) -> Cells {
        std::mem::replace(&mut self.unknown, Cells::none(self.layout.size()))
    }

    /// What goes with copies of `moves` (source and target of each), which must leave now: a picture of every stripe they touch, so
    /// that the stripes' own order is the copies' too, and `rest` if there is room for it. What the copies cover waits no more.
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
        }
        let mut done = cells.clone();
        for (_, target) in moves {
            done.add_whole(*target);
        }
        self.urgent.remove_all(&done);
        self.waiting.remove_all(&done);
        if cells.count() > quality.still.most_blocks(room.bytes) {
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
        let qp = quality.still.quantiser(cells.count(), room.bytes);
        Batch {
            touched,
            moves: moves.to_vec(),
            ..self.batch(cells, qp)
        }
    }

    /// Anything left to send, now or later.
    #[must_use]
    pub fn has_backlog(&self) -> bool {
        !self.urgent.is_empty() || !self.waiting.is_empty()
    }

    /// Something can be sent to everybody by itself, without new damage.
    #[must_use]
    pub fn has_work(&self, now: Instant) -> bool {
        self.has_backlog() || self.refine_at().is_some_and(|at| at <= now)
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

    /// What somebody misses whom the others do not wait for, if they have room: at once, and what would only be better when nothing else
    /// is on their way.
    #[must_use]
    pub fn next_repair(
        &self,
        pointer: (u16, u16),
        room: impl Fn(Slot) -> Room,
    ) -> Option<(Slot, Room, Repair)> {
        // What all get soon is no repair; and whoever had it alone would show something else than is copied for all.
        let mut soon = self.urgent.clone();
        soon.add_all(&self.waiting);
        self.followers.behind().technicians().find_map(|slot| {
            let room = room(slot);
            let repair = self
                .followers
                .to_repair(slot, &soon, pointer, REPAIRED_AT_ONCE)?;
            let fits = room.idle || (repair.is_first && room.bytes >= CRUMB_BYTES);
            fits.then_some((slot, room, repair))
        })
    }

    /// The batch was coded and sent: `pictures` as pictures of `stripes`, with `qp` as the coarsest quantiser that was really used, and
    /// `tiles` as they are.
    pub fn sent(
        &mut self,
        batch: &Batch,
        (stripes, qp): (u64, u8),
        pictures: &Cells,
        tiles: &Cells,
        now: Instant,
    ) {
        self.settle(now);
        self.coarse.remove_all(tiles);
        if let Some(exactness) = &mut self.exactness {
            if !batch.exact {
                exactness.drawn(pictures, now);
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
            self.coarse.add_all(pictures);
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
            let whole = batch.whole & 1 << stripe != 0;
            let before = if whole { FINE } else { self.coarse_qp[stripe] };
            self.coarse_qp[stripe] = before.max(qp);
        }
    }

    fn take_urgent(&mut self, room: Room, quality: &Quality) -> Option<Batch> {
        if self.urgent.is_empty() {
            return None;
        }
        let blocks = self.urgent.count();
        // Most of what is small is text, and goes as tiles.
        let bytes = match &self.exactness {
            Some(_) => blocks * TILE_BYTES,
            None => quality.still.expect(blocks, FINE),
        };
        if bytes > SMALL_BYTES {
            self.waiting.add_all(&self.urgent);
            self.urgent.clear();
            return None;
        }
        if bytes > room.bytes && !room.small {
            return None;
        }
        let cells = std::mem::replace(&mut self.urgent, Cells::none(self.layout.size()));
        self.waiting.remove_all(&cells);
        Some(self.batch(cells, FINE))
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
        // What turns out to be neither text nor film, and too much then, comes back.
        let fitting = quality.still.most_blocks(room.bytes);
        let limit = match &self.exactness {
            Some(_) => (fitting * TEXT).max(quality.film.most_blocks(room.bytes)),
            None => fitting,
        };
        let cells = nearest(&self.layout, &self.waiting, pointer, limit);
        if cells.is_empty() {
            return None;
        }
        self.waiting.remove_all(&cells);
        self.urgent.remove_all(&cells);
        let qp = quality.still.quantiser(cells.count(), room.bytes);
        Some(self.batch(cells, qp))
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
        let is_attended = self.input.is_some_and(|(_, at)| now < at + ATTENDED);
        if is_attended && room.bytes < THIN_BYTES {
            return None;
        }
        self.leave_some_to_exactness(now);
        let stripes = self.coarse.stripes(&self.layout);
        let stripe = by_distance(&self.layout, stripes, pointer.1).next()?;
        let mut cells = Cells::none(self.layout.size());
        cells.add(self.layout.visible(stripe));
        let fitting = quality.still.quantiser(cells.count(), room.bytes);
        let finer = self.coarse_qp[stripe].saturating_sub(STEP).max(FINE);
        let lavish = quality.still.expect(cells.count(), FINE) * 4 <= room.bytes;
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
            ..self.batch(cells, qp)
        })
    }

    /// Where little of a stripe is coarse, that is exact in fewer bytes than all of the stripe is finer; and where pictures get lost.
    fn leave_some_to_exactness(&mut self, now: Instant) {
        if self.exactness.is_none() {
            return;
        }
        for stripe in bits(self.coarse.stripes(&self.layout)) {
            let part = self.coarse.in_stripe(&self.layout, stripe);
            let mut all = Cells::none(self.layout.size());
            all.add(self.layout.visible(stripe));
            if part.count() * FEW < all.count() || self.troubled(now) & 1 << stripe != 0 {
                self.coarse.remove_all(&part);
            }
        }
    }

    /// What has been still for a while, and is not exact.
    fn take_inexact(&mut self, room: Room, now: Instant) -> Option<Batch> {
        let exactness = self.exactness.as_ref()?;
        let due = exactness.due(&self.coarse, now);
        // Beside a film nothing waits on the way with it.
        let fits = room.bytes >= CRUMB_BYTES && exactness.lively(now).is_empty();
        if due.is_empty() || !(room.idle || fits) {
            return None;
        }
        Some(Batch {
            exact: true,
            ..self.batch(due, 0)
        })
    }

    fn batch(&self, cells: Cells, qp: u8) -> Batch {
        Batch {
            rects: cells.rects(self.layout.size()),
            moves: Vec::new(),
            touched: 0,
            whole: 0,
            qp,
            blocks: cells.count(),
            exact: false,
            cells,
            only: None,
        }
    }
}

#[cfg(test)]
mod tests;
