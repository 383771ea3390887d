//! libFuzzer's way into the target `numbers`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::numbers(data));
