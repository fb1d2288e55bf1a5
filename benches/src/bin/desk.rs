//! `desk`: lists, transitions and live events of the Service Desk with ten thousand open sessions, against a real gateway process.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use mayday_benches::desk::{Plan, measure};
use mayday_tests::gateway::{Gateway, OWNER, PASSWORD};

/// Measures the Service Desk.
#[derive(Parser)]
struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Open sessions.
    #[arg(long, default_value_t = 10_000)]
    sessions: usize,
    /// Live lists.
    #[arg(long, default_value_t = 500)]
    lists: usize,
    /// How long to read, and how long to act.
    #[arg(long, default_value_t = 10)]
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
    let gateway = Gateway::start(&out.join("data"), &out, None)?;
    let host = gateway.listening.http_loopback.replace("http://", "");
    let host = host.trim_end_matches('/').to_owned();
    let plan = Plan {
        sessions: arguments.sessions,
        lists: arguments.lists,
        seconds: arguments.seconds,
        events: 30,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let say = |said: &str| eprintln!("desk: {said}");
    let report = runtime.block_on(measure(&host, (OWNER, PASSWORD), plan, say))?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report:#?}");
    }
    Ok(())
}

/// `target/bench-desk`: this program lies in `target/release`.
fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("a program lies in target")?;
    Ok(target.join("bench-desk"))
}
