//! Fuzzes what people and browsers bring: file names, links, PINs, addresses.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayday_protocol::oracle::typed_text(bytes));
