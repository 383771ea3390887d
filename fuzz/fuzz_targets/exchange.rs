//! libFuzzer's way into the target `exchange`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::exchange(data));
