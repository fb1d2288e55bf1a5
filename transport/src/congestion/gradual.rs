//! A controller whose window falls at most by half at a time. BBR looks for the shortest round trip every ten seconds, for 200 ms with
//! no more on the way than that needs; on a LAN that is a few packets, and a screen that changes just then took 60 ms longer. How much is on
//! the way is bounded by the agent's rate control meanwhile. Owns that delay only: what the window should be, the one inside says.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn::congestion::{Controller, ControllerFactory, ControllerMetrics};
use quinn_proto::RttEstimator;

/// Longer than BBR's look, so that a path that really narrowed is believed soon after.
const HOLD: Duration = Duration::from_millis(250);

/// Makes such controllers of those that `0` makes.
#[derive(Debug)]
pub(super) struct Gradual<F>(pub(super) Arc<F>);

impl<F: ControllerFactory + Send + Sync + 'static> ControllerFactory for Gradual<F> {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        let inner = Arc::clone(&self.0).build(now, current_mtu);
        Box::new(Falling::new(inner, now))
    }
}

struct Falling {
    inner: Box<dyn Controller>,
    window: u64,
    /// Since then nothing more was wanted.
    since: Instant,
}

impl Falling {
    fn new(inner: Box<dyn Controller>, now: Instant) -> Self {
        let window = inner.window();
        Self {
            inner,
            window,
            since: now,
        }
    }

    fn follow(&mut self, now: Instant) {
        let wanted = self.inner.window();
        if wanted >= self.window {
            (self.window, self.since) = (wanted, now);
        } else if now.saturating_duration_since(self.since) >= HOLD {
            (self.window, self.since) = (wanted.max(self.window / 2), now);
        }
    }
}

impl Controller for Falling {
    fn on_sent(&mut self, now: Instant, bytes: u64, last_packet_number: u64) {
        self.inner.on_sent(now, bytes, last_packet_number);
    }

    fn on_ack(
        &mut self,
        now: Instant,
        sent: Instant,
        bytes: u64,
        app_limited: bool,
        rtt: &RttEstimator,
    ) {
        self.inner.on_ack(now, sent, bytes, app_limited, rtt);
    }

    fn on_end_acks(
        &mut self,
        now: Instant,
        in_flight: u64,
        app_limited: bool,
        largest_packet_num_acked: Option<u64>,
    ) {
        self.inner
            .on_end_acks(now, in_flight, app_limited, largest_packet_num_acked);
        self.follow(now);
    }

    fn on_congestion_event(
        &mut self,
        now: Instant,
        sent: Instant,
        is_persistent_congestion: bool,
        lost_bytes: u64,
    ) {
        self.inner
            .on_congestion_event(now, sent, is_persistent_congestion, lost_bytes);
        if is_persistent_congestion {
            // Nothing gets through: no time to lose.
            (self.window, self.since) = (self.inner.window(), now);
        }
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.inner.on_mtu_update(new_mtu);
    }

    fn window(&self) -> u64 {
        self.window.max(self.inner.window())
    }

    fn metrics(&self) -> ControllerMetrics {
        let mut metrics = self.inner.metrics();
        metrics.congestion_window = self.window();
        metrics
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(Self {
            inner: self.inner.clone_box(),
            ..*self
        })
    }

    fn initial_window(&self) -> u64 {
        self.inner.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wants what was said last.
    #[derive(Clone)]
    struct Said(u64);

    impl Controller for Said {
        fn on_congestion_event(&mut self, _: Instant, _: Instant, _: bool, lost: u64) {
            self.0 = lost;
        }

        fn on_end_acks(&mut self, _: Instant, in_flight: u64, _: bool, _: Option<u64>) {
            self.0 = in_flight;
        }

        fn on_mtu_update(&mut self, _: u16) {}

        fn window(&self) -> u64 {
            self.0
        }

        fn clone_box(&self) -> Box<dyn Controller> {
            Box::new(self.clone())
        }

        fn initial_window(&self) -> u64 {
            self.0
        }

        fn into_any(self: Box<Self>) -> Box<dyn Any> {
            self
        }
    }

    #[test]
    fn it_grows_at_once_and_falls_by_half_after_a_while() {
        let start = Instant::now();
        let mut falling = Falling::new(Box::new(Said(120_000)), start);
        let mut after = |ms: u64, wanted: u64| {
            falling.on_end_acks(start + Duration::from_millis(ms), wanted, false, None);
            falling.window()
        };
        assert_eq!(after(10, 400_000), 400_000);
        // As long as BBR looks.
        assert_eq!(after(20, 6_000), 400_000);
        assert_eq!(after(230, 6_000), 400_000);
        assert_eq!(after(250, 400_000), 400_000);
        // A path that narrowed.
        assert_eq!(after(510, 6_000), 200_000);
        assert_eq!(after(600, 6_000), 200_000);
        assert_eq!(after(770, 6_000), 100_000);
        assert_eq!(after(1100, 90_000), 90_000);
        assert_eq!(after(1110, 95_000), 95_000);
    }

    #[test]
    fn when_nothing_gets_through_it_falls_at_once() {
        let start = Instant::now();
        let mut falling = Falling::new(Box::new(Said(120_000)), start);
        falling.on_congestion_event(start, start, false, 5_000);
        assert_eq!(falling.window(), 120_000);
        falling.on_congestion_event(start, start, true, 5_000);
        assert_eq!(falling.window(), 5_000);
    }
}
