//! How the screen is cut into stripes. Owns the arithmetic that agent and viewer must agree on, nothing else.

use crate::geometry::{MACROBLOCK, Rect, Size};

/// Rows of a stripe unless someone chooses otherwise: low enough that one glyph costs little, high enough that a viewer
/// needs few decoders.
pub const DEFAULT_STRIPE_HEIGHT: u16 = 144;

/// Full-width stripes of `stripe_height` rows, the last one possibly lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    size: Size,
    stripe_height: u16,
}

impl Layout {
    /// Stripes are named by one byte and asked for by one bit of a u64.
    pub const MAX_STRIPES: usize = 64;

    /// The largest picture of H.264's highest level that our decoders know (5.2, table A-1), macroblocks: no side of it may be
    /// longer than the root of eight times that, which is 8688 pixels.
    const MAX_PICTURE: u32 = 36_864;

    /// `None` if a side is 0, the height of a stripe is not a positive multiple of 16, the stripes would be too many, or one too
    /// large for H.264.
    #[must_use]
    pub fn new(size: Size, stripe_height: u16) -> Option<Self> {
        let layout = Self {
            size,
            stripe_height,
        };
        let whole = size.area() > 0
            && stripe_height > 0
            && stripe_height.is_multiple_of(16)
            && layout.stripes() <= Self::MAX_STRIPES;
        (whole && Self::codable(layout.coded(0))).then_some(layout)
    }

    fn codable(picture: Size) -> bool {
        let [width, height] =
            [picture.width, picture.height].map(|side| u32::from(side / MACROBLOCK));
        let side = width.max(height);
        width * height <= Self::MAX_PICTURE && side * side <= 8 * Self::MAX_PICTURE
    }

    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    #[must_use]
    pub fn stripe_height(&self) -> u16 {
        self.stripe_height
    }

    #[must_use]
    pub fn stripes(&self) -> usize {
        usize::from(self.size.height.div_ceil(self.stripe_height))
    }

    /// The first row of a stripe, which must exist.
    #[must_use]
    pub fn top(&self, index: usize) -> u16 {
        index as u16 * self.stripe_height
    }

    /// What of the screen a stripe shows.
    #[must_use]
    pub fn visible(&self, index: usize) -> Rect {
        let top = self.top(index);
        let height = self.stripe_height.min(self.size.height - top);
        Rect::new(0, top, self.size.width, height)
    }

    /// The stripes that a rectangle touches: bit n for stripe n.
    #[must_use]
    pub fn touched(&self, rect: Rect) -> u64 {
        (0..self.stripes())
            .filter(|&index| self.visible(index).intersects(rect))
            .fold(0, |mask, index| mask | 1 << index)
    }

    /// The size of a stripe's coded picture: whole macroblocks, so it may reach beyond the screen on the right and at the bottom.
    #[must_use]
    pub fn coded(&self, index: usize) -> Size {
        let visible = self.visible(index);
        Size::new(visible.width, visible.height).align16()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_hd_has_seven_whole_stripes_and_a_half() {
        let layout = Layout::new(Size::new(1920, 1080), DEFAULT_STRIPE_HEIGHT).unwrap();
        assert_eq!(layout.stripes(), 8);
        assert_eq!(layout.coded(6), Size::new(1920, 144));
        assert_eq!(layout.visible(7), Rect::new(0, 1008, 1920, 72));
        assert_eq!(layout.coded(7), Size::new(1920, 80));
    }

    #[test]
    fn a_rectangle_touches_the_stripes_it_shares_a_row_with() {
        let layout = Layout::new(Size::new(1920, 1080), DEFAULT_STRIPE_HEIGHT).unwrap();
        assert_eq!(layout.touched(Rect::new(0, 0, 9, 144)), 0b1);
        assert_eq!(layout.touched(Rect::new(0, 143, 9, 2)), 0b11);
        assert_eq!(layout.touched(Rect::new(0, 1000, 9, 200)), 0b1100_0000);
        assert_eq!(layout.touched(Rect::new(0, 100, 0, 200)), 0);
    }

    #[test]
    fn odd_layouts_are_refused() {
        for (size, height) in [
            (Size::new(0, 100), 144),
            (Size::new(100, 0), 144),
            (Size::new(100, 100), 0),
            (Size::new(100, 100), 100),
            (Size::new(1920, 1080), 16),
            (Size::new(8_704, 100), 144),
            (Size::new(5_120, 2_880), 2_880),
            (Size::new(65_535, 65_535), 65_520),
        ] {
            assert_eq!(Layout::new(size, height), None, "{size:?} {height}");
        }
    }
}
