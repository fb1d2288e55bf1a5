//! What the benches share: the link emulator and the parts of the latency bench. The benches themselves lie in benches/ and src/bin/.

pub mod latency;
pub mod linkem;
