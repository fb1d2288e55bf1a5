//! A set of 16x16 macroblocks of the screen. Owns set arithmetic and the way back to rectangles; knows nothing of why they are in it.

use mayday_codec::{Layout, Rect, Size};

const SIDE: u16 = 16;

/// Which macroblocks; one bit each, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    /// Of the screen, in pixels.
    width: u16,
    height: u16,
    columns: u16,
    rows: u16,
    words: usize,
    bits: Vec<u64>,
}

impl Cells {
    #[must_use]
    pub fn none(size: Size) -> Self {
        let (columns, rows) = (size.width.div_ceil(SIDE), size.height.div_ceil(SIDE));
        let words = usize::from(columns.div_ceil(64));
        Self {
            width: size.width,
            height: size.height,
            columns,
            rows,
            words,
            bits: vec![0; words * usize::from(rows)],
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.bits
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    pub fn clear(&mut self) {
        self.bits.fill(0);
    }

    pub fn add(&mut self, rect: Rect) {
        if rect.width == 0 || rect.height == 0 {
            return;
        }
        let last_row = (rect.bottom().saturating_sub(1) / SIDE).min(self.rows.saturating_sub(1));
        let last_column =
            (rect.right().saturating_sub(1) / SIDE).min(self.columns.saturating_sub(1));
        for row in rect.y / SIDE..=last_row {
            for column in rect.x / SIDE..=last_column {
                self.set(column, row);
            }
        }
    }

    /// Only cells that lie in `rect` with all their pixels on the screen.
    pub fn add_whole(&mut self, rect: Rect) {
        let left = rect.x.next_multiple_of(SIDE);
        let top = rect.y.next_multiple_of(SIDE);
        // Beyond the last column and row there are no pixels.
        let end = |end: u16, cells: u16, last: u16| match end >= last {
            true => cells * SIDE,
            false => end / SIDE * SIDE,
        };
        let right = end(rect.right(), self.columns, self.width);
        let bottom = end(rect.bottom(), self.rows, self.height);
        self.add(Rect::new(
            left,
            top,
            right.saturating_sub(left),
            bottom.saturating_sub(top),
        ));
    }

    pub fn add_all(&mut self, other: &Self) {
        for (mine, theirs) in self.bits.iter_mut().zip(&other.bits) {
            *mine |= theirs;
        }
    }

    pub fn remove_all(&mut self, other: &Self) {
        for (mine, theirs) in self.bits.iter_mut().zip(&other.bits) {
            *mine &= !theirs;
        }
    }

    /// Those that are in both.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        let mut common = self.clone();
        for (mine, theirs) in common.bits.iter_mut().zip(&other.bits) {
            *mine &= theirs;
        }
        common
    }

    /// Whether any of them lies under `rect`.
    #[must_use]
    pub fn touches(&self, rect: Rect) -> bool {
        let columns = rect.x / SIDE..rect.right().div_ceil(SIDE).min(self.columns);
        (rect.y / SIDE..rect.bottom().div_ceil(SIDE).min(self.rows))
            .any(|row| columns.clone().any(|column| self.has(column, row)))
    }

    /// Pixels moved, from each first rectangle to the second, and these marks with them: a cell that got any pixel of a marked one is
    /// marked, one that got only others is not any more.
    pub fn carry(&mut self, size: Size, moves: &[(Rect, Rect)]) {
        if self.is_empty() {
            return;
        }
        let before = self.clone();
        for (source, target) in moves {
            let mut under = Self::none(size);
            under.add(*target);
            for rect in under.blocks(size) {
                let part = rect.intersect(*target);
                let from = Rect {
                    x: part.x - target.x + source.x,
                    y: part.y - target.y + source.y,
                    ..part
                };
                if before.touches(from) {
                    self.add(part);
                } else if part == rect {
                    self.remove(rect);
                }
            }
        }
    }

    /// Their numbers, counted row by row.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        let columns = usize::from(self.columns);
        self.bits.iter().enumerate().flat_map(move |(word, bits)| {
            let first = word / self.words * columns + word % self.words * 64;
            ones(*bits).map(move |bit| first + bit)
        })
    }

    pub fn add_index(&mut self, index: usize) {
        let columns = usize::from(self.columns);
        self.set((index % columns) as u16, (index / columns) as u16);
    }

    /// Each as a rectangle of its own, clipped to the screen.
    pub fn blocks(&self, size: Size) -> impl Iterator<Item = Rect> {
        let columns = usize::from(self.columns);
        self.indices().map(move |index| {
            let (x, y) = ((index % columns) as u16, (index / columns) as u16);
            Rect::new(x * SIDE, y * SIDE, SIDE, SIDE).intersect(size.rect())
        })
    }

    /// Those that hang together, side by side or one above the other.
    #[must_use]
    pub fn parts(&self) -> Vec<Self> {
        let (mut rest, mut parts) = (self.clone(), Vec::new());
        loop {
            let first = rest.indices().next();
            let Some(first) = first else {
                return parts;
            };
            let mut part = Self {
                bits: vec![0; self.bits.len()],
                ..*self
            };
            let columns = usize::from(self.columns);
            let mut open = vec![((first % columns) as u16, (first / columns) as u16)];
            while let Some((column, row)) = open.pop() {
                if !rest.has(column, row) {
                    continue;
                }
                rest.unset(column, row);
                part.set(column, row);
                let left = column.checked_sub(1).map(|left| (left, row));
                let above = row.checked_sub(1).map(|above| (column, above));
                let right = (column + 1 < self.columns).then_some((column + 1, row));
                let below = (row + 1 < self.rows).then_some((column, row + 1));
                open.extend([left, above, right, below].into_iter().flatten());
            }
            parts.push(part);
        }
    }

    /// Those in one stripe.
    #[must_use]
    pub fn in_stripe(&self, layout: &Layout, stripe: usize) -> Self {
        let visible = layout.visible(stripe);
        let mut part = Self {
            bits: vec![0; self.bits.len()],
            ..*self
        };
        let from = usize::from(visible.y / SIDE) * self.words;
        let to = (usize::from(visible.bottom().div_ceil(SIDE)) * self.words).min(self.bits.len());
        part.bits[from..to].copy_from_slice(&self.bits[from..to]);
        part
    }

    /// The stripes that have any, one bit each.
    #[must_use]
    pub fn stripes(&self, layout: &Layout) -> u64 {
        (0..layout.stripes())
            .filter(|stripe| {
                let visible = layout.visible(*stripe);
                let from = usize::from(visible.y / SIDE) * self.words;
                let to = usize::from(visible.bottom().div_ceil(SIDE)) * self.words;
                self.bits[from..to.min(self.bits.len())]
                    .iter()
                    .any(|word| *word != 0)
            })
            .fold(0, |mask, stripe| mask | 1 << stripe)
    }

    /// At most `limit` of these, whole columns first that are nearest to `x` (a screen column).
    #[must_use]
    pub fn nearest(&self, x: u16, limit: usize) -> Self {
        let centre = i32::from(x / SIDE);
        let mut columns: Vec<u16> = (0..self.columns).collect();
        columns.sort_by_key(|column| (i32::from(*column) - centre).abs());
        let mut part = Self {
            bits: vec![0; self.bits.len()],
            ..*self
        };
        let mut taken = 0;
        for column in columns {
            for row in (0..self.rows).filter(|row| self.has(column, *row)) {
                if taken == limit {
                    return part;
                }
                part.set(column, row);
                taken += 1;
            }
        }
        part
    }

    /// Disjoint rectangles that cover exactly these cells, clipped to the screen.
    #[must_use]
    pub fn rects(&self, size: Size) -> Vec<Rect> {
        let mut done: Vec<Rect> = Vec::new();
        let mut open: Vec<Rect> = Vec::new();
        for row in 0..self.rows {
            let mut next = Vec::new();
            for (from, to) in self.runs(row) {
                let run = Rect::new(from * SIDE, row * SIDE, (to - from) * SIDE, SIDE);
                let above = open
                    .iter()
                    .position(|rect| rect.x == run.x && rect.width == run.width);
                next.push(match above {
                    Some(at) => {
                        let mut grown = open.swap_remove(at);
                        grown.height += SIDE;
                        grown
                    }
                    None => run,
                });
            }
            done.append(&mut open);
            open = next;
        }
        done.append(&mut open);
        done.into_iter()
            .map(|rect| rect.intersect(size.rect()))
            .collect()
    }

    /// Half-open runs of columns in one row.
    fn runs(&self, row: u16) -> Vec<(u16, u16)> {
        let mut runs = Vec::new();
        let words = &self.bits[usize::from(row) * self.words..][..self.words];
        if words.iter().all(|word| *word == 0) {
            return runs;
        }
        let mut start = None;
        for column in 0..self.columns {
            match (self.has(column, row), start) {
                (true, None) => start = Some(column),
                (false, Some(from)) => {
                    runs.push((from, column));
                    start = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        runs.extend(start.map(|from| (from, self.columns)));
        runs
    }

    /// Takes out the cell at this rectangle's corner.
    fn remove(&mut self, cell: Rect) {
        self.unset(cell.x / SIDE, cell.y / SIDE);
    }

    fn has(&self, column: u16, row: u16) -> bool {
        let word = self.bits[usize::from(row) * self.words + usize::from(column / 64)];
        word & 1 << (column % 64) != 0
    }

    fn set(&mut self, column: u16, row: u16) {
        self.bits[usize::from(row) * self.words + usize::from(column / 64)] |= 1 << (column % 64);
    }

    fn unset(&mut self, column: u16, row: u16) {
        let word = usize::from(row) * self.words + usize::from(column / 64);
        self.bits[word] &= !(1 << (column % 64));
    }
}

/// The places of the ones in a word, from the lowest.
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = word.trailing_zeros();
        word &= word.wrapping_sub(1);
        (place < 64).then_some(place as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Size = Size {
        width: 1920,
        height: 1080,
    };

    #[test]
    fn a_rectangle_becomes_its_cells_and_comes_back_aligned() {
        let mut cells = Cells::none(SCREEN);
        cells.add(Rect::new(17, 1070, 20, 10));
        assert_eq!(cells.count(), 4);
        assert_eq!(cells.rects(SCREEN), [Rect::new(16, 1056, 32, 24)]);
    }

    #[test]
    fn numbers_and_blocks_name_the_same_cells() {
        let mut cells = Cells::none(SCREEN);
        cells.add(Rect::new(1000, 33, 40, 1));
        cells.add(Rect::new(1910, 1079, 1, 1));
        let mut again = Cells::none(SCREEN);
        cells.indices().for_each(|index| again.add_index(index));
        assert_eq!(again, cells);
        let mut blocks = Cells::none(SCREEN);
        cells.blocks(SCREEN).for_each(|rect| blocks.add(rect));
        assert_eq!(blocks, cells);
        assert!(cells.touches(Rect::new(1039, 47, 9, 9)));
        assert!(!cells.touches(Rect::new(1040, 32, 9, 9)));
    }

    #[test]
    fn the_whole_screen_is_one_rectangle() {
        let mut cells = Cells::none(SCREEN);
        cells.add(SCREEN.rect());
        assert_eq!(cells.rects(SCREEN), [SCREEN.rect()]);
        assert_eq!(cells.count(), 120 * 68);
    }

    #[test]
    fn an_l_becomes_two_rectangles() {
        let mut cells = Cells::none(SCREEN);
        cells.add(Rect::new(0, 0, 16, 32));
        cells.add(Rect::new(16, 16, 32, 16));
        let mut rects = cells.rects(SCREEN);
        rects.sort_by_key(|rect| rect.y);
        assert_eq!(rects, [Rect::new(0, 0, 16, 16), Rect::new(0, 16, 48, 16)]);
    }

    #[test]
    fn stripes_name_where_cells_are() {
        let layout = Layout::new(SCREEN, 144).unwrap();
        let mut cells = Cells::none(SCREEN);
        cells.add(Rect::new(100, 140, 10, 10));
        cells.add(Rect::new(100, 1079, 1, 1));
        assert_eq!(cells.stripes(&layout), 0b1000_0011);
        assert_eq!(cells.in_stripe(&layout, 0).count(), 1);
        assert_eq!(cells.in_stripe(&layout, 7).count(), 1);
    }

    #[test]
    fn corners_that_touch_do_not_hang_together() {
        let mut cells = Cells::none(SCREEN);
        let parts = [
            vec![Rect::new(0, 0, 64, 16), Rect::new(48, 16, 16, 64)],
            vec![Rect::new(64, 80, 32, 32)],
            vec![Rect::new(1904, 1072, 16, 8)],
        ];
        let parts = parts.map(|rects| {
            let mut part = Cells::none(SCREEN);
            rects.into_iter().for_each(|rect| part.add(rect));
            cells.add_all(&part);
            part
        });
        assert_eq!(cells.parts(), parts);
    }

    #[test]
    fn the_nearest_cells_come_first() {
        let mut cells = Cells::none(SCREEN);
        cells.add(Rect::new(0, 0, 1920, 32));
        let near = cells.nearest(960, 6);
        assert_eq!(near.count(), 6);
        assert!(
            near.rects(SCREEN)
                .iter()
                .all(|rect| rect.x >= 928 && rect.right() <= 1008)
        );
    }
}
