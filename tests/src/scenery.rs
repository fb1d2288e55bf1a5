//! What is hard to show exactly, on an end user's screen: text to type into and to scroll, thin red letters on blue, a gradient, a
//! photograph. Owns how they look and where they stand, and expects nothing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ConnectionExt as _, CreateGCAux, CreateWindowAux, ImageFormat, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use crate::desktop::{Area, Desktop};
use crate::process::Running;
use crate::wait;

/// How long an application may take to show itself.
const PATIENCE: Duration = Duration::from_secs(20);
/// Odd, so that no edge lies on the grid of any coding.
const PHOTOGRAPH: Area = Area {
    x: 873,
    y: 431,
    width: 347,
    height: 263,
};
/// Ground and letters: not quite white, and what half the colours' resolution shows worst.
const PAPER: [&str; 2] = ["#f4f1e8", "black"];
const ALARM: [&str; 2] = ["#0000ff", "#ff0000"];
/// All colours of a terminal, under and in the letters.
const RAINBOW: &str = "i=16; while [ $i -lt 232 ]; do printf '\\033[48;5;%dm\\033[38;5;%dm%03d' $i $((248 - i)) $i; i=$((i + 1)); done; exec sleep 1000";
const WARNING: &str = "seq -s ' ' 1 300; exec sleep 1000";
/// Lines of the text to read.
const LINES: usize = 2000;
const WORDS: [&str; 16] = [
    "printer", "cable", "driver", "update", "the", "of", "paper", "office", "window", "is",
    "under", "not", "found", "please", "again", "9.41",
];

/// The applications, stopped when dropped.
pub struct Scenery {
    /// Where what is typed ends up, line by line.
    pub typed: PathBuf,
    _terminals: [Running; 4],
    _photograph: Photograph,
}

impl Scenery {
    /// Shows everything on this display; files go to `folder`.
    ///
    /// # Errors
    /// When a part does not show itself.
    pub fn show(display: &str, folder: &Path) -> Result<Self> {
        let (typed, text) = (folder.join("typed.txt"), folder.join("text.txt"));
        std::fs::write(&text, prose())?;
        let logs = folder.join("logs");
        let terminal = |name: &str, geometry: &str, [paper, ink]: [&str; 2], what: &str| {
            let mut command = Command::new("xterm");
            command
                .args([
                    "-title",
                    name,
                    "-geometry",
                    geometry,
                    "-bg",
                    paper,
                    "-fg",
                    ink,
                ])
                // The wheel reads on.
                .args(["-xrm", "*alternateScroll: true", "-e", "sh", "-c", what])
                .env("DISPLAY", display);
            Running::start(command, name, &logs)
        };
        let writing = format!("seq 1 3; cat > {}", typed.display());
        let reading = format!("less {}", text.display());
        let terminals = [
            terminal("writing", "80x10+40+60", PAPER, &writing)?,
            terminal("reading", "110x30+40+260", PAPER, &reading)?,
            terminal("rainbow", "54x13+640+60", PAPER, RAINBOW)?,
            terminal("warning", "40x9-20+60", ALARM, WARNING)?,
        ];
        let photograph = Photograph::hang(display, PHOTOGRAPH)?;
        let desktop = Desktop::open(display)?;
        for name in ["writing", "reading", "rainbow", "warning"] {
            desktop.window(name, PATIENCE)?;
        }
        still(&desktop)?;
        Ok(Self {
            typed,
            _terminals: terminals,
            _photograph: photograph,
        })
    }
}

/// Waits until nothing on the screen moves.
///
/// # Errors
/// When something always does.
pub fn still(desktop: &Desktop) -> Result<()> {
    let mut before = desktop.screenshot()?;
    wait::until("a screen at rest", PATIENCE, || {
        std::thread::sleep(Duration::from_millis(250));
        let now = desktop.screenshot()?;
        let is_still = now == before;
        before = now;
        Ok(is_still.then_some(()))
    })
}

fn prose() -> String {
    let mut text = String::new();
    let mut random = 7_u32;
    for line in 0..LINES {
        let _ = write!(text, "{line:4}");
        for _ in 0..14 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let _ = write!(text, " {}", WORDS[(random >> 20) as usize % WORDS.len()]);
        }
        text.push('\n');
    }
    text
}

/// A window with a picture as its background, so that the X server itself paints it whenever it is uncovered.
struct Photograph {
    _x: RustConnection,
}

impl Photograph {
    fn hang(display: &str, area: Area) -> Result<Self> {
        let (x, screen) = RustConnection::connect(Some(display))
            .with_context(|| format!("cannot connect to display {display}"))?;
        let root = x.setup().roots[screen].root;
        let [pixmap, window, pen] = [(); 3].map(|()| x.generate_id());
        let (pixmap, window, pen) = (pixmap?, window?, pen?);
        let Area { width, height, .. } = area;
        x.create_pixmap(24, pixmap, root, width, height)?;
        x.create_gc(pen, pixmap, &CreateGCAux::new())?;
        // Row by row: the whole is more than an X server takes in one request.
        for row in 0..height {
            let pixels: Vec<u8> = (0..width)
                .flat_map(|column| pixel(area, column, row))
                .collect();
            let top = i16::try_from(row)?;
            x.put_image(
                ImageFormat::Z_PIXMAP,
                pixmap,
                pen,
                width,
                1,
                0,
                top,
                0,
                24,
                &pixels,
            )?;
        }
        let look = CreateWindowAux::new()
            .background_pixmap(pixmap)
            .override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        x.create_window(
            0, window, root, area.x, area.y, width, height, 0, class, 0, &look,
        )?;
        x.map_window(window)?;
        x.get_input_focus()?.reply()?;
        Ok(Self { _x: x })
    }
}

/// BGRX. The upper third is a gradient in all three colours; below, soft shapes with the grain of a real sensor.
fn pixel(area: Area, column: u16, row: u16) -> [u8; 4] {
    let (x, y) = (
        f64::from(column) / f64::from(area.width),
        f64::from(row) / f64::from(area.height),
    );
    let byte = |value: f64| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    if y < 1.0 / 3.0 {
        return [byte(1.0 - x), byte(3.0 * y), byte(x), 0];
    }
    let shape = |along: f64, across: f64, phase: f64| {
        0.5 + 0.3 * (along * x + phase).sin() * (across * y + phase * 2.0).cos()
    };
    let noise = (u32::from(column).wrapping_mul(2_654_435_761)
        ^ u32::from(row).wrapping_mul(2_246_822_519))
    .wrapping_mul(3_266_489_917);
    let grain = f64::from(noise >> 24) / 255.0 * 0.06 - 0.03;
    let [blue, green, red] = [
        shape(7.0, 5.0, 0.3),
        shape(9.0, 11.0, 1.7),
        shape(4.0, 6.0, 2.9),
    ]
    .map(|value| byte(value + grain));
    [blue, green, red, 0]
}
