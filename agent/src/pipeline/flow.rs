//! What is on the way to each technician. Owned by both sides of the pipeline behind one short lock: the capture thread sends, the
//! network's task hears reports. Owns who is too slow to wait for, and what was in an update that somebody did not get.

mod repeats;
mod waiting;
mod way;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use mayday_codec::Rect;
use mayday_protocol::feedback::Report;
use mayday_protocol::{Audience, Packet, Sequence, Slot};

use super::ledger::Ledger;
use super::plan::Room;
pub use repeats::Again;
use repeats::{Repeats, Ways};
use waiting::Waiting;
use way::Way;

/// Whoever was left behind stays so at least this long.
const LEFT_BEHIND: Duration = Duration::from_millis(250);
/// Sent updates whose stripes are remembered.
const REMEMBERED: usize = 1024;

/// What an update had in it.
#[derive(Debug)]
struct Sent {
    sequence: Sequence,
    /// Stripes with pictures.
    stripes: u64,
    tiles: Vec<Rect>,
}

/// What a technician did not get.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// Stripes whose pictures cannot be decoded any more.
    pub stripes: u64,
    /// What only tiles showed: it needs nothing but new tiles.
    pub tiles: Vec<Rect>,
}

/// Who fell behind or can follow again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    Detach(Slot),
    Attach(Slot),
}

#[derive(Debug, Default)]
pub struct Flow {
    ways: Ways,
    repeats: Repeats,
    sent: VecDeque<Sent>,
    epoch_starts: Sequence,
    /// The capture thread waits for room.
    pub hungry: bool,
    /// Somebody whom the others do not wait for misses something.
    pub repairs: bool,
    /// New pixels wait for room.
    waiting: Waiting,
    /// Copies and tiles that are not drawn everywhere.
    pub ledger: Ledger,
}

impl Flow {
    pub fn join(&mut self, slot: Slot) {
        self.ways[slot.index()] = Some(Way::default());
        self.ledger.part(slot);
        self.repeats.settle(slot, |_| true);
    }

    pub fn part(&mut self, slot: Slot) {
        self.ways[slot.index()] = None;
        self.ledger.part(slot);
        self.repeats.settle(slot, |_| true);
    }

    /// Updates from `first` on belong to a new epoch; nothing older is repeated.
    pub fn begin_epoch(&mut self, first: Sequence) {
        self.epoch_starts = first;
        self.repeats.clear();
        self.sent.clear();
        self.ledger.clear();
        for way in self.ways.iter_mut().flatten() {
            way.knows_layout = false;
        }
    }

    #[must_use]
    pub fn knows_layout(&self, audience: Audience) -> bool {
        self.each(audience).all(|way| way.knows_layout)
    }

    /// The tightest of the ways to `audience`.
    #[must_use]
    pub fn room(&self, audience: Audience, small: usize, now: Instant) -> Room {
        let everything = Room {
            bytes: usize::MAX,
            small: true,
            idle: true,
            broad: true,
        };
        self.each(audience).fold(everything, |room, way| Room {
            bytes: room.bytes.min(way.rate.room(now)),
            small: room.small && way.rate.has_room_for_small(small),
            idle: room.idle && way.rate.is_idle(),
            broad: room.broad && way.rate.is_broad(),
        })
    }

    /// An update left.
    pub fn sent(
        &mut self,
        packet: &Packet,
        stripes: u64,
        tiles: Vec<Rect>,
        as_datagram: bool,
        now: Instant,
    ) {
        self.waiting.end(now);
        let header = packet.header;
        for slot in header.audience.technicians() {
            if let Some(way) = &mut self.ways[slot.index()] {
                way.rate.sent(header.sequence, packet.payload.len(), now);
            }
        }
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back(Sent {
            sequence: header.sequence,
            stripes,
            tiles,
        });
        if as_datagram {
            self.repeats.sent(packet.clone(), now);
        }
    }

    /// A viewer drew an update. `true`: the capture thread waits for this.
    pub fn drawn(&mut self, slot: Slot, report: &Report, now: Instant) -> bool {
        self.ledger.drawn(slot, report.update);
        let Some(way) = &mut self.ways[slot.index()] else {
            return false;
        };
        way.rate.drawn(report, now);
        tracing::trace!(
            sequence = report.update.0,
            room = way.rate.window_room(),
            round_trip = ?way.rate.round_trip(),
            spread_us = report.spread_us,
            "drawn"
        );
        way.knows_layout |= report.update >= self.epoch_starts;
        self.repeats.settle(slot, |one| one == report.update);
        std::mem::take(&mut self.hungry) || self.repairs
    }

    /// The relay could not deliver these to `slot`; gives what was in them.
    pub fn abandoned(&mut self, slot: Slot, sequences: &[Sequence]) -> Missed {
        let mut missed = Missed::default();
        for sent in &self.sent {
            if sequences.contains(&sent.sequence) {
                missed.stripes |= sent.stripes;
                missed.tiles.extend(&sent.tiles);
                if let Some(way) = &mut self.ways[slot.index()] {
                    way.rate.forget(sent.sequence);
                }
            }
        }
        self.repeats.settle(slot, |one| sequences.contains(&one));
        missed
    }

    /// What must go again by now.
    pub fn due(&mut self, now: Instant) -> Vec<(Packet, Again)> {
        for way in self.ways.iter_mut().flatten() {
            way.rate.handle_timeout(now);
        }
        self.repeats.due(&self.ways, now)
    }

    /// When [`Flow::due`] has something next.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.repeats.next_due(&self.ways)
    }

    /// There are new pixels, but no room for them.
    pub fn hold_up(&mut self, now: Instant) {
        self.waiting.begin(now);
    }

    /// Who of the `even` ones must be left behind, and who may follow again. Nobody waits long for the slowest of several.
    pub fn pace(&mut self, even: Audience, now: Instant) -> Vec<Pace> {
        let slow = self.slow(even, now);
        let mut changes = Vec::new();
        for slot in Slot::ALL {
            let Some(way) = &mut self.ways[slot.index()] else {
                continue;
            };
            match way.left_behind_at {
                None if slow.contains(slot)
                    && way
                        .gives_up_at(&self.waiting, now)
                        .is_some_and(|at| now >= at) =>
                {
                    way.left_behind_at = Some(now);
                    changes.push(Pace::Detach(slot));
                }
                Some(at) if way.rate.is_idle() && now >= at + LEFT_BEHIND => {
                    way.left_behind_at = None;
                    way.back_since = Some(now);
                    changes.push(Pace::Attach(slot));
                }
                None | Some(_) => {}
            }
        }
        if !changes.is_empty() {
            self.waiting = Waiting::default();
        }
        changes
    }

    /// When one of the `even` ones has held up the others for too long.
    #[must_use]
    pub fn gives_up_at(&self, even: Audience, now: Instant) -> Option<Instant> {
        let ways = self.each(self.slow(even, now));
        ways.filter_map(|way| way.gives_up_at(&self.waiting, now))
            .min()
    }

    /// Those of the `even` ones on whose way something is, with far less room than another has.
    fn slow(&self, even: Audience, now: Instant) -> Audience {
        let ways = self.each(even);
        let most = ways.map(|way| way.rate.room(now)).max().unwrap_or(0);
        let is_slow = |slot: &Slot| {
            let way = self.ways[slot.index()].as_ref();
            way.is_some_and(|way| !way.rate.is_idle() && way.rate.room(now) < most / 2)
        };
        let slots = even.technicians().filter(is_slow);
        slots.fold(Audience::NOBODY, Audience::with)
    }

    /// When the paths of all of these have passed on enough for more, whether or not they report.
    #[must_use]
    pub fn opens_at(&self, audience: Audience) -> Option<Instant> {
        let ways = self.each(audience);
        ways.filter_map(|way| way.rate.opens_at()).max()
    }

    /// Whether what only this technician misses may come at their own pace, although others are there.
    #[must_use]
    pub fn is_slow(&self, slot: Slot) -> bool {
        let way = self.ways[slot.index()].as_ref();
        way.is_some_and(|way| way.rate.is_slow())
    }

    /// Somebody was left behind, so time must be looked at.
    #[must_use]
    pub fn has_left_behind(&self) -> bool {
        self.ways
            .iter()
            .flatten()
            .any(|way| way.left_behind_at.is_some())
    }

    fn each(&self, audience: Audience) -> impl Iterator<Item = &Way> {
        audience
            .technicians()
            .filter_map(|slot| self.ways[slot.index()].as_ref())
    }
}

#[cfg(test)]
mod tests;
