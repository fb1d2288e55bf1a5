//! How often an agent may change what is written down: a burst, then twice a second. What is more waits here, and only the newest
//! of each kind. What takes rights away never waits.

use std::mem::discriminant;
use std::time::Duration;

use mayday_protocol::control::FromAgent;
use tokio::time::Instant;

const EACH: Duration = Duration::from_millis(500);
const BURST: u32 = 20;

pub(super) struct Pace {
    /// When everything that was let pass so far is paid for.
    paid_at: Instant,
    /// At most one of each kind.
    held: Vec<FromAgent>,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            paid_at: now,
            held: Vec::new(),
        }
    }

    /// The message, if it may go on now; else it is kept until [`Pace::due`] gives it, or a newer one of its kind comes.
    pub(super) fn take(&mut self, message: FromAgent, now: Instant) -> Option<FromAgent> {
        let kind = discriminant(&message);
        if is_paced(&message) {
            self.held.retain(|held| discriminant(held) != kind);
            if !self.spend(now) {
                self.held.push(message);
                return None;
            }
        } else if message == (FromAgent::Paused { paused: true }) {
            // An older "goes on" must not come after it.
            self.held.retain(|held| discriminant(held) != kind);
        }
        Some(message)
    }

    /// The next message that waited long enough; never, if none waits. Safe to cancel.
    pub(super) async fn due(&mut self) -> FromAgent {
        if self.held.is_empty() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep_until(self.free_at()).await;
        self.spend(Instant::now());
        self.held.remove(0)
    }

    fn free_at(&self) -> Instant {
        let ahead = EACH * (BURST - 1);
        self.paid_at.checked_sub(ahead).unwrap_or(self.paid_at)
    }

    fn spend(&mut self, now: Instant) -> bool {
        let free = self.free_at() <= now;
        if free {
            self.paid_at = self.paid_at.max(now) + EACH;
        }
        free
    }
}

fn is_paced(message: &FromAgent) -> bool {
    match message {
        FromAgent::Screen { .. } | FromAgent::System { .. } | FromAgent::ChatSeen { .. } => true,
        FromAgent::Paused { paused } => !paused,
        FromAgent::Hello { .. }
        | FromAgent::Answer { .. }
        | FromAgent::Unanswered { .. }
        | FromAgent::Lowered { .. }
        | FromAgent::InviteAgain { .. }
        | FromAgent::Chat { .. }
        | FromAgent::Rate { .. }
        | FromAgent::Leave {}
        | FromAgent::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use mayday_protocol::Slot;
    use mayday_protocol::control::{Rights, ScreenState};

    use super::*;

    const LIVE: FromAgent = FromAgent::Screen {
        state: ScreenState::Live,
    };
    const LOCKED: FromAgent = FromAgent::Screen {
        state: ScreenState::Locked,
    };

    #[test]
    fn a_burst_passes_and_then_two_a_second() {
        let began = Instant::now();
        let mut pace = Pace::new(began);
        let burst = (0..100).filter(|_| pace.take(LIVE, began).is_some());
        assert_eq!(burst.count(), 20);
        let later = (1..=100_u64).filter(|tick| {
            let now = began + Duration::from_millis(100 * tick);
            pace.take(LIVE, now).is_some()
        });
        assert_eq!(later.count(), 20, "in ten seconds");
    }

    #[tokio::test]
    async fn the_newest_of_those_that_waited_goes_on() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        while pace.take(LIVE, now).is_some() {}
        assert_eq!(pace.take(LOCKED, now), None);
        let due = tokio::time::timeout(Duration::from_secs(5), pace.due()).await;
        assert_eq!(due, Ok(LOCKED));
        assert!(pace.held.is_empty());
    }

    #[test]
    fn what_takes_rights_away_passes_and_an_older_resume_is_forgotten() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        while pace.take(LIVE, now).is_some() {}
        let (on, off) = (
            FromAgent::Paused { paused: false },
            FromAgent::Paused { paused: true },
        );
        assert_eq!(pace.take(on.clone(), now), None);
        let lowered = FromAgent::Lowered {
            slot: Slot::ALL[0],
            rights: Rights::NONE,
        };
        for passes in [off, lowered, FromAgent::Leave {}] {
            assert_eq!(pace.take(passes.clone(), now), Some(passes));
        }
        assert!(!pace.held.contains(&on));
    }
}
