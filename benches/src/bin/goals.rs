//! `goals`: every figure that was aimed for, measured again and again, in one table.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum as _};
use mayday_benches::goals::judged::{Judged, judge};
use mayday_benches::goals::kept::Kept;
use mayday_benches::goals::part::Part;
use mayday_benches::goals::{Plan, figure, measure, table};

/// Measures every figure that was aimed for. One run takes about twelve minutes.
#[derive(Parser)]
struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// How often everything is measured; the median of the runs counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    runs: u32,
    /// Only these.
    #[arg(long, value_enum, num_args = 1..)]
    only: Vec<Part>,
    /// A few samples each, to see that everything works.
    #[arg(long)]
    quick: bool,
    /// Go on where it was interrupted: measure what is not in --out of this commit yet.
    #[arg(long)]
    resume: bool,
    /// Measure nothing, read what was kept in these files.
    #[arg(long, conflicts_with_all = ["only", "quick", "resume", "out"])]
    from: Vec<PathBuf>,
    /// Write the table into this folder, as goals.md.
    #[arg(long)]
    draw: Option<PathBuf>,
    /// Where results (goals.json), logs and the gateways' data go [default: target/bench-goals].
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let kept = match arguments.from[..] {
        [] => measured(&arguments)?,
        ref files => Kept::read_all(files)?,
    };
    let judged = judge(&figure::all(), &kept);
    if let Some(folder) = &arguments.draw {
        draw(&judged, folder)?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&judged)?);
    } else {
        println!("{}", table::markdown(&judged));
    }
    Ok(())
}

fn measured(arguments: &Arguments) -> Result<Kept> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => beside_this_program()?,
    };
    let parts = match arguments.only[..] {
        [] => Part::value_variants(),
        ref some => some,
    };
    let plan = Plan {
        runs: arguments.runs,
        parts: parts.to_vec(),
        quick: arguments.quick,
        resume: arguments.resume,
    };
    let kept = measure(&plan, &out, |said| eprintln!("goals: {said}"))?;
    eprintln!("goals: kept in {}", out.join("goals.json").display());
    Ok(kept)
}

fn draw(judged: &Judged, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let file = folder.join("goals.md");
    std::fs::write(&file, table::page(judged)).with_context(|| file.display().to_string())
}

/// `target/bench-goals`: this program lies in `target/release`.
fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("a program lies in target")?;
    Ok(target.join("bench-goals"))
}
