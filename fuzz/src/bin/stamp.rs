//! Fuzzes the agent's stamp section.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayday_protocol::oracle::stamp(bytes));
