//! When a decoded picture shows what the end user's screen shows after a change: one rule for exact and for lossy pictures. Pure.

/// Bytes of a pixel: blue, green, red, nothing.
const PIXEL: usize = 4;
/// Side of a cell.
const CELL: usize = 16;
/// A cell counts as changed from this sum of differences of brightness on, two black pixels on white: what is less is shading that
/// nobody reads.
const CHANGED: u32 = 512;
/// Mean difference of brightness, of 255, over all changed cells, up to which a picture counts as shown. Camera mode at full
/// quality is at 1.1 with text, a lossless picture at 0; text is sharp at both.
const NEAR: f64 = 4.0;

/// What changed on a part of the screen.
pub struct Change {
    old: Vec<u8>,
    new: Vec<u8>,
    width: usize,
    /// The rows of the changed cells, each as its first and last byte.
    cells: Vec<Vec<(usize, usize)>>,
}

impl Change {
    /// Between two pictures of the same part, `width` pixels wide; `None` when nothing changed that can be seen.
    #[must_use]
    pub fn between(old: Vec<u8>, new: Vec<u8>, width: usize) -> Option<Self> {
        let mut change = Self {
            old,
            new,
            width,
            cells: Vec::new(),
        };
        let height = change.new.len() / PIXEL / width.max(1);
        for top in (0..height).step_by(CELL) {
            for left in (0..width).step_by(CELL) {
                let cell = change.cell((left, top), height);
                if difference(&change.old, &change.new, &cell) >= CHANGED {
                    change.cells.push(cell);
                }
            }
        }
        (!change.cells.is_empty()).then_some(change)
    }

    fn cell(&self, (left, top): (usize, usize), height: usize) -> Vec<(usize, usize)> {
        let right = (left + CELL).min(self.width);
        let rows = top..(top + CELL).min(height);
        let bytes = |x: usize, y: usize| (y * self.width + x) * PIXEL;
        rows.map(|y| (bytes(left, y), bytes(right, y))).collect()
    }

    /// Whether this picture of the same part shows the new one: each changed cell is nearer to the new than to the old, and all of
    /// them together differ from the new by a little at most.
    #[must_use]
    pub fn is_shown_by(&self, seen: &[u8]) -> bool {
        let near = |mean| mean <= NEAR;
        seen.len() == self.new.len() && self.distance(seen).is_some_and(near)
    }

    /// The mean difference to the new picture; `None` when a cell is nearer to the old one.
    fn distance(&self, seen: &[u8]) -> Option<f64> {
        let (mut sum, mut bytes) = (0.0, 0);
        for cell in &self.cells {
            let to_new = difference(seen, &self.new, cell);
            if to_new > 0 && to_new >= difference(seen, &self.old, cell) {
                return None;
            }
            sum += f64::from(to_new);
            bytes += cell.iter().map(|(from, to)| to - from).sum::<usize>();
        }
        Some(sum / (bytes / PIXEL).max(1) as f64)
    }
}

/// Sum of the differences of brightness.
fn difference(one: &[u8], other: &[u8], cell: &[(usize, usize)]) -> u32 {
    let rows = cell.iter().map(|(from, to)| {
        let pixels = one[*from..*to].chunks_exact(PIXEL);
        let others = other[*from..*to].chunks_exact(PIXEL);
        let pixels = pixels.zip(others).filter(|(one, other)| one != other);
        pixels
            .map(|(one, other)| luma(one).abs_diff(luma(other)))
            .sum::<u32>()
    });
    rows.sum()
}

/// Of BT.601, 0-255.
fn luma(pixel: &[u8]) -> u32 {
    let [blue, green, red] = [0, 1, 2].map(|at| u32::from(pixel[at]));
    (29 * blue + 150 * green + 77 * red) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 40;
    const HEIGHT: usize = 24;

    fn paper() -> Vec<u8> {
        vec![255; WIDTH * HEIGHT * PIXEL]
    }

    /// Black where `ink` says so.
    fn drawn(ink: impl Fn(usize, usize) -> bool) -> Vec<u8> {
        let mut picture = paper();
        for (at, pixel) in picture.chunks_exact_mut(PIXEL).enumerate() {
            if ink(at % WIDTH, at / WIDTH) {
                pixel.fill(0);
            }
        }
        picture
    }

    fn glyph(x: usize, y: usize) -> bool {
        (3..9).contains(&x) && (4..12).contains(&y) && (x + y).is_multiple_of(2)
    }

    #[test]
    fn the_new_picture_shows_it_and_the_old_does_not() {
        let change = Change::between(paper(), drawn(glyph), WIDTH).unwrap();
        assert_eq!(change.cells.len(), 1);
        assert!(change.is_shown_by(&drawn(glyph)));
        assert!(!change.is_shown_by(&paper()));
    }

    #[test]
    fn a_lossy_picture_shows_it_and_a_smeared_one_does_not() {
        let change = Change::between(paper(), drawn(glyph), WIDTH).unwrap();
        let with = |ink: u8, paper: u8| {
            let mut picture = drawn(glyph);
            for byte in &mut picture {
                *byte = if *byte == 0 { ink } else { paper };
            }
            picture
        };
        assert!(change.is_shown_by(&with(20, 253)));
        assert!(!change.is_shown_by(&with(180, 251)));
        assert!(!change.is_shown_by(&with(0, 240)));
    }

    #[test]
    fn one_cell_that_still_shows_the_old_is_enough_to_wait() {
        let both = drawn(|x, y| glyph(x, y) || glyph(x.wrapping_sub(32), y.wrapping_sub(8)));
        let change = Change::between(paper(), both, WIDTH).unwrap();
        assert!(change.cells.len() > 1);
        assert!(!change.is_shown_by(&drawn(glyph)));
    }

    #[test]
    fn what_changed_elsewhere_does_not_matter_and_shading_is_no_change() {
        let change = Change::between(paper(), drawn(glyph), WIDTH).unwrap();
        assert!(change.is_shown_by(&drawn(|x, y| glyph(x, y) || y > 16)));
        let mut shaded = paper();
        shaded[..PIXEL * 30].fill(250);
        assert!(Change::between(paper(), shaded, WIDTH).is_none());
    }
}
