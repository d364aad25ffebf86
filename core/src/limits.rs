//! Every bound the core sets on what it is given, in one place.
//!
//! Reaching a limit is an error with code `too_large`, `too_deep` or `too_many`,
//! never a truncation.

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: usize = $value;)+

        /// All limits: name, value and what is counted, in the order of this file.
        pub const TABLE: &[(&str, usize, &str)] = &[
            $((stringify!($name), $name, concat!($($doc),+)),)+
        ];
    };
}

limits! {
    /// Bytes of one JSON document (request, command, scenario); a longer text is not parsed.
    JSON_BYTES_MAX = 4_194_304;
    /// Bytes of one facts document or delta.
    FACTS_BYTES_MAX = 1_073_741_824;
    /// Nesting of arrays and objects in any JSON document.
    JSON_DEPTH_MAX = 64;
    /// Nesting of brackets and of `if` in a policy or a schema.
    SOURCE_DEPTH_MAX = 64;
    /// Bytes of one string in any document (ids, purposes, references).
    STRING_BYTES_MAX = 65_536;
    /// Bytes of one entity uid.
    UID_BYTES_MAX = 2_048;
    /// Pairs of action and resource in one request.
    SCOPE_PAIRS_MAX = 64;
    /// Supports that one request may name.
    SUPPORTS_MAX = 16;
    /// Hops of delegation in one request.
    VIA_MAX = 8;
    /// Approvals given with one request.
    APPROVALS_MAX = 64;
    /// Obligations of one rule.
    OBLIGATIONS_MAX = 32;
    /// Seats (counted one by one) of one quorum.
    SEATS_MAX = 16;
    /// Candidates named for one missing seat; `more` says that there are others.
    CANDIDATES_MAX = 16;
    /// Records of one kind (incidents, shifts, windows, tasks, signals, locks, histories) in a snapshot.
    RECORDS_MAX = 1_000_000;
    /// Resources, responders or assignees named by one record.
    RECORD_MEMBERS_MAX = 4_096;
    /// Files in one bundle.
    BUNDLE_FILES_MAX = 4_096;
    /// Bytes of one bundle, all files together.
    BUNDLE_BYTES_MAX = 268_435_456;
    /// Packs that stand one upon the other, each extending the next.
    EXTENDS_MAX = 4;
    /// Steps that one entity attribute chain (`a.b.c`) in a policy may follow from entity to entity.
    ENTITY_HOPS_MAX = 8;
    /// Bytes of one signed note.
    NOTE_BYTES_MAX = 1_000_000;
    /// Signatures on one note or envelope.
    NOTE_SIGNATURES_MAX = 100;
}
