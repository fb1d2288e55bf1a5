//! Where the banner is on the screen. Owns its place and how wide it may be; its height and what it says are the window's.

use std::cell::Cell;

use slint::ComponentHandle;
use slint::winit_030::WinitWindowAccessor;
use slint::winit_030::winit::dpi::PhysicalPosition;
use slint::winit_030::winit::window::Window;

use super::screen::{Area, Screen};
use super::ui::{AgentWindow, BannerWindow};

/// Logical pixels from the top of the screen.
const FROM_TOP: f64 = 6.0;

/// Where the strip is: first in the middle of the screen's top edge. From then on its right end stays, whatever the strip says and however
/// wide that makes it: the buttons are there, and a button that moves is pressed for another.
#[derive(Default)]
pub(super) struct Spot {
    screen: Screen,
    kept: Cell<Option<(Area, i32)>>,
}

impl Spot {
    /// Where the strip will be. The desktop has its window only after the event loop goes on; that it counts as shown already makes
    /// its width the one that it will have.
    pub(super) fn place_unseen(&self, banner: &BannerWindow, main: &AgentWindow) {
        if let Some((area, scale)) = self.screen_of(main.window()) {
            self.begin(banner, area, scale);
        }
    }

    /// Puts the strip where it belongs, and makes it no wider than the screen; for as long as it is shown, as screens change.
    pub(super) fn look_after(&self, banner: &BannerWindow) {
        let Some((area, scale)) = self.screen_of(banner.window()) else {
            return;
        };
        if self.is_elsewhere(area) {
            self.begin(banner, area, scale);
        } else {
            banner.set_widest(widest(area, scale));
            banner
                .window()
                .with_winit_window(|window| self.settle(window));
        }
    }

    /// Puts the strip where it belongs as wide as it is now; on a screen that is new to it, it may become another width first.
    pub(super) fn settle(&self, window: &Window) {
        let Some(area) = self.screen.area(window) else {
            return;
        };
        if self.is_elsewhere(area) {
            return;
        }
        let wanted = self.place(area, window.outer_size().width, window.scale_factor());
        if window.outer_position().ok() != Some(wanted) {
            window.set_outer_position(wanted);
        }
    }

    fn screen_of(&self, window: &slint::Window) -> Option<(Area, f64)> {
        let screen = window
            .with_winit_window(|window| Some((self.screen.area(window)?, window.scale_factor())));
        screen.flatten()
    }

    fn is_elsewhere(&self, area: Area) -> bool {
        self.kept.get().is_some_and(|(on, _)| on != area)
    }

    /// On a screen that is new to the strip: first how wide it may be, then its place by the width that it takes there.
    fn begin(&self, banner: &BannerWindow, area: Area, scale: f64) {
        banner.set_widest(widest(area, scale));
        let width = (f64::from(banner.get_taken()) * scale).ceil() as u32;
        let place = self.place(area, width, scale);
        banner
            .window()
            .set_position(slint::PhysicalPosition::new(place.x, place.y));
    }

    fn place(&self, area: Area, width: u32, scale: f64) -> PhysicalPosition<i32> {
        let kept = self.kept.get().filter(|(on, _)| *on == area);
        let margin = (FROM_TOP * scale) as i32;
        let free = signed(area.width.saturating_sub(width));
        let beside = margin.min(free / 2);
        // A strip that was wider than the screen went beyond it.
        let right = kept
            .map_or_else(|| middle(area, width), |(_, right)| right)
            .min(area.left + signed(area.width) - beside);
        let left = (right - signed(width)).max(area.left + beside);
        self.kept.set(Some((area, left + signed(width))));
        PhysicalPosition::new(left, area.top + margin)
    }
}

fn widest(area: Area, scale: f64) -> f32 {
    (f64::from(area.width) / scale - 2.0 * FROM_TOP) as f32
}

/// The right end of a strip in the middle.
fn middle(area: Area, width: u32) -> i32 {
    area.left + signed(area.width.saturating_sub(width) / 2 + width)
}

fn signed(pixels: u32) -> i32 {
    i32::try_from(pixels).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Area = Area {
        left: 100,
        top: 50,
        width: 1280,
    };

    fn left(spot: &Spot, area: Area, width: u32) -> i32 {
        spot.place(area, width, 1.0).x
    }

    #[test]
    fn the_first_place_is_the_middle_of_the_top() {
        let place = Spot::default().place(SCREEN, 822, 2.0);
        assert_eq!((place.x, place.y), (329, 62));
    }

    #[test]
    fn the_right_end_stays_while_the_width_changes() {
        let spot = Spot::default();
        let right = left(&spot, SCREEN, 800) + 800;
        for width in [700, 1000, 561, 800] {
            assert_eq!(left(&spot, SCREEN, width) + signed(width), right);
        }
    }

    #[test]
    fn no_part_is_beyond_the_screen_and_nothing_moves_back() {
        let spot = Spot::default();
        left(&spot, SCREEN, 800);
        assert_eq!(left(&spot, SCREEN, 1268), 106);
        assert_eq!(left(&spot, SCREEN, 800), 106 + 1268 - 800);
        assert_eq!(left(&Spot::default(), SCREEN, 1300), 100);
    }

    #[test]
    fn who_was_too_wide_for_a_smaller_screen_comes_back_into_it() {
        let spot = Spot::default();
        left(&spot, SCREEN, 822);
        let smaller = Area {
            width: 800,
            ..SCREEN
        };
        assert_eq!(left(&spot, smaller, 822), 100);
        assert_eq!(left(&spot, smaller, 788), 106);
        assert_eq!(left(&spot, smaller, 700), 106 + 788 - 700);
        assert_eq!(left(&spot, SCREEN, 822), 329);
    }

    #[test]
    fn on_another_screen_it_begins_in_the_middle_again() {
        let spot = Spot::default();
        left(&spot, SCREEN, 800);
        left(&spot, SCREEN, 1268);
        let other = Area {
            left: -1920,
            top: 0,
            width: 1920,
        };
        assert_eq!(left(&spot, other, 800), -1920 + 560);
    }
}
