//! The log: to stderr, as words or JSON. What is logged holds no names, no addresses, no secrets.

use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// # Errors
/// When the filter is not understood.
pub fn start(filter: &str, json: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).context("--log is not understood")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    let _ = if json {
        log.json().try_init()
    } else {
        log.with_ansi(false).try_init()
    };
    Ok(())
}
