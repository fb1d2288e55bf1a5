//! The project's commands: set up, demo, test, bench, dist. The only place with build glue; owns no product code.

mod bench;
mod console;
mod demo;
mod deny;
mod dist;
mod edges;
mod room;
mod setup;
mod shell;
mod slim;
mod test;
mod tidy;
mod unused;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Mayday's development commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing on this machine (Debian and Ubuntu as root; elsewhere say what to run)
    Setup,
    /// Run the main job: gateway, owner, technician, channel and an agent, on this desktop or one of its own
    Demo {
        /// Play the whole job with real parts and write target/demo/report.json and screenshots
        #[arg(long)]
        auto: bool,
    },
    /// Everything that must hold: format, lints, tests, browser, documentation, edges, licences
    Test,
    /// The quick part of `test`: format, lints, house rules
    Check,
    /// Measure: `latency` (key to pixel), `peers` (other remote desktops), `congestion` (BBR against Cubic), `relay` (sessions per core), `goals` (every figure that was aimed for), `stage` (grab, convert, encode) or `desk` (lists, transitions, events)
    Bench {
        what: bench::What,
        /// Print one JSON object for machines
        #[arg(long)]
        json: bool,
        /// For the bench itself, after `--`, such as `--profile wan --workload scroll`, or `--applications`; `--help` says more
        #[arg(last = true)]
        more: Vec<String>,
    },
    /// Build what people download, into target/dist, with sizes
    Dist,
}

fn main() -> Result<()> {
    let root = shell::workspace_root()?;
    std::env::set_current_dir(&root)?;
    match Arguments::parse().command {
        Command::Setup => setup::run(),
        Command::Demo { auto } => demo::run(auto),
        Command::Test => test::run(),
        Command::Check => test::quick(),
        Command::Bench { what, json, more } => bench::run(what, json, &more),
        Command::Dist => dist::run(),
    }
}
