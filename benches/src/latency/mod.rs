//! Key to decoded pixel, end to end through the product's own path. Owns the procedure and its report; the parts are real.

pub mod marker;
pub mod report;
pub mod scene;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use mayday_tests::gateway::Gateway;
use mayday_tests::process::program;
use mayday_viewer::Statistics;

use report::Cell;
use scene::{Arm, Scene};

/// Samples at the beginning that do not count: everything is cold.
const WARM_UP: usize = 20;

/// One arm's cell and the viewer's own figures.
pub struct Measured {
    pub cell: Cell,
    pub stages: Statistics,
}

/// Measures typing on the loopback interface, `n` samples for each arm, the arms taking turns.
///
/// # Errors
/// When a part does not do what it should.
pub fn typing(n: usize, out: &Path, mut progress: impl FnMut(&str)) -> Result<Vec<Measured>> {
    let logs = out.join("logs");
    std::fs::create_dir_all(&logs).with_context(|| out.display().to_string())?;
    let gateway = Gateway::start(&out.join("gateway"), &logs, Some(&program("mayday-sos")?))?;
    let owner = gateway.owner()?;
    let mut arms = Vec::new();
    for arm in [Arm::Ours, Arm::FullFrame] {
        progress(&format!("starting {}", arm.name()));
        let scene = Scene::start(&gateway, &owner, arm, &logs.join(arm.name()))?;
        arms.push((arm, scene, Vec::new()));
    }
    let mut gaps = Gaps(0x2545_f491_4f6c_dd1d);
    for sample in 0..n + WARM_UP {
        for (_, scene, samples) in &mut arms {
            std::thread::sleep(gaps.next());
            let latency = scene.press()?;
            if sample >= WARM_UP {
                samples.push(latency);
            }
        }
        if sample % 100 == 99 {
            progress(&format!("{} of {} samples", sample + 1, n + WARM_UP));
        }
    }
    Ok(arms
        .into_iter()
        .map(|(arm, scene, samples)| Measured {
            cell: Cell::of("lan", "type", arm.name(), &samples),
            stages: scene.statistics(),
        })
        .collect())
}

/// Random pauses between keys, 8-250 ms, the same in every run.
struct Gaps(u64);

impl Gaps {
    fn next(&mut self) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_millis(8 + self.0 % 243)
    }
}
