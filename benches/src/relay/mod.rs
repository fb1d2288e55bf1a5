//! The relay under load: simulated agents and technicians, in real sessions of a real gateway process, until packets are held up.
//! Owns the steps and what is counted.

mod pair;
pub mod report;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use mayday_tests::gateway::Gateway;
use mayday_tests::process::program;

use crate::latency::cost;
use pair::{Pair, Tally};
use report::{Report, Step};

/// Nearly nobody works: what the way itself takes.
const REST: f64 = 0.05;
/// What follows is how many times each simulated session does the work of one active session.
const LOADS: [f64; 13] = [
    0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0,
];
/// After a change of load, before it is counted.
const SETTLE: Duration = Duration::from_secs(1);

const AFTER_BEGINNING: Duration = Duration::from_secs(13);

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Each has two connections; one address may hold 256.
    pub sessions: usize,
    pub seconds: u64,
}

/// Starts a gateway with its files in `out` and loads it step by step.
///
/// # Errors
/// When a part does not do what it should.
pub async fn measure(plan: Plan, out: &Path, say: impl Fn(&str)) -> Result<Report> {
    let logs = out.join("logs");
    let template = program("mayday-sos")?;
    let mut gateway = Gateway::start(&out.join("gateway"), &logs, Some(&template))?;
    let (owner, process) = (gateway.owner()?, gateway.process().id());
    let empty = memory_kb(process)?;
    say(&format!("{} sessions begin", plan.sessions));
    let mut pairs = Vec::with_capacity(plan.sessions);
    for number in 0..plan.sessions {
        let begun = Pair::begin(&gateway, &owner, number).await;
        pairs.push(begun.with_context(|| format!("session {number}"))?);
    }
    let connected = memory_kb(process)?;
    // Until the gateway's helping threads of the beginning have ended: their time would be missing.
    tokio::time::sleep(AFTER_BEGINNING).await;
    let time = Duration::from_secs(plan.seconds);
    let rest = step(&pairs, REST, time, process).await;
    say(&rest.line());
    let mut steps = Vec::new();
    for load in LOADS {
        let mut now = step(&pairs, load, time, process).await.after(&rest);
        if now.limit().is_some() {
            // Once more: others' work may have been in the way.
            say(&now.line());
            now = step(&pairs, load, time, process).await.after(&rest);
        }
        say(&now.line());
        let too_much = now.limit().is_some();
        steps.push(now);
        if too_much {
            break;
        }
    }
    let loaded = memory_kb(process)?;
    let each = |now: u64| now.saturating_sub(empty) as f64 / plan.sessions as f64;
    Ok(Report::new(
        plan.sessions,
        (each(connected), each(loaded)),
        rest,
        steps,
    ))
}

async fn step(pairs: &[Pair], load: f64, time: Duration, gateway: u32) -> Step {
    for pair in pairs {
        pair.work(load);
    }
    tokio::time::sleep(SETTLE).await;
    for pair in pairs {
        pair.tally();
    }
    let (cpu, own) = (cost::cpu_ms(gateway), cost::cpu_ms(std::process::id()));
    let began = Instant::now();
    tokio::time::sleep(time).await;
    let took = began.elapsed();
    let mut all = Tally::default();
    for pair in pairs {
        all.add(pair.tally());
    }
    let cores = |before: f64, now: f64| (now - before) / (1e3 * took.as_secs_f64());
    let used = cores(cpu, cost::cpu_ms(gateway));
    let generator = cores(own, cost::cpu_ms(std::process::id()));
    Step::of(pairs.len() as f64 * load, all, took, (used, generator))
}

/// Resident memory of a process.
fn memory_kb(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let number = number.context("the kernel says how much memory a process has")?;
    Ok(number.parse()?)
}
