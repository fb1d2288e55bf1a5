//! Which sequences came already, with a bounded memory of it.

use mayday_protocol::Sequence;

/// How far back a sequence may be and still be told from a repetition; older ones count as known.
const WINDOW: u32 = 4096;

/// A sliding window over sequences.
#[derive(Debug)]
pub(super) struct Seen {
    highest: u32,
    recent: Box<[bool]>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            highest: 0,
            recent: vec![false; WINDOW as usize].into(),
        }
    }
}

impl Seen {
    /// Whether `sequence` is new; remembers it.
    pub(super) fn first(&mut self, sequence: Sequence) -> bool {
        let Sequence(sequence) = sequence;
        let at = (sequence % WINDOW) as usize;
        if sequence > self.highest {
            let ahead = (sequence - self.highest).min(WINDOW);
            for skipped in 1..=ahead {
                let place = sequence.wrapping_sub(ahead).wrapping_add(skipped) % WINDOW;
                self.recent[place as usize] = false;
            }
            self.highest = sequence;
        } else if self.highest - sequence >= WINDOW {
            return false;
        }
        !std::mem::replace(&mut self.recent[at], true)
    }

    /// Whether `sequence` came, or is so old that it does not matter any more.
    pub(super) fn contains(&self, Sequence(sequence): Sequence) -> bool {
        let at = (sequence % WINDOW) as usize;
        sequence <= self.highest && (self.highest - sequence >= WINDOW || self.recent[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sequence_is_new_once_in_any_order_and_very_old_ones_never() {
        let mut seen = Seen::default();
        for sequence in [1, 3, 2, 5000, 4999, 10_000] {
            assert!(seen.first(Sequence(sequence)), "{sequence}");
            assert!(!seen.first(Sequence(sequence)), "{sequence} again");
        }
        assert!(!seen.first(Sequence(4)));
        assert!(seen.first(Sequence(9_999)));
        assert!(seen.first(Sequence(10_000 - 4095)));
    }
}
