//! What is on the way to each technician. Owned by both sides of the pipeline behind one short lock: the capture thread sends, the
//! network's task hears reports. Owns which datagrams must go again, and who is too slow to wait for.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use mayday_codec::Rect;
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
/// A technician who holds up others this long is left behind for a while. One whose way is not known to be slow may only have been
/// busy for a moment.
const LAG: Duration = Duration::from_millis(150);
const LONG_LAG: Duration = Duration::from_millis(300);
/// Whoever was left behind lately is waited for no longer than this.
const SHORT_LAG: Duration = Duration::from_millis(75);
/// Having followed this long, they are waited for as at first.
const TRUSTED: Duration = Duration::from_secs(10);
const LEFT_BEHIND: Duration = Duration::from_secs(1);
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

#[derive(Debug, Default)]
struct Way {
    rate: Rate,
    /// Has drawn something of this epoch, so it knows the layout.
    knows_layout: bool,
    left_behind_at: Option<Instant>,
    /// Was left behind, and follows again since then.
    back_since: Option<Instant>,
}

/// How long everybody waited lately because somebody had no room. Waiting counts in full; it is forgotten four times slower.
#[derive(Debug, Default)]
struct Waiting {
    since: Option<Instant>,
    until: Option<Instant>,
    before: Duration,
}

impl Waiting {
    fn begin(&mut self, now: Instant) {
        if self.since.is_none() {
            let rest = self.until.map(|until| now.saturating_duration_since(until));
            self.before = self.before.saturating_sub(rest.unwrap_or_default() / 4);
            self.since = Some(now);
        }
    }

    fn end(&mut self, now: Instant) {
        if let Some(since) = self.since.take() {
            self.before += now.saturating_duration_since(since);
            self.until = Some(now);
        }
    }
}

impl Way {
    /// How long others wait for this one.
    fn lag(&self, now: Instant) -> Duration {
        let lately = self.back_since.is_some_and(|since| now < since + TRUSTED);
        match (self.rate.is_slow(), lately) {
            (false, _) => LONG_LAG,
            (true, false) => LAG,
            (true, true) => SHORT_LAG,
        }
    }

    /// When this one has held up others for too long: at a time, or, if what is new comes to others no faster than to this slow
    /// one, in many small times.
    fn gives_up_at(&self, waiting: &Waiting, now: Instant) -> Option<Instant> {
        let before = match self.rate.is_slow() {
            true => waiting.before,
            false => Duration::ZERO,
        };
        Some(waiting.since? + self.lag(now).saturating_sub(before))
    }
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
    sent: VecDeque<Sent>,
    epoch_starts: Sequence,
    /// The capture thread waits for room.
    pub hungry: bool,
    /// New pixels wait for room.
    waiting: Waiting,
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
        for entry in &mut self.unconfirmed {
            if sequences.contains(&entry.packet.header.sequence) {
                entry.waiting = entry.waiting.without(slot);
            }
        }
        self.unconfirmed
            .retain(|entry| entry.waiting != Audience::NOBODY);
        missed
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

    /// There are new pixels, but no room for them.
    pub fn hold_up(&mut self, now: Instant) {
        self.waiting.begin(now);
    }

    /// Who must be left behind or may follow again. Nobody waits for the slowest of several longer than [`LAG`].
    pub fn pace(&mut self, now: Instant) -> Vec<Pace> {
        let slow = self.slow(now);
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

    /// When somebody has held up the others for too long.
    #[must_use]
    pub fn gives_up_at(&self, now: Instant) -> Option<Instant> {
        let ways = self.each(self.slow(now));
        ways.filter_map(|way| way.gives_up_at(&self.waiting, now))
            .min()
    }

    /// Those on whose way something is, with far less room than somebody else has.
    fn slow(&self, now: Instant) -> Audience {
        let follows = |way: &&Way| way.left_behind_at.is_none();
        let ways = self.ways.iter().flatten().filter(follows);
        let most = ways.map(|way| way.rate.room(now)).max().unwrap_or(0);
        let slow = |slot: &Slot| {
            let way = self.ways[slot.index()].as_ref();
            way.filter(follows)
                .is_some_and(|way| !way.rate.is_idle() && way.rate.room(now) < most / 2)
        };
        let slots = Slot::ALL.into_iter().filter(slow);
        slots.fold(Audience::NOBODY, Audience::with)
    }

    /// When everybody's path has passed on enough for more, whether or not they report.
    #[must_use]
    pub fn opens_at(&self) -> Option<Instant> {
        let ways = self.ways.iter().flatten();
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
        flow.sent(&packet(1, audience, 100), 1, vec![], true, now);
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
        flow.sent(&packet(1, audience, 100), 1, vec![], true, now);
        for slot in [A, B] {
            flow.drawn(slot, &report(1), now + ms(50));
        }
        flow.sent(&packet(2, audience, 100), 1, vec![], true, now + ms(60));
        let again = flow.due(now + ms(65));
        assert_eq!(again, [(packet(2, audience, 100), Again::Datagram)]);
        assert_eq!(flow.due(now + ms(70)), []);
        assert_eq!(flow.next_due(), Some(now + ms(60 + 75)));
    }

    #[test]
    fn nothing_goes_twice_while_the_delay_grows() {
        let (mut flow, audience, now) = both();
        for (sequence, after) in [(1, 50), (2, 150)] {
            flow.sent(&packet(sequence, audience, 100), 1, vec![], true, now);
            for slot in [A, B] {
                flow.drawn(slot, &report(sequence), now + ms(after));
            }
        }
        flow.sent(&packet(3, audience, 100), 1, vec![], true, now + ms(150));
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
    fn what_the_relay_abandoned_names_its_stripes_and_tiles_and_frees_the_window() {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 5000), 0b11, vec![], false, now);
        let tile = Rect::new(16, 32, 64, 16);
        flow.sent(&packet(2, audience, 5000), 0b100, vec![tile], false, now);
        let before = flow.room(Audience::only(A), 0, now).bytes;
        let missed = flow.abandoned(A, &[Sequence(2), Sequence(9)]);
        assert_eq!((missed.stripes, missed.tiles), (0b100, vec![tile]));
        assert_eq!(flow.room(Audience::only(A), 0, now).bytes, before + 5000);
    }

    #[test]
    fn the_slowest_of_two_is_left_behind_and_comes_back_when_its_way_is_free() {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 16 * 1024), 1, vec![], false, now);
        flow.drawn(A, &report(1), now + ms(5));
        flow.hold_up(now + ms(5));
        assert_eq!(flow.pace(now + ms(5)), []);
        assert_eq!(flow.gives_up_at(now + ms(5)), Some(now + ms(305)));
        assert_eq!(flow.pace(now + ms(304)), []);
        assert_eq!(flow.pace(now + ms(305)), [Pace::Detach(B)]);
        flow.drawn(B, &report(1), now + ms(400));
        assert_eq!(flow.pace(now + ms(500)), []);
        assert_eq!(flow.pace(now + ms(1305)), [Pace::Attach(B)]);
    }

    /// Both on ways as measured: A takes all at once, B 20 kB/s.
    fn fast_and_slow() -> (Flow, Audience, Instant) {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 8 * 1024), 1, vec![], false, now);
        for (slot, spread_us) in [(A, 100), (B, 400_000)] {
            let bytes = 8 * 1024;
            let measured = Report {
                bytes,
                spread_us,
                ..report(1)
            };
            flow.drawn(slot, &measured, now + ms(400));
        }
        (flow, audience, now + ms(400))
    }

    #[test]
    fn whoever_is_slow_and_was_left_behind_lately_is_waited_for_half_as_long() {
        let (mut flow, audience, now) = fast_and_slow();
        let mut behind_after = |sequence: u32, now: Instant| {
            flow.sent(
                &packet(sequence, audience, 16 * 1024),
                1,
                vec![],
                false,
                now,
            );
            flow.drawn(A, &report(sequence), now);
            flow.hold_up(now);
            let after = (0..).find(|after| flow.pace(now + ms(*after)) == [Pace::Detach(B)]);
            flow.abandoned(B, &[Sequence(sequence)]);
            let back = now + ms(1500);
            assert_eq!(flow.pace(back), [Pace::Attach(B)]);
            (after, back)
        };
        let (first, back) = behind_after(2, now);
        let (second, back) = behind_after(3, back);
        let (trusted, _) = behind_after(4, back + TRUSTED);
        assert_eq!([first, second, trusted], [Some(150), Some(75), Some(150)]);
    }

    #[test]
    fn many_small_waits_for_a_slow_one_are_as_one_long_wait() {
        let (mut flow, audience, mut now) = fast_and_slow();
        let mut rounds = 0;
        while flow.pace(now) != [Pace::Detach(B)] {
            rounds += 1;
            let sequence = 1 + rounds;
            flow.sent(&packet(sequence, audience, 2000), 1, vec![], false, now);
            flow.drawn(A, &report(sequence), now);
            flow.hold_up(now + ms(2));
            now += ms(40);
            assert!(rounds < 10, "the others are kept at the slow one's pace");
        }
        assert!(rounds > 2);
    }

    #[test]
    fn a_full_way_is_waited_for_as_long_as_nothing_new_waits_with_it() {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 16 * 1024), 1, vec![], false, now);
        flow.drawn(A, &report(1), now);
        assert_eq!(flow.pace(now + ms(1000)), []);
        flow.hold_up(now + ms(1000));
        // What could be sent after all held nobody up.
        flow.sent(&packet(2, audience, 100), 1, vec![], true, now + ms(1100));
        assert_eq!(flow.pace(now + ms(1200)), []);
    }

    #[test]
    fn a_technician_alone_is_never_left_behind() {
        let mut flow = Flow::default();
        flow.join(A);
        let now = Instant::now();
        flow.sent(
            &packet(1, Audience::only(A), 16 * 1024),
            1,
            vec![],
            false,
            now,
        );
        flow.hold_up(now);
        assert_eq!(flow.pace(now + ms(1000)), []);
    }

    #[test]
    fn a_report_wakes_only_a_hungry_pipeline() {
        let (mut flow, audience, now) = both();
        flow.sent(&packet(1, audience, 100), 1, vec![], true, now);
        assert!(!flow.drawn(A, &report(1), now));
        flow.hungry = true;
        assert!(flow.drawn(B, &report(1), now));
    }
}
