//! libFuzzer's way into the target `hours`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::hours(data));
