//! `cargo fuzz run existing`: see fuzz/README.md.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pikc_fuzz::existing(data));
