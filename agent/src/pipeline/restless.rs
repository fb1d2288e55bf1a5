//! Where the screen changes again and again, as a film does: there, pictures are cheaper than lossless tiles, which the next change
//! would make worthless at once, and a frame is shown whole. Owns what changed lately; decides nothing about when it is sent.

use std::time::{Duration, Instant};

use mayday_codec::{Rect, Size};

use super::cells::Cells;

/// Changes further apart than this do not belong together.
const APART: Duration = Duration::from_millis(400);
/// Changes nearer to each other than this are one: a page is painted in several steps.
const TOGETHER: Duration = Duration::from_millis(8);
/// So many changes in a row, and a place is restless: nobody turns pages that fast.
const CHANGES: u8 = 5;
/// Less than this may spin or blink as exactly as it likes: a film has 20 x 20 macroblocks at least.
const LARGE: usize = 400;
/// A film's smooth parts look like text; as far as this around what cannot be text they belong to the film.
const NEAR: u16 = 128;
/// Restless places that hang together are all film if of one in so many it is certain: flat colours are half of some films.
const SURE: usize = 8;

#[derive(Clone, Copy, Debug)]
struct Place {
    changed: Instant,
    in_a_row: u8,
}

/// How often each macroblock changed in a row.
#[derive(Debug)]
pub struct Restless {
    size: Size,
    places: Vec<Option<Place>>,
    /// What was film at the last look, and what of it could be nothing else.
    film: Cells,
    busy: Cells,
}

impl Restless {
    #[must_use]
    pub fn new(size: Size) -> Self {
        let blocks = usize::from(size.width.div_ceil(16)) * usize::from(size.height.div_ceil(16));
        Self {
            size,
            places: vec![None; blocks],
            film: Cells::none(size),
            busy: Cells::none(size),
        }
    }

    /// The screen changed here.
    pub fn note(&mut self, damage: &[Rect], now: Instant) {
        let mut changed = Cells::none(self.size);
        for rect in damage {
            changed.add(*rect);
        }
        for index in changed.indices() {
            let Some(place) = self.places.get_mut(index) else {
                continue;
            };
            let before = place.filter(|place| now < place.changed + APART);
            if before.is_some_and(|place| now < place.changed + TOGETHER) {
                continue;
            }
            let in_a_row = before.map_or(1, |place| place.in_a_row.saturating_add(1));
            *place = Some(Place {
                changed: now,
                in_a_row,
            });
        }
    }

    /// Those of `cells` that change again and again; none if they are few.
    #[must_use]
    pub fn among(&self, cells: &Cells, now: Instant) -> Cells {
        let mut restless = Cells::none(self.size);
        for index in cells.indices() {
            let place = self.places.get(index).copied().flatten();
            if place.is_some_and(|place| place.in_a_row >= CHANGES && now < place.changed + APART) {
                restless.add_index(index);
            }
        }
        if restless.count() < LARGE {
            restless.clear();
        }
        restless
    }

    /// Those of `restless` that were film at the last look: whether they look like text says nothing any more.
    #[must_use]
    pub fn still_film(&self, restless: &Cells) -> Cells {
        self.film.common(restless)
    }

    /// What of `restless` belongs to a film: near to what is no `text` (of what was no film yet), or hanging together with much of that, or
    /// with much of what was film before.
    pub fn film(&mut self, restless: &Cells, text: &Cells) -> Cells {
        let mut busy = restless.clone();
        busy.remove_all(text);
        busy.remove_all(&self.film);
        busy.add_all(&self.busy.common(restless));
        let mut all = Cells::none(self.size);
        for rect in busy.rects(self.size) {
            all.add(grown(rect, self.size));
        }
        let mut sure = busy.clone();
        sure.add_all(&self.film);
        self.busy = busy;
        for part in restless.parts() {
            if part.common(&sure).count() * SURE >= part.count() {
                all.add_all(&part);
            }
        }
        self.film = all.common(restless);
        self.film.clone()
    }
}

fn grown(rect: Rect, size: Size) -> Rect {
    let (left, top) = (rect.x.saturating_sub(NEAR), rect.y.saturating_sub(NEAR));
    let right = rect.right().saturating_add(NEAR);
    let bottom = rect.bottom().saturating_add(NEAR);
    Rect::new(left, top, right - left, bottom - top).intersect(size.rect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 1280,
        height: 720,
    };

    fn cells(rects: &[Rect]) -> Cells {
        let mut cells = Cells::none(SIZE);
        for rect in rects {
            cells.add(*rect);
        }
        cells
    }

    /// `changes` of `rect`, so far apart; what is restless at the last.
    fn after(changes: u32, apart: Duration, rect: Rect) -> Cells {
        let mut restless = Restless::new(SIZE);
        let now = Instant::now();
        for at in 0..changes {
            restless.note(&[rect], now + apart * at);
        }
        restless.among(&cells(&[SIZE.rect()]), now + apart * (changes - 1))
    }

    #[test]
    fn a_film_is_restless_after_some_pictures_and_turned_pages_are_not() {
        let film = Rect::new(160, 160, 640, 352);
        let pace = Duration::from_millis(40);
        assert!(after(4, pace, film).is_empty());
        assert_eq!(after(5, pace, film), cells(&[film]));
        assert!(after(50, APART, film).is_empty());
    }

    #[test]
    fn a_page_that_is_painted_in_many_steps_changed_once() {
        let page = Rect::new(160, 160, 640, 352);
        assert!(after(9, Duration::from_micros(900), page).is_empty());
    }

    #[test]
    fn something_small_that_spins_is_not_a_film() {
        let spinner = Rect::new(320, 320, 64, 64);
        assert!(after(50, Duration::from_millis(16), spinner).is_empty());
    }

    #[test]
    fn the_smooth_part_of_a_film_belongs_to_it_and_text_that_scrolls_far_from_it_does_not() {
        let smooth = Rect::new(160, 0, 64, 64);
        let (busy, far) = (Rect::new(32, 0, 128, 256), Rect::new(640, 256, 512, 256));
        let mut restless = Restless::new(SIZE);
        let all = cells(&[smooth, busy, far]);
        let text = cells(&[smooth, far]);
        assert_eq!(restless.film(&all, &text), cells(&[smooth, busy]));
    }

    #[test]
    fn a_film_of_which_much_is_flat_is_all_film_and_stays_so_in_a_dark_scene() {
        let (left, right) = (Rect::new(0, 0, 160, 720), Rect::new(160, 0, 1120, 720));
        let mut restless = Restless::new(SIZE);
        let (all, flat) = (cells(&[left, right]), cells(&[right]));
        assert_eq!(restless.film(&all, &flat), all);
        assert_eq!(restless.still_film(&flat), flat);
        assert_eq!(restless.film(&all, &all), all);
    }

    #[test]
    fn a_page_of_text_with_a_small_picture_in_it_stays_text() {
        let picture = Rect::new(0, 0, 160, 160);
        let page = cells(&[SIZE.rect()]);
        let mut text = page.clone();
        text.remove_all(&cells(&[picture]));
        let film = Restless::new(SIZE).film(&page, &text).common(&text);
        assert!(film.count() < text.count() / 8);
    }

    #[test]
    fn a_screen_of_text_that_changes_all_the_time_stays_text() {
        let page = cells(&[SIZE.rect()]);
        assert!(Restless::new(SIZE).film(&page, &page).is_empty());
    }
}
