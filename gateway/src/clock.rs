//! The only place that reads the wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

pub use mayday_session::Timestamp;

/// Milliseconds since 1970, UTC.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let milliseconds = since.map_or(0, |since| since.as_millis());
    Timestamp(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}
