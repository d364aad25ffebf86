//! Checkpoints (c2sp.org/tlog-checkpoint): the text that a host signs.

use super::chain::{Ledger, check_origin};
use super::line::whole;
use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::prelude::*;
use crate::signing::{KeyUse, Note, VerifierKey, base64};
use serde::{Deserialize, Serialize};

/// How long a ledger was at some moment, and the root of the Merkle tree over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The ledger's name.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The ledger as it is now.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Self {
        Self { origin: ledger.origin().to_owned(), size: ledger.len(), root: ledger.root() }
    }

    /// The text to be signed as a note: origin, size and root, a line each.
    ///
    /// The signer must never sign two texts of one ledger that contradict each other; let
    /// it keep the last one, and ask for a consistency proof.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64::encode(self.root.as_bytes()))
    }

    /// Reads the text of a checkpoint. Extension lines are passed over, as the
    /// specification says.
    ///
    /// # Errors
    /// `bad_checkpoint`, `bad_origin`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |why: &str| {
            Error::new(Code::BadCheckpoint, format!("the checkpoint {why}"))
                .help("it has three lines: the origin, the number of entries, and the root in base64")
        };
        let mut lines =
            text.strip_suffix('\n').ok_or_else(|| bad("does not end with a newline"))?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(bad("has fewer than three lines"));
        };
        if lines.any(str::is_empty) {
            return Err(bad("has an empty extension line"));
        }
        check_origin(origin)?;
        let size = whole(size).ok_or_else(|| bad("has no number of entries in its second line"))?;
        let root = base64::decode_digest(root).map_err(|_| bad("has no root hash in its third line"))?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// The checkpoint in a signed note, once the ledger's own key signed it: one of `keys`
    /// whose name is the origin. To ask for witnesses too, see [`Note::verify`].
    ///
    /// # Errors
    /// Those of [`Note::verify`] and [`Checkpoint::parse`].
    pub fn verify(note: &Note, keys: &[VerifierKey]) -> Result<Self, Error> {
        let signers = note.verify(keys)?;
        let checkpoint = Self::parse(note.text())?;
        check_signers(&checkpoint.origin, &signers)?;
        Ok(checkpoint)
    }

    /// The checkpoint as a note without signatures: sign the bytes of its text, and add the
    /// signature with [`Note::signed`].
    ///
    /// # Errors
    /// None for a checkpoint of a ledger; `bad_note` for an origin that is no name.
    pub fn to_note(&self) -> Result<Note, Error> {
        Note::new(self.to_text())
    }
}

/// Whom a checkpoint must be signed by: somebody named as the ledger is.
fn check_signers(origin: &str, signers: &[&VerifierKey]) -> Result<(), Error> {
    let own = |key: &&VerifierKey| key.usage() == KeyUse::Text && key.name() == origin;
    if signers.iter().any(own) {
        return Ok(());
    }
    Err(Error::new(
        Code::UnknownSigner,
        format!("the checkpoint is not signed by the key of `{origin}` itself"),
    )
    .help("give the verifier key of that name; witnesses alone do not make a checkpoint"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_that_of_the_specification() {
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let checkpoint = Checkpoint::parse(text).unwrap();
        assert_eq!(
            (checkpoint.origin.as_str(), checkpoint.size),
            ("example.com/behind-the-sofa", 20_852_163)
        );
        assert_eq!(checkpoint.to_text(), text);
        assert_eq!(Checkpoint::parse(&format!("{text}extension\n")).unwrap(), checkpoint);
    }

    #[test]
    fn everything_else_is_refused() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        for text in [
            String::new(),
            format!("example.com\n1\n{root}"),
            "example.com\n1\n".to_owned(),
            format!("example.com\n01\n{root}\n"),
            format!("example.com\n-1\n{root}\n"),
            format!("example.com\n+1\n{root}\n"),
            format!("example.com\n9007199254740992\n{root}\n"),
            format!("example.com\n1\n{}\n", &root[..40]),
            format!("example.com\n1\n {root}\n"),
            format!("example.com\n1\n{root}\n\n"),
        ] {
            assert_eq!(Checkpoint::parse(&text).unwrap_err().code, Code::BadCheckpoint, "{text:?}");
        }
        for origin in ["", "two words", "a+b", "tab\t"] {
            assert_eq!(
                Checkpoint::parse(&format!("{origin}\n1\n{root}\n")).unwrap_err().code,
                Code::BadOrigin
            );
        }
    }
}
