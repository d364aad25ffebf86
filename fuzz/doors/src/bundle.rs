//! Files of a pack, one text after another: `=== bundle.toml`, its lines, `=== a.cedar`, and so on.

use crate::common;
use crate::world::{REQUESTS, SEED_BYTES_MAX, decided, file_name, folder, vectors};
use glasskey::bundle::Quorum;
use glasskey::{Bundle, Errors, Facts, Sources, Span, canonical};
use std::collections::BTreeMap;

const MARK: &[u8] = b"=== ";

/// Lets the files of a pack in.
pub(crate) fn body(data: &[u8]) {
    check(&unpack(data));
}

/// What must hold of any pack.
pub(crate) fn check(sources: &Sources) {
    let (first, second) = (Bundle::compile(sources), Bundle::compile(sources));
    match (first, second) {
        (Ok(first), Ok(second)) => {
            assert_eq!(first.digest(), second.digest(), "compiled twice");
            let outline = canonical::to_bytes(&first.outline());
            assert_eq!(outline, canonical::to_bytes(&second.outline()), "outlined twice");
            compiled(sources, &first);
        }
        (Err(first), Err(second)) => {
            assert_eq!(first, second, "refused twice");
            refused(sources, &first);
        }
        _ => panic!("compiled once and refused once"),
    }
}

fn compiled(sources: &Sources, bundle: &Bundle) {
    let named: BTreeMap<&str, &[u8]> = sources.iter().collect();
    assert!(named.contains_key("bundle.toml"), "no bundle without a manifest");
    // How lines end is no part of what a bundle says.
    let windows = sources.iter().fold(Sources::new(), |all, (name, content)| {
        let text = String::from_utf8_lossy(content).replace("\r\n", "\n").replace('\n', "\r\n");
        all.with(name, text)
    });
    if sources.iter().all(|(_, content)| !has_long_text(content)) {
        let other = Bundle::compile(&windows).expect("line ends make no fault");
        assert_eq!(other.digest(), bundle.digest(), "with other line ends");
    }
    for rule in bundle.rules() {
        let Some(terms) = rule.terms() else { continue };
        assert!(terms.max_ttl > Span::ZERO, "no rule without an end");
        for quorum in [&terms.quorum].into_iter().chain(&terms.extension_quorum) {
            assert_eq!(*quorum, Quorum::parse(&quorum.to_string()).expect("a quorum reads back"));
        }
    }
    if let Ok(facts) = Facts::from_json(bundle, common::world().to_string().as_bytes()) {
        for request in REQUESTS.iter() {
            decided(bundle, &facts, request);
        }
    }
}

/// A text that runs over a line end would become another text.
fn has_long_text(content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    text.contains("\"\"\"") || text.contains("'''") || text.lines().any(|l| l.matches('"').count() % 2 == 1)
}

fn refused(sources: &Sources, errors: &Errors) {
    assert!(!errors.0.is_empty(), "refused for a reason");
    let named: Vec<&str> = sources.iter().map(|(name, _)| name).collect();
    for error in &errors.0 {
        assert!(!error.message.is_empty(), "a reason is told");
        for label in &error.labels {
            assert!(label.line > 0 && label.column > 0, "places count from 1: {error:?}");
            assert!(named.contains(&label.file.as_str()), "the place is in one of the files: {error:?}");
        }
        assert!(error.report().starts_with(error.code.as_str()));
    }
}

fn unpack(data: &[u8]) -> Sources {
    let mut sources = Sources::new();
    let (mut name, mut content) = (String::new(), Vec::new());
    for line in data.split_inclusive(|b| *b == b'\n') {
        match line.strip_prefix(MARK) {
            Some(next) => {
                if !name.is_empty() {
                    sources = sources.with(name, std::mem::take(&mut content));
                }
                name = String::from_utf8_lossy(next).trim().to_owned();
            }
            None => content.extend_from_slice(line),
        }
    }
    if name.is_empty() { sources } else { sources.with(name, content) }
}

pub(crate) fn pack<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        out.extend_from_slice(MARK);
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
        out.extend_from_slice(content);
        if content.last() != Some(&b'\n') {
            out.push(b'\n');
        }
    }
    out
}

/// The small pack, whole and broken as in the vectors, a pack upon it, and the shipped packs.
pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let small =
        [("bundle.toml", common::MANIFEST), ("a.cedarschema", common::SCHEMA), ("a.cedar", common::POLICIES)];
    let small = small.map(|(name, text)| (name, text.as_bytes()));
    let mut seeds = vec![("small".to_owned(), pack(small))];
    let base = small.map(|(name, content)| (format!("../base/{name}"), content));
    let own: [(&str, &[u8]); 1] = [(
        "bundle.toml",
        b"name = \"mine\"\nversion = \"2\"\n[extends]\npack = \"../base\"\ndrop = [\"dual\"]\n",
    )];
    let whole = own.into_iter().chain(base.iter().map(|(name, content)| (name.as_str(), *content)));
    seeds.push(("extends".to_owned(), pack(whole)));
    for vector in vectors("bundles.json", "compile") {
        let Some(files) = vector["given"]["files"].as_object() else { continue };
        let files =
            files.iter().filter_map(|(name, content)| Some((name.as_str(), content.as_str()?.as_bytes())));
        let over: BTreeMap<&str, &[u8]> = small.into_iter().chain(files).collect();
        seeds.push((file_name(&vector), pack(over)));
    }
    for name in ["kubernetes-breakglass", "regulated-dual-control"] {
        let pack_of = glasskey_cli::Pack::read(&folder("policies").join(name)).expect("a pack");
        seeds.push((name.to_owned(), pack(pack_of.sources.iter())));
    }
    seeds.retain(|(_, seed)| seed.len() <= 2 * SEED_BYTES_MAX);
    seeds
}
