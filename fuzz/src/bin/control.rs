//! Fuzzes control messages.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayday_protocol::oracle::control(bytes));
