//! `cargo fuzz run round_trip`: see fuzz/README.md.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pikc_fuzz::round_trip(data));
