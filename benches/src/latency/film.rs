//! A moving picture beside the text: frames that ffmpeg made, played on a connection of its own.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateGCAux, Gcontext, ImageFormat, Window};
use x11rb::rust_connection::RustConnection;

use super::workload::FILM;

const PICTURES: usize = 50;
/// 25 pictures a second.
const PACE: Duration = Duration::from_millis(40);
/// Rows sent to the server at once.
const BAND: u16 = 40;

/// The film's switch.
#[derive(Clone, Debug, Default)]
pub struct Switch(Arc<AtomicBool>);

impl Switch {
    pub fn set(&self, plays: bool) {
        self.0.store(plays, Ordering::Relaxed);
    }

    fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Makes the film and plays it in `window` whenever the switch is on, until the X server goes.
///
/// # Errors
/// When there is no ffmpeg, or no such display.
pub fn show(display: &str, window: Window, switch: Switch) -> Result<()> {
    let (.., width, height) = FILM;
    let pictures = flight((width, height), (width, height), PICTURES)?;
    let (x, _) = RustConnection::connect(Some(display))?;
    let pen = x.generate_id()?;
    x.create_gc(pen, window, &CreateGCAux::new().graphics_exposures(0))?;
    let pixmaps = keep(&x, window, pen, &pictures, (width, height))?;
    std::thread::Builder::new()
        .name("film".to_owned())
        .spawn(move || {
            // It ends with its X server.
            let _ = play(&x, window, pen, &pixmaps, &switch);
        })?;
    Ok(())
}

fn play(
    x: &RustConnection,
    window: Window,
    pen: Gcontext,
    pixmaps: &[u32],
    switch: &Switch,
) -> Result<()> {
    let (left, top, width, height) = FILM;
    let mut next = Instant::now();
    for pixmap in pixmaps.iter().cycle() {
        while !switch.is_on() {
            std::thread::sleep(PACE);
            next = Instant::now();
        }
        let (left, top) = (left as i16, top as i16);
        x.copy_area(*pixmap, window, pen, 0, 0, left, top, width, height)?;
        x.flush()?;
        next += PACE;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(())
}

/// Pictures of this size, kept by the X server.
///
/// # Errors
/// When it is gone.
pub fn keep(
    x: &RustConnection,
    window: Window,
    pen: Gcontext,
    pictures: &[u8],
    (width, height): (u16, u16),
) -> Result<Vec<u32>> {
    let band = usize::from(width) * usize::from(BAND) * 4;
    let mut pixmaps = Vec::new();
    for picture in pictures.chunks(bytes((width, height))) {
        let pixmap = x.generate_id()?;
        x.create_pixmap(24, pixmap, window, width, height)?;
        for (at, rows) in picture.chunks(band).enumerate() {
            let (form, top) = (ImageFormat::Z_PIXMAP, at as i16 * BAND as i16);
            x.put_image(form, pixmap, pen, width, BAND, 0, top, 0, 24, rows)?;
        }
        pixmaps.push(pixmap);
    }
    x.get_input_focus()?.reply()?;
    Ok(pixmaps)
}

/// A flight into the Mandelbrot set, computed at one size and scaled to the other, as BGRX.
///
/// # Errors
/// When there is no ffmpeg.
pub fn flight(computed: (u16, u16), shown: (u16, u16), pictures: usize) -> Result<Vec<u8>> {
    let ((width, height), (across, down)) = (computed, shown);
    let source =
        format!("mandelbrot=size={width}x{height}:rate=25:end_pts=100,scale={across}:{down}");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", &source, "-frames:v"])
        .arg(pictures.to_string())
        .args(["-pix_fmt", "bgr0", "-f", "rawvideo", "-"])
        .stdin(Stdio::null())
        .output()
        .context("the film is made by ffmpeg; `cargo xtask setup` says how to install it")?;
    if output.stdout.len() != pictures * bytes(shown) {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("ffmpeg did not make the film: {said}");
    }
    Ok(output.stdout)
}

/// Of one picture.
fn bytes((width, height): (u16, u16)) -> usize {
    usize::from(width) * usize::from(height) * 4
}
