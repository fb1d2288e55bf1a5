//! Waiting for something to become true, with an end. Owns no knowledge of what is waited for.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Asks `ready` every 20 ms until it gives a value; fails with `what` in its sentence after `limit`.
///
/// # Errors
/// When `limit` has passed, or `ready` fails for good.
pub fn until<T>(
    what: &str,
    limit: Duration,
    mut ready: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(value) = ready()? {
            return Ok(value);
        }
        if Instant::now() > end {
            bail!("{what} did not happen within {limit:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
