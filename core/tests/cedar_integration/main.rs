//! Cedar's own integration tests, through our evaluation: the decision, the policies that determine
//! it and the policies that err are those that the tests name, by the index with the compiled
//! conditions and by the reference alike.
//!
//! The tests are Cedar's, and are not kept here. Get them, unpack their corpus, and name the folder:
//! `GLASSKEY_CEDAR_TESTS=FOLDER cargo test -p glasskey --test cedar_integration -- --nocapture`.
//! A few tests of our own in the same shape, in `sample`, are always run.
//!
//! The same tests are then asked as bundles, facts and requests; see `bridge`. With
//! `GLASSKEY_CEDAR_VECTORS=FILE` what was asked is written as vectors for every language.

mod bridge;
mod case;
mod vectors;

use bridge::Bridged;
use case::{Ask, Test, find, read};
use cedar_policy::{Context, Entities, EntityUid, PolicySet, Request, Schema};
use glasskey::cedar::{Plain, PlainAnswer, PlainEntities};
use glasskey::{Evaluator, Uid};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::str::FromStr;

const MEND: &str = "GLASSKEY_BLESS=1 cargo test -p glasskey --test cedar_integration";

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    tests: usize,
    requests: usize,
    allowed: usize,
    with_reasons: usize,
    erring: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.tests += other.tests;
        self.requests += other.requests;
        self.allowed += other.allowed;
        self.with_reasons += other.with_reasons;
        self.erring += other.erring;
    }
}

#[test]
fn our_sample_holds() {
    let expected = Counts { tests: 2, requests: 11, allowed: 5, with_reasons: 6, erring: 3 };
    assert_eq!(run(&sample()), expected);
}

#[test]
fn cedars_tests_hold() {
    let Some(folder) = theirs() else { return };
    let counts = run(&folder);
    println!("{counts:?}");
    assert!(counts.requests > 0, "{}: no test is there", folder.display());
}

#[test]
fn our_sample_holds_in_every_language() {
    let asked = ask(&sample());
    assert_eq!((asked.asked, asked.permitted, asked.stricter), (9, 4, 1));
    assert_eq!(asked.unasked, BTreeMap::from([(bridge::UNKNOWN.to_owned(), 2)]));
    let file = vectors::ours();
    if std::env::var_os("GLASSKEY_BLESS").is_some() {
        std::fs::write(&file, vectors::written(&asked.vectors)).expect("written");
    }
    let there: Vec<Value> = serde_json::from_str(&read(&file)).expect("vectors");
    assert!(there == asked.vectors, "{} is out of date; to mend: {MEND}", file.display());
}

#[test]
fn cedars_tests_hold_as_requests() {
    let Some(folder) = theirs() else { return };
    let asked = ask(&folder);
    let Bridged { asked, permitted, stricter, unasked, vectors } = asked;
    println!("{asked} asked, {permitted} permitted, {stricter} denied here since a forbid errs");
    for (why, count) in unasked {
        println!("{count:>8} not asked: {why}");
    }
    if let Some(file) = std::env::var_os("GLASSKEY_CEDAR_VECTORS") {
        std::fs::write(file, vectors::written(&vectors)).expect("written");
    }
    assert!(asked > 0, "{}: no test can be asked", folder.display());
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cedar_integration/sample")
}

fn theirs() -> Option<PathBuf> {
    let folder = std::env::var_os("GLASSKEY_CEDAR_TESTS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: GLASSKEY_CEDAR_TESTS names no folder of Cedar's integration tests");
    }
    folder
}

fn run(folder: &Path) -> Counts {
    let mut counts = Counts::default();
    shared(folder, one).into_iter().for_each(|part| counts += part);
    counts
}

fn ask(folder: &Path) -> Bridged {
    let mut all = Bridged::default();
    shared(folder, bridge::ask).into_iter().for_each(|part| all.join(part));
    all
}

/// What becomes of each test in a folder, in order.
fn shared<T: Send>(folder: &Path, one: fn(&Path, &Path, &Test) -> T) -> Vec<T> {
    let tests = find(folder);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let size = tests.len().div_ceil(threads).max(1);
        let share =
            |tests: &[(PathBuf, Test)]| tests.iter().map(|(path, test)| one(folder, path, test)).collect();
        let running: Vec<_> =
            tests.chunks(size).map(|part| scope.spawn(move || -> Vec<T> { share(part) })).collect();
        running.into_iter().flat_map(|part| part.join().expect("no test found a difference")).collect()
    })
}

fn one(folder: &Path, path: &Path, test: &Test) -> Counts {
    let (schema, _) = Schema::from_cedarschema_str(&read(&folder.join(&test.schema)))
        .unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
    let set = PolicySet::from_str(&read(&folder.join(&test.policies))).expect("policies");
    let entities =
        Entities::from_json_str(&read(&folder.join(&test.entities)), Some(&schema)).expect("entities");
    let (plain, plain_entities) = (Plain::new(set.as_ref()), PlainEntities::new(entities.as_ref()));
    let mut counts = Counts { tests: 1, ..Counts::default() };
    for ask in &test.requests {
        let request = request(ask, &schema);
        let own = |uid: Option<&EntityUid>| {
            let uid = uid.expect("a known entity");
            Uid::from_parts(&uid.type_name().to_string(), uid.id().unescaped()).expect("a uid")
        };
        let (principal, action, resource) =
            (own(request.principal()), own(request.action()), own(request.resource()));
        let context = request.context().expect("a known context").as_ref();
        let expected = ask.expected();
        for evaluator in [Evaluator::Compiled, Evaluator::Reference] {
            let found = plain.decide(evaluator, &plain_entities, (&principal, &action, &resource), context);
            assert_eq!(found, expected, "{} by {evaluator:?}: {}", path.display(), ask.description);
        }
        let PlainAnswer { allowed, reasons, errors } = expected;
        counts += Counts {
            tests: 0,
            requests: 1,
            allowed: usize::from(allowed),
            with_reasons: usize::from(!reasons.is_empty()),
            erring: usize::from(!errors.is_empty()),
        };
    }
    counts
}

fn request(ask: &Ask, schema: &Schema) -> Request {
    let uid = |value: &Value| EntityUid::from_json(value.clone()).expect("a uid");
    let action = uid(&ask.action);
    let context = Context::from_json_value(ask.context.clone(), Some((schema, &action))).expect("a context");
    let checked = ask.validate_request.then_some(schema);
    Request::new(uid(&ask.principal), action, uid(&ask.resource), context, checked).expect("a request")
}
