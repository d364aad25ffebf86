//! Every bound the core sets on what it is given, in one place; `docs/LIMITS.md` shows them all.
//!
//! Passing a limit is an error, never a truncation. The one list that is cut short on purpose
//! says so beside it.

use crate::error::Code;

/// A bound, as the documentation shows it.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Its constant in this module.
    pub name: &'static str,
    /// The most that is let in.
    pub value: usize,
    /// What is counted.
    pub what: &'static str,
    /// The error for one more; none where a list is cut short and says so.
    pub code: Option<Code>,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:literal, $code:expr;)+) => {
        $($(#[doc = $doc])+ pub const $name: usize = $value;)+

        /// All limits, in the order of this file.
        pub const TABLE: &[Limit] = &[
            $(Limit { name: stringify!($name), value: $name, what: concat!($($doc),+), code: $code },)+
        ];
    };
}

limits! {
    /// Bytes of one JSON document (request, command, scenario, ledger entry); a longer text is not parsed.
    JSON_BYTES_MAX = 4_194_304, Some(Code::TooLarge);
    /// Bytes of one facts document or change.
    FACTS_BYTES_MAX = 1_073_741_824, Some(Code::TooLarge);
    /// Nesting of arrays and objects in any JSON document.
    JSON_DEPTH_MAX = 64, Some(Code::TooDeep);
    /// Bytes of one string in any document (ids, purposes, references).
    STRING_BYTES_MAX = 65_536, Some(Code::TooLarge);
    /// Bytes of one entity uid.
    UID_BYTES_MAX = 2_048, Some(Code::TooLarge);
    /// Pairs of action and resource in one request.
    SCOPE_PAIRS_MAX = 64, Some(Code::TooMany);
    /// Supports that one request may name.
    SUPPORTS_MAX = 16, Some(Code::TooMany);
    /// Hops of delegation in one request.
    VIA_MAX = 8, Some(Code::TooMany);
    /// Approvals given with, or for, one request.
    APPROVALS_MAX = 64, Some(Code::TooMany);
    /// Candidates named for one missing seat; `more` says that there are others.
    CANDIDATES_MAX = 16, None;
    /// Records of one kind (entities, incidents, shifts, windows, tasks, signals, locks, aliases, histories) in one document.
    RECORDS_MAX = 1_000_000, Some(Code::TooMany);
    /// Resources, responders or assignees named by one record.
    RECORD_MEMBERS_MAX = 4_096, Some(Code::TooMany);
    /// Ancestors of one entity, at any height.
    ANCESTORS_MAX = 1_024, Some(Code::TooMany);
    /// Files in one bundle.
    BUNDLE_FILES_MAX = 4_096, Some(Code::TooMany);
    /// Bytes of one bundle, all files together.
    BUNDLE_BYTES_MAX = 268_435_456, Some(Code::TooLarge);
    /// Bytes of one compiled bundle.
    COMPILED_BYTES_MAX = 67_108_864, Some(Code::TooLarge);
    /// Packs that stand one upon the other, each extending the next.
    EXTENDS_MAX = 4, Some(Code::TooDeep);
    /// Nesting of brackets and of `if` in a policy or a schema.
    SOURCE_DEPTH_MAX = 64, Some(Code::TooDeep);
    /// Steps that one entity attribute chain (`a.b.c`) in a policy may follow from entity to entity.
    ENTITY_HOPS_MAX = 8, Some(Code::TooDeep);
    /// Seats (counted one by one) of one quorum.
    SEATS_MAX = 16, Some(Code::BadAnnotation);
    /// Obligations of one rule.
    OBLIGATIONS_MAX = 32, Some(Code::BadAnnotation);
    /// Bytes of a command's id.
    COMMAND_ID_BYTES_MAX = 256, Some(Code::BadCommand);
    /// Enforcement points that one command names.
    POINTS_MAX = 256, Some(Code::BadCommand);
    /// Enforcement points of one grant, all that were ever named.
    GRANT_POINTS_MAX = 1_024, Some(Code::TooMany);
    /// Bytes of the kind of a ledger entry.
    KIND_BYTES_MAX = 64, Some(Code::BadKind);
    /// Bytes of the name of a key, or of a ledger (`bad_origin`).
    NAME_BYTES_MAX = 255, Some(Code::BadKey);
    /// Bytes of one signed note.
    NOTE_BYTES_MAX = 1_000_000, Some(Code::TooLarge);
    /// Bytes of one envelope, and so of the document in it; no text in it is bound otherwise.
    ENVELOPE_BYTES_MAX = 6_291_456, Some(Code::TooLarge);
    /// Signatures on one note or envelope.
    NOTE_SIGNATURES_MAX = 100, Some(Code::TooMany);
    /// Hashes in one proof: no tree is higher than the bits of its size.
    PROOF_HASHES_MAX = 64, Some(Code::BadProof);
}
