//! Content that moved by any way at all, sideways too: a dragged window, a map that is pulled. Owns the search for the way and which
//! rectangles went it; what moved straight up or down is found sooner by `seen`.
//!
//! Of the screen before there are hashes of 16 pixels each, at multiples of 16. So a few rows of the screen now are hashed at every
//! place, and cells from before are looked up among them: those that are found agree on a way, and along it every cell is compared.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::cell::{AsIs, UNKNOWN, hash, mix};
use super::seen::{Group, grouped};
use super::{Look, Patch};
use crate::capture::Frame;
use crate::colour::PIXEL;
use crate::geometry::{MACROBLOCK, Rect};

/// Bytes of a cell.
const CELL: usize = MACROBLOCK as usize * PIXEL;
/// About as many columns of cells are looked up.
const ASKED: usize = 32;
/// Cells that agree on a way.
const MIN_VOTES: u32 = 6;
/// A move that puts fewer changed cells in place is not worth a copy: it comes with a picture of every stripe it touches.
const MIN_CELLS: usize = 512;

/// Where two neighbouring cells begin now; `None` when at several places.
type Places = HashMap<u64, Option<(u16, u16)>, BuildHasherDefault<AsIs>>;

/// How much of the damage is asked: of a large one less, as more of it agrees.
#[derive(Clone, Copy)]
struct Sample {
    /// Rows of each rectangle that are hashed at every place.
    rows: usize,
    /// Only hashes without these bits count, before and now.
    without: u64,
}

impl Sample {
    const ALL: Self = Self {
        rows: 8,
        without: 0,
    };
    const SOME: Self = Self {
        rows: 4,
        without: 0b110,
    };

    fn of(looks: &[&Look<'_>]) -> Self {
        match looks.iter().any(|look| look.patch.columns > ASKED) {
            true => Self::SOME,
            false => Self::ALL,
        }
    }

    fn takes(self, key: u64) -> bool {
        key & self.without == 0
    }
}

/// How far content went, to the right and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Way {
    right: i32,
    down: i32,
}

/// What moved within these damaged rectangles, from one to another too: sources and targets.
pub(super) fn moves(frame: &Frame<'_>, looks: &[&Look<'_>], seed: u64) -> Vec<(Rect, Rect)> {
    let Some(way) = way(frame, looks, seed) else {
        return Vec::new();
    };
    let mut moves = Vec::new();
    for from in looks {
        for to in looks {
            let groups = went(frame, from, to.rect, way, seed);
            let pairs = groups.iter().map(|group| {
                let source = from
                    .patch
                    .rect(group.columns.clone(), group.rows.clone(), frame.size);
                (source, way.target(source))
            });
            moves.extend(pairs.filter(|pair| to.changed_in(&[*pair], frame.size) >= MIN_CELLS));
        }
    }
    moves
}

/// The way that most of the cells which are found again agree on.
fn way(frame: &Frame<'_>, looks: &[&Look<'_>], seed: u64) -> Option<Way> {
    let sample = Sample::of(looks);
    let mut places = Places::default();
    for look in looks {
        for row in most_changed(look, sample.rows) {
            note_row(frame, &look.patch, row, seed, |key, place| {
                if sample.takes(key) {
                    places
                        .entry(key)
                        .and_modify(|known| *known = None)
                        .or_insert(Some(place));
                }
            });
        }
    }
    let mut votes = HashMap::<Way, u32>::new();
    for look in looks {
        let patch = &look.patch;
        let step = (patch.columns / ASKED).max(1);
        for column in (0..patch.columns.saturating_sub(1)).step_by(step) {
            let (here, next) = (look.before.column(column), look.before.column(column + 1));
            for (row, (one, other)) in here.iter().zip(next).enumerate() {
                let key = mix(*one, *other);
                if sample.takes(key)
                    && let Some(&Some((x, y))) = places.get(&key)
                {
                    let way = Way {
                        right: i32::from(x) - (patch.left + column) as i32 * i32::from(MACROBLOCK),
                        down: i32::from(y) - (patch.top + row) as i32,
                    };
                    *votes.entry(way).or_default() += 1;
                }
            }
        }
    }
    votes.retain(|way, _| (way.right, way.down) != (0, 0));
    let (way, count) = votes.into_iter().max_by_key(|(_, count)| *count)?;
    (count >= MIN_VOTES).then_some(way)
}

/// Of each of so many parts of the rows the one with most changes.
fn most_changed(look: &Look<'_>, parts: usize) -> Vec<usize> {
    let mut changes = vec![0u16; look.patch.rows];
    for column in 0..look.patch.columns {
        let pairs = look
            .before
            .column(column)
            .iter()
            .zip(look.now.column(column));
        for (count, (before, now)) in changes.iter_mut().zip(pairs) {
            *count += u16::from(before != now);
        }
    }
    let part = look.patch.rows.div_ceil(parts).max(1);
    changes
        .chunks(part)
        .enumerate()
        .filter_map(|(at, part_changes)| {
            let most = (0..part_changes.len()).max_by_key(|row| part_changes[*row])?;
            (part_changes[most] > 0).then_some(at * part + most)
        })
        .collect()
}

/// Hashes two cells' width of a row at every place where they fit and are not all of one colour.
fn note_row(
    frame: &Frame<'_>,
    patch: &Patch,
    row: usize,
    seed: u64,
    mut note: impl FnMut(u64, (u16, u16)),
) {
    let y = patch.top + row;
    let side = usize::from(MACROBLOCK);
    let left = patch.left * side;
    let right = ((patch.left + patch.columns) * side).min(usize::from(frame.size.width));
    if right < left + 2 * side {
        return;
    }
    let line = &frame.pixels[y * frame.stride + left * PIXEL..][..(right - left) * PIXEL];
    let hashes: Vec<u64> = (0..=right - left - side)
        .map(|x| hash(&line[x * PIXEL..][..CELL], seed))
        .collect();
    // How many pixels in a row were of one colour, up to the last of these two cells.
    let mut same = 1;
    let pixel = |x: usize| &line[x * PIXEL..][..PIXEL];
    for x in 1..right - left {
        same = if pixel(x) == pixel(x - 1) {
            same + 1
        } else {
            1
        };
        if x + 1 < 2 * side || same >= 2 * side {
            continue;
        }
        let first = x + 1 - 2 * side;
        let place = ((left + first) as u16, y as u16);
        note(mix(hashes[first], hashes[first + side]), place);
    }
}

/// Cells of `from` that went this way into `into` and are there as they were.
fn went(frame: &Frame<'_>, from: &Look<'_>, into: Rect, way: Way, seed: u64) -> Vec<Group> {
    let patch = &from.patch;
    let into = into.intersect(frame.size.rect());
    let first = i32::from(into.y) - way.down - patch.top as i32;
    let last = i32::from(into.bottom()) - way.down - patch.top as i32;
    let inside = |row: i32| row.clamp(0, patch.rows as i32) as usize;
    let rows = inside(first)..inside(last);
    if rows.len() < 2 {
        return Vec::new();
    }
    let hits: Vec<Vec<bool>> = (0..patch.columns)
        .map(|column| {
            let was = (patch.left + column) as i32 * i32::from(MACROBLOCK);
            let x = was + way.right;
            let end = x + i32::from(MACROBLOCK);
            let fits = x >= into.x.into() && end <= into.right().into();
            // The last column's cells may reach beyond the screen.
            if !fits || was + i32::from(MACROBLOCK) > frame.size.width.into() {
                return Vec::new();
            }
            let before = &from.before.column(column)[rows.clone()];
            let cells = before.iter().zip(rows.clone());
            cells
                .map(|(cell, row)| {
                    let y = (patch.top + row) as i32 + way.down;
                    let at = y as usize * frame.stride + x as usize * PIXEL;
                    *cell != UNKNOWN && *cell == hash(&frame.pixels[at..][..CELL], seed)
                })
                .collect()
        })
        .collect();
    grouped(patch.columns, rows.clone(), |column| {
        let (hits, first) = (&hits[column], rows.start);
        move |row| hits.get(row - first).is_some_and(|hit| *hit)
    })
}

impl Way {
    fn target(self, source: Rect) -> Rect {
        Rect {
            x: (i32::from(source.x) + self.right) as u16,
            y: (i32::from(source.y) + self.down) as u16,
            ..source
        }
    }
}
