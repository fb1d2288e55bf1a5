//! How many pixels of an area are new: neither the one before nor the one above. Text has few, a photograph is made of them.

use crate::geometry::Rect;

/// Rows that are looked at: every so many.
const SAMPLED: usize = 2;
/// Without the byte that means nothing.
const COLOUR: u32 = 0x00ff_ffff;

/// Pixels of `area` that differ from the one before and from the one above, projected from a sample.
#[must_use]
pub fn novelty(pixels: &[u8], stride: usize, area: Rect) -> usize {
    let row = |y: u16| {
        let at = usize::from(y) * stride + usize::from(area.x) * 4;
        &pixels[at..at + usize::from(area.width) * 4]
    };
    let (mut novel, mut rows) = (0, 0);
    for y in (area.y + 1..area.bottom()).step_by(SAMPLED) {
        novel += novel_in(row(y), row(y - 1));
        rows += 1;
    }
    novel * usize::from(area.height) / usize::max(rows, 1)
}

fn novel_in(here: &[u8], above: &[u8]) -> usize {
    let differ = |a: &[u8], b: &[u8]| {
        let word = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        u32::from((word(a) ^ word(b)) & COLOUR != 0)
    };
    let before = here[..here.len() - 4].chunks_exact(4);
    let pixels = here[4..].chunks_exact(4).zip(above[4..].chunks_exact(4));
    before
        .zip(pixels)
        .map(|(before, (here, above))| differ(here, before) & differ(here, above))
        .fold(0, u32::wrapping_add) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_is_not_new_and_noise_is() {
        let mut state = 1_u32;
        let noise: Vec<u8> = (0..64 * 64)
            .flat_map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8).to_le_bytes()
            })
            .collect();
        let area = Rect::new(0, 0, 64, 64);
        assert_eq!(novelty(&vec![7; 64 * 64 * 4], 64 * 4, area), 0);
        assert!(novelty(&noise, 64 * 4, area) > 3900);
        assert_eq!(novelty(&noise, 64 * 4, Rect::new(3, 9, 20, 1)), 0);
    }
}
