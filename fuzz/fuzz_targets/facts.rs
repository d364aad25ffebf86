#![no_main]

glasskey_fuzz::door!("facts");
