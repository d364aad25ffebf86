//! The ledger's vectors: written here, read by every other verifier.
//!
//! `bindings/conformance/ledger` is generated. This test makes the files anew and compares;
//! `GLASSKEY_BLESS=1 cargo test -p glasskey --test ledger_vectors` writes them.

use ed25519_dalek::{Signer as _, SigningKey};
use glasskey::ledger::merkle::{leaf_hash, verify_consistency};
use glasskey::ledger::redact::{Seed, redact};
use glasskey::ledger::{Checkpoint, Entry, Kind, Ledger, Prover, Tail, TlogProof, Verifier, VerifyReport};
use glasskey::signing::{KeyUse, Note, VerifierKey};
use glasskey::{Code, Digest, Instant, canonical};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

const ORIGIN: &str = "example.com/pam";

fn at(second: u32) -> Instant {
    Instant::parse(&format!("2026-03-01T02:05:{second:02}.000Z")).unwrap()
}

/// A night on call: the bodies are the vectors' own, what the lifecycle writes is longer.
fn night() -> Vec<(Kind, Value)> {
    let asha = "Glasskey::Person::\"asha\"";
    let (intent, _) = redact(
        json!({"principal": asha, "purpose": "restore payments for Zoë 🔥", "ttl": "1h", "supports": [{"incident": "INC-100"}]}),
        &["/purpose"],
        Seed([42; 32]),
    )
    .unwrap();
    vec![
        (
            Kind::BUNDLE,
            json!({"name": "starter", "version": "1.0.0", "digest": Digest::of(b"starter").to_string()}),
        ),
        (
            Kind::OBSERVE,
            json!({"incidents": [{"id": "INC-100", "epoch": 1, "status": "open", "severity": 1}]}),
        ),
        (Kind::INTENT, intent),
        (
            Kind::DECISION,
            json!({"decision": "pending", "missing": [{"seat": "owner"}], "rule": "oncall-restart"}),
        ),
        (Kind::APPROVAL, json!({"by": "Glasskey::Person::\"ann\"", "seat": "owner", "max_ttl": "30m"})),
        (
            Kind::DECISION,
            json!({"decision": "permit", "ends_at": "2026-03-01T02:35:05.000Z", "ends_by": "approver_ttl"}),
        ),
        (Kind::ISSUE, json!({"grant": "g1", "points": ["vault", "proxy"]})),
        (
            Kind::USE,
            json!({"grant": "g1", "action": "Ops::Action::\"restart\"", "ok": true, "code": -1, "note": null}),
        ),
        (
            Kind::parse("acme_drill").unwrap(),
            json!({"€": 1, "\u{10000}": 2, "\u{e000}": 3, "a\u{0}b\u{1f}\u{7f}": "\u{8}\t\n\u{c}\r\"\\/\u{2028}", "": [], "z": {}}),
        ),
        (Kind::END, json!({"grant": "g1", "cause": "incident_closed", "also": ["expired"]})),
        (Kind::CONFIRMATION, json!({"grant": "g1", "point": "vault", "lag_ms": 9_007_199_254_740_991_i64})),
        (Kind::CONFIRMATION, json!({"grant": "g1", "point": "proxy", "lag_ms": -9_007_199_254_740_991_i64})),
        (Kind::REVIEW, json!({"grant": "g1", "by": "Glasskey::Person::\"rob\"", "verdict": "ok"})),
    ]
}

fn sealed(acts: &[(Kind, Value)]) -> (Vec<Entry>, Vec<Ledger>) {
    let (mut ledger, first) = Ledger::begin(ORIGIN, at(0)).unwrap();
    let (mut entries, mut states) = (vec![first], vec![ledger.clone()]);
    for (i, (kind, body)) in acts.iter().enumerate() {
        let second = u32::try_from(i / 2).unwrap();
        entries.push(ledger.append(kind.clone(), body.clone(), at(second)).unwrap());
        states.push(ledger.clone());
    }
    (entries, states)
}

fn file(entries: &[Entry]) -> String {
    entries.iter().map(|e| e.to_line() + "\n").collect()
}

/// The line of an entry that was changed and hashed anew, its `prev` as given.
fn forged(entry: &Entry, change: impl Fn(&mut Value)) -> String {
    let mut value = serde_json::to_value(entry).unwrap();
    change(&mut value);
    let members = value.as_object_mut().unwrap();
    members.remove("hash");
    let hash = Digest::of_canonical(&members).to_string();
    members.insert("hash".to_owned(), json!(hash));
    canonical::to_text(&value) + "\n"
}

struct Keys {
    log: (SigningKey, VerifierKey),
    witness: (SigningKey, VerifierKey),
}

impl Keys {
    fn new() -> Self {
        let key = |seed: u8, name: &str, usage| {
            let secret = SigningKey::from_bytes(&[seed; 32]);
            let public = VerifierKey::new(name, usage, secret.verifying_key().as_bytes()).unwrap();
            (secret, public)
        };
        Self {
            log: key(1, ORIGIN, KeyUse::Text),
            witness: key(2, "witness.example.org/w1", KeyUse::Cosignature),
        }
    }

    fn trusted(&self) -> [VerifierKey; 2] {
        [self.log.1.clone(), self.witness.1.clone()]
    }

    fn sign(&self, ledger: &Ledger) -> Note {
        let note = Checkpoint::of(ledger).to_note().unwrap();
        let signature = self.log.0.sign(note.text().as_bytes()).to_bytes();
        let time = 1_772_330_800_u64;
        let cosigned = format!("cosignature/v1\ntime {time}\n{}", note.text());
        let cosignature = self.witness.0.sign(cosigned.as_bytes()).to_bytes();
        let cosignature = [&time.to_be_bytes()[..], &cosignature].concat();
        note.signed(&self.log.1, &signature).unwrap().signed(&self.witness.1, &cosignature).unwrap()
    }
}

fn report(bytes: &[u8], checkpoints: &[Checkpoint]) -> VerifyReport {
    let mut verifier = Verifier::new().against(checkpoints.iter().cloned());
    let _ = verifier.feed(bytes);
    verifier.finish()
}

/// What another verifier must find: the report, of the fault only its code and place.
fn expected(report: &VerifyReport) -> Value {
    let mut value = serde_json::to_value(report).unwrap();
    if let Some(fault) = value.get_mut("fault") {
        let code = fault["error"]["code"].clone();
        fault.as_object_mut().unwrap().remove("error");
        fault["code"] = code;
    }
    value
}

struct Vectors {
    keys: Keys,
    files: BTreeMap<String, String>,
    ledgers: Vec<Value>,
}

impl Vectors {
    fn ledger(&mut self, name: &str, content: &str, notes: &[(&str, &Note)]) -> VerifyReport {
        let trusted = self.keys.trusted();
        let checkpoints: Vec<_> =
            notes.iter().map(|(_, note)| Checkpoint::verify(note, &trusted).unwrap()).collect();
        let report = report(content.as_bytes(), &checkpoints);
        let names: Vec<&str> = notes.iter().map(|(name, _)| *name).collect();
        self.ledgers.push(
            json!({"file": format!("{name}.jsonl"), "checkpoints": names, "expect": expected(&report)}),
        );
        self.files.insert(format!("{name}.jsonl"), content.to_owned());
        report
    }

    fn fault(&mut self, name: &str, content: &str, notes: &[(&str, &Note)], code: Code, seq: u64) {
        let report = self.ledger(name, content, notes);
        let fault = report.fault.unwrap_or_else(|| panic!("{name} is intact"));
        assert_eq!((fault.error.code, fault.seq), (code, seq), "{name}");
    }
}

fn faults(v: &mut Vectors, entries: &[Entry], early: &Note, last: &Note) {
    let lines: Vec<String> = entries.iter().map(|e| e.to_line() + "\n").collect();
    let with = |i: usize, line: String| {
        let mut lines = lines.clone();
        lines[i] = line;
        lines.concat()
    };
    let changed = |i: usize, from: &str, to: &str| {
        assert!(lines[i].contains(from), "{from} in {}", lines[i]);
        with(i, lines[i].replacen(from, to, 1))
    };
    v.fault("altered-body", &changed(6, "permit", "Permit"), &[], Code::EntryAltered, 6);
    v.fault("altered-time", &changed(7, ":03.000Z", ":04.000Z"), &[], Code::EntryAltered, 7);
    let (zero, hash) = (Digest::of(b"").to_string(), entries[3].hash.to_string());
    v.fault("altered-hash", &changed(3, &hash, &zero), &[], Code::EntryAltered, 3);
    v.fault("short-hash", &changed(3, &hash, &hash[..70]), &[], Code::BadDigest, 3);
    v.fault("altered-prev", &changed(3, &entries[2].hash.to_string(), &zero), &[], Code::EntryAltered, 3);
    v.fault("missing", &[&lines[..5], &lines[6..]].concat().concat(), &[], Code::EntryMissing, 5);
    v.fault("headless", &lines[1..].concat(), &[], Code::BadGenesis, 0);
    v.fault("doubled", &[&lines[..5], &lines[4..]].concat().concat(), &[], Code::EntryMisplaced, 5);
    let mut swapped = lines.clone();
    swapped.swap(8, 9);
    v.fault("swapped", &swapped.concat(), &[], Code::EntryMissing, 8);
    v.fault(
        "replaced",
        &with(4, forged(&entries[4], |e| e["body"]["decision"] = json!("permit"))),
        &[],
        Code::LinkBroken,
        5,
    );
    v.fault(
        "backwards",
        &with(9, forged(&entries[9], |e| e["at"] = json!("2026-03-01T02:04:59.999Z"))),
        &[],
        Code::TimeBackwards,
        9,
    );
    v.fault(
        "second-genesis",
        &with(9, forged(&entries[9], |e| e["kind"] = json!("genesis"))),
        &[],
        Code::BadGenesis,
        9,
    );
    v.fault(
        "other-format",
        &with(0, forged(&entries[0], |e| e["body"]["format"] = json!("glasskey-ledger/2"))),
        &[],
        Code::BadGenesis,
        0,
    );
    v.fault("spaced", &changed(2, "\"body\":", "\"body\": "), &[], Code::NotCanonical, 2);
    v.fault("escaped", &changed(2, "INC", "\\u0049NC"), &[], Code::NotCanonical, 2);
    v.fault(
        "reordered-members",
        &changed(
            7,
            "{\"grant\":\"g1\",\"points\":[\"vault\",\"proxy\"]}",
            "{\"points\":[\"vault\",\"proxy\"],\"grant\":\"g1\"}",
        ),
        &[],
        Code::NotCanonical,
        7,
    );
    v.fault("offset-time", &changed(2, "02:05:00.000Z", "03:05:00.000+01:00"), &[], Code::NotCanonical, 2);
    let no_day = forged(&entries[9], |e| e["at"] = json!("2026-02-29T02:05:00.000Z"));
    v.fault("no-such-day", &with(9, no_day), &[], Code::BadInstant, 9);
    v.fault("half-a-pair", &changed(2, "INC", "\\ud83d"), &[], Code::BadJson, 2);
    v.fault(
        "doubled-member",
        &changed(7, "{\"grant\":", "{\"grant\":\"g0\",\"grant\":"),
        &[],
        Code::DuplicateMember,
        7,
    );
    v.fault("fraction", &changed(8, ":-1", ":-1.0"), &[], Code::BadNumber, 8);
    v.fault("large-number", &changed(11, "9007199254740991", "9007199254740992"), &[], Code::BadNumber, 11);
    v.fault("unknown-member", &changed(3, "\"kind\":", "\"kin\":"), &[], Code::UnknownMember, 3);
    v.fault("bad-kind", &changed(3, "\"intent\"", "\"Intent\""), &[], Code::BadKind, 3);
    v.fault("blank-line", &with(5, "\n".to_owned() + &lines[5]), &[], Code::BadJson, 5);
    v.fault("joined-lines", &with(5, lines[5].trim_end().to_owned()), &[], Code::BadJson, 5);
    v.fault("no-json", &with(5, "entry 5\n".to_owned()), &[], Code::BadJson, 5);

    let mut acts = night();
    acts[6].1["grant"] = json!("g2");
    let (rewritten, _) = sealed(&acts);
    let rewritten = file(&rewritten);
    assert!(v.ledger("rewritten", &rewritten, &[]).is_intact());
    v.fault(
        "rewritten-seen",
        &rewritten,
        &[("early.note", early), ("last.note", last)],
        Code::CheckpointMismatch,
        13,
    );
    v.fault(
        "truncated",
        &lines[..9].concat(),
        &[("early.note", early), ("last.note", last)],
        Code::LedgerTruncated,
        9,
    );
}

fn tails(v: &mut Vectors, entries: &[Entry]) {
    let good = file(entries);
    let torn = v.ledger("torn", &good[..good.len() - 100], &[]);
    assert_eq!((torn.entries, torn.is_intact()), (13, true));
    assert!(matches!(torn.tail, Tail::Torn { .. }));
    let cut = v.ledger("unterminated", &good[..good.len() - 1], &[]);
    assert_eq!((cut.entries, cut.tail), (14, Tail::Unterminated));
    let first = v.ledger("torn-first", &good[..60], &[]);
    assert_eq!((first.entries, first.is_intact()), (0, true));
    v.ledger("empty", "", &[]);
    v.fault(
        "unterminated-altered",
        good[..good.len() - 1].replace("rob", "bob").as_str(),
        &[],
        Code::EntryAltered,
        13,
    );
}

fn proofs(v: &mut Vectors, entries: &[Entry], last: &Note) -> Vec<Value> {
    let mut out = Vec::new();
    let size = entries.len() as u64;
    let mut case = |v: &mut Vectors, name: &str, proof: String, entry: &str| {
        let keys = v.keys.trusted();
        let verdict =
            Entry::parse(entry.as_bytes()).and_then(|entry| TlogProof::parse(&proof)?.verify(&entry, &keys));
        let expect = match verdict {
            Ok(checkpoint) => json!({"size": checkpoint.size}),
            Err(error) => json!({"code": error.code}),
        };
        out.push(json!({"file": format!("{name}.tlog-proof"), "entry": entry, "expect": expect}));
        v.files.insert(format!("{name}.tlog-proof"), proof);
    };
    for index in [0, 6, 13] {
        let mut prover = Prover::inclusion(index, size).unwrap();
        entries.iter().for_each(|e| prover.push(leaf_hash(e.hash.as_bytes())));
        let proof = TlogProof::new(index, prover.finish().unwrap(), last.clone()).unwrap().to_string();
        let line = entries[usize::try_from(index).unwrap()].to_line();
        case(v, &format!("entry-{index}"), proof.clone(), &line);
        if index == 6 {
            case(v, "moved", proof.replace("index 6", "index 7"), &line);
            case(v, "moved-with-entry", proof.replace("index 6", "index 7"), &entries[7].to_line());
            case(v, "other-size", proof.replace("\n14\n", "\n15\n"), &line);
            let short: Vec<&str> = proof.split('\n').collect();
            let short = [&short[..2], &short[3..]].concat().join("\n");
            case(v, "short", short, &line);
            case(v, "altered-entry", proof, &line.replace("permit", "Permit"));
        }
    }
    out
}

fn consistency(states: &[Ledger], entries: &[Entry]) -> Vec<Value> {
    let mut out = Vec::new();
    for (old, new) in [(1, 14), (5, 14), (6, 7), (8, 14), (7, 8), (14, 14)] {
        let (a, b): (&Ledger, &Ledger) = (&states[old - 1], &states[new - 1]);
        let mut prover = Prover::consistency(a.len(), b.len()).unwrap();
        entries.iter().for_each(|e| prover.push(leaf_hash(e.hash.as_bytes())));
        let path = prover.finish().unwrap().hashes;
        for old_root in [a.root(), Digest::of(b"another past")] {
            let holds = verify_consistency(a.len(), old_root, b.len(), b.root(), &path);
            out.push(json!({"old_size": a.len(), "old_root": old_root, "size": b.len(), "root": b.root(), "path": path, "holds": holds}));
        }
    }
    out
}

fn vectors() -> BTreeMap<String, String> {
    let (entries, states) = sealed(&night());
    let mut v = Vectors { keys: Keys::new(), files: BTreeMap::new(), ledgers: Vec::new() };
    let (early, last) = (v.keys.sign(&states[4]), v.keys.sign(states.last().unwrap()));
    v.files.insert("early.note".to_owned(), early.to_string());
    v.files.insert("last.note".to_owned(), last.to_string());
    let good = v.ledger("good", &file(&entries), &[("early.note", &early), ("last.note", &last)]);
    assert_eq!((good.fault, good.entries, good.checkpoints), (None, 14, 2));
    faults(&mut v, &entries, &early, &last);
    tails(&mut v, &entries);
    let proofs = proofs(&mut v, &entries, &last);
    let index = json!({
        "about": "Generated by core/tests/ledger_vectors.rs; the format is docs/LEDGER.md.",
        "keys": v.keys.trusted(),
        "ledgers": v.ledgers,
        "proofs": proofs,
        "consistency": consistency(&states, &entries),
    });
    let index = serde_json::to_string_pretty(&index).unwrap() + "\n";
    v.files.insert("cases.json".to_owned(), index);
    v.files
}

#[test]
fn the_committed_vectors_are_those_that_the_ledger_writes() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../bindings/conformance/ledger");
    let made = vectors();
    if std::env::var_os("GLASSKEY_BLESS").is_some() {
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        std::fs::create_dir_all(&folder).unwrap();
        made.iter().for_each(|(name, content)| std::fs::write(folder.join(name), content).unwrap());
    }
    let mend = "run `GLASSKEY_BLESS=1 cargo test -p glasskey --test ledger_vectors`";
    let found: Vec<String> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}; {mend}", folder.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for name in &found {
        assert!(made.contains_key(name), "{name} is not a vector any more; {mend}");
    }
    for (name, content) in &made {
        let stored = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(stored == *content, "{name} differs; {mend}");
    }
}
