//! Fuzzes packets and the small payloads: cursor, input, pointer, feedback, pong.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayday_protocol::oracle::packet(bytes));
