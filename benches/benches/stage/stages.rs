//! What one update took, stage by stage, and how many updates together are told. Owns the stages' names.

use std::time::Duration;

/// What one update took and weighed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stages {
    pub grab: Duration,
    /// Comparing with the last screen, and telling text from pictures.
    pub compare: Duration,
    pub convert: Duration,
    pub encode: Duration,
    /// Into the bytes of one packet.
    pub packetise: Duration,
    /// With reading the packet.
    pub decode: Duration,
    pub draw: Duration,
    /// From asking for the change to its packet.
    pub agent: Duration,
    /// What the processor worked for that, on all threads: steadier than time where others work too.
    pub processor: Duration,
    /// Of the packet.
    pub bytes: usize,
    /// Stripes that were coded: as many calls of an encoder, and of a decoder.
    pub stripes: usize,
}

/// A stage's name, and its time in an update.
pub type Stage = (&'static str, fn(&Stages) -> Duration);

impl Stages {
    /// In their order.
    pub const SINGLE: [Stage; 7] = [
        ("grab", |s| s.grab),
        ("compare", |s| s.compare),
        ("convert", |s| s.convert),
        ("encode", |s| s.encode),
        ("packetise", |s| s.packetise),
        ("decode", |s| s.decode),
        ("draw", |s| s.draw),
    ];
    /// Each side as a whole.
    pub const SIDES: [Stage; 2] = [("agent", |s| s.agent), ("viewer", |s| s.decode + s.draw)];
}

/// Median and 95th percentile, milliseconds.
pub fn times(stages: &[Stages], of: impl Fn(&Stages) -> Duration) -> String {
    let mut times: Vec<f64> = stages.iter().map(|s| of(s).as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let p95 = times[(times.len() * 95 / 100).min(times.len() - 1)];
    match p95 > 0.0 {
        true => format!("{:.3} / {:.3}", times[times.len() / 2], p95),
        false => "-".to_owned(),
    }
}

pub fn mean(stages: &[Stages], of: impl Fn(&Stages) -> usize) -> f64 {
    stages.iter().map(of).sum::<usize>() as f64 / stages.len() as f64
}
