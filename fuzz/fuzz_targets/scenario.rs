#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| (glasskey_doors::door("scenario").unwrap().body)(data));
