//! libFuzzer's way into the target `page_token`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::page_token(data));
