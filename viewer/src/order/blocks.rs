//! The newest update that drew in each 16x16 block, so that what comes late never overwrites something newer. Owns no pixels.

use mayday_protocol::Sequence;
use mayday_protocol::update::{Layout, Rect};

const SIDE: u16 = 16;

#[derive(Debug)]
pub(super) struct Blocks {
    columns: u16,
    rows: u16,
    newest: Vec<Sequence>,
}

impl Blocks {
    pub(super) fn new(layout: Layout) -> Self {
        let (columns, rows) = (layout.width.div_ceil(SIDE), layout.height.div_ceil(SIDE));
        Self {
            columns,
            rows,
            newest: vec![Sequence(0); usize::from(columns) * usize::from(rows)],
        }
    }

    pub(super) fn clear(&mut self) {
        self.newest.fill(Sequence(0));
    }

    /// What of `rect` nothing newer than `sequence` drew; from now on that is drawn by `sequence`.
    pub(super) fn draw(&mut self, rect: Rect, sequence: Sequence) -> Vec<Rect> {
        let mut parts = Vec::new();
        let mut whole = true;
        for row in rect.y / SIDE..end(rect.y, rect.height, self.rows) {
            let mut run: Option<u16> = None;
            let last = end(rect.x, rect.width, self.columns);
            for column in rect.x / SIDE..last {
                let newest = &mut self.newest
                    [usize::from(row) * usize::from(self.columns) + usize::from(column)];
                if *newest <= sequence {
                    *newest = sequence;
                    run.get_or_insert(column);
                } else {
                    whole = false;
                    parts.extend(run.take().map(|from| part(rect, row, from..column)));
                }
            }
            parts.extend(run.map(|from| part(rect, row, from..last)));
        }
        if whole { vec![rect] } else { parts }
    }
}

impl Blocks {
    /// Whether something newer than `sequence` drew under `rect`.
    pub(super) fn is_newer(&self, rect: Rect, sequence: Sequence) -> bool {
        let columns = rect.x / SIDE..end(rect.x, rect.width, self.columns);
        (rect.y / SIDE..end(rect.y, rect.height, self.rows)).any(|row| {
            let line = usize::from(row) * usize::from(self.columns);
            columns
                .clone()
                .any(|column| self.newest[line + usize::from(column)] > sequence)
        })
    }
}

fn end(at: u16, side: u16, limit: u16) -> u16 {
    at.saturating_add(side).div_ceil(SIDE).min(limit)
}

/// The part of `rect` in these blocks.
fn part(rect: Rect, row: u16, columns: std::ops::Range<u16>) -> Rect {
    let (x, y) = (rect.x.max(columns.start * SIDE), rect.y.max(row * SIDE));
    let right = rect
        .x
        .saturating_add(rect.width)
        .min(columns.end.saturating_mul(SIDE));
    let bottom = rect
        .y
        .saturating_add(rect.height)
        .min((row + 1).saturating_mul(SIDE));
    Rect {
        x,
        y,
        width: right - x,
        height: bottom - y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: u16, y: u16, width: u16, height: u16) -> Rect {
        Rect {
            x,
            y,
            width,
            height,
        }
    }

    #[test]
    fn what_is_late_leaves_out_what_is_newer() {
        let mut blocks = Blocks::new(Layout {
            width: 70,
            height: 40,
            stripe_height: 16,
        });
        let all = rect(0, 0, 70, 40);
        assert_eq!(blocks.draw(all, Sequence(1)), [all]);
        assert_eq!(
            blocks.draw(rect(16, 16, 16, 16), Sequence(5)),
            [rect(16, 16, 16, 16)]
        );
        assert_eq!(
            blocks.draw(all, Sequence(4)),
            [
                rect(0, 0, 70, 16),
                rect(0, 16, 16, 16),
                rect(32, 16, 38, 16),
                rect(0, 32, 70, 8)
            ]
        );
        assert_eq!(blocks.draw(rect(16, 16, 16, 16), Sequence(4)), []);
        assert_eq!(blocks.draw(all, Sequence(5)), [all]);
    }

    #[test]
    fn hostile_rectangles_reach_nowhere() {
        let mut blocks = Blocks::new(Layout {
            width: 70,
            height: 40,
            stripe_height: 16,
        });
        blocks.draw(rect(16, 16, 16, 16), Sequence(9));
        for wild in [
            rect(65_520, 65_520, 9, 9),
            rect(0, 0, 65_535, 65_535),
            rect(3, 3, 0, 0),
        ] {
            blocks.draw(wild, Sequence(2));
        }
    }
}
