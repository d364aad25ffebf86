//! What was done to a ledger, and what the verifier says of it.

use super::super::kind::Kind;
use super::super::merkle::leaf_hash;
use super::super::merkle::verify_consistency;
use super::super::prover::Prover;
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn instant(ms: i64) -> Instant {
    Instant::from_ms(1_772_330_700_000 + ms).unwrap()
}

/// A ledger of `n` entries behind the first, and its state after each.
fn written(n: usize) -> (Vec<Entry>, Vec<Ledger>) {
    let (mut ledger, first) = Ledger::begin("example.com/pam", instant(0)).unwrap();
    let mut entries = vec![first];
    let mut states = vec![ledger.clone()];
    for i in 0..n {
        let kind = Kind::KNOWN[1 + i % (Kind::KNOWN.len() - 1)].clone();
        let body =
            json!({"who": "ann", "n": i, "note": "ü\n\"".repeat(i % 5), "list": [null, true, {"a": -1}]});
        let step = i64::try_from(i / 2).unwrap();
        entries.push(ledger.append(kind, body, instant(step)).unwrap());
        states.push(ledger.clone());
    }
    (entries, states)
}

fn file(entries: &[Entry]) -> Vec<u8> {
    entries.iter().flat_map(|e| (e.to_line() + "\n").into_bytes()).collect()
}

fn verify(bytes: &[u8]) -> VerifyReport {
    verify_against(bytes, [])
}

fn verify_against(bytes: &[u8], checkpoints: impl IntoIterator<Item = Checkpoint>) -> VerifyReport {
    let mut verifier = Verifier::new().against(checkpoints);
    let _ = verifier.feed(bytes);
    verifier.finish()
}

/// The code and the entry that was due.
fn fault(report: &VerifyReport) -> (Code, u64) {
    let fault = report.fault.as_ref().expect("a fault");
    (fault.error.code, fault.seq)
}

/// The entries from `at` on, sealed anew as a forger would.
fn rehashed(entries: &[Entry], at: usize) -> Vec<Entry> {
    let mut out = entries[..at].to_vec();
    for entry in &entries[at..] {
        let prev = out.last().map_or(entry.prev, |e| e.hash);
        let seq = u64::try_from(out.len()).unwrap();
        out.push(Entry::seal(seq, entry.at, entry.kind.clone(), entry.body.clone(), prev).unwrap());
    }
    out
}

#[test]
fn a_ledger_verifies_as_it_was_written() {
    let (entries, states) = written(20);
    let bytes = file(&entries);
    let report = verify_against(&bytes, states.iter().map(Checkpoint::of));
    assert_eq!(report.fault, None);
    assert!(report.is_intact());
    assert_eq!((report.entries, report.checkpoints, report.tail), (21, 21, Tail::Whole));
    assert_eq!(report.bytes, u64::try_from(bytes.len()).unwrap());
    assert_eq!(report.origin.as_deref(), Some("example.com/pam"));
    let last = states.last().unwrap();
    assert_eq!((report.head, report.root), (Some(last.head()), last.root()));
    assert_eq!((report.first_at, report.last_at), (Some(instant(0)), Some(instant(9))));
    let read = crate::canonical::read::<VerifyReport>(&crate::canonical::to_bytes(&report)).unwrap();
    assert_eq!(read, report);
}

#[test]
fn an_empty_file_is_a_ledger_that_has_not_begun() {
    let report = verify(b"");
    assert!(report.is_intact());
    assert_eq!((report.entries, report.head, report.root), (0, None, empty_root()));
    let zero = Checkpoint { origin: "example.com/pam".to_owned(), size: 0, root: empty_root() };
    assert_eq!(verify_against(b"", [zero.clone()]).checkpoints, 1);
    let (entries, _) = written(1);
    assert_eq!(verify_against(&file(&entries), [zero]).checkpoints, 1);
}

#[test]
fn lines_give_their_entries() {
    let (entries, states) = written(5);
    let mut verifier = Verifier::new();
    for entry in &entries {
        assert_eq!(&verifier.line(entry.to_line().as_bytes()).unwrap(), entry);
    }
    assert!(verifier.finish().is_intact());
    assert_eq!(verifier.into_ledger().as_ref(), states.last());
}

#[test]
fn a_ledger_is_opened_from_its_snapshot_and_goes_on() {
    let (entries, states) = written(9);
    let kept = crate::canonical::to_bytes(&states[4]);
    let mut opened: Ledger = crate::canonical::read(&kept).unwrap();
    let mut verifier =
        Verifier::resume(opened.clone()).against([Checkpoint::of(&states[2]), Checkpoint::of(&states[7])]);
    verifier.feed(&file(&entries[5..])).unwrap();
    let report = verifier.finish();
    assert_eq!((report.fault, report.checkpoints), (None, 1));
    entries[5..].iter().for_each(|e| opened.push(e).unwrap());
    assert_eq!(Some(&opened), states.last());
    assert_eq!(verifier.into_ledger(), Some(opened));
}

#[test]
fn each_fault_has_its_code_and_place() {
    let (entries, _) = written(9);
    let without = |i: usize| [&entries[..i], &entries[i + 1..]].concat();
    assert_eq!(fault(&verify(&file(&without(4)))), (Code::EntryMissing, 4));
    assert_eq!(fault(&verify(&file(&without(0)))), (Code::BadGenesis, 0));
    let twice = [&entries[..5], &entries[4..]].concat();
    assert_eq!(fault(&verify(&file(&twice))), (Code::EntryMisplaced, 5));
    let mut swapped = entries.clone();
    swapped.swap(3, 6);
    assert_eq!(fault(&verify(&file(&swapped))), (Code::EntryMissing, 3));

    let mut replaced = entries.clone();
    replaced[4] = rehashed(&entries, 4)[4].clone();
    replaced[4] = Entry::seal(4, entries[4].at, Kind::USE, json!("forged"), entries[4].prev).unwrap();
    assert_eq!(fault(&verify(&file(&replaced))), (Code::LinkBroken, 5));

    let mut older = entries.clone();
    older[6].at = instant(-1);
    assert_eq!(fault(&verify(&file(&older))), (Code::EntryAltered, 6));
    assert_eq!(fault(&verify(&file(&rehashed(&older, 6)))), (Code::TimeBackwards, 6));

    let mut second = entries.clone();
    second[5].kind = Kind::GENESIS;
    second[5].body = entries[0].body.clone();
    assert_eq!(fault(&verify(&file(&rehashed(&second, 5)))), (Code::BadGenesis, 5));

    let mut other_format = entries.clone();
    other_format[0].body["format"] = json!("glasskey-ledger/9");
    assert_eq!(fault(&verify(&file(&rehashed(&other_format, 0)))), (Code::BadGenesis, 0));
    let mut other_origin = entries.clone();
    other_origin[0].body["origin"] = json!("two words");
    assert_eq!(fault(&verify(&file(&rehashed(&other_origin, 0)))), (Code::BadOrigin, 0));

    let spaced = String::from_utf8(file(&entries)).unwrap().replacen("\"body\":", "\"body\": ", 3);
    assert_eq!(fault(&verify(spaced.as_bytes())), (Code::NotCanonical, 0));
    assert_eq!(fault(&verify(b"\n")), (Code::BadJson, 0));
    let blank = [file(&entries[..3]), b"\n".to_vec(), file(&entries[3..])].concat();
    let report = verify(&blank);
    assert_eq!(fault(&report), (Code::BadJson, 3));
    let place = report.fault.unwrap();
    assert_eq!((place.line, place.offset), (4, u64::try_from(file(&entries[..3]).len()).unwrap()));
}

#[test]
fn a_line_longer_than_any_entry_is_refused_without_keeping_it() {
    let mut verifier = Verifier::new();
    let chunk = vec![b'x'; JSON_BYTES_MAX / 2 + 1];
    verifier.feed(&chunk).unwrap();
    let fault = verifier.feed(&chunk).unwrap_err();
    assert_eq!((fault.error.code, fault.line), (Code::TooLarge, 1));
    assert_eq!(verifier.feed(b"more").unwrap_err(), fault);
    assert_eq!(verifier.line(b"{}").unwrap_err(), fault);
    assert_eq!(verifier.finish().fault, Some(fault));
}

#[test]
fn a_tail_as_long_as_an_entry_may_be_is_torn_and_no_fault() {
    let mut verifier = Verifier::new();
    verifier.feed(&vec![b'x'; JSON_BYTES_MAX]).unwrap();
    let report = verifier.finish();
    let bytes = u64::try_from(JSON_BYTES_MAX).unwrap();
    assert_eq!((report.fault, report.tail), (None, Tail::Torn { bytes }));
}

#[test]
fn the_writer_refuses_what_the_verifier_would() {
    let (_, mut states) = written(3);
    let ledger = states.last_mut().unwrap();
    let before = ledger.clone();
    let early = ledger.append(Kind::USE, Value::Null, instant(-1)).unwrap_err();
    assert_eq!(early.code, Code::TimeBackwards);
    assert_eq!(ledger.append(Kind::GENESIS, Value::Null, instant(9)).unwrap_err().code, Code::BadGenesis);
    assert_eq!(ledger.append(Kind::USE, json!(0.5), instant(9)).unwrap_err().code, Code::BadNumber);
    assert_eq!(*ledger, before);
    assert_eq!(ledger.not_before(instant(-1)), instant(1));
    assert_eq!(ledger.not_before(instant(5)), instant(5));
    assert_eq!(Ledger::begin("two words", instant(0)).unwrap_err().code, Code::BadOrigin);
}

#[test]
fn a_ledger_may_continue_another() {
    let (_, states) = written(4);
    let old = states.last().unwrap();
    let (new, first) = old.continue_as("example.com/pam-2027", instant(9)).unwrap();
    assert_eq!(first.body["continues"]["origin"], "example.com/pam");
    assert_eq!(first.body["continues"]["size"], 5);
    assert_eq!(first.body["continues"]["head"], old.head().to_string());
    assert_eq!(Ledger::open(&first).unwrap(), new);
    assert_eq!(old.continue_as("x", instant(0)).unwrap_err().code, Code::TimeBackwards);
}

#[test]
fn a_forger_who_hashes_anew_is_found_by_an_older_checkpoint() {
    let (entries, states) = written(12);
    let mut forged = entries.clone();
    forged[6].body = json!({"who": "eve"});
    let forged = rehashed(&forged, 6);
    assert!(verify(&file(&forged)).is_intact());

    let kept = [&states[3], &states[8], &states[10]].map(Checkpoint::of);
    let report = verify_against(&file(&forged), kept.clone());
    assert_eq!(fault(&report), (Code::CheckpointMismatch, 8));
    assert_eq!((report.fault.unwrap().since, report.checkpoints), (Some(4), 1));
    assert_eq!(verify_against(&file(&entries), kept.clone()).checkpoints, 3);

    let short = verify_against(&file(&entries[..10]), kept);
    assert_eq!((fault(&short), short.checkpoints), ((Code::LedgerTruncated, 10), 2));
    let mut stranger = Checkpoint::of(&states[8]);
    stranger.origin = "example.com/other".to_owned();
    assert_eq!(fault(&verify_against(&file(&entries), [stranger])), (Code::CheckpointMismatch, 8));
}

proptest! {
    #[test]
    fn chunks_may_be_cut_anywhere(n in 0_usize..12, cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let (entries, _) = written(n);
        let bytes = file(&entries);
        let mut at: Vec<usize> = cuts.iter().map(|c| c.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
        at.sort_unstable();
        let mut verifier = Verifier::new();
        at.windows(2).for_each(|w| verifier.feed(&bytes[w[0]..w[1]]).unwrap());
        prop_assert_eq!(verifier.finish(), verify(&bytes));
    }

    #[test]
    fn a_changed_byte_is_found_in_its_line(n in 0_usize..12, at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let (entries, _) = written(n);
        let mut bytes = file(&entries);
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        let line = bytes[..at].iter().filter(|b| **b == b'\n').count() as u64 + 1;
        let start = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |p| p + 1) as u64;
        bytes[at] = to;
        let report = verify(&bytes);
        match report.fault {
            Some(fault) => prop_assert_eq!((fault.line, fault.seq, fault.offset), (line, line - 1, start)),
            // Without its last newline the last entry cannot be told from a torn one.
            None => {
                prop_assert_eq!(at, bytes.len() - 1);
                prop_assert_eq!(report.tail, Tail::Torn { bytes: bytes.len() as u64 - start });
                prop_assert_eq!(report.entries, n as u64);
            }
        }
    }

    #[test]
    fn an_inserted_or_removed_byte_is_found_in_its_line(
        n in 0_usize..12, at in any::<prop::sample::Index>(), byte in any::<Option<u8>>(),
    ) {
        let (entries, _) = written(n);
        let mut bytes = file(&entries);
        let at = at.index(bytes.len());
        let line = bytes[..at].iter().filter(|b| **b == b'\n').count() as u64 + 1;
        let last = at == bytes.len() - 1;
        match byte {
            Some(byte) => bytes.insert(at, byte),
            None => drop(bytes.remove(at)),
        }
        let report = verify(&bytes);
        match (report.fault, report.tail) {
            // A newline more before a newline is a fault of the line behind it.
            (Some(fault), _) => prop_assert!(fault.line == line || byte == Some(b'\n') && fault.line == line + 1),
            (None, Tail::Unterminated) => prop_assert!(last && byte.is_none()),
            (None, tail) => prop_assert!(false, "not found: {tail:?}"),
        }
    }

    #[test]
    fn a_dropped_doubled_or_moved_entry_is_found_at_its_place(
        n in 3_usize..14, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(),
    ) {
        let (entries, _) = written(n);
        let (a, b) = (1 + a.index(n - 1), 1 + b.index(n - 1));
        let mut dropped = entries.clone();
        dropped.remove(a);
        prop_assert_eq!(fault(&verify(&file(&dropped))), (Code::EntryMissing, a as u64));
        let mut doubled = entries.clone();
        doubled.insert(b.max(a) + 1, entries[a].clone());
        prop_assert_eq!(fault(&verify(&file(&doubled))), (Code::EntryMisplaced, b.max(a) as u64 + 1));
        if a != b {
            let mut swapped = entries.clone();
            swapped.swap(a, b);
            prop_assert_eq!(fault(&verify(&file(&swapped))), (Code::EntryMissing, a.min(b) as u64));
        }
    }

    #[test]
    fn a_crash_at_any_byte_loses_no_whole_entry(n in 0_usize..8, cut in any::<prop::sample::Index>()) {
        let (entries, states) = written(n);
        let bytes = file(&entries);
        let cut = cut.index(bytes.len() + 1);
        let mut verifier = Verifier::new();
        verifier.feed(&bytes[..cut]).unwrap();
        let report = verifier.finish();
        prop_assert_eq!(&report.fault, &None);
        let ends: Vec<usize> = (1..=entries.len()).map(|k| file(&entries[..k]).len()).collect();
        // Whole with or without its newline.
        let whole = ends.iter().filter(|end| **end - 1 <= cut).count();
        prop_assert_eq!(report.entries, whole as u64);
        let kept = if whole == 0 { 0 } else { ends[whole - 1] };
        let tail = match cut {
            _ if cut + 1 == kept => Tail::Unterminated,
            _ if cut == kept => Tail::Whole,
            _ => Tail::Torn { bytes: (cut - kept) as u64 },
        };
        prop_assert_eq!(report.tail, tail);

        // Mended as the report says, the ledger goes on.
        let mut mended = bytes[..usize::try_from(report.bytes).unwrap()].to_vec();
        if report.tail == Tail::Unterminated {
            mended.push(b'\n');
        }
        if let Some(mut ledger) = verifier.into_ledger() {
            prop_assert_eq!(&ledger, &states[whole - 1]);
            let next = ledger.append(Kind::USE, json!({}), instant(99)).unwrap();
            mended.extend(file(&[next]));
            let report = verify(&mended);
            prop_assert_eq!((report.fault, report.entries), (None, whole as u64 + 1));
        }
    }

    #[test]
    fn rewriting_from_any_entry_on_breaks_consistency(n in 2_usize..20, at in any::<prop::sample::Index>(), old in any::<prop::sample::Index>()) {
        let (entries, states) = written(n);
        let at = 1 + at.index(n);
        let mut forged = entries.clone();
        forged[at].body = json!("forged");
        let forged = rehashed(&forged, at);
        let old = &states[old.index(n)];
        let mut prover = Prover::consistency(old.len(), forged.len() as u64).unwrap();
        forged.iter().for_each(|e| prover.push(leaf_hash(e.hash.as_bytes())));
        let path = prover.finish().unwrap();
        let holds = verify_consistency(old.len(), old.root(), forged.len() as u64, path.root, &path.hashes);
        prop_assert_eq!(holds, old.len() <= at as u64);
        let report = verify_against(&file(&forged), [Checkpoint::of(old)]);
        prop_assert_eq!(report.is_intact(), old.len() <= at as u64);
    }
}
