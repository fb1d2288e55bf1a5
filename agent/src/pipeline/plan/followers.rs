//! Who has what of the screen: per technician the stripes whose pictures they can decode, and the cells that are not, or only roughly,
//! shown to them. Whoever sees all that the others see is *even* and gets what changes; who does not is *behind*, gets of it what there
//! is room for, and what they miss as tiles of their own. Pure.

use std::time::{Duration, Instant};

use mayday_codec::{Layout, Rect};
use mayday_protocol::{Audience, Sequence, Slot};

use super::bits;
use crate::pipeline::cells::Cells;

/// Stripes that begin anew at once although somebody who can decode them gets these pictures, too.
const OPENED_AT_ONCE: usize = 2;
/// Between two such times.
const OPENED_EVERY: Duration = Duration::from_millis(50);
/// Whoever had no room for a stripe's picture gets it as tiles for so long.
const NO_PICTURES: Duration = Duration::from_secs(2);

/// One technician.
#[derive(Clone, Debug)]
struct Follower {
    /// Stripes whose next picture they can decode.
    keyed: u64,
    /// Stripes that they asked for.
    asked: u64,
    /// What is shown here is not right.
    missing: Cells,
    /// Something that looks alike is shown here.
    rough: Cells,
    /// With which update each stripe began anew.
    anew_at: Vec<Sequence>,
    no_pictures_until: Option<Instant>,
}

/// What one technician takes of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// Pictures of these stripes.
    pub stripes: u64,
    pub copies: bool,
}

/// What an update does to the screen.
pub struct Change<'a> {
    /// Source and target.
    pub moves: &'a [(Rect, Rect)],
    /// Stripes with a picture.
    pub stripes: u64,
    /// Cells that these draw.
    pub pictures: &'a Cells,
    pub tiles: &'a Cells,
}

/// What everybody must get, because nobody is there who has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Debt {
    pub missing: Cells,
    pub rough: Cells,
}

#[derive(Debug)]
pub struct Followers {
    layout: Layout,
    /// Without tiles nobody can be behind.
    tiles: bool,
    each: [Option<Follower>; Slot::COUNT],
    /// Too slow for now: they get nothing.
    away: Audience,
    opened_at: Option<Instant>,
    /// Where the keyboard is; asked for anew when somebody joins.
    focus: Option<Rect>,
    asks_focus: bool,
}

impl Followers {
    #[must_use]
    pub fn new(layout: Layout, tiles: bool) -> Self {
        Self {
            layout,
            tiles,
            each: [const { None }; Slot::COUNT],
            away: Audience::NOBODY,
            opened_at: None,
            focus: None,
            asks_focus: false,
        }
    }

    /// Everybody.
    #[must_use]
    pub fn present(&self) -> Audience {
        self.those(|_, _| true)
    }

    /// Those who see what is to be seen.
    #[must_use]
    pub fn even(&self) -> Audience {
        self.those(|slot, one| !self.away.contains(slot) && !one.is_behind())
    }

    /// Those who get what they miss.
    #[must_use]
    pub fn behind(&self) -> Audience {
        self.those(|slot, one| !self.away.contains(slot) && one.is_behind())
    }

    /// Sees nothing yet, and can decode nothing.
    pub fn join(&mut self, slot: Slot) {
        self.away = self.away.without(slot);
        self.asks_focus = true;
        self.each[slot.index()] = Some(Follower {
            keyed: 0,
            asked: 0,
            missing: self.all(),
            rough: self.none(),
            anew_at: vec![Sequence(0); self.layout.stripes()],
            no_pictures_until: None,
        });
    }

    /// Whether somebody joined since this was asked last.
    #[must_use]
    pub fn asks_focus(&mut self) -> bool {
        std::mem::take(&mut self.asks_focus)
    }

    /// Who joined sees this first.
    pub fn focus_on(&mut self, focus: Option<Rect>) {
        self.focus = focus;
    }

    pub fn part(&mut self, slot: Slot) {
        self.each[slot.index()] = None;
        self.away = self.away.without(slot);
    }

    pub fn leave(&mut self, slot: Slot) {
        self.away = self.away.with(slot);
    }

    pub fn come_back(&mut self, slot: Slot) {
        self.away = self.away.without(slot);
    }

    /// `slot` cannot decode these stripes any more, so all of them comes again. `asked`: they wait for a picture.
    pub fn lose(&mut self, slot: Slot, stripes: u64, asked: bool) {
        let layout = self.layout;
        if let Some(one) = &mut self.each[slot.index()] {
            one.lose(stripes, &layout);
            if asked {
                one.asked |= stripes & every(&layout);
            }
        }
    }

    /// `slot` did not get what showed these.
    pub fn miss(&mut self, slot: Slot, rects: &[Rect]) {
        if let Some(one) = &mut self.each[slot.index()] {
            for rect in rects {
                one.missing.add(*rect);
            }
        }
    }

    /// Nobody got the pictures of these stripes.
    pub fn spoil(&mut self, stripes: u64) {
        for one in self.each.iter_mut().flatten() {
            one.keyed &= !stripes;
        }
    }

    /// If all are behind, whoever misses least is made even: everybody gets that.
    pub fn settle(&mut self) -> Option<Debt> {
        let least = self
            .behind()
            .technicians()
            .min_by_key(|slot| {
                self.each[slot.index()]
                    .as_ref()
                    .map(|one| one.missing.count())
            })
            .filter(|_| !self.tiles || self.even() == Audience::NOBODY)?;
        let (missing, rough) = (self.none(), self.none());
        let one = self.each[least.index()].as_mut()?;
        Some(Debt {
            missing: std::mem::replace(&mut one.missing, missing),
            rough: std::mem::replace(&mut one.rough, rough),
        })
    }

    /// Which of `stripes` begin anew now, so that who takes their pictures can decode them.
    #[must_use]
    pub fn to_open(&self, stripes: u64, takers: Audience, now: Instant) -> u64 {
        let paced = self.opened_at.is_none_or(|at| now >= at + OPENED_EVERY);
        let (mut open, mut costly) = (0, 0);
        for stripe in bits((stripes | self.asked(takers)) & every(&self.layout)) {
            let can = |slot: &Slot| self.is_keyed(*slot, 1 << stripe);
            let lacks = |slot: &Slot| !can(slot) && self.wants_pictures(*slot, now);
            if !takers.technicians().any(|slot| lacks(&slot)) {
                continue;
            }
            let costs = self.tiles && takers.technicians().any(|slot| can(&slot));
            if costs && !(paced && costly < OPENED_AT_ONCE) {
                continue;
            }
            costly += usize::from(costs);
            open |= 1 << stripe;
        }
        open
    }

    /// When a stripe that somebody waits for may begin anew.
    #[must_use]
    pub fn opens_at(&self, now: Instant) -> Option<Instant> {
        let here = self.those(|slot, _| !self.away.contains(slot));
        let waits = self.asked(here) != 0;
        waits.then(|| self.opened_at.map_or(now, |at| at + OPENED_EVERY))
    }

    /// Of these stripes, those that `slot` cannot decode.
    #[must_use]
    pub fn lacking(&self, slot: Slot, stripes: u64) -> u64 {
        let one = self.each[slot.index()].as_ref();
        stripes & !one.map_or(0, |one| one.keyed)
    }

    /// These stripes began anew in this update, which went to `takers`; the others cannot decode them any more.
    pub fn opened(&mut self, stripes: u64, takers: Audience, sequence: Sequence, now: Instant) {
        let layout = self.layout;
        self.opened_at = Some(now);
        for slot in Slot::ALL {
            let Some(one) = &mut self.each[slot.index()] else {
                continue;
            };
            if takers.contains(slot) {
                for stripe in bits(stripes & !one.keyed) {
                    one.anew_at[stripe] = sequence;
                }
                one.keyed |= stripes;
                one.asked &= !stripes;
            } else {
                one.lose(stripes & one.keyed, &layout);
            }
        }
    }

    /// What `slot` can take of an update with pictures of these stripes, and copies on `copied`. `follows` are the tiles that its copies
    /// would name; those that are older than a new beginning would not be waited for.
    #[must_use]
    pub fn take(&self, slot: Slot, stripes: u64, copied: u64, follows: &[Sequence]) -> Take {
        let Some(one) = &self.each[slot.index()] else {
            return Take {
                stripes: 0,
                copies: false,
            };
        };
        let anew = bits(copied).map(|stripe| one.anew_at[stripe]).min();
        let waited_for = follows.iter().all(|tile| Some(*tile) >= anew);
        Take {
            stripes: stripes & one.keyed,
            copies: copied != 0 && copied & !one.keyed == 0 && waited_for,
        }
    }

    /// An update went, to each what they took of it.
    pub fn sent(&mut self, change: &Change<'_>, takes: &[Option<Take>; Slot::COUNT], now: Instant) {
        let layout = self.layout;
        for (one, take) in self.each.iter_mut().zip(takes) {
            if let Some(one) = one {
                one.sent(change, *take, &layout, now);
            }
        }
    }

    /// The cells that `slot` misses, where the keyboard is before others and the nearest first, at most `limit`, without those that all get
    /// `soon`; or if there are none, those that are only rough.
    #[must_use]
    pub fn to_repair(
        &self,
        slot: Slot,
        soon: &Cells,
        pointer: (u16, u16),
        limit: usize,
    ) -> Option<Repair> {
        let one = self.each[slot.index()].as_ref()?;
        let is_first = !one.missing.is_empty();
        let mut from = if is_first { &one.missing } else { &one.rough }.clone();
        from.remove_all(soon);
        if let Some(focus) = self.focus {
            let mut focused = self.none();
            focused.add(focus);
            let within = from.common(&focused);
            if !within.is_empty() {
                from = within;
            }
        }
        let mut cells = self.none();
        let mut left = limit;
        for stripe in super::by_distance(&self.layout, from.stripes(&self.layout), pointer.1) {
            let part = from.in_stripe(&self.layout, stripe);
            let part = if part.count() > left {
                part.nearest(pointer.0, left)
            } else {
                part
            };
            left -= part.count();
            cells.add_all(&part);
            if left == 0 {
                break;
            }
        }
        (!cells.is_empty()).then_some(Repair { cells, is_first })
    }

    /// `slot` alone got these, exactly and roughly.
    pub fn repaired(&mut self, slot: Slot, exact: &Cells, rough: &Cells) {
        if let Some(one) = &mut self.each[slot.index()] {
            one.missing.remove_all(exact);
            one.missing.remove_all(rough);
            one.rough.add_all(rough);
            one.rough.remove_all(exact);
        }
    }

    fn those(&self, which: impl Fn(Slot, &Follower) -> bool) -> Audience {
        let is = |slot: &Slot| {
            let one = self.each[slot.index()].as_ref();
            one.is_some_and(|one| which(*slot, one))
        };
        let slots = Slot::ALL.into_iter().filter(is);
        slots.fold(Audience::NOBODY, Audience::with)
    }

    fn asked(&self, of: Audience) -> u64 {
        of.technicians()
            .filter_map(|slot| self.each[slot.index()].as_ref())
            .fold(0, |all, one| all | (one.asked & !one.keyed))
    }

    fn is_keyed(&self, slot: Slot, stripe: u64) -> bool {
        let one = self.each[slot.index()].as_ref();
        one.is_some_and(|one| one.keyed & stripe == stripe)
    }

    /// Who is even does; who was too slow for them is behind.
    fn wants_pictures(&self, slot: Slot, now: Instant) -> bool {
        let is_over = |until| now >= until;
        let one = self.each[slot.index()].as_ref();
        one.is_some_and(|one| !one.is_behind() || one.no_pictures_until.is_none_or(is_over))
    }

    fn none(&self) -> Cells {
        Cells::none(self.layout.size())
    }

    fn all(&self) -> Cells {
        let mut all = self.none();
        all.add(self.layout.size().rect());
        all
    }
}

/// Cells to be shown to one technician.
#[derive(Debug, PartialEq, Eq)]
pub struct Repair {
    pub cells: Cells,
    /// Nothing right is shown there yet: what takes many bytes may be rough for now.
    pub is_first: bool,
}

impl Follower {
    fn is_behind(&self) -> bool {
        !self.missing.is_empty() || !self.rough.is_empty()
    }

    fn lose(&mut self, stripes: u64, layout: &Layout) {
        self.keyed &= !stripes;
        for stripe in bits(stripes & every(layout)) {
            self.missing.add(layout.visible(stripe));
        }
        self.rough.remove_all(&self.missing);
    }

    fn sent(&mut self, change: &Change<'_>, take: Option<Take>, layout: &Layout, now: Instant) {
        let taken = take.map_or(0, |take| take.stripes);
        if change.stripes & self.keyed & !taken != 0 {
            self.no_pictures_until = Some(now + NO_PICTURES);
            self.lose(change.stripes & self.keyed & !taken, layout);
        }
        if take.is_some_and(|take| take.copies) {
            self.missing.carry(layout.size(), change.moves);
            self.rough.carry(layout.size(), change.moves);
        } else {
            for (_, target) in change.moves {
                self.missing.add(*target);
            }
        }
        for stripe in bits(change.stripes) {
            let drawn = change.pictures.in_stripe(layout, stripe);
            self.draw(&drawn, taken & 1 << stripe != 0);
        }
        self.draw(change.tiles, take.is_some());
    }

    fn draw(&mut self, cells: &Cells, taken: bool) {
        self.rough.remove_all(cells);
        if taken {
            self.missing.remove_all(cells);
        } else {
            self.missing.add_all(cells);
        }
    }
}

fn every(layout: &Layout) -> u64 {
    u64::MAX >> (64 - layout.stripes())
}

#[cfg(test)]
mod tests;
