//! Fuzzes updates: stripes, tiles, copies.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayday_protocol::oracle::update(bytes));
