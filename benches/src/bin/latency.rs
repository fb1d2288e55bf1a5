//! `latency`: from a key sent by the technician's viewer to the decoded pixel of its effect, through real X server, agent and gateway.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use mayday_benches::latency::report::Report;
use mayday_benches::latency::{Measured, typing};

/// Measures key to decoded pixel.
#[derive(Parser)]
struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Samples for each arm.
    #[arg(long, default_value_t = 500)]
    samples: usize,
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
    let measured = typing(arguments.samples, &out, |said| eprintln!("latency: {said}"))?;
    if !arguments.json {
        table(&measured);
        return Ok(());
    }
    let cells = measured.into_iter().map(|one| one.cell).collect();
    println!("{}", serde_json::to_string_pretty(&Report::new(cells))?);
    Ok(())
}

/// `target/bench-latency`: this program lies in `target/release`.
fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("a program lies in target")?;
    Ok(target.join("bench-latency"))
}

fn table(measured: &[Measured]) {
    for Measured { cell, stages } in measured {
        println!(
            "{}/{}/{}: p50 {:.2} ms, p90 {:.2}, p99 {:.2}, max {:.2} ({} samples, {} time-outs)",
            cell.profile,
            cell.workload,
            cell.arm,
            cell.p50_ms,
            cell.p90_ms,
            cell.p99_ms,
            cell.max_ms,
            cell.n,
            cell.timeouts
        );
        println!(
            "  p50 of stages: wait {:.2}, grab {:.2}, convert {:.2}, encode {:.2}, to the last hop {:.2}; decode {:.2}, draw {:.2} ms; {} bytes an update",
            stages.wait_ms.p50,
            stages.grab_ms.p50,
            stages.convert_ms.p50,
            stages.encode_ms.p50,
            stages.age_ms.p50,
            stages.decode_ms.p50,
            stages.draw_ms.p50,
            stages.bytes / stages.updates.max(1)
        );
    }
}
