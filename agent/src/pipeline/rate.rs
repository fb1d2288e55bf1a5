//! How much may be on the way to one technician. Owns the window of bytes in flight, from what the viewer reports about each update.
//! Pure: (measurements, now) -> room. What is sent into that room, and how coarse, is `quality`'s and `plan`'s.
//!
//! The rule (stream.md): bytes in flight <= delivery rate x (shortest round trip + 20 ms), and at most two updates received and not
//! yet drawn. The delivery rate is what the last large updates showed: their bytes over the time from first to last byte. Within the
//! window updates are paced at that rate, so that no burst of ours makes the queue that a keystroke then waits in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use mayday_protocol::Sequence;
use mayday_protocol::feedback::Report;

/// Before anything was measured.
const FIRST_WINDOW: usize = 16 * 1024;
/// A window that still lets two parts of a page through, so that one is on the way while the other's report comes back.
const SMALLEST_WINDOW: usize = 5 * 1024;
/// A part of a page: tiles begin to learn anew in each, so smaller ones cost half as much again.
const SMALLEST_PART: usize = SMALLEST_WINDOW / 2;
const LARGEST_WINDOW: usize = 1024 * 1024;
/// What may queue on the way beyond the round trip.
const QUEUE: Duration = Duration::from_millis(20);
/// A round trip longer than the shortest by this much means that we fill a queue.
const CONGESTED: Duration = Duration::from_millis(60);
/// A round trip longer by this much: somebody's queue grows, and nothing is sent that need not be.
const DELAYED: Duration = Duration::from_millis(70);
/// How long the shortest round trip is believed.
const MEMORY: Duration = Duration::from_secs(10);
/// Below this an update's spread says little about the path, and below the other nothing: there is only one packet.
const TRAIN_BYTES: u32 = 4 * 1024;
const SMALL_TRAIN_BYTES: u32 = 2 * 1024;
/// So many small ones in a row that came faster than the estimate by this factor raise it by this factor.
const SMALL_TRAINS: u8 = 4;
const SMALL_GAIN: f64 = 1.5;
/// A large one raises it by no more than this.
const LARGE_GAIN: f64 = 2.0;
/// Updates whose spread makes the estimate.
const TRAINS: usize = 4;
/// The bottleneck's work that one update may be, at most.
const PART: Duration = Duration::from_millis(40);
/// Bytes per second below which whole pages take most of a second.
const SLOW: f64 = 250_000.0;
/// Bytes per second from which a page's bytes are sooner there than both ends could code it in fewer.
const BROAD: f64 = 12_500_000.0;
/// Sent a little faster than measured, so that a path that became faster shows it.
const GAIN: f64 = 1.15;
/// Patience with a report while nothing is known of the path.
const UNKNOWN: Duration = Duration::from_secs(2);
/// A busy viewer's time for a report.
const SPARE: Duration = Duration::from_millis(250);
/// Updates received and not yet drawn.
const UNDRAWN: u8 = 2;
/// Bytes that a datagram's worth of pixels may take beyond the window: what is small goes at once.
const SMALL_SLACK: usize = 2 * 1024;
/// What counts as small.
const SMALL: usize = 1100;

#[derive(Clone, Copy, Debug)]
struct Flight {
    sequence: Sequence,
    bytes: usize,
    sent_at: Instant,
    /// Bytes on the way when this had left, its own included.
    ahead: usize,
    /// The window was well used when this left: its round trip tells about our own queue.
    filled: bool,
}

/// What one technician's way can take.
#[derive(Debug)]
pub struct Rate {
    window: usize,
    flights: VecDeque<Flight>,
    in_flight: usize,
    shortest: Option<(Duration, Instant)>,
    /// The shortest of the current half of [`MEMORY`], to take over when the other is too old.
    recent: Option<(Duration, Instant)>,
    smoothed: Option<Duration>,
    /// The last two.
    latest: [Option<Duration>; 2],
    /// Bytes per second of the last large updates.
    trains: VecDeque<f64>,
    /// Small updates in a row that came much faster.
    faster: u8,
    /// When the bottleneck has passed on all that was sent, probably.
    free_at: Option<Instant>,
    undrawn: u8,
    lowered_at: Option<Instant>,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            window: FIRST_WINDOW,
            flights: VecDeque::new(),
            in_flight: 0,
            shortest: None,
            recent: None,
            smoothed: None,
            latest: [None; 2],
            trains: VecDeque::with_capacity(TRAINS),
            faster: 0,
            free_at: None,
            undrawn: 0,
            lowered_at: None,
        }
    }
}

impl Rate {
    /// Bytes that may be sent now.
    #[must_use]
    pub fn room(&self, now: Instant) -> usize {
        self.window_room().min(self.paced(now))
    }

    /// Bytes that may be on the way beside those that are.
    #[must_use]
    pub fn window_room(&self) -> usize {
        if self.undrawn >= UNDRAWN && !self.flights.is_empty() {
            return 0;
        }
        self.window.saturating_sub(self.in_flight)
    }

    /// Bytes with which the bottleneck has no more to do than one part: what is urgent waits no longer for what is large, and the
    /// path is in use while reports travel back.
    fn paced(&self, now: Instant) -> usize {
        let (Some(rate), Some(free_at)) = (self.bottleneck(), self.free_at) else {
            return usize::MAX;
        };
        let most = ((rate * self.part().as_secs_f64()) as usize).max(SMALLEST_PART);
        let busy = free_at.saturating_duration_since(now);
        most.saturating_sub((rate * busy.as_secs_f64()) as usize)
    }

    /// How long the bottleneck is busy with so many bytes; `None` while that is not known.
    #[must_use]
    pub fn takes(&self, bytes: usize) -> Option<Duration> {
        let rate = self.bottleneck()?;
        Some(Duration::from_secs_f64(bytes as f64 / rate.max(1000.0)))
    }

    /// When there is room by itself, without a report.
    #[must_use]
    pub fn opens_at(&self) -> Option<Instant> {
        self.free_at?.checked_sub(self.part() / 2)
    }

    /// The bottleneck's work for one update: on a short path a third of what may be on the way, or the path would stand idle.
    fn part(&self) -> Duration {
        let shortest = self
            .shortest
            .map_or(Duration::ZERO, |(shortest, _)| shortest);
        PART.min((shortest + QUEUE) / 3)
    }

    /// Bytes per second: the best of the last large updates, as anything may slow one down.
    fn bottleneck(&self) -> Option<f64> {
        self.trains.iter().copied().reduce(f64::max)
    }

    /// Known to bring moving pictures to nobody.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.bottleneck().is_some_and(|rate| rate < SLOW)
    }

    /// Known to carry bytes sooner than processors save them.
    #[must_use]
    pub fn is_broad(&self) -> bool {
        self.bottleneck().is_some_and(|rate| rate >= BROAD)
    }

    /// Whether an update of at most `bytes` goes at once although there is no room: one keystroke's pixels do not wait for a page.
    #[must_use]
    pub fn has_room_for_small(&self, bytes: usize) -> bool {
        let small = self.flights.iter().map(|flight| flight.bytes);
        let small: usize = small.filter(|bytes| *bytes <= SMALL).sum();
        self.in_flight + bytes <= self.window + SMALL_SLACK || small + bytes <= SMALL_SLACK
    }

    /// Round trip of an update's first byte without the viewer's own work; `None` before the first report.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.smoothed
    }

    /// The round trip has grown: a queue fills somewhere.
    #[must_use]
    pub fn is_delayed(&self) -> bool {
        let Some((shortest, _)) = self.shortest else {
            return false;
        };
        // One alone may have been lost on its way and sent again.
        let mut latest = self.latest.iter().flatten();
        latest.clone().count() == 2 && latest.all(|time| *time > shortest + DELAYED)
    }

    /// Nothing is on the way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.flights.is_empty()
    }

    pub fn sent(&mut self, sequence: Sequence, bytes: usize, now: Instant) {
        self.in_flight += bytes;
        if let Some(rate) = self.bottleneck() {
            let takes = Duration::from_secs_f64(bytes as f64 / (rate * GAIN).max(1000.0));
            self.free_at = Some(self.free_at.map_or(now, |at| at.max(now)) + takes);
        }
        self.flights.push_back(Flight {
            sequence,
            bytes,
            sent_at: now,
            ahead: self.in_flight,
            filled: self.in_flight * 2 >= self.window,
        });
    }

    /// The viewer drew an update.
    pub fn drawn(&mut self, report: &Report, now: Instant) {
        self.undrawn = report.queued;
        let Some(flight) = self.take(report.update) else {
            return;
        };
        if self.flights.is_empty() {
            // Whatever was thought of the path, it has passed on everything.
            self.free_at = self.free_at.map(|at| at.min(now));
        }
        // Up to the first byte, so that a large update on a thin path is no long way.
        let own = [
            report.spread_us,
            report.wait_us,
            report.decode_us,
            report.draw_us,
        ];
        let own: Duration = own.into_iter().map(micros).sum();
        let round_trip = now
            .saturating_duration_since(flight.sent_at)
            .saturating_sub(own);
        self.note_round_trip(round_trip, now);
        self.note_train(flight.bytes, report);
        self.set_window(flight, round_trip, now);
    }

    /// An update is known not to have arrived, or its technician is gone.
    pub fn forget(&mut self, sequence: Sequence) {
        self.take(sequence);
    }

    /// Gives up on reports that were lost themselves.
    pub fn handle_timeout(&mut self, now: Instant) {
        let patience = |flight: &Flight| self.patience(flight);
        let lost: Vec<Sequence> = self
            .flights
            .iter()
            .filter(|flight| now.saturating_duration_since(flight.sent_at) >= patience(flight))
            .map(|flight| flight.sequence)
            .collect();
        for sequence in lost {
            self.take(sequence);
        }
    }

    /// A report that takes longer is lost: three round trips, and twice the time that the bytes in front need.
    fn patience(&self, flight: &Flight) -> Duration {
        let slowest = self.trains.iter().copied().reduce(f64::min);
        let (Some(rate), Some(smoothed)) = (slowest, self.smoothed) else {
            return UNKNOWN;
        };
        let passing = Duration::from_secs_f64(flight.ahead as f64 / rate.max(1000.0));
        smoothed * 3 + passing * 2 + SPARE
    }

    fn take(&mut self, sequence: Sequence) -> Option<Flight> {
        let at = self
            .flights
            .iter()
            .position(|flight| flight.sequence == sequence)?;
        let flight = self.flights.remove(at)?;
        self.in_flight = self.in_flight.saturating_sub(flight.bytes);
        Some(flight)
    }

    fn note_round_trip(&mut self, round_trip: Duration, now: Instant) {
        let shorter = |known: Option<(Duration, Instant)>| match known {
            Some((shortest, at)) if shortest <= round_trip => Some((shortest, at)),
            Some(_) | None => Some((round_trip, now)),
        };
        self.shortest = shorter(self.shortest);
        self.recent = shorter(self.recent);
        if let (Some((_, at)), Some(recent)) = (self.shortest, self.recent)
            && now.saturating_duration_since(at) > MEMORY
        {
            self.shortest = Some((recent.0, now));
            self.recent = Some((round_trip, now));
        }
        self.latest = [Some(round_trip), self.latest[0]];
        self.smoothed = Some(match self.smoothed {
            Some(smoothed) => (smoothed * 7 + round_trip) / 8,
            None => round_trip,
        });
    }

    fn note_train(&mut self, bytes: usize, report: &Report) {
        // The first packet starts the clock, so its bytes do not count; a coarse clock may say 0.
        let counted = bytes.saturating_sub(1200) as f64;
        let seconds = micros(report.spread_us.max(100)).as_secs_f64();
        let mut seen = counted / seconds;
        if report.bytes < TRAIN_BYTES {
            let Some(rate) = self.bottleneck().filter(|rate| *rate < SLOW) else {
                return;
            };
            if report.bytes < SMALL_TRAIN_BYTES {
                return;
            }
            self.faster = if seen > rate * SMALL_GAIN {
                self.faster + 1
            } else {
                0
            };
            if self.faster < SMALL_TRAINS {
                return;
            }
            seen = rate * SMALL_GAIN;
        } else if let Some(rate) = self.bottleneck() {
            // What waited before a busy viewer comes all at once, and tells nothing of the path.
            seen = seen.min(rate * LARGE_GAIN);
        }
        self.faster = 0;
        if self.trains.len() == TRAINS {
            self.trains.pop_front();
        }
        self.trains.push_back(seen);
    }

    fn set_window(&mut self, flight: Flight, round_trip: Duration, now: Instant) {
        let Some((shortest, _)) = self.shortest else {
            return;
        };
        let rested = |at: Instant| now.saturating_duration_since(at) > round_trip;
        let congested = flight.filled && round_trip > shortest + CONGESTED;
        if congested && self.lowered_at.is_none_or(rested) {
            self.lowered_at = Some(now);
            // Older trains ran on a faster path; the newest is believed.
            let newest = self.trains.back().copied();
            self.trains.clear();
            self.trains.extend(newest);
            self.window = (self.window * 7 / 10).max(SMALLEST_WINDOW);
        }
        let Some(rate) = self.bottleneck() else {
            return;
        };
        let wanted = (rate * (shortest + QUEUE).as_secs_f64()) as usize;
        let wanted = wanted.clamp(SMALLEST_WINDOW, LARGEST_WINDOW);
        // Down at once, up by doubling per report of a used window: a wrong sample costs one round trip.
        if wanted < self.window {
            self.window = wanted;
        } else if flight.filled && self.lowered_at.is_none_or(rested) {
            self.window = wanted.min(self.window * 2);
        }
    }
}

fn micros(value: u32) -> Duration {
    Duration::from_micros(value.into())
}

#[cfg(test)]
mod tests;
