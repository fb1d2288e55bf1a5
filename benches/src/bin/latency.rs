//! `latency`: from a key sent by the technician's viewer to the decoded pixels of its effect, through real X server, agent and gateway,
//! on emulated networks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use mayday_benches::latency::report::Report;
use mayday_benches::latency::scene::{Arm, Leg};
use mayday_benches::latency::workload::Workload;
use mayday_benches::latency::{Bench, Measured, Plan, plot, table};
use mayday_tests::linkem::{PROFILES, Profile};
use mayday_viewer::Spread;

/// Measures key to decoded pixel.
#[derive(Parser)]
struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Only this network (may be given several times): lan, dsl, wan, far, bad, sat, thin, hair, bloat, step.
    #[arg(long)]
    profile: Vec<String>,
    /// Only this work (may be given several times).
    #[arg(long, value_enum)]
    workload: Vec<Workload>,
    /// Only this arm.
    #[arg(long, value_enum)]
    arm: Vec<Arm>,
    /// Most samples of a cell for each arm; typing on lan has as many, other cells end after --seconds.
    #[arg(long, default_value_t = 500)]
    samples: usize,
    /// Time for a cell, both arms together.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Measure the picture at rest instead: time until every pixel is exact, idle cost.
    #[arg(long)]
    rest: bool,
    /// Measure nothing, read the cells from these files, made with --json.
    #[arg(long)]
    from: Vec<PathBuf>,
    /// Write the table and the plot into this folder.
    #[arg(long)]
    draw: Option<PathBuf>,
    /// Where logs and the gateway's data go.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let report = if arguments.from.is_empty() {
        let Some(report) = measure(&arguments)? else {
            return Ok(());
        };
        report
    } else {
        read(&arguments.from)?
    };
    if let Some(folder) = &arguments.draw {
        draw(&report, folder)?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    }
    Ok(())
}

/// The report; none when only the picture at rest was asked for.
fn measure(arguments: &Arguments) -> Result<Option<Report>> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => beside_this_program()?,
    };
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    }
    let plan = plan(arguments)?;
    let say = |said: &str| eprintln!("latency: {said}");
    let mut bench = Bench::start(&plan.arms, &out, say)?;
    if arguments.rest {
        for profile in &plan.profiles {
            for line in bench.at_rest(profile)? {
                println!("{line}");
            }
        }
        return Ok(None);
    }
    let measured = bench.run(&plan, say);
    for one in &measured {
        if arguments.json {
            eprintln!("{}", parts(one));
        } else {
            println!("{}\n{}", table::line(&one.cell), parts(one));
        }
    }
    let cells = measured.into_iter().map(|one| one.cell).collect();
    Ok(Some(Report::new(cells)))
}

fn plan(arguments: &Arguments) -> Result<Plan> {
    let mut profiles = Vec::new();
    for name in &arguments.profile {
        let Some(profile) = Profile::named(name) else {
            let names: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
            bail!(
                "there is no network “{name}”; there are {}",
                names.join(", ")
            );
        };
        profiles.push(profile);
    }
    if profiles.is_empty() {
        profiles.extend(PROFILES);
    }
    let mut workloads = arguments.workload.clone();
    if workloads.is_empty() {
        workloads.extend(Workload::ALL);
        workloads.push(Workload::TypeWhilePage);
    }
    let mut arms = arguments.arm.clone();
    if arms.is_empty() {
        arms.extend([Arm::Ours, Arm::FullFrame]);
    }
    Ok(Plan {
        profiles,
        workloads,
        arms,
        samples: arguments.samples,
        time: Duration::from_secs(arguments.seconds),
    })
}

fn read(files: &[PathBuf]) -> Result<Report> {
    let mut whole: Option<Report> = None;
    for file in files {
        let name = || file.display().to_string();
        let text = std::fs::read_to_string(file).with_context(name)?;
        let report: Report = serde_json::from_str(&text).with_context(name)?;
        match &mut whole {
            Some(whole) => whole.cells.extend(report.cells),
            None => whole = Some(report),
        }
    }
    whole.context("a file was given")
}

fn draw(report: &Report, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let write = |name: &str, text: String| {
        let file = folder.join(name);
        std::fs::write(&file, text).with_context(|| file.display().to_string())
    };
    write("latency.svg", plot::svg(report))?;
    let head = format!(
        "# Latency: all cells\n\nMade by `cargo xtask bench latency`; how it is measured: [latency.md](latency.md).\n\n{}, commit {}.\n\n![Input to decoded pixel](latency.svg)\n\n",
        report.machine, report.commit
    );
    write("latency-cells.md", head + &table::markdown(report))
}

/// `target/bench-latency`: this program lies in `target/release`.
fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("a program lies in target")?;
    Ok(target.join("bench-latency"))
}

/// Where the time went: three parts that add up, and what the product's own stamps say of the last of them.
fn parts(measured: &Measured) -> String {
    let part = |of: fn(&Leg) -> Duration| {
        let parts = measured.legs.iter().map(|leg| 1e3 * of(leg).as_secs_f64());
        Spread::of(parts.collect()).p50
    };
    let stages = &measured.stages;
    let cell = &measured.cell;
    format!(
        "  {}/{}/{} p50: to the application {:.2}, application {:.2}, back {:.2}; of that wait {:.2}, grab {:.2}, convert {:.2}, encode {:.2} (to the last hop {:.2}), decode {:.2}, draw {:.2} ms",
        cell.profile,
        cell.workload,
        cell.arm,
        part(|leg| leg.there),
        part(|leg| leg.application),
        part(|leg| leg.back),
        stages.wait_ms.p50,
        stages.grab_ms.p50,
        stages.convert_ms.p50,
        stages.encode_ms.p50,
        stages.age_ms.p50,
        stages.decode_ms.p50,
        stages.draw_ms.p50,
    )
}
