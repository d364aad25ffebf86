//! What a publisher signs of a bundle: an in-toto Statement (v1) over its files.

use super::dsse::Envelope;
use super::key::VerifierKey;
use crate::canonical::{self, Bounds, Digest};
use crate::error::{Code, Error, Errors};
use crate::limits::ENVELOPE_BYTES_MAX;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// The type of the document in the envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The version of the statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// What the statement says of its files: that they are this bundle.
pub const PREDICATE_TYPE: &str = "https://github.com/glasskey/glasskey/bundle/v1";

/// That these files, byte for byte, are this bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    #[serde(rename = "_type")]
    statement_type: String,
    subject: Vec<Subject>,
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Subject {
    name: String,
    digest: BTreeMap<String, String>,
}

/// Which bundle the files are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predicate {
    /// The bundle's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest that names it in decisions.
    pub bundle: Digest,
}

const SHA256: &str = "sha256";

impl Statement {
    /// The statement over a bundle's files, given by name and content.
    #[must_use]
    pub fn new<'a>(predicate: Predicate, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let digests: BTreeMap<&str, Digest> =
            files.into_iter().map(|(name, content)| (name, Digest::of(content))).collect();
        let subject = |(name, digest): (&str, Digest)| Subject {
            name: name.to_owned(),
            digest: BTreeMap::from([(SHA256.to_owned(), digest.hex())]),
        };
        Self {
            statement_type: STATEMENT_TYPE.to_owned(),
            subject: digests.into_iter().map(subject).collect(),
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate,
        }
    }

    /// The envelope to be signed.
    #[must_use]
    pub fn to_envelope(&self) -> Envelope {
        Envelope::new(PAYLOAD_TYPE, canonical::to_bytes(self))
    }

    /// The statement in a signed envelope, and which of `keys` signed it.
    ///
    /// # Errors
    /// Those of [`Envelope::open`] and [`canonical::read`]; `bad_statement` for another
    /// kind of statement.
    pub fn open<'k>(
        envelope: &Envelope,
        keys: &'k [VerifierKey],
    ) -> Result<(Self, Vec<&'k VerifierKey>), Error> {
        let (payload, signers) = envelope.open(PAYLOAD_TYPE, keys)?;
        let bounds = Bounds { bytes_max: ENVELOPE_BYTES_MAX, ..Bounds::USUAL };
        let statement: Self = canonical::read_within(payload, bounds)?;
        let types = (statement.statement_type.as_str(), statement.predicate_type.as_str());
        if types != (STATEMENT_TYPE, PREDICATE_TYPE) {
            return Err(Error::new(
                Code::BadStatement,
                "the statement is not one about a bundle of policies",
            )
            .help(format!("its `predicateType` is `{PREDICATE_TYPE}`")));
        }
        Ok((statement, signers))
    }

    /// Which bundle it is about.
    #[must_use]
    pub const fn predicate(&self) -> &Predicate {
        &self.predicate
    }

    /// Checks that these are exactly the files that the statement is about.
    ///
    /// The caller compares the digest of the compiled bundle with that of
    /// [`Statement::predicate`].
    ///
    /// # Errors
    /// `subject_mismatch` for each file that is changed, missing or not mentioned.
    pub fn check<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<(), Errors> {
        let mut faults = Vec::new();
        let mut mismatch = |name: &str, what: &str, help: &str| {
            let message = format!("`{name}` {what}");
            faults.push(Error::new(Code::SubjectMismatch, message).help(help).at(name));
        };
        let mut stated: BTreeMap<&str, Option<&String>> = BTreeMap::new();
        for subject in &self.subject {
            // Two subjects of one name agree with no file.
            let digest = subject.digest.get(SHA256);
            stated.entry(&subject.name).and_modify(|d| *d = None).or_insert(digest);
        }
        for (name, content) in files {
            match stated.remove(name) {
                Some(Some(hex)) if *hex == Digest::of(content).hex() => {}
                Some(_) => mismatch(name, "is not the file that was signed", "get it again from its source"),
                None => {
                    mismatch(name, "was not signed", "remove it, or have the bundle signed again with it")
                }
            }
        }
        for name in stated.keys() {
            mismatch(name, "was signed and is missing", "get it again from its source");
        }
        if faults.is_empty() { Ok(()) } else { Err(Errors(faults)) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::KeyUse;
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};
    use serde_json::{Value, json};

    const FILES: [(&str, &[u8]); 2] = [("bundle.toml", b"name = \"x\"\n"), ("a.cedar", b"permit(...);\n")];

    fn statement() -> Statement {
        let bundle = Digest::of(b"bundle");
        Statement::new(Predicate { name: "starter".into(), version: "1.0.0".into(), bundle }, FILES)
    }

    fn sign(envelope: Envelope) -> (Envelope, [VerifierKey; 1]) {
        let secret = SigningKey::from_bytes(&[7; 32]);
        let public = VerifierKey::new("pub", KeyUse::Text, secret.verifying_key().as_bytes()).unwrap();
        let signature = secret.sign(&envelope.to_be_signed()).to_bytes();
        (envelope.signed(&public, &signature).unwrap(), [public])
    }

    #[test]
    fn a_signed_bundle_is_opened_and_its_files_checked() {
        let (envelope, keys) = sign(statement().to_envelope());
        let (opened, signers) = Statement::open(&envelope, &keys).unwrap();
        assert_eq!((&opened, signers), (&statement(), vec![&keys[0]]));
        assert_eq!(opened.predicate().version, "1.0.0");
        assert_eq!(opened.check(FILES), Ok(()));
    }

    #[test]
    fn the_payload_is_an_in_toto_statement() {
        let value: Value = serde_json::to_value(statement()).unwrap();
        assert_eq!(
            value,
            json!({
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [
                    {"name": "a.cedar", "digest": {"sha256": Digest::of(FILES[1].1).hex()}},
                    {"name": "bundle.toml", "digest": {"sha256": Digest::of(FILES[0].1).hex()}},
                ],
                "predicateType": "https://github.com/glasskey/glasskey/bundle/v1",
                "predicate": {"name": "starter", "version": "1.0.0", "bundle": Digest::of(b"bundle").to_string()},
            })
        );
    }

    #[test]
    fn every_file_that_differs_is_named() {
        let found: [(&str, &[u8]); 2] = [("bundle.toml", b"name = \"y\"\n"), ("b.cedar", b"")];
        let faults = statement().check(found).unwrap_err().0;
        assert!(faults.iter().all(|f| f.code == Code::SubjectMismatch));
        let paths: Vec<_> = faults.iter().filter_map(|f| f.path.as_deref()).collect();
        assert_eq!(paths, ["bundle.toml", "b.cedar", "a.cedar"]);
    }

    #[test]
    fn two_subjects_of_one_name_agree_with_no_file() {
        let mut twice = statement();
        twice.subject.push(twice.subject[0].clone());
        assert_eq!(twice.check(FILES).unwrap_err().0.len(), 1);
    }

    #[test]
    fn another_statement_is_refused() {
        for (member, other) in [("_type", "https://in-toto.io/Statement/v0.1"), ("predicateType", "x")] {
            let mut value = serde_json::to_value(statement()).unwrap();
            value[member] = json!(other);
            let (envelope, keys) = sign(Envelope::new(PAYLOAD_TYPE, canonical::to_bytes(&value)));
            assert_eq!(Statement::open(&envelope, &keys).unwrap_err().code, Code::BadStatement);
        }
    }
}
