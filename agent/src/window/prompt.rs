//! One prompt on the screen: from when it listens, how long it still waits, and that it is answered once. Pure: time is an argument. What
//! an answer grants is the consent's.

use std::time::{Duration, Instant};

use mayday_protocol::AskId;

/// A key typed ahead starts this time anew: somebody is still typing into what was there before.
const QUIET: Duration = Duration::from_secs(1);

/// The seconds left at which a screen reader speaks.
const ANNOUNCED: [u64; 6] = [60, 30, 20, 10, 5, 1];

/// A prompt that is shown and not answered yet.
#[derive(Debug)]
pub(super) struct OpenPrompt {
    ask: AskId,
    shown: Instant,
    deadline: Instant,
    accepts_from: Instant,
    answered: bool,
}

impl OpenPrompt {
    pub(super) fn new(ask: AskId, deadline: Instant, accepts_from: Instant, now: Instant) -> Self {
        Self {
            ask,
            shown: now,
            deadline,
            accepts_from,
            answered: false,
        }
    }

    pub(super) fn ask(&self) -> AskId {
        self.ask
    }

    fn is_armed(&self, now: Instant) -> bool {
        now >= self.accepts_from
    }

    /// Whether its buttons are to be pressed now.
    pub(super) fn listens(&self, now: Instant) -> bool {
        self.is_armed(now) && !self.answered
    }

    /// Takes an answer; whether it counts. The first one does, once the prompt is armed.
    pub(super) fn answer(&mut self, now: Instant) -> bool {
        let counts = self.listens(now);
        self.answered |= counts;
        counts
    }

    /// A key came too early.
    pub(super) fn early_key(&mut self, now: Instant) {
        if !self.is_armed(now) {
            self.accepts_from = self.accepts_from.max(now + QUIET);
        }
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        now >= self.deadline
    }

    /// Whole seconds left, rounded up: it says 1 until it is over.
    pub(super) fn seconds_left(&self, now: Instant) -> u64 {
        self.deadline
            .saturating_duration_since(now)
            .as_millis()
            .div_ceil(1000) as u64
    }

    /// What is left of the time from the first showing, 0 to 1.
    pub(super) fn part_left(&self, now: Instant) -> f32 {
        let whole = self
            .deadline
            .saturating_duration_since(self.shown)
            .as_secs_f32();
        let left = self.deadline.saturating_duration_since(now).as_secs_f32();
        if whole > 0.0 { left / whole } else { 0.0 }
    }

    /// The seconds that a screen reader was told last: every second would be noise.
    pub(super) fn announced_seconds(&self, now: Instant) -> u64 {
        let left = self.seconds_left(now);
        let whole = self.seconds_left(self.shown);
        ANNOUNCED
            .into_iter()
            .rev()
            .find(|announced| left <= *announced)
            .unwrap_or(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt() -> (OpenPrompt, Instant) {
        let now = Instant::now();
        (
            OpenPrompt::new(
                AskId(1),
                now + Duration::from_secs(30),
                now + Duration::from_secs(1),
                now,
            ),
            now,
        )
    }

    fn after(start: Instant, millis: u64) -> Instant {
        start + Duration::from_millis(millis)
    }

    #[test]
    fn it_listens_after_a_second() {
        let (prompt, start) = prompt();
        assert!(!prompt.is_armed(after(start, 999)));
        assert!(prompt.is_armed(after(start, 1000)));
    }

    #[test]
    fn typing_ahead_keeps_it_closed() {
        let (mut prompt, start) = prompt();
        prompt.early_key(after(start, 800));
        assert!(!prompt.is_armed(after(start, 1500)));
        assert!(prompt.is_armed(after(start, 1800)));
        prompt.early_key(after(start, 1900));
        assert!(
            prompt.is_armed(after(start, 1901)),
            "a key that counts closes nothing"
        );
    }

    #[test]
    fn one_answer_counts() {
        let (mut prompt, start) = prompt();
        assert!(
            !prompt.answer(after(start, 500)),
            "nothing is granted in the first second"
        );
        assert!(prompt.answer(after(start, 1500)));
        assert!(!prompt.answer(after(start, 1501)));
        assert!(!prompt.listens(after(start, 1502)));
    }

    #[test]
    fn the_countdown_ends_at_the_deadline() {
        let (prompt, start) = prompt();
        assert_eq!(prompt.seconds_left(start), 30);
        assert_eq!(prompt.seconds_left(after(start, 29_999)), 1);
        assert!(!prompt.is_over(after(start, 29_999)));
        assert!(prompt.is_over(after(start, 30_000)));
        assert_eq!(prompt.seconds_left(after(start, 31_000)), 0);
        assert!((prompt.part_left(after(start, 15_000)) - 0.5).abs() < 0.01);
    }

    #[test]
    fn a_screen_reader_hears_a_few_of_the_seconds() {
        let (prompt, start) = prompt();
        let heard: Vec<u64> = [0, 5, 12, 20, 26, 29]
            .map(|s| prompt.announced_seconds(after(start, s * 1000)))
            .into();
        assert_eq!(heard, [30, 30, 20, 10, 5, 1]);
    }
}
