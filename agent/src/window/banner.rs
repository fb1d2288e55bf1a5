//! The banner: a strip at the top of the screen, above all windows, while somebody is connected. Owns when it exists and where it is; a
//! hidden window would still show to screen readers, so it is made when it is needed and dropped after.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use slint::winit_030::WinitWindowAccessor;
use slint::winit_030::winit::dpi::PhysicalPosition;
use slint::winit_030::winit::monitor::MonitorHandle;
use slint::winit_030::winit::window::{Window, WindowLevel};
use slint::{CloseRequestResponse, ComponentHandle, PlatformError, Timer, TimerMode};

use super::conduct::Conduct;
use super::own_windows::{OwnWindows, Which};
use super::surface::{register, set_scheme, speak};
use super::ui::{Action, Actions, AgentWindow, BannerFacts, BannerWindow, Texts as UiTexts, Theme};
use super::{Scheme, Texts};
use crate::face::UserAction;

/// X11 window managers ignore what is asked before the window is mapped (slint #6691); and whoever covers the strip later loses.
const KEEP_ON_TOP_EVERY: Duration = Duration::from_millis(500);

/// Logical pixels from the top of the screen.
const FROM_TOP: f64 = 6.0;

pub(super) struct BannerStrip {
    texts: Texts,
    conduct: Rc<Conduct>,
    own_windows: OwnWindows,
    scheme: Scheme,
    shown: RefCell<Option<Shown>>,
}

struct Shown {
    window: BannerWindow,
    facts: BannerFacts,
    _on_top: Timer,
}

impl BannerStrip {
    pub(super) fn new(
        texts: Texts,
        conduct: Rc<Conduct>,
        own_windows: OwnWindows,
        scheme: Scheme,
    ) -> Self {
        Self {
            texts,
            conduct,
            own_windows,
            scheme,
            shown: RefCell::new(None),
        }
    }

    /// Shows `facts`, or nothing, on the screen of `main` if the desktop names no primary one.
    pub(super) fn show(
        &self,
        facts: Option<BannerFacts>,
        main: &AgentWindow,
    ) -> Result<(), PlatformError> {
        let mut shown = self.shown.borrow_mut();
        match (facts, shown.as_mut()) {
            (Some(facts), Some(there)) => {
                if there.facts != facts {
                    there.window.set_facts(facts.clone());
                    there.facts = facts;
                }
            }
            (Some(facts), None) => *shown = Some(self.make(facts, main)?),
            (None, Some(there)) => {
                there.window.hide()?;
                self.own_windows.gone(Which::Banner);
                *shown = None;
            }
            (None, None) => {}
        }
        Ok(())
    }

    fn make(&self, facts: BannerFacts, main: &AgentWindow) -> Result<Shown, PlatformError> {
        let window = BannerWindow::new()?;
        speak(&window.global::<UiTexts<'_>>(), &self.texts);
        set_scheme(&window.global::<Theme<'_>>(), self.scheme);
        window.set_facts(facts.clone());
        register(window.window(), Which::Banner, &self.own_windows, |_| {});
        let conduct = self.conduct.clone();
        window.global::<Actions<'_>>().on_act(move |action| {
            if let Some(action) = meaning(action) {
                conduct.send(action);
            }
        });
        window
            .window()
            .on_close_requested(|| CloseRequestResponse::KeepWindowShown);
        place_unseen(&window, main);
        window.show()?;
        Ok(Shown {
            _on_top: keep_on_top(&window),
            facts,
            window,
        })
    }
}

/// What the banner's buttons mean.
fn meaning(action: Action) -> Option<UserAction> {
    match action {
        Action::Pause => Some(UserAction::Pause),
        Action::Resume => Some(UserAction::Resume),
        Action::LowerToView => Some(UserAction::LowerToView),
        Action::Stop => Some(UserAction::Stop),
        Action::Leave => Some(UserAction::Leave),
        Action::OpenChat => Some(UserAction::OpenChat),
        Action::Allow
        | Action::ViewOnly
        | Action::Reject
        | Action::InviteAgain
        | Action::CloseChat
        | Action::SkipRating
        | Action::Retry
        | Action::Quit
        | Action::ShowCode
        | Action::NewCode
        | Action::EnterPin
        | Action::Trust
        | Action::Distrust => None,
    }
}

fn keep_on_top(banner: &BannerWindow) -> Timer {
    let weak = banner.as_weak();
    let place = move || {
        if let Some(banner) = weak.upgrade() {
            let widest = banner.window().with_winit_window(|window| {
                window.set_window_level(WindowLevel::AlwaysOnTop);
                settle(window)
            });
            if let Some(Some(widest)) = widest {
                banner.set_widest(widest);
            }
        }
    };
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, KEEP_ON_TOP_EVERY, place);
    timer
}

/// Where the strip will be, before it is shown: a button that moves is pressed for another.
fn place_unseen(banner: &BannerWindow, main: &AgentWindow) {
    let screen = main.window().with_winit_window(|window| {
        let monitor = screen_of(window)?;
        Some((
            widest(&monitor, window.scale_factor()),
            window.scale_factor(),
            monitor,
        ))
    });
    if let Some(Some((widest, scale, monitor))) = screen {
        banner.set_widest(widest);
        let width = (f64::from(banner.get_taken()) * scale) as u32;
        let place = top_middle(&monitor, width, scale);
        banner
            .window()
            .set_position(slint::PhysicalPosition::new(place.x, place.y));
    }
}

/// Puts the strip into the middle of the screen's top edge; answers how wide it may be, in logical pixels.
fn settle(window: &Window) -> Option<f32> {
    let monitor = screen_of(window)?;
    let wanted = top_middle(&monitor, window.outer_size().width, window.scale_factor());
    if window.outer_position().ok() != Some(wanted) {
        window.set_outer_position(wanted);
    }
    Some(widest(&monitor, window.scale_factor()))
}

fn screen_of(window: &Window) -> Option<MonitorHandle> {
    window
        .primary_monitor()
        .or_else(|| window.current_monitor())
}

fn widest(monitor: &MonitorHandle, scale: f64) -> f32 {
    (f64::from(monitor.size().width) / scale - 2.0 * FROM_TOP) as f32
}

fn top_middle(monitor: &MonitorHandle, width: u32, scale: f64) -> PhysicalPosition<i32> {
    let free = monitor.size().width.saturating_sub(width);
    let left = monitor.position().x + i32::try_from(free / 2).unwrap_or(0);
    PhysicalPosition::new(left, monitor.position().y + (FROM_TOP * scale) as i32)
}
