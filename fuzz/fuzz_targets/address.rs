#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kandy_fuzz::address(data));
