//! Stage by stage from a changed pixel to a decoded one, on a real X server at 1080p with rendered text.
//!
//! First a table per content and arm (median and 95th percentile of each stage, bytes, PSNR), then criterion's statistics of the
//! agent's whole path (notice, grab, compare, convert, encode). All arms run in turn in one process, so their ratios survive a busy machine.

use std::time::Duration;

use criterion::Criterion;

use self::arm::{Arm, Kind, Stages};
use self::desktop::{Content, Desktop};

mod arm;
mod desktop;

/// Updates of each content in a row of the table.
const UPDATES: usize = 150;

fn main() {
    let desktop = Desktop::start();
    // SAFETY: no other thread exists yet. scrap finds its display in the environment.
    unsafe { std::env::set_var("DISPLAY", desktop.display()) };
    let quick = std::env::args().any(|argument| argument == "--test");
    let updates = if quick { 3 } else { UPDATES };
    println!(
        "| content | arm | grab ms | moves ms | convert ms | encode ms | all, CPU ms | decode + draw ms | bytes | PSNR-Y dB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for content in Content::ALL {
        for (kind, row) in rows(&desktop, content, updates) {
            println!("| {content:?} | {kind} | {row} |");
        }
    }
    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    for content in Content::ALL {
        agent_path(&mut criterion, &desktop, content);
    }
    criterion.final_summary();
}

/// The arms take turns update by update.
fn rows(desktop: &Desktop, content: Content, updates: usize) -> Vec<(Kind, String)> {
    desktop.paint_page(0);
    let mut arms: Vec<(Arm, Vec<Stages>)> = Kind::ALL
        .map(|kind| (Arm::start(kind), Vec::new()))
        .into_iter()
        .collect();
    for step in 0..updates {
        desktop.paint(content, step);
        for (arm, stages) in &mut arms {
            stages.push(arm.update());
        }
    }
    let summed = arms
        .iter()
        .map(|(arm, stages)| (arm.kind(), row(arm, stages)));
    summed.collect()
}

fn row(arm: &Arm, stages: &[Stages]) -> String {
    let times = |of: fn(&Stages) -> Duration| {
        let mut times: Vec<f64> = stages.iter().map(|s| of(s).as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        let p95 = times[(times.len() * 95 / 100).min(times.len() - 1)];
        format!("{:.3} / {:.3}", times[times.len() / 2], p95)
    };
    let bytes = stages.iter().map(|s| s.bytes).sum::<usize>() / stages.len();
    format!(
        "{} | {} | {} | {} | {} | {} | {bytes} | {:.1}",
        times(|s| s.grab),
        times(|s| s.moves),
        times(|s| s.convert),
        times(|s| s.encode),
        times(|s| s.processor),
        times(|s| s.decode),
        arm.quality(),
    )
}

fn agent_path(criterion: &mut Criterion, desktop: &Desktop, content: Content) {
    let mut group = criterion.benchmark_group(format!("agent/{content:?}"));
    for kind in Kind::ALL {
        desktop.paint_page(0);
        let mut arm = Arm::start(kind);
        let mut step = 0;
        group.bench_function(kind.to_string(), |bencher| {
            bencher.iter_custom(|updates| {
                let mut total = Duration::ZERO;
                for _ in 0..updates {
                    desktop.paint(content, step);
                    step += 1;
                    total += arm.update().agent;
                }
                total
            });
        });
    }
    group.finish();
}
