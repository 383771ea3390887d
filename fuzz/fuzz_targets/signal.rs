//! libFuzzer's way into the target `signal`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::signal(data));
