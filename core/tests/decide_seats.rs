//! Who approves what and sits where, and who still could; each where one step further would tell another
//! thing.

mod common;

use common::*;
use glasskey::limits::CANDIDATES_MAX;
use glasskey::model::{Limit, Missing, NextAction, ReasonCode};
use glasskey::{Answer, Bundle, Decision, Sources, decide};
use serde_json::{Value, json};

const ASHA: &str = "Glasskey::Person::\"asha\"";
const BOB: &str = "Glasskey::Person::\"bob\"";
const ANN: &str = "Glasskey::Person::\"ann\"";
const EVE: &str = "Glasskey::Person::\"eve\"";

fn approval(by: &str, at: &str, ask: &Decision) -> Value {
    json!({"by": by, "at": at, "ask": ask.ask.unwrap_or_else(|| panic!("{ask:#?}"))})
}

/// Eve's ask to drop, with these approvals of it.
fn approved(policies: &str, world: &Value, approvals: impl Fn(&Decision) -> Value) -> Decision {
    let ask = emergency("eve", "drop");
    let pending = told(policies, world, &ask, NOW);
    told(policies, world, &over(ask, json!({"approvals": approvals(&pending)})), NOW)
}

#[test]
fn an_approval_is_from_the_future_beyond_the_tolerance_and_not_at_it() {
    let counts = |given: &str| {
        let both = |ask: &Decision| json!([approval(BOB, given, ask), approval(ANN, given, ask)]);
        approved(POLICIES, &world(), both)
    };
    assert_eq!(counts("2026-03-01T02:05:35Z").decision, Answer::Permit);
    let d = counts("2026-03-01T02:05:35.001Z");
    assert_eq!((d.decision, d.next_action), (Answer::Pending, NextAction::Retry));
    assert_eq!(
        json!(d.reasons),
        json!([{"code": "approvals_missing", "policy": "dual"},
            {"code": "approval_expired", "entity": ANN}, {"code": "approval_expired", "entity": BOB}])
    );
}

#[test]
fn whoever_approves_in_vain_is_named_with_the_reason() {
    let d = approved(POLICIES, &world(), |ask| {
        let by = |by: &str| approval(by, NOW, ask);
        json!([by(BOB), by(ANN), by(ASHA), by("nobody@corp"), by("eve.l@corp")])
    });
    assert_eq!(d.decision, Answer::Permit, "{d:#?}");
    // Of the three who may sit, Bob is the one who is not needed.
    assert_eq!(json!(d.seats), json!([{"seat": "eng", "by": ASHA}, {"seat": "sec", "by": ANN}]));
    let mut notes: Vec<String> = d.reasons.iter().map(|r| json!(r).to_string()).collect();
    notes.sort();
    let mut expected = [
        json!({"code": "permitted", "policy": "dual"}),
        json!({"code": "approver_unknown", "detail": "nobody@corp"}),
        json!({"code": "approver_conflict", "entity": EVE}),
        json!({"code": "approval_surplus", "entity": BOB}),
    ]
    .map(|note| note.to_string());
    expected.sort();
    assert_eq!(notes, expected);
    assert!(d.missing.is_empty());
}

#[test]
fn whoever_asks_for_somebody_else_approves_nothing() {
    let ask = over(emergency("eve", "drop"), json!({"requested_by": BOB}));
    let pending = told(POLICIES, &world(), &ask, NOW);
    let Missing::Seat { seat, .. } = &pending.missing[0] else { panic!("{pending:#?}") };
    assert!(seat.candidates.iter().all(|who| who.to_string() != BOB), "{pending:#?}");
    let by = json!({"approvals": [approval(BOB, NOW, &pending), approval(ANN, NOW, &pending)]});
    let d = told(POLICIES, &world(), &over(ask, by), NOW);
    assert_eq!(json!(d.seats), json!([{"seat": "sec", "by": ANN}]));
    let notes: Vec<Value> = d.reasons.iter().map(|r| json!(r)).collect();
    assert!(notes.contains(&json!({"code": "approver_conflict", "entity": BOB})), "{notes:#?}");
}

#[test]
fn of_two_approvals_at_one_instant_the_one_that_allows_less_counts_else_the_first() {
    let ends = |ttls: [Value; 2]| {
        let d = approved(POLICIES, &world(), |ask| {
            let by = |ttl: &Value| over(approval(BOB, NOW, ask), ttl.clone());
            json!([by(&ttls[0]), by(&ttls[1]), approval(ANN, NOW, ask)])
        });
        assert_eq!(d.decision, Answer::Permit, "{d:#?}");
        d.ends_by
    };
    assert_eq!(ends([json!({"max_ttl": "5m"}), json!({})]), Some(Limit::ApproverTtl));
    assert_eq!(ends([json!({}), json!({"max_ttl": "5m"})]), Some(Limit::ApproverTtl));
    // They allow as much, and name different seats: Bob is where the first in order puts him.
    let d = approved(POLICIES, &world(), |ask| {
        let on = |seat: &str| over(approval(BOB, NOW, ask), json!({"seat": seat}));
        json!([on("sec"), on("eng")])
    });
    assert_eq!(json!(d.seats), json!([{"seat": "eng", "by": BOB}]), "{d:#?}");
}

/// Three seats: engineers, security, and whoever leads.
fn three_seats() -> (Bundle, Value) {
    let policies = POLICIES.replace("eng=1, sec=1", "eng=1, lead=1, sec=1")
        + "@id(\"approve-lead\") permit (principal in Glasskey::Group::\"lead\",
            action == Glasskey::Action::\"approve\", resource is Glasskey::Request)
            when { context.seat == \"lead\" };";
    let sources = Sources::new()
        .with("bundle.toml", format!("{MANIFEST}lead = \"whoever leads\"\n"))
        .with("a.cedarschema", SCHEMA)
        .with("a.cedar", policies);
    let bundle = Bundle::compile(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let mut w = world();
    let more = [
        person("carol", &["eng"]),
        person("dan", &["lead"]),
        json!({"uid": {"type": "Glasskey::Group", "id": "lead"}, "attrs": {}, "parents": []}),
    ];
    w["entities"].as_array_mut().unwrap().extend(more);
    (bundle, w)
}

#[test]
fn a_seat_is_offered_anew_only_if_whoever_sits_there_can_move() {
    let (bundle, w) = three_seats();
    let facts = facts_of(&bundle, &w);
    let missing = |by: &str| {
        let ask = emergency("eve", "drop");
        let pending = decide(&bundle, &facts, &request(ask.clone()), at(NOW));
        let ask = over(ask, json!({"approvals": [approval(by, NOW, &pending)]}));
        let d = decide(&bundle, &facts, &request(ask), at(NOW));
        assert_eq!(d.decision, Answer::Pending, "{d:#?}");
        d.missing
            .iter()
            .map(|missing| {
                let Missing::Seat { seat, or, .. } = missing else { panic!("{d:#?}") };
                let or: Vec<&str> = or.iter().map(|other| other.seat.as_str()).collect();
                format!("{} or {or:?}", seat.seat)
            })
            .collect::<Vec<_>>()
    };
    // Bob can sit for security as well; nobody sits in the lead's seat, so it is not there to be left.
    assert_eq!(missing(BOB), ["lead or [\"eng\"]", "sec or [\"eng\"]"]);
    // Carol can sit nowhere else.
    assert_eq!(missing("Glasskey::Person::\"carol\""), ["lead or []", "sec or []"]);
}

#[test]
fn so_many_candidates_are_named_and_of_more_it_is_said_that_there_are() {
    for (beyond, more) in [(0, false), (1, true), (2, true)] {
        let mut w = world();
        let many = (0..CANDIDATES_MAX - 2 + beyond).map(|n| person(&format!("p{n:03}"), &["sec"]));
        w["entities"].as_array_mut().unwrap().extend(many);
        let d = told(POLICIES, &w, &emergency("eve", "drop"), NOW);
        // Ann and Bob are security, too.
        let Missing::Seat { seat, .. } = &d.missing[1] else { panic!("{d:#?}") };
        assert_eq!((seat.seat.as_str(), seat.candidates.len(), seat.more), ("sec", CANDIDATES_MAX, more));
        assert!(seat.candidates.is_sorted(), "{d:#?}");
    }
}

#[test]
fn a_guardrail_on_approving_keeps_out_whom_it_is_for_and_everybody_when_it_knows_nothing() {
    let guarded = |guard: &str| {
        let policies = format!(
            "{POLICIES}\n@id(\"keep-out\") forbid (principal, action == Glasskey::Action::\"approve\", \
             resource) when {{ {guard} }};"
        );
        told(&policies, &world(), &emergency("eve", "drop"), NOW)
    };
    let candidates = |d: &Decision, seat: usize| {
        let Missing::Seat { seat, .. } = &d.missing[seat] else { panic!("{d:#?}") };
        seat.candidates.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let d = guarded("principal == Glasskey::Person::\"bob\"");
    assert_eq!((d.decision, candidates(&d, 1)), (Answer::Pending, vec![ANN.to_owned()]), "{d:#?}");
    assert_eq!(candidates(&d, 0), ["Glasskey::Person::\"asha\""]);
    let d = guarded("context.signals has idp && context.signals.idp.state == \"down\"");
    assert_eq!((d.decision, codes(&d)[0]), (Answer::Deny, ReasonCode::QuorumUnreachable), "{d:#?}");
}

#[test]
fn who_may_sit_can_depend_on_what_the_facts_say_of_the_person() {
    // The second is left to Cedar's own evaluator.
    for us in ["principal.employer == \"us\"", "[principal.employer].contains(\"us\")"] {
        let policies = POLICIES.replace(
            "when { context.seat == \"sec\" }",
            &format!("when {{ context.seat == \"sec\" && principal has employer && {us} }}"),
        );
        let mut w = world();
        let ann = w["entities"].as_array_mut().unwrap().iter_mut().find(|e| e["uid"]["id"] == "ann").unwrap();
        ann["attrs"] = json!({"employer": "us"});
        let both = |ask: &Decision| json!([approval(BOB, NOW, ask), approval(ANN, NOW, ask)]);
        let d = approved(&policies, &w, both);
        assert_eq!(d.decision, Answer::Permit, "{us}: {d:#?}");
        assert_eq!(json!(d.seats), json!([{"seat": "eng", "by": BOB}, {"seat": "sec", "by": ANN}]));
        assert_eq!(approved(&policies, &world(), both).next_action, NextAction::None, "nobody is employed");
    }
}
