//! What the viewer's task and its handle share. Owns the lock and who is told when the picture changed.

use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use mayday_codec::Canvas;
use mayday_protocol::control::{EndReason, RemoteState};
use mayday_protocol::cursor::Shape;
use mayday_protocol::{SessionId, Slot};

use crate::damage::Damage;
use crate::screen::Screen;
use crate::statistics::Counts;
use crate::why::Stage;

/// Something that happened, for tests and figures.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The state said by the gateway changed.
    State(RemoteState),
    /// The picture was cleared by the gateway.
    Cleared,
    /// A new layout began.
    Reset { width: u16, height: u16 },
    /// The gateway ended the stay.
    Ended(EndReason),
    /// The connection is gone.
    Closed(String),
}

/// Asked of the canvas after every shown update, in the viewer's own task: no other thread's wake-up is measured along.
pub(crate) struct Watch {
    pub(crate) predicate: Box<dyn FnMut(&Canvas) -> bool + Send>,
    pub(crate) seen: Sender<Sight>,
}

/// That a picture has come.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    pub at: Instant,
    /// What the update told or cost that brought it, in the order of [`Stage::ALL`]; nothing when the picture was there already.
    pub stages: [Duration; Stage::ALL.len()],
}

impl Sight {
    /// At this instant.
    pub(crate) fn without_update() -> Self {
        Self {
            at: Instant::now(),
            stages: Default::default(),
        }
    }
}

/// Called after every change, in the viewer's own task: it must not wait.
pub(crate) type Wake = Box<dyn Fn() + Send + Sync>;

#[derive(Default)]
pub(crate) struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
    wake: OnceLock<Wake>,
}

/// Everything that can be seen.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) session: Option<(SessionId, Slot)>,
    pub(crate) state: Option<RemoteState>,
    /// The session's name.
    pub(crate) name: String,
    /// What to come back with after a lost connection; empty when the gateway gives none.
    pub(crate) resume: String,
    pub(crate) screen: Option<Screen>,
    /// The form of pictures that came and cannot be read.
    pub(crate) other_form: Option<u8>,
    /// What of the picture changed since somebody looked.
    pub(crate) damage: Damage,
    /// When the gateway was heard last.
    pub(crate) heard: Option<Instant>,
    /// Since when the agent owes an answer.
    pub(crate) silent_since: Option<Instant>,
    pub(crate) watches: Vec<Watch>,
    pub(crate) pointer: Option<(u16, u16, u32)>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) counts: Counts,
    pub(crate) ping: Option<Duration>,
    pub(crate) events: Vec<Event>,
    pub(crate) over: Option<String>,
}

/// Events kept for who asks late.
const EVENTS: usize = 1024;

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something and tells who waits.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        if let Some(wake) = self.wake.get() {
            wake();
        }
        result
    }

    /// From now on `wake` is called after every change.
    pub(crate) fn wake_by(&self, wake: Wake) {
        let _ = self.wake.set(wake);
    }

    /// Waits until `pick` finds something.
    pub(crate) fn wait<T>(
        &self,
        limit: Duration,
        mut pick: impl FnMut(&mut Seen) -> Option<T>,
    ) -> Option<T> {
        let until = Instant::now() + limit;
        let mut seen = self.lock();
        loop {
            if let Some(found) = pick(&mut seen) {
                return Some(found);
            }
            let left = until.checked_duration_since(Instant::now())?;
            seen = self
                .changed
                .wait_timeout(seen, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Seen {
    pub(crate) fn happened(&mut self, event: Event) {
        if self.events.len() < EVENTS {
            self.events.push(event);
        }
    }

    /// Tells the watches whose picture has come, at this instant.
    pub(crate) fn look(&mut self, sight: Sight) {
        let Some(screen) = &self.screen else { return };
        let canvas = screen.canvas();
        self.watches.retain_mut(|watch| {
            let come = (watch.predicate)(canvas);
            if come {
                let _ = watch.seen.send(sight);
            }
            !come
        });
    }
}
