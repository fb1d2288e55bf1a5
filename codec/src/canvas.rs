//! The viewer's picture of the screen. Owns the BGRX pixels and draws decoded rectangles, moves and raw tiles into them;
//! the order of draws is the caller's.

use crate::colour::{PIXEL, to_bgrx};
use crate::geometry::{Rect, Size};
use crate::h264::decoder::Picture;

/// Where a canvas's pixels lie: its own memory, or some that is lent.
pub trait Memory: AsRef<[u8]> + AsMut<[u8]> + Send + Sync {}

impl<M: AsRef<[u8]> + AsMut<[u8]> + Send + Sync> Memory for M {}

pub struct Canvas {
    size: Size,
    pixels: Box<dyn Memory>,
}

impl Canvas {
    /// A black canvas of the screen's size.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self {
            size,
            pixels: Box::new(vec![0; size.area() as usize * PIXEL]),
        }
    }

    /// A black canvas in lent memory; `None` when that is smaller than the screen.
    #[must_use]
    pub fn over(size: Size, pixels: Box<dyn Memory>) -> Option<Self> {
        let mut canvas = Self { size, pixels };
        let length = size.area() as usize * PIXEL;
        if canvas.pixels.as_ref().as_ref().len() != length {
            return None;
        }
        canvas.clear();
        Some(canvas)
    }

    /// Black.
    pub fn clear(&mut self) {
        self.pixels_mut().fill(0);
    }

    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// BGRX, rows `width * 4` bytes apart.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        self.pixels.as_ref().as_ref()
    }

    fn pixels_mut(&mut self) -> &mut [u8] {
        self.pixels.as_mut().as_mut()
    }

    /// The rows of a rectangle, for who brings its pixels from elsewhere; what lies outside the screen is left out.
    pub fn rows_mut(&mut self, rect: Rect) -> impl Iterator<Item = &mut [u8]> {
        let seen = rect.intersect(self.size.rect());
        let (stride, left) = (self.stride(), usize::from(seen.x) * PIXEL);
        let width = usize::from(seen.width) * PIXEL;
        self.pixels_mut()
            .chunks_exact_mut(stride.max(1))
            .skip(seen.y.into())
            .take(seen.height.into())
            .map(move |row| &mut row[left..left + width])
    }

    #[must_use]
    pub fn stride(&self) -> usize {
        usize::from(self.size.width) * PIXEL
    }

    /// Draws rectangles (screen pixels) of a stripe's picture, whose first row is the screen's row `stripe_top`.
    /// What lies outside the picture or the screen is left out.
    pub fn draw(&mut self, picture: &Picture<'_>, stripe_top: u16, rects: &[Rect]) {
        if stripe_top < self.size.height {
            let from = self.at(0, stripe_top);
            draw_rows(
                &mut self.pixels.as_mut().as_mut()[from..],
                self.size.width,
                picture,
                stripe_top,
                rects,
            );
        }
    }

    /// The rows of each stripe, apart, so that several threads can draw.
    pub(crate) fn stripes_mut(&mut self, stripe_height: u16) -> impl Iterator<Item = &mut [u8]> {
        let bytes = usize::from(stripe_height) * self.stride();
        self.pixels_mut().chunks_mut(bytes.max(1))
    }

    /// Moves `source` so that its corner is at (`x`, `y`), as one exact copy; what would come from or go outside is left out.
    pub fn copy(&mut self, source: Rect, x: u16, y: u16) {
        let source = source.intersect(self.size.rect());
        let target = Rect::new(x, y, source.width, source.height).intersect(self.size.rect());
        if target.is_empty() {
            return;
        }
        let row = usize::from(target.width) * PIXEL;
        let mut copy_row = |line: u16| {
            let from = self.at(source.x, source.y + line);
            let to = self.at(x, y + line);
            self.pixels_mut().copy_within(from..from + row, to);
        };
        // Downwards moves begin at the bottom, so that no row is overwritten before it is read.
        if y > source.y {
            (0..target.height).rev().for_each(&mut copy_row);
        } else {
            (0..target.height).for_each(&mut copy_row);
        }
    }

    /// Draws `part` of packed BGRX rows that are `whole`'s pixels; what lies outside the screen, or is missing in `pixels`, is left out.
    pub fn put(&mut self, whole: Rect, pixels: &[u8], part: Rect) {
        let seen = part.intersect(whole).intersect(self.size.rect());
        if seen.is_empty() {
            return;
        }
        let bytes = usize::from(seen.width) * PIXEL;
        let first = usize::from(seen.x - whole.x) * PIXEL;
        let rows = pixels.chunks_exact(usize::from(whole.width) * PIXEL);
        let rows = rows.skip(usize::from(seen.y - whole.y));
        for (y, row) in (seen.y..seen.bottom()).zip(rows) {
            let at = self.at(seen.x, y);
            self.pixels_mut()[at..at + bytes].copy_from_slice(&row[first..first + bytes]);
        }
    }

    fn at(&self, x: u16, y: u16) -> usize {
        usize::from(y) * self.stride() + usize::from(x) * PIXEL
    }
}

/// Draws into whole rows of a canvas that is `width` pixels wide, of which the first is the screen's row `top`, as is the picture's.
pub(crate) fn draw_rows(
    rows: &mut [u8],
    width: u16,
    picture: &Picture<'_>,
    top: u16,
    rects: &[Rect],
) {
    let stride = usize::from(width) * PIXEL;
    let height = (rows.len() / stride.max(1)).min(usize::from(u16::MAX - top)) as u16;
    let coded = Rect::new(0, top, picture.size.width, picture.size.height);
    for rect in rects {
        let seen = reach(*rect)
            .intersect(coded)
            .intersect(Rect::new(0, top, width, height));
        if seen.is_empty() {
            continue;
        }
        let (x, y) = (usize::from(seen.x), usize::from(seen.y - top));
        let luma = y * picture.luma_stride + x;
        let chroma = y / 2 * picture.chroma_stride + x / 2;
        to_bgrx(
            [
                &picture.y[luma..],
                &picture.u[chroma..],
                &picture.v[chroma..],
            ],
            [picture.luma_stride, picture.chroma_stride],
            Size::new(seen.width, seen.height),
            &mut rows[y * stride + x * PIXEL..],
            stride,
        );
    }
}

/// What drawing a rectangle of a picture touches: chroma has a sample for two pixels, so drawing begins at even places; a peer's
/// rectangles need not.
#[must_use]
pub fn reach(rect: Rect) -> Rect {
    let (x, y) = (rect.x & !1, rect.y & !1);
    Rect::new(
        x,
        y,
        rect.width.saturating_add(rect.x - x),
        rect.height.saturating_add(rect.y - y),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(size: Size) -> Canvas {
        let mut canvas = Canvas::new(size);
        for (at, pixel) in canvas.pixels_mut().chunks_exact_mut(PIXEL).enumerate() {
            pixel[0] = at as u8;
        }
        canvas
    }

    fn blue(canvas: &Canvas) -> Vec<u8> {
        canvas
            .pixels()
            .chunks_exact(PIXEL)
            .map(|pixel| pixel[0])
            .collect()
    }

    #[test]
    fn overlapping_copies_keep_the_source_whole() {
        let size = Size::new(3, 4);
        let mut down = numbered(size);
        down.copy(Rect::new(0, 0, 3, 3), 0, 1);
        assert_eq!(blue(&down), [0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let mut up = numbered(size);
        up.copy(Rect::new(0, 1, 3, 3), 0, 0);
        assert_eq!(blue(&up), [3, 4, 5, 6, 7, 8, 9, 10, 11, 9, 10, 11]);
        let mut right = numbered(size);
        right.copy(Rect::new(0, 0, 2, 1), 1, 0);
        assert_eq!(blue(&right)[..3], [0, 0, 1]);
    }

    #[test]
    fn a_part_of_a_tile_is_drawn_alone() {
        let mut canvas = numbered(Size::new(4, 3));
        let tile: Vec<u8> = (100..106).flat_map(|n| [n, 0, 0, 0]).collect();
        canvas.put(Rect::new(1, 1, 3, 2), &tile, Rect::new(2, 2, 2, 9));
        assert_eq!(blue(&canvas), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 104, 105]);
    }

    #[test]
    fn a_peers_rectangles_never_reach_outside() {
        let mut canvas = numbered(Size::new(5, 5));
        canvas.copy(Rect::new(3, 3, 60_000, 60_000), 65_535, 65_535);
        canvas.copy(Rect::new(0, 0, 65_535, 65_535), 4, 4);
        let tile = Rect::new(4, 4, 3, 3);
        canvas.put(tile, &[1; 36], tile);
        canvas.put(tile, &[1; 36], Rect::new(0, 0, 65_535, 65_535));
        canvas.put(Rect::new(0, 0, 5, 5), &[2; 7], tile);
        let plane = vec![100; 16 * 16];
        let picture = Picture {
            size: Size::new(16, 16),
            y: &plane,
            u: &plane[..64],
            v: &plane[..64],
            luma_stride: 16,
            chroma_stride: 8,
        };
        let wild = [
            Rect::new(1, 3, 65_535, 65_535),
            Rect::new(65_535, 65_535, 9, 9),
            Rect::new(4, 4, 1, 1),
        ];
        canvas.draw(&picture, 0, &wild);
        canvas.draw(&picture, 2, &wild);
        canvas.draw(&picture, 65_520, &wild);
    }
}
