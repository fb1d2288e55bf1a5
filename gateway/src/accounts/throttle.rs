//! How often somebody may try to sign in. A pure policy over counts in memory: (account and network), network, and account.

use std::collections::HashMap;
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
/// Bounds the memory.
const ENTRIES: usize = 100_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, Source),
    Network(Source),
    Account(String),
}

#[derive(Debug, Default)]
pub struct Throttle {
    failures: HashMap<Key, Vec<Timestamp>>,
}

impl Throttle {
    /// Seconds to wait, if one more try is too many.
    #[must_use]
    pub fn wait(&self, email: &str, from: IpAddr, now: Timestamp) -> Option<u64> {
        let oldest = keys(email, from)
            .into_iter()
            .filter_map(|(key, limit)| {
                let recent: Vec<_> = self.recent(&key, now).collect();
                recent.len().checked_sub(limit).map(|over| recent[over])
            })
            .max()?;
        let left = (oldest.0 + WINDOW_MS).saturating_sub(now.0);
        Some(left.div_ceil(1000).max(1))
    }

    pub fn failed(&mut self, email: &str, from: IpAddr, now: Timestamp) {
        if self.failures.len() > ENTRIES {
            self.failures
                .retain(|_, at| at.iter().any(|at| at.0 + WINDOW_MS > now.0));
        }
        for (key, limit) in keys(email, from) {
            let at = self.failures.entry(key).or_default();
            at.retain(|at| at.0 + WINDOW_MS > now.0);
            if at.len() <= limit {
                at.push(now);
            }
        }
    }

    /// Forgets the pair; the other counts stay, or one good account would reset them for all.
    pub fn succeeded(&mut self, email: &str, from: IpAddr) {
        self.failures
            .remove(&Key::Pair(email.to_owned(), Source::of(from)));
    }

    fn recent(&self, key: &Key, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let at = self.failures.get(key).map_or(&[][..], Vec::as_slice);
        at.iter()
            .copied()
            .filter(move |at| at.0 + WINDOW_MS > now.0)
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

    #[test]
    fn the_sixth_try_waits_and_the_window_ends() {
        let from = "192.0.2.1".parse().unwrap();
        let mut throttle = Throttle::default();
        for second in 0..5 {
            assert_eq!(throttle.wait("a@b", from, at(second)), None);
            throttle.failed("a@b", from, at(second));
        }
        assert_eq!(throttle.wait("a@b", from, at(10)), Some(890));
        assert_eq!(
            throttle.wait("a@b", "192.0.2.2".parse().unwrap(), at(10)),
            None
        );
        assert_eq!(throttle.wait("a@b", from, at(900)), None);
    }

    #[test]
    fn one_network_cannot_try_many_accounts() {
        let mut throttle = Throttle::default();
        for n in 0..30u16 {
            let from = format!("2001:db8::{n}").parse().unwrap();
            throttle.failed(&format!("{n}@b"), from, at(0));
        }
        let neighbour = "2001:db8::ffff".parse().unwrap();
        assert!(throttle.wait("new@b", neighbour, at(1)).is_some());
        assert!(
            throttle
                .wait("new@b", "2001:db8:1::".parse().unwrap(), at(1))
                .is_none()
        );
    }

    #[test]
    fn success_forgets_only_the_pair() {
        let from = "192.0.2.1".parse().unwrap();
        let mut throttle = Throttle::default();
        for _ in 0..30 {
            throttle.failed("a@b", from, at(0));
        }
        throttle.succeeded("a@b", from);
        assert!(throttle.wait("c@d", from, at(1)).is_some());
    }
}
