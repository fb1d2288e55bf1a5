//! What must be coded, macroblock by macroblock, and the way back to few rectangles. Knows no pixels.

use std::ops::Range;

use crate::geometry::{Damage, MACROBLOCK, Rect, Size};

pub(super) struct Blocks {
    size: Size,
    columns: usize,
    marks: Vec<bool>,
}

impl Blocks {
    pub(super) fn none(size: Size) -> Self {
        let count = |side: u16| usize::from(side.div_ceil(MACROBLOCK));
        Self {
            size,
            columns: count(size.width),
            marks: vec![false; count(size.width) * count(size.height)],
        }
    }

    /// Every block that the rectangle touches.
    pub(super) fn add(&mut self, rect: Rect) {
        let seen = rect.intersect(self.size.rect());
        let side = |at: u16| usize::from(at / MACROBLOCK);
        for row in side(seen.y)..usize::from(seen.bottom().div_ceil(MACROBLOCK)) {
            let columns = side(seen.x)..usize::from(seen.right().div_ceil(MACROBLOCK));
            self.marks[row * self.columns..][columns].fill(true);
        }
    }

    /// The blocks of one column that have these rows of the screen.
    pub(super) fn add_rows(&mut self, column: usize, rows: Range<usize>) {
        let side = usize::from(MACROBLOCK);
        for row in rows.start / side..rows.end.div_ceil(side) {
            self.marks[row * self.columns + column] = true;
        }
    }

    /// Disjoint rectangles that cover the marked blocks: these alone, if [`Damage::MAX_RECTS`] can.
    pub(super) fn rects(&self) -> Vec<Rect> {
        let (mut done, mut open) = (Vec::<Rect>::new(), Vec::<Rect>::new());
        for (row, marks) in self.marks.chunks_exact(self.columns.max(1)).enumerate() {
            let mut next = Vec::new();
            for run in runs(marks, row as u16 * MACROBLOCK) {
                let above = open
                    .iter()
                    .position(|above| (above.x, above.width) == (run.x, run.width));
                next.push(above.map_or(run, |at| open.swap_remove(at).union(run)));
            }
            done.append(&mut open);
            open = next;
        }
        done.append(&mut open);
        let clipped = done
            .into_iter()
            .map(|rect| rect.intersect(self.size.rect()));
        let rects: Vec<Rect> = clipped.collect();
        if rects.len() <= Damage::MAX_RECTS {
            return rects;
        }
        let mut merged = Damage::default();
        rects.into_iter().for_each(|rect| merged.add(rect));
        merged.rects().to_vec()
    }
}

/// Neighbours in one row that begins at the screen's row `y`.
fn runs(marks: &[bool], y: u16) -> Vec<Rect> {
    let mut runs: Vec<Rect> = Vec::new();
    for (column, _) in marks.iter().enumerate().filter(|(_, mark)| **mark) {
        let x = column as u16 * MACROBLOCK;
        match runs.last_mut().filter(|run| run.right() == x) {
            Some(run) => run.width += MACROBLOCK,
            None => runs.push(Rect::new(x, y, MACROBLOCK, MACROBLOCK)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 100,
        height: 90,
    };

    #[test]
    fn a_frame_stays_hollow() {
        let mut blocks = Blocks::none(SIZE);
        blocks.add(Rect::new(10, 10, 85, 4));
        blocks.add_rows(0, 16..80);
        blocks.add(Rect::new(90, 20, 30, 70));
        let rects = blocks.rects();
        let area: u32 = rects.iter().map(|rect| rect.area()).sum();
        assert_eq!(area, 96 * 16 + 16 * 64 + 20 * 74);
        let disjoint = |at: usize| {
            !rects[at + 1..]
                .iter()
                .any(|other| other.intersects(rects[at]))
        };
        assert!((0..rects.len()).all(disjoint));
    }

    #[test]
    fn crumbs_become_few_rectangles() {
        let mut blocks = Blocks::none(Size::new(1000, 1000));
        for at in (0..60).step_by(2) {
            blocks.add(Rect::new(at * 16, at * 16, 1, 1));
            blocks.add(Rect::new(at * 16, 960 - at * 16, 1, 1));
        }
        let rects = blocks.rects();
        assert!(rects.len() <= Damage::MAX_RECTS);
        for at in (0..60).step_by(2) {
            let block = Rect::new(at * 16, at * 16, 16, 16);
            assert!(rects.iter().any(|rect| rect.contains(block)));
        }
    }
}
