//! libFuzzer's way into the target `text`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::text(data));
