//! In which order copies are made, one after the other, so that each finds its source as it was before all of them. Pure geometry.

use crate::geometry::Rect;

/// The largest of these (sources and targets), at most so many, such that no target lies in a later one's source; what cannot have its turn
/// is left out. Parts of one thing that went one way always have an order.
pub(super) fn in_order(mut moves: Vec<(Rect, Rect)>, most: usize) -> Vec<(Rect, Rect)> {
    moves.sort_by_key(|(source, _)| std::cmp::Reverse(source.area()));
    moves.truncate(most);
    let mut ordered = Vec::with_capacity(moves.len());
    while !moves.is_empty() {
        let harmless = moves.iter().enumerate().position(|(at, (_, target))| {
            let mut others = moves.iter().enumerate().filter(|(other, _)| *other != at);
            !others.any(|(_, (source, _))| source.intersects(*target))
        });
        match harmless {
            Some(at) => ordered.push(moves.remove(at)),
            None => drop(moves.pop()),
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(places: &[(u16, u16)], way: (i16, i16)) -> Vec<(Rect, Rect)> {
        let places = places.iter().map(|(x, y)| {
            let source = Rect::new(*x, *y, 10, 10);
            let target = Rect {
                x: x.wrapping_add_signed(way.0),
                y: y.wrapping_add_signed(way.1),
                ..source
            };
            (source, target)
        });
        places.collect()
    }

    #[test]
    fn neighbours_that_go_one_way_begin_with_the_foremost() {
        for way in [(4, 0), (-4, 0), (0, 4), (3, -5), (10, 10), (-10, 10)] {
            let moves = steps(&[(40, 40), (50, 40), (60, 40), (50, 50), (40, 60)], way);
            let ordered = in_order(moves.clone(), 32);
            assert_eq!(ordered.len(), moves.len(), "{way:?}");
            for (at, (_, target)) in ordered.iter().enumerate() {
                assert!(
                    !ordered[at + 1..]
                        .iter()
                        .any(|(source, _)| source.intersects(*target))
                );
            }
        }
    }

    #[test]
    fn of_two_that_change_places_one_is_left_out() {
        let (one, other) = (Rect::new(0, 0, 10, 10), Rect::new(20, 0, 10, 10));
        assert_eq!(in_order(vec![(one, other), (other, one)], 32).len(), 1);
        assert_eq!(in_order(steps(&[(0, 0), (30, 0)], (0, 30)), 1).len(), 1);
    }
}
