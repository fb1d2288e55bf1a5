//! The X11 ids of the agent's own windows, for whoever injects input: a technician must never press the agent's buttons. Owns the list;
//! what counts as a hit is the injector's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slint::winit_030::winit::raw_window_handle::{HasWindowHandle, RawWindowHandle};
use slint::winit_030::winit::window::Window;

/// One of the agent's windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    Main,
    Banner,
}

/// Shared list of the windows there are now; empty where the desktop is not X11.
#[derive(Clone, Debug, Default)]
pub struct OwnWindows(Arc<Mutex<BTreeMap<Which, u32>>>);

impl OwnWindows {
    /// The top-level windows, without their frames.
    #[must_use]
    pub fn ids(&self) -> Vec<u32> {
        self.list().values().copied().collect()
    }

    #[must_use]
    pub fn contains(&self, window: u32) -> bool {
        self.list().values().any(|own| *own == window)
    }

    /// A list of windows that were not made here.
    #[cfg(test)]
    pub(crate) fn of(ids: &[u32]) -> Self {
        let list = [Which::Main, Which::Banner]
            .into_iter()
            .zip(ids.iter().copied());
        Self(Arc::new(Mutex::new(list.collect())))
    }

    /// Called whenever a window is made.
    pub(super) fn made(&self, which: Which, window: &Window) {
        if let Some(id) = x11_id(window) {
            self.list().insert(which, id);
        }
    }

    /// Called whenever a window is closed.
    pub(super) fn gone(&self, which: Which) {
        self.list().remove(&which);
    }

    fn list(&self) -> MutexGuard<'_, BTreeMap<Which, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` where the desktop is not X11.
pub(super) fn x11_id(window: &Window) -> Option<u32> {
    match window.window_handle().ok()?.as_raw() {
        RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok(),
        RawWindowHandle::Xcb(handle) => Some(handle.window.get()),
        _ => None,
    }
}
