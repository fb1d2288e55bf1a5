//! The two kinds of places in a room: a connection, what is under way to it, and what is shut until the desk knows.

use std::sync::atomic::{AtomicUsize, Ordering};

use mayday_protocol::Slot;
use mayday_transport::Link;
use tokio::sync::watch;

/// Bytes that may be under way to one technician (sent but not acknowledged, or waiting). One larger update may go alone.
const UNDER_WAY: usize = 1024 * 1024;
/// What a packet costs besides its payload: even empty ones are bounded.
const OVERHEAD: usize = 1024;

/// The agent's connection.
#[derive(Debug)]
pub struct AgentPlace {
    pub link: Link,
    /// Per slot: how many words that end its view wait for the desk.
    shut: [AtomicUsize; Slot::COUNT],
}

impl AgentPlace {
    #[must_use]
    pub fn new(link: Link) -> Self {
        Self {
            link,
            shut: Default::default(),
        }
    }

    /// Nothing passes for this slot, or for any, until [`AgentPlace::reopen`]: the desk's grants are behind what the end user did.
    pub fn shut(&self, slot: Option<Slot>) {
        for count in self.counts(slot) {
            count.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The desk's grants say it now. Once for each [`AgentPlace::shut`].
    pub fn reopen(&self, slot: Option<Slot>) {
        for count in self.counts(slot) {
            count.fetch_sub(1, Ordering::SeqCst);
        }
    }

    pub(super) fn is_shut(&self, slot: Slot) -> bool {
        self.shut[slot.index()].load(Ordering::SeqCst) > 0
    }

    fn counts(&self, only: Option<Slot>) -> impl Iterator<Item = &AtomicUsize> {
        let slots = Slot::ALL.into_iter();
        slots
            .filter(move |slot| only.is_none_or(|only| only == *slot))
            .map(|slot| &self.shut[slot.index()])
    }
}

/// A technician's connection and its share of the relay's memory.
#[derive(Debug)]
pub struct TechnicianPlace {
    pub link: Link,
    pub(super) share: Share,
    flushes: watch::Sender<u64>,
}

impl TechnicianPlace {
    #[must_use]
    pub fn new(link: Link) -> Self {
        Self {
            link,
            share: Share::default(),
            flushes: watch::Sender::new(0),
        }
    }

    /// Gives up everything that is under way.
    pub fn flush(&self) {
        self.flushes.send_modify(|count| *count += 1);
    }

    /// Changes with every flush.
    pub(super) fn flushes(&self) -> watch::Receiver<u64> {
        self.flushes.subscribe()
    }
}

/// How many bytes are under way.
#[derive(Debug, Default)]
pub(super) struct Share {
    held: AtomicUsize,
}

impl Share {
    /// Takes room for a packet with a payload of `bytes`, or says that there is none.
    pub(super) fn reserve(&self, bytes: usize) -> bool {
        let bytes = bytes + OVERHEAD;
        self.held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
                (held == 0 || held + bytes <= UNDER_WAY).then_some(held + bytes)
            })
            .is_ok()
    }

    pub(super) fn release(&self, bytes: usize) {
        self.held.fetch_sub(bytes + OVERHEAD, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{OVERHEAD, Share, UNDER_WAY};

    #[test]
    fn empty_packets_fill_a_share_too() {
        let share = Share::default();
        let taken = (0..10_000).filter(|_| share.reserve(0)).count();
        assert_eq!(taken, UNDER_WAY / OVERHEAD);
        share.release(0);
        assert!(share.reserve(0) && !share.reserve(0));
    }

    #[test]
    fn one_large_packet_goes_alone() {
        let share = Share::default();
        assert!(share.reserve(3 * UNDER_WAY) && !share.reserve(0));
        share.release(3 * UNDER_WAY);
        assert!(share.reserve(1));
    }
}
