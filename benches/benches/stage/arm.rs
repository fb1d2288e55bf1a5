//! One way to get from the screen to the bytes of a packet and back. Owns capture, encoder and a viewer without a network.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use mayday_codec::tile::{self, Coding};
use mayday_codec::{
    Capture, Content, DEFAULT_STRIPE_HEIGHT, Encoded, Frame, Move, MoveFinder, Options, Part, Rect,
    ScreenDecoder, StripeEncoder, open_scrap, open_x11,
};
use mayday_protocol::limits::UPDATE_TILE_PIXELS;
use mayday_protocol::update::QUICK;

use super::QP;
use super::quality::{Compared, Quality};
use super::stages::Stages;
use super::wire::{self, from_wire};

/// An area of this side is text or a picture, as the agent has it.
const AREA: u16 = 64;
/// In 256 pixels of text, fewer than so many differ from both the one before and the one above.
const BUSY: usize = 88;
/// From so many pixels of text on, tiles are quick ones, as the agent has it on a line that carries a lot.
const QUICK_PIXELS: u32 = 1 << 14;
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
    /// The same in the encoder's mode for screens.
    ScreenContent,
    /// scrap's polling capture with compared tiles, then our stripes.
    Scrap,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::Ours,
        Self::Stripes,
        Self::FullFrame,
        Self::ScreenContent,
        Self::Scrap,
    ];

    fn has_moves(self) -> bool {
        matches!(self, Self::Ours | Self::Stripes)
    }

    fn is_whole(self) -> bool {
        matches!(self, Self::FullFrame | Self::ScreenContent)
    }

    fn options(self) -> Options {
        let content = match self {
            Self::ScreenContent => Content::Screen,
            Self::Ours | Self::Stripes | Self::FullFrame | Self::Scrap => Content::Camera,
        };
        Options {
            content,
            ..Options::default()
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ours => "ours",
            Self::Stripes => "ours, stripes only",
            Self::FullFrame => "full frame",
            Self::ScreenContent => "full frame, screen content",
            Self::Scrap => "scrap capture",
        })
    }
}

pub struct Arm {
    kind: Kind,
    capture: Box<dyn Capture>,
    coder: Coder,
    viewer: ScreenDecoder,
    /// The screen as it was last grabbed, and what of it was damaged.
    last: (Vec<u8>, Vec<Rect>),
}

/// What stands between a grabbed frame and coded bytes.
struct Coder {
    kind: Kind,
    finder: Option<MoveFinder>,
    encoder: StripeEncoder,
}

/// One frame's change, coded.
struct Coded {
    copies: Vec<Move>,
    tiles: Vec<(Vec<u8>, Rect)>,
    coding: Coding,
    encoded: Encoded,
    compare: Duration,
    tiling: Duration,
}

impl Arm {
    /// Opens the display of the environment and shows the first picture.
    pub fn start(kind: Kind) -> Self {
        Self::make(kind, DEFAULT_STRIPE_HEIGHT, kind.has_moves())
    }

    /// Stripes of this many rows and nothing else: neither copies nor tiles.
    pub fn of_stripes(height: u16) -> Self {
        Self::make(Kind::Stripes, height, false)
    }

    fn make(kind: Kind, height: u16, has_moves: bool) -> Self {
        let capture = match kind {
            Kind::Scrap => open_scrap(),
            _ => open_x11(None),
        };
        let capture = capture.expect("the desktop runs");
        let size = capture.size();
        let height = match kind.is_whole() {
            true => size.height.next_multiple_of(16),
            false => height,
        };
        let encoder = StripeEncoder::with_options(size, height, kind.options());
        let encoder = encoder.expect("a usual screen");
        let mut arm = Self {
            kind,
            capture,
            viewer: ScreenDecoder::new(encoder.layout()),
            coder: Coder {
                kind,
                finder: has_moves.then(|| MoveFinder::new(size)),
                encoder,
            },
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
        let (packet, mut stages) = self.agent();
        self.show(&packet, &mut stages);
        stages
    }

    fn agent(&mut self) -> (Bytes, Stages) {
        let (started, worked) = (Instant::now(), processor_time());
        self.capture.wait(LONG).expect("the desktop runs");
        let noticed = Instant::now();
        if self.kind.is_whole() {
            self.capture.damage_all();
        }
        let frame = self.capture.grab().expect("the desktop runs");
        let grab = noticed.elapsed();
        let coded = self.coder.code(&frame);
        let (convert, encode) = (coded.encoded.convert, coded.encoded.encode);
        let stripes = coded.encoded.stripes.len();
        let packing = Instant::now();
        let packet = wire::pack(&coded.copies, coded.encoded, coded.tiles, coded.coding);
        let looking = match self.kind {
            Kind::Scrap => noticed - started, // it grabs and compares while it waits
            _ => Duration::ZERO,
        };
        let stages = Stages {
            grab: looking + grab,
            compare: coded.compare,
            convert,
            encode: encode + coded.tiling,
            packetise: packing.elapsed(),
            agent: started.elapsed(),
            processor: processor_time() - worked,
            bytes: packet.len(),
            stripes,
            ..Stages::default()
        };
        self.last = (frame.pixels.to_vec(), frame.damage.to_vec());
        (packet, stages)
    }

    fn show(&mut self, packet: &Bytes, stages: &mut Stages) {
        let began = Instant::now();
        let update = wire::unpack(packet);
        let copying = Instant::now();
        for copy in &update.copies {
            let source = from_wire(copy.source);
            self.viewer.canvas_mut().copy(source, copy.x, copy.y);
        }
        let copied = copying.elapsed();
        let parts = update.stripes.iter().map(|stripe| Part {
            index: stripe.index,
            draw: stripe.draw.iter().copied().map(from_wire).collect(),
            data: &stripe.data,
        });
        let shown = self.viewer.show(&parts.collect::<Vec<_>>());
        assert!(shown.failed.is_empty(), "our own stream");
        let tiles = update.tiles.iter();
        let coded: Vec<_> = tiles
            .map(|tile| {
                (
                    &tile.data[..],
                    from_wire(tile.rect),
                    from_format(tile.format),
                )
            })
            .collect();
        let pixels = tile::decode_all(&coded);
        let putting = Instant::now();
        for (pixels, (_, rect, _)) in pixels.into_iter().zip(&coded) {
            let pixels = pixels.expect("our own tile");
            self.viewer.canvas_mut().put(*rect, &pixels, *rect);
        }
        stages.draw = copied + shown.draw + putting.elapsed();
        stages.decode = began.elapsed().saturating_sub(stages.draw);
    }

    /// How near to the screen what it shows is, inside these rectangles.
    pub fn quality(&self, within: &[Rect]) -> Quality {
        let canvas = self.viewer.canvas();
        let compared = Compared {
            screen: &self.last.0,
            shown: canvas.pixels(),
            stride: canvas.stride(),
        };
        compared.quality(within)
    }

    /// The screen as it was last grabbed, and what of it was damaged.
    pub fn screen(&self) -> &(Vec<u8>, Vec<Rect>) {
        &self.last
    }
}

impl Coder {
    fn code(&mut self, frame: &Frame<'_>) -> Coded {
        let began = Instant::now();
        let finder = self.finder.as_mut();
        let moved = finder.map(|finder| finder.find(frame, frame.damage));
        let (copies, rest) = match moved {
            Some(moved) => {
                self.encoder.touch(moved.stripes(&self.encoder.layout()));
                (moved.moves, moved.rest)
            }
            None => (Vec::new(), frame.damage.to_vec()),
        };
        if let Some(finder) = &mut self.finder {
            finder.sent(rest.iter().copied());
        }
        let (text, rest) = match self.kind {
            Kind::Ours => text_and_rest(frame, &rest),
            _ => (Vec::new(), rest),
        };
        let compare = began.elapsed();
        let coding = coding_for(&text);
        let tiles = tile::encode_all(frame.pixels, frame.stride, &text, coding);
        let tiles = tiles.into_iter().zip(text);
        let tiles = tiles.map(|(tile, rect)| (tile.expect("a tile's size"), rect));
        let tiles = tiles.collect();
        let tiling = began.elapsed() - compare;
        let encoded = self.encoder.encode(frame, &rest, QP);
        Coded {
            copies,
            tiles,
            coding,
            encoded: encoded.expect("the encoder works"),
            compare,
            tiling,
        }
    }
}

fn coding_for(text: &[Rect]) -> Coding {
    let pixels: u32 = text.iter().map(|rect| rect.area()).sum();
    match pixels >= QUICK_PIXELS {
        true => Coding::Quick,
        false => Coding::Small,
    }
}

fn from_format(format: u8) -> Coding {
    match format {
        QUICK => Coding::Quick,
        _ => Coding::Small,
    }
}

/// The damage's areas that are text, side by side as tiles of whole blocks, as far as one update may hold them; and the others.
fn text_and_rest(frame: &Frame<'_>, damage: &[Rect]) -> (Vec<Rect>, Vec<Rect>) {
    let (mut text, mut rest): (Vec<Rect>, Vec<Rect>) = Default::default();
    let (screen, blocks) = (frame.size.rect(), frame.size.align16());
    let mut room = UPDATE_TILE_PIXELS;
    for rect in damage {
        let rect = rect.align16(blocks).intersect(screen);
        for y in (rect.y..rect.bottom()).step_by(AREA.into()) {
            for x in (rect.x..rect.right()).step_by(AREA.into()) {
                let area = Rect::new(x, y, AREA, AREA).intersect(rect);
                let (novel, pixels) = (
                    tile::novelty(frame.pixels, frame.stride, area),
                    area.area() as usize,
                );
                let is_text = novel * 256 <= BUSY * pixels && pixels <= room;
                let like = match is_text {
                    true => &mut text,
                    false => &mut rest,
                };
                room -= if is_text { pixels } else { 0 };
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

/// What this process has worked so far, on all threads.
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
