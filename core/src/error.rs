//! The one error type, and the catalogue of its codes.
//!
//! An error means that an input was malformed, too large or inapplicable. A refusal to
//! grant is never an error: it is a decision.

use crate::prelude::*;
use crate::secret;
use core::fmt;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal;)+) => {
        /// What went wrong, by name. The names are stable: programs may match on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code, in the order of the catalogue.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)+ }
            }

            /// One sentence: when this code is given.
            #[must_use]
            pub const fn describe(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc),+),)+ }
            }
        }
    };
}

codes! {
    /// The text is not JSON.
    BadJson = "bad_json";
    /// An object names the same member twice.
    DuplicateMember = "duplicate_member";
    /// An object has a member that this shape does not know.
    UnknownMember = "unknown_member";
    /// A required member is missing.
    MissingMember = "missing_member";
    /// A value has another type than the shape asks for.
    WrongType = "wrong_type";
    /// A number is not a whole number within ±(2^53-1).
    BadNumber = "bad_number";
    /// A document or a string is longer than its limit.
    TooLarge = "too_large";
    /// A document is nested deeper than its limit.
    TooDeep = "too_deep";
    /// A list has more elements than its limit.
    TooMany = "too_many";
    /// A list that must name something is empty.
    Empty = "empty";
    /// A text is not an entity uid such as `Glasskey::Person::"ann"`.
    BadUid = "bad_uid";
    /// A text is not an RFC 3339 instant with a zone.
    BadInstant = "bad_instant";
    /// A text is not a duration such as `1h30m`, or it is negative.
    BadDuration = "bad_duration";
    /// A text is not a digest such as `sha256:` followed by 64 hex digits.
    BadDigest = "bad_digest";
    /// A value is none of those that this member knows.
    BadValue = "bad_value";
    /// Two records of one kind have the same id.
    DuplicateId = "duplicate_id";
    /// An interval ends before it starts.
    BadInterval = "bad_interval";
    /// An entity does not fit the bundle's schema.
    BadEntity = "bad_entity";
    /// An entity is its own ancestor.
    EntityCycle = "entity_cycle";
    /// An alias stands for two different persons.
    AliasConflict = "alias_conflict";

    /// The pack has no `bundle.toml`.
    NoManifest = "no_manifest";
    /// The manifest is not TOML, or does not have the shape of a manifest.
    BadManifest = "bad_manifest";
    /// A file in the pack has an ending that a bundle does not know.
    UnknownFile = "unknown_file";
    /// A file is not UTF-8 text.
    NotText = "not_text";
    /// A schema fragment does not parse, or the fragments do not fit together.
    BadSchema = "bad_schema";
    /// A policy does not parse.
    BadPolicy = "bad_policy";
    /// A policy does not pass strict validation against the schema.
    InvalidPolicy = "invalid_policy";
    /// A policy is a template, which a bundle does not take.
    TemplateNotAllowed = "template_not_allowed";
    /// A policy has no `@id`.
    MissingId = "missing_id";
    /// A policy's id is used by another one.
    DuplicatePolicyId = "duplicate_policy_id";
    /// A privileged permit lacks a term that it must have.
    MissingTerm = "missing_term";
    /// An annotation is not one that Glasskey knows.
    UnknownAnnotation = "unknown_annotation";
    /// An annotation's value is malformed.
    BadAnnotation = "bad_annotation";
    /// An annotation stands on a policy where it has no meaning.
    MisplacedAnnotation = "misplaced_annotation";
    /// A permit reads `context.offer`, which only forbids may.
    PermitReadsOffer = "permit_reads_offer";
    /// A quorum names a seat that the manifest does not define.
    UnknownSeat = "unknown_seat";
    /// A privileged permit does not say which kind of actor it is for.
    ActorKindUnnamed = "actor_kind_unnamed";
    /// A quorum for an extension asks for fewer seats than the one before it.
    QuorumDecreases = "quorum_decreases";
    /// The manifest maps an entity type that the schema does not have.
    UnknownEntityType = "unknown_entity_type";
    /// Something in the pack has no compiled form, since only Cedar can read or evaluate it.
    NotCompilable = "not_compilable";
    /// The bytes are no compiled bundle, or one of another version.
    BadCompiled = "bad_compiled";
    /// The bundle has no policy at all.
    NoPolicies = "no_policies";
    /// The files of the pack that a pack extends are not among its own.
    MissingBase = "missing_base";
    /// A manifest names a policy that the pack it extends does not have.
    UnknownPolicy = "unknown_policy";
    /// A pack is weaker than the one it extends, and does not say why.
    WeakensBase = "weakens_base";
    /// The facts were read for another schema than the bundle's.
    SchemaMismatch = "schema_mismatch";

    /// A command is none that the lifecycle knows, or does not do exactly one thing.
    BadCommand = "bad_command";
    /// The id of a command was used for another one.
    CommandConflict = "command_conflict";
    /// The command was applied before, and its answer is no longer kept.
    AnswerForgotten = "answer_forgotten";
    /// The lifecycle is not where the caller takes it to be.
    SequenceConflict = "sequence_conflict";
    /// No request or extension has this id.
    UnknownRequest = "unknown_request";
    /// No grant has this id.
    UnknownGrant = "unknown_grant";
    /// The grant is not in force at this enforcement point.
    UnknownPoint = "unknown_point";
    /// An entry does not hold the record of a lifecycle that its kind says.
    BadRecord = "bad_record";
    /// The bundle that a decision names is not at hand.
    UnknownBundle = "unknown_bundle";
    /// A value looks like a secret, which has no place in a record.
    SecretInInput = "secret_in_input";

    /// A text is not a kind of ledger entry, such as `decision`.
    BadKind = "bad_kind";
    /// A text is not a name for a ledger, such as `example.com/pam`.
    BadOrigin = "bad_origin";
    /// A ledger does not begin with a genesis entry of a known format, or has a second one.
    BadGenesis = "bad_genesis";
    /// A line of a ledger is not the RFC 8785 text of its entry.
    NotCanonical = "not_canonical";
    /// An entry's hash is not that of its content.
    EntryAltered = "entry_altered";
    /// Entries are missing before this one.
    EntryMissing = "entry_missing";
    /// An entry stands later than its place, or a second time.
    EntryMisplaced = "entry_misplaced";
    /// An entry does not name the hash of the one before it.
    LinkBroken = "link_broken";
    /// An entry would be older than the one before it.
    TimeBackwards = "time_backwards";
    /// The entries are not those for which a checkpoint was signed.
    CheckpointMismatch = "checkpoint_mismatch";
    /// A ledger has fewer entries than a checkpoint of it.
    LedgerTruncated = "ledger_truncated";
    /// The ledger has no entry of this number.
    NoSuchEntry = "no_such_entry";
    /// A kept Merkle frontier does not fit its size.
    BadFrontier = "bad_frontier";
    /// A text is not a checkpoint.
    BadCheckpoint = "bad_checkpoint";
    /// A text is not base64 as RFC 4648 writes it.
    BadBase64 = "bad_base64";
    /// A text is not an Ed25519 verifier key.
    BadKey = "bad_key";
    /// A text is not a signed note.
    BadNote = "bad_note";
    /// A signature is not over this text, or not by the key that it names.
    BadSignature = "bad_signature";
    /// Nothing is signed by a key that is trusted here.
    UnknownSigner = "unknown_signer";
    /// A signed envelope holds a document of another type.
    BadEnvelope = "bad_envelope";
    /// A signed statement is not one about a bundle.
    BadStatement = "bad_statement";
    /// A signature is demanded, and there is none.
    Unsigned = "unsigned";
    /// A bundle's file is not the one that was signed.
    SubjectMismatch = "subject_mismatch";
    /// A text is not a `.tlog-proof`.
    BadProof = "bad_proof";
    /// A proof does not lead from the entry to the root of its checkpoint.
    ProofFails = "proof_fails";
    /// A decision cannot be made again, since something that it followed from is redacted.
    Redacted = "redacted";
    /// A disclosure does not open a commitment of this record.
    BadDisclosure = "bad_disclosure";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::ALL
            .iter()
            .copied()
            .find(|c| c.as_str() == text)
            .ok_or_else(|| serde::de::Error::custom(format_args!("unknown code `{text}`")))
    }
}

/// A place in a source text: where to look, and what stands there.
///
/// `line` and `column` count from 1, `column` and `length` in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The file's name as the caller gave it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Length in characters; 0 marks a point.
    pub length: u32,
    /// The source line that the label points into.
    pub text: String,
}

/// One fault of an input: a stable code, what is wrong, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Error {
    /// The code, for programs.
    pub code: Code,
    /// What is wrong, for people.
    pub message: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub help: Option<String>,
    /// Where in the input document, such as `scope[0].action`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    /// Where in source files.
    pub labels: Vec<Label>,
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: shown(message), help: None, path: None, labels: Vec::new() }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(shown(help));
        self
    }

    pub(crate) fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(shown(path));
        self
    }

    pub(crate) fn label(mut self, label: Label) -> Self {
        self.labels.push(Label { text: shown(label.text), file: shown(label.file), ..label });
        self
    }
}

/// A fault repeats what it is about, but no credential.
fn shown(text: impl Into<String>) -> String {
    let text = text.into();
    if secret::looks_secret(&text) { secret::masked(&text).into_owned() } else { text }
}

/// All faults of one input, in a fixed order; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{} fault(s), the first: {}", .0.len(), .0.first().map_or("", |e| e.message.as_str()))]
#[serde(transparent)]
pub struct Errors(pub Vec<Error>);

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

/// The nearest of `known` to `word`, if one is near enough to be a slip of the pen; for
/// help such as "did you mean `scope`?" in whatever reads input around this crate.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let far = word.chars().count().max(3) / 3;
    known
        .into_iter()
        .map(|k| (distance(word, k), k))
        .filter(|(d, _)| *d <= far.saturating_add(1))
        .min()
        .map(|(_, k)| k)
}

/// Damerau-Levenshtein distance (adjacent transpositions count one).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(128).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut last = '\0';
    for (i, x) in a.chars().take(128).enumerate() {
        let mut next = vec![i.saturating_add(1)];
        for (j, y) in b.iter().enumerate() {
            let at = |r: &[usize], k: usize| r.get(k).copied().unwrap_or(usize::MAX);
            let mut best = at(&row, j)
                .saturating_add(usize::from(x != *y))
                .min(at(&row, j.saturating_add(1)).saturating_add(1))
                .min(at(&next, j).saturating_add(1));
            if let Some(k) = j.checked_sub(1)
                && b.get(k) == Some(&x)
                && last == *y
            {
                best = best.min(at(&before, k).saturating_add(1));
            }
            next.push(best);
        }
        before = core::mem::replace(&mut row, next);
        last = x;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_described() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|c| c.describe().trim().ends_with('.')));
    }

    #[test]
    fn nearest_finds_a_slip_and_not_a_stranger() {
        let known = ["max_ttl", "quorum", "pending"];
        assert_eq!(nearest("max_tll", known), Some("max_ttl"));
        assert_eq!(nearest("quroum", known), Some("quorum"));
        assert_eq!(nearest("zebra", known), None);
    }
}
