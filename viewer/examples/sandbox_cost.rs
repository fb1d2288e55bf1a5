//! What the decoder's cage costs per update: the same pictures decoded here and in the cage, in turns.
//! `cargo run --release -p mayday-viewer --example sandbox_cost -- target/release/mayday-viewer`

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use mayday_codec::{Canvas, Encoded, Frame, Part, Rect, ScreenDecoder, Size, StripeEncoder};
use mayday_viewer::sandbox::Decoder;

const SIZE: Size = Size {
    width: 1920,
    height: 1080,
};
const ROUNDS: usize = 400;

fn main() -> Result<()> {
    let program: PathBuf = std::env::args_os()
        .nth(1)
        .context("say where mayday-viewer is")?
        .into();
    let whole = Rect::new(0, 0, SIZE.width, SIZE.height);
    for (name, rect, rounds) in [
        ("a glyph", Rect::new(600, 300, 9, 16), ROUNDS),
        ("a dialog", Rect::new(600, 300, 400, 300), ROUNDS),
        ("the whole screen", whole, ROUNDS / 10),
    ] {
        measure(&program.canonicalize()?, name, rect, rounds)?;
    }
    Ok(())
}

fn measure(program: &std::path::Path, name: &str, rect: Rect, rounds: usize) -> Result<()> {
    let mut encoder = StripeEncoder::new(SIZE, 144)?;
    let mut here = ScreenDecoder::new(encoder.layout());
    let mut caged = Decoder::start(program)?;
    caged.begin(encoder.layout())?;
    let mut canvas = Canvas::new(SIZE);
    let mut pixels = vec![255; SIZE.area() as usize * 4];
    let (mut times_here, mut times_caged) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let damage = [if round == 0 { SIZE.rect() } else { rect }];
        paint(&mut pixels, damage[0], round as u32);
        let frame = Frame {
            pixels: &pixels,
            stride: usize::from(SIZE.width) * 4,
            size: SIZE,
            damage: &damage,
            noticed_at: Instant::now(),
            grab: Duration::ZERO,
        };
        let encoded = encoder.encode(&frame, &damage, 24)?;
        let parts = parts(&encoded);
        let began = Instant::now();
        here.show(&parts);
        times_here.push(began.elapsed());
        let began = Instant::now();
        caged.show(&parts, &mut canvas)?;
        times_caged.push(began.elapsed());
    }
    ensure!(canvas.pixels() == here.canvas().pixels(), "they differ");
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e3
    };
    let (here, caged) = (median(&mut times_here), median(&mut times_caged));
    println!("{name}: {here:.3} ms here, {caged:.3} ms caged (medians of {rounds})");
    Ok(())
}

/// Strokes that differ from round to round.
fn paint(pixels: &mut [u8], rect: Rect, round: u32) {
    let mut state = round.wrapping_mul(747_796_405).wrapping_add(1);
    for y in rect.y..rect.bottom() {
        for x in rect.x..rect.right() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (usize::from(y) * usize::from(SIZE.width) + usize::from(x)) * 4;
            let ink = state >> 28 == 0 || (x / 2 + y) % 11 == 0;
            pixels[at..at + 3].fill(if ink { 0 } else { 255 });
        }
    }
}

fn parts(encoded: &Encoded) -> Vec<Part<'_>> {
    encoded
        .stripes
        .iter()
        .map(|stripe| Part {
            index: stripe.index,
            draw: stripe.draw.clone(),
            data: &stripe.data,
        })
        .collect()
}
