//! Measuring, in release builds. Owns no benchmark.

use anyhow::{Result, ensure};
use clap::ValueEnum;

use crate::{console, setup, shell};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum What {
    /// From a changed pixel to a drawn one, stage by stage; `-- --table`, `--criterion`, `--sweep` or `--browser` for a part
    Stage,
    /// Key sent to decoded pixel, through real X server, agent, gateway and viewer
    Latency,
    /// The same marker on the technician's X screen, through Mayday and through the other remote desktops that Debian has
    Peers,
    /// QUIC's controllers of congestion, BBR against Cubic, under the agent's own rate control
    Congestion,
    /// How many sessions at work a gateway carries before it holds packets up
    Relay,
    /// Every figure that was aimed for, three times, in one table: `-- --runs N`, `--only PART...`, `--resume`, `--draw FOLDER`
    Goals,
    /// Lists, transitions and live events with 10,000 open sessions, against a real gateway
    Desk,
}

pub fn run(what: What, json: bool, more: &[String]) -> Result<()> {
    ensure!(
        !(json && matches!(what, What::Stage)),
        "`bench stage` has no --json: it prints tables, and criterion keeps its statistics as JSON in target/criterion"
    );
    setup::run()?;
    match what {
        What::Stage => {
            if more.iter().any(|argument| argument == "--browser") {
                console::install()?;
            }
            let mut command = shell::cargo();
            command.args([
                "bench",
                "-p",
                "mayday-benches",
                "--bench",
                "stage",
                "--locked",
                "--",
            ]);
            shell::run(command.args(more))
        }
        What::Latency => measure("latency", json, more),
        What::Peers => {
            setup::peers()?;
            measure("peers", json, more)
        }
        What::Congestion => measure("congestion", json, more),
        What::Relay => measure("relay", json, more),
        What::Goals => {
            setup::peers()?;
            measure("goals", json, more)
        }
        What::Desk => measure("desk", json, more),
    }
}

/// Builds the benches and the programs they start, always the same ones: another choice would build much of it again with other features.
fn measure(bench: &str, json: bool, more: &[String]) -> Result<()> {
    console::build()?;
    let mut build = shell::cargo();
    build.args(["build", "--release", "--locked", "--bins"]);
    for package in ["gateway", "agent", "viewer", "benches"] {
        build.args(["-p", &format!("mayday-{package}")]);
    }
    shell::run_aside(&mut build)?;
    let mut command = std::process::Command::new(shell::target().join("release").join(bench));
    if json {
        command.arg("--json");
    }
    shell::run(command.args(more))
}
