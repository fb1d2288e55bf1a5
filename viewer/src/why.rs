//! Why is it slow? The stages of a pixel's way from what was measured lately, and the part that takes longest. Pure; the console's
//! `remote/view/stages.ts` says the same.

use std::time::Duration;

/// Nobody calls this slow.
const QUICK_MS: f64 = 60.0;

/// Where time passes between a change and its pixel, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Wait,
    Grab,
    Convert,
    Encode,
    /// What the agent and the gateway held it beyond the stages that were told.
    Agent,
    /// Half of the round trip: three machines' clocks do not subtract.
    Network,
    Receive,
    Turn,
    Decode,
    Draw,
}

impl Stage {
    pub const ALL: [Self; 10] = [
        Self::Wait,
        Self::Grab,
        Self::Convert,
        Self::Encode,
        Self::Agent,
        Self::Network,
        Self::Receive,
        Self::Turn,
        Self::Decode,
        Self::Draw,
    ];

    /// As in catalogues and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Grab => "grab",
            Self::Convert => "convert",
            Self::Encode => "encode",
            Self::Agent => "agent",
            Self::Network => "network",
            Self::Receive => "receive",
            Self::Turn => "turn",
            Self::Decode => "decode",
            Self::Draw => "draw",
        }
    }

    fn reason(self) -> Reason {
        match self {
            Self::Wait | Self::Grab | Self::Convert => Reason::Read,
            Self::Encode => Reason::Encode,
            Self::Agent => Reason::Send,
            Self::Network => Reason::Network,
            Self::Receive => Reason::Receive,
            Self::Turn => Reason::Turn,
            Self::Decode => Reason::Decode,
            Self::Draw => Reason::Draw,
        }
    }
}

/// The answer, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Nothing,
    Quick,
    Read,
    Encode,
    Send,
    Network,
    Receive,
    Turn,
    Decode,
    Draw,
}

impl Reason {
    /// As in the catalogues.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Quick => "quick",
            Self::Read => "read",
            Self::Encode => "encode",
            Self::Send => "send",
            Self::Network => "network",
            Self::Receive => "receive",
            Self::Turn => "turn",
            Self::Decode => "decode",
            Self::Draw => "draw",
        }
    }
}

/// What was measured lately: means of the updates drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lately {
    /// How many updates that were; without any there is nothing to say.
    pub updates: u32,
    pub updates_per_second: f64,
    pub kilobits_per_second: f64,
    /// How coarse the pictures are, up to 51; `None` if there were none, so that every pixel that came was exact.
    pub quantiser: Option<f64>,
    /// From an input to the update drawn that shows its effect, the last time.
    pub key_to_pixel: Option<Duration>,
    /// By [`Stage::ALL`].
    pub stages: [Duration; Stage::ALL.len()],
}

impl Lately {
    /// All of the way.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.stages.iter().sum()
    }

    /// The part of the way that takes longest and its time, unless all of it is quick.
    #[must_use]
    pub fn reason(&self) -> (Reason, Duration) {
        if self.updates == 0 {
            return (Reason::Nothing, Duration::ZERO);
        }
        let total = self.total();
        if total.as_secs_f64() * 1e3 < QUICK_MS {
            return (Reason::Quick, total);
        }
        let mut parts: Vec<(Reason, Duration)> = Vec::new();
        for (stage, took) in Stage::ALL.into_iter().zip(self.stages) {
            match parts.iter_mut().find(|part| part.0 == stage.reason()) {
                Some(part) => part.1 += took,
                None => parts.push((stage.reason(), took)),
            }
        }
        let slowest = parts.into_iter().max_by_key(|part| part.1);
        slowest.unwrap_or((Reason::Nothing, Duration::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lately(slow: Stage, ms: u64) -> Lately {
        let mut stages = [Duration::from_millis(1); Stage::ALL.len()];
        let at = Stage::ALL.iter().position(|stage| *stage == slow);
        stages[at.unwrap()] = Duration::from_millis(ms);
        Lately {
            updates: 3,
            stages,
            ..Lately::default()
        }
    }

    #[test]
    fn the_part_that_takes_longest_is_named() {
        for (stage, reason) in [
            (Stage::Grab, Reason::Read),
            (Stage::Encode, Reason::Encode),
            (Stage::Agent, Reason::Send),
            (Stage::Network, Reason::Network),
            (Stage::Receive, Reason::Receive),
            (Stage::Turn, Reason::Turn),
            (Stage::Decode, Reason::Decode),
            (Stage::Draw, Reason::Draw),
        ] {
            assert_eq!(lately(stage, 80).reason().0, reason);
        }
        let (_, read) = lately(Stage::Grab, 80).reason();
        assert_eq!(read, Duration::from_millis(82), "three stages are reading");
    }

    #[test]
    fn what_is_quick_is_called_so_and_nothing_is_said_about_nothing() {
        assert_eq!(lately(Stage::Grab, 40).reason().0, Reason::Quick);
        assert_eq!(Lately::default().reason().0, Reason::Nothing);
    }
}
