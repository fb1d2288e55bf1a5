//! The parts of a run: which of the other benches' programs measures what, with how many samples.

use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What one program measures in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Typing on a LAN.
    Typing,
    /// A character, the whole screen, a film and scrolling text in the native viewer, beside TigerVNC.
    Native,
    /// A character and the whole screen in Chromium, beside noVNC.
    Chromium,
    /// Typing on long ways that lose packets.
    Wan,
    /// Typing while a page loads at 1 Mbit/s.
    PageLoads,
    /// A page and a dialog at 150 kbit/s.
    Hair,
    /// The time until a page and a photograph are exact, on a LAN.
    Exact,
    /// An unchanged screen.
    Idle,
    /// Sessions a core.
    Relay,
}

/// A program beside this one, and its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    pub program: &'static str,
    pub arguments: Vec<String>,
}

impl Part {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::Native => "native",
            Self::Chromium => "chromium",
            Self::Wan => "wan",
            Self::PageLoads => "page-loads",
            Self::Hair => "hair",
            Self::Exact => "exact",
            Self::Idle => "idle",
            Self::Relay => "relay",
        }
    }

    /// About so long, on two quiet processors.
    #[must_use]
    pub fn takes(self) -> Duration {
        Duration::from_secs(match self {
            Self::Typing => 100,
            Self::Native => 135,
            Self::Chromium => 70,
            Self::Wan => 105,
            Self::PageLoads => 85,
            Self::Hair => 55,
            Self::Exact => 60,
            Self::Idle => 55,
            Self::Relay => 80,
        })
    }

    /// `None`: measured by this program itself.
    #[must_use]
    pub fn command(self, quick: bool) -> Option<Command> {
        let (program, words) = match (self, quick) {
            (Self::Typing, _) => ("latency", "--profile lan --workload type"),
            (Self::Native, _) => (
                "peers",
                "--peer mayday --peer xtigervnc --work change --work whole-screen --work film --work scroll",
            ),
            (Self::Chromium, _) => (
                "peers",
                "--peer mayday-chromium --peer novnc --work change --work whole-screen",
            ),
            (Self::Wan, _) => (
                "latency",
                "--profile wan --profile far --profile bad --workload type --seconds 90",
            ),
            (Self::PageLoads, _) => (
                "latency",
                "--profile thin --workload type-while-page --seconds 90",
            ),
            (Self::Hair, _) => (
                "latency",
                "--rest --without-idle --arm ours --profile hair --workload new-page --workload menu --seconds 60",
            ),
            (Self::Exact, _) => (
                "latency",
                "--rest --without-idle --arm ours --profile lan --workload new-page --workload photograph --seconds 60",
            ),
            (Self::Relay, false) => ("relay", "--seconds 3"),
            (Self::Relay, true) => ("relay", "--seconds 1 --sessions 12"),
            (Self::Idle, _) => return None,
        };
        let mut arguments: Vec<String> = words.split(' ').map(str::to_owned).collect();
        if let Some((usual, few)) = self.samples() {
            let samples = if quick { few } else { usual };
            arguments.extend(["--samples".to_owned(), samples.to_string()]);
        }
        Some(Command { program, arguments })
    }

    /// Usually, and when it must be quick. The peers' whole screens are a quarter of them.
    fn samples(self) -> Option<(u32, u32)> {
        match self {
            Self::Typing => Some((300, 10)),
            Self::Native | Self::Chromium => Some((100, 8)),
            Self::Wan => Some((60, 5)),
            Self::PageLoads => Some((30, 3)),
            Self::Hair => Some((5, 1)),
            Self::Exact => Some((20, 2)),
            Self::Idle | Self::Relay => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_runs_take_less_than_forty_minutes() {
        let run: Duration = Part::value_variants().iter().map(|part| part.takes()).sum();
        assert!(run <= Duration::from_secs(13 * 60));
        assert!(3 * run < Duration::from_secs(40 * 60));
    }

    #[test]
    fn quick_takes_fewer_samples_and_does_the_same_work() {
        for part in Part::value_variants() {
            let (Some(usual), Some(quick)) = (part.command(false), part.command(true)) else {
                assert_eq!(*part, Part::Idle);
                continue;
            };
            assert_eq!(usual.program, quick.program);
            assert_ne!(usual.arguments, quick.arguments);
        }
    }
}
