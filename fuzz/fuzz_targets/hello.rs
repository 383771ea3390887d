//! libFuzzer's way into the target `hello`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbell_fuzz::hello(data));
