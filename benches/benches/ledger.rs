//! A ledger of decisions on the starter pack: how fast it is verified beside SHA-256 over the same
//! bytes and beside canonicalising and hashing alone, how fast it is replayed beside bare
//! deciding, and how many bytes a decision takes.
//!
//! `cargo bench -p glasskey-benches --bench ledger -- --write FILE ENTRIES` writes a long ledger
//! instead, to be read by the command line under `/usr/bin/time -v`.

use glasskey::ledger::{Ledger, Recorded, Records, Replay, Verifier};
use glasskey::{Command, Digest, Lifecycle, canonical, decide};
use serde_json::{Value, json};
use std::error::Error;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant as Clock};

type Outcome<T> = Result<T, Box<dyn Error>>;

const ROUNDS: usize = 7;

fn median(mut one: impl FnMut() -> Outcome<()>) -> Outcome<Duration> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Clock::now();
        one()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[times.len() / 2])
}

/// A grant and so many uses of it, each decided anew, handed over record by record.
fn night(
    uses: usize,
    mut each: impl FnMut(&glasskey::Applied) -> Outcome<()>,
) -> Outcome<glasskey_benches::World> {
    let world = glasskey_benches::starter()?;
    let mut life = Lifecycle::new(world.bundle.clone(), world.facts.clone());
    let mut number = 0_u64;
    let mut act = |life: &mut Lifecycle, mut act: Value| -> Outcome<std::sync::Arc<glasskey::Applied>> {
        act["command_id"] = json!(format!("c-{number}"));
        number += 1;
        let applied = life.apply(&Command::from_value(act)?, world.now)?;
        each(&applied)?;
        // Each record is in the ledger, so the lifecycle need not keep it.
        life.forget_answers(world.now.plus(glasskey::Span::from_minutes(1)));
        Ok(applied)
    };
    let request = act(&mut life, json!({"submit": {"request": world.request}}))?.request.clone();
    let grant = act(&mut life, json!({"activate": {"request": request}}))?.grant.clone();
    act(&mut life, json!({"issued": {"grant": grant, "points": ["vault"]}}))?;
    let pair = world.request.scope.first().ok_or("the request asks for nothing")?.clone();
    for _ in 0..uses {
        let used = act(
            &mut life,
            json!({"use": {"grant": grant, "action": pair.action, "resource": pair.resource}}),
        )?;
        if !used.decision.as_ref().is_some_and(glasskey::Decision::is_permit) {
            return Err("a use was refused".into());
        }
    }
    Ok(world)
}

fn write(path: &str, entries: usize) -> Outcome<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let begin = glasskey::Instant::parse("2026-03-01T02:00:00Z")?;
    let (mut ledger, genesis) = Ledger::begin("example.com/bench", begin)?;
    writeln!(file, "{}", genesis.to_line())?;
    // A use writes three entries.
    night(entries / 3, |applied| {
        for entry in ledger.record(applied)? {
            writeln!(file, "{}", entry.to_line())?;
        }
        Ok(())
    })?;
    file.flush()?;
    println!("{path}: {} entries", ledger.len());
    Ok(())
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|a| a == "--write") {
        let path = arguments.get(at + 1).ok_or("--write FILE ENTRIES")?;
        return write(path, arguments.get(at + 2).ok_or("--write FILE ENTRIES")?.parse()?);
    }
    // `cargo bench -- --test` and `cargo test --benches` want to see it run, not how fast.
    let uses = if arguments.iter().any(|a| a == "--test") { 20 } else { 3_000 };
    let begin = glasskey::Instant::parse("2026-03-01T02:00:00Z")?;
    let (mut ledger, genesis) = Ledger::begin("example.com/bench", begin)?;
    let mut entries = vec![genesis];
    let world = night(uses, |applied| {
        entries.extend(ledger.record(applied)?);
        Ok(())
    })?;
    let file: Vec<u8> = entries.iter().flat_map(|e| (e.to_line() + "\n").into_bytes()).collect();
    let (count, bytes) = (entries.len() as f64, file.len() as f64);

    let floor = median(|| {
        black_box(Digest::of(black_box(&file)));
        Ok(())
    })?;
    let alone = median(|| {
        for entry in &entries {
            black_box(Digest::of(&canonical::to_bytes(black_box(entry))));
        }
        Ok(())
    })?;
    let verify = median(|| {
        let mut verifier = Verifier::new();
        verifier.feed(black_box(&file)).map_err(|f| f.to_string())?;
        if !verifier.finish().is_intact() {
            return Err("the ledger was altered".into());
        }
        Ok(())
    })?;
    let mut records = Records::new();
    let read: Vec<Recorded> =
        entries.iter().filter_map(|e| records.push(e).transpose()).collect::<Result<_, _>>()?;
    let read: Vec<Recorded> = read.into_iter().filter(|r| r.applied.evidence.is_some()).collect();
    let replay = Replay::new([world.bundle.clone()]);
    let replayed = median(|| {
        for recorded in &read {
            if replay.check(recorded)?.is_some() {
                return Err("a decision diverges".into());
            }
        }
        Ok(())
    })?;
    let bare = median(|| {
        for _ in &read {
            black_box(decide(&world.bundle, &world.facts, black_box(&world.request), world.now));
        }
        Ok(())
    })?;
    let decision_bytes: usize =
        entries.iter().filter(|e| e.kind.as_str() == "decision").map(|e| e.to_line().len() + 1).sum();
    let decisions = entries.iter().filter(|e| e.kind.as_str() == "decision").count();
    let line = |what: &str, time: Duration| {
        let seconds = time.as_secs_f64();
        println!("{what:<40} {:>10.0} entries/s {:>8.1} MB/s", count / seconds, bytes / seconds / 1e6);
    };
    println!("{} entries, {:.1} MB, {decisions} decisions", entries.len(), bytes / 1e6);
    line("SHA-256 over the bytes", floor);
    line("canonicalise and hash each entry", alone);
    line("verify", verify);
    println!(
        "verify takes {:.2} of canonicalising and hashing alone",
        verify.as_secs_f64() / alone.as_secs_f64()
    );
    let each = |time: Duration| time.as_secs_f64() * 1e6 / read.len() as f64;
    println!(
        "replay {:.1} µs a decision, bare decide {:.1} µs, ratio {:.2}",
        each(replayed),
        each(bare),
        each(replayed) / each(bare)
    );
    println!(
        "{} bytes a decision's entry, {:.0} bytes a use with all its entries",
        decision_bytes / decisions.max(1),
        bytes / uses as f64
    );
    Ok(())
}
