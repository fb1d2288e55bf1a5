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
            console::build()?;
            shell::run_aside(shell::cargo().args([
                "build",
                "--release",
                "--locked",
                "--bins",
                "-p",
                "mayday-gateway",
                "-p",
                "mayday-agent",
                "-p",
                "mayday-benches",
            ]))?;
            measure("latency", json, more)
        }
        What::Desk => {
            console::build()?;
            shell::run_aside(shell::cargo().args([
                "build",
                "--release",
                "--locked",
                "-p",
                "mayday-gateway",
                "-p",
                "mayday-benches",
                "--bin",
                "mayday-gateway",
                "--bin",
                "desk",
            ]))?;
            measure("desk", json, more)
        }
    }
}

fn measure(bench: &str, json: bool, more: &[String]) -> Result<()> {
    let mut command = std::process::Command::new(shell::target().join("release").join(bench));
    if json {
        command.arg("--json");
    }
    shell::run(command.args(more))
}
