//! Tells the agent's own injected keys from everybody else's. Owns the list of keys that were injected and have not come back yet; why XTEST
//! events cannot simply be ignored is in docs/stop-key.md.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// An injected key that has not come back after this time never will.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(2);

/// More keys under way than this means that nobody listens.
const MOST_UNDER_WAY: usize = 1024;

#[derive(Clone, Copy, Debug)]
struct Injected {
    keycode: u8,
    pressed: bool,
    at: Instant,
}

/// Shared between the injector and the stop key.
#[derive(Clone, Debug, Default)]
pub struct InjectedKeys(Arc<Mutex<VecDeque<Injected>>>);

impl InjectedKeys {
    /// Right before the agent injects a key: so that its echo is never taken for the end user's.
    pub fn about_to(&self, keycode: u8, pressed: bool) {
        self.note(keycode, pressed, Instant::now());
    }

    /// Whether this event, just seen, is one of the agent's own; strikes it out.
    pub(super) fn strike_out(&self, keycode: u8, pressed: bool) -> bool {
        self.strike_out_at(keycode, pressed, Instant::now())
    }

    fn note(&self, keycode: u8, pressed: bool, at: Instant) {
        let mut list = self.list();
        if list.len() == MOST_UNDER_WAY {
            list.pop_front();
        }
        list.push_back(Injected {
            keycode,
            pressed,
            at,
        });
    }

    fn strike_out_at(&self, keycode: u8, pressed: bool, now: Instant) -> bool {
        let mut list = self.list();
        list.retain(|key| now.saturating_duration_since(key.at) < FORGOTTEN_AFTER);
        let found = list
            .iter()
            .position(|key| key.keycode == keycode && key.pressed == pressed);
        found.and_then(|index| list.remove(index)).is_some()
    }

    fn list(&self) -> MutexGuard<'_, VecDeque<Injected>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_injected_key_is_struck_out_once() {
        let keys = InjectedKeys::default();
        keys.about_to(53, true);
        assert!(!keys.strike_out(53, false), "a release is another event");
        assert!(keys.strike_out(53, true));
        assert!(
            !keys.strike_out(53, true),
            "the second one is somebody else's"
        );
    }

    #[test]
    fn what_never_came_back_is_forgotten() {
        let keys = InjectedKeys::default();
        let now = Instant::now();
        keys.note(53, true, now);
        assert!(!keys.strike_out_at(53, true, now + FORGOTTEN_AFTER));
    }
}
