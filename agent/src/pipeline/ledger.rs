//! Copies and tiles that not everybody they were sent to reported drawn. Owns what an update to a technician must name as the ones it
//! follows: never one that they did not get. Pure.

use std::collections::VecDeque;

use mayday_protocol::{Audience, Sequence, Slot, limits};

/// What an update is in respect to order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Copies,
    Tiles,
}

#[derive(Debug)]
struct Entry {
    sequence: Sequence,
    kind: Kind,
    stripes: u64,
    to: Audience,
    waiting: Audience,
}

/// In the order of sending.
#[derive(Debug, Default)]
pub struct Ledger {
    open: VecDeque<Entry>,
}

impl Ledger {
    pub fn sent(&mut self, sequence: Sequence, kind: Kind, stripes: u64, audience: Audience) {
        self.open.push_back(Entry {
            sequence,
            kind,
            stripes,
            to: audience,
            waiting: audience,
        });
    }

    pub fn drawn(&mut self, slot: Slot, sequence: Sequence) {
        self.settle(slot, |entry| entry.sequence == sequence);
    }

    /// `slot` is gone, or begins anew.
    pub fn part(&mut self, slot: Slot) {
        self.settle(slot, |_| true);
    }

    /// `slot` gets these stripes anew: what is in no other does not matter to it any more.
    pub fn lose(&mut self, slot: Slot, stripes: u64) {
        self.settle(slot, |entry| entry.stripes & !stripes == 0);
    }

    pub fn clear(&mut self) {
        self.open.clear();
    }

    /// Whether copies on these stripes could name all they follow, to somebody at least.
    #[must_use]
    pub fn may_copy(&self, stripes: u64, audience: Audience) -> bool {
        let open = |slot: Slot| self.of(Kind::Tiles, stripes, slot).count();
        audience
            .technicians()
            .any(|slot| open(slot) < limits::FOLLOWS)
    }

    /// What an update to `slot` with copies or tiles on these stripes follows; `None` if that is more than it can name. Copies are ordered among each other by their stripes' pictures, so
    /// the newest one of each stripe stands for all.
    #[must_use]
    pub fn follows(&self, kind: Kind, stripes: u64, slot: Slot) -> Option<Vec<Sequence>> {
        let follows: Vec<Sequence> = match kind {
            Kind::Copies => self
                .of(Kind::Tiles, stripes, slot)
                .map(|entry| entry.sequence)
                .collect(),
            Kind::Tiles => {
                let (mut left, mut newest) = (stripes, Vec::new());
                for entry in self.of(Kind::Copies, stripes, slot).rev() {
                    if entry.stripes & left != 0 {
                        left &= !entry.stripes;
                        newest.push(entry.sequence);
                    }
                }
                newest
            }
        };
        (follows.len() <= limits::FOLLOWS).then_some(follows)
    }

    fn of(&self, kind: Kind, stripes: u64, slot: Slot) -> impl DoubleEndedIterator<Item = &Entry> {
        self.open.iter().filter(move |entry| {
            entry.kind == kind && entry.stripes & stripes != 0 && entry.to.contains(slot)
        })
    }

    fn settle(&mut self, slot: Slot, which: impl Fn(&Entry) -> bool) {
        for entry in self.open.iter_mut().filter(|entry| which(entry)) {
            entry.waiting = entry.waiting.without(slot);
        }
        self.open.retain(|entry| entry.waiting != Audience::NOBODY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Slot = Slot::ALL[0];
    const B: Slot = Slot::ALL[1];

    #[test]
    fn copies_follow_every_tile_below_them_until_everybody_drew_it() {
        let mut ledger = Ledger::default();
        let both = Audience::only(A).with(B);
        ledger.sent(Sequence(1), Kind::Tiles, 0b1, both);
        ledger.sent(Sequence(2), Kind::Tiles, 0b10, both);
        ledger.sent(Sequence(3), Kind::Tiles, 0b11, both);
        let copies = |ledger: &Ledger, stripes| ledger.follows(Kind::Copies, stripes, A);
        assert_eq!(copies(&ledger, 0b1), Some(vec![Sequence(1), Sequence(3)]));
        assert_eq!(ledger.follows(Kind::Tiles, 0b1, A), Some(vec![]));
        ledger.drawn(A, Sequence(1));
        ledger.drawn(B, Sequence(1));
        ledger.drawn(A, Sequence(3));
        assert_eq!(copies(&ledger, 0b1), Some(vec![Sequence(3)]));
        ledger.part(B);
        assert_eq!(copies(&ledger, 0b11), Some(vec![Sequence(2)]));
    }

    #[test]
    fn nobody_is_told_to_wait_for_what_went_to_another() {
        let mut ledger = Ledger::default();
        ledger.sent(Sequence(1), Kind::Tiles, 0b1, Audience::only(B));
        assert_eq!(ledger.follows(Kind::Copies, 0b1, A), Some(vec![]));
        let named = ledger.follows(Kind::Copies, 0b1, B);
        assert_eq!(named, Some(vec![Sequence(1)]));
    }

    #[test]
    fn tiles_follow_the_newest_copies_of_their_stripes() {
        let mut ledger = Ledger::default();
        for (sequence, stripes) in [(1, 0b111), (2, 0b11), (3, 0b1)] {
            ledger.sent(Sequence(sequence), Kind::Copies, stripes, Audience::only(A));
        }
        let tiles = |stripes| ledger.follows(Kind::Tiles, stripes, A);
        assert_eq!(tiles(0b1), Some(vec![Sequence(3)]));
        assert_eq!(tiles(0b101), Some(vec![Sequence(3), Sequence(1)]));
    }

    #[test]
    fn with_too_many_open_tiles_nothing_is_copied() {
        let mut ledger = Ledger::default();
        for sequence in 0..limits::FOLLOWS as u32 {
            assert!(ledger.may_copy(1, Audience::only(A)));
            ledger.sent(Sequence(sequence), Kind::Tiles, 1, Audience::only(A));
        }
        assert!(!ledger.may_copy(1, Audience::only(A)));
        assert!(ledger.may_copy(1, Audience::only(B)));
        assert!(ledger.may_copy(2, Audience::only(A)));
    }
}
