//! Fuzzes what stands before the C decoder: any bytes, and harmed pictures of a real stream; what is let through is decoded.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mayday_codec::oracle::access_unit(bytes));
