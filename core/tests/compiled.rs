//! Bundles in their compiled form: small, the same in what they decide, and nothing else lets itself
//! be loaded.

mod common;

use common::{MANIFEST, NOW, POLICIES, SCHEMA, ask, at, bundle, compile, facts_of, request, world};
use ed25519_dalek::{Signer as _, SigningKey};
use glasskey::bundle::COMPILED;
use glasskey::limits::COMPILED_BYTES_MAX;
use glasskey::signing::{KeyUse, VerifierKey};
use glasskey::{Bundle, Code, Evaluator, Facts, Sources, canonical, decide, decide_by, explain};
use serde_json::json;

fn loaded(bundle: &Bundle) -> Bundle {
    Bundle::from_compiled(&bundle.to_compiled().unwrap()).unwrap()
}

#[test]
fn it_decides_to_the_byte_as_the_bundle_from_its_files() {
    let whole = bundle();
    let loaded = loaded(&whole);
    for (action, target) in [
        ("restart", "payments"),
        ("drop", "core-db"),
        ("read", "hr-db"),
        ("nothing", "payments"),
        ("restart", "gone"),
    ] {
        for emergency in [true, false] {
            let mut ask = ask("asha", action, target);
            ask["emergency"] = json!(emergency);
            ask["host"] = json!({"note": 1});
            let ask = request(ask);
            let one = decide(&whole, &facts_of(&whole, &world()), &ask, at(NOW));
            let facts = facts_of(&loaded, &world());
            let other = decide(&loaded, &facts, &ask, at(NOW));
            assert_eq!(canonical::to_text(&one), canonical::to_text(&other));
            // There is nothing that Cedar's authorizer could read.
            assert_eq!(other, decide_by(Evaluator::Reference, &loaded, &facts, &ask, at(NOW)));
            let explained = explain(&loaded, &facts, &ask, at(NOW));
            assert_eq!(explained.decision, other);
            assert!(
                explained.considered.iter().all(|rule| rule.failed.is_none()),
                "there is no text to point at"
            );
        }
    }
    assert_eq!(loaded.outline().rules, whole.outline().rules);
    assert_eq!(loaded.manifest(), whole.manifest());
    assert!(loaded.is_loaded() && !whole.is_loaded());
    assert_eq!(loaded.schema_text(), "");
    assert!(loaded.rules().iter().all(|rule| rule.text().is_empty()));
}

/// A pack with one more guardrail, and perhaps more of a schema.
fn pack(condition: &str, schema: &str) -> Bundle {
    let guard = format!(
        "@id(\"more\") forbid (principal, action == Ops::Action::\"restart\", resource) when {{ {condition} }};"
    );
    let sources = Sources::new()
        .with("bundle.toml", MANIFEST)
        .with("a.cedarschema", SCHEMA)
        .with("b.cedarschema", schema)
        .with("a.cedar", format!("{POLICIES}\n{guard}"));
    Bundle::compile(&sources).unwrap_or_else(|e| panic!("{e:#?}"))
}

#[test]
fn the_same_files_have_the_same_form() {
    let form = bundle().to_compiled().unwrap();
    for _ in 0..8 {
        assert_eq!(bundle().to_compiled().unwrap(), form);
    }
}

#[test]
fn an_error_has_the_same_words() {
    let huge = i64::MAX;
    for (condition, words) in [
        ("Ops::Room::\"gone\".floor == 1".to_owned(), "entity `Ops::Room::\\\"gone\\\"` does not exist"),
        (format!("context.actor.depth + {huge} + {huge} > 1"), "attempting to add the values"),
        (format!("(0 - context.actor.depth) - {huge} - {huge} > 1"), "attempting to subtract the values"),
        (format!("({huge} - context.actor.depth) * 2 > 1"), "attempting to multiply the values"),
        (format!("-(0 - {huge} - 1 - context.actor.depth) > 1"), "attempting to negate the value"),
        (format!("context.now.offset(duration(\"{huge}ms\")) < context.now"), "adding an offset"),
        (
            format!(
                "context.now.durationSince(datetime(\"1970-01-01\").offset(duration(\"-{huge}ms\"))) > duration(\"1h\")"
            ),
            "computing the duration between",
        ),
        (
            // 1970 less all milliseconds that there are before the day began.
            "context.now.offset(duration(\"-1772330705000ms\")).offset(duration(\"-9223372036854775808ms\")).toDate() < context.now"
                .to_owned(),
            "computing the date of",
        ),
    ] {
        let whole = pack(&condition, "namespace Ops { entity Room = { floor: Long }; }");
        let loaded = loaded(&whole);
        let ask = request(ask("asha", "restart", "payments"));
        let one = decide(&whole, &facts_of(&whole, &world()), &ask, at(NOW));
        let other = decide(&loaded, &facts_of(&loaded, &world()), &ask, at(NOW));
        assert!(canonical::to_text(&one).contains(words), "{condition}: {one:#?}");
        assert_eq!(canonical::to_text(&one), canonical::to_text(&other));
    }
}

#[test]
fn what_only_cedar_knows_has_no_compiled_form() {
    let host = "namespace Glasskey { type HostContext = { from?: ipaddr }; }";
    for (condition, schema) in [
        ("[context.purpose, \"y\"].contains(\"x\")", "namespace Other {}"),
        ("{a: context.purpose}.a == \"x\"", "namespace Other {}"),
        ("context.purpose == \"x\"", host),
    ] {
        let error = pack(condition, schema).to_compiled().unwrap_err();
        assert_eq!(error.code, Code::NotCompilable, "{condition}");
        assert!(error.help.is_some());
    }
    let again = loaded(&bundle()).to_compiled().unwrap_err();
    assert_eq!(again.code, Code::NotCompilable);
}

#[test]
fn facts_that_do_not_fit_are_refused_with_the_same_code() {
    let (whole, loaded) = (bundle(), loaded(&bundle()));
    for entity in [
        json!({"uid": {"type": "Glasskey::Person", "id": "x"}, "attrs": {"shared": "yes"}, "parents": []}),
        json!({"uid": {"type": "Glasskey::Person", "id": "x"}, "attrs": {"other": 1}, "parents": []}),
        json!({"uid": {"type": "No::Such", "id": "x"}, "attrs": {}, "parents": []}),
        json!({"uid": {"type": "Glasskey::Person", "id": "x"}, "attrs": {}, "parents": [{"type": "Glasskey::System", "id": "s"}]}),
        json!({"uid": {"type": "Glasskey::Action", "id": "privileged"}, "attrs": {}, "parents": []}),
        json!({"uid": "x", "attrs": {}, "parents": []}),
        json!({"uid": {"type": "Glasskey::Person", "id": "x"}, "attrs": {"contract_ends": "soon"}, "parents": []}),
    ] {
        let mut world = world();
        world["entities"].as_array_mut().unwrap().push(entity);
        let bytes = world.to_string().into_bytes();
        let codes = [&whole, &loaded].map(|b| Facts::from_json(b, &bytes).map(|_| ()).unwrap_err().code);
        assert_eq!(codes, [Code::BadEntity; 2]);
    }
}

#[test]
fn other_bytes_are_refused_and_harm_nobody() {
    let bytes = bundle().to_compiled().unwrap();
    let refused = |bytes: &[u8]| Bundle::from_compiled(bytes).map(|_| ()).unwrap_err().code;
    assert_eq!(refused(b""), Code::BadCompiled);
    assert_eq!(refused(&bytes[..bytes.len() - 1]), Code::BadCompiled);
    assert_eq!(refused(&[&bytes[..], b"\0"].concat()), Code::BadCompiled);
    let other = String::from_utf8_lossy(&bytes[..19]).replace('1', "2").into_bytes();
    assert_eq!(refused(&[&other[..], &bytes[19..]].concat()), Code::BadCompiled);
    assert_eq!(refused(&vec![0; COMPILED_BYTES_MAX + 1]), Code::TooLarge);
    // Cut anywhere, or with any byte changed: an error, or a bundle that can be asked.
    let ask = request(ask("asha", "restart", "payments"));
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xFF] {
            let mut bent = bytes.clone();
            bent[at] ^= flip;
            if let Ok(bundle) = Bundle::from_compiled(&bent)
                && let Ok(facts) = Facts::from_json(&bundle, world().to_string().as_bytes())
            {
                let _ = decide(&bundle, &facts, &ask, common::at(NOW));
            }
        }
        assert!(Bundle::from_compiled(&bytes[..at]).is_err());
    }
}

#[test]
fn a_signature_is_over_just_these_bytes() {
    let whole = compile(POLICIES);
    let bytes = whole.to_compiled().unwrap();
    let secret = SigningKey::from_bytes(&[7; 32]);
    let key =
        VerifierKey::new("example.com/publisher", KeyUse::Text, secret.verifying_key().as_bytes()).unwrap();
    let envelope = whole.compiled_statement(&bytes).to_envelope();
    let signature = secret.sign(&envelope.to_be_signed()).to_bytes();
    let envelope = envelope.signed(&key, &signature).unwrap().to_json().into_bytes();
    let keys = [key];
    let load = |bytes: &[u8], envelope: Option<&[u8]>, keys: &[VerifierKey]| {
        Bundle::from_compiled_signed(bytes, envelope, keys).map_err(|e| e.0[0].code)
    };
    assert_eq!(load(&bytes, Some(&envelope), &keys).unwrap().signed_by(), [keys[0].label()]);
    assert_eq!(load(&bytes, None, &keys).unwrap_err(), Code::Unsigned);
    assert_eq!(load(&bytes, Some(&envelope), &[]).unwrap_err(), Code::UnknownSigner);
    let mut bent = bytes.clone();
    bent[500] ^= 1;
    assert_eq!(load(&bent, Some(&envelope), &keys).unwrap_err(), Code::SubjectMismatch);
    // Another file of the same publisher's is no compiled bundle.
    let other = whole.statement(&Sources::new().with(COMPILED.to_owned() + "2", bytes.clone())).to_envelope();
    let signature = secret.sign(&other.to_be_signed()).to_bytes();
    let other = other.signed(&keys[0], &signature).unwrap().to_json().into_bytes();
    assert_eq!(load(&bytes, Some(&other), &keys).unwrap_err(), Code::SubjectMismatch);
}
