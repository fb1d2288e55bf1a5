//! Throttling of wrong PINs: how often a source, and everybody together, may be wrong. Owns the counting only; what is a wrong
//! PIN is the caller's to know, and every wrong answer is alike in words and time.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use crate::time::Timestamp;

/// Wrong PINs that one source may send in [`SOURCE_WINDOW`].
pub const SOURCE_TRIES: usize = 5;
pub const SOURCE_WINDOW: Duration = Duration::from_secs(15 * 60);
/// Wrong PINs from everywhere in [`ALL_WINDOW`]; beyond it only links work for a while. With 100 live PINs a stranger then finds
/// one in 10,000 / 60 hours, a week; the end user's consent still stands behind it.
pub const ALL_TRIES: usize = 60;
pub const ALL_WINDOW: Duration = Duration::from_secs(3600);

/// Whose tries are counted together: an IPv4 address, or the /64 that one IPv6 subscriber has to themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source(u128);

/// Why a PIN may not be tried now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttled {
    /// This source was wrong too often.
    TryLater { until: Timestamp },
    /// Everybody together was wrong too often: links only, and the console says so.
    LinksOnly { until: Timestamp },
}

/// One wrong PIN, as the caller stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure<S> {
    pub source: S,
    pub at: Timestamp,
}

/// Counts wrong PINs by source: a [`Source`], or a keyed hash of one where it is stored. A new PIN resets no count, and neither does a
/// right one. Memory is bounded by [`ALL_TRIES`]: while the limit for all is reached nothing is tried, so nothing is counted.
#[derive(Clone, Debug)]
pub struct PinGuard<S> {
    /// In the order of time.
    failures: VecDeque<Failure<S>>,
}

impl<S> Default for PinGuard<S> {
    fn default() -> Self {
        Self {
            failures: VecDeque::new(),
        }
    }
}

impl Source {
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::tagged(u32::from(v4).into()),
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => Self::tagged(u32::from(v4).into()),
                None => Self(u128::from(v6) >> 64 << 64),
            },
        }
    }

    /// An IPv4 address as no /64 looks: its low half is not zero.
    fn tagged(v4: u128) -> Self {
        Self(1 << 32 | v4)
    }

    /// For storage.
    #[must_use]
    pub fn to_number(self) -> u128 {
        self.0
    }

    #[must_use]
    pub fn from_number(number: u128) -> Self {
        Self(number)
    }
}

impl<S: Clone + PartialEq> PinGuard<S> {
    /// With the failures that were stored, in any order; what is too old does not count.
    #[must_use]
    pub fn restore(stored: impl IntoIterator<Item = Failure<S>>, now: Timestamp) -> Self {
        let mut failures: Vec<Failure<S>> = stored
            .into_iter()
            .filter(|one| one.at.after(ALL_WINDOW) > now)
            .map(|one| Failure {
                // A clock that was set back must not lock anybody out for longer.
                at: one.at.min(now),
                source: one.source,
            })
            .collect();
        failures.sort_by_key(|one| one.at);
        let surplus = failures.len().saturating_sub(ALL_TRIES);
        Self {
            failures: failures.split_off(surplus).into(),
        }
    }

    /// What to store: all that still counts.
    pub fn snapshot(&self) -> impl Iterator<Item = Failure<S>> + '_ {
        self.failures.iter().cloned()
    }

    /// Before a PIN is looked up. Counts the try as a failure at once, so that many at the same time are counted too.
    ///
    /// # Errors
    /// [`Throttled`] says until when nothing is tried.
    pub fn handle_try(&mut self, source: S, now: Timestamp) -> Result<Failure<S>, Throttled> {
        self.check(&source, now)?;
        let at = self.failures.back().map_or(now, |last| last.at.max(now));
        let counted = Failure { source, at };
        self.failures.push_back(counted.clone());
        let too_old = |one: &Failure<S>| one.at.after(ALL_WINDOW) <= now;
        while self.failures.len() > ALL_TRIES || self.failures.front().is_some_and(too_old) {
            self.failures.pop_front();
        }
        Ok(counted)
    }

    /// The PIN was right: the try does not count after all.
    pub fn handle_right(&mut self, counted: &Failure<S>) {
        if let Some(at) = self.failures.iter().rposition(|one| one == counted) {
            self.failures.remove(at);
        }
    }

    /// Whether this source may try a PIN now.
    ///
    /// # Errors
    /// [`Throttled`] says until when not.
    pub fn check(&self, source: &S, now: Timestamp) -> Result<(), Throttled> {
        if let Some(until) = self.links_only_until(now) {
            return Err(Throttled::LinksOnly { until });
        }
        let theirs = self.failures.iter().filter(|one| one.source == *source);
        match full_until(theirs, SOURCE_TRIES, SOURCE_WINDOW, now) {
            Some(until) => Err(Throttled::TryLater { until }),
            None => Ok(()),
        }
    }

    /// Until when only links work, if so. The console says it to technicians.
    #[must_use]
    pub fn links_only_until(&self, now: Timestamp) -> Option<Timestamp> {
        full_until(self.failures.iter(), ALL_TRIES, ALL_WINDOW, now)
    }
}

/// When fewer than `limit` of the failures will be within the window, if they are not now.
fn full_until<'a, S: 'a>(
    failures: impl Iterator<Item = &'a Failure<S>>,
    limit: usize,
    window: Duration,
    now: Timestamp,
) -> Option<Timestamp> {
    let ends = failures.map(|one| one.at.after(window));
    let ahead: Vec<Timestamp> = ends.filter(|&end| end > now).collect();
    let over = ahead.len().checked_sub(limit)?;
    ahead.get(over).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn source(text: &str) -> Source {
        Source::of(text.parse().unwrap())
    }

    fn minute(count: u64) -> Timestamp {
        Timestamp(count * MINUTE)
    }

    fn later(minutes: u64) -> Result<(), Throttled> {
        let until = minute(minutes);
        Err(Throttled::TryLater { until })
    }

    #[test]
    fn five_tries_per_15_minutes_from_one_source() {
        let (mut guard, ada) = (PinGuard::default(), source("192.0.2.1"));
        for at in 0..5 {
            guard.handle_try(ada, minute(at)).unwrap();
        }
        assert_eq!(guard.check(&ada, minute(5)), later(15));
        assert_eq!(guard.check(&ada, minute(14)), later(15));
        assert_eq!(guard.check(&source("192.0.2.2"), minute(5)), Ok(()));
        guard.handle_try(ada, minute(15)).unwrap();
        assert_eq!(guard.check(&ada, minute(15)), later(16));
    }

    #[test]
    fn a_right_pin_is_no_failure_and_forgives_none() {
        let (mut guard, ada) = (PinGuard::default(), source("192.0.2.1"));
        for _ in 0..4 {
            guard.handle_try(ada, minute(0)).unwrap();
        }
        for _ in 0..20 {
            let right = guard.handle_try(ada, minute(1)).unwrap();
            guard.handle_right(&right);
        }
        guard.handle_try(ada, minute(2)).unwrap();
        assert_eq!(guard.check(&ada, minute(3)), later(15));
    }

    #[test]
    fn tries_at_the_same_time_count_before_any_is_answered() {
        let (mut guard, ada) = (PinGuard::default(), source("192.0.2.1"));
        let tried = (0..100).filter(|_| guard.handle_try(ada, minute(0)).is_ok());
        assert_eq!(tried.count(), SOURCE_TRIES);
    }

    #[test]
    fn a_64_of_ipv6_is_one_source_and_a_mapped_address_is_its_ipv4() {
        assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
        assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
        assert_ne!(source("192.0.2.1"), source("::1"));
        let one = source("192.0.2.1");
        assert_eq!(Source::from_number(one.to_number()), one);
    }

    #[test]
    fn sixty_failures_an_hour_in_all_then_links_only() {
        let mut guard = PinGuard::default();
        for at in 0..60_u32 {
            let crowd = Source::of(IpAddr::from([10, 0, 0, at as u8]));
            guard
                .handle_try(crowd, Timestamp(u64::from(at) * 1000))
                .unwrap();
        }
        let until = minute(60);
        let honest = source("192.0.2.1");
        let links_only = Err(Throttled::LinksOnly { until });
        assert_eq!(guard.check(&honest, minute(1)), links_only);
        assert_eq!(guard.links_only_until(minute(59)), Some(until));
        assert_eq!(guard.check(&honest, minute(60)), Ok(()));
    }

    #[test]
    fn a_restart_forgets_nothing_and_a_jumping_clock_locks_nobody_out() {
        let (mut guard, ada) = (PinGuard::default(), "keyed hash of a network".to_owned());
        for at in 100..105 {
            guard.handle_try(ada.clone(), minute(at)).unwrap();
        }
        let restored = PinGuard::restore(guard.snapshot(), minute(106));
        assert_eq!(restored.check(&ada, minute(106)), later(115));
        let set_back = PinGuard::restore(guard.snapshot(), minute(50));
        assert_eq!(set_back.check(&ada, minute(50)), later(65));
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let mut guard = PinGuard::default();
        for at in 0..100_000_u32 {
            let _ = guard.handle_try(at, Timestamp(1));
        }
        assert_eq!(guard.snapshot().count(), ALL_TRIES);
        let kept: Vec<_> = guard.snapshot().collect();
        let crowd = kept.into_iter().cycle().take(5000);
        let restored = PinGuard::restore(crowd, Timestamp(2));
        assert_eq!(restored.snapshot().count(), ALL_TRIES);
    }

    /// Against the plainest counting there is: look at every failure, each time.
    #[test]
    fn long_random_use_agrees_with_plain_counting() {
        let (mut guard, mut all) = (PinGuard::default(), Vec::<Failure<u64>>::new());
        let (mut random, mut now) = (88_172_645_463_325_252_u64, Timestamp(0));
        for _ in 0..5_000 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            now = Timestamp(now.0 + random % (2 * MINUTE));
            let source = (random >> 32) % 8;
            let within = |window: Duration| {
                let counts = move |one: &&Failure<u64>| now.since(one.at) < window;
                all.iter().filter(counts)
            };
            let in_all = within(ALL_WINDOW).count();
            let theirs = within(SOURCE_WINDOW).filter(|one| one.source == source);
            let expected = in_all < ALL_TRIES && theirs.count() < SOURCE_TRIES;
            let tried = guard.handle_try(source, now);
            assert_eq!(tried.is_ok(), expected, "at {now:?}");
            if let Ok(counted) = tried {
                if random & 0x300 == 0 {
                    guard.handle_right(&counted);
                } else {
                    all.push(counted);
                }
            }
        }
        assert!(all.len() > 200);
    }
}
