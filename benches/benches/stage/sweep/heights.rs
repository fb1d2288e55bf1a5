//! How high stripes should be: the same work coded and decoded in stripes of every height that comes into question, in turn, in one run.
//! Only stripes: small changes and text go as tiles, which do not know them.

use crate::arm::Arm;
use crate::desktop::{Content, Desktop};
use crate::stages::{Stages, mean, times};

use super::CONTENTS;

/// Rows; the last two are one stripe a core of the machine that this is measured on, and one picture for all.
const HEIGHTS: [u16; 7] = [64, 96, 144, 192, 272, 544, 1088];
/// Prints the table.
pub fn table(desktop: &Desktop, updates: usize) {
    println!(
        "| content | rows | convert + encode ms | decode + draw ms | agent, CPU ms | calls | bytes |"
    );
    println!("|---|---|---|---|---|---|---|");
    for content in CONTENTS {
        for (height, stages) in measured(desktop, content, updates) {
            println!(
                "| {content:?} | {height} | {} | {} | {} | {:.1} | {:.0} |",
                times(&stages, |s| s.convert + s.encode),
                times(&stages, |s| s.decode + s.draw),
                times(&stages, |s| s.processor),
                mean(&stages, |s| s.stripes),
                mean(&stages, |s| s.bytes),
            );
        }
    }
}

/// The heights take turns update by update.
fn measured(desktop: &Desktop, content: Content, updates: usize) -> Vec<(u16, Vec<Stages>)> {
    desktop.paint_page(0);
    let start = |height| {
        let arm = Arm::of_stripes(height);
        (height, arm, Vec::with_capacity(updates))
    };
    let mut arms = HEIGHTS.map(start);
    for step in 0..updates {
        desktop.paint(content, step);
        for (_, arm, stages) in &mut arms {
            stages.push(arm.update());
        }
    }
    arms.map(|(height, _, stages)| (height, stages)).into()
}
