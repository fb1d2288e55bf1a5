//! Stage by stage from a changed pixel to a drawn one, on a real X server with rendered text, at 1080p and in part at 4K. Owns what is
//! run when; all arms run in turn in one process, so their ratios survive a busy machine.
//!
//! First a table per content and arm (median and 95th percentile of each stage, bytes, quality), then criterion's statistics; with
//! `--table` or `--criterion` one of them alone. `--sweep`: what stripes and encoders could be like. `--browser`: formats of tiles in Chromium.

use mayday_benches::latency::report::{commit, machine};

use self::desktop::{Content, Desktop};

mod arm;
mod desktop;
mod formats;
mod quality;
mod stages;
mod statistics;
mod sweep;
mod table;
mod wire;
mod x264;

/// Of all arms.
const QP: u8 = 24;
/// Updates of each content in a row of the table.
const UPDATES: usize = 100;
const UPDATES_ON_4K: usize = 40;
const UPDATES_OF_A_SWEEP: usize = 60;
const FEW: usize = 3;
const HD: (u16, u16) = (1920, 1080);
const UHD: (u16, u16) = (3840, 2160);

fn main() {
    let asked = |option: &str| std::env::args().any(|argument| argument == option);
    let few = |updates| if asked("--test") { FEW } else { updates };
    println!("Commit {}; {}.\n", commit(), machine());
    if asked("--browser") {
        return formats::compare(few(formats::ROUNDS));
    }
    if asked("--sweep") {
        return sweep::all(few(UPDATES_OF_A_SWEEP));
    }
    if !asked("--criterion") {
        table::head();
        table::rows(&screen(HD), HD, &Content::ALL, few(UPDATES));
        table::rows(&screen(UHD), UHD, &Content::ON_4K, few(UPDATES_ON_4K));
    }
    if !asked("--table") {
        let mut criterion = statistics::criterion(!asked("--criterion"));
        statistics::measure(&mut criterion, &screen(HD), HD.1, &Content::ALL);
        statistics::measure(&mut criterion, &screen(UHD), UHD.1, &Content::ON_4K);
        criterion.final_summary();
    }
}

/// A fresh screen, which is then the one of the environment.
fn screen(size: (u16, u16)) -> Desktop {
    let desktop = Desktop::start(size.0, size.1);
    // SAFETY: no other thread reads the environment now: the encoders' own never do. scrap finds its display there.
    unsafe { std::env::set_var("DISPLAY", desktop.display()) };
    desktop
}
