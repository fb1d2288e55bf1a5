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

pub fn run(what: What, json: bool) -> Result<()> {
    setup::run()?;
    match what {
        What::Stage => {
            shell::run(shell::cargo().args(["bench", "-p", "mayday-benches", "--locked"]))
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
            shell::run(&mut command)
        }
    }
}
