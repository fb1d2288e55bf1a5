//! Datagrams that not everybody reported, and when they go again: each technician's by their own way.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use mayday_protocol::{Audience, Packet, Sequence, Slot};

use super::way::Way;

const DUPLICATE_AFTER: Duration = Duration::from_millis(5);

/// How a packet goes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    Datagram,
    Stream,
}

#[derive(Debug)]
struct Unconfirmed {
    packet: Packet,
    waiting: Audience,
    duplicated: Audience,
    sent_at: Instant,
}

#[derive(Debug, Default)]
pub struct Repeats {
    unconfirmed: VecDeque<Unconfirmed>,
}

pub type Ways = [Option<Way>; Slot::COUNT];

impl Repeats {
    /// A datagram left.
    pub fn sent(&mut self, packet: Packet, now: Instant) {
        self.unconfirmed.push_back(Unconfirmed {
            waiting: packet.header.audience,
            duplicated: Audience::NOBODY,
            packet,
            sent_at: now,
        });
    }

    pub fn clear(&mut self) {
        self.unconfirmed.clear();
    }

    /// `slot` needs none of these any more.
    pub fn settle(&mut self, slot: Slot, which: impl Fn(Sequence) -> bool) {
        for entry in &mut self.unconfirmed {
            if which(entry.packet.header.sequence) {
                entry.waiting = entry.waiting.without(slot);
            }
        }
        self.unconfirmed
            .retain(|entry| entry.waiting != Audience::NOBODY);
    }

    /// What must go again by now, and to whom.
    pub fn due(&mut self, ways: &Ways, now: Instant) -> Vec<(Packet, Again)> {
        let mut due = Vec::new();
        for entry in &mut self.unconfirmed {
            let (late, twice) = (entry.late(ways, now), entry.twice(ways, now));
            for (audience, again) in [(late, Again::Stream), (twice, Again::Datagram)] {
                if audience != Audience::NOBODY {
                    let mut packet = entry.packet.clone();
                    packet.header.audience = audience;
                    due.push((packet, again));
                }
            }
            for slot in late.technicians() {
                entry.waiting = entry.waiting.without(slot);
            }
            for slot in twice.technicians() {
                entry.duplicated = entry.duplicated.with(slot);
            }
        }
        self.unconfirmed
            .retain(|entry| entry.waiting != Audience::NOBODY);
        due
    }

    /// When [`Repeats::due`] has something next.
    #[must_use]
    pub fn next_due(&self, ways: &Ways) -> Option<Instant> {
        let entries = self.unconfirmed.iter();
        entries.filter_map(|entry| entry.next_due(ways)).min()
    }
}

impl Unconfirmed {
    fn late(&self, ways: &Ways, now: Instant) -> Audience {
        self.those(ways, |_, way| now >= self.sent_at + way.patience())
    }

    fn twice(&self, ways: &Ways, now: Instant) -> Audience {
        self.those(ways, |slot, way| {
            now >= self.sent_at + DUPLICATE_AFTER
                && now < self.sent_at + way.patience()
                && way.duplicates(self.packet.payload.len())
                && !self.duplicated.contains(slot)
        })
    }

    fn next_due(&self, ways: &Ways) -> Option<Instant> {
        let slots = self.waiting.technicians();
        slots
            .filter_map(|slot| {
                let way = ways[slot.index()].as_ref()?;
                let twice =
                    way.duplicates(self.packet.payload.len()) && !self.duplicated.contains(slot);
                let wait = if twice {
                    DUPLICATE_AFTER
                } else {
                    way.patience()
                };
                Some(self.sent_at + wait)
            })
            .min()
    }

    fn those(&self, ways: &Ways, which: impl Fn(Slot, &Way) -> bool) -> Audience {
        let is = |slot: &Slot| {
            let way = ways[slot.index()].as_ref();
            way.is_some_and(|way| which(*slot, way))
        };
        let slots = self.waiting.technicians().filter(is);
        slots.fold(Audience::NOBODY, Audience::with)
    }
}
