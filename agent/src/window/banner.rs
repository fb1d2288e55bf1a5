//! The banner: a strip at the top of the screen, above all windows, while somebody is connected. Owns when it exists; where
//! it is, is `spot`'s. A hidden window would still show to screen readers, so it is made when it is needed and dropped after.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use slint::winit_030::WinitWindowAccessor;
use slint::winit_030::winit::event::WindowEvent;
use slint::winit_030::winit::window::WindowLevel;
use slint::{CloseRequestResponse, ComponentHandle, PlatformError, Timer, TimerMode};

use super::conduct::Conduct;
use super::own_windows::{OwnWindows, Which};
use super::spot::Spot;
use super::surface::{register, set_scheme, speak};
use super::ui::{Action, Actions, AgentWindow, BannerFacts, BannerWindow, Texts as UiTexts, Theme};
use super::{Scheme, Texts};
use crate::face::UserAction;

/// X11 window managers ignore what is asked before the window is mapped (slint #6691); and whoever covers the strip later loses.
const KEEP_ON_TOP_EVERY: Duration = Duration::from_millis(500);

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
        let spot = Rc::new(Spot::default());
        let place = spot.clone();
        register(
            window.window(),
            Which::Banner,
            &self.own_windows,
            move |window, event| {
                if matches!(event, WindowEvent::Resized(_)) {
                    place.settle(window);
                }
            },
        );
        let conduct = self.conduct.clone();
        window.global::<Actions<'_>>().on_act(move |action| {
            if let Some(action) = meaning(action) {
                conduct.send(action);
            }
        });
        window
            .window()
            .on_close_requested(|| CloseRequestResponse::KeepWindowShown);
        window.show()?;
        spot.place_unseen(&window, main);
        Ok(Shown {
            _on_top: keep_on_top(&window, spot),
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

fn keep_on_top(banner: &BannerWindow, spot: Rc<Spot>) -> Timer {
    let weak = banner.as_weak();
    let place = move || {
        if let Some(banner) = weak.upgrade() {
            banner
                .window()
                .with_winit_window(|window| window.set_window_level(WindowLevel::AlwaysOnTop));
            spot.look_after(&banner);
        }
    };
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, KEEP_ON_TOP_EVERY, place);
    timer
}
