//! What is waited for, what goes again, and who is left behind.

use super::way::TRUSTED;
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
    // Nothing is known of B's way.
    assert_eq!(flow.due(now + ms(149)), []);
    assert_eq!(flow.next_due(), Some(now + ms(150)));
    let again = flow.due(now + ms(150));
    assert_eq!(again, [(packet(1, Audience::only(B), 100), Again::Stream)]);
    assert_eq!(flow.due(now + ms(500)), []);
}

#[test]
fn each_technician_is_waited_for_as_long_as_their_own_way_is() {
    let (mut flow, audience, now) = both();
    flow.sent(&packet(1, audience, 100), 1, vec![], true, now);
    flow.drawn(A, &report(1), now + ms(2));
    flow.drawn(B, &report(1), now + ms(100));
    let now = now + ms(200);
    flow.sent(&packet(2, audience, 100), 1, vec![], true, now);
    let to = |slot, again| (packet(2, Audience::only(slot), 100), again);
    assert_eq!(flow.due(now + ms(5)), [to(B, Again::Datagram)]);
    assert_eq!(flow.due(now + ms(30)), [to(A, Again::Stream)]);
    assert_eq!(flow.next_due(), Some(now + ms(150)));
    assert_eq!(flow.due(now + ms(150)), [to(B, Again::Stream)]);
    assert_eq!(flow.next_due(), None);
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
    for (sequence, after) in [(1, 50), (2, 150), (3, 150)] {
        flow.sent(&packet(sequence, audience, 100), 1, vec![], true, now);
        for slot in [A, B] {
            flow.drawn(slot, &report(sequence), now + ms(after));
        }
    }
    flow.sent(&packet(4, audience, 100), 1, vec![], true, now + ms(150));
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
    assert_eq!(flow.pace(audience, now + ms(5)), []);
    assert_eq!(flow.gives_up_at(audience, now + ms(5)), Some(now + ms(305)));
    assert_eq!(flow.pace(audience, now + ms(304)), []);
    assert_eq!(flow.pace(audience, now + ms(305)), [Pace::Detach(B)]);
    flow.drawn(B, &report(1), now + ms(400));
    let even = Audience::only(A);
    assert_eq!(flow.pace(even, now + ms(500)), []);
    assert_eq!(flow.pace(even, now + ms(555)), [Pace::Attach(B)]);
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
        let after = (0..).find(|after| flow.pace(audience, now + ms(*after)) == [Pace::Detach(B)]);
        flow.abandoned(B, &[Sequence(sequence)]);
        let back = now + ms(1500);
        assert_eq!(flow.pace(Audience::only(A), back), [Pace::Attach(B)]);
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
    while flow.pace(audience, now) != [Pace::Detach(B)] {
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
    assert_eq!(flow.pace(audience, now + ms(1000)), []);
    flow.hold_up(now + ms(1000));
    // What could be sent after all held nobody up.
    flow.sent(&packet(2, audience, 100), 1, vec![], true, now + ms(1100));
    assert_eq!(flow.pace(audience, now + ms(1200)), []);
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
    assert_eq!(flow.pace(Audience::only(A), now + ms(1000)), []);
}

#[test]
fn a_report_wakes_only_a_hungry_pipeline() {
    let (mut flow, audience, now) = both();
    flow.sent(&packet(1, audience, 100), 1, vec![], true, now);
    assert!(!flow.drawn(A, &report(1), now));
    flow.hungry = true;
    assert!(flow.drawn(B, &report(1), now));
}

#[test]
fn nothing_goes_twice_where_that_takes_long() {
    // What a way of 150 kbit/s shows, and one of 5 Mbit/s.
    for (spread_us, again) in [(360_000, false), (10_900, true)] {
        let mut flow = Flow::default();
        flow.join(A);
        let (alone, now) = (Audience::only(A), Instant::now());
        flow.sent(&packet(1, alone, 8000), 1, vec![], false, now);
        let measured = Report {
            bytes: 8000,
            spread_us,
            ..report(1)
        };
        flow.drawn(A, &measured, now + ms(500));
        let now = now + ms(600);
        flow.sent(&packet(2, alone, 900), 0, vec![], true, now);
        assert_eq!(flow.due(now + ms(5)).len(), usize::from(again));
    }
}
