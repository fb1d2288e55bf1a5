//! Which stripes come first: those nearest to the pointer. Pure; owns no damage.

use mayday_codec::Layout;

use crate::pipeline::cells::Cells;

/// Of these, at most so many: whole stripes from the one nearest to the pointer on, or a part of it.
#[must_use]
pub fn nearest(layout: &Layout, from: &Cells, pointer: (u16, u16), limit: usize) -> Cells {
    let mut cells = Cells::none(layout.size());
    let mut blocks = 0;
    for stripe in by_distance(layout, from.stripes(layout), pointer.1) {
        let part = from.in_stripe(layout, stripe);
        let count = part.count();
        if blocks + count > limit {
            if blocks == 0 {
                return part.nearest(pointer.0, limit);
            }
            break;
        }
        blocks += count;
        cells.add_all(&part);
    }
    cells
}

/// These stripes, from the one nearest to row `y` on.
pub fn by_distance(layout: &Layout, stripes: u64, y: u16) -> impl Iterator<Item = usize> {
    let mut sorted: Vec<usize> = bits(stripes).collect();
    sorted.sort_by_key(|stripe| {
        let visible = layout.visible(*stripe);
        let nearest = y.clamp(visible.y, visible.bottom() - 1);
        y.abs_diff(nearest)
    });
    sorted.into_iter()
}

/// The numbers of the bits that are set.
pub fn bits(mask: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |bit| mask & 1 << bit != 0)
}
