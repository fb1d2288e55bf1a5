//! `latency`: from a key sent by the technician's viewer to the decoded pixels of its effect, through real X server, agent and gateway,
//! on emulated networks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum as _};
use mayday_benches::latency::applications::{self, Application};
use mayday_benches::latency::report::Report;
use mayday_benches::latency::scene::{Arm, Leg};
use mayday_benches::latency::workload::Workload;
use mayday_benches::latency::{Bench, Measured, Plan, plot, table};
use mayday_tests::linkem::{PROFILES, Profile};
use mayday_viewer::Spread;
use mayday_viewer::why::Stage;

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
    /// Most samples of a cell for each arm [default: 500; --applications: 100; --rest: 20]. Typing on lan has as many, other cells end
    /// after --seconds if that comes first.
    #[arg(long)]
    samples: Option<usize>,
    /// Time for a cell, both arms together [default: 4; --applications and --rest: 120].
    #[arg(long)]
    seconds: Option<u64>,
    /// Measure work in real programs instead: xterm, less, mousepad, Chromium, which sign nothing. On lan unless --profile says more.
    #[arg(long, conflicts_with_all = ["rest", "workload", "from", "draw"])]
    applications: bool,
    /// Only this of --applications (may be given several times).
    #[arg(long, value_enum, requires = "applications")]
    application: Vec<Application>,
    /// Measure the picture at rest instead: time until every pixel is exact, idle cost. On lan, of typing, a menu, a page and a
    /// photograph, unless --profile and --workload say more.
    #[arg(long, conflicts_with_all = ["from", "draw"])]
    rest: bool,
    /// With --rest: leave out what an unchanged screen costs.
    #[arg(long, requires = "rest")]
    without_idle: bool,
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
    if arguments.rest {
        return at_rest(&arguments);
    }
    let report = match arguments.from.is_empty() {
        true => measure(&arguments)?,
        false => read(&arguments.from)?,
    };
    if let Some(folder) = &arguments.draw {
        draw(&report, folder)?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    }
    Ok(())
}

fn measure(arguments: &Arguments) -> Result<Report> {
    let out = out(arguments)?;
    let measured = if arguments.applications {
        let plan = applications(arguments)?;
        let mut bench = Bench::start(&arms(arguments), &out, say)?;
        bench.run_applications(&plan, &out.join("programs"), say)
    } else {
        let plan = plan(arguments)?;
        Bench::start(&plan.arms, &out, say)?.run(&plan, say)
    };
    for one in &measured {
        // A program does not tell when it got a key, so its samples have no parts.
        let parts = (!one.legs.is_empty()).then(|| parts(one));
        if !arguments.json {
            println!("{}", table::line(&one.cell));
        }
        match parts {
            Some(parts) if arguments.json => eprintln!("{parts}"),
            Some(parts) => println!("{parts}"),
            None => {}
        }
    }
    let cells = measured.into_iter().map(|one| one.cell).collect();
    Ok(Report::new(cells))
}

fn at_rest(arguments: &Arguments) -> Result<()> {
    let out = out(arguments)?;
    let workloads = match arguments.workload[..] {
        [] => vec![
            Workload::Type,
            Workload::Menu,
            Workload::NewPage,
            Workload::Photograph,
        ],
        ref some => some.to_vec(),
    };
    let plan = Plan {
        profiles: profiles(arguments, &["lan"])?,
        workloads,
        arms: arms(arguments),
        samples: arguments.samples.unwrap_or(20),
        time: Duration::from_secs(arguments.seconds.unwrap_or(120)),
    };
    let said = Bench::start(&plan.arms, &out, say)?.at_rest(&plan, !arguments.without_idle, say)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&said)?);
    } else {
        print!("{}", said.words());
    }
    Ok(())
}

fn say(said: &str) {
    eprintln!("latency: {said}");
}

/// The folder for logs, empty.
fn out(arguments: &Arguments) -> Result<PathBuf> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => beside_this_program()?,
    };
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    }
    Ok(out)
}

fn applications(arguments: &Arguments) -> Result<applications::Plan> {
    let all = match arguments.application[..] {
        [] => Application::value_variants(),
        ref some => some,
    };
    Ok(applications::Plan {
        profiles: profiles(arguments, &["lan"])?,
        applications: all.to_vec(),
        samples: arguments.samples.unwrap_or(100),
        time: Duration::from_secs(arguments.seconds.unwrap_or(120)),
    })
}

/// Those that were asked for, else these.
fn profiles(arguments: &Arguments, usual: &[&str]) -> Result<Vec<&'static Profile>> {
    let asked = arguments.profile.iter().map(String::as_str);
    let mut names: Vec<_> = asked.collect();
    if names.is_empty() {
        names.extend(usual);
    }
    let profiles = names.into_iter().map(|name| {
        let all = PROFILES.iter().map(|profile| profile.name);
        Profile::named(name).with_context(|| {
            let all: Vec<_> = all.collect();
            format!("there is no network “{name}”; there are {}", all.join(", "))
        })
    });
    profiles.collect()
}

fn arms(arguments: &Arguments) -> Vec<Arm> {
    match arguments.arm[..] {
        [] => vec![Arm::Ours, Arm::FullFrame],
        ref some => some.to_vec(),
    }
}

fn plan(arguments: &Arguments) -> Result<Plan> {
    let all: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
    let mut workloads = arguments.workload.clone();
    if workloads.is_empty() {
        workloads.extend(Workload::ALL);
        workloads.push(Workload::TypeWhilePage);
    }
    Ok(Plan {
        profiles: profiles(arguments, &all)?,
        workloads,
        arms: arms(arguments),
        samples: arguments.samples.unwrap_or(500),
        time: Duration::from_secs(arguments.seconds.unwrap_or(4)),
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
    let stage = |at: usize| {
        let times = measured.legs.iter();
        let times = times.map(|leg| 1e3 * leg.stages[at].as_secs_f64());
        Spread::of(times.collect()).p50
    };
    let stages = Stage::ALL.iter().enumerate();
    let stages = stages.map(|(at, one)| format!("{} {:.2}", one.name(), stage(at)));
    let stages: Vec<_> = stages.collect();
    let cell = &measured.cell;
    format!(
        "  {}/{}/{} p50: to the application {:.2}, application {:.2}, back {:.2}; of that {}; all stages together {:.2}, unexplained {:.2} ms",
        cell.profile,
        cell.workload,
        cell.arm,
        part(|leg| leg.there),
        part(|leg| leg.application),
        part(|leg| leg.back),
        stages.join(", "),
        cell.stages_p50_ms.unwrap_or_default(),
        cell.unexplained_p50_ms.unwrap_or_default(),
    )
}
