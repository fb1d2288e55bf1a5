//! An end user who asks for help by an SOS Call: starts its agent and fills the form in with the keyboard alone. Owns what is typed, not
//! what becomes of it.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;

use super::PATIENCE;
use crate::agent::{self, Agent};
use crate::desktop::{Desktop, keysym};

/// A person moves on to the next field.
const MOMENT: Duration = Duration::from_millis(300);

/// What somebody writes into the form.
pub struct Request<'a> {
    pub name: &'a str,
    pub issue: &'a str,
    pub room: &'a str,
}

/// An agent of the SOS Call behind this link, whose form is filled in and not yet sent.
///
/// # Errors
/// When the form does not come.
pub fn fill_in(
    desktop: &Desktop,
    display: &str,
    (gateway, link): (&str, &str),
    request: &Request<'_>,
    logs: &Path,
) -> Result<Agent> {
    let arguments = ["--gateway", gateway, "--call", link];
    let more = ["--lang", "en", "--log", "info"];
    let agent = Agent::start(display, &[arguments, more].concat(), logs)?;
    agent.said("scene=form", PATIENCE)?;
    desktop.window(agent::WINDOW, PATIENCE)?;
    sleep(MOMENT);
    for answer in [request.name, request.issue] {
        desktop.type_text(answer)?;
        desktop.chord(&[keysym::TAB])?;
        sleep(MOMENT);
    }
    desktop.type_text(request.room)?;
    Ok(agent)
}

/// Sends it, and waits until the desk has it.
///
/// # Errors
/// When it is not taken.
pub fn send(desktop: &Desktop, agent: &Agent) -> Result<()> {
    desktop.chord(&[keysym::RETURN])?;
    agent.said("scene=waiting", PATIENCE)
}
