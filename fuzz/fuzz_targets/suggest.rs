//! libFuzzer's way into the target `suggest`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::suggestions(data));
