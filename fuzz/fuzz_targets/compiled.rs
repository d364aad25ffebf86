#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| (glasskey_doors::door("compiled").unwrap().body)(data));
