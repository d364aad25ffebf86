#![no_main]

glasskey_fuzz::door!("scenario");
