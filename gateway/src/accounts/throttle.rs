//! How often somebody may try to sign in. A pure policy over counts in memory: (account and network), network, and account.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use mayday_session::pin_guard::Source;

use crate::clock::Timestamp;

/// Failures count for this long.
const WINDOW_MS: u64 = 15 * 60 * 1000;
/// For one account from one network.
const PAIR: usize = 5;
/// From one network, whatever the accounts.
const NETWORK: usize = 30;
/// For one account from anywhere: high, so that strangers cannot easily lock somebody out.
const ACCOUNT: usize = 100;
/// Bounds the memory: beyond it, the count that was added to least recently goes.
const ENTRIES: usize = 100_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, Source),
    Network(Source),
    Account(String),
}

/// The tries of one key, at most as many as its limit.
#[derive(Debug)]
struct Count {
    /// In the order of time.
    at: Vec<Timestamp>,
    /// Its place in [`Throttle::order`].
    turn: u64,
}

#[derive(Debug, Default)]
pub struct Throttle {
    counts: HashMap<Key, Count>,
    /// By when a count was last added to, the oldest first.
    order: BTreeMap<u64, Key>,
    turns: u64,
}

impl Throttle {
    /// Counts one more try as failed, or says how many seconds to wait when it is one too many. Tries at once count too,
    /// because each counts before anybody knows how it ends.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn begin(&mut self, email: &str, from: IpAddr, now: Timestamp) -> Result<(), u64> {
        self.forget_old(now);
        let keys = keys(email, from);
        let free_at = keys
            .iter()
            .filter_map(|(key, limit)| self.free_at(key, *limit, now))
            .max();
        if let Some(free_at) = free_at {
            return Err((free_at - now.0).div_ceil(1000).max(1));
        }
        for (key, _) in keys {
            self.add(key, now);
        }
        Ok(())
    }

    /// The try that began at `began` was right: it counts nowhere, and the pair's failures are forgotten. The other counts keep
    /// theirs, or one good account would reset them for all.
    pub fn succeeded(&mut self, email: &str, from: IpAddr, began: Timestamp) {
        let [(pair, _), (network, _), (account, _)] = keys(email, from);
        self.forget(&pair);
        self.take_back(&network, began);
        self.take_back(&account, began);
    }

    /// When `key` is below its limit again, if it is not now.
    fn free_at(&self, key: &Key, limit: usize, now: Timestamp) -> Option<u64> {
        let count = self.counts.get(key)?;
        let recent = || count.at.iter().filter(|at| at.0 + WINDOW_MS > now.0);
        let over = recent().count().checked_sub(limit)?;
        recent().nth(over).map(|at| at.0 + WINDOW_MS)
    }

    fn add(&mut self, key: Key, now: Timestamp) {
        self.turns += 1;
        let turn = self.turns;
        let count = self.counts.entry(key.clone()).or_insert(Count {
            at: Vec::new(),
            turn,
        });
        count.at.retain(|at| at.0 + WINDOW_MS > now.0);
        count.at.push(now);
        self.order.remove(&count.turn);
        count.turn = turn;
        self.order.insert(turn, key);
        if self.counts.len() > ENTRIES {
            self.forget_first();
        }
    }

    fn take_back(&mut self, key: &Key, began: Timestamp) {
        let Some(count) = self.counts.get_mut(key) else {
            return;
        };
        if let Some(place) = count.at.iter().position(|at| *at == began) {
            count.at.remove(place);
        }
        if count.at.is_empty() {
            self.forget(key);
        }
    }

    /// Each call pays only for what it forgets.
    fn forget_old(&mut self, now: Timestamp) {
        while let Some((_, key)) = self.order.first_key_value() {
            let newest = self.counts.get(key).and_then(|count| count.at.last());
            if newest.is_some_and(|at| at.0 + WINDOW_MS > now.0) {
                return;
            }
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, key)) = self.order.pop_first() {
            self.counts.remove(&key);
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some(count) = self.counts.remove(key) {
            self.order.remove(&count.turn);
        }
    }
}

fn keys(email: &str, from: IpAddr) -> [(Key, usize); 3] {
    let from = Source::of(from);
    [
        (Key::Pair(email.to_owned(), from), PAIR),
        (Key::Network(from), NETWORK),
        (Key::Account(email.to_owned()), ACCOUNT),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp(1_000_000 + seconds * 1000)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_sixth_try_waits_and_the_window_ends() {
        let from = ip("192.0.2.1");
        let mut throttle = Throttle::default();
        for second in 0..5 {
            assert_eq!(throttle.begin("a@b", from, at(second)), Ok(()));
        }
        assert_eq!(throttle.begin("a@b", from, at(10)), Err(890));
        assert_eq!(throttle.begin("a@b", ip("192.0.2.2"), at(10)), Ok(()));
        assert_eq!(throttle.begin("a@b", from, at(900)), Ok(()));
    }

    #[test]
    fn one_network_cannot_try_many_accounts() {
        let mut throttle = Throttle::default();
        for n in 0..30u16 {
            let from = ip(&format!("2001:db8::{n}"));
            assert_eq!(throttle.begin(&format!("{n}@b"), from, at(0)), Ok(()));
        }
        let neighbour = ip("2001:db8::ffff");
        assert!(throttle.begin("new@b", neighbour, at(1)).is_err());
        assert_eq!(throttle.begin("new@b", ip("2001:db8:1::"), at(1)), Ok(()));
    }

    #[test]
    fn success_forgets_the_pair_and_no_failure_of_others() {
        let from = ip("192.0.2.1");
        let mut throttle = Throttle::default();
        for n in 0..29 {
            assert_eq!(throttle.begin(&format!("{n}@b"), from, at(0)), Ok(()));
        }
        assert_eq!(throttle.begin("a@b", from, at(1)), Ok(()));
        throttle.succeeded("a@b", from, at(1));
        assert_eq!(throttle.begin("c@d", from, at(2)), Ok(()));
        assert!(throttle.begin("a@b", from, at(2)).is_err());
    }

    #[test]
    fn a_whole_office_signs_in() {
        let from = ip("192.0.2.1");
        let mut throttle = Throttle::default();
        for n in 0..200 {
            let email = format!("{}@b", n % 100);
            assert_eq!(throttle.begin(&email, from, at(n)), Ok(()), "{n}");
            throttle.succeeded(&email, from, at(n));
        }
        assert!(throttle.counts.is_empty() && throttle.order.is_empty());
    }

    #[test]
    fn the_memory_is_bounded_and_the_oldest_goes_first() {
        let first = ip("192.0.2.1");
        let mut throttle = Throttle::default();
        for _ in 0..5 {
            throttle.begin("old@b", first, at(0)).unwrap();
        }
        for n in 0..u32::try_from(ENTRIES).unwrap() {
            let from = IpAddr::from((0x2001_0db8_u128 << 96 | u128::from(n) << 64).to_be_bytes());
            throttle.begin(&format!("{n}@b"), from, at(1)).unwrap();
            assert!(throttle.counts.len() <= ENTRIES);
        }
        assert_eq!(throttle.counts.len(), throttle.order.len());
        assert_eq!(throttle.begin("old@b", first, at(2)), Ok(()));
        throttle.begin("new@b", first, at(1000)).unwrap();
        assert_eq!(throttle.counts.len(), 3);
    }
}
