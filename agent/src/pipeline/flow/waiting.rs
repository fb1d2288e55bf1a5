//! How long everybody waited lately because somebody had no room. Waiting counts in full; it is forgotten four times slower.

use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub struct Waiting {
    since: Option<Instant>,
    until: Option<Instant>,
    before: Duration,
}

impl Waiting {
    pub fn begin(&mut self, now: Instant) {
        if self.since.is_none() {
            let rest = self.until.map(|until| now.saturating_duration_since(until));
            self.before = self.before.saturating_sub(rest.unwrap_or_default() / 4);
            self.since = Some(now);
        }
    }

    pub fn end(&mut self, now: Instant) {
        if let Some(since) = self.since.take() {
            self.before += now.saturating_duration_since(since);
            self.until = Some(now);
        }
    }

    /// Since when they wait now.
    #[must_use]
    pub fn since(&self) -> Option<Instant> {
        self.since
    }

    /// How long they waited before.
    #[must_use]
    pub fn before(&self) -> Duration {
        self.before
    }
}
