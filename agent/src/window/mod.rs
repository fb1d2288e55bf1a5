//! The agent's window: implements [`Face`] with slint on the main thread. Owns how scenes look and what a click means; what is shown
//! when, and what is granted, is the core's.

mod banner;
mod catalogue;
mod chat;
mod conduct;
mod own_windows;
mod picture;
mod present;
mod prompt;
mod request;
mod screen;
mod shown_text;
mod spot;
mod surface;
mod texts;

use std::sync::{Arc, Mutex, PoisonError};

use slint::ComponentHandle;
use tokio::sync::mpsc::UnboundedSender;

pub use self::own_windows::OwnWindows;
pub use self::texts::Texts;
use crate::face::{Face, UserAction, View};
use crate::permit::Permit;

/// What slint makes of `agent/ui`.
#[expect(clippy::todo, reason = "generated code is not ours to mend")]
mod ui {
    slint::include_modules!();
}

/// What a window is opened with.
pub struct Options {
    pub texts: Texts,
    /// Stop, Pause and View only flip it before they send their action.
    pub permit: Arc<Permit>,
    pub actions: UnboundedSender<UserAction>,
    pub own_windows: OwnWindows,
    pub scheme: Scheme,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// As the desktop says.
    #[default]
    Desktop,
    Light,
    Dark,
}

/// The window cannot be made or has failed.
#[derive(Debug, thiserror::Error)]
#[error("the desktop does not let mayday show its window")]
pub struct WindowError(#[from] slint::PlatformError);

/// Opened on the main thread, and run there.
pub struct Window {
    surface: std::rc::Rc<surface::Surface>,
}

/// The core's handle on the window, from any thread.
#[derive(Clone)]
pub struct WindowFace {
    next: NextView,
    main: slint::Weak<ui::AgentWindow>,
}

/// The newest view that the window has not shown yet: older ones are of no interest.
#[derive(Clone, Default)]
pub(crate) struct NextView(Arc<Mutex<Option<View>>>);

impl NextView {
    fn put(&self, view: View) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(view);
    }

    fn take(&self) -> Option<View> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Makes the window, on the main thread. Whether the desktop can show it at all is checked before, by `libraries::check`.
pub fn open(options: Options) -> Result<(Window, WindowFace), WindowError> {
    let windows = surface::select_backend()?;
    let next = NextView::default();
    let surface = surface::Surface::new(options, next.clone(), &windows)?;
    let face = WindowFace {
        next,
        main: surface.main().as_weak(),
    };
    Ok((Window { surface }, face))
}

impl Window {
    /// Shows the window until [`Face::close`], or until the end user has left and the core did not close in time.
    pub fn run(self) -> Result<(), WindowError> {
        self.surface.main().show()?;
        slint::run_event_loop_until_quit()?;
        self.surface.main().hide()?;
        Ok(())
    }
}

impl Face for WindowFace {
    fn show(&self, view: View) {
        self.next.put(view);
        // An error means that the loop has ended: there is nobody to show anything to.
        let _ended = self
            .main
            .upgrade_in_event_loop(|main| main.invoke_views_arrived());
    }

    fn close(&self) {
        let _ended = slint::invoke_from_event_loop(|| {
            let _not_running = slint::quit_event_loop();
        });
    }
}
