//! Finds what merely moved up or down (scrolled text) and what of the damage did not change at all. Owns a hash of every 16 pixels of
//! every row of the last screen; keeps no pixels and sends nothing.
//!
//! A viewer that copies its own pixels needs a few bytes for a step of scrolling that costs 100 kB coded, as stripes know nothing
//! of each other's rows.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::capture::Frame;
use crate::colour::PIXEL;
use crate::geometry::{Damage, MACROBLOCK, Rect, Size};

/// Damage smaller than this is coded as it is.
const MIN_SIDE: u16 = 48;
const MIN_AREA: u32 = 16_384;
/// A move of less than this many changed cells (16 pixels of a row) is not worth a copy.
const MIN_CELLS: usize = 128;
/// Rows that a move has at least.
const MIN_ROWS: usize = 16;
/// Moves in one answer.
const MAX_MOVES: usize = 32;
/// Columns and rows of cells that vote together for a shift, and how many such groups are asked.
const GROUP: usize = 4;
const GROUPS: usize = 8;
/// A shift needs this many votes.
const MIN_VOTES: u32 = 8;
/// After so many looks at large damage that found nothing (a film), looks are skipped for a while.
const PATIENCE: u32 = 3;
const MAX_SKIPPED: u32 = 16;
/// A cell whose content is not known.
const UNKNOWN: u64 = 0;

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

/// Compares every frame with the one before.
#[derive(Debug)]
pub struct MoveFinder {
    size: Size,
    columns: usize,
    /// Column by column, so that runs of rows lie together.
    cells: Vec<u64>,
    seed: u64,
    fruitless: u32,
    skip: u32,
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
            skip: 0,
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
            } else if self.bored(rect) {
                self.forget(rect);
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

    /// Whether a look at this damage is skipped, as the last ones were in vain.
    fn bored(&mut self, rect: Rect) -> bool {
        if rect.area() * 4 < self.size.area() || self.skip == 0 {
            return false;
        }
        self.skip -= 1;
        true
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
        } else if known {
            self.fruitless += 1;
            if self.fruitless >= PATIENCE {
                self.skip = (1 << (self.fruitless - PATIENCE).min(8)).min(MAX_SKIPPED);
            }
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
struct Patch {
    left: usize,
    columns: usize,
    top: usize,
    rows: usize,
}

impl Patch {
    fn rect(
        &self,
        columns: std::ops::Range<usize>,
        rows: std::ops::Range<usize>,
        size: Size,
    ) -> Rect {
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

/// Neighbouring columns whose rows `rows` were `shift` rows further up (down if negative) before.
#[derive(Clone)]
struct Group {
    columns: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
    shift: i32,
}

/// The same cells before and now, column by column.
struct Seen<'a> {
    rows: usize,
    before: &'a [u64],
    now: &'a [u64],
}

impl Seen<'_> {
    fn column<'c>(&self, cells: &'c [u64], column: usize) -> &'c [u64] {
        &cells[column * self.rows..][..self.rows]
    }

    /// The shift that most pieces of changed content agree on.
    fn shift(&self, columns: usize) -> Option<i32> {
        let width = GROUP.min(columns);
        let places = (columns / width).min(GROUPS);
        let mut votes = HashMap::<i32, u32>::new();
        for place in 0..places {
            let first = place * (columns - width) / places.max(1);
            let (before, now) = (
                self.keys(self.before, first..first + width),
                self.keys(self.now, first..first + width),
            );
            let mut old = HashMap::with_capacity(before.len());
            for (row, &key) in before.iter().enumerate() {
                // Content that is there twice says nothing.
                old.entry(key)
                    .and_modify(|at| *at = None)
                    .or_insert(Some(row));
            }
            for (row, key) in now
                .iter()
                .enumerate()
                .filter(|&(row, key)| before[row] != *key)
            {
                if let Some(&Some(was)) = old.get(key) {
                    *votes.entry(row as i32 - was as i32).or_default() += 1;
                }
            }
        }
        let (shift, count) = votes.into_iter().max_by_key(|&(_, count)| count)?;
        (count >= MIN_VOTES && shift != 0).then_some(shift)
    }

    /// A key for `GROUP` rows of these columns, at every row where they fit.
    fn keys(&self, cells: &[u64], columns: std::ops::Range<usize>) -> Vec<u64> {
        let mut lines = vec![0u64; self.rows];
        for column in columns {
            for (line, cell) in lines.iter_mut().zip(self.column(cells, column)) {
                *line = mix(*line, *cell);
            }
        }
        lines
            .windows(GROUP)
            .map(|rows| rows.iter().fold(0, |key, line| mix(key, *line)))
            .collect()
    }

    /// Neighbouring columns that moved by `shift` in nearly the same rows.
    fn groups(&self, columns: usize, shift: i32) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for column in 0..columns {
            let run = self.longest_run(column, shift);
            if run.len() < MIN_ROWS {
                continue;
            }
            if let Some(last) = groups.last_mut().filter(|last| last.columns.end == column) {
                let common = last.rows.start.max(run.start)..last.rows.end.min(run.end);
                if common.len() * 4 >= last.rows.len().max(run.len()) * 3 {
                    last.columns.end += 1;
                    last.rows = common;
                    continue;
                }
            }
            groups.push(Group {
                columns: column..column + 1,
                rows: run,
                shift,
            });
        }
        groups.retain(|group| group.rows.len() >= MIN_ROWS && self.changed_in(group) >= MIN_CELLS);
        groups
    }

    /// The longest run of rows of a column that were `shift` rows further up before.
    fn longest_run(&self, column: usize, shift: i32) -> std::ops::Range<usize> {
        let (before, now) = (
            self.column(self.before, column),
            self.column(self.now, column),
        );
        let distance = shift.unsigned_abs() as usize;
        let from = if shift > 0 { distance } else { 0 };
        let until = if shift > 0 {
            self.rows
        } else {
            self.rows.saturating_sub(distance)
        };
        let (mut best, mut start) = (0..0, from);
        for row in from..until {
            let was = before[(row as i32 - shift) as usize];
            if was == UNKNOWN || was != now[row] {
                start = row + 1;
            } else if row + 1 - start > best.len() {
                best = start..row + 1;
            }
        }
        best
    }

    fn changed_in(&self, group: &Group) -> usize {
        let changed = |column| {
            let pairs = self.column(self.before, column)[group.rows.clone()]
                .iter()
                .zip(&self.column(self.now, column)[group.rows.clone()]);
            pairs.filter(|(before, now)| before != now).count()
        };
        group.columns.clone().map(changed).sum()
    }

    /// Adds what changed and is in no group to `rest`; says how many cells changed in all.
    fn rest(&self, patch: &Patch, groups: &[Group], size: Size, rest: &mut Damage) -> usize {
        let mut total = 0;
        for column in 0..patch.columns {
            let covered = groups
                .iter()
                .find(|group| group.columns.contains(&column))
                .map_or(0..0, |group| group.rows.clone());
            let (before, now) = (
                self.column(self.before, column),
                self.column(self.now, column),
            );
            let mut run: Option<std::ops::Range<usize>> = None;
            for row in 0..self.rows {
                let changed = before[row] != now[row];
                total += usize::from(changed);
                if !changed || covered.contains(&row) {
                    continue;
                }
                match &mut run {
                    Some(run) if row - run.end < usize::from(MACROBLOCK) => run.end = row + 1,
                    _ => {
                        if let Some(run) = run.replace(row..row + 1) {
                            rest.add(patch.rect(column..column + 1, run, size));
                        }
                    }
                }
            }
            if let Some(run) = run {
                rest.add(patch.rect(column..column + 1, run, size));
            }
        }
        total
    }
}

/// A hash of some pixels; never [`UNKNOWN`].
fn hash(pixels: &[u8], seed: u64) -> u64 {
    let (mut a, mut b) = (seed, seed.rotate_left(32));
    let mut pairs = pixels.chunks_exact(16);
    for pair in &mut pairs {
        let (first, second) = pair.split_at(8);
        a = mix(a, u64::from_le_bytes(first.try_into().unwrap_or_default()));
        b = mix(b, u64::from_le_bytes(second.try_into().unwrap_or_default()));
    }
    for &byte in pairs.remainder() {
        a = mix(a, byte.into());
    }
    mix(a, b) | 1
}

fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ b ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product >> 64) as u64 ^ (product as u64) ^ b.rotate_left(23)
}
