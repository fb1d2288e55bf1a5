//! Rectangles in pixels and the merging of damage. Owns no pixels and knows no screen.

/// The side of a macroblock: what H.264 codes, draws and skips as one.
pub const MACROBLOCK: u16 = 16;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Size {
    pub width: u16,
    pub height: u16,
}

impl Size {
    #[must_use]
    pub fn new(width: u16, height: u16) -> Self {
        Self { width, height }
    }

    #[must_use]
    pub fn area(self) -> u32 {
        u32::from(self.width) * u32::from(self.height)
    }

    #[must_use]
    pub fn rect(self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// Rounded up to whole macroblocks.
    #[must_use]
    pub fn align16(self) -> Self {
        let up = |side: u16| side.checked_next_multiple_of(MACROBLOCK).unwrap_or(!15);
        Self {
            width: up(self.width),
            height: up(self.height),
        }
    }
}

/// A rectangle in pixels, right and bottom exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rect {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Rect {
    #[must_use]
    pub fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The part of a rectangle with signed corners (right and bottom exclusive) that lies on a screen of `size`.
    #[must_use]
    pub fn clipped(left: i32, top: i32, right: i32, bottom: i32, size: Size) -> Self {
        let x = left.clamp(0, size.width.into());
        let y = top.clamp(0, size.height.into());
        Self {
            x: x as u16,
            y: y as u16,
            width: (right.clamp(x, size.width.into()) - x) as u16,
            height: (bottom.clamp(y, size.height.into()) - y) as u16,
        }
    }

    #[must_use]
    pub fn right(self) -> u16 {
        self.x.saturating_add(self.width)
    }

    #[must_use]
    pub fn bottom(self) -> u16 {
        self.y.saturating_add(self.height)
    }

    #[must_use]
    pub fn area(self) -> u32 {
        u32::from(self.width) * u32::from(self.height)
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && self.right() >= other.right()
            && self.bottom() >= other.bottom()
    }

    #[must_use]
    pub fn intersects(self, other: Self) -> bool {
        !self.intersect(other).is_empty()
    }

    /// The common part; empty if there is none.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        Self {
            x,
            y,
            width: self.right().min(other.right()).saturating_sub(x),
            height: self.bottom().min(other.bottom()).saturating_sub(y),
        }
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self {
            x,
            y,
            width: self.right().max(other.right()) - x,
            height: self.bottom().max(other.bottom()) - y,
        }
    }

    /// Grown to whole macroblocks, but not beyond `within` (itself a multiple of 16).
    #[must_use]
    pub fn align16(self, within: Size) -> Self {
        let (x, y) = (self.x & !15, self.y & !15);
        let grow = |end: u16, limit: u16| {
            end.checked_next_multiple_of(16)
                .map_or(limit, |end| end.min(limit))
        };
        Self {
            x,
            y,
            width: grow(self.right(), within.width).saturating_sub(x),
            height: grow(self.bottom(), within.height).saturating_sub(y),
        }
    }
}

/// A bounded set of disjoint rectangles that together cover everything added to it.
///
/// A new rectangle swallows those it touches; when there are too many, the pair whose union wastes the least area becomes one.
#[derive(Clone, Debug, Default)]
pub struct Damage {
    rects: Vec<Rect>,
}

impl Damage {
    /// More rectangles than this cost more in requests and headers than the area they save.
    pub const MAX_RECTS: usize = 32;
    /// Two rectangles become one if that adds at most this many pixels: a macroblock or two cost less than a request.
    const FREE_WASTE: u32 = 4 * 256;

    #[must_use]
    pub fn rects(&self) -> &[Rect] {
        &self.rects
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rects.is_empty()
    }

    pub fn clear(&mut self) {
        self.rects.clear();
    }

    pub fn add(&mut self, rect: Rect) {
        if rect.is_empty() || self.rects.iter().any(|have| have.contains(rect)) {
            return;
        }
        let mut grown = rect;
        while let Some(at) = self
            .rects
            .iter()
            .position(|&have| have.intersects(grown) || waste(have, grown) <= Self::FREE_WASTE)
        {
            grown = grown.union(self.rects.swap_remove(at));
        }
        self.rects.push(grown);
        if self.rects.len() > Self::MAX_RECTS {
            self.merge_cheapest_pair();
        }
    }

    fn merge_cheapest_pair(&mut self) {
        let pairs = (1..self.rects.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        if let Some((a, b)) = pairs.min_by_key(|&(a, b)| waste(self.rects[a], self.rects[b])) {
            let second = self.rects.swap_remove(b);
            let first = self.rects.swap_remove(a);
            self.add(first.union(second));
        }
    }
}

/// Pixels in the union that are in neither of two disjoint rectangles.
fn waste(a: Rect, b: Rect) -> u32 {
    a.union(b).area().saturating_sub(a.area() + b.area())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Size = Size {
        width: 1920,
        height: 1088,
    };

    fn numbers(seed: u32) -> impl FnMut(u16) -> u16 {
        let mut state = seed;
        move |below| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state % u32::from(below)) as u16
        }
    }

    #[test]
    fn aligning_grows_to_macroblocks_and_stays_within() {
        assert_eq!(
            Rect::new(17, 31, 1, 2).align16(SCREEN),
            Rect::new(16, 16, 16, 32)
        );
        assert_eq!(
            Rect::new(1919, 1079, 1, 1).align16(SCREEN),
            Rect::new(1904, 1072, 16, 16)
        );
        assert_eq!(
            Rect::new(65_530, 0, 5, 5).align16(SCREEN).width,
            0,
            "off screen"
        );
    }

    #[test]
    fn clipping_cuts_all_four_sides() {
        let size = Size::new(100, 50);
        assert_eq!(Rect::clipped(-5, -6, 7, 8, size), Rect::new(0, 0, 7, 8));
        assert_eq!(
            Rect::clipped(90, 40, 200, 200, size),
            Rect::new(90, 40, 10, 10)
        );
        assert!(Rect::clipped(100, 0, 120, 20, size).is_empty());
        assert!(Rect::clipped(-9, 0, -2, 20, size).is_empty());
    }

    #[test]
    fn a_bounded_number_of_disjoint_rectangles_covers_everything_added() {
        for seed in 1..40 {
            let mut next = numbers(seed);
            let mut damage = Damage::default();
            let added: Vec<Rect> = (0..120)
                .map(|_| Rect::new(next(1900), next(1060), 1 + next(20), 1 + next(20)))
                .collect();
            for &rect in &added {
                damage.add(rect);
                assert!(damage.rects().len() <= Damage::MAX_RECTS);
            }
            for rect in added {
                assert!(damage.rects().iter().any(|have| have.contains(rect)));
            }
            for (at, a) in damage.rects().iter().enumerate() {
                assert!(damage.rects()[at + 1..].iter().all(|b| !a.intersects(*b)));
            }
        }
    }

    #[test]
    fn far_apart_glyphs_stay_apart_and_neighbours_become_one() {
        let mut damage = Damage::default();
        damage.add(Rect::new(0, 0, 10, 16));
        damage.add(Rect::new(12, 0, 10, 16));
        damage.add(Rect::new(1000, 900, 10, 16));
        damage.add(Rect::new(3, 3, 0, 9));
        assert_eq!(
            damage.rects(),
            [Rect::new(0, 0, 22, 16), Rect::new(1000, 900, 10, 16)]
        );
    }
}
