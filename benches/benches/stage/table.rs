//! The table of all stages, contents and arms, in Markdown, to stand in docs/performance/stage.md as it is. Owns its columns.

use super::arm::{Arm, Kind};
use super::desktop::{Content, Desktop};
use super::stages::{Stages, mean, times};
use super::x264;

/// Of these x264 codes the last.
const SCREENS: usize = 16;

pub fn head() {
    println!(
        "| screen | content | arm | grab ms | compare ms | convert ms | encode ms | packetise ms | agent, CPU ms | decode ms | draw ms | bytes | PSNR Y / CbCr dB | SSIM Y / CbCr |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
}

/// Prints the rows of these contents.
pub fn rows(desktop: &Desktop, size: (u16, u16), contents: &[Content], updates: usize) {
    for content in contents {
        for (arm, row) in arms(desktop, size, *content, updates) {
            println!("| {}x{} | {content:?} | {arm} | {row} |", size.0, size.1);
        }
    }
}

/// The arms take turns update by update.
fn arms(
    desktop: &Desktop,
    size: (u16, u16),
    content: Content,
    updates: usize,
) -> Vec<(String, String)> {
    desktop.paint_page(0);
    let mut arms = Kind::ALL.map(|kind| (Arm::start(kind), Vec::new()));
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
    // The same pixels for all, also for those that grab the whole screen.
    let damage = &arms[0].0.screen().1;
    let ours = arms.iter().map(|(arm, stages)| {
        let row = format!("{} | {}", costs(stages), arm.quality(damage));
        (arm.kind().to_string(), row)
    });
    let mut all: Vec<_> = ours.collect();
    if let Some(other) = x264::code(&screens, size, damage) {
        let row = format!(
            "- | - | - | - | - | {:.1} | - | - | {:.0} | {}",
            other.cpu_ms, other.bytes, other.quality
        );
        all.push(("x264 (ffmpeg), full frame".to_owned(), row));
    }
    all
}

fn costs(stages: &[Stages]) -> String {
    let [grab, compare, convert, encode, packetise, decode, draw] =
        Stages::SINGLE.map(|(_, of)| times(stages, of));
    let agent = times(stages, |s| s.processor);
    let bytes = mean(stages, |s| s.bytes);
    format!(
        "{grab} | {compare} | {convert} | {encode} | {packetise} | {agent} | {decode} | {draw} | {bytes:.0}"
    )
}
