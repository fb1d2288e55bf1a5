//! Which changed pixels go as lossless tiles, and their coding. Text, icons and flat areas are smaller that way than as a picture and
//! exact at once; photographs and films are pictures first and tiles when they are still. Owns no decision about when.

mod exact;

use std::num::NonZero;
use std::thread::available_parallelism;

use bytes::Bytes;
use mayday_codec::tile::{self, Coding};
use mayday_codec::{Frame, Rect, Size};
use mayday_protocol::update::{QUICK, SMALL, Tile};

use super::cells::Cells;
use super::plan::Room;
use super::screen::wire_rect;
pub use exact::code_exactly;

/// Side of the areas that go one way or the other: smaller ones would cut tiles into crumbs.
const AREA: u16 = 64;
/// Of 256 pixels, so many may differ from both the one before and the one above for an area to count as text; dense text has 50, a
/// photograph 200.
const BUSY: usize = 88;
/// Pixels coded in one update: the next are coded while these travel and are drawn, and whatever changed meanwhile is newer then.
const MOST_PIXELS: u32 = 1 << 18;
/// The same where coding takes next to no time: half a screen.
const MOST_QUICK_PIXELS: u32 = 1 << 20;
/// Fewer macroblocks are coded in the time in which twice their bytes would leave.
const QUICK_CELLS: usize = 64;
/// Pixels of one tile, about: larger ones are hardly smaller in bytes, and other cores wait for them.
const TILE_PIXELS: u32 = 1 << 16;
/// Rows of one tile; a taller one is hardly smaller and is drawn later.
const TILE_ROWS: u16 = 128;
/// Tiles of one update that makes what is shown exact: they hold up what changes next.
pub const EXACT_BYTES: usize = 48 * 1024;
/// Side of the squares of one colour that stand for something that takes many bytes.
const ROUGH: usize = 8;
/// With less room than this, tiles are coded one after the other until it is full.
pub const ROOMY: usize = 16 * 1024;

/// Tiles, and the macroblocks they show.
pub struct Tiled {
    pub tiles: Vec<Tile>,
    /// Where they are.
    pub rects: Vec<Rect>,
    pub cells: Cells,
    pub bytes: usize,
}

impl Tiled {
    #[must_use]
    pub fn nothing(size: Size) -> Self {
        Self {
            tiles: Vec::new(),
            rects: Vec::new(),
            cells: Cells::none(size),
            bytes: 0,
        }
    }

    /// A coded tile; a screen wider than a tile may be has none.
    fn add(&mut self, rect: Rect, coding: Coding, data: Option<Vec<u8>>) {
        let Some(data) = data else { return };
        self.bytes += data.len() + 16;
        self.cells.add(rect);
        self.rects.push(rect);
        self.tiles.push(Tile {
            rect: wire_rect(rect),
            format: match coding {
                Coding::Small => SMALL,
                Coding::Quick => QUICK,
            },
            data: Bytes::from(data),
        });
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.tiles.extend(other.tiles);
        self.rects.extend(other.rects);
        self.cells.add_all(&other.cells);
        self.bytes += other.bytes;
        self
    }
}

/// Those of `cells` that are better sent as tiles.
#[must_use]
pub fn like_text(frame: &Frame<'_>, cells: &Cells) -> Cells {
    let size = frame.size;
    let mut text = Cells::none(size);
    for rect in cells.rects(size) {
        for area in pieces(rect, AREA, AREA) {
            if tile::novelty(frame.pixels, frame.stride, area) * 256 <= BUSY * area.area() as usize
            {
                text.add(area);
            }
        }
    }
    text
}

/// How text is coded so that it is shown soonest.
#[must_use]
pub fn coding_for(text: &Cells, room: Room) -> Coding {
    if room.broad && text.count() >= QUICK_CELLS {
        Coding::Quick
    } else {
        Coding::Small
    }
}

/// The same, but each square of some pixels in one colour: what it is can be seen, in a hundredth of the bytes of a photograph.
#[must_use]
pub fn code_roughly(frame: &Frame<'_>, cells: &Cells, near: u16, budget: usize) -> Tiled {
    let mut pixels = frame.pixels.to_vec();
    for rect in cells.rects(frame.size) {
        roughen(&mut pixels, frame.stride, rect);
    }
    let frame = Frame {
        pixels: &pixels,
        ..*frame
    };
    code(&frame, cells, near, budget, Coding::Small)
}

/// Each square gets the mean of its pixels, rounded so that neighbours are often alike.
fn roughen(pixels: &mut [u8], stride: usize, rect: Rect) {
    for square in pieces(rect, ROUGH as u16, ROUGH as u16) {
        let line = |y: u16| {
            let from = usize::from(y) * stride + usize::from(square.x) * 4;
            from..from + usize::from(square.width) * 4
        };
        let mut sums = [0u32; 4];
        for y in square.y..square.bottom() {
            for pixel in pixels[line(y)].chunks_exact(4) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*value);
                }
            }
        }
        let mean = sums.map(|sum| ((sum / square.area().max(1)) as u8 & !7) | 4);
        for y in square.y..square.bottom() {
            for pixel in pixels[line(y)].chunks_exact_mut(4) {
                pixel.copy_from_slice(&mean);
            }
        }
    }
}

/// Codes `cells` from the one nearest to row `near` on, until about `budget` bytes are full; at least one tile if there is any.
#[must_use]
pub fn code(frame: &Frame<'_>, cells: &Cells, near: u16, budget: usize, coding: Coding) -> Tiled {
    let mut tiled = Tiled::nothing(frame.size);
    let most_pixels = match coding {
        Coding::Small => MOST_PIXELS,
        Coding::Quick => MOST_QUICK_PIXELS,
    };
    let rects = nearest(cells, frame.size, near, most_pixels);
    for rects in rects.chunks(at_once(&rects, budget)) {
        if !tiled.tiles.is_empty() && tiled.bytes >= budget {
            break;
        }
        let coded = tile::encode_all(frame.pixels, frame.stride, rects, coding);
        for (rect, data) in rects.iter().zip(coded) {
            tiled.add(*rect, coding, data.ok());
        }
    }
    tiled
}

/// `cells` as tiles, those nearest to row `near` first, as many as one update may have.
fn nearest(cells: &Cells, size: Size, near: u16, most_pixels: u32) -> Vec<Rect> {
    let mut rects: Vec<Rect> = cells
        .rects(size)
        .into_iter()
        .flat_map(|rect| {
            let rows = TILE_PIXELS
                .div_ceil(u32::from(rect.width.max(1)))
                .next_multiple_of(16);
            let most = (tile::MAX_PIXELS / u32::from(rect.width.max(1))) as u16 & !15;
            let rows = (rows as u16).min(most).clamp(16, TILE_ROWS);
            pieces(rect, rect.width, rows)
        })
        .collect();
    rects.sort_by_key(|rect| distance(*rect, near));
    let mut pixels = 0;
    rects
        .into_iter()
        .take_while(|rect| {
            let more = pixels < most_pixels;
            pixels += rect.area();
            more
        })
        .collect()
}

/// Rows between this and row `near`.
fn distance(rect: Rect, near: u16) -> u16 {
    near.abs_diff(near.clamp(rect.y, rect.bottom().saturating_sub(1).max(rect.y)))
}

/// How many tiles are coded before the budget is looked at. The cores are counted only for what is large: the system reads files for the
/// answer, which takes longer than coding a keystroke's tiles.
fn at_once(rects: &[Rect], budget: usize) -> usize {
    let pixels = rects.iter().map(|rect| rect.area()).sum::<u32>();
    if budget < ROOMY {
        1
    } else if pixels < TILE_PIXELS {
        rects.len().max(1)
    } else {
        available_parallelism().map_or(1, NonZero::get)
    }
}

/// Cuts a rectangle into pieces of at most this size, without crumbs of the grid's kind: from its own corner.
fn pieces(rect: Rect, width: u16, height: u16) -> Vec<Rect> {
    let mut pieces = Vec::new();
    for y in (rect.y..rect.bottom()).step_by(usize::from(height)) {
        for x in (rect.x..rect.right()).step_by(usize::from(width)) {
            pieces.push(Rect::new(x, y, width, height).intersect(rect));
        }
    }
    pieces
}

/// Whether a screen can be shown by tiles at all.
#[must_use]
pub fn fit(size: Size) -> bool {
    u32::from(size.width) * 16 <= tile::MAX_PIXELS
}
