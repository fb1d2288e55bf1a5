//! What stripes and their encoders could be like: other heights, other widths, other options, each with the same work in the same run.
//! Only pictures: text and small changes go as tiles, which know no stripes.

use std::time::Duration;

use mayday_codec::open_x11;

use super::desktop::{Content, Desktop};
use super::{HD, screen};
use grid::{Costs, Grid, Setting};

mod grid;
mod heights;

const LONG: Duration = Duration::from_secs(5);
const CONTENTS: [Content; 4] = [
    Content::Typing,
    Content::Scroll,
    Content::NewPage,
    Content::Video,
];

/// Prints all tables.
pub fn all(updates: usize) {
    let desktop = screen(HD);
    println!("Heights of stripes:\n");
    heights::table(&desktop, updates);
    println!("\nWidths of stripes of 144 rows (one thread):\n");
    table(&desktop, updates, &Setting::widths());
    println!("\nOptions of the encoder, in stripes of 1920x144 (one thread):\n");
    table(&desktop, updates, &Setting::options());
}

fn table(desktop: &Desktop, updates: usize, settings: &[Setting]) {
    println!("| content | stripes | encode ms | decode ms | calls | bytes | PSNR Y dB |");
    println!("|---|---|---|---|---|---|---|");
    for content in CONTENTS {
        for (setting, costs, psnr) in measured(desktop, content, updates, settings) {
            println!("| {content:?} | {} | {costs} | {psnr:.1} |", setting.name);
        }
    }
}

/// The settings take turns update by update, on the same frames.
fn measured<'a>(
    desktop: &Desktop,
    content: Content,
    updates: usize,
    settings: &'a [Setting],
) -> Vec<(&'a Setting, Costs, f64)> {
    desktop.paint_page(0);
    let mut capture = open_x11(None).expect("the desktop runs");
    let size = capture.size();
    let mut grids: Vec<_> = settings.iter().map(|one| Grid::new(size, one)).collect();
    let mut costs: Vec<_> = settings.iter().map(|_| Costs::default()).collect();
    for step in 0..=updates {
        capture.wait(LONG).expect("the desktop runs");
        let frame = capture.grab().expect("the desktop runs");
        for (grid, costs) in grids.iter_mut().zip(&mut costs) {
            let cost = grid.code(&frame);
            // The first is the whole screen, as key pictures.
            if step > 0 {
                costs.add(cost);
            }
        }
        if step < updates {
            desktop.paint(content, step);
        }
    }
    let quality = grids.iter().map(Grid::psnr);
    let all = settings.iter().zip(costs).zip(quality);
    all.map(|((setting, costs), psnr)| (setting, costs, psnr))
        .collect()
}
