//! What an answer tells beside its verdict: reasons and where they come from, what is missing, when it
//! ends; each where one step further would tell another thing.

mod common;

use common::*;
use glasskey::model::{Limit, Missing, NextAction, ReasonCode};
use glasskey::{Answer, Bundle, Decision, Facts, Sources, decide, decide_again, decide_with_evidence};
use glasskey::{answer, decide_many, explain, what_can, who_can};
use serde_json::{Value, json};

const EVE: &str = "Glasskey::Person::\"eve\"";

fn with_manifest(more: &str) -> Bundle {
    let sources = Sources::new()
        .with("bundle.toml", format!("{MANIFEST}{more}"))
        .with("a.cedarschema", SCHEMA)
        .with("a.cedar", POLICIES);
    Bundle::compile(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

#[test]
fn locks_that_nobody_confirmed_of_late_are_unknown_where_the_pack_wants_them_fresh() {
    let bundle = with_manifest("[freshness]\nlocks = \"1m\"\n");
    let ask = request(ask("asha", "restart", "pay-db"));
    let mut w = world();
    w["locks_observed_at"] = json!("2026-03-01T02:04:50Z");
    let d = decide(&bundle, &facts_of(&bundle, &w), &ask, at(NOW));
    assert_eq!(d.decision, Answer::Permit, "{d:#?}");
    assert_eq!((d.valid_until, d.valid_by), (Some(at("2026-03-01T02:05:50Z")), Some(Limit::LocksFreshness)));
    let (d, evidence) = decide_with_evidence(&bundle, &facts_of(&bundle, &w), &ask, at(NOW));
    assert_eq!(evidence.facts["locks_observed_at"], "2026-03-01T02:04:50.000Z");
    assert_eq!(decide_again(&bundle, &evidence).unwrap(), d);
    let late = at("2026-03-01T02:05:50Z");
    let d = decide(&bundle, &facts_of(&bundle, &w), &ask, late);
    assert_eq!((d.decision, codes(&d)), (Answer::Deny, vec![ReasonCode::FactUnknown]), "{d:#?}");
    assert_eq!(d.reasons[0].fact.as_deref(), Some("locks"));
}

#[test]
fn a_lock_is_told_with_its_target_and_reason_and_stands_in_the_evidence() {
    let bundle = bundle();
    let mut w = world();
    w["locks"] = json!([
        {"target": "Glasskey::System::\"payments\"", "reason": "forensics"},
        {"target": "*"},
        {"target": "Glasskey::System::\"hr-db\"", "reason": "of another target"},
    ]);
    let facts = facts_of(&bundle, &w);
    let (d, evidence) =
        decide_with_evidence(&bundle, &facts, &request(ask("asha", "restart", "pay-db")), at(NOW));
    assert_eq!(
        json!(d.reasons),
        json!([{"code": "locked"},
            {"code": "locked", "entity": "Glasskey::System::\"payments\"", "detail": "forensics"}])
    );
    assert_eq!(d.next_action, NextAction::None, "nothing that was asked for opens a lock");
    let kept: Vec<&Value> =
        evidence.facts["locks"].as_array().unwrap().iter().map(|l| &l["target"]).collect();
    assert_eq!(kept, [&json!("*"), &json!("Glasskey::System::\"payments\"")]);
    // A lock that ends by itself is waited for.
    w["locks"] = json!([{"target": "*", "until": "2026-03-01T03:00:00Z"}]);
    let d = told(POLICIES, &w, &ask("asha", "restart", "pay-db"), NOW);
    assert_eq!((d.decision, d.next_action), (Answer::Deny, NextAction::Retry), "{d:#?}");
    assert_eq!(d.missing, [Missing::Wait { until: at("2026-03-01T03:00:00Z") }]);
}

#[test]
fn whoever_and_whatever_is_not_known_is_named() {
    for (who, action, target, code, entity) in [
        ("zoe", "restart", "pay-db", "unknown_principal", "Glasskey::Person::\"zoe\""),
        ("asha", "restart", "nope", "unknown_resource", "Glasskey::System::\"nope\""),
        ("asha", "nope", "pay-db", "unknown_action", "Ops::Action::\"nope\""),
    ] {
        let d = told(POLICIES, &world(), &ask(who, action, target), NOW);
        assert_eq!(json!(d.reasons), json!([{"code": code, "entity": entity}]));
        assert_eq!((d.missing.len(), d.next_action), (0, NextAction::None));
    }
}

#[test]
fn a_clock_is_suspect_from_a_minute_on_and_not_at_it() {
    let mut w = world();
    w["observed_at"] = json!("2026-03-01T02:06:05Z");
    let d = told(POLICIES, &w, &ask("asha", "restart", "pay-db"), NOW);
    assert_eq!(json!(d.reasons), json!([{"code": "fact_unknown", "fact": "entities"}]));
    assert!(matches!(&d.missing[..], [Missing::Fact { fact, .. }] if fact == "entities"), "{d:#?}");
    assert_eq!((d.valid_until, d.valid_by), (Some(at("2026-03-01T02:05:35Z")), Some(Limit::RecordStart)));
    w["observed_at"] = json!("2026-03-01T02:06:05.001Z");
    let d = told(POLICIES, &w, &ask("asha", "restart", "pay-db"), NOW);
    assert_eq!(json!(d.reasons), json!([{"code": "clock_suspect"}]));
}

#[test]
fn a_guardrail_that_errs_or_does_not_know_says_what() {
    let erring = format!(
        "{POLICIES}\n@id(\"overflow\") forbid (principal, action, resource is Glasskey::System) \
         when {{ resource has tier && 9223372036854775807 + resource.tier > 0 }};"
    );
    let d = told(&erring, &world(), &ask("asha", "restart", "pay-db"), NOW);
    let reason = &d.reasons[0];
    assert_eq!((reason.code, reason.policy.as_deref()), (ReasonCode::PolicyError, Some("overflow")));
    assert!(reason.detail.as_ref().is_some_and(|detail| detail.contains("overflow")), "{d:#?}");
    let unknown = format!(
        "{POLICIES}\n@id(\"idp-up\") forbid (principal, action == Ops::Action::\"restart\", resource) \
         when {{ context.signals has idp && context.signals.idp.state == \"up\" }};"
    );
    let d = told(&unknown, &world(), &ask("asha", "restart", "pay-db"), NOW);
    assert_eq!(json!(d.reasons), json!([{"code": "fact_unknown", "policy": "idp-up", "fact": "signal:idp"}]));
    assert_eq!(d.next_action, NextAction::Retry, "{d:#?}");
}

#[test]
fn a_permit_that_errs_is_warned_of_and_another_rule_decides() {
    let policies = format!(
        "{POLICIES}\n@id(\"first\") @priority(\"99\") @max_ttl(\"1h\") @quorum(\"none\")
         permit (principal is Glasskey::Person, action == Ops::Action::\"restart\", resource is Glasskey::System)
         when {{ resource has tier && 9223372036854775807 + resource.tier > 0 }};"
    );
    let d = told(&policies, &world(), &ask("asha", "restart", "pay-db"), NOW);
    assert_eq!((d.decision, d.rule.as_deref()), (Answer::Permit, Some("oncall")));
    let [warning] = &d.warnings[..] else { panic!("{d:#?}") };
    assert_eq!((warning.code, warning.policy.as_deref()), (ReasonCode::PolicyError, Some("first")));
    assert!(warning.detail.as_ref().is_some_and(|detail| detail.contains("overflow")), "{d:#?}");
    assert!(warning.pair.is_none(), "one pair needs no name");
    let mut two = ask("asha", "restart", "pay-db");
    let other = ask("asha", "restart", "core-db")["scope"][0].clone();
    two["scope"].as_array_mut().unwrap().push(other.clone());
    let mut w = world();
    let core = w["entities"].as_array_mut().unwrap().iter_mut().find(|e| e["uid"]["id"] == "core-db");
    core.unwrap()["attrs"] = json!({"tier": 1});
    let d = told(&policies, &w, &two, NOW);
    assert_eq!((d.decision, d.rule.as_deref()), (Answer::Permit, Some("oncall")), "both pairs");
    let pairs: Vec<Value> = d.warnings.iter().map(|w| json!(w.pair)).collect();
    assert_eq!(pairs, [json!(two["scope"][1]), json!(two["scope"][0])], "each by its pair, in order: {d:#?}");
}

#[test]
fn a_grant_without_time_tells_every_limit_that_it_would_have_had() {
    let bundle = bundle();
    let mut w = world();
    w["entities"][0]["attrs"] = json!({"contract_ends": NOW});
    let e = explain(&bundle, &facts_of(&bundle, &w), &request(ask("asha", "restart", "pay-db")), at(NOW));
    assert_eq!(
        json!(e.limits),
        json!([
            {"at": "2026-03-01T02:05:05.000Z", "by": "contract_end"},
            {"at": "2026-03-01T02:35:05.000Z", "by": "rule_ttl"},
            {"at": "2026-03-01T08:00:00.000Z", "by": "shift_end"},
        ])
    );
}

#[test]
fn nobody_gets_longer_than_the_rule_gives_by_asking_for_it() {
    for (asked, ends, by) in [
        ("59m59s", "2026-03-01T03:05:04Z", Limit::RequestedTtl),
        ("1h", "2026-03-01T03:05:05Z", Limit::RuleTtl),
        ("2h", "2026-03-01T03:05:05Z", Limit::RuleTtl),
    ] {
        let ask = over(ask("asha", "restart", "pay-db"), json!({"ttl": asked}));
        let d = told(POLICIES, &world(), &ask, NOW);
        assert_eq!((d.ends_at, d.ends_by), (Some(at(ends)), Some(by)), "{asked}: {d:#?}");
    }
}

#[test]
fn whoever_reads_all_signals_or_the_whole_context_reads_each_of_them() {
    for condition in ["[context.signals].isEmpty()", "[context].isEmpty()"] {
        let policies = format!(
            "{POLICIES}\n@id(\"all\") forbid (principal, action == Ops::Action::\"restart\", resource) \
             when {{ {condition} }};"
        );
        let mut w = world();
        let d = told(&policies, &w, &ask("asha", "restart", "pay-db"), NOW);
        assert!(d.reasons.iter().any(|r| r.fact.as_deref() == Some("signal:idp")), "{condition}: {d:#?}");
        w["signals"] = json!([{"name": "idp", "state": "up", "source": "probe"}]);
        let d = told(&policies, &w, &ask("asha", "restart", "pay-db"), NOW);
        assert!(!d.reasons.iter().any(|r| r.fact.as_deref() == Some("signal:idp")), "{condition}: {d:#?}");
        w["signals"][0]["observed_at"] = json!("2026-03-01T01:00:00Z");
        let d = told(&policies, &w, &ask("asha", "restart", "pay-db"), NOW);
        assert!(d.reasons.iter().any(|r| r.fact.as_deref() == Some("signal:idp")), "{condition}: {d:#?}");
    }
}

#[test]
fn the_grace_of_a_handover_is_added_to_a_shift_and_to_nothing_else() {
    let policies = POLICIES.replace("@id(\"oncall\")", "@id(\"oncall\") @handover(\"grace:10m\")");
    let (bundle, mut w) = (compile(&policies), world());
    w["shifts"][0]["end"] = json!("2026-03-01T02:20:00Z");
    w["windows"] = json!([{"id": "W", "status": "approved", "start": "2026-03-01T02:00:00Z",
        "end": "2026-03-01T02:25:00Z", "resources": ["Glasskey::System::\"payments\""]}]);
    let mut ask = ask("asha", "restart", "pay-db");
    ask["supports"].as_array_mut().unwrap().push(json!({"window": "W"}));
    let e = explain(&bundle, &facts_of(&bundle, &w), &request(ask), at(NOW));
    assert_eq!(
        json!(e.limits),
        json!([
            {"at": "2026-03-01T02:25:00.000Z", "by": "window_end"},
            {"at": "2026-03-01T02:30:00.000Z", "by": "shift_end"},
            {"at": "2026-03-01T02:35:05.000Z", "by": "rule_ttl"},
        ])
    );
}

#[test]
fn of_two_incidents_the_policies_see_the_more_severe_and_of_equals_the_first() {
    let seen = |severities: [u8; 2]| {
        let policies = POLICIES.replace(
            "context.incident.covers }",
            "context.incident.covers && context.incident.id == \"INC-100\" }",
        );
        let mut w = world();
        let mut other = w["incidents"][0].clone();
        w["incidents"][0]["severity"] = json!(severities[0]);
        other["id"] = json!("INC-200");
        other["severity"] = json!(severities[1]);
        w["incidents"].as_array_mut().unwrap().push(other);
        let mut ask = ask("asha", "restart", "pay-db");
        ask["supports"].as_array_mut().unwrap().push(json!({"incident": "INC-200"}));
        told(&policies, &w, &ask, NOW).decision
    };
    assert_eq!(seen([1, 2]), Answer::Permit);
    assert_eq!(seen([2, 1]), Answer::Deny, "the other one is more severe");
    assert_eq!(seen([2, 2]), Answer::Permit, "the first in order");
}

#[test]
fn policies_are_told_that_an_incident_is_open_and_who_responds_to_it() {
    let policies = POLICIES.replace(
        "context.incident.covers }",
        "context.incident.covers && context.incident.open && context.incident.responder }",
    );
    let mut w = world();
    let hers = over(w["shifts"][0].clone(), json!({"id": "S-8", "person": EVE}));
    w["shifts"].as_array_mut().unwrap().push(hers);
    for (responders, asha, eve) in [
        (json!([]), Answer::Deny, Answer::Deny),
        (json!([EVE]), Answer::Deny, Answer::Permit),
        (json!(["Glasskey::Person::\"asha\"", EVE]), Answer::Permit, Answer::Permit),
    ] {
        w["incidents"][0]["responders"] = responders;
        assert_eq!(told(&policies, &w, &ask("asha", "restart", "pay-db"), NOW).decision, asha);
        let supports = json!({"supports": [{"incident": "INC-100"}, {"shift": "S-8"}]});
        let ask = over(ask("eve", "restart", "pay-db"), supports);
        assert_eq!(told(&policies, &w, &ask, NOW).decision, eve);
    }
}

#[test]
fn the_history_that_was_read_stands_in_the_evidence() {
    let policies = POLICIES
        .replace("context.incident.covers }", "context.incident.covers && context.history.grants_24h < 3 }");
    let (bundle, mut w) = (compile(&policies), world());
    w["history"] = json!([{"principal": "Glasskey::Person::\"asha\"", "grants_24h": 2, "extensions": 0,
        "refusals_10m": 0, "overdue_reviews": 0, "emergencies_7d": 0, "chain": "0s",
        "observed_at": "2026-03-01T02:05:00Z"}]);
    let ask = request(ask("asha", "restart", "pay-db"));
    let (d, evidence) = decide_with_evidence(&bundle, &facts_of(&bundle, &w), &ask, at(NOW));
    assert_eq!((d.decision, d.rule.as_deref()), (Answer::Permit, Some("oncall")), "{d:#?}");
    assert_eq!(evidence.facts["history"][0]["grants_24h"], 2, "{}", evidence.facts);
}

#[test]
fn what_is_reached_from_attribute_to_attribute_stands_in_the_evidence_and_no_more() {
    let reached = |condition: &str| {
        let policies = POLICIES
            .replace("context.incident.covers }", &format!("context.incident.covers && {condition} }}"));
        let (bundle, mut w) = (compile(&policies), world());
        let group =
            |id: &str| json!({"uid": {"type": "Glasskey::Group", "id": id}, "attrs": {}, "parents": []});
        let of = |id: &str| json!({"__entity": {"type": "Glasskey::Group", "id": id}});
        let entities = w["entities"].as_array_mut().unwrap();
        entities.extend([group("owners"), group("team"), group("other")]);
        for entity in entities.iter_mut() {
            match entity["uid"]["id"].as_str() {
                Some("asha") => entity["attrs"] = json!({"team": of("team")}),
                Some("pay-db") => entity["attrs"]["owner"] = of("owners"),
                _ => {}
            }
        }
        let ask = request(ask("asha", "restart", "pay-db"));
        let facts = facts_of(&bundle, &w);
        let (d, evidence) = decide_with_evidence(&bundle, &facts, &ask, at(NOW));
        assert_eq!(decide_again(&bundle, &evidence).unwrap(), d);
        let entities = evidence.facts["entities"].as_array().unwrap();
        let groups = entities.iter().filter(|e| e["uid"]["type"] == "Glasskey::Group");
        groups.map(|e| e["uid"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(reached("true"), ["eng"], "the group that she is in");
    assert_eq!(reached("resource has owner && !(principal in resource.owner)"), ["eng", "owners"]);
    assert_eq!(reached("principal has team && !(principal in principal.team)"), ["eng", "team"]);
}

#[test]
fn each_of_two_actions_stands_in_its_group() {
    let policies = format!(
        "{POLICIES}\n@id(\"only\") forbid (principal, action, resource is Glasskey::System) \
         unless {{ action in Glasskey::Action::\"privileged\" }};"
    );
    let mut both = emergency("eve", "drop");
    both["scope"].as_array_mut().unwrap().push(ask("eve", "restart", "pay-db")["scope"][0].clone());
    let d = told(&policies, &world(), &both, NOW);
    assert_eq!((d.decision, d.rule.as_deref()), (Answer::Pending, Some("dual")), "{d:#?}");
}

#[test]
fn a_rule_that_is_named_and_not_open_says_why_and_what_else_to_ask() {
    let policies =
        POLICIES.replace("@id(\"dual\")", "@id(\"dual\") @advice(\"say that it is an emergency\")");
    let named = |who: Value, rule: &str| {
        let mut w = world();
        w["entities"].as_array_mut().unwrap().push(json!({"uid": {"type": "Glasskey::Agent", "id": "bot"},
            "attrs": {}, "parents": []}));
        let ask = over(ask("asha", "restart", "pay-db"), json!({"principal": who, "rule": rule}));
        told(&policies, &w, &over(ask, json!({"supports": [{"incident": "INC-100"}]})), NOW)
    };
    let d = named(json!("Glasskey::Person::\"asha\""), "dual");
    let advice = "say that it is an emergency";
    assert_eq!(json!(d.reasons), json!([{"code": "not_permitted", "policy": "dual", "advice": advice}]));
    assert_eq!(d.next_action, NextAction::Request);
    // Another rule would be open, but it was not named.
    let d = told(&policies, &world(), &over(ask("asha", "restart", "pay-db"), json!({"rule": "dual"})), NOW);
    assert_eq!(json!(d.reasons), json!([{"code": "not_permitted", "policy": "dual", "advice": advice}]));
    let d = named(json!("Glasskey::Agent::\"bot\""), "dual");
    assert_eq!(json!(d.reasons), json!([{"code": "actor_kind", "policy": "dual"}]));
    assert_eq!((d.missing.len(), d.next_action), (0, NextAction::None));
    let d = named(json!("Glasskey::Person::\"asha\""), "oncall");
    let [Missing::Support { kind, resource }] = &d.missing[..] else { panic!("{d:#?}") };
    assert_eq!((kind.as_str(), resource.id()), ("shift", "pay-db"));
    assert_eq!(d.next_action, NextAction::Request, "{d:#?}");
}

#[test]
fn a_fact_that_a_rule_lacks_is_told_with_the_rule() {
    let mut w = world();
    w["shifts"][0]["observed_at"] = json!("2026-03-01T01:59:00Z");
    let d = told(POLICIES, &w, &ask("asha", "restart", "pay-db"), NOW);
    assert_eq!(json!(d.reasons), json!([{"code": "fact_unknown", "policy": "oncall", "fact": "shift:S-7"}]));
    let Missing::Fact { rule, .. } = &d.missing[0] else { panic!("{d:#?}") };
    assert_eq!(rule.as_deref(), Some("oncall"));
    // With that fact nobody would have to approve what waits for approvals now.
    let around = |ask: Value| {
        let d = told(POLICIES, &w, &over(ask, json!({"emergency": true})), NOW);
        assert_eq!((d.decision, d.rule.as_deref()), (Answer::Pending, Some("dual")));
        let facts = d.missing.iter().filter(|m| matches!(m, Missing::Fact { .. }));
        facts.map(|m| json!(m)["fact"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(around(ask("asha", "restart", "pay-db")), ["shift:S-7"]);
    assert!(around(over(ask("asha", "restart", "pay-db"), json!({"rule": "dual"}))).is_empty());
}

#[test]
fn what_is_told_of_several_pairs_names_the_pair_and_is_told_once() {
    let mut two = ask("asha", "restart", "pay-db");
    let other = ask("asha", "restart", "hr-db")["scope"][0].clone();
    two["scope"].as_array_mut().unwrap().push(other.clone());
    let d = told(POLICIES, &world(), &two, NOW);
    let pairs: Vec<Value> = d.reasons.iter().map(|r| json!(r.pair)).collect();
    assert!(!pairs.is_empty() && pairs.iter().all(|pair| *pair == other), "{d:#?}");
    let mut seen = Vec::new();
    assert!(
        d.missing.iter().all(|m| !seen.contains(&m) && {
            seen.push(m);
            true
        }),
        "{d:#?}"
    );
    // A fact that a guardrail lacks on both is missing once.
    let unknown = format!(
        "{POLICIES}\n@id(\"idp-up\") forbid (principal, action == Ops::Action::\"restart\", resource) \
         when {{ context.signals has idp && context.signals.idp.state == \"up\" }};"
    );
    let d = told(&unknown, &world(), &two, NOW);
    let facts = d.missing.iter().filter(|m| matches!(m, Missing::Fact { .. })).count();
    assert_eq!(facts, 1, "{d:#?}");
}

#[test]
fn an_evaluation_has_an_id_of_its_own_and_the_same_one_again() {
    let bundle = bundle();
    let facts = facts_of(&bundle, &world());
    let id = |ask: &Value, now: &str| {
        let d = decide(&bundle, &facts, &request(ask.clone()), at(now));
        d.evaluation_id.unwrap()
    };
    let first = ask("asha", "restart", "pay-db");
    let ids = [
        id(&first, NOW),
        id(&ask("asha", "restart", "core-db"), NOW),
        id(&first, "2026-03-01T02:05:05.001Z"),
    ];
    assert_eq!(id(&first, NOW), ids[0]);
    assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2], "{ids:?}");
    let hex = ids[0].strip_prefix("eval_").unwrap();
    assert!(hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()), "{hex}");
}

#[test]
fn many_at_once_are_each_decided_as_one() {
    let bundle = bundle();
    let facts = facts_of(&bundle, &world());
    let asks = [ask("asha", "restart", "pay-db"), ask("eve", "restart", "hr-db"), emergency("eve", "drop")];
    let asks: Vec<_> = asks.into_iter().map(request).collect();
    let each: Vec<Decision> = asks.iter().map(|ask| decide(&bundle, &facts, ask, at(NOW))).collect();
    assert_eq!(decide_many(&bundle, &facts, &asks, at(NOW)), each);
    for (ask, whole) in asks.iter().zip(&each) {
        let short = answer(&bundle, &facts, ask, at(NOW));
        assert_eq!(
            (short.decision, short.rule, short.ends_at, short.valid_until),
            (whole.decision, whole.rule.clone(), whole.ends_at, whole.valid_until)
        );
    }
}

#[test]
fn incidents_are_found_though_they_are_no_entities() {
    let policies = format!(
        "{POLICIES}\n@id(\"declare\") permit (principal in Glasskey::Group::\"eng\",
         action == Glasskey::Action::\"close\", resource is Glasskey::Incident);"
    );
    let bundle = compile(&policies);
    let facts: Facts = facts_of(&bundle, &world());
    let incident = "Glasskey::Incident::\"INC-100\"";
    let asked = request(json!({"principal": "Glasskey::Person::\"asha\"",
        "scope": [{"action": "Glasskey::Action::\"close\"", "resource": incident}]}));
    let people = who_can(&bundle, &facts, &asked, at(NOW));
    let people: Vec<&str> = people.iter().map(|found| found.principal.id()).collect();
    assert_eq!(people, ["asha", "bob", "eve"]);
    let things: Vec<String> = what_can(&bundle, &facts, &asked, at(NOW))
        .iter()
        .filter(|found| found.scope[0].action.id() == "close")
        .map(|found| found.scope[0].resource.to_string())
        .collect();
    assert_eq!(things, [incident]);
}
