//! `mayday-gateway openapi`: the API's description, from which the console's client is generated.

use std::io::Write;

use crate::api;

/// Prints it.
///
/// # Errors
/// When standard output is closed.
pub fn print() -> anyhow::Result<()> {
    let text = api::description().to_pretty_json()?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
