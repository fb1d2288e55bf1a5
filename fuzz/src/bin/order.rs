//! Fuzzes the order of updates: scroll, damage, loss, reordering and joining, against the agent's belief.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _copies = mayday_viewer::oracle::order(bytes);
});
