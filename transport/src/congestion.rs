//! How QUIC itself answers loss and delay. Only a safety net: how much is sent, the agent's own rate control decides. Owns the choice, and
//! why it is made as it is.

mod gradual;

use std::str::FromStr;
use std::sync::Arc;

use quinn::TransportConfig;
use quinn::congestion::{BbrConfig, CubicConfig};

use gradual::Gradual;

/// A ceiling for the first flight (one screen).
const FIRST_WINDOW: u64 = 120_000;

/// The controllers to choose from. Cubic takes every lost packet for a full queue and crawls where packets are lost by chance;
/// docs/performance/congestion.md has the figures, and the way to repeat them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Congestion {
    #[default]
    Bbr,
    Cubic,
}

/// A name of neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are bbr and cubic")]
pub struct NoCongestion;

impl FromStr for Congestion {
    type Err = NoCongestion;

    fn from_str(text: &str) -> Result<Self, NoCongestion> {
        match text {
            "bbr" => Ok(Self::Bbr),
            "cubic" => Ok(Self::Cubic),
            _ => Err(NoCongestion),
        }
    }
}

impl Congestion {
    pub(crate) fn apply(self, config: &mut TransportConfig) {
        match self {
            Self::Bbr => {
                let mut bbr = BbrConfig::default();
                bbr.initial_window(FIRST_WINDOW);
                config.congestion_controller_factory(Arc::new(Gradual(Arc::new(bbr))));
            }
            Self::Cubic => {
                let mut cubic = CubicConfig::default();
                cubic.initial_window(FIRST_WINDOW);
                config.congestion_controller_factory(Arc::new(cubic));
            }
        }
    }
}
