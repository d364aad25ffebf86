//! Envelopes, and statements about bundles.

use crate::common;
use ed25519_dalek::{Signer as _, SigningKey};
use glasskey::signing::{Envelope, KeyUse, Statement, VerifierKey};
use glasskey::{Bundle, Sources};
use std::sync::LazyLock;

/// A signer of this name, and the key to verify it by.
pub(crate) fn key(name: &str, seed: u8) -> (SigningKey, VerifierKey) {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let public = VerifierKey::new(name, KeyUse::Text, secret.verifying_key().as_bytes()).expect("a key");
    (secret, public)
}

fn files() -> Sources {
    Sources::new()
        .with("bundle.toml", common::MANIFEST)
        .with("a.cedarschema", common::SCHEMA)
        .with("a.cedar", common::POLICIES)
}

struct Made {
    statement: Statement,
    envelope: Envelope,
    keys: Vec<VerifierKey>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let statement = common::bundle().statement(&files());
    let (secret, public) = key("example.com/publisher", 2);
    let envelope = statement.to_envelope();
    let signature = secret.sign(&envelope.to_be_signed()).to_bytes();
    let envelope = envelope.signed(&public, &signature).expect("its own signature");
    Made { statement, envelope, keys: vec![public] }
});

/// Lets an envelope in.
pub(crate) fn body(data: &[u8]) {
    let made = &*MADE;
    let loaded = Bundle::compile_signed(&files(), Some(data), &made.keys);
    let Ok(envelope) = Envelope::parse(data) else {
        assert!(loaded.is_err(), "what is no envelope loads no bundle");
        return;
    };
    let again = Envelope::parse(envelope.to_json().as_bytes()).expect("an envelope reads back");
    assert_eq!(again, envelope);
    match Statement::open(&envelope, &made.keys) {
        Ok((statement, signers)) => {
            assert_eq!(statement, made.statement, "the only one that was signed");
            assert_eq!(signers.len(), 1);
            assert!(loaded.is_ok_and(|bundle| bundle.signed_by() == [made.keys[0].label()]));
            let other = files().with("b.cedar", "");
            assert!(statement.check(other.iter()).is_err(), "of other files it says nothing");
        }
        Err(_) => assert!(loaded.is_err(), "what does not open loads no bundle"),
    }
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let made = &*MADE;
    let unsigned = made.statement.to_envelope().to_json();
    let (secret, public) = key("example.com/stranger", 3);
    let second = secret.sign(&made.envelope.to_be_signed()).to_bytes();
    let twice = made.envelope.clone().signed(&public, &second).expect("its own signature");
    [("signed", made.envelope.to_json()), ("unsigned", unsigned), ("twice", twice.to_json())]
        .map(|(name, text)| (name.to_owned(), text.into_bytes()))
        .into()
}
