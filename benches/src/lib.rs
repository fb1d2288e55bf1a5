//! What the benches share: the end user's side, and the parts of the single benches. The benches themselves lie in benches/ and src/bin/.

pub mod congestion;
pub mod desk;
pub mod eye;
pub mod gaps;
pub mod goals;
pub mod host;
pub mod latency;
pub mod peers;
pub mod relay;
