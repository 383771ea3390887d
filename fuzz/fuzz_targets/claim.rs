//! libFuzzer's way into the target `claim`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::claim(data));
