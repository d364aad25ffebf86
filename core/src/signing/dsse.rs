//! Envelopes (DSSE 1.0.2): any document, its type, and signatures over both.

use super::base64;
use super::key::{KeyUse, VerifierKey};
use super::note::{bad_signature, unknown_signer};
use crate::canonical::{self, Bounds};
use crate::error::{Code, Error};
use crate::limits::{ENVELOPE_BYTES_MAX, NOTE_SIGNATURES_MAX};
use crate::prelude::*;
use crate::wire::clip;
use serde::{Deserialize, Serialize};

/// A document with its type and its signatures. Reading one believes nothing;
/// [`Envelope::open`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    /// A hint that nobody signed.
    key_id: String,
    signature: Vec<u8>,
}

/// The JSON form. The specification has readers pass over other members.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    payload: String,
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
struct WireSignature {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    keyid: String,
    sig: String,
}

/// The bytes that are signed: `DSSEv1`, the type and the payload, each with its length.
#[must_use]
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// A document without signatures.
    #[must_use]
    pub fn new(payload_type: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        Self { payload_type: payload_type.into(), payload: payload.into(), signatures: Vec::new() }
    }

    /// The bytes that the host's signer signs.
    #[must_use]
    pub fn to_be_signed(&self) -> Vec<u8> {
        pre_authentication_encoding(&self.payload_type, &self.payload)
    }

    /// Adds what the host's signer made of [`Envelope::to_be_signed`], in place of an older
    /// signature by the same key.
    ///
    /// # Errors
    /// `bad_signature` if it is not this key's; `too_many`; `too_large` for what no reader lets in.
    pub fn signed(mut self, key: &VerifierKey, signature: &[u8]) -> Result<Self, Error> {
        if key.usage() != KeyUse::Text || !key.verifies(&self.to_be_signed(), signature) {
            return Err(bad_signature(&key.label()));
        }
        let key_id = key.label();
        self.signatures.retain(|s| s.key_id != key_id);
        self.signatures.push(Signature { key_id, signature: signature.to_owned() });
        check_count(self.signatures.len())?;
        let bytes = self.to_json().len();
        if bytes > ENVELOPE_BYTES_MAX {
            return Err(Error::new(
                Code::TooLarge,
                format!("the envelope has {bytes} bytes; the limit is {ENVELOPE_BYTES_MAX}"),
            )
            .help("sign a smaller document; a pack's has its files' names and digests"));
        }
        Ok(self)
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// Those of [`canonical::read`], but for its limits; `bad_base64`, `empty` without signatures, `too_many`.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let bounds = Bounds { bytes_max: ENVELOPE_BYTES_MAX, string_bytes_max: ENVELOPE_BYTES_MAX };
        let wire: Wire = canonical::read_within(json, bounds)?;
        if wire.signatures.is_empty() {
            return Err(Error::new(Code::Empty, "the envelope has no signature")
                .help("have it signed by a key that its readers trust")
                .at("signatures"));
        }
        check_count(wire.signatures.len())?;
        let read = |s: WireSignature| {
            Ok(Signature { key_id: s.keyid, signature: decode(&s.sig).map_err(|e| e.at("signatures"))? })
        };
        Ok(Self {
            payload_type: wire.payload_type,
            payload: decode(&wire.payload).map_err(|e| e.at("payload"))?,
            signatures: wire.signatures.into_iter().map(read).collect::<Result<_, Error>>()?,
        })
    }

    /// The JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        let write =
            |s: &Signature| WireSignature { keyid: s.key_id.clone(), sig: base64::encode(&s.signature) };
        canonical::to_text(&Wire {
            payload: base64::encode(&self.payload),
            payload_type: self.payload_type.clone(),
            signatures: self.signatures.iter().map(write).collect(),
        })
    }

    /// The document, and which of `keys` signed it, once the type is the expected one and
    /// at least one key signed.
    ///
    /// # Errors
    /// `bad_envelope` for another type; `unknown_signer`.
    pub fn open<'k>(
        &self,
        payload_type: &str,
        keys: &'k [VerifierKey],
    ) -> Result<(&[u8], Vec<&'k VerifierKey>), Error> {
        if self.payload_type != payload_type {
            let found = clip(&self.payload_type);
            return Err(Error::new(
                Code::BadEnvelope,
                format!("the envelope holds a `{found}`, not a `{payload_type}`"),
            )
            .help("give the envelope that was made for this"));
        }
        let message = self.to_be_signed();
        // The key id is a hint that nobody signed, so every key is tried.
        let signed = |key: &VerifierKey| self.signatures.iter().any(|s| key.verifies(&message, &s.signature));
        let found: Vec<&VerifierKey> =
            keys.iter().filter(|key| key.usage() == KeyUse::Text && signed(key)).collect();
        if found.is_empty() {
            return Err(unknown_signer("the envelope"));
        }
        Ok((&self.payload, found))
    }
}

/// The specification allows both alphabets of base64.
fn decode(text: &str) -> Result<Vec<u8>, Error> {
    base64::decode(&text.replace('-', "+").replace('_', "/"))
}

fn check_count(signatures: usize) -> Result<(), Error> {
    if signatures <= NOTE_SIGNATURES_MAX {
        return Ok(());
    }
    Err(Error::new(Code::TooMany, format!("the envelope has more than {NOTE_SIGNATURES_MAX} signatures"))
        .help("keep the signatures of keys that somebody trusts")
        .at("signatures"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    const TYPE: &str = "http://example.com/HelloWorld";

    fn signer(n: u8) -> (SigningKey, VerifierKey) {
        let secret = SigningKey::from_bytes(&[n; 32]);
        let name = format!("example.com/{n}");
        let public = VerifierKey::new(&name, KeyUse::Text, secret.verifying_key().as_bytes()).unwrap();
        (secret, public)
    }

    fn sign(envelope: Envelope, n: u8) -> Envelope {
        let (secret, public) = signer(n);
        let signature = secret.sign(&envelope.to_be_signed()).to_bytes();
        envelope.signed(&public, &signature).unwrap()
    }

    #[test]
    fn the_vectors_of_the_specification_hold() {
        let envelope = Envelope::new(TYPE, "hello world");
        let expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
        assert_eq!(envelope.to_be_signed(), expected);
        let json = br#"{"payload": "aGVsbG8gd29ybGQ=", "payloadType": "http://example.com/HelloWorld",
            "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}"#;
        let read = Envelope::parse(json).unwrap();
        assert_eq!(read.to_be_signed(), expected);
        let (_, key) = signer(1);
        assert_eq!(read.open(TYPE, &[key]).unwrap_err().code, Code::UnknownSigner);
    }

    #[test]
    fn lengths_count_bytes() {
        assert_eq!(pre_authentication_encoding("é", "ø".as_bytes()), "DSSEv1 2 é 2 ø".as_bytes());
        assert_eq!(pre_authentication_encoding("", b""), b"DSSEv1 0  0 ");
    }

    #[test]
    fn who_signed_is_said_and_others_are_passed_over() {
        let envelope = sign(sign(sign(Envelope::new(TYPE, "hello"), 1), 2), 1);
        let envelope = Envelope::parse(envelope.to_json().as_bytes()).unwrap();
        let keys = [signer(3).1, signer(2).1, signer(1).1];
        let (payload, found) = envelope.open(TYPE, &keys).unwrap();
        assert_eq!((payload, found), (&b"hello"[..], vec![&keys[1], &keys[2]]));
        assert_eq!(envelope.open(TYPE, &keys[..1]).unwrap_err().code, Code::UnknownSigner);
        assert_eq!(envelope.open("text/plain", &keys).unwrap_err().code, Code::BadEnvelope);
    }

    #[test]
    fn a_changed_envelope_has_no_signer() {
        let envelope = sign(Envelope::new(TYPE, "hello"), 1);
        let keys = [signer(1).1];
        for (from, to) in [("aGVsbG8=", "aGVsbG9v"), ("HelloWorld", "HelloWorlD")] {
            let changed = Envelope::parse(envelope.to_json().replace(from, to).as_bytes()).unwrap();
            let payload_type = changed.payload_type.clone();
            assert_eq!(changed.open(&payload_type, &keys).unwrap_err().code, Code::UnknownSigner);
        }
        let signature = envelope.signatures[0].signature.clone();
        let other = Envelope::new(TYPE, "hallo").signed(&keys[0], &signature);
        assert_eq!(other.unwrap_err().code, Code::BadSignature);
        let witness = VerifierKey::new("w", KeyUse::Cosignature, keys[0].public_key()).unwrap();
        assert_eq!(envelope.open(TYPE, &[witness]).unwrap_err().code, Code::UnknownSigner);
    }

    #[test]
    fn both_alphabets_and_unknown_members_are_read() {
        let json = br#"{"payload":"-_8=","payloadType":"t","signatures":[{"sig":"_-8=","x":1}],"y":2}"#;
        assert_eq!(Envelope::parse(json).unwrap().payload, [0xfb, 0xff]);
    }

    #[test]
    fn what_is_not_an_envelope_is_refused() {
        let code = |json: &str| Envelope::parse(json.as_bytes()).unwrap_err().code;
        assert_eq!(code("{}"), Code::MissingMember);
        assert_eq!(code(r#"{"payload":"","payloadType":"t","signatures":[]}"#), Code::Empty);
        assert_eq!(code(r#"{"payload":"!","payloadType":"t","signatures":[{"sig":""}]}"#), Code::BadBase64);
        let many = vec![r#"{"sig":""}"#; NOTE_SIGNATURES_MAX + 1].join(",");
        let many = format!(r#"{{"payload":"","payloadType":"t","signatures":[{many}]}}"#);
        assert_eq!(code(&many), Code::TooMany);
    }
}
