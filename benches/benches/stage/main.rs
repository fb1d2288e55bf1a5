//! Stage by stage from a changed pixel to a decoded one, on a real X server with rendered text, at 1080p and in part at 4K.
//!
//! First a table per content and arm (median and 95th percentile of each stage, bytes, quality), then criterion's statistics of the
//! agent's whole path (notice, grab, compare, convert, encode). All arms run in turn in one process, so their ratios survive a busy machine.
//! With `--sweep`: the heights of stripes instead, and nothing else.

use std::time::Duration;

use criterion::Criterion;

use self::arm::{Arm, Kind, Stages};
use self::desktop::{Content, Desktop};

mod arm;
mod desktop;
mod quality;
mod sweep;
mod x264;

/// Of all arms.
const QP: u8 = 24;
/// Updates of each content in a row of the table.
const UPDATES: usize = 120;
const UPDATES_ON_4K: usize = 40;
/// Of these x264 codes the last.
const SCREENS: usize = 16;
const HD: (u16, u16) = (1920, 1080);
const UHD: (u16, u16) = (3840, 2160);

fn main() {
    let asked = |option: &str| std::env::args().any(|argument| argument == option);
    let quick = asked("--test");
    if asked("--sweep") {
        return sweep::heights(if quick { 3 } else { UPDATES });
    }
    println!(
        "| screen | content | arm | grab ms | moves ms | convert ms | encode ms | all, CPU ms | decode + draw ms | bytes | PSNR Y / CbCr dB | SSIM Y / CbCr |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    table(UHD, &Content::ON_4K, if quick { 3 } else { UPDATES_ON_4K });
    let desktop = table(HD, &Content::ALL, if quick { 3 } else { UPDATES });
    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    for content in Content::ALL {
        agent_path(&mut criterion, &desktop, content);
    }
    criterion.final_summary();
}

/// Measures these on a fresh screen of this size, which is then the one of the environment.
fn table(size: (u16, u16), contents: &[Content], updates: usize) -> Desktop {
    let desktop = screen(size);
    for content in contents {
        for (arm, row) in rows(&desktop, size, *content, updates) {
            println!("| {}x{} | {content:?} | {arm} | {row} |", size.0, size.1);
        }
    }
    desktop
}

/// A fresh screen, which is then the one of the environment.
fn screen(size: (u16, u16)) -> Desktop {
    let desktop = Desktop::start(size.0, size.1);
    // SAFETY: no other thread reads the environment now: the encoders' own never do. scrap finds its display there.
    unsafe { std::env::set_var("DISPLAY", desktop.display()) };
    desktop
}

/// The arms take turns update by update.
fn rows(
    desktop: &Desktop,
    size: (u16, u16),
    content: Content,
    updates: usize,
) -> Vec<(String, String)> {
    desktop.paint_page(0);
    let mut arms: Vec<(Arm, Vec<Stages>)> = Kind::ALL
        .map(|kind| (Arm::start(kind), Vec::new()))
        .into_iter()
        .collect();
    let mut screens = Vec::new();
    for step in 0..updates {
        desktop.paint(content, step);
        for (arm, stages) in &mut arms {
            stages.push(arm.update());
        }
        if step + SCREENS >= updates {
            screens.push(arms[0].0.screen().0.clone());
        }
    }
    let summed = arms
        .iter()
        .map(|(arm, stages)| (arm.kind().to_string(), row(arm, stages)));
    let mut all: Vec<_> = summed.collect();
    let damage = &arms[0].0.screen().1;
    if let Some(other) = x264::code(&screens, size, damage) {
        let row = format!(
            "- | - | - | - | {:.1} | - | {:.0} | {}",
            other.cpu_ms, other.bytes, other.quality
        );
        all.push(("x264 (ffmpeg), full frame".to_owned(), row));
    }
    all
}

fn row(arm: &Arm, stages: &[Stages]) -> String {
    let times = |of: fn(&Stages) -> Duration| times(stages, of);
    let bytes = stages.iter().map(|s| s.bytes).sum::<usize>() / stages.len();
    format!(
        "{} | {} | {} | {} | {} | {} | {bytes} | {}",
        times(|s| s.grab),
        times(|s| s.moves),
        times(|s| s.convert),
        times(|s| s.encode),
        times(|s| s.processor),
        times(|s| s.decode),
        arm.quality(),
    )
}

/// Median and 95th percentile, milliseconds.
fn times(stages: &[Stages], of: impl Fn(&Stages) -> Duration) -> String {
    let mut times: Vec<f64> = stages.iter().map(|s| of(s).as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let p95 = times[(times.len() * 95 / 100).min(times.len() - 1)];
    format!("{:.3} / {:.3}", times[times.len() / 2], p95)
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
