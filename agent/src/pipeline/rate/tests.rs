//! The rate control on simulated paths.

use super::*;
use crate::pipeline::plan::CRUMB_BYTES;

/// A path with one bottleneck and an endless queue; updates go as fast as the window lets them.
struct Path {
    rate: Rate,
    bytes_per_second: f64,
    one_way: Duration,
    now: Instant,
    free_at: Instant,
    reports: VecDeque<(Instant, Report)>,
    sequence: Sequence,
    worst_queue: Duration,
    delivered: usize,
    /// Each so manieth report is lost, if any is.
    lost: Option<u32>,
}

impl Path {
    fn new(megabits: f64, round_trip_ms: u64) -> Self {
        let now = Instant::now();
        Self {
            rate: Rate::default(),
            bytes_per_second: megabits * 125_000.0,
            one_way: Duration::from_millis(round_trip_ms) / 2,
            now,
            free_at: now,
            reports: VecDeque::new(),
            sequence: Sequence(0),
            worst_queue: Duration::ZERO,
            delivered: 0,
            lost: None,
        }
    }

    fn send(&mut self, bytes: usize) {
        self.sequence = self.sequence.next();
        self.rate.sent(self.sequence, bytes, self.now);
        let queue = self.free_at.saturating_duration_since(self.now);
        self.worst_queue = self.worst_queue.max(queue);
        let takes = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second);
        let first = Duration::from_secs_f64(bytes.min(1200) as f64 / self.bytes_per_second);
        self.free_at = self.free_at.max(self.now) + takes;
        let report = Report {
            update: self.sequence,
            bytes: bytes as u32,
            arrival_us: 0,
            spread_us: (takes - first).as_micros() as u32,
            wait_us: 0,
            decode_us: 0,
            draw_us: 0,
            queued: 0,
        };
        self.reports
            .push_back((self.free_at + self.one_way * 2, report));
    }

    /// Always something to send, for `span`.
    fn saturate(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            while self.reports.front().is_some_and(|(at, _)| *at <= self.now) {
                let (_, report) = self.reports.pop_front().unwrap();
                self.delivered += report.bytes as usize;
                if self.lost.is_none_or(|nth| report.update.0 % nth != 0) {
                    self.rate.drawn(&report, self.now);
                }
            }
            self.rate.handle_timeout(self.now);
            let room = self.rate.room(self.now);
            if room >= CRUMB_BYTES {
                self.send(room);
            }
            self.now += Duration::from_millis(1);
        }
    }
}

#[test]
fn a_link_of_1_mbit_is_used_and_queues_little_after_the_first_update() {
    let mut path = Path::new(1.0, 50);
    path.saturate(Duration::from_secs(2));
    path.worst_queue = Duration::ZERO;
    path.delivered = 0;
    path.saturate(Duration::from_secs(5));
    assert!(
        path.worst_queue < Duration::from_millis(100),
        "{:?}",
        path.worst_queue
    );
    assert!(
        path.delivered > 5 * 125_000 / 2,
        "{} bytes in 5 s",
        path.delivered
    );
}

/// Megabits and round trip of linkem's profiles.
const PROFILES: [(f64, u64); 8] = [
    (1000.0, 1),
    (20.0, 20),
    (10.0, 50),
    (10.0, 100),
    (5.0, 100),
    (5.0, 200),
    (1.0, 50),
    (0.15, 100),
];

#[test]
fn every_profile_is_used_and_none_is_filled() {
    for (megabits, round_trip) in PROFILES {
        let mut path = Path::new(megabits, round_trip);
        path.saturate(Duration::from_secs(3));
        (path.worst_queue, path.delivered) = (Duration::ZERO, 0);
        path.saturate(Duration::from_secs(5));
        // A window of the smallest size takes this long on the thinnest path.
        let most = Duration::from_millis(if megabits < 1.0 { 250 } else { 100 });
        let queue = path.worst_queue;
        assert!(queue < most, "{megabits} Mbit/s queues {queue:?}");
        let share = path.delivered as f64 / (5.0 * path.bytes_per_second);
        let least = if megabits > 100.0 { 0.1 } else { 0.7 };
        assert!(
            share > least,
            "{megabits} Mbit/s, {round_trip} ms: {share:.2} used"
        );
    }
}

#[test]
fn lost_reports_cost_little_of_the_rate() {
    for (megabits, round_trip) in [(10.0, 50), (5.0, 100), (1.0, 50)] {
        let mut path = Path::new(megabits, round_trip);
        path.lost = Some(20);
        path.saturate(Duration::from_secs(3));
        path.delivered = 0;
        path.saturate(Duration::from_secs(5));
        let share = path.delivered as f64 / (5.0 * path.bytes_per_second);
        assert!(share > 0.45, "{megabits} Mbit/s: {share:.2} used");
    }
}

#[test]
fn somebody_elses_download_shows_as_delay_until_it_ends() {
    let mut path = Path::new(5.0, 50);
    path.saturate(Duration::from_secs(2));
    path.free_at += Duration::from_millis(80);
    let noticed = (0..30).any(|_| {
        path.saturate(Duration::from_millis(10));
        path.rate.is_delayed()
    });
    assert!(noticed);
    path.saturate(Duration::from_secs(1));
    assert!(!path.rate.is_delayed());
}

#[test]
fn the_very_first_updates_queue_no_more_than_the_first_window() {
    let mut path = Path::new(1.0, 50);
    path.saturate(Duration::from_secs(2));
    assert!(
        path.worst_queue < Duration::from_millis(150),
        "{:?}",
        path.worst_queue
    );
}

#[test]
fn a_fast_link_opens_within_a_few_round_trips() {
    let mut path = Path::new(500.0, 2);
    path.saturate(Duration::from_millis(40));
    assert!(path.rate.window >= 256 * 1024, "{}", path.rate.window);
}

#[test]
fn a_rate_that_drops_to_a_fifth_is_followed_and_so_is_its_return() {
    let mut path = Path::new(10.0, 50);
    path.saturate(Duration::from_secs(3));
    path.bytes_per_second /= 5.0;
    path.saturate(Duration::from_secs(1));
    path.worst_queue = Duration::ZERO;
    path.saturate(Duration::from_secs(3));
    assert!(
        path.worst_queue < Duration::from_millis(100),
        "{:?}",
        path.worst_queue
    );
    path.bytes_per_second *= 5.0;
    path.saturate(Duration::from_secs(1));
    path.delivered = 0;
    path.saturate(Duration::from_secs(2));
    assert!(
        path.delivered > 2 * 1_250_000 / 2,
        "{} bytes in 2 s",
        path.delivered
    );
}

#[test]
fn a_rate_that_nearly_vanished_is_found_again_by_small_updates() {
    let mut path = Path::new(2.0, 50);
    path.saturate(Duration::from_secs(3));
    path.bytes_per_second /= 20.0;
    path.saturate(Duration::from_secs(4));
    path.bytes_per_second *= 20.0;
    path.saturate(Duration::from_secs(2));
    path.delivered = 0;
    path.saturate(Duration::from_secs(2));
    let share = path.delivered as f64 / (2.0 * path.bytes_per_second);
    assert!(share > 0.5, "{share:.2} used");
}

#[test]
fn a_viewer_that_draws_slowly_gets_nothing_new_until_it_caught_up() {
    let mut path = Path::new(500.0, 2);
    path.send(100);
    path.send(100);
    let (at, mut report) = path.reports.pop_front().unwrap();
    report.queued = 2;
    path.rate.drawn(&report, at);
    assert_eq!(path.rate.room(path.now), 0);
    let (at, report) = path.reports.pop_front().unwrap();
    path.rate.drawn(&report, at);
    assert!(path.rate.room(path.now) > 0);
}

#[test]
fn something_small_goes_at_once_but_does_not_pile_up() {
    let mut rate = Rate::default();
    let now = Instant::now();
    rate.sent(Sequence(1), FIRST_WINDOW, now);
    assert_eq!(rate.room(now), 0);
    assert!(rate.has_room_for_small(500));
    for sequence in 2..10 {
        rate.sent(Sequence(sequence), 500, now);
    }
    assert!(!rate.has_room_for_small(500));
}

#[test]
fn lost_reports_do_not_close_the_window_for_ever() {
    let mut rate = Rate::default();
    let now = Instant::now();
    rate.sent(Sequence(1), FIRST_WINDOW, now);
    rate.handle_timeout(now + Duration::from_secs(3));
    assert_eq!(rate.room(now), FIRST_WINDOW);
}

#[test]
fn something_small_goes_at_once_however_much_of_what_is_large_is_not_drawn_yet() {
    let mut rate = Rate::default();
    let now = Instant::now();
    for sequence in 1..5 {
        rate.sent(Sequence(sequence), FIRST_WINDOW, now);
    }
    assert_eq!(rate.room(now), 0);
    assert!(rate.has_room_for_small(500));
}

#[test]
fn what_a_busy_viewer_took_all_at_once_does_not_open_a_thin_link() {
    let mut path = Path::new(1.0, 50);
    path.saturate(Duration::from_secs(3));
    let window = path.rate.window;
    path.rate.sent(Sequence(90_000), 4600, path.now);
    let report = Report {
        update: Sequence(90_000),
        bytes: 4600,
        arrival_us: 0,
        spread_us: 80,
        wait_us: 0,
        decode_us: 0,
        draw_us: 0,
        queued: 0,
    };
    path.rate
        .drawn(&report, path.now + Duration::from_millis(90));
    assert!(path.rate.window <= window * 2, "{}", path.rate.window);
    path.worst_queue = Duration::ZERO;
    path.saturate(Duration::from_secs(1));
    assert!(
        path.worst_queue < Duration::from_millis(100),
        "{:?}",
        path.worst_queue
    );
}
