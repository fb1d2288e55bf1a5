//! One way to get from the screen to coded bytes and back. Owns capture, encoder and a viewer without a network.

use std::fmt;
use std::time::{Duration, Instant};

use mayday_codec::{
    Capture, DEFAULT_STRIPE_HEIGHT, MoveFinder, Part, Rect, ScreenDecoder, StripeEncoder,
    open_scrap, open_x11,
};

const QP: u8 = 24;
const LONG: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// XDamage, moves as copies, stripes, damaged macroblocks only.
    Ours,
    /// The same without looking for moves.
    WithoutMoves,
    /// The whole screen grabbed, converted and coded as one picture by the same encoder, as is usual.
    FullFrame,
    /// scrap's polling capture with compared tiles, then our stripes.
    Scrap,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Ours, Self::WithoutMoves, Self::FullFrame, Self::Scrap];
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ours => "ours",
            Self::WithoutMoves => "ours without moves",
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
        let capture = match kind {
            Kind::Ours | Kind::WithoutMoves | Kind::FullFrame => open_x11(None),
            Kind::Scrap => open_scrap(),
        };
        let capture = capture.expect("the desktop runs");
        let size = capture.size();
        let stripe_height = match kind {
            Kind::Ours | Kind::WithoutMoves | Kind::Scrap => DEFAULT_STRIPE_HEIGHT,
            Kind::FullFrame => size.height.next_multiple_of(16),
        };
        let encoder = StripeEncoder::new(size, stripe_height).expect("a usual screen");
        let viewer = ScreenDecoder::new(encoder.layout());
        let mut arm = Self {
            kind,
            capture,
            finder: (kind == Kind::Ours).then(|| MoveFinder::new(size)),
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
        let encoded = self
            .encoder
            .encode(&frame, rest, QP)
            .expect("the encoder works");
        let agent = started.elapsed();
        let processor = processor_time() - worked;
        let looking = match self.kind {
            Kind::Scrap => noticed - started, // it grabs and compares while it waits
            Kind::Ours | Kind::WithoutMoves | Kind::FullFrame => Duration::ZERO,
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
        Stages {
            grab: looking + (grabbed - noticed),
            moves: compared - grabbed,
            convert: encoded.convert,
            encode: encoded.encode,
            decode: decoding.elapsed(),
            agent,
            processor,
            bytes: encoded.stripes.iter().map(|stripe| stripe.data.len()).sum(),
        }
    }

    /// PSNR of the luma of what the last update damaged, dB.
    pub fn quality(&self) -> f64 {
        let (pixels, damage) = &self.last;
        let canvas = self.viewer.canvas();
        let (shown, stride) = (canvas.pixels(), canvas.stride());
        let luma = |pixels: &[u8], at: usize| {
            let [blue, green, red] = [pixels[at], pixels[at + 1], pixels[at + 2]].map(f64::from);
            0.0722 * blue + 0.7152 * green + 0.2126 * red
        };
        let (mut error, mut area) = (0.0, 0.0);
        for rect in damage {
            for y in usize::from(rect.y)..usize::from(rect.bottom()) {
                for x in usize::from(rect.x)..usize::from(rect.right()) {
                    let at = y * stride + x * 4;
                    error += (luma(pixels, at) - luma(shown, at)).powi(2);
                    area += 1.0;
                }
            }
        }
        10.0 * (255.0f64.powi(2) * area / f64::max(error, 1e-9)).log10()
    }
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
