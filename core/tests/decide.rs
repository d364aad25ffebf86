//! What decide must answer, case by case.

mod common;

use common::*;
use glasskey::model::{Limit, Missing, NextAction, ReasonCode, SupportKind};
use glasskey::{Answer, Decision, Digest, decide, decide_with_evidence, explain};
use serde_json::{Value, json};

fn run(policies: &str, world: &Value, ask: Value, now: &str) -> Decision {
    let bundle = compile(policies);
    let facts = facts_of(&bundle, world);
    decide(&bundle, &facts, &request(ask), at(now))
}

#[test]
fn an_on_call_person_with_an_open_incident_is_permitted_until_the_rule_ends_it() {
    let d = run(POLICIES, &world(), ask("asha", "restart", "pay-db"), NOW);
    assert_eq!(d.decision, Answer::Permit, "{d:#?}");
    assert_eq!(d.rule.as_deref(), Some("oncall"));
    assert_eq!((d.ends_at, d.ends_by), (Some(at("2026-03-01T02:35:05Z")), Some(Limit::RuleTtl)));
    assert_eq!(
        (d.valid_until, d.valid_by),
        (Some(at("2026-03-01T02:06:00Z")), Some(Limit::IncidentFreshness))
    );
    assert_eq!(d.next_action, NextAction::None);
    assert_eq!(d.obligations.len(), 1);
}

#[test]
fn an_open_incident_is_no_master_key() {
    let d = run(POLICIES, &world(), ask("asha", "restart", "hr-db"), NOW);
    assert_eq!(d.decision, Answer::Deny);
    assert!(codes(&d).contains(&ReasonCode::OutOfIncidentScope), "{d:#?}");
    assert!(d.missing.iter().any(|m| matches!(m, Missing::Support { kind: SupportKind::Incident, .. })));
    assert_eq!(d.next_action, NextAction::Request);
}

#[test]
fn a_shift_observed_too_long_ago_is_unknown_and_leaves_the_path_that_does_not_read_it() {
    let mut w = world();
    w["shifts"][0]["observed_at"] = json!("2026-03-01T01:59:00Z");
    let d = run(POLICIES, &w, ask("asha", "restart", "pay-db"), NOW);
    assert_eq!(d.decision, Answer::Deny);
    assert!(codes(&d).contains(&ReasonCode::FactUnknown));
    assert!(
        d.missing.iter().any(|m| matches!(m, Missing::Fact { fact, .. } if fact == "shift:S-7")),
        "{d:#?}"
    );
    assert_eq!(d.next_action, NextAction::Retry);
    let mut emergency = ask("asha", "restart", "pay-db");
    emergency["emergency"] = json!(true);
    let d = run(POLICIES, &w, emergency, NOW);
    assert_eq!((d.decision, d.rule.as_deref()), (Answer::Pending, Some("dual")));
}

#[test]
fn a_forbid_that_errs_or_reads_an_unknown_fact_fires() {
    let erring = format!(
        "{POLICIES}\n@id(\"overflow\") forbid (principal, action == Ops::Action::\"restart\", resource) \
         when {{ 9223372036854775807 + resource.tier > 0 }};"
    );
    // Strict validation wants `has`; a guard whose arithmetic overflows still validates.
    let erring = erring.replace(
        "resource) when { 9223372036854775807 + resource.tier",
        "resource is Glasskey::System) when { resource has tier && 9223372036854775807 + resource.tier",
    );
    let d = run(&erring, &world(), ask("asha", "restart", "pay-db"), NOW);
    assert_eq!(d.decision, Answer::Deny);
    assert_eq!(codes(&d)[0], ReasonCode::PolicyError, "{d:#?}");
    let unknown = format!(
        "{POLICIES}\n@id(\"idp-up\") forbid (principal, action == Ops::Action::\"restart\", resource) \
         when {{ context.signals has idp && context.signals.idp.state == \"up\" }};"
    );
    let d = run(&unknown, &world(), ask("asha", "restart", "pay-db"), NOW);
    assert_eq!((d.decision, codes(&d)[0]), (Answer::Deny, ReasonCode::FactUnknown));
    let mut w = world();
    w["signals"] = json!([{"name": "idp", "state": "down", "source": "a"}]);
    assert_eq!(run(&unknown, &w, ask("asha", "restart", "pay-db"), NOW).decision, Answer::Permit);
}

#[test]
fn a_better_rule_refused_by_a_guardrail_on_its_offer_makes_room_for_the_next() {
    let policies = format!(
        "{POLICIES}\n@id(\"long\") @max_ttl(\"8h\") @ttl(\"8h\") @quorum(\"none\") @priority(\"99\") \
         permit (principal is Glasskey::Person, action == Ops::Action::\"restart\", resource);"
    );
    let d = run(&policies, &world(), ask("asha", "restart", "core-db"), NOW);
    assert_eq!((d.decision, d.rule.as_deref()), (Answer::Permit, Some("oncall")), "{d:#?}");
    let d = run(&policies, &world(), ask("asha", "restart", "pay-db"), NOW);
    assert_eq!(d.rule.as_deref(), Some("long"), "no guardrail on tier 1");
    let mut named = ask("asha", "restart", "core-db");
    named["rule"] = json!("long");
    let d = run(&policies, &world(), named, NOW);
    assert_eq!((d.decision, codes(&d)[0]), (Answer::Deny, ReasonCode::Forbidden));
    assert_eq!(d.reasons[0].advice.as_deref(), Some("ask for 30 minutes"));
}

fn dual(who: &str) -> Value {
    json!({"principal": format!("Glasskey::Person::\"{who}\""), "emergency": true,
        "scope": [{"action": "Ops::Action::\"drop\"", "resource": "Glasskey::System::\"pay-db\""}]})
}

fn approved(mut ask: Value, digest: &Value, by: &[&str]) -> Value {
    let all: Vec<Value> =
        by.iter().map(|by| json!({"by": by, "at": "2026-03-01T02:04:00Z", "ask": digest})).collect();
    ask["approvals"] = json!(all);
    ask
}

#[test]
fn only_one_assignment_fills_both_seats_and_it_is_found() {
    let pending = run(POLICIES, &world(), dual("eve"), NOW);
    assert_eq!(pending.decision, Answer::Pending);
    let digest = json!(pending.ask);
    let (bob, ann) = ("Glasskey::Person::\"bob\"", "Glasskey::Person::\"ann\"");
    let d = run(POLICIES, &world(), approved(dual("eve"), &digest, &[bob, ann]), NOW);
    assert_eq!(d.decision, Answer::Permit, "{d:#?}");
    let seats: Vec<(String, String)> = d.seats.iter().map(|s| (s.seat.clone(), s.by.to_string())).collect();
    assert_eq!(seats, [("eng".to_owned(), bob.to_owned()), ("sec".to_owned(), ann.to_owned())]);
    // Bob alone leaves one seat, either of them.
    let d = run(POLICIES, &world(), approved(dual("eve"), &digest, &[bob]), NOW);
    let Missing::Seat { seat, or, .. } = &d.missing[0] else { panic!("{d:#?}") };
    assert_eq!((d.missing.len(), seat.seat.as_str(), or[0].seat.as_str()), (1, "sec", "eng"));
    assert_eq!(seat.candidates.iter().map(ToString::to_string).collect::<Vec<_>>(), [ann]);
    // The requester's own alias does not count, nor does an unknown one.
    let d = run(POLICIES, &world(), approved(dual("eve"), &digest, &[bob, "eve.l@corp", "nobody@corp"]), NOW);
    assert_eq!(d.decision, Answer::Pending);
    assert!(
        codes(&d).contains(&ReasonCode::ApproverConflict) && codes(&d).contains(&ReasonCode::ApproverUnknown)
    );
}

#[test]
fn approvals_count_only_for_exactly_this_ask_and_only_in_time() {
    let digest = json!(run(POLICIES, &world(), dual("eve"), NOW).ask);
    let by = ["Glasskey::Person::\"bob\"", "Glasskey::Person::\"ann\""];
    let mut longer = dual("eve");
    longer["ttl"] = json!("3h");
    let d = run(POLICIES, &world(), approved(longer, &digest, &by), NOW);
    assert_eq!(d.decision, Answer::Pending);
    assert!(codes(&d).contains(&ReasonCode::ApprovalUnbound));
    let d = run(POLICIES, &world(), approved(dual("eve"), &digest, &by), "2026-03-01T02:14:00Z");
    assert!(codes(&d).contains(&ReasonCode::ApprovalExpired), "{d:#?}");
    let d = run(POLICIES, &world(), approved(dual("eve"), &digest, &by), "2026-03-01T02:13:59.999Z");
    assert_eq!(d.decision, Answer::Permit);
    assert_eq!((d.valid_until, d.valid_by), (Some(at("2026-03-01T02:14:00Z")), Some(Limit::ApprovalExpiry)));
}

#[test]
fn a_seat_that_nobody_can_fill_is_refused_and_never_waved_through() {
    let mut w = world();
    let entities = w["entities"].as_array_mut().unwrap();
    entities.retain(|e| e["uid"]["id"] != "ann" && e["uid"]["id"] != "bob");
    let d = run(POLICIES, &w, dual("eve"), NOW);
    assert_eq!((d.decision, codes(&d)[0]), (Answer::Deny, ReasonCode::QuorumUnreachable), "{d:#?}");
}

#[test]
fn structural_refusals_come_before_any_rule() {
    let mut w = world();
    w["locks"] = json!([{"target": "Glasskey::System::\"payments\"", "reason": "forensics"}]);
    let d = run(POLICIES, &w, ask("asha", "restart", "pay-db"), NOW);
    assert_eq!((d.decision, codes(&d)), (Answer::Deny, vec![ReasonCode::Locked]));
    w["locks"] = json!([{"target": "*"}]);
    assert_eq!(codes(&run(POLICIES, &w, ask("asha", "restart", "pay-db"), NOW)), [ReasonCode::Locked]);
    w["locks"] = json!([{"target": "*", "until": "2026-03-01T02:05:05Z"}]);
    assert_eq!(run(POLICIES, &w, ask("asha", "restart", "pay-db"), NOW).decision, Answer::Permit);
    let mut w = world();
    w["entities"][0]["attrs"] = json!({"shared": true});
    assert_eq!(codes(&run(POLICIES, &w, ask("asha", "restart", "pay-db"), NOW)), [ReasonCode::NotAPerson]);
    assert_eq!(
        codes(&run(POLICIES, &world(), ask("zoe", "restart", "pay-db"), NOW)),
        [ReasonCode::UnknownPrincipal]
    );
    assert_eq!(
        codes(&run(POLICIES, &world(), ask("asha", "restart", "nope"), NOW)),
        [ReasonCode::UnknownResource]
    );
    assert_eq!(
        codes(&run(POLICIES, &world(), ask("asha", "nope", "pay-db"), NOW)),
        [ReasonCode::UnknownAction]
    );
    let mut w = world();
    w["observed_at"] = json!("2026-03-01T02:06:06Z");
    assert_eq!(codes(&run(POLICIES, &w, ask("asha", "restart", "pay-db"), NOW)), [ReasonCode::ClockSuspect]);
}

#[test]
fn a_machine_does_not_come_through_a_human_door() {
    let mut w = world();
    w["entities"].as_array_mut().unwrap().push(
        json!({"uid": {"type": "Glasskey::Agent", "id": "bot"}, "attrs": {"operator": {"__entity": {"type": "Glasskey::Person", "id": "asha"}}}, "parents": []}),
    );
    let mut bot = ask("asha", "restart", "pay-db");
    bot["principal"] = json!("Glasskey::Agent::\"bot\"");
    let d = run(POLICIES, &w, bot, NOW);
    assert_eq!((d.decision, codes(&d)), (Answer::Deny, vec![ReasonCode::ActorKind]), "{d:#?}");
}

#[test]
fn every_pair_must_be_open_under_one_rule_and_the_failing_one_is_named() {
    let mut both = ask("asha", "restart", "pay-db");
    both["scope"]
        .as_array_mut()
        .unwrap()
        .push(json!({"action": "Ops::Action::\"read\"", "resource": "Glasskey::System::\"pay-db\""}));
    let d = run(POLICIES, &world(), both, NOW);
    assert_eq!(d.decision, Answer::Deny);
    assert!(
        d.missing.iter().any(|m| matches!(m, Missing::Drop { pair } if pair.action.id() == "read")),
        "{d:#?}"
    );
}

#[test]
fn limits_are_named_and_the_first_one_ends_the_grant() {
    let late = "2026-03-01T07:50:00Z";
    let mut w = world();
    w["observed_at"] = json!("2026-03-01T07:49:59Z");
    let d = run(POLICIES, &w, ask("asha", "restart", "pay-db"), late);
    assert_eq!((d.ends_at, d.ends_by), (Some(at("2026-03-01T08:00:00Z")), Some(Limit::ShiftEnd)));
    let mut short = ask("asha", "restart", "pay-db");
    short["ttl"] = json!("5m");
    let d = run(POLICIES, &w, short, late);
    assert_eq!((d.ends_at, d.ends_by), (Some(at("2026-03-01T07:55:00Z")), Some(Limit::RequestedTtl)));
    w["entities"][0]["attrs"] = json!({"contract_ends": "2026-03-01T07:52:00Z"});
    let d = run(POLICIES, &w, ask("asha", "restart", "pay-db"), late);
    assert_eq!((d.ends_at, d.ends_by), (Some(at("2026-03-01T07:52:00Z")), Some(Limit::ContractEnd)));
    w["observed_at"] = json!("2026-03-01T07:51:59Z");
    let d = run(POLICIES, &w, ask("asha", "restart", "pay-db"), "2026-03-01T07:52:00Z");
    assert_eq!((d.decision, codes(&d)), (Answer::Deny, vec![ReasonCode::NoTimeLeft]));
    assert_eq!(d.reasons[0].detail.as_deref(), Some("contract_end at 2026-03-01T07:52:00.000Z"));
}

#[test]
fn a_request_brings_no_context_that_the_pack_does_not_ask_for() {
    let mut more = ask("asha", "restart", "pay-db");
    more["host"] = json!({"ticket": "T-1"});
    let d = run(POLICIES, &world(), more, NOW);
    assert_eq!((d.decision, codes(&d)), (Answer::Deny, vec![ReasonCode::BadHostContext]));
}

#[test]
fn an_answer_holds_no_longer_than_a_grant_may_lie_idle() {
    let idle = POLICIES.replace("@id(\"oncall\")", "@id(\"oncall\") @idle(\"10s\")");
    let d = run(&idle, &world(), ask("asha", "restart", "pay-db"), NOW);
    assert_eq!(d.decision, Answer::Permit, "{d:#?}");
    assert_eq!((d.valid_until, d.valid_by), (Some(at("2026-03-01T02:05:15Z")), Some(Limit::Idle)));
}

#[test]
fn what_is_approved_names_the_epoch_of_the_incident() {
    let asked = |epoch: i64, named: Value| {
        let mut w = world();
        w["incidents"][0]["epoch"] = json!(epoch);
        let mut ask = ask("asha", "drop", "pay-db");
        ask["emergency"] = json!(true);
        ask["supports"] = json!([named]);
        let d = run(POLICIES, &w, ask, NOW);
        d.ask.unwrap_or_else(|| panic!("{d:#?}"))
    };
    let any = json!({"incident": "INC-100"});
    assert_ne!(asked(1, any.clone()), asked(2, any.clone()), "a reopened incident is another ask");
    assert_eq!(asked(1, any), asked(1, json!({"incident": "INC-100", "epoch": 1})));
}

#[test]
fn what_is_recorded_is_what_was_decided() {
    let bundle = bundle();
    let facts = facts_of(&bundle, &world());
    let ask = request(ask("asha", "restart", "pay-db"));
    let (recorded, evidence) = decide_with_evidence(&bundle, &facts, &ask, at(NOW));
    assert_eq!(decide(&bundle, &facts, &ask, at(NOW)), recorded);
    assert_eq!(recorded.evidence, Some(Digest::of_canonical(&evidence.facts)));
    assert!(evidence.facts["entities"].as_array().is_some_and(|read| !read.is_empty()));
}

#[test]
fn the_horizon_knows_when_a_comparison_with_the_time_flips() {
    for (condition, flips) in [
        ("context.now < datetime(\"2026-03-01T02:05:30Z\")", "2026-03-01T02:05:30.000Z"),
        ("context.now <= datetime(\"2026-03-01T02:05:30Z\")", "2026-03-01T02:05:30.001Z"),
        (
            "context.now.durationSince(datetime(\"2026-03-01T02:00:00Z\")) < duration(\"5m30s\")",
            "2026-03-01T02:05:30.000Z",
        ),
        ("context.now.toTime() < duration(\"2h5m40s\")", "2026-03-01T02:05:40.000Z"),
        (
            "context.now.offset(duration(\"1h\")) < datetime(\"2026-03-01T03:05:20Z\")",
            "2026-03-01T02:05:20.000Z",
        ),
    ] {
        let policies = POLICIES
            .replace("context.incident.covers }", &format!("context.incident.covers && {condition} }}"));
        let d = run(&policies, &world(), ask("asha", "restart", "pay-db"), NOW);
        assert_eq!(d.decision, Answer::Permit, "{condition}: {d:#?}");
        assert_eq!((d.valid_until, d.valid_by), (Some(at(flips)), Some(Limit::PolicyTime)), "{condition}");
        let flipped = run(&policies, &world(), ask("asha", "restart", "pay-db"), flips);
        assert_eq!(flipped.decision, Answer::Deny, "{condition}");
    }
}

#[test]
fn explain_shows_the_first_condition_that_failed() {
    let bundle = bundle();
    let facts = facts_of(&bundle, &world());
    let mut ask = ask("asha", "restart", "pay-db");
    ask["supports"] = json!([{"incident": "INC-100"}]);
    let e = explain(&bundle, &facts, &request(ask), at(NOW));
    let oncall = e.considered.iter().find(|c| c.rule == "oncall").unwrap();
    let label = oncall.failed.as_ref().unwrap();
    assert_eq!((label.file.as_str(), label.line), ("a.cedar", 4), "{e:#?}");
    assert!(label.text.contains("context has shift"));
    assert!(
        e.decision.missing.iter().any(|m| matches!(m, Missing::Support { kind: SupportKind::Shift, .. }))
    );
}

#[test]
fn explain_names_the_guardrail_that_refuses_a_rule_and_the_pair_that_stops_it() {
    let bundle = bundle();
    let facts = facts_of(&bundle, &world());
    let mut long = ask("asha", "restart", "core-db");
    long["emergency"] = json!(true);
    long["ttl"] = json!("3h");
    long["supports"] = json!([{"incident": "INC-100"}]);
    let explained = |ask: &Value, rule: &str| {
        let e = json!(explain(&bundle, &facts, &request(ask.clone()), at(NOW)));
        let rules = e["considered"].as_array().unwrap().clone();
        rules.into_iter().find(|c| c["rule"] == rule).unwrap_or_else(|| panic!("{e:#}"))
    };
    let dual = explained(&long, "dual");
    assert_eq!((&dual["outcome"], &dual["because"]), (&json!("refused"), &json!(["short-on-tier-0"])));
    let oncall = explained(&long, "oncall");
    assert_eq!(
        (&oncall["outcome"], oncall.get("pair")),
        (&json!("condition"), None),
        "one pair needs no name"
    );
    let mut two = common::ask("asha", "restart", "pay-db");
    let other = common::ask("asha", "restart", "hr-db")["scope"][0].clone();
    two["scope"].as_array_mut().unwrap().push(other.clone());
    assert_eq!(explained(&two, "oncall")["pair"], other);
}

#[test]
fn rules_that_ask_the_same_are_each_explained_by_their_own_text() {
    let condition = "when { context has shift && context.shift.covers && context has incident && context.incident.covers };";
    let again = format!(
        "{POLICIES}
@id(\"again\") @max_ttl(\"1h\") @quorum(\"none\")
permit (principal is Glasskey::Person, action == Ops::Action::\"restart\", resource is Glasskey::System)
{condition}"
    );
    let bundle = compile(&again);
    let facts = facts_of(&bundle, &world());
    let mut ask = ask("asha", "restart", "pay-db");
    ask["supports"] = json!([{"incident": "INC-100"}]);
    let e = explain(&bundle, &facts, &request(ask), at(NOW));
    let last = again.lines().count() as u32;
    for (rule, line) in [("oncall", 4), ("again", last)] {
        let label = e.considered.iter().find(|c| c.rule == rule).unwrap().failed.as_ref().unwrap();
        assert_eq!((label.line, label.column), (line, 8), "{e:#?}");
        assert_eq!(label.text, condition);
    }
}

#[test]
fn a_condition_may_ask_which_group_the_action_stands_in() {
    let policies = format!(
        "{POLICIES}
@id(\"no-privilege\")
forbid (principal, action, resource is Glasskey::System)
when {{ action in Glasskey::Action::\"privileged\" }};"
    );
    let d = run(&policies, &world(), ask("asha", "restart", "pay-db"), NOW);
    assert!(codes(&d).contains(&ReasonCode::Forbidden), "{d:#?}");
}
