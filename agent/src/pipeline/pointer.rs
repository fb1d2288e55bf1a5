//! The pointer on its way to the technicians: its shapes once each, its places as they change. Owns who was told which shape.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use mayday_codec::CursorState;
use mayday_protocol::cursor::{Cursor, Shape};
use mayday_protocol::{Audience, Slot};

/// Places are told no more often than this; the last one always is.
const PACE: Duration = Duration::from_millis(8);
/// Shapes kept for technicians who join later.
const SHAPES: usize = CursorState::REMEMBERED;

#[derive(Debug, Default)]
pub struct PointerNews {
    shapes: HashMap<u32, Shape>,
    told: [HashSet<u32>; Slot::COUNT],
    place: Option<(u16, u16, u32)>,
    /// A place that was not told yet.
    untold: bool,
    told_at: Option<Instant>,
}

/// Something to send.
#[derive(Debug, PartialEq, Eq)]
pub struct News {
    pub cursor: Cursor,
    pub audience: Audience,
}

impl PointerNews {
    pub fn join(&mut self, slot: Slot) {
        self.told[slot.index()].clear();
        self.untold = self.place.is_some();
        self.told_at = None;
    }

    /// Where the pointer is on the screen.
    #[must_use]
    pub fn place(&self) -> (u16, u16) {
        self.place.map_or((0, 0), |(x, y, _)| (x, y))
    }

    pub fn note(&mut self, state: CursorState) {
        if let Some(shape) = state.shape {
            if self.shapes.len() >= SHAPES {
                self.shapes.clear();
                self.told.iter_mut().for_each(HashSet::clear);
            }
            let shape = Shape {
                id: shape.id,
                width: shape.size.width,
                height: shape.size.height,
                hot_x: shape.hot_x,
                hot_y: shape.hot_y,
                rgba: Bytes::from(shape.rgba),
            };
            self.shapes.insert(shape.id, shape);
        }
        let place = Some((state.x, state.y, state.shape_id));
        self.untold |= place != self.place;
        self.place = place;
    }

    /// When [`PointerNews::take`] has something.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        if !self.untold {
            return None;
        }
        Some(self.told_at.map_or_else(Instant::now, |at| at + PACE))
    }

    /// What `audience` must be told now; shapes first.
    pub fn take(&mut self, audience: Audience, now: Instant) -> Vec<News> {
        let Some((x, y, id)) = self.place else {
            return Vec::new();
        };
        let early = self.told_at.is_some_and(|at| now < at + PACE);
        if !self.untold || early || audience == Audience::NOBODY {
            return Vec::new();
        }
        let mut news = Vec::new();
        if let Some(shape) = self.shapes.get(&id) {
            let lacks = |slot: &Slot| !self.told[slot.index()].contains(&id);
            let lacking: Vec<Slot> = audience.technicians().filter(lacks).collect();
            if !lacking.is_empty() {
                let audience = lacking
                    .iter()
                    .copied()
                    .fold(Audience::NOBODY, Audience::with);
                news.push(News {
                    cursor: Cursor::Shape(shape.clone()),
                    audience,
                });
            }
            for slot in lacking {
                self.told[slot.index()].insert(id);
            }
        }
        news.push(News {
            cursor: Cursor::Position { x, y, shape: id },
            audience,
        });
        self.untold = false;
        self.told_at = Some(now);
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mayday_codec::{CursorShape, Size};

    const A: Slot = Slot::ALL[0];
    const B: Slot = Slot::ALL[1];

    fn state(x: u16, with_shape: bool) -> CursorState {
        let shape = with_shape.then(|| CursorShape {
            id: 7,
            size: Size::new(1, 1),
            hot_x: 0,
            hot_y: 0,
            rgba: vec![0, 0, 0, 255],
        });
        CursorState {
            x,
            y: 2,
            shape_id: 7,
            shape,
        }
    }

    fn kinds(news: &[News]) -> Vec<(bool, Audience)> {
        news.iter()
            .map(|news| (matches!(news.cursor, Cursor::Shape(_)), news.audience))
            .collect()
    }

    #[test]
    fn a_shape_is_told_once_to_each_also_to_who_joins_later() {
        let (mut pointer, now) = (PointerNews::default(), Instant::now());
        let (a, both) = (Audience::only(A), Audience::only(A).with(B));
        pointer.join(A);
        pointer.note(state(1, true));
        assert_eq!(kinds(&pointer.take(a, now)), [(true, a), (false, a)]);
        pointer.note(state(2, false));
        assert_eq!(kinds(&pointer.take(a, now + PACE)), [(false, a)]);
        pointer.join(B);
        let told = pointer.take(both, now + PACE);
        assert_eq!(kinds(&told), [(true, Audience::only(B)), (false, both)]);
    }

    #[test]
    fn places_come_at_a_pace_and_the_last_one_is_not_lost() {
        let (mut pointer, now) = (PointerNews::default(), Instant::now());
        pointer.note(state(1, true));
        pointer.take(Audience::only(A), now);
        pointer.note(state(2, false));
        pointer.note(state(3, false));
        assert_eq!(pointer.take(Audience::only(A), now), []);
        assert_eq!(pointer.due(), Some(now + PACE));
        let told = pointer.take(Audience::only(A), now + PACE);
        let place = Cursor::Position {
            x: 3,
            y: 2,
            shape: 7,
        };
        assert_eq!(
            told,
            [News {
                cursor: place,
                audience: Audience::only(A)
            }]
        );
        assert_eq!(pointer.due(), None);
    }
}
