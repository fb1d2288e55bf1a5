//! Wakes the capture thread, wherever it sleeps: in the capture's wait, or without any capture. Owns only that.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mayday_codec::Waker;

#[derive(Debug, Default)]
struct State {
    rung: bool,
    waker: Option<Waker>,
}

#[derive(Debug, Default)]
pub struct Bell {
    state: Mutex<State>,
    changed: Condvar,
}

impl Bell {
    pub fn ring(&self) {
        let mut state = self.lock();
        state.rung = true;
        if let Some(waker) = &state.waker {
            waker.wake();
        }
        self.changed.notify_all();
    }

    /// From now on the capture is woken too.
    pub fn set_waker(&self, waker: Option<Waker>) {
        self.lock().waker = waker;
    }

    /// Sleeps until it rings, or until `timeout`.
    pub fn sleep(&self, timeout: Option<Duration>) {
        let mut state = self.lock();
        match timeout {
            None => {
                while !state.rung {
                    state = self
                        .changed
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
            Some(timeout) if !state.rung => {
                let waited = self.changed.wait_timeout(state, timeout);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            Some(_) => {}
        }
        state.rung = false;
    }

    /// Forgets a ring that was answered otherwise.
    pub fn hush(&self) {
        self.lock().rung = false;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
