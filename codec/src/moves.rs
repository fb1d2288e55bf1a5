//! Finds what merely moved up or down (scrolled text) and what of the damage did not change at all. Owns a hash of every 16 pixels of
//! every row of the last screen; keeps no pixels and sends nothing.
//!
//! A viewer that copies its own pixels needs a few bytes for a step of scrolling that costs 100 kB coded, as stripes know nothing
//! of each other's rows.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::capture::Frame;
use crate::colour::PIXEL;
use crate::geometry::{Damage, MACROBLOCK, Rect, Size};
use crate::layout::Layout;

use self::cell::{UNKNOWN, hash};
use self::seen::{GROUP, Group, Seen};

mod cell;
mod seen;

/// Damage smaller than this is coded as it is.
const MIN_SIDE: u16 = 48;
const MIN_AREA: u32 = 16_384;
/// Moves in one answer.
const MAX_MOVES: usize = 32;
/// After so many looks at large damage that found nothing, one soon after the other (a film), only a part is looked at.
const PATIENCE: u32 = 3;
/// People look at a page for longer.
const FILM: Duration = Duration::from_millis(250);
/// Places where a part is looked at.
const GLANCES: usize = 4;

/// A rectangle of the last screen that is now at another place, unchanged: copied on the viewer's canvas before anything is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub source: Rect,
    pub x: u16,
    pub y: u16,
}

/// What became of some damage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// No target lies in another move's source. At most 32.
    pub moves: Vec<Move>,
    /// What else changed and must be coded: at most [`Damage::MAX_RECTS`], disjoint.
    pub rest: Vec<Rect>,
}

impl Moved {
    /// The stripes that a move takes pixels from or puts them into (bit n: stripe n). They must have a picture in the same update,
    /// by which viewers order it: see [`crate::StripeEncoder::touch`].
    #[must_use]
    pub fn stripes(&self, layout: &Layout) -> u64 {
        self.moves.iter().fold(0, |stripes, step| {
            let target = Rect {
                x: step.x,
                y: step.y,
                ..step.source
            };
            stripes | layout.touched(step.source) | layout.touched(target)
        })
    }
}

/// Compares every frame with the one before.
#[derive(Debug)]
pub struct MoveFinder {
    size: Size,
    columns: usize,
    /// Column by column, so that runs of rows lie together.
    cells: Vec<u64>,
    seed: u64,
    /// Looks at large damage in a row that found nothing.
    fruitless: u32,
    /// When large damage came last.
    large_at: Option<Instant>,
}

impl MoveFinder {
    #[must_use]
    pub fn new(size: Size) -> Self {
        let columns = usize::from(size.width.div_ceil(MACROBLOCK));
        Self {
            size,
            columns,
            cells: vec![UNKNOWN; columns * usize::from(size.height)],
            // Nobody can prepare content whose hashes collide.
            seed: RandomState::new().build_hasher().finish() | 1,
            fruitless: 0,
            large_at: None,
        }
    }

    /// Splits `damage` of `frame` into moves and what must be coded, and remembers the frame.
    ///
    /// The caller must have shown everything of the frames before: a move copies what the viewer has. If some of it is still to be
    /// sent, use [`remember`](Self::remember) and code the damage.
    pub fn find(&mut self, frame: &Frame<'_>, damage: &[Rect]) -> Moved {
        let (mut moves, mut rest) = (Vec::new(), Damage::default());
        for &rect in damage {
            if frame.size != self.size {
                rest.add(rect);
            } else if rect.width.min(rect.height) < MIN_SIDE || rect.area() < MIN_AREA {
                self.remember_rect(frame, rect);
                rest.add(rect);
            } else if self.is_film(frame, rect) {
                self.glance(frame, rect);
                rest.add(rect);
            } else {
                self.look(frame, rect, &mut moves, &mut rest);
            }
        }
        Moved {
            moves,
            rest: rest.rects().to_vec(),
        }
    }

    /// Notes what `frame` shows without looking for moves.
    pub fn remember(&mut self, frame: &Frame<'_>, damage: &[Rect]) {
        if frame.size == self.size {
            for &rect in damage {
                self.remember_rect(frame, rect);
            }
        }
    }

    fn remember_rect(&mut self, frame: &Frame<'_>, rect: Rect) {
        let patch = self.patch(rect);
        let now = self.hashes(frame, &patch);
        self.store(&patch, &now);
    }

    fn forget(&mut self, rect: Rect) {
        let patch = self.patch(rect);
        self.store(&patch, &vec![UNKNOWN; patch.columns * patch.rows]);
    }

    /// Whether this is large damage right after much of the same in which nothing had moved.
    fn is_film(&mut self, frame: &Frame<'_>, rect: Rect) -> bool {
        if !self.is_large(rect) {
            return false;
        }
        let now = frame.noticed_at;
        let before = self.large_at.replace(now);
        if before.is_none_or(|before| now.saturating_duration_since(before) >= FILM) {
            self.fruitless = 0;
        }
        self.fruitless >= PATIENCE
    }

    fn is_large(&self, rect: Rect) -> bool {
        rect.area() * 4 >= self.size.area()
    }

    /// Looks at a few columns only; when something moves there, or stands still, all of it is worth looking at again.
    fn glance(&mut self, frame: &Frame<'_>, rect: Rect) {
        let whole = self.patch(rect);
        let columns = GROUP.min(whole.columns);
        let mut glances = Vec::with_capacity(GLANCES);
        let mut lively = true;
        for place in 0..GLANCES {
            let patch = Patch {
                left: whole.left + place * (whole.columns - columns) / (GLANCES - 1),
                columns,
                ..whole
            };
            let (before, now) = (self.load(&patch), self.hashes(frame, &patch));
            let seen = Seen {
                rows: patch.rows,
                before: &before,
                now: &now,
            };
            let same = before.iter().zip(&now).filter(|(a, b)| a == b).count();
            lively &= seen.shift(columns).is_none() && same * 2 < now.len();
            glances.push((patch, now));
        }
        if !lively {
            self.fruitless = 0;
            return self.remember_rect(frame, rect);
        }
        self.forget(rect);
        for (patch, now) in glances {
            self.store(&patch, &now);
        }
    }

    fn look(&mut self, frame: &Frame<'_>, rect: Rect, moves: &mut Vec<Move>, rest: &mut Damage) {
        let patch = self.patch(rect);
        let before = self.load(&patch);
        let now = self.hashes(frame, &patch);
        self.store(&patch, &now);
        let seen = Seen {
            rows: patch.rows,
            before: &before,
            now: &now,
        };
        let shift = seen.shift(patch.columns);
        let groups = shift.map_or_else(Vec::new, |shift| seen.groups(patch.columns, shift));
        let groups = &groups[..groups.len().min(MAX_MOVES - moves.len())];
        for group in groups {
            moves.push(patch.target_of(group, self.size));
        }
        let changed = seen.rest(&patch, groups, self.size, rest);
        let known = before.iter().filter(|&&cell| cell != UNKNOWN).count() * 2 > before.len();
        if !groups.is_empty() || changed * 2 < now.len() {
            self.fruitless = 0;
        } else if known && self.is_large(rect) {
            self.fruitless += 1;
        }
    }

    fn patch(&self, rect: Rect) -> Patch {
        let left = usize::from(rect.x / MACROBLOCK);
        let right = usize::from(rect.right().div_ceil(MACROBLOCK)).min(self.columns);
        let top = usize::from(rect.y);
        Patch {
            left,
            columns: right.saturating_sub(left),
            top,
            rows: usize::from(rect.bottom().min(self.size.height)).saturating_sub(top),
        }
    }

    fn hashes(&self, frame: &Frame<'_>, patch: &Patch) -> Vec<u64> {
        let mut hashes = vec![UNKNOWN; patch.columns * patch.rows];
        let cell = usize::from(MACROBLOCK) * PIXEL;
        let end = usize::from(self.size.width) * PIXEL;
        for row in 0..patch.rows {
            let line = &frame.pixels[(patch.top + row) * frame.stride..][..end];
            let from = &line[patch.left * cell..];
            for (column, pixels) in from.chunks(cell).take(patch.columns).enumerate() {
                hashes[column * patch.rows + row] = hash(pixels, self.seed);
            }
        }
        hashes
    }

    fn load(&self, patch: &Patch) -> Vec<u64> {
        let mut cells = Vec::with_capacity(patch.columns * patch.rows);
        for column in 0..patch.columns {
            cells.extend_from_slice(&self.cells[self.at(patch, column)..][..patch.rows]);
        }
        cells
    }

    fn store(&mut self, patch: &Patch, cells: &[u64]) {
        for (column, rows) in cells.chunks_exact(patch.rows.max(1)).enumerate() {
            let at = self.at(patch, column);
            self.cells[at..at + patch.rows].copy_from_slice(rows);
        }
    }

    fn at(&self, patch: &Patch, column: usize) -> usize {
        (patch.left + column) * usize::from(self.size.height) + patch.top
    }
}

/// The cells of a damaged rectangle.
#[derive(Clone, Copy)]
struct Patch {
    left: usize,
    columns: usize,
    top: usize,
    rows: usize,
}

impl Patch {
    fn rect(&self, columns: Range<usize>, rows: Range<usize>, size: Size) -> Rect {
        let x = (self.left + columns.start) as u16 * MACROBLOCK;
        let right = ((self.left + columns.end) as u16 * MACROBLOCK).min(size.width);
        Rect::new(
            x,
            (self.top + rows.start) as u16,
            right - x,
            rows.len() as u16,
        )
    }

    fn target_of(&self, group: &Group, size: Size) -> Move {
        let target = self.rect(group.columns.clone(), group.rows.clone(), size);
        Move {
            source: Rect {
                y: (i32::from(target.y) - group.shift) as u16,
                ..target
            },
            x: target.x,
            y: target.y,
        }
    }
}
