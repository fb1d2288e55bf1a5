//! Finds what merely moved (scrolled text, a dragged window) and what of the damage did not change at all. Owns hashes of every 16
//! pixels of every row, of the screen and of what the viewers show of it; keeps no pixels and sends nothing.
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

use self::blocks::Blocks;
use self::cell::{Cells, UNKNOWN, hash};
use self::seen::{GROUP, Seen};

mod blocks;
mod cell;
mod seen;
mod sideways;
mod turns;

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

/// A rectangle that viewers show and that is now at another place, unchanged: copied on their canvases before anything is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub source: Rect,
    pub x: u16,
    pub y: u16,
}

/// What became of some damage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// In this order: no target lies in a later move's source. At most 32.
    pub moves: Vec<Move>,
    /// What else of the damage is not shown yet: at most [`Damage::MAX_RECTS`], disjoint.
    pub rest: Vec<Rect>,
}

impl Moved {
    fn without_moves(damage: impl Iterator<Item = Rect>) -> Self {
        let mut rest = Damage::default();
        damage.for_each(|rect| rest.add(rect));
        Self {
            moves: Vec::new(),
            rest: rest.rects().to_vec(),
        }
    }

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

/// Compares the screen with what the viewers show of it.
#[derive(Debug)]
pub struct MoveFinder {
    size: Size,
    columns: usize,
    /// The screen; column by column, so that runs of rows lie together.
    latest: Vec<u64>,
    /// What all viewers show, or will have shown once they drew what was sent.
    shown: Vec<u64>,
    /// Where something may have moved, since the last look.
    held: Damage,
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
            latest: vec![UNKNOWN; columns * usize::from(size.height)],
            shown: vec![UNKNOWN; columns * usize::from(size.height)],
            held: Damage::default(),
            // Nobody can prepare content whose hashes collide.
            seed: RandomState::new().build_hasher().finish() | 1,
            fruitless: 0,
            large_at: None,
        }
    }

    /// Splits `damage` of `frame`, and what was only [noted](Self::note) before, into moves and what must be coded.
    ///
    /// The moves must be sent. What else is sent, now or later, is told by [`sent`](Self::sent).
    pub fn find(&mut self, frame: &Frame<'_>, damage: &[Rect]) -> Moved {
        if frame.size != self.size {
            return Moved::without_moves(damage.iter().copied());
        }
        let coded = self.take_in(frame, damage);
        if self.held.is_empty() {
            return Moved::without_moves(coded.into_iter());
        }
        let held = std::mem::take(&mut self.held);
        let looks: Vec<Look<'_>> = held.rects().iter().map(|rect| self.look(*rect)).collect();
        let moves = turns::in_order(self.moves(frame, &looks), MAX_MOVES);
        let targets: Vec<Rect> = moves.iter().map(|(_, target)| *target).collect();
        let mut rest = Blocks::none(self.size);
        coded.into_iter().for_each(|rect| rest.add(rect));
        let mut fruits = Vec::with_capacity(looks.len());
        for look in &looks {
            look.seen()
                .rest(&look.patch, &targets, self.size, &mut rest);
            fruits.push(self.fruit(look, &targets));
        }
        for fruit in fruits {
            match fruit {
                Fruit::Found => self.fruitless = 0,
                Fruit::Nothing => self.fruitless += 1,
                Fruit::NotSaid => {}
            }
        }
        self.copied(&targets);
        let moves = moves.into_iter().map(|(source, target)| Move {
            source,
            x: target.x,
            y: target.y,
        });
        Moved {
            moves: moves.collect(),
            rest: rest.rects(),
        }
    }

    /// Notes what `frame` shows; whether something moved is looked at later, when it can be sent.
    pub fn note(&mut self, frame: &Frame<'_>, damage: &[Rect]) {
        if frame.size == self.size {
            self.take_in(frame, damage);
        }
    }

    /// Takes in what the screen shows now, and holds what is worth a look; the rest of the damage is to be coded as it is.
    fn take_in(&mut self, frame: &Frame<'_>, damage: &[Rect]) -> Vec<Rect> {
        let mut coded = Vec::new();
        for &rect in damage {
            let small = rect.width.min(rect.height) < MIN_SIDE || rect.area() < MIN_AREA;
            if !small && self.is_film(frame, rect) && self.glance(frame, rect) {
                coded.push(rect);
                continue;
            }
            self.hash(frame, rect);
            match small {
                true => coded.push(rect),
                false => self.held.add(rect),
            }
        }
        coded
    }

    /// These were sent as the screen is now: whole blocks, as stripes and tiles draw them.
    pub fn sent(&mut self, rects: impl IntoIterator<Item = Rect>) {
        for rect in rects {
            let patch = self.patch(rect);
            for column in 0..patch.columns {
                let at = self.at(&patch, column);
                let cells = at..at + patch.rows;
                self.shown[cells.clone()].copy_from_slice(&self.latest[cells]);
            }
        }
    }

    /// Nobody knows what is shown here: nothing is copied from there until it was sent again.
    pub fn forget(&mut self, rects: impl IntoIterator<Item = Rect>) {
        for rect in rects {
            let patch = self.patch(rect);
            for column in 0..patch.columns {
                let at = self.at(&patch, column);
                self.shown[at..at + patch.rows].fill(UNKNOWN);
            }
        }
    }

    /// Copies show what the screen shows. Of a cell that only a part of one reached, nobody knows, if it changed.
    fn copied(&mut self, targets: &[Rect]) {
        for target in targets {
            let patch = self.patch(*target);
            for column in 0..patch.columns {
                let at = self.at(&patch, column);
                let cells = at..at + patch.rows;
                if !patch.is_covered(column, *target, self.size) {
                    let pairs = self.shown[cells.clone()]
                        .iter_mut()
                        .zip(&self.latest[cells]);
                    for (shown, _) in pairs.filter(|(shown, latest)| shown != latest) {
                        *shown = UNKNOWN;
                    }
                }
            }
        }
        for target in targets {
            let patch = self.patch(*target);
            for column in
                (0..patch.columns).filter(|column| patch.is_covered(*column, *target, self.size))
            {
                let at = self.at(&patch, column);
                let cells = at..at + patch.rows;
                self.shown[cells.clone()].copy_from_slice(&self.latest[cells]);
            }
        }
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

    /// Looks at a few columns only; gives `false` when something moves there, or stands still: then all of it is worth a look.
    fn glance(&mut self, frame: &Frame<'_>, rect: Rect) -> bool {
        let whole = self.patch(rect);
        let columns = GROUP.min(whole.columns);
        let mut glances = Vec::with_capacity(GLANCES);
        for place in 0..GLANCES {
            let patch = Patch {
                left: whole.left + place * (whole.columns - columns) / (GLANCES - 1),
                columns,
                ..whole
            };
            let now = self.hashes(frame, &patch);
            let seen = Seen {
                before: self.cells(&self.shown, &patch),
                now: Cells {
                    all: &now,
                    height: patch.rows,
                    left: 0,
                    top: 0,
                    ..self.cells(&now, &patch)
                },
            };
            let same = now.len() - seen.changed();
            if seen.shift(columns).is_some() || same * 2 >= now.len() {
                self.fruitless = 0;
                return false;
            }
            glances.push((patch, now));
        }
        for column in 0..whole.columns {
            let at = self.at(&whole, column);
            self.latest[at..at + whole.rows].fill(UNKNOWN);
        }
        for (patch, now) in glances {
            for (column, rows) in now.chunks_exact(patch.rows.max(1)).enumerate() {
                let at = self.at(&patch, column);
                self.latest[at..at + patch.rows].copy_from_slice(rows);
            }
        }
        true
    }

    fn look(&self, rect: Rect) -> Look<'_> {
        let patch = self.patch(rect);
        Look {
            rect,
            patch,
            before: self.cells(&self.shown, &patch),
            now: self.cells(&self.latest, &patch),
        }
    }

    fn cells<'a>(&self, all: &'a [u64], patch: &Patch) -> Cells<'a> {
        Cells {
            all,
            height: usize::from(self.size.height),
            left: patch.left,
            columns: patch.columns,
            top: patch.top,
            rows: patch.rows,
        }
    }

    /// Sources and targets: straight up or down within one look; where that explains less than half of what changed, by any one way
    /// within all of these, if that explains more.
    fn moves(&self, frame: &Frame<'_>, looks: &[Look<'_>]) -> Vec<(Rect, Rect)> {
        let (mut moves, mut little, mut unexplained) = (Vec::new(), Vec::new(), Vec::new());
        for look in looks {
            let found = self.up_or_down(look);
            let explained = look.changed_in(&found, self.size);
            if explained * 2 < look.seen().changed() {
                unexplained.push(look);
                little.extend(found);
            } else {
                moves.extend(found);
            }
        }
        if !unexplained.is_empty() {
            let aside = sideways::moves(frame, &unexplained, self.seed);
            let explained = |moves: &[_]| -> usize {
                let looks = unexplained.iter();
                looks.map(|look| look.changed_in(moves, self.size)).sum()
            };
            let better = explained(&aside) > explained(&little);
            moves.extend(if better { aside } else { little });
        }
        moves
    }

    fn up_or_down(&self, look: &Look<'_>) -> Vec<(Rect, Rect)> {
        let (seen, patch) = (look.seen(), &look.patch);
        let Some(shift) = seen.shift(patch.columns) else {
            return Vec::new();
        };
        let groups = seen.groups(patch.columns, shift).into_iter();
        let moves = groups.map(|group| {
            let target = patch.rect(group.columns, group.rows, self.size);
            let y = i32::from(target.y) - shift;
            let source = Rect {
                y: y as u16,
                ..target
            };
            (source, target)
        });
        moves.collect()
    }

    fn fruit(&self, look: &Look<'_>, targets: &[Rect]) -> Fruit {
        let moved = targets.iter().any(|target| target.intersects(look.rect));
        let cells = look.before.count();
        let known = || look.before.each().filter(|&&cell| cell != UNKNOWN).count() * 2 > cells;
        if moved || look.seen().changed() * 2 < cells {
            Fruit::Found
        } else if self.is_large(look.rect) && known() {
            Fruit::Nothing
        } else {
            Fruit::NotSaid
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

    /// Column by column.
    fn hashes(&self, frame: &Frame<'_>, patch: &Patch) -> Vec<u64> {
        let mut hashes = vec![UNKNOWN; patch.columns * patch.rows];
        each_cell(frame, self.size, patch, |column, row, pixels| {
            hashes[column * patch.rows + row] = hash(pixels, self.seed);
        });
        hashes
    }

    /// Takes in what the screen shows there.
    fn hash(&mut self, frame: &Frame<'_>, rect: Rect) {
        let patch = self.patch(rect);
        let (height, seed) = (usize::from(self.size.height), self.seed);
        let first = patch.left * height + patch.top;
        let latest = &mut self.latest;
        each_cell(frame, self.size, &patch, |column, row, pixels| {
            latest[first + column * height + row] = hash(pixels, seed);
        });
    }

    fn at(&self, patch: &Patch, column: usize) -> usize {
        (patch.left + column) * usize::from(self.size.height) + patch.top
    }
}

/// Calls `each` with column, row and pixels of every cell.
fn each_cell(
    frame: &Frame<'_>,
    size: Size,
    patch: &Patch,
    mut each: impl FnMut(usize, usize, &[u8]),
) {
    let cell = usize::from(MACROBLOCK) * PIXEL;
    let end = usize::from(size.width) * PIXEL;
    for row in 0..patch.rows {
        let line = &frame.pixels[(patch.top + row) * frame.stride..][..end];
        let from = &line[patch.left * cell..];
        for (column, pixels) in from.chunks(cell).take(patch.columns).enumerate() {
            each(column, row, pixels);
        }
    }
}

/// What a look at large damage says of the next.
enum Fruit {
    /// Something moved, or much stood still.
    Found,
    Nothing,
    NotSaid,
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

    /// Whether the target covers the whole cells of this column.
    fn is_covered(&self, column: usize, target: Rect, size: Size) -> bool {
        let cells = self.rect(column..column + 1, 0..self.rows, size);
        target.x <= cells.x && target.right() >= cells.right()
    }

    /// Rows in which a target covers the whole cell of this column.
    fn covered(&self, column: usize, targets: &[Rect], size: Size) -> Vec<Range<usize>> {
        let cells = self.rect(column..column + 1, 0..self.rows, size);
        let covering = |target: &&Rect| self.is_covered(column, **target, size);
        let rows = targets.iter().filter(covering).map(|target| {
            let rows = target.intersect(cells);
            let first = usize::from(rows.y).saturating_sub(self.top);
            first..first + usize::from(rows.height)
        });
        rows.filter(|rows| !rows.is_empty()).collect()
    }
}

/// A damaged rectangle as it is shown and as it is now.
struct Look<'a> {
    rect: Rect,
    patch: Patch,
    before: Cells<'a>,
    now: Cells<'a>,
}

impl<'a> Look<'a> {
    fn seen(&self) -> Seen<'a> {
        Seen {
            before: self.before,
            now: self.now,
        }
    }

    /// Cells that changed and lie in targets of these.
    fn changed_in(&self, moves: &[(Rect, Rect)], size: Size) -> usize {
        let targets: Vec<Rect> = moves.iter().map(|(_, target)| *target).collect();
        let changed = |column| {
            let covered = self.patch.covered(column, &targets, size);
            let pairs = covered.into_iter().flat_map(|rows| {
                let before = &self.before.column(column)[rows.clone()];
                before.iter().zip(&self.now.column(column)[rows])
            });
            pairs.filter(|(before, now)| before != now).count()
        };
        (0..self.patch.columns).map(changed).sum()
    }
}
