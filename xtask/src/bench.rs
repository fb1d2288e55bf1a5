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
            let mut command = std::process::Command::new(shell::target().join("release/latency"));
            if json {
                command.arg("--json");
            }
            shell::run(command.args(more))
        }
    }
}
