//! Standard base64 with padding (RFC 4648 section 4), exactly one text for each value.

use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::prelude::*;
use base64ct::{Base64, Encoding as _};

pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Error> {
    Base64::decode_vec(text).map_err(|_| {
        Error::new(Code::BadBase64, "the text is not base64")
            .help("use the standard alphabet of RFC 4648, with padding and without line breaks")
    })
}

pub(crate) fn decode_digest(text: &str) -> Result<Digest, Error> {
    let bytes = decode(text)?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|b: Vec<u8>| {
        Error::new(Code::BadBase64, format!("the text stands for {} bytes, not 32", b.len()))
            .help("give a SHA-256 hash")
    })?;
    Ok(Digest::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_hold() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, text) in vectors {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn a_value_has_one_text_only() {
        for text in [
            "Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", " Zg==", "Zg==Zg==", "Z-==", "Z_==", "=", "Zm9v\n",
            "Zm\n9v",
        ] {
            assert_eq!(decode(text).unwrap_err().code, Code::BadBase64, "{text:?}");
        }
        assert_eq!(decode_digest("Zg==").unwrap_err().code, Code::BadBase64);
    }
}
