//! What the benches share: the link emulator. The benches themselves lie in benches/ and src/bin/.

pub mod linkem;
