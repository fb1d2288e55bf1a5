//! Input that goes once more some milliseconds later on a long way: a lost packet then costs these milliseconds and not a round trip.
//! Owns which and when. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use mayday_protocol::Packet;

/// On a shorter way QUIC's own repeat is as good.
const BEYOND: Duration = Duration::from_millis(15);
const AFTER: Duration = Duration::from_millis(5);
/// A round trip that has grown by this much fills a queue: nothing more is put into it.
const CONGESTED: Duration = Duration::from_millis(60);

#[derive(Debug, Default)]
pub(crate) struct Again {
    waiting: VecDeque<(Duration, Packet)>,
    /// The shortest round trip, slowly forgotten.
    shortest: Option<Duration>,
}

impl Again {
    /// A packet was sent; the round trip is this at present.
    pub(crate) fn sent(&mut self, packet: Packet, round_trip: Duration, now: Duration) {
        let shortest = match self.shortest {
            Some(shortest) => round_trip.min(shortest + shortest / 64),
            None => round_trip,
        };
        self.shortest = Some(shortest);
        if round_trip > BEYOND && round_trip <= shortest + CONGESTED {
            self.waiting.push_back((now + AFTER, packet));
        }
    }

    /// When [`Again::due`] has something next.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.waiting.front().map(|(at, _)| *at)
    }

    /// What goes again now.
    pub(crate) fn due(&mut self, now: Duration) -> Option<Packet> {
        self.waiting
            .pop_front_if(|(at, _)| *at <= now)
            .map(|(_, packet)| packet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use mayday_protocol::{Audience, Class, ClearHeader, Sequence, SessionId};

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn packet() -> Packet {
        let header = ClearHeader {
            class: Class::Input,
            source: 0,
            audience: Audience::AGENT,
            session: SessionId(1),
            sequence: Sequence(1),
            size: 0,
            age_us: 0,
        };
        Packet::new(header, Bytes::from_static(&[1]))
    }

    #[test]
    fn on_a_long_way_it_goes_once_more() {
        let mut again = Again::default();
        again.sent(packet(), ms(50), ms(100));
        assert_eq!(again.poll_timeout(), Some(ms(105)));
        assert_eq!(again.due(ms(104)), None);
        assert_eq!(again.due(ms(105)), Some(packet()));
        assert_eq!((again.due(ms(200)), again.poll_timeout()), (None, None));
    }

    #[test]
    fn not_on_a_short_way_and_not_into_a_queue() {
        let mut again = Again::default();
        again.sent(packet(), ms(2), ms(0));
        assert_eq!(again.poll_timeout(), None);
        again.sent(packet(), ms(300), ms(10));
        assert_eq!(again.poll_timeout(), None);
    }

    #[test]
    fn a_way_that_became_longer_for_good_is_used_again() {
        let mut again = Again::default();
        again.sent(packet(), ms(50), ms(0));
        while again.due(ms(1000)).is_some() {}
        for _ in 0..100 {
            again.sent(packet(), ms(150), ms(2000));
        }
        assert!(again.poll_timeout().is_some());
    }
}
