//! One technician's way: what it can take, how long it is waited for, and when what was sent on it goes again.

use std::time::{Duration, Instant};

use super::waiting::Waiting;
use crate::pipeline::rate::Rate;

/// A datagram without a report for 1.5 round trips, but never less than this, goes again on a stream.
const SHORTEST_PATIENCE: Duration = Duration::from_millis(30);
/// Without any report yet.
const FIRST_PATIENCE: Duration = Duration::from_millis(150);
/// A way longer than this gets small updates twice: waiting for a repeat would be seen there.
const DUPLICATE_BEYOND: Duration = Duration::from_millis(15);
/// Unless the bottleneck is busy with that for longer than this.
const DUPLICATE_TAKES: Duration = Duration::from_millis(5);
/// A technician who holds up others this long is left behind for a while. One whose way is not known to be slow may only have been
/// busy for a moment.
const LAG: Duration = Duration::from_millis(150);
const LONG_LAG: Duration = Duration::from_millis(300);
/// Whoever was left behind lately is waited for no longer than this.
const SHORT_LAG: Duration = Duration::from_millis(75);
/// Having followed this long, they are waited for as at first.
pub const TRUSTED: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub struct Way {
    pub rate: Rate,
    /// Has drawn something of this epoch, so it knows the layout.
    pub knows_layout: bool,
    pub left_behind_at: Option<Instant>,
    /// Was left behind, and follows again since then.
    pub back_since: Option<Instant>,
}

impl Way {
    /// How long a report is waited for before what it would confirm goes again.
    #[must_use]
    pub fn patience(&self) -> Duration {
        let round_trip = self.rate.round_trip();
        round_trip.map_or(FIRST_PATIENCE, |time| (time * 3 / 2).max(SHORTEST_PATIENCE))
    }

    /// A copy of what is small helps on a long way, where it costs little; into a queue that grows it would only be more of what fills
    /// it.
    #[must_use]
    pub fn duplicates(&self, bytes: usize) -> bool {
        let is_long = |time| time > DUPLICATE_BEYOND;
        let is_cheap = |takes| takes <= DUPLICATE_TAKES;
        self.rate.round_trip().is_some_and(is_long)
            && self.rate.takes(bytes).is_none_or(is_cheap)
            && !self.rate.is_delayed()
    }

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
    #[must_use]
    pub fn gives_up_at(&self, waiting: &Waiting, now: Instant) -> Option<Instant> {
        let before = match self.rate.is_slow() {
            true => waiting.before(),
            false => Duration::ZERO,
        };
        Some(waiting.since()? + self.lag(now).saturating_sub(before))
    }
}
