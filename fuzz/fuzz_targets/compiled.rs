#![no_main]

glasskey_fuzz::door!("compiled");
