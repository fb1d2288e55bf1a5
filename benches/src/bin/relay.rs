//! `relay`: how many sessions at work a gateway carries before it holds packets up.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use mayday_benches::relay::{Plan, measure};

/// Measures the relay.
#[derive(Parser)]
struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Simulated sessions; each then does the work of more and more active ones.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u8).range(1..=127))]
    sessions: u8,
    /// How long each load is held.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Where logs and the gateway's data go.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let out = match arguments.out {
        Some(out) => out,
        None => beside_this_program()?,
    };
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    }
    let plan = Plan {
        sessions: arguments.sessions.into(),
        seconds: arguments.seconds,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let report = runtime.block_on(measure(plan, &out, |said| eprintln!("relay: {said}")))?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.markdown());
    }
    Ok(())
}

/// `target/bench-relay`: this program lies in `target/release`.
fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("a program lies in target")?;
    Ok(target.join("bench-relay"))
}
