//! The bytes of a ledger.

use crate::world::{SEED_BYTES_MAX, folder};
use glasskey::canonical;
use glasskey::ledger::{Entry, Ledger, Residuals, Tail, TimelineReader, Verifier, read_records};

/// Lets a ledger in.
pub(crate) fn body(data: &[u8]) {
    let whole = report(data, data.len().max(1));
    for size in [1, 7, 4_096] {
        assert_eq!(report(data, size), whole, "cut into pieces of {size}");
    }
    let verified = &data[..usize::try_from(whole.bytes).expect("no longer than the data")];
    if whole.entries > 0 {
        written_by_us(verified, whole.tail == Tail::Unterminated);
    } else {
        assert_eq!(whole.bytes, 0);
    }
    // Whatever it tells, it tells it without falling over.
    let (mut timeline, mut residuals) = (TimelineReader::new(), Residuals::new());
    let mut last = None;
    let read = read_records(data, |record| {
        timeline.push(&record);
        residuals.push(&record.applied);
        last = Some(record.applied.at);
        Ok(())
    });
    if read.is_ok() {
        assert!(whole.is_intact(), "records are read of an intact ledger only");
    }
    _ = canonical::to_bytes(&timeline.timeline(last));
    if let Some(last) = last {
        _ = residuals.at(last);
    }
}

fn report(data: &[u8], size: usize) -> glasskey::ledger::VerifyReport {
    let mut verifier = Verifier::new();
    for chunk in data.chunks(size) {
        if verifier.feed(chunk).is_err() {
            break;
        }
    }
    verifier.finish()
}

/// A ledger of the same name, with the same records at the same instants, is the same bytes.
fn written_by_us(verified: &[u8], unterminated: bool) {
    let text = std::str::from_utf8(verified).expect("entries are UTF-8");
    let mut lines = text.lines();
    let first = Entry::parse(lines.next().unwrap_or_default().as_bytes()).expect("the first entry");
    let mut ledger = Ledger::open(&first).expect("a genesis");
    let mut out = first.to_line() + "\n";
    for line in lines {
        let entry = Entry::parse(line.as_bytes()).expect("a verified line is an entry");
        let ours = ledger.append(entry.kind, entry.body, entry.at).expect("what was recorded can be");
        out += &(ours.to_line() + "\n");
    }
    if unterminated {
        out.pop();
    }
    assert_eq!(out, text, "written again");
}

/// The ledgers of the vectors, whole and broken.
pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder("bindings/conformance/ledger")).expect("ledgers");
    let mut seeds: Vec<(String, Vec<u8>)> = files
        .flatten()
        .filter(|f| f.path().extension().is_some_and(|e| e == "jsonl"))
        .map(|f| {
            let name = f.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (name, std::fs::read(f.path()).expect("a ledger"))
        })
        .filter(|(_, seed)| seed.len() <= SEED_BYTES_MAX)
        .collect();
    seeds.sort();
    seeds
}
