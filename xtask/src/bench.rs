//! Measuring, in release builds. Owns no benchmark.

use anyhow::Result;
use clap::ValueEnum;

use crate::{console, setup, shell};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum What {
    /// Grab, convert and encode, by criterion
    Stage,
    /// Key sent to decoded pixel, through real X server, agent, gateway and viewer
    Latency,
    /// The same marker on the technician's X screen, through Mayday and through the other remote desktops that Debian has
    Peers,
    /// How many sessions at work a gateway carries before it holds packets up
    Relay,
    /// Lists, transitions and live events with 10,000 open sessions, against a real gateway
    Desk,
}

pub fn run(what: What, json: bool, more: &[String]) -> Result<()> {
    setup::run()?;
    match what {
        What::Stage => {
            let mut command = shell::cargo();
            command.args(["bench", "-p", "mayday-benches", "--locked", "--"]);
            shell::run(command.args(more))
        }
        What::Latency => {
            build(&["mayday-gateway", "mayday-agent"])?;
            measure("latency", json, more)
        }
        What::Peers => {
            setup::peers()?;
            build(&["mayday-gateway", "mayday-agent", "mayday-viewer"])?;
            measure("peers", json, more)
        }
        What::Relay => {
            build(&["mayday-gateway", "mayday-agent"])?;
            measure("relay", json, more)
        }
        What::Desk => {
            build(&["mayday-gateway"])?;
            measure("desk", json, more)
        }
    }
}

/// The programs of these packages and the benches' own.
fn build(packages: &[&str]) -> Result<()> {
    console::build()?;
    let mut command = shell::cargo();
    command.args(["build", "--release", "--locked", "--bins"]);
    for package in packages.iter().chain(&["mayday-benches"]) {
        command.args(["-p", package]);
    }
    shell::run_aside(&mut command)
}

fn measure(bench: &str, json: bool, more: &[String]) -> Result<()> {
    let mut command = std::process::Command::new(shell::target().join("release").join(bench));
    if json {
        command.arg("--json");
    }
    shell::run(command.args(more))
}
