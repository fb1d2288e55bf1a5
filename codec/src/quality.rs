//! How coarsely each macroblock of a stripe was last coded. Owns the rule that keeps a quantiser from sinking below what lies
//! around the damage.
//!
//! The encoder compares every macroblock with its own last picture, not with what was damaged. Coded more finely than before, the
//! undamaged rest of the stripe would be coded again: up to 60 kB for one glyph on a stripe of dense text that was first sent at
//! quantiser 40. So a small change is coded about as coarsely as its surroundings, and becomes fine when they do: see
//! [`crate::StripeEncoder::coarser_than`].

use crate::geometry::{Damage, MACROBLOCK, Rect, Size};

/// By how much the quantiser may sink without undamaged macroblocks being coded again: measured on dense text, 2 costs less than
/// 160 bytes a stripe, 3 up to 5 kB, 4 up to 16 kB.
const FREE_DROP: u8 = 2;

#[derive(Debug)]
pub(crate) struct Quality {
    columns: usize,
    /// The quantiser of each macroblock, row by row; 0 before the first picture.
    cells: Vec<u8>,
}

impl Quality {
    /// `size` is made of whole macroblocks.
    pub(crate) fn new(size: Size) -> Self {
        let columns = usize::from(size.width / MACROBLOCK);
        Self {
            columns,
            cells: vec![0; columns * usize::from(size.height / MACROBLOCK)],
        }
    }

    /// Notes that these 16-aligned rectangles are coded now, as near to the `wanted` quantiser as is free, which it returns.
    pub(crate) fn code(&mut self, rects: &[Rect], wanted: u8) -> u8 {
        self.set(rects, 0);
        let around = self.cells.iter().copied().max().unwrap_or(0);
        let qp = wanted.max(around.saturating_sub(FREE_DROP));
        self.set(rects, qp);
        qp
    }

    fn set(&mut self, rects: &[Rect], qp: u8) {
        for rect in rects {
            let (left, right) = (cell(rect.x), cell(rect.right()));
            for row in cell(rect.y)..cell(rect.bottom()) {
                self.cells[row * self.columns + left..row * self.columns + right].fill(qp);
            }
        }
    }

    /// Adds the macroblocks coded more coarsely than `qp` to `damage`, `top` rows further down.
    pub(crate) fn coarser_than(&self, qp: u8, top: u16, damage: &mut Damage) {
        for (row, cells) in self.cells.chunks_exact(self.columns).enumerate() {
            let mut from = 0;
            for run in cells.chunk_by(|a, b| (*a > qp) == (*b > qp)) {
                if run[0] > qp {
                    damage.add(Rect::new(
                        from * MACROBLOCK,
                        top + row as u16 * MACROBLOCK,
                        run.len() as u16 * MACROBLOCK,
                        MACROBLOCK,
                    ));
                }
                from += run.len() as u16;
            }
        }
    }
}

fn cell(pixel: u16) -> usize {
    usize::from(pixel / MACROBLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_change_is_as_coarse_as_its_surroundings_until_they_become_fine() {
        let size = Size::new(160, 32);
        let mut quality = Quality::new(size);
        assert_eq!(quality.code(&[size.rect()], 40), 40);
        let glyph = [Rect::new(32, 16, 16, 16)];
        assert_eq!(quality.code(&glyph, 20), 38);
        assert_eq!(quality.code(&glyph, 45), 45, "coarser is always free");
        assert_eq!(quality.code(&[size.rect()], 20), 20);
        assert_eq!(quality.code(&glyph, 20), 20);
    }

    #[test]
    fn what_is_coarse_is_told_in_screen_pixels() {
        let size = Size::new(160, 32);
        let mut quality = Quality::new(size);
        quality.code(&[size.rect()], 20);
        quality.code(&[Rect::new(32, 0, 48, 32)], 36);
        let mut coarse = Damage::default();
        quality.coarser_than(24, 144, &mut coarse);
        assert_eq!(coarse.rects(), [Rect::new(32, 144, 48, 32)]);
        coarse.clear();
        quality.coarser_than(36, 144, &mut coarse);
        assert!(coarse.is_empty());
    }
}
