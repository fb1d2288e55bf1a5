//! The networks that people sit on: round trip, rate, loss, queue. Figures only.

use std::time::Duration;

/// One network. Both directions are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub name: &'static str,
    /// Without any queue.
    pub rtt: Duration,
    pub rate: Rate,
    pub loss: Loss,
    /// How much waiting the drop-tail queue holds.
    pub queue: Duration,
    /// Each packet takes up to this much longer, so that later ones overtake it.
    pub jitter: Duration,
}

/// Bits per second, constant or changing on a schedule that repeats.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    Constant(f64),
    /// Each for this long, one after the other, again and again.
    Steps(&'static [(f64, Duration)]),
}

/// Which packets never arrive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    None,
    /// Each with this probability.
    Bernoulli(f64),
    /// Gilbert-Elliott: good (nothing lost) and bad (`lost` of all) times, changing with these probabilities at each packet.
    Bursts {
        to_bad: f64,
        to_good: f64,
        lost: f64,
    },
}

const fn profile(
    name: &'static str,
    rtt_ms: u64,
    megabits: f64,
    loss_percent: f64,
    queue_ms: u64,
) -> Profile {
    Profile {
        name,
        rtt: Duration::from_millis(rtt_ms),
        rate: Rate::Constant(megabits * 1e6),
        loss: if loss_percent > 0.0 {
            Loss::Bernoulli(loss_percent / 100.0)
        } else {
            Loss::None
        },
        queue: Duration::from_millis(queue_ms),
        jitter: Duration::ZERO,
    }
}

/// 10 Mbit/s, then 2, then 10 again.
const STEP: &[(f64, Duration)] = &[
    (10e6, Duration::from_secs(5)),
    (2e6, Duration::from_secs(5)),
];

pub const PROFILES: &[Profile] = &[
    profile("lan", 0, 1000.0, 0.0, 200),
    profile("dsl", 20, 20.0, 0.0, 200),
    profile("wan", 50, 10.0, 0.5, 200),
    profile("far", 100, 10.0, 1.0, 200),
    profile("bad", 100, 5.0, 3.0, 500),
    profile("sat", 200, 5.0, 1.0, 500),
    profile("thin", 50, 1.0, 0.0, 500),
    profile("hair", 100, 0.15, 0.0, 500),
    profile("bloat", 100, 5.0, 0.0, 500),
    Profile {
        name: "step",
        rtt: Duration::from_millis(50),
        rate: Rate::Steps(STEP),
        loss: Loss::None,
        queue: Duration::from_millis(200),
        jitter: Duration::ZERO,
    },
];

impl Profile {
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }

    /// Whether packets may be passed on at once: no delay and no loss, and a rate that loopback hardly exceeds.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.rtt.is_zero() && self.loss == Loss::None && self.jitter.is_zero()
    }
}

impl Rate {
    /// Bits per second at this time since the start.
    #[must_use]
    pub fn at(&self, now: Duration) -> f64 {
        match self {
            Self::Constant(rate) => *rate,
            Self::Steps(steps) => {
                let round: Duration = steps.iter().map(|step| step.1).sum();
                let mut left = Duration::from_nanos((now.as_nanos() % round.as_nanos()) as u64);
                for (rate, lasts) in *steps {
                    if left < *lasts {
                        return *rate;
                    }
                    left -= *lasts;
                }
                steps[0].0
            }
        }
    }
}
