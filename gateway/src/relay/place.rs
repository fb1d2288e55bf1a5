//! The two kinds of places in a room: a connection and what is under way to it.

use std::sync::atomic::{AtomicUsize, Ordering};

use mayday_transport::Link;
use tokio::sync::watch;

/// Bytes that may be under way to one technician (sent but not acknowledged, or waiting). One larger update may go alone.
const UNDER_WAY: usize = 1024 * 1024;

/// The agent's connection.
#[derive(Debug)]
pub struct AgentPlace {
    pub link: Link,
}

/// A technician's connection and its share of the relay's memory.
#[derive(Debug)]
pub struct TechnicianPlace {
    pub link: Link,
    under_way: AtomicUsize,
    flushes: watch::Sender<u64>,
}

impl TechnicianPlace {
    #[must_use]
    pub fn new(link: Link) -> Self {
        Self {
            link,
            under_way: AtomicUsize::new(0),
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

    /// Takes room for `bytes`, or says that there is none.
    pub(super) fn reserve(&self, bytes: usize) -> bool {
        self.under_way
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
                (held == 0 || held + bytes <= UNDER_WAY).then_some(held + bytes)
            })
            .is_ok()
    }

    pub(super) fn release(&self, bytes: usize) {
        self.under_way.fetch_sub(bytes, Ordering::Relaxed);
    }
}
