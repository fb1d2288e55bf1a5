//! Fuzzes the framing of streams and WebSocket messages.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayday_protocol::oracle::framing(bytes));
