//! Fuzzes the agent's consent machine.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(mayday_session::consent::oracle::walk(bytes)));
