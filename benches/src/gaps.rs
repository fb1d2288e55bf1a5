//! Random pauses between the steps of a bench, the same in every run: so that nothing falls in step with somebody's timer.

use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Gaps {
    state: u64,
    least_ms: u64,
    span_ms: u64,
}

impl Gaps {
    /// 8-250 ms, as a person types.
    #[must_use]
    pub fn between_keys() -> Self {
        Self::of(8, 243)
    }

    /// 20-140 ms, where several take turns and each rests longer anyhow.
    #[must_use]
    pub fn short() -> Self {
        Self::of(20, 121)
    }

    fn of(least_ms: u64, span_ms: u64) -> Self {
        Self {
            state: 0x2545_f491_4f6c_dd1d,
            least_ms,
            span_ms,
        }
    }

    /// The next pause.
    pub fn pause(&mut self) -> Duration {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        Duration::from_millis(self.least_ms + self.state % self.span_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_differ_and_stay_in_their_span() {
        let mut gaps = Gaps::short();
        let all: Vec<_> = (0..200).map(|_| gaps.pause().as_millis()).collect();
        assert!(all.iter().all(|gap| (20..=140).contains(gap)));
        assert!(all.iter().max() > all.iter().min());
    }
}
