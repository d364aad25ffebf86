//! Streams, colours and codes.

use crate::{PACK, glasskey};

#[test]
fn what_is_piped_has_no_colours() {
    for arguments in [&["check", PACK][..], &["test", PACK], &["schema"], &["check", "nowhere"]] {
        let ran = glasskey(arguments);
        assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'), "{arguments:?}");
    }
}

#[test]
fn help_tells_the_exit_codes() {
    for arguments in [&["--help"][..], &["decide", "--help"]] {
        let ran = glasskey(arguments);
        assert_eq!(ran.code, 0);
        for code in ["0  permit", "1  deny", "2  pending", "64 ", "65 ", "66 ", "70 "] {
            assert!(ran.out.contains(code), "{code}: {}", ran.out);
        }
    }
    assert_eq!(glasskey(&["--version"]).code, 0);
}
