//! Rectangles of the window, in its pixels. Owns the arithmetic, draws nothing.

/// May lie partly or wholly outside the window; a side of 0 or less is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Area {
    #[must_use]
    pub const fn new(x: i32, y: i32, width: i32, height: i32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    #[must_use]
    pub fn right(self) -> i32 {
        self.x + self.width
    }

    #[must_use]
    pub fn bottom(self) -> i32 {
        self.y + self.height
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.width <= 0 || self.height <= 0
    }

    #[must_use]
    pub fn contains(self, x: i32, y: i32) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    /// What both cover; where that is nothing, it has neither rows nor columns, so that nobody walks along it.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let width = self.right().min(other.right()) - x;
        let height = self.bottom().min(other.bottom()) - y;
        if width <= 0 || height <= 0 {
            return Self::new(x, y, 0, 0);
        }
        Self::new(x, y, width, height)
    }

    #[must_use]
    pub fn intersects(self, other: Self) -> bool {
        !self.intersect(other).is_empty()
    }

    /// Smaller by `by` on every side.
    #[must_use]
    pub fn inset(self, by: i32) -> Self {
        Self::new(
            self.x + by,
            self.y + by,
            self.width - 2 * by,
            self.height - 2 * by,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_touch_has_nothing_in_common() {
        let one = Area::new(0, 0, 10, 10);
        assert!(!one.intersects(Area::new(10, 0, 5, 5)));
        assert!(one.intersects(Area::new(9, 9, 5, 5)));
        let beside = one.intersect(Area::new(40, 2, 5, 5));
        assert_eq!((beside.width, beside.height), (0, 0));
        assert_eq!(
            one.intersect(Area::new(4, -3, 50, 6)),
            Area::new(4, 0, 6, 3)
        );
    }
}
