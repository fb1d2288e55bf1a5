//! Fuzzes lossless tiles: reading any bytes, and what was written comes back.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayday_codec::oracle::tile(bytes));
