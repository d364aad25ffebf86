//! What holds of every decision: determinism, sufficiency of the evidence, monotonicity.

mod common;

use common::*;
use glasskey::model::Pair;
use glasskey::{
    Answer, Bundle, Decision, Evaluator, Facts, FactsDocument, Request, Uid, Verdict, answer, decide,
    decide_by, decide_with_evidence, decide_with_reasons, what_can, who_can,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

static BUNDLE: LazyLock<Bundle> = LazyLock::new(bundle);
static FACTS: LazyLock<Facts> = LazyLock::new(|| facts_of(&BUNDLE, &world()));
static STRICTER: LazyLock<Bundle> = LazyLock::new(|| {
    compile(&format!(
        "{POLICIES}\n@id(\"no-hr\") forbid (principal, action, resource == Glasskey::System::\"hr-db\");"
    ))
});

fn bytes(d: &Decision) -> Vec<u8> {
    glasskey::canonical::to_bytes(d)
}

fn rank(d: &Decision) -> u8 {
    match d.decision {
        Answer::Deny => 0,
        Answer::Pending => 1,
        Answer::Permit => 2,
    }
}

prop_compose! {
    /// Requests around the small world: who, what, where, with which supports and approvals.
    fn requests()(
        who in prop::sample::select(vec!["asha", "eve", "bob", "zoe"]),
        action in prop::sample::select(vec!["restart", "drop", "read"]),
        targets in prop::collection::vec(prop::sample::select(vec!["pay-db", "core-db", "hr-db"]), 1..3),
        emergency: bool,
        supports in prop::sample::subsequence(vec![json!({"incident": "INC-100"}), json!({"shift": "S-7"})], 0..=2),
        ttl in prop::option::of(prop::sample::select(vec!["10m", "1h", "3h"])),
        approvers in prop::sample::subsequence(vec!["bob", "ann", "eve", "asha"], 0..=4),
    ) -> (Value, Vec<&'static str>) {
        let scope: Vec<Value> = targets.iter().map(|t| json!({
            "action": format!("Ops::Action::\"{action}\""), "resource": format!("Glasskey::System::\"{t}\"")})).collect();
        let mut ask = json!({"principal": format!("Glasskey::Person::\"{who}\""), "scope": scope,
            "emergency": emergency, "supports": supports});
        if let Some(ttl) = ttl { ask["ttl"] = json!(ttl); }
        (ask, approvers)
    }
}

/// The request with approvals bound to what it asks for, if a quorum asks for any.
fn bind(bundle: &glasskey::Bundle, facts: &Facts, ask: &Value, approvers: &[&str]) -> Request {
    let bare = request(ask.clone());
    let first = decide(bundle, facts, &bare, at(NOW));
    let mut bound = ask.clone();
    if first.ask.is_some() {
        bound["approvals"] = approvers
            .iter()
            .map(|by| json!({"by": format!("Glasskey::Person::\"{by}\""), "at": "2026-03-01T02:05:00Z", "ask": first.ask}))
            .collect();
    }
    request(bound)
}

fn shuffle(value: &mut Value, seed: &mut u64) {
    let mut next = |n: usize| {
        *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (*seed >> 33) as usize % n
    };
    for key in ["entities", "incidents", "shifts", "signals"] {
        if let Some(list) = value.get_mut(key).and_then(Value::as_array_mut) {
            for i in (1..list.len()).rev() {
                let j = next(i + 1);
                list.swap(i, j);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Ten orders for each of a thousand requests.
    #[test]
    fn the_order_of_facts_changes_no_byte((ask, approvers) in requests(), mut seed: u64) {
        let (bundle, facts) = (&*BUNDLE, &*FACTS);
        let ask = bind(bundle, facts, &ask, &approvers);
        let first = bytes(&decide(bundle, facts, &ask, at(NOW)));
        for _ in 0..10 {
            let mut shuffled = world();
            shuffle(&mut shuffled, &mut seed);
            let facts = &facts_of(bundle, &shuffled);
            let mut turned = ask.clone();
            turned.scope.reverse();
            turned.supports.reverse();
            turned.approvals.reverse();
            prop_assert_eq!(&first, &bytes(&decide(bundle, facts, &turned, at(NOW))));
        }
    }

    #[test]
    fn the_evidence_alone_gives_the_same_bytes((ask, approvers) in requests()) {
        let (bundle, facts) = (&*BUNDLE, &*FACTS);
        let ask = bind(bundle, facts, &ask, &approvers);
        let (decision, evidence) = decide_with_evidence(bundle, facts, &ask, at(NOW));
        let document: FactsDocument = glasskey::canonical::from_value(evidence.facts.clone()).unwrap();
        let slice = Facts::from_document(bundle, document).unwrap();
        let (again, same) = decide_with_evidence(bundle, &slice, &evidence.request, evidence.now);
        prop_assert_eq!(bytes(&decision), bytes(&again));
        prop_assert_eq!(evidence, same);
    }

    #[test]
    fn the_reference_gives_the_same_bytes((ask, approvers) in requests()) {
        for bundle in [&*BUNDLE, &*STRICTER] {
            let facts = &facts_of(bundle, &world());
            let ask = bind(bundle, facts, &ask, &approvers);
            let ours = decide_by(Evaluator::Compiled, bundle, facts, &ask, at(NOW));
            let cedars = decide_by(Evaluator::Reference, bundle, facts, &ask, at(NOW));
            prop_assert_eq!(bytes(&ours), bytes(&cedars));
        }
    }

    #[test]
    fn less_detail_is_the_same_answer((ask, approvers) in requests()) {
        let (bundle, facts) = (&*BUNDLE, &*FACTS);
        let ask = bind(bundle, facts, &ask, &approvers);
        let full = decide(bundle, facts, &ask, at(NOW));
        prop_assert_eq!(&answer(bundle, facts, &ask, at(NOW)), &Verdict::from(full.clone()));
        let unrecorded = Decision { evaluation_id: None, evidence: None, ..full };
        prop_assert_eq!(decide_with_reasons(bundle, facts, &ask, at(NOW)), unrecorded);
    }

    #[test]
    fn searches_find_exactly_those_whom_decide_does_not_deny((ask, _) in requests()) {
        let (bundle, facts) = (&*BUNDLE, &*FACTS);
        let ask = request(ask);
        let people = ["ann", "asha", "bob", "eve"].map(|id| Uid::parse(&format!("Glasskey::Person::\"{id}\"")).unwrap());
        let brute: Vec<Uid> = people
            .into_iter()
            .filter(|who| {
                let theirs = Request { principal: who.clone(), ..ask.clone() };
                answer(bundle, facts, &theirs, at(NOW)).decision != Answer::Deny
            })
            .collect();
        let found: Vec<Uid> = who_can(bundle, facts, &ask, at(NOW)).into_iter().map(|f| f.principal).collect();
        prop_assert_eq!(found, brute);

        let mut brute = Vec::new();
        for (action, _) in bundle.actions() {
            for resource in ["core-db", "hr-db", "pay-db", "payments"] {
                let resource = Uid::parse(&format!("Glasskey::System::\"{resource}\"")).unwrap();
                let scope = vec![Pair { action: action.clone(), resource }];
                let one = Request { scope: scope.clone(), ..ask.clone() };
                if answer(bundle, facts, &one, at(NOW)).decision != Answer::Deny {
                    brute.push(scope);
                }
            }
        }
        let found: Vec<Vec<Pair>> = what_can(bundle, facts, &ask, at(NOW)).into_iter().map(|f| f.scope).collect();
        prop_assert_eq!(found, brute);
    }

    #[test]
    fn taking_something_away_never_widens((ask, approvers) in requests(), age in 0_i64..400) {
        let (bundle, facts) = (&*BUNDLE, &*FACTS);
        let bound = bind(bundle, facts, &ask, &approvers);
        let full = rank(&decide(bundle, facts, &bound, at(NOW)));
        // An approval removed.
        let mut fewer = bound.clone();
        fewer.approvals.pop();
        prop_assert!(rank(&decide(bundle, facts, &fewer, at(NOW))) <= full);
        // A fact grown older.
        let mut older = world();
        let then = glasskey::Instant::from_ms(at("2026-03-01T02:05:00Z").ms() - age * 1_000).unwrap();
        older["shifts"][0]["observed_at"] = json!(then);
        older["incidents"][0]["observed_at"] = json!(then);
        prop_assert!(rank(&decide(bundle, &facts_of(bundle, &older), &bound, at(NOW))) <= full);
        // A support closed.
        let mut closed = world();
        closed["incidents"][0]["status"] = json!("closed");
        prop_assert!(rank(&decide(bundle, &facts_of(bundle, &closed), &bound, at(NOW))) <= full);
        // A forbid added. Approvals are bound to the bundle, so they are bound anew.
        let more = &*STRICTER;
        let facts = &facts_of(more, &world());
        let bound = bind(more, facts, &ask, &approvers);
        prop_assert!(rank(&decide(more, facts, &bound, at(NOW))) <= full);
    }

    #[test]
    fn a_grant_ends_at_the_first_of_its_limits((ask, approvers) in requests()) {
        let (bundle, facts) = (&*BUNDLE, &*FACTS);
        let ask = bind(bundle, facts, &ask, &approvers);
        let now = at(NOW);
        let d = decide(bundle, facts, &ask, now);
        if let Some(ends) = d.ends_at {
            let terms = bundle.rule(d.rule.as_deref().unwrap()).unwrap().terms().unwrap();
            prop_assert!(ends > now && ends <= now.plus(terms.max_ttl));
            prop_assert!(ask.ttl.is_none_or(|ttl| ends <= now.plus(ttl)));
            prop_assert!(d.valid_until.unwrap() <= ends);
            if ask.supports.iter().any(|s| s.id == "S-7") {
                prop_assert!(ends <= facts.shift("S-7").unwrap().end);
            }
        }
    }
}
