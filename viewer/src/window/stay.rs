//! The connection behind the window: opens it, notices its end, comes back by itself with what the gateway gave for that, and keeps the
//! last picture meanwhile. Owns no pixels and no words beyond which situation it is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mayday_protocol::control::EndReason;
use mayday_transport::{ConnectError, Path};
use mayday_viewer::{Glimpse, NativeLink, OpenError, Viewer};
use winit::event_loop::EventLoopProxy;

use super::situation::Situation;
use crate::choice::Decoding;

/// Between two attempts; the last one again and again.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// The gateway keeps a place for a minute after it missed the viewer, which it notices some seconds later.
const GIVE_UP: Duration = Duration::from_secs(80);

/// What wakes the window.
pub enum Wake {
    /// Something came.
    Changed,
    /// An attempt to open the link is over.
    Opened(u32, Box<Result<Viewer, OpenError>>),
}

enum Phase {
    Opening,
    Here(Arc<Viewer>),
    Waiting(Instant),
    Over(Situation),
}

pub struct Stay {
    link: NativeLink,
    decoding: Decoding,
    proxy: EventLoopProxy<Wake>,
    phase: Phase,
    /// The stay before, for its picture, until the next one has its own.
    last: Option<Arc<Viewer>>,
    /// Failed ones in a row, and since when.
    attempts: u32,
    failing_since: Option<Instant>,
    cause: String,
    number: u32,
    /// The way that worked on this network.
    prefer: Option<Path>,
}

impl Stay {
    pub fn open(link: NativeLink, decoding: Decoding, proxy: EventLoopProxy<Wake>) -> Self {
        let mut stay = Self {
            link,
            decoding,
            proxy,
            phase: Phase::Opening,
            last: None,
            attempts: 0,
            failing_since: None,
            cause: String::new(),
            number: 0,
            prefer: None,
        };
        stay.begin();
        stay
    }

    /// The live connection.
    pub fn viewer(&self) -> Option<&Viewer> {
        match &self.phase {
            Phase::Here(viewer) => Some(viewer),
            Phase::Opening | Phase::Waiting(_) | Phase::Over(_) => None,
        }
    }

    /// Failed attempts in a row, and when the next one is.
    pub fn attempts(&self) -> (u32, Option<Instant>) {
        match self.phase {
            Phase::Waiting(due) => (self.attempts, Some(due)),
            Phase::Opening | Phase::Here(_) | Phase::Over(_) => (self.attempts, None),
        }
    }

    /// Why the gateway was not reached.
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// What can be looked at from now on, whatever becomes of the stay.
    pub fn glance(&self) -> Glance {
        let now = match &self.phase {
            Phase::Here(viewer) => Some(viewer.clone()),
            Phase::Opening | Phase::Waiting(_) | Phase::Over(_) => None,
        };
        Glance {
            now,
            last: self.last.clone(),
            without: self.without_connection(),
        }
    }

    /// An attempt to open the link is over.
    pub fn handle_opened(&mut self, number: u32, result: Result<Viewer, OpenError>, now: Instant) {
        if number != self.number {
            return;
        }
        match result {
            Ok(viewer) => {
                self.attempts = 0;
                self.failing_since = None;
                let resume = viewer.resume();
                if !resume.is_empty() {
                    self.link.ticket = resume;
                }
                self.prefer = Some(viewer.path());
                self.phase = Phase::Here(Arc::new(viewer));
            }
            Err(OpenError::Refused(refusal)) => {
                self.phase = Phase::Over(Situation::of_refusal(&refusal));
            }
            Err(OpenError::Connect(ConnectError::PinMismatch)) => {
                self.phase = Phase::Over(Situation::Pin);
            }
            Err(error) => self.failed(error.to_string(), now),
        }
    }

    /// Looks whether the connection has ended, whether the picture of the one before is still needed, and whether an attempt is due.
    pub fn handle_time(&mut self, now: Instant) {
        match &self.phase {
            Phase::Waiting(due) if *due <= now => self.begin(),
            Phase::Here(viewer) => {
                let (over, ended, drawn) =
                    (viewer.is_over(), viewer.ended(), viewer.updates_drawn());
                if drawn > 0 {
                    self.last = None;
                }
                if over {
                    self.lost(ended, now);
                }
            }
            Phase::Waiting(_) | Phase::Opening | Phase::Over(_) => {}
        }
    }

    /// The person wants another attempt now.
    pub fn try_again(&mut self) {
        if !matches!(self.phase, Phase::Here(_) | Phase::Opening) {
            self.attempts = 0;
            self.failing_since = None;
            self.begin();
        }
    }

    /// Says goodbye, if there is anybody.
    pub fn close(&mut self) {
        self.last = None;
        let phase = std::mem::replace(&mut self.phase, Phase::Over(Situation::Closed));
        if let Phase::Here(viewer) = phase
            && let Some(viewer) = Arc::into_inner(viewer)
        {
            viewer.close();
        }
    }

    fn lost(&mut self, ended: Option<EndReason>, now: Instant) {
        let phase = std::mem::replace(&mut self.phase, Phase::Waiting(now));
        if let Phase::Here(viewer) = phase {
            self.last = Some(viewer);
        }
        match ended {
            // What it left in memory is gone with it, unless only the sign-in ended.
            Some(EndReason::Restart | EndReason::Unknown) | None => self.begin(),
            Some(reason) => self.phase = Phase::Over(Situation::of_end(reason)),
        }
    }

    fn failed(&mut self, cause: String, now: Instant) {
        let since = *self.failing_since.get_or_insert(now);
        let pause = PAUSES[(self.attempts as usize).min(PAUSES.len() - 1)];
        self.attempts += 1;
        self.cause = cause;
        self.phase = if now.duration_since(since) > GIVE_UP {
            Phase::Over(Situation::Unreachable)
        } else {
            Phase::Waiting(now + pause)
        };
    }

    fn begin(&mut self) {
        self.number += 1;
        self.phase = Phase::Opening;
        let (number, link, proxy) = (self.number, self.link.clone(), self.proxy.clone());
        let (decoding, prefer) = (self.decoding.clone(), self.prefer);
        let opening = std::thread::Builder::new().name("open".to_owned());
        let started = opening.spawn(move || {
            let wake = {
                let proxy = proxy.clone();
                move || drop(proxy.send_event(Wake::Changed))
            };
            let opened = decoding
                .start()
                .map_err(OpenError::Decoder)
                .and_then(|decoder| Viewer::open_link(link, prefer, decoder, wake));
            let _ = proxy.send_event(Wake::Opened(number, Box::new(opened)));
        });
        if let Err(error) = started {
            self.failed(error.to_string(), Instant::now());
        }
    }

    fn without_connection(&self) -> Situation {
        match self.phase {
            Phase::Over(situation) => situation,
            _ if self.last.is_some() => Situation::Reconnecting,
            _ if self.attempts > 0 => Situation::Unreachable,
            _ => Situation::Connecting,
        }
    }
}

/// The connections of one moment.
pub struct Glance {
    now: Option<Arc<Viewer>>,
    last: Option<Arc<Viewer>>,
    /// The situation without a live connection.
    without: Situation,
}

impl Glance {
    /// Shows what there is: whose picture to draw, what the live connection says, and the situation. The connections are locked meanwhile.
    pub fn look<T>(
        &self,
        look: impl FnOnce(Option<&Glimpse<'_>>, Option<&Glimpse<'_>>, Situation) -> T,
    ) -> T {
        let Some(viewer) = &self.now else {
            return match &self.last {
                Some(last) => last.glimpse(|old| look(Some(old), None, self.without)),
                None => look(None, None, self.without),
            };
        };
        viewer.glimpse(|now| {
            let has_picture = now.canvas.is_some() && now.drawn > 0;
            let of_state = |state| Situation::of_state(state, has_picture, now.agent_silent);
            let situation = match (now.state.map(of_state), now.other_form) {
                (Some(Situation::Live | Situation::WaitingPicture), Some(theirs)) => {
                    Situation::of_other_form(theirs)
                }
                (of_state, _) => of_state.unwrap_or(Situation::Connecting),
            };
            match &self.last {
                Some(last) if !has_picture => {
                    last.glimpse(|old| look(Some(old), Some(now), situation))
                }
                _ => look(Some(now), Some(now), situation),
            }
        })
    }
}
