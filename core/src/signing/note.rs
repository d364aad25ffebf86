//! Signed notes (c2sp.org/signed-note): a text that people can read, and signatures.

use super::base64;
use super::key::{VerifierKey, check_name};
use crate::error::{Code, Error};
use crate::limits::{NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX};
use crate::prelude::*;
use crate::wire::clip;
use core::fmt;

/// A text with its signatures. Reading one believes nothing; [`Note::verify`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

const DASH: &str = "\u{2014} ";

impl Note {
    /// A text without signatures. [`Note::text`] gives the bytes to be signed.
    ///
    /// # Errors
    /// `bad_note` unless it ends with a newline and has no other control characters;
    /// `too_large`.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        check_size(text.len())?;
        if !text.ends_with('\n') {
            return Err(bad("its text does not end with a newline"));
        }
        if text.chars().any(|c| c < ' ' && c != '\n') {
            return Err(bad("it has a control character"));
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Adds what the host's signer made of the text, in place of an older signature by the
    /// same key.
    ///
    /// # Errors
    /// `bad_signature` if it is not this key's; `too_many`.
    pub fn signed(mut self, key: &VerifierKey, signature: &[u8]) -> Result<Self, Error> {
        if !key.verifies(self.text.as_bytes(), signature) {
            return Err(bad_signature(&key.label()));
        }
        self.signatures.retain(|line| !line.is_by(key));
        let line = Line { name: key.name().to_owned(), id: key.id(), signature: signature.to_owned() };
        self.signatures.push(line);
        check_count(self.signatures.len())?;
        Ok(self)
    }

    /// Reads a signed note.
    ///
    /// # Errors
    /// `bad_note`, `too_large`, `too_many`.
    pub fn parse(note: &str) -> Result<Self, Error> {
        check_size(note.len())?;
        let (text, lines) = note.rsplit_once("\n\n").ok_or_else(|| bad("it has no signatures"))?;
        let mut out = Self::new(format!("{text}\n"))?;
        let lines = lines.strip_suffix('\n').ok_or_else(|| bad("it does not end with a newline"))?;
        for line in lines.split('\n') {
            out.signatures.push(Line::parse(line)?);
            check_count(out.signatures.len())?;
        }
        Ok(out)
    }

    /// The text, whose bytes are what is signed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which of `keys` signed the text. Signatures by other keys are passed over.
    ///
    /// # Errors
    /// `bad_signature` if one of the keys is named and did not sign; `unknown_signer` if
    /// none of them is.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<&'k VerifierKey>, Error> {
        let mut found: Vec<&VerifierKey> = Vec::new();
        for line in &self.signatures {
            let mut named = keys.iter().filter(|key| line.is_by(key)).peekable();
            let Some(first) = named.peek().copied() else { continue };
            let key = named
                .find(|key| key.verifies(self.text.as_bytes(), &line.signature))
                .ok_or_else(|| bad_signature(&first.label()))?;
            if !found.contains(&key) {
                found.push(key);
            }
        }
        if found.is_empty() {
            return Err(unknown_signer("the note"));
        }
        Ok(found)
    }
}

impl Line {
    fn parse(line: &str) -> Result<Self, Error> {
        let shape = || bad("it has a line that is not a signature, like `— example.com/pam Uw2Q…`");
        let (name, signature) = line.strip_prefix(DASH).and_then(|l| l.split_once(' ')).ok_or_else(shape)?;
        check_name(name).map_err(|_| bad(&format!("`{}` is not a name for a key", clip(name))))?;
        let bytes = base64::decode(signature).map_err(|_| shape())?;
        let (id, signature) = bytes.split_first_chunk().ok_or_else(shape)?;
        if signature.is_empty() {
            return Err(shape());
        }
        Ok(Self { name: name.to_owned(), id: *id, signature: signature.to_owned() })
    }

    fn is_by(&self, key: &VerifierKey) -> bool {
        self.name == key.name() && self.id == key.id()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for line in &self.signatures {
            let bytes = [&line.id[..], &line.signature].concat();
            writeln!(f, "{DASH}{} {}", line.name, base64::encode(&bytes))?;
        }
        Ok(())
    }
}

pub(super) fn bad_signature(key: &str) -> Error {
    Error::new(Code::BadSignature, format!("the signature by `{key}` is not over this text")).help(
        "the text was changed after it was signed, or the signature is forged: get it again from its source",
    )
}

pub(super) fn unknown_signer(what: &str) -> Error {
    Error::new(Code::UnknownSigner, format!("{what} has no signature by a key that is trusted here"))
        .help("give the verifier key of whoever should have signed it")
}

fn bad(why: &str) -> Error {
    Error::new(Code::BadNote, format!("not a signed note: {why}"))
        .help("a note is a text, an empty line, and signature lines, each ending with a newline")
}

fn check_size(bytes: usize) -> Result<(), Error> {
    if bytes <= NOTE_BYTES_MAX {
        return Ok(());
    }
    Err(Error::new(Code::TooLarge, format!("the note has {bytes} bytes; the limit is {NOTE_BYTES_MAX}"))
        .help("sign a digest of the text instead"))
}

fn check_count(signatures: usize) -> Result<(), Error> {
    if signatures <= NOTE_SIGNATURES_MAX {
        return Ok(());
    }
    Err(Error::new(Code::TooMany, format!("the note has more than {NOTE_SIGNATURES_MAX} signatures"))
        .help("keep the signatures of keys that somebody trusts"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    /// From the specification.
    const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const EXAMPLE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    /// From golang.org/x/mod/sumdb/note.
    const PETER_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const PETER_SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const ENOCH_KEY: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const PETER: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const ENOCH: &str = "\u{2014} EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

    /// A checkpoint of a public certificate log as its witnesses cosigned it.
    const COSIGNED: &str = "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n\u{2014} arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n\u{2014} arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n\u{2014} remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n";
    const COSIGNED_KEYS: [&str; 2] = [
        "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    ];

    fn keys(texts: &[&str]) -> Vec<VerifierKey> {
        texts.iter().map(|text| VerifierKey::parse(text).unwrap()).collect()
    }

    fn verified(note: &str, texts: &[&str]) -> Result<Vec<String>, Code> {
        let note = Note::parse(note).map_err(|e| e.code)?;
        let keys = keys(texts);
        let found = note.verify(&keys).map_err(|e| e.code)?;
        Ok(found.iter().map(|key| key.name().to_owned()).collect())
    }

    #[test]
    fn published_notes_verify() {
        assert_eq!(verified(EXAMPLE, &[EXAMPLE_KEY]).unwrap(), ["example.com/foo"]);
        let both = format!("{TEXT}\n{PETER}{ENOCH}");
        assert_eq!(verified(&both, &[PETER_KEY]).unwrap(), ["PeterNeumann"]);
        assert_eq!(verified(&both, &[ENOCH_KEY, PETER_KEY]).unwrap(), ["PeterNeumann", "EnochRoot"]);
        assert_eq!(verified(&both, &[]), Err(Code::UnknownSigner));
        assert_eq!(Note::parse(&both).unwrap().to_string(), both);
        assert_eq!(Note::parse(&both).unwrap().text(), TEXT);
    }

    #[test]
    fn a_signer_outside_makes_the_published_signature() {
        let secret: [u8; 32] = base64::decode(PETER_SECRET).unwrap()[1..].try_into().unwrap();
        let note = Note::new(TEXT).unwrap();
        let signature = SigningKey::from_bytes(&secret).sign(note.text().as_bytes()).to_bytes();
        let [peter, enoch] = [PETER_KEY, ENOCH_KEY].map(|k| VerifierKey::parse(k).unwrap());
        let note = note.signed(&peter, &signature).unwrap();
        assert_eq!(note.to_string(), format!("{TEXT}\n{PETER}"));
        assert_eq!(note.clone().signed(&peter, &signature).unwrap(), note);
        assert_eq!(note.signed(&enoch, &signature).unwrap_err().code, Code::BadSignature);
    }

    #[test]
    fn a_cosigned_checkpoint_verifies() {
        let names = verified(COSIGNED, &COSIGNED_KEYS).unwrap();
        assert_eq!(names, ["arche2025h1.staging.ct.transparency.dev", "remora.n621.de"]);
        let grown = COSIGNED.replace("1432088532", "1432088533");
        for key in COSIGNED_KEYS {
            assert_eq!(verified(&grown, &[key]), Err(Code::BadSignature));
        }
        // A witness's key signs no plain text, and a log's no cosignature.
        let [log, witness] = COSIGNED_KEYS.map(|k| VerifierKey::parse(k).unwrap());
        assert!(!witness.verifies(b"text\n", &[0; 64]) && !log.verifies(b"text\n", &[0; 72]));
    }

    #[test]
    fn a_bad_signature_by_a_known_key_spoils_the_note() {
        let (head, tail) = PETER.split_at(60);
        let bent = format!("{TEXT}\n{head}ABCD{tail}");
        assert_eq!(verified(&bent, &[PETER_KEY]), Err(Code::BadSignature));
        assert_eq!(
            verified(&format!("{TEXT}\n{ENOCH}{head}ABCD{tail}"), &[ENOCH_KEY]).unwrap(),
            ["EnochRoot"]
        );
        let changed = format!("{TEXT}\n{PETER}").replace("don't", "do");
        assert_eq!(verified(&changed, &[PETER_KEY]), Err(Code::BadSignature));
        let repeated = format!("{TEXT}\n{PETER}{PETER}{ENOCH}");
        assert_eq!(verified(&repeated, &[PETER_KEY]).unwrap(), ["PeterNeumann"]);
    }

    #[test]
    fn what_is_not_a_note_is_refused() {
        let sixteen = format!("{TEXT}\n{}", PETER.repeat(16));
        assert!(verified(&sixteen, &[PETER_KEY]).is_ok());
        let many = format!("{TEXT}\n{}", PETER.repeat(NOTE_SIGNATURES_MAX + 1));
        assert_eq!(verified(&many, &[PETER_KEY]), Err(Code::TooMany));
        let long = format!("{}\n\n{PETER}", "x".repeat(NOTE_BYTES_MAX));
        assert_eq!(verified(&long, &[PETER_KEY]), Err(Code::TooLarge));
        let signature = &PETER["\u{2014} PeterNeumann ".len()..];
        for note in [
            TEXT.to_owned(),
            format!("{TEXT}\n"),
            format!("{TEXT}\n{}", &PETER[..PETER.len() - 1]),
            format!("\u{1}{TEXT}\n{PETER}"),
            format!("{TEXT}\t\n\n{PETER}"),
            format!("{TEXT}\n\u{2014} Bad Name {signature}"),
            format!("{TEXT}\n\u{2014} Bad+Name {signature}"),
            format!("{TEXT}\n\u{2014}  {signature}"),
            format!("{TEXT}\n- PeterNeumann {signature}"),
            format!("{TEXT}\n\u{2014} PeterNeumann x08gow==\n"),
            format!("{TEXT}\n\u{2014} PeterNeumann BADHASH\n"),
            format!("{TEXT}\n{PETER}Unexpected line.\n"),
        ] {
            assert_eq!(verified(&note, &[PETER_KEY]), Err(Code::BadNote), "{note}");
        }
        assert_eq!(Note::new("abc").unwrap_err().code, Code::BadNote);
        assert_eq!(Note::new("a\r\n").unwrap_err().code, Code::BadNote);
    }
}
