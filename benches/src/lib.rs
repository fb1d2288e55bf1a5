//! What the benches share: the link emulator and the parts of the latency and desk benches. The benches themselves lie in benches/ and src/bin/.

pub mod desk;
pub mod latency;
pub mod linkem;
