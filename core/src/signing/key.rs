//! Verifier keys (c2sp.org/signed-note): a name and an Ed25519 public key in one text.

use super::base64;
use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::limits::NAME_BYTES_MAX;
use crate::prelude::*;
use crate::wire::{clip, text_on_the_wire};
use core::fmt;
use ed25519_dalek::{Signature, VerifyingKey};

/// What a key signs; its byte stands before the key's own bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// The text itself (type 1): a ledger's own key, or a publisher's.
    Text,
    /// That it saw this checkpoint at some time, and none that contradicts it (type 4): a
    /// witness's key (c2sp.org/tlog-cosignature).
    Cosignature,
}

/// Whose signatures are believed: `example.com/pam+530d903a+AekyeRrm…`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    usage: KeyUse,
    id: [u8; 4],
    key: VerifyingKey,
}

impl KeyUse {
    const fn type_byte(self) -> u8 {
        match self {
            Self::Text => 1,
            Self::Cosignature => 4,
        }
    }
}

impl VerifierKey {
    /// The key of this name, for this use.
    ///
    /// # Errors
    /// `bad_key` if the name has a space or a plus, or the bytes are not a public key, or
    /// one of the few weak ones for which signatures verify without a secret.
    pub fn new(name: &str, usage: KeyUse, public_key: &[u8; 32]) -> Result<Self, Error> {
        check_name(name)?;
        let key = VerifyingKey::from_bytes(public_key)
            .ok()
            .filter(|key| !key.is_weak())
            .ok_or_else(|| bad("does not hold an Ed25519 public key"))?;
        Ok(Self { name: name.to_owned(), usage, id: key_id(name, usage, public_key), key })
    }

    /// Reads a verifier key: name, key id and key, joined by plus signs.
    ///
    /// # Errors
    /// `bad_key`, also for other signature types than Ed25519.
    pub fn parse(text: &str) -> Result<Self, Error> {
        // The base64 may hold plus signs of its own, the name may not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad("has fewer than three parts"));
        };
        let bytes = base64::decode(key).map_err(|_| bad("does not end with a key in base64"))?;
        let (usage, key) = match bytes.split_first() {
            Some((1, key)) => (KeyUse::Text, key),
            Some((4, key)) => (KeyUse::Cosignature, key),
            _ => return Err(bad("is of a signature type that is not known here")),
        };
        let key: &[u8; 32] = key.try_into().map_err(|_| bad("does not hold a key of 32 bytes"))?;
        let out = Self::new(name, usage, key)?;
        if out.id_text() != id {
            return Err(bad("holds another key than its id says"));
        }
        Ok(out)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub const fn usage(&self) -> KeyUse {
        self.usage
    }

    /// The key id: with the name it says which key made a signature. It is short, and no
    /// proof of anything.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether `signature` is this key's over `message` (RFC 8032, and strictly: what one
    /// implementation accepts, all do). A cosignature has its time before the 64 bytes.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.usage {
            KeyUse::Text => self.signed(message, signature),
            KeyUse::Cosignature => signature.split_first_chunk().is_some_and(|(time, signature)| {
                let time = u64::from_be_bytes(*time);
                let head = format!("cosignature/v1\ntime {time}\n").into_bytes();
                i64::try_from(time).is_ok() && self.signed(&[&head, message].concat(), signature)
            }),
        }
    }

    fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|s| self.key.verify_strict(message, &s).is_ok())
    }

    /// Name and id, the short form in which a signature names its key.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}+{}", self.name, self.id_text())
    }

    fn id_text(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed: Vec<u8> = core::iter::once(self.usage.type_byte()).chain(*self.public_key()).collect();
        write!(f, "{}+{}", self.label(), base64::encode(&typed))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

text_on_the_wire!(VerifierKey, "a verifier key such as `example.com/pam+530d903a+Aek…`");

/// `SHA-256(name || 0x0A || type || key)`, the first four bytes.
fn key_id(name: &str, usage: KeyUse, public_key: &[u8; 32]) -> [u8; 4] {
    let text: Vec<u8> = name.bytes().chain([b'\n', usage.type_byte()]).chain(*public_key).collect();
    let [a, b, c, d, ..] = *Digest::of(&text).as_bytes();
    [a, b, c, d]
}

/// The rule for names of keys and logs: not empty, no space of any kind, no plus, no
/// control character.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    if !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.chars().all(fits) {
        return Ok(());
    }
    Err(Error::new(Code::BadKey, format!("`{}` is not a name for a key", clip(name)))
        .help("write it like `example.com/pam`: no spaces, no plus, no control characters"))
}

fn bad(why: &str) -> Error {
    Error::new(Code::BadKey, format!("the verifier key {why}"))
        .help("write it as its maker printed it, like `example.com/pam+530d903a+AekyeRrm…`")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the specification, from golang.org/x/mod/sumdb/note, and a public witness.
    const EXAMPLE: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
    const WITNESS: &str = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";

    #[test]
    fn published_keys_are_read_and_written() {
        for text in [EXAMPLE, PETER, ENOCH, WITNESS] {
            let key = VerifierKey::parse(text).unwrap();
            assert_eq!(key.to_string(), text);
            assert_eq!(VerifierKey::new(key.name(), key.usage(), key.public_key()).unwrap(), key);
        }
        assert_eq!(VerifierKey::parse(WITNESS).unwrap().usage(), KeyUse::Cosignature);
        assert_eq!(VerifierKey::parse(EXAMPLE).unwrap().id(), [0x53, 0x0d, 0x90, 0x3a]);
    }

    #[test]
    fn every_mangling_of_a_key_is_refused() {
        let refused = |text: &str| {
            assert_eq!(VerifierKey::parse(text).unwrap_err().code, Code::BadKey, "{text}");
        };
        for from in 0..=PETER.len() {
            for to in from..=PETER.len() {
                if from != 0 || to != PETER.len() {
                    refused(&PETER[from..to]);
                }
            }
        }
        for at in 0..PETER.len() {
            let mut bytes = PETER.as_bytes().to_vec();
            bytes[at] += 1;
            refused(core::str::from_utf8(&bytes).unwrap());
        }
        // Too long, and of another type, each with the id that fits.
        refused("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==");
        refused("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    }

    #[test]
    fn weak_keys_are_refused() {
        let identity: [u8; 32] = core::array::from_fn(|n| u8::from(n == 0));
        for bytes in [identity, [0; 32]] {
            assert_eq!(VerifierKey::new("weak", KeyUse::Text, &bytes).unwrap_err().code, Code::BadKey);
        }
        assert_eq!(VerifierKey::new("no-point", KeyUse::Text, &[2; 32]).unwrap_err().code, Code::BadKey);
    }
}
