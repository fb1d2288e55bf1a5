//! Where the banner is on the screen. Owns its place and how wide it may be; its height and what it says are the window's.

use std::cell::Cell;

use slint::ComponentHandle;
use slint::winit_030::WinitWindowAccessor;
use slint::winit_030::winit::dpi::PhysicalPosition;
use slint::winit_030::winit::monitor::MonitorHandle;
use slint::winit_030::winit::window::Window;

use super::ui::{AgentWindow, BannerWindow};

/// Logical pixels from the top of the screen.
const FROM_TOP: f64 = 6.0;

/// Where the strip is: first in the middle of the screen's top edge. From then on its right end stays, whatever the strip says and however
/// wide that makes it: the buttons are there, and a button that moves is pressed for another.
#[derive(Default)]
pub(super) struct Spot(Cell<Option<(MonitorArea, i32)>>);

impl Spot {
    /// Where the strip will be. The desktop has its window only after the event loop goes on; that it counts as shown already makes
    /// its width the one that it will have.
    pub(super) fn place_unseen(&self, banner: &BannerWindow, main: &AgentWindow) {
        let screen = main.window().with_winit_window(|window| {
            let area = MonitorArea::of(&screen_of(window)?);
            Some((area, window.scale_factor()))
        });
        if let Some(Some((area, scale))) = screen {
            banner.set_widest(area.widest(scale));
            let width = (f64::from(banner.get_taken()) * scale).ceil() as u32;
            let place = self.place(area, width, scale);
            banner
                .window()
                .set_position(slint::PhysicalPosition::new(place.x, place.y));
        }
    }

    /// Puts the strip where it belongs; answers how wide it may be, in logical pixels.
    pub(super) fn settle(&self, window: &Window) -> Option<f32> {
        let area = MonitorArea::of(&screen_of(window)?);
        let scale = window.scale_factor();
        let wanted = self.place(area, window.outer_size().width, scale);
        if window.outer_position().ok() != Some(wanted) {
            window.set_outer_position(wanted);
        }
        Some(area.widest(scale))
    }

    fn place(&self, area: MonitorArea, width: u32, scale: f64) -> PhysicalPosition<i32> {
        let kept = self.0.get().filter(|(on, _)| *on == area);
        let right = kept.map_or_else(|| area.middle(width), |(_, right)| right);
        let margin = (FROM_TOP * scale) as i32;
        let free = signed(area.width.saturating_sub(width));
        let left = (right - signed(width)).max(area.left + margin.min(free / 2));
        self.0.set(Some((area, left + signed(width))));
        PhysicalPosition::new(left, area.top + margin)
    }
}

/// Where a screen is, in the desktop's pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MonitorArea {
    left: i32,
    top: i32,
    width: u32,
}

impl MonitorArea {
    fn of(monitor: &MonitorHandle) -> Self {
        Self {
            left: monitor.position().x,
            top: monitor.position().y,
            width: monitor.size().width,
        }
    }

    fn widest(self, scale: f64) -> f32 {
        (f64::from(self.width) / scale - 2.0 * FROM_TOP) as f32
    }

    /// The right end of a strip in the middle.
    fn middle(self, width: u32) -> i32 {
        self.left + signed(self.width.saturating_sub(width) / 2 + width)
    }
}

fn signed(pixels: u32) -> i32 {
    i32::try_from(pixels).unwrap_or(i32::MAX)
}

fn screen_of(window: &Window) -> Option<MonitorHandle> {
    window
        .primary_monitor()
        .or_else(|| window.current_monitor())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: MonitorArea = MonitorArea {
        left: 100,
        top: 50,
        width: 1280,
    };

    fn left(spot: &Spot, area: MonitorArea, width: u32) -> i32 {
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
    fn on_another_screen_it_begins_in_the_middle_again() {
        let spot = Spot::default();
        left(&spot, SCREEN, 800);
        left(&spot, SCREEN, 1268);
        let other = MonitorArea {
            left: -1920,
            top: 0,
            width: 1920,
        };
        assert_eq!(left(&spot, other, 800), -1920 + 560);
    }
}
