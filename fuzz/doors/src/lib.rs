//! Every door through which something comes into Glasskey, and what must hold whatever comes.
//!
//! A door is a function of bytes that panics if a law is broken. libFuzzer calls it with what it
//! thinks up (`fuzz/fuzz_targets`); on stable the test `replay` calls it with every seed and with
//! every past finding. [`DOORS`] is the list.

mod bundle;
mod compiled;
mod facts;
mod json;
mod ledger;
mod lifecycle;
mod manifest;
mod merkle;
pub mod mutate;
mod proof;
mod redact;
mod request;
mod scenario;
mod signed;
mod words;
mod world;

#[path = "../../../core/tests/lifecycle_world/mod.rs"]
mod lifecycle_world;

#[path = "../../../core/tests/common/mod.rs"]
mod common;

/// One door.
#[derive(Clone, Copy, Debug)]
pub struct Door {
    /// Its name, and that of its fuzz target and its folders of seeds and findings.
    pub name: &'static str,
    /// What comes in, and what must hold.
    pub about: &'static str,
    /// Lets some bytes in.
    ///
    /// # Panics
    /// If something does not hold.
    pub body: fn(&[u8]),
    /// Inputs to begin with, by name: from the packs and the vectors.
    pub seeds: fn() -> Vec<(String, Vec<u8>)>,
}

/// Every door, in the order of their names.
pub const DOORS: &[Door] = &[
    Door {
        name: "bundle",
        about: "files of a pack: compiled twice they give the same bundle or the same faults; every fault \
                has a place and a code; what compiles decides as plain Cedar does",
        body: bundle::body,
        seeds: bundle::seeds,
    },
    Door {
        name: "compiled",
        about: "a compiled pack: what loads ends, and decides the same twice, and from its evidence",
        body: compiled::body,
        seeds: compiled::seeds,
    },
    Door {
        name: "facts",
        about: "a facts document: read, written and read again it is the same, and so are decisions on it",
        body: facts::body,
        seeds: facts::seeds,
    },
    Door {
        name: "json",
        about: "any text as JSON: what is let in is what another reader reads, and its canonical text is stable",
        body: json::body,
        seeds: json::seeds,
    },
    Door {
        name: "ledger",
        about: "bytes of a ledger: cut anywhere they give the same report, and what verifies is byte for \
                byte what a ledger writes of the same records",
        body: ledger::body,
        seeds: ledger::seeds,
    },
    Door {
        name: "lifecycle",
        about: "a history of commands: the laws of the lifecycle hold after each, and the records fold to \
                the same state",
        body: lifecycle::body,
        seeds: lifecycle::seeds,
    },
    Door {
        name: "manifest",
        about: "a manifest and the annotations of a rule: as for a bundle, and terms are written as they \
                are read",
        body: manifest::body,
        seeds: manifest::seeds,
    },
    Door {
        name: "merkle",
        about: "paths of hashes: only the one true path proves that an entry, or a beginning, is in a ledger",
        body: merkle::body,
        seeds: merkle::seeds,
    },
    Door {
        name: "proof",
        about: "proofs, signed notes and checkpoints: written as they are read, and none verifies that was \
                not signed and made here",
        body: proof::body,
        seeds: proof::seeds,
    },
    Door {
        name: "redact",
        about: "a record and paths into it: what is redacted opens again to the same record, and to no other",
        body: redact::body,
        seeds: redact::seeds,
    },
    Door {
        name: "request",
        about: "a request: read, written and read again it is the same; decided twice, by plain Cedar, and \
                from its evidence it gives the same bytes",
        body: request::body,
        seeds: request::seeds,
    },
    Door {
        name: "scenario",
        about: "a scenario file: it gives the same report every time it is run",
        body: scenario::body,
        seeds: scenario::seeds,
    },
    Door {
        name: "signed",
        about: "envelopes and statements about bundles: none opens that was not signed here",
        body: signed::body,
        seeds: signed::seeds,
    },
    Door {
        name: "words",
        about: "instants, durations, uids, digests, keys, seats: read, written and read again they are the same",
        body: words::body,
        seeds: words::seeds,
    },
];

/// The door of this name.
#[must_use]
pub fn door(name: &str) -> Option<&'static Door> {
    DOORS.iter().find(|door| door.name == name)
}
