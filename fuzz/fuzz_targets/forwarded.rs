//! libFuzzer's way into the target `forwarded`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::forwarded(data));
