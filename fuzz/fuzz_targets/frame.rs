//! libFuzzer's way into the target `frame`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::frame(data));
