//! What is a picture, as tiles: many bytes for each pixel, so the tiles are small, and an update has no more of them than are coded, and
//! leave, in a moment. Owns their sizes; which pixels are due is the plan's.

use std::collections::VecDeque;

use mayday_codec::tile::{self, Coding};
use mayday_codec::{Frame, Rect};

use super::{Cells, ROOMY, Tiled, distance, pieces};

/// Sides of a tile where there is room.
const SIDES: (u16, u16) = (128, 64);
/// Pixels coded in one update: what changes next waits no longer than for these.
const MOST_PIXELS: u32 = 1 << 15;
/// Pixels of the first tile where there is little room; it shows how many bytes such pixels take.
const FIRST_PIXELS: u32 = 1 << 10;
/// Pixels of the others there, at least and at most.
const FEWEST_PIXELS: u32 = 1 << 9;
const LARGEST_PIXELS: u32 = 1 << 13;
/// Rows of a macroblock.
const SIDE: u16 = 16;

/// Codes `cells` from the one nearest to row `near` on, until about `budget` bytes are full; at least one tile if there is any.
#[must_use]
pub fn code_exactly(frame: &Frame<'_>, cells: &Cells, near: u16, budget: usize) -> Tiled {
    let mut rects = cells.rects(frame.size);
    rects.sort_by_key(|rect| distance(*rect, near));
    match budget < ROOMY {
        true => in_little_room(frame, rects.into(), budget),
        false => at_once(frame, &rects, near, budget),
    }
}

/// All on all cores.
fn at_once(frame: &Frame<'_>, rects: &[Rect], near: u16, budget: usize) -> Tiled {
    let (width, height) = SIDES;
    let cut = rects.iter().flat_map(|rect| pieces(*rect, width, height));
    let mut cut: Vec<Rect> = cut.collect();
    cut.sort_by_key(|rect| distance(*rect, near));
    let mut pixels = 0;
    let mut fits = |rect: &Rect| {
        pixels += rect.area();
        // A pixel takes one byte or two.
        pixels <= MOST_PIXELS && pixels as usize * 3 <= budget * 2
    };
    let count = cut.iter().take_while(|rect| fits(rect)).count().max(1);
    cut.truncate(count);
    let mut tiled = Tiled::nothing(frame.size);
    let coding = Coding::Small;
    let coded = tile::encode_all(frame.pixels, frame.stride, &cut, coding);
    for (rect, data) in cut.into_iter().zip(coded) {
        tiled.add(rect, coding, data.ok());
    }
    tiled
}

/// One after the other, each as large as fits behind those before it.
fn in_little_room(frame: &Frame<'_>, mut rects: VecDeque<Rect>, budget: usize) -> Tiled {
    let mut tiled = Tiled::nothing(frame.size);
    let (mut pixels, mut next) = (0, FIRST_PIXELS);
    while let Some(rect) = rects.pop_front() {
        let (piece, rest) = cut_off(rect, next);
        rest.into_iter()
            .rev()
            .for_each(|rect| rects.push_front(rect));
        let coding = Coding::Small;
        let data = tile::encode(frame.pixels, frame.stride, piece, coding);
        tiled.add(piece, coding, data.ok());
        pixels += piece.area();
        let left = budget.saturating_sub(tiled.bytes);
        let fitting = left as u64 * u64::from(pixels) / tiled.bytes.max(1) as u64;
        if fitting < u64::from(FEWEST_PIXELS) || pixels >= MOST_PIXELS {
            break;
        }
        next = fitting.min(LARGEST_PIXELS.into()) as u32;
    }
    tiled
}

/// A piece of about so many pixels from the top left of `rect`, whole macroblocks of it, and what is left beside and below.
fn cut_off(rect: Rect, pixels: u32) -> (Rect, Vec<Rect>) {
    let width = u32::from(rect.width.max(1));
    let rows = (pixels / width) as u16 / SIDE * SIDE;
    let (columns, rows) = match rows {
        0 => ((pixels / u32::from(SIDE)) as u16 / SIDE * SIDE, SIDE),
        rows => (rect.width, rows),
    };
    let piece = Rect::new(rect.x, rect.y, columns.max(SIDE), rows).intersect(rect);
    let beside = Rect::new(
        piece.right(),
        rect.y,
        rect.width - piece.width,
        piece.height,
    );
    let below = Rect::new(
        rect.x,
        piece.bottom(),
        rect.width,
        rect.height - piece.height,
    );
    let rest = [beside, below].into_iter();
    (piece, rest.filter(|rect| !rect.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use mayday_codec::Size;

    use super::*;

    const SIZE: Size = Size {
        width: 700,
        height: 410,
    };
    const STRIDE: usize = 700 * 4;

    fn noise() -> Vec<u8> {
        let mut state = 1_u32;
        let byte = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 27) as u8
        };
        (0..STRIDE * 410).map(byte).collect()
    }

    fn frame(pixels: &[u8]) -> Frame<'_> {
        Frame {
            pixels,
            stride: STRIDE,
            size: SIZE,
            damage: &[],
            noticed_at: Instant::now(),
            grab: Duration::ZERO,
        }
    }

    fn picture() -> Cells {
        let mut cells = Cells::none(SIZE);
        cells.add(Rect::new(16, 16, 640, 360));
        cells.add(Rect::new(690, 400, 1, 1));
        cells
    }

    /// Codes with so much room until nothing is left; how many updates that took, and the largest one's bytes and pixels.
    fn to_the_end(pixels: &[u8], budget: usize) -> (usize, usize, u32) {
        let mut left = picture();
        let (mut updates, mut bytes, mut area) = (0, 0, 0);
        while !left.is_empty() {
            let tiled = code_exactly(&frame(pixels), &left, 200, budget);
            assert!(!tiled.tiles.is_empty());
            assert_eq!(tiled.cells.common(&left), tiled.cells, "each but once");
            left.remove_all(&tiled.cells);
            updates += 1;
            bytes = bytes.max(tiled.bytes);
            area = area.max(tiled.rects.iter().map(|rect| rect.area()).sum());
        }
        (updates, bytes, area)
    }

    #[test]
    fn an_update_takes_hardly_more_than_there_is_room_for() {
        let noise = noise();
        for budget in [1_100, 3_000, 9_000] {
            let (_, bytes, _) = to_the_end(&noise, budget);
            assert!(bytes < budget + 1_500, "{bytes} of {budget}");
        }
    }

    #[test]
    fn what_takes_few_bytes_is_not_cut_into_crumbs() {
        let flat = vec![90; STRIDE * 410];
        let (updates, _, area) = to_the_end(&flat, 3_000);
        assert!(updates < 12, "{updates}");
        assert!(area >= 1 << 14, "{area}");
    }

    #[test]
    fn with_room_an_update_is_no_more_than_is_coded_in_a_moment() {
        let (updates, _, area) = to_the_end(&noise(), 48 * 1024);
        assert!(area <= MOST_PIXELS, "{area}");
        assert!(updates < 16, "{updates}");
    }

    #[test]
    fn a_piece_and_its_rest_are_all_of_it() {
        for (rect, pixels) in [
            (Rect::new(16, 32, 640, 100), 1024),
            (Rect::new(16, 32, 640, 100), 20_000),
            (Rect::new(0, 0, 16, 16), 4096),
            (Rect::new(690, 400, 10, 10), 512),
            (Rect::new(0, 0, 700, 16), 1),
        ] {
            let (piece, rest) = cut_off(rect, pixels);
            let area = piece.area() + rest.iter().map(|rect| rect.area()).sum::<u32>();
            assert_eq!(area, rect.area());
            assert!(!piece.is_empty() && rect.contains(piece));
            assert!(
                rest.iter()
                    .all(|one| rect.contains(*one) && !one.intersects(piece))
            );
        }
    }
}
