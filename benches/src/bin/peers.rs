//! `peers`: other remote desktops and Mayday on this machine, the same marker seen on the technician's X screen.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use mayday_benches::peers::moving::Show;
use mayday_benches::peers::{Bench, Peer, Work, report};

/// Compares Mayday with the remote desktops that are installed here.
#[derive(Parser)]
struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Only this one (may be given several times).
    #[arg(long, value_enum)]
    peer: Vec<Peer>,
    /// Only this (may be given several times).
    #[arg(long, value_enum)]
    work: Vec<Only>,
    /// Samples of each cell; of pages and whole screens a quarter.
    #[arg(long, default_value_t = 120)]
    samples: usize,
    /// Where logs, pictures of the screens and the gateway's data go.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// What is done once, and what never stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    Change,
    Key,
    Page,
    WholeScreen,
    Film,
    Scroll,
}

impl Only {
    fn work(self) -> Option<Work> {
        match self {
            Self::Change => Some(Work::Change),
            Self::Key => Some(Work::Key),
            Self::Page => Some(Work::Page),
            Self::WholeScreen => Some(Work::Whole),
            Self::Film | Self::Scroll => None,
        }
    }

    fn show(self) -> Option<Show> {
        match self {
            Self::Film => Some(Show::Film),
            Self::Scroll => Some(Show::Scroll),
            Self::Change | Self::Key | Self::Page | Self::WholeScreen => None,
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(&arguments))
}

async fn run(arguments: &Arguments) -> Result<()> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => beside_this_program()?,
    };
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    }
    let say = |said: &str| eprintln!("peers: {said}");
    let mut peers = arguments.peer.clone();
    if peers.is_empty() {
        peers.extend(Peer::ALL);
    }
    let mut bench = Bench::start(&peers, &out, say).await?;
    let all = match arguments.work[..] {
        [] => Only::value_variants(),
        ref some => some,
    };
    let works: Vec<_> = all.iter().filter_map(|one| one.work()).collect();
    let shows: Vec<_> = all.iter().filter_map(|one| one.show()).collect();
    let measured = bench.run(&works, &shows, arguments.samples, say);
    bench.photograph(&out)?;
    bench.end().await;
    let measured = measured?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&measured)?);
    } else {
        println!("{}", report::markdown(&measured));
    }
    Ok(())
}

/// `target/bench-peers`: this program lies in `target/release`.
fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("a program lies in target")?;
    Ok(target.join("bench-peers"))
}
