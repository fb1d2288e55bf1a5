//! How many requests strangers may make: by where they come from, and in all. Owns the counting only; who asks for what is the caller's.
//! An SOS Call is public, so each request is work for somebody; and a link's page is public, so each look at an old one is work for the database.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Timestamp;

/// How long a request counts.
pub const WINDOW: Duration = Duration::from_secs(10 * 60);

/// How many in [`WINDOW`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of one source ([`Source`](crate::pin_guard::Source)).
    pub of_source: usize,
    /// Through one SOS Call, or whatever else is counted together.
    pub through_one: usize,
}

impl Limits {
    /// New requests. An office behind one address calls ten times when its network is down; and 120 are as many as a busy help desk
    /// takes, and few enough to close by hand.
    pub const REQUESTS: Self = Self {
        of_source: 10,
        through_one: 120,
    };
    /// Looks at sessions that are over. An office behind one address opens its old links some times; two a second in all do not slow
    /// the database.
    pub const OLD_LINKS: Self = Self {
        of_source: 60,
        through_one: 1200,
    };
}

/// Too many: until then nothing is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TryLater {
    pub until: Timestamp,
}

/// One request, as the caller stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made<S> {
    pub source: S,
    /// The SOS Call, or whatever else is counted together.
    pub through: u64,
    pub at: Timestamp,
}

/// Counts the requests of the last [`WINDOW`]. A refused one is not counted, so memory is bounded by what was let through.
#[derive(Clone, Debug)]
pub struct RequestGuard<S> {
    /// In the order of time.
    made: VecDeque<Made<S>>,
    limits: Limits,
}

impl<S> Default for RequestGuard<S> {
    fn default() -> Self {
        Self::new(Limits::REQUESTS)
    }
}

impl<S> RequestGuard<S> {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            made: VecDeque::new(),
            limits,
        }
    }
}

impl<S: Clone + PartialEq> RequestGuard<S> {
    /// [`Limits::REQUESTS`] with the requests that were stored, in any order; what is too old does not count.
    #[must_use]
    pub fn restore(stored: impl IntoIterator<Item = Made<S>>, now: Timestamp) -> Self {
        let counts = |one: &Made<S>| one.at.after(WINDOW) > now;
        let mut made: Vec<_> = stored.into_iter().filter(counts).collect();
        for one in &mut made {
            // A clock that was set back must not lock anybody out for longer.
            one.at = one.at.min(now);
        }
        made.sort_by_key(|one| one.at);
        Self {
            made: made.into(),
            limits: Limits::REQUESTS,
        }
    }

    /// Takes one request, and counts it.
    ///
    /// # Errors
    /// [`TryLater`] says until when not.
    pub fn handle_request(
        &mut self,
        source: &S,
        through: u64,
        now: Timestamp,
    ) -> Result<(), TryLater> {
        while self.made.front().is_some_and(|one| is_old(one, now)) {
            self.made.pop_front();
        }
        let of_source = self.made.iter().filter(|one| one.source == *source);
        let through_one = self.made.iter().filter(|one| one.through == through);
        let ends = [
            full_until(of_source, self.limits.of_source),
            full_until(through_one, self.limits.through_one),
        ];
        if let Some(until) = ends.into_iter().flatten().max() {
            return Err(TryLater { until });
        }
        let at = self.made.back().map_or(now, |last| last.at.max(now));
        self.made.push_back(Made {
            source: source.clone(),
            through,
            at,
        });
        Ok(())
    }
}

fn is_old<S>(one: &Made<S>, now: Timestamp) -> bool {
    one.at.after(WINDOW) <= now
}

/// When fewer than `limit` of them will count, if they are not fewer now.
fn full_until<'a, S: 'a>(
    made: impl Iterator<Item = &'a Made<S>>,
    limit: usize,
) -> Option<Timestamp> {
    let ends: Vec<_> = made.map(|one| one.at.after(WINDOW)).collect();
    let over = ends.len().checked_sub(limit)?;
    ends.get(over).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(count: u64) -> Timestamp {
        Timestamp(count * 1000)
    }

    fn later(seconds: u64) -> Result<(), TryLater> {
        let until = second(seconds);
        Err(TryLater { until })
    }

    #[test]
    fn one_source_makes_ten_requests_in_ten_minutes_through_whatever_call() {
        let mut guard = RequestGuard::default();
        for at in 0..10 {
            assert_eq!(guard.handle_request(&"office", at, second(at)), Ok(()));
        }
        assert_eq!(guard.handle_request(&"office", 99, second(10)), later(600));
        assert_eq!(guard.handle_request(&"home", 99, second(10)), Ok(()));
        assert_eq!(guard.handle_request(&"office", 99, second(600)), Ok(()));
        assert_eq!(guard.handle_request(&"office", 99, second(600)), later(601));
    }

    #[test]
    fn one_call_takes_120_requests_in_ten_minutes_from_everywhere() {
        let mut guard = RequestGuard::default();
        for source in 0..120 {
            assert_eq!(guard.handle_request(&source, 1, second(5)), Ok(()));
        }
        assert_eq!(guard.handle_request(&500, 1, second(6)), later(605));
        assert_eq!(guard.handle_request(&500, 2, second(6)), Ok(()));
        assert_eq!(guard.handle_request(&501, 1, second(605)), Ok(()));
    }

    #[test]
    fn old_links_are_looked_at_sixty_times_by_one_source_and_so_often_by_all() {
        let mut guard = RequestGuard::new(Limits::OLD_LINKS);
        for _ in 0..60 {
            assert_eq!(guard.handle_request(&0, 0, second(1)), Ok(()));
        }
        assert_eq!(guard.handle_request(&0, 0, second(2)), later(601));
        for source in 1..=1140 {
            assert_eq!(guard.handle_request(&source, 0, second(3)), Ok(()));
        }
        assert_eq!(guard.handle_request(&5000, 0, second(4)), later(601));
    }

    #[test]
    fn refused_requests_cost_no_memory_and_lengthen_nothing() {
        let mut guard = RequestGuard::default();
        for at in 0..100_000 {
            let _ = guard.handle_request(&(), 1, Timestamp(at));
        }
        assert_eq!(guard.made.len(), Limits::REQUESTS.of_source);
        assert_eq!(guard.handle_request(&(), 1, second(600)), Ok(()));
    }

    #[test]
    fn a_restart_forgets_nothing_and_a_jumping_clock_locks_nobody_out() {
        let stored = |at| Made {
            source: 7,
            through: 1,
            at: second(at),
        };
        let mut guard = RequestGuard::restore((0..10).map(stored), second(20));
        assert_eq!(guard.handle_request(&7, 2, second(20)), later(600));
        let mut old = RequestGuard::restore((0..10).map(stored), second(700));
        assert_eq!(old.handle_request(&7, 2, second(700)), Ok(()));
        let mut set_back = RequestGuard::restore((5000..5010).map(stored), second(10));
        assert_eq!(set_back.handle_request(&7, 2, second(10)), later(610));
    }
}
