#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kandy_fuzz::client_decoder(data));
