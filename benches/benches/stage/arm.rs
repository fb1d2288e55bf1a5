//! One way to get from the screen to coded bytes and back. Owns capture, encoder and a viewer without a network.

use std::fmt;
use std::time::{Duration, Instant};

use mayday_codec::{
    Capture, DEFAULT_STRIPE_HEIGHT, Frame, MoveFinder, Part, Rect, ScreenDecoder, StripeEncoder,
    open_scrap, open_x11, tile,
};

use super::QP;
use super::quality::{Compared, Quality};

/// An area of this side is text or a picture, as the agent has it.
const AREA: u16 = 64;
/// In 256 pixels of text, fewer than so many differ from both the one before and the one above.
const BUSY: usize = 88;
/// Wider tiles are hardly smaller.
const TILE_WIDTH: u16 = 1024;
const LONG: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// XDamage, moves as copies, text as lossless tiles, the rest as stripes of which damaged macroblocks are coded.
    Ours,
    /// The same with text as stripes, too.
    Stripes,
    /// The whole screen grabbed, converted and coded as one picture by the same encoder, as is usual.
    FullFrame,
    /// scrap's polling capture with compared tiles, then our stripes.
    Scrap,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Ours, Self::Stripes, Self::FullFrame, Self::Scrap];
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ours => "ours",
            Self::Stripes => "ours, stripes only",
            Self::FullFrame => "full frame",
            Self::Scrap => "scrap capture",
        })
    }
}

/// What one update took and weighed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stages {
    pub grab: Duration,
    /// Comparing with the last screen.
    pub moves: Duration,
    pub convert: Duration,
    pub encode: Duration,
    pub decode: Duration,
    /// From asking for the change to its coded bytes.
    pub agent: Duration,
    /// What the processor worked for it, on all threads: steadier than time where others work too.
    pub processor: Duration,
    pub bytes: usize,
    /// Stripes that were coded: as many calls of an encoder, and of a decoder.
    pub stripes: usize,
}

pub struct Arm {
    kind: Kind,
    capture: Box<dyn Capture>,
    finder: Option<MoveFinder>,
    encoder: StripeEncoder,
    viewer: ScreenDecoder,
    /// The screen as it was last grabbed, and what of it was damaged.
    last: (Vec<u8>, Vec<Rect>),
}

impl Arm {
    /// Opens the display of the environment and shows the first picture.
    pub fn start(kind: Kind) -> Self {
        Self::with_stripes(kind, DEFAULT_STRIPE_HEIGHT)
    }

    /// With stripes of this many rows, if it has stripes.
    pub fn with_stripes(kind: Kind, height: u16) -> Self {
        let capture = match kind {
            Kind::Ours | Kind::Stripes | Kind::FullFrame => open_x11(None),
            Kind::Scrap => open_scrap(),
        };
        let capture = capture.expect("the desktop runs");
        let size = capture.size();
        let stripe_height = match kind {
            Kind::Ours | Kind::Stripes | Kind::Scrap => height,
            Kind::FullFrame => size.height.next_multiple_of(16),
        };
        let encoder = StripeEncoder::new(size, stripe_height).expect("a usual screen");
        let viewer = ScreenDecoder::new(encoder.layout());
        let mut arm = Self {
            kind,
            capture,
            finder: matches!(kind, Kind::Ours | Kind::Stripes).then(|| MoveFinder::new(size)),
            encoder,
            viewer,
            last: (Vec::new(), Vec::new()),
        };
        arm.update();
        arm
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Takes what was painted since the last time all the way.
    pub fn update(&mut self) -> Stages {
        let (started, worked) = (Instant::now(), processor_time());
        self.capture.wait(LONG).expect("the desktop runs");
        let noticed = Instant::now();
        if self.kind == Kind::FullFrame {
            self.capture.damage_all();
        }
        let frame = self.capture.grab().expect("the desktop runs");
        let grabbed = Instant::now();
        let moved = self
            .finder
            .as_mut()
            .map(|finder| finder.find(&frame, frame.damage));
        let compared = Instant::now();
        let (moves, rest) = match &moved {
            Some(moved) => (&moved.moves[..], &moved.rest[..]),
            None => (&[][..], frame.damage),
        };
        if let Some(moved) = &moved {
            self.encoder.touch(moved.stripes(&self.encoder.layout()));
        }
        if let Some(finder) = &mut self.finder {
            finder.sent(rest.iter().copied());
        }
        let (text, rest) = match self.kind {
            Kind::Ours => text_and_rest(&frame, rest),
            Kind::Stripes | Kind::FullFrame | Kind::Scrap => (Vec::new(), rest.to_vec()),
        };
        let tiling = Instant::now();
        let tiles: Vec<(Vec<u8>, Rect)> = tile::encode_all(frame.pixels, frame.stride, &text)
            .into_iter()
            .zip(&text)
            .map(|(tile, rect)| (tile.expect("a tile's size"), *rect))
            .collect();
        let tiled = tiling.elapsed();
        let encoded = self
            .encoder
            .encode(&frame, &rest, QP)
            .expect("the encoder works");
        let agent = started.elapsed();
        let processor = processor_time() - worked;
        let looking = match self.kind {
            Kind::Scrap => noticed - started, // it grabs and compares while it waits
            Kind::Ours | Kind::Stripes | Kind::FullFrame => Duration::ZERO,
        };
        self.last = (frame.pixels.to_vec(), frame.damage.to_vec());
        let decoding = Instant::now();
        for step in moves {
            self.viewer.canvas_mut().copy(step.source, step.x, step.y);
        }
        let parts: Vec<Part<'_>> = encoded
            .stripes
            .iter()
            .map(|stripe| Part {
                index: stripe.index,
                draw: stripe.draw.clone(),
                data: &stripe.data,
            })
            .collect();
        assert!(self.viewer.show(&parts).failed.is_empty(), "our own stream");
        let coded: Vec<_> = tiles.iter().map(|(tile, at)| (&tile[..], *at)).collect();
        for (pixels, rect) in tile::decode_all(&coded).into_iter().zip(&text) {
            let pixels = pixels.expect("our own tile");
            self.viewer.canvas_mut().put(*rect, &pixels, *rect);
        }
        let in_tiles: usize = tiles.iter().map(|(tile, _)| tile.len()).sum();
        let in_stripes: usize = encoded.stripes.iter().map(|stripe| stripe.data.len()).sum();
        Stages {
            grab: looking + (grabbed - noticed),
            moves: compared - grabbed,
            convert: encoded.convert,
            encode: encoded.encode + tiled,
            decode: decoding.elapsed(),
            agent,
            processor,
            bytes: in_tiles + in_stripes,
            stripes: encoded.stripes.len(),
        }
    }

    /// How near to the screen what the last update damaged is.
    pub fn quality(&self) -> Quality {
        let (screen, damage) = &self.last;
        let canvas = self.viewer.canvas();
        let compared = Compared {
            screen,
            shown: canvas.pixels(),
            stride: canvas.stride(),
        };
        compared.quality(damage)
    }

    /// The screen as it was last grabbed, and what of it was damaged.
    pub fn screen(&self) -> &(Vec<u8>, Vec<Rect>) {
        &self.last
    }
}

/// The damage's areas that are text, side by side as tiles, and those that are not.
fn text_and_rest(frame: &Frame<'_>, damage: &[Rect]) -> (Vec<Rect>, Vec<Rect>) {
    let (mut text, mut rest): (Vec<Rect>, Vec<Rect>) = Default::default();
    for rect in damage {
        for y in (rect.y..rect.bottom()).step_by(AREA.into()) {
            for x in (rect.x..rect.right()).step_by(AREA.into()) {
                let area = Rect::new(x, y, AREA, AREA).intersect(*rect);
                let novel = tile::novelty(frame.pixels, frame.stride, area);
                let like = match novel * 256 <= BUSY * area.area() as usize {
                    true => &mut text,
                    false => &mut rest,
                };
                match like.last_mut() {
                    Some(last)
                        if (last.y, last.height, last.right()) == (area.y, area.height, area.x)
                            && last.width < TILE_WIDTH =>
                    {
                        last.width += area.width;
                    }
                    _ => like.push(area),
                }
            }
        }
    }
    (text, rest)
}

/// What this process has worked so far.
fn processor_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place for the answer.
    let code = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(code, 0, "every system has this clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
