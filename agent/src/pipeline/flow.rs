//! What is on the way to each technician. Owned by both sides of the pipeline behind one short lock: the capture thread sends, the
//! network's task hears reports. Owns which datagrams must go again, and who is too slow to wait for.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use mayday_protocol::feedback::Report;
use mayday_protocol::{Audience, Packet, Sequence, Slot};

use super::ledger::Ledger;
use super::plan::Room;
use super::rate::Rate;

/// A datagram without a report for 1.5 round trips, but never less than this, goes again on a stream.
const SHORTEST_PATIENCE: Duration = Duration::from_millis(30);
/// Without any report yet.
const FIRST_PATIENCE: Duration = Duration::from_millis(150);
/// A path longer than this gets small updates twice: waiting for a repeat would be seen there.
const DUPLICATE_BEYOND: Duration = Duration::from_millis(15);
const DUPLICATE_AFTER: Duration = Duration::from_millis(5);
/// A technician who holds up others this long is left behind for a while.
const LAG: Duration = Duration::from_millis(150);
const LEFT_BEHIND: Duration = Duration::from_secs(1);
/// Bytes of room below which somebody counts as full.
const FULL: usize = 1024;
/// Sent updates whose stripes are remembered.
const REMEMBERED: usize = 1024;

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
    sent_at: Instant,
    duplicated: bool,
}

#[derive(Debug, Default)]
struct Way {
    rate: Rate,
    /// Has drawn something of this epoch, so it knows the layout.
    knows_layout: bool,
    full_since: Option<Instant>,
    left_behind_at: Option<Instant>,
}

/// Who fell behind or can follow again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    Detach(Slot),
    Attach(Slot),
}

#[derive(Debug, Default)]
pub struct Flow {
    ways: [Option<Way>; Slot::COUNT],
    unconfirmed: VecDeque<Unconfirmed>,
    /// Sequence and stripes of what was sent.
    sent: VecDeque<(Sequence, u64)>,
    epoch_starts: Sequence,
    /// The capture thread waits for room.
    pub hungry: bool,
    /// Copies and tiles that are not drawn everywhere.
    pub ledger: Ledger,
}

impl Flow {
    pub fn join(&mut self, slot: Slot) {
        self.ways[slot.index()] = Some(Way::default());
        self.ledger.part(slot);
    }

    pub fn part(&mut self, slot: Slot) {
        self.ways[slot.index()] = None;
        self.ledger.part(slot);
        for entry in &mut self.unconfirmed {
            entry.waiting = entry.waiting.without(slot);
        }
        self.unconfirmed
            .retain(|entry| entry.waiting != Audience::NOBODY);
    }

    /// Updates from `first` on belong to a new epoch; nothing older is repeated.
    pub fn begin_epoch(&mut self, first: Sequence) {
        self.epoch_starts = first;
        self.unconfirmed.clear();
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
        };
        self.each(audience).fold(everything, |room, way| Room {
            bytes: room.bytes.min(way.rate.room(now)),
            small: room.small && way.rate.has_room_for_small(small),
            idle: room.idle && way.rate.is_idle(),
        })
    }

    /// An update left.
    pub fn sent(&mut self, packet: &Packet, stripes: u64, as_datagram: bool, now: Instant) {
        let header = packet.header;
        for slot in header.audience.technicians() {
            if let Some(way) = &mut self.ways[slot.index()] {
                way.rate.sent(header.sequence, packet.payload.len(), now);
            }
        }
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back((header.sequence, stripes));
        if as_datagram {
            self.unconfirmed.push_back(Unconfirmed {
                packet: packet.clone(),
                waiting: header.audience,
                sent_at: now,
                duplicated: false,
            });
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
        if let Some(entry) = self.find(report.update) {
            entry.waiting = entry.waiting.without(slot);
            self.unconfirmed
                .retain(|entry| entry.waiting != Audience::NOBODY);
        }
        std::mem::take(&mut self.hungry)
    }

    /// The relay could not deliver these to `slot`; gives the stripes that were in them.
    pub fn abandoned(&mut self, slot: Slot, sequences: &[Sequence]) -> u64 {
        let mut stripes = 0;
        for (sequence, in_it) in &self.sent {
            if sequences.contains(sequence) {
                stripes |= in_it;
                if let Some(way) = &mut self.ways[slot.index()] {
                    way.rate.forget(*sequence);
                }
            }
        }
        for entry in &mut self.unconfirmed {
            if sequences.contains(&entry.packet.header.sequence) {
                entry.waiting = entry.waiting.without(slot);
            }
        }
        self.unconfirmed
            .retain(|entry| entry.waiting != Audience::NOBODY);
        stripes
    }

    /// What must go again by now.
    pub fn due(&mut self, now: Instant) -> Vec<(Packet, Again)> {
        for way in self.ways.iter_mut().flatten() {
            way.rate.handle_timeout(now);
        }
        let (patience, duplicate) = (self.patience(), self.duplicates());
        let mut due = Vec::new();
        self.unconfirmed.retain_mut(|entry| {
            let mut packet = entry.packet.clone();
            packet.header.audience = entry.waiting;
            if now >= entry.sent_at + patience {
                due.push((packet, Again::Stream));
                return false;
            }
            if duplicate && !entry.duplicated && now >= entry.sent_at + DUPLICATE_AFTER {
                entry.duplicated = true;
                due.push((packet, Again::Datagram));
            }
            true
        });
        due
    }

    /// When [`Flow::due`] has something next.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let duplicate = self.duplicates();
        let next = |entry: &Unconfirmed| {
            let wait = if duplicate && !entry.duplicated {
                DUPLICATE_AFTER
            } else {
                self.patience()
            };
            entry.sent_at + wait
        };
        self.unconfirmed.iter().map(next).min()
    }

    /// Who must be left behind or may follow again. Nobody waits for the slowest of several longer than [`LAG`].
    pub fn pace(&mut self, now: Instant) -> Vec<Pace> {
        let mut free = false;
        for way in self.ways.iter_mut().flatten() {
            let full = way.rate.window_room() < FULL && !way.rate.is_idle();
            way.full_since = full.then(|| way.full_since.unwrap_or(now));
            free |= !full && way.left_behind_at.is_none();
        }
        let mut changes = Vec::new();
        for slot in Slot::ALL {
            let Some(way) = &mut self.ways[slot.index()] else {
                continue;
            };
            match way.left_behind_at {
                None if free && way.full_since.is_some_and(|since| now >= since + LAG) => {
                    way.left_behind_at = Some(now);
                    changes.push(Pace::Detach(slot));
                }
                Some(at) if way.rate.is_idle() && now >= at + LEFT_BEHIND => {
                    way.left_behind_at = None;
                    changes.push(Pace::Attach(slot));
                }
                None | Some(_) => {}
            }
        }
        changes
    }

    /// When everybody's path has passed on enough for more, whether or not they report.
    #[must_use]
    pub fn opens_at(&self) -> Option<Instant> {
        let ways = self.ways.iter().flatten();
        ways.filter_map(|way| way.rate.opens_at()).max()
    }

    /// Somebody was left behind, so time must be looked at.
    #[must_use]
    pub fn has_left_behind(&self) -> bool {
        self.ways
            .iter()
            .flatten()
            .any(|way| way.left_behind_at.is_some())
    }

    fn find(&mut self, sequence: Sequence) -> Option<&mut Unconfirmed> {
        self.unconfirmed
            .iter_mut()
            .find(|entry| entry.packet.header.sequence == sequence)
    }

    fn each(&self, audience: Audience) -> impl Iterator<Item = &Way> {
        audience
            .technicians()
            .filter_map(|slot| self.ways[slot.index()].as_ref())
    }

    fn round_trip(&self) -> Option<Duration> {
        self.ways
            .iter()
            .flatten()
            .filter_map(|way| way.rate.round_trip())
            .max()
    }

    fn patience(&self) -> Duration {
        self.round_trip()
            .map_or(FIRST_PATIENCE, |time| (time * 3 / 2).max(SHORTEST_PATIENCE))
    }

    /// A copy of what is small helps on a long way; into a queue that grows it would only be more of what fills it.
    fn duplicates(&self) -> bool {
        let long = |time| time > DUPLICATE_BEYOND;
        let delayed = self.ways.iter().flatten().any(|way| way.rate.is_delayed());
        self.round_trip().is_some_and(long) && !delayed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use mayday_protocol::{Class, ClearHeader, SessionId};

    const A: Slot = Slot::ALL[0];
    const B: Slot = Slot::ALL[1];

    fn packet(sequence: u32, audience: Audience, bytes: usize) -> Packet {
        let header = ClearHeader {
            class: Class::Update,
            source: 0,
            audience,
            session: SessionId(1),
            sequence: Sequence(sequence),
            size: 0,
            age_us: 0,
        };
        Packet::new(header, Bytes::from(vec![0; bytes]))
    }

    fn report(sequence: u32) -> Report {
        Report {
            update: Sequence(sequence),
            bytes: 100,
            arrival_us: 0,
            spread_us: 0,
            wait_us: 0,
            decode_us: 0,
            draw_us: 0,
            queued: 0,
        }
    }

    fn both() -> (Flow, Audience, Instant) {
        let mut flow = Flow::default();
        flow.join(A);
        flow.join(B);
        (flow, Audience::only(A).with(B), Instant::now())
    }

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn a_datagram_that_nobody_confirmed_goes_again_once_and_only_to_those() {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 100), 1, true, now);
        flow.drawn(A, &report(1), now + ms(2));
        assert_eq!(flow.due(now + ms(29)), []);
        assert_eq!(flow.next_due(), Some(now + ms(30)));
        let again = flow.due(now + ms(30));
        assert_eq!(again, [(packet(1, Audience::only(B), 100), Again::Stream)]);
        assert_eq!(flow.due(now + ms(500)), []);
    }

    #[test]
    fn on_a_long_way_what_is_small_goes_twice() {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 100), 1, true, now);
        for slot in [A, B] {
            flow.drawn(slot, &report(1), now + ms(50));
        }
        flow.sent(&packet(2, audience, 100), 1, true, now + ms(60));
        let again = flow.due(now + ms(65));
        assert_eq!(again, [(packet(2, audience, 100), Again::Datagram)]);
        assert_eq!(flow.due(now + ms(70)), []);
        assert_eq!(flow.next_due(), Some(now + ms(60 + 75)));
    }

    #[test]
    fn nothing_goes_twice_while_the_delay_grows() {
        let (mut flow, audience, now) = both();
        for (sequence, after) in [(1, 50), (2, 150)] {
            flow.sent(&packet(sequence, audience, 100), 1, true, now);
            for slot in [A, B] {
                flow.drawn(slot, &report(sequence), now + ms(after));
            }
        }
        flow.sent(&packet(3, audience, 100), 1, true, now + ms(150));
        assert_eq!(flow.due(now + ms(156)), []);
    }

    #[test]
    fn the_layout_is_known_once_everybody_drew_something_of_the_epoch() {
        let (mut flow, audience, now) = both();
        flow.begin_epoch(Sequence(5));
        flow.drawn(A, &report(5), now);
        flow.drawn(B, &report(4), now);
        assert!(flow.knows_layout(Audience::only(A)));
        assert!(!flow.knows_layout(audience));
    }

    #[test]
    fn what_the_relay_abandoned_names_its_stripes_and_frees_the_window() {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 5000), 0b11, false, now);
        flow.sent(&packet(2, audience, 5000), 0b100, false, now);
        let before = flow.room(Audience::only(A), 0, now).bytes;
        assert_eq!(flow.abandoned(A, &[Sequence(2), Sequence(9)]), 0b100);
        assert_eq!(flow.room(Audience::only(A), 0, now).bytes, before + 5000);
    }

    #[test]
    fn the_slowest_of_two_is_left_behind_and_comes_back_when_its_way_is_free() {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 16 * 1024), 1, false, now);
        flow.drawn(A, &report(1), now + ms(5));
        assert_eq!(flow.pace(now + ms(5)), []);
        assert_eq!(flow.pace(now + ms(160)), [Pace::Detach(B)]);
        flow.drawn(B, &report(1), now + ms(400));
        assert_eq!(flow.pace(now + ms(500)), []);
        assert_eq!(flow.pace(now + ms(1200)), [Pace::Attach(B)]);
    }

    #[test]
    fn a_technician_alone_is_never_left_behind() {
        let mut flow = Flow::default();
        flow.join(A);
        let now = Instant::now();
        flow.sent(&packet(1, Audience::only(A), 16 * 1024), 1, false, now);
        flow.pace(now);
        assert_eq!(flow.pace(now + ms(1000)), []);
    }

    #[test]
    fn a_report_wakes_only_a_hungry_pipeline() {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 100), 1, true, now);
        assert!(!flow.drawn(A, &report(1), now));
        flow.hungry = true;
        assert!(flow.drawn(B, &report(1), now));
    }
}
