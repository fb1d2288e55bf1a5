//! Two states of the same cells: by how far the content moved, which of it did, and what else changed. Knows no frames.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::ops::Range;

use super::Patch;
use super::blocks::Blocks;
use super::cell::{AsIs, Cells, UNKNOWN, mix};
use crate::geometry::{Rect, Size};

/// A move of less than this many changed cells (16 pixels of a row) is not worth a copy.
const MIN_CELLS: usize = 128;
/// Rows that a move has at least.
const MIN_ROWS: usize = 16;
/// Columns and rows of cells that vote together for a shift, and how many such groups are asked.
pub(super) const GROUP: usize = 4;
const GROUPS: usize = 8;
/// A shift needs this many votes.
const MIN_VOTES: u32 = 8;

/// Where a key was seen; `None` when more than once. The keys are hashes already.
type Places = HashMap<u64, Option<usize>, BuildHasherDefault<AsIs>>;

/// Rows of neighbouring columns.
#[derive(Clone)]
pub(super) struct Group {
    pub(super) columns: Range<usize>,
    pub(super) rows: Range<usize>,
}

/// Neighbouring columns in which nearly the same `rows`, in a run of each, `hit`.
pub(super) fn grouped<H: Fn(usize) -> bool>(
    columns: usize,
    rows: Range<usize>,
    hit: impl Fn(usize) -> H,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for column in 0..columns {
        let run = longest_run(rows.clone(), hit(column));
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
        });
    }
    groups.retain(|group| group.rows.len() >= MIN_ROWS);
    groups
}

fn longest_run(rows: Range<usize>, hit: impl Fn(usize) -> bool) -> Range<usize> {
    let (mut best, mut start) = (0..0, rows.start);
    for row in rows {
        if !hit(row) {
            start = row + 1;
        } else if row + 1 - start > best.len() {
            best = start..row + 1;
        }
    }
    best
}

/// The same cells before and now, column by column.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) before: Cells<'a>,
    pub(super) now: Cells<'a>,
}

impl Seen<'_> {
    fn rows(&self) -> usize {
        self.now.rows
    }

    /// Both of one column.
    pub(super) fn column(&self, column: usize) -> (&[u64], &[u64]) {
        (self.before.column(column), self.now.column(column))
    }

    /// The shift that most pieces of changed content agree on.
    pub(super) fn shift(&self, columns: usize) -> Option<i32> {
        let width = GROUP.min(columns);
        let places = (columns / width).min(GROUPS);
        let mut votes = HashMap::<i32, u32>::new();
        for place in 0..places {
            let first = place * (columns - width) / places.max(1);
            let (before, now) = (
                self.keys(&self.before, first..first + width),
                self.keys(&self.now, first..first + width),
            );
            let mut old = Places::with_capacity_and_hasher(before.len(), Default::default());
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
    fn keys(&self, cells: &Cells<'_>, columns: Range<usize>) -> Vec<u64> {
        let mut lines = vec![0u64; self.rows()];
        for column in columns {
            for (line, cell) in lines.iter_mut().zip(cells.column(column)) {
                *line = mix(*line, *cell);
            }
        }
        lines
            .windows(GROUP)
            .map(|rows| rows.iter().fold(0, |key, line| mix(key, *line)))
            .collect()
    }

    /// Neighbouring columns that moved by `shift` in nearly the same rows.
    pub(super) fn groups(&self, columns: usize, shift: i32) -> Vec<Group> {
        let distance = shift.unsigned_abs() as usize;
        let from = if shift > 0 { distance } else { 0 };
        let until = if shift > 0 {
            self.rows()
        } else {
            self.rows().saturating_sub(distance)
        };
        let mut groups = grouped(columns, from..until, |column| {
            let (before, now) = self.column(column);
            move |row| {
                let was = before[(row as i32 - shift) as usize];
                was != UNKNOWN && was == now[row]
            }
        });
        groups.retain(|group| self.changed_in(group) >= MIN_CELLS);
        groups
    }

    fn changed_in(&self, group: &Group) -> usize {
        let changed = |column| {
            let (before, now) = self.column(column);
            let rows = group.rows.clone();
            let pairs = before[rows.clone()].iter().zip(&now[rows]);
            pairs.filter(|(before, now)| before != now).count()
        };
        group.columns.clone().map(changed).sum()
    }

    /// Cells that changed.
    pub(super) fn changed(&self) -> usize {
        let changed = |column| {
            let (before, now) = self.column(column);
            let pairs = before.iter().zip(now);
            pairs.filter(|(before, now)| before != now).count()
        };
        (0..self.now.columns).map(changed).sum()
    }

    /// Marks what changed, or may have, and lies in no target.
    pub(super) fn rest(&self, patch: &Patch, targets: &[Rect], size: Size, rest: &mut Blocks) {
        for column in 0..patch.columns {
            let covered = patch.covered(column, targets, size);
            let (before, now) = self.column(column);
            for row in 0..self.rows() {
                let same = before[row] == now[row] && now[row] != UNKNOWN;
                if !same && !covered.iter().any(|rows| rows.contains(&row)) {
                    let screen_row = patch.top + row;
                    rest.add_rows(patch.left + column, screen_row..screen_row + 1);
                }
            }
        }
    }
}
