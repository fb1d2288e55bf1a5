//! Fuzzes the desk's life of a session.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(mayday_session::desk::oracle::walk(bytes)));
