//! Which macroblocks the technicians see exactly, and when the others are due to become so. Owns a clock per macroblock, so that a
//! blinking cursor restarts nobody else's. Pure: the time is an argument.

use std::time::{Duration, Instant};

use mayday_codec::{Rect, Size};

use super::cells::Cells;

/// Quiet time of a macroblock after which it is sent exactly.
const SETTLED: Duration = Duration::from_millis(180);

/// What is shown, but not exactly.
#[derive(Debug)]
pub struct Exactness {
    size: Size,
    inexact: Cells,
    /// When each macroblock was last drawn inexactly; `None` before the first time.
    drawn_at: Vec<Option<Instant>>,
}

impl Exactness {
    /// Nothing is shown yet.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let columns = usize::from(size.width.div_ceil(16));
        let rows = usize::from(size.height.div_ceil(16));
        Self {
            size,
            inexact: Cells::none(size),
            drawn_at: vec![None; columns * rows],
        }
    }

    #[must_use]
    pub fn inexact(&self) -> &Cells {
        &self.inexact
    }

    /// These were drawn as pictures, or are exact for some and not for others.
    pub fn drawn(&mut self, cells: &Cells, now: Instant) {
        self.inexact.add_all(cells);
        for cell in cells.indices() {
            self.drawn_at[cell] = Some(now);
        }
    }

    /// These were drawn as they are, or changed and will be drawn again.
    pub fn settle(&mut self, cells: &Cells) {
        self.inexact.remove_all(cells);
    }

    /// Pixels moved on the technicians' canvases, and what is exact with them.
    pub fn moved(&mut self, moves: &[(Rect, Rect)], now: Instant) {
        self.inexact.carry(self.size, moves);
        let mut targets = Cells::none(self.size);
        for (_, target) in moves {
            targets.add(*target);
        }
        for cell in targets.common(&self.inexact).indices() {
            self.drawn_at[cell] = Some(now);
        }
    }

    /// Those that were drawn as pictures just now: a film, perhaps.
    #[must_use]
    pub fn lively(&self, now: Instant) -> Cells {
        let mut lively = Cells::none(self.size);
        for cell in self.inexact.indices() {
            if self.drawn_at[cell].is_some_and(|at| now < at + SETTLED) {
                lively.add_index(cell);
            }
        }
        lively
    }

    /// When the first of them is due, without those that are still `coarse`.
    #[must_use]
    pub fn due_at(&self, coarse: &Cells) -> Option<Instant> {
        let mut fine = self.inexact.clone();
        fine.remove_all(coarse);
        let first = fine
            .indices()
            .filter_map(|cell| self.drawn_at[cell])
            .min()?;
        Some(first + SETTLED)
    }

    /// Those that are due.
    #[must_use]
    pub fn due(&self, coarse: &Cells, now: Instant) -> Cells {
        let mut due = Cells::none(self.size);
        let mut fine = self.inexact.clone();
        fine.remove_all(coarse);
        for cell in fine.indices() {
            if self.drawn_at[cell].is_some_and(|at| at + SETTLED <= now) {
                due.add_index(cell);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Size = Size {
        width: 200,
        height: 100,
    };

    fn cells(rect: Rect) -> Cells {
        let mut cells = Cells::none(SCREEN);
        cells.add(rect);
        cells
    }

    #[test]
    fn each_macroblock_has_its_own_clock() {
        let (mut exactness, now) = (Exactness::new(SCREEN), Instant::now());
        let none = Cells::none(SCREEN);
        exactness.drawn(&cells(Rect::new(0, 0, 64, 64)), now);
        let cursor = cells(Rect::new(16, 16, 1, 16));
        exactness.drawn(&cursor, now + SETTLED / 2);
        assert_eq!(exactness.due_at(&none), Some(now + SETTLED));
        let due = exactness.due(&none, now + SETTLED);
        assert_eq!(due.count(), 15);
        exactness.settle(&due);
        assert_eq!(exactness.inexact(), &cursor);
        assert_eq!(exactness.due_at(&none), Some(now + SETTLED * 3 / 2));
        exactness.settle(&cursor);
        assert_eq!(exactness.due_at(&none), None);
    }

    #[test]
    fn what_moves_takes_its_mark_along() {
        let (mut exactness, now) = (Exactness::new(SCREEN), Instant::now());
        exactness.drawn(&cells(Rect::new(0, 32, 16, 16)), now);
        let up = (Rect::new(0, 20, 96, 60), Rect::new(0, 10, 96, 60));
        exactness.moved(&[up], now + SETTLED);
        // Rows 32-47 went to 22-37: two rows of blocks have some of them.
        assert_eq!(exactness.inexact(), &cells(Rect::new(0, 16, 16, 32)));
        let onto = (Rect::new(96, 0, 16, 64), Rect::new(0, 0, 16, 64));
        exactness.moved(&[onto], now + SETTLED);
        assert_eq!(
            exactness.inexact().count(),
            0,
            "what is exact replaced them"
        );
    }
}
