//! Which changed pixels go as lossless tiles, and their coding. Text, icons and flat areas are smaller that way than as a picture and
//! exact at once; photographs and films are pictures first and tiles when they are still. Owns no decision about when.

use bytes::Bytes;
use mayday_codec::{Frame, Rect, Size, tile};
use mayday_protocol::update::{LOSSLESS, Tile};

use super::cells::Cells;
use super::screen::wire_rect;

/// Side of the areas that go one way or the other: smaller ones would cut tiles into crumbs.
const AREA: u16 = 64;
/// Of 256 pixels, so many may differ from both the one before and the one above for an area to count as text; dense text has 50, a
/// photograph 200.
const BUSY: usize = 88;
/// Rows that are looked at: every so many.
const SAMPLED: usize = 2;
/// Pixels coded in one update: they hold up the next keystroke.
const MOST_PIXELS: usize = 1 << 21;
/// Rows of one tile; a taller one is hardly smaller and is drawn later.
const TILE_ROWS: u16 = 128;

/// Tiles, and the macroblocks they show.
pub struct Tiled {
    pub tiles: Vec<Tile>,
    pub cells: Cells,
    pub bytes: usize,
}

/// Those of `cells` that are better sent as tiles.
#[must_use]
pub fn like_text(frame: &Frame<'_>, cells: &Cells) -> Cells {
    let size = frame.size;
    let mut text = Cells::none(size);
    for rect in cells.rects(size) {
        for area in pieces(rect, AREA, AREA) {
            if novelty(frame, area) * 256 <= BUSY * area.area() as usize {
                text.add(area);
            }
        }
    }
    text
}

/// Codes `cells` from the one nearest to row `near` on, until about `budget` bytes are full; at least one tile if there is any.
#[must_use]
pub fn code(frame: &Frame<'_>, cells: &Cells, near: u16, budget: usize) -> Tiled {
    let size = frame.size;
    let mut rects: Vec<Rect> = cells
        .rects(size)
        .into_iter()
        .flat_map(|rect| {
            let rows = (tile::MAX_PIXELS / u32::from(rect.width.max(1))) as u16 & !15;
            pieces(rect, rect.width, rows.clamp(16, TILE_ROWS))
        })
        .collect();
    rects.sort_by_key(|rect| near.abs_diff(near.clamp(rect.y, rect.bottom() - 1)));
    let mut tiled = Tiled {
        tiles: Vec::new(),
        cells: Cells::none(size),
        bytes: 0,
    };
    let mut pixels = 0;
    for rect in rects {
        if !tiled.tiles.is_empty() && (tiled.bytes >= budget || pixels >= MOST_PIXELS) {
            break;
        }
        // A screen wider than a tile may be has none.
        let Ok(data) = tile::encode(frame.pixels, frame.stride, rect) else {
            continue;
        };
        tiled.bytes += data.len() + 16;
        pixels += rect.area() as usize;
        tiled.cells.add(rect);
        tiled.tiles.push(Tile {
            rect: wire_rect(rect),
            format: LOSSLESS,
            data: Bytes::from(data),
        });
    }
    tiled
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

/// Pixels that differ from the one before and from the one above, projected from a sample.
fn novelty(frame: &Frame<'_>, area: Rect) -> usize {
    let row = |y: u16| {
        let at = usize::from(y) * frame.stride + usize::from(area.x) * 4;
        &frame.pixels[at..at + usize::from(area.width) * 4]
    };
    let mut novel = 0;
    let mut rows = 0;
    for y in (area.y + 1..area.bottom()).step_by(SAMPLED) {
        let (above, here) = (row(y - 1), row(y));
        let before = here.chunks_exact(4);
        let pixels = here.chunks_exact(4).zip(above.chunks_exact(4)).skip(1);
        novel += before
            .zip(pixels)
            .filter(|(before, (here, above))| here[..3] != before[..3] && here[..3] != above[..3])
            .count();
        rows += 1;
    }
    novel * usize::from(area.height) / usize::max(rows, 1)
}

/// Whether a screen can be shown by tiles at all.
#[must_use]
pub fn fit(size: Size) -> bool {
    u32::from(size.width) * 16 <= tile::MAX_PIXELS
}
