//! `congestion`: BBR against Cubic under the agent's own rate control, from the key to the decoded picture, on emulated networks.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use mayday_benches::congestion::report::Report;
use mayday_benches::congestion::{Load, Plan, measure};
use mayday_tests::linkem::Profile;

/// Measures both controllers side by side.
#[derive(Parser)]
struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// These networks (may be given several times).
    #[arg(long, default_values = ["wan", "bad", "sat", "bloat", "step"])]
    profile: Vec<String>,
    /// Only this load (may be given several times).
    #[arg(long, value_enum, default_values = ["type", "pages", "film"])]
    load: Vec<Load>,
    /// Time for a cell, both arms together; `step` changes its rate every five seconds.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// Where logs and the gateways' data go.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let named = |name: &String| {
        Profile::named(name).with_context(|| format!("there is no network “{name}”"))
    };
    let profiles = arguments.profile.iter().map(named);
    let plan = Plan {
        profiles: profiles.collect::<Result<_>>()?,
        loads: arguments.load,
        time: Duration::from_secs(arguments.seconds),
    };
    let out = match arguments.out {
        Some(out) => out,
        None => beside_this_program()?,
    };
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    }
    let rows = measure(&plan, &out, |said| eprintln!("congestion: {said}"))?;
    let report = Report::new(rows);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.markdown());
    }
    Ok(())
}

/// `target/bench-congestion`: this program lies in `target/release`.
fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("a program lies in target")?;
    Ok(target.join("bench-congestion"))
}
