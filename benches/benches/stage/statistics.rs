//! Criterion's statistics: each stage of our own way, and each arm's sides as a whole. Owns how long criterion may take.

use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, SamplingMode, measurement::WallTime};

use super::arm::{Arm, Kind};
use super::desktop::{Content, Desktop};
use super::stages::{Stage, Stages};

const SAMPLES: usize = 10;
/// Updates that tell which stages there are.
const TRIALS: usize = 3;

/// So short that all of it fits into some minutes, unless the command line, if it `has_options` of criterion's, says otherwise.
pub fn criterion(has_options: bool) -> Criterion {
    let short = Criterion::default()
        .sample_size(SAMPLES)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400));
    match has_options {
        true => short.configure_from_args(),
        false => short,
    }
}

/// These contents on this screen, which is the one of the environment.
pub fn measure(criterion: &mut Criterion, desktop: &Desktop, rows: u16, contents: &[Content]) {
    for content in contents {
        let mut group = criterion.benchmark_group(format!("{content:?} {rows}"));
        group.sampling_mode(SamplingMode::Flat);
        for kind in Kind::ALL {
            arm(&mut group, desktop, *content, kind);
        }
        group.finish();
    }
}

fn arm(group: &mut BenchmarkGroup<'_, WallTime>, desktop: &Desktop, content: Content, kind: Kind) {
    desktop.paint_page(0);
    let (mut arm, mut step) = (Arm::start(kind), 0);
    let mut next = || {
        desktop.paint(content, step);
        step += 1;
        arm.update()
    };
    let trials = [(); TRIALS].map(|()| next());
    let single: &[Stage] = match kind {
        Kind::Ours => &Stages::SINGLE,
        _ => &[],
    };
    // One that has nothing to do here has no time either.
    let single = single
        .iter()
        .filter(|(_, of)| trials.iter().any(|update| !of(update).is_zero()));
    for (name, of) in single.chain(&Stages::SIDES) {
        group.bench_function(format!("{kind}/{name}"), |bencher| {
            bencher.iter_custom(|updates| (0..updates).map(|_| of(&next())).sum());
        });
    }
}
