//! The encoding is honest: what the solver says of random conditions is what Cedar says of
//! thousands of concrete requests.

use crate::offer;
use crate::pack::{Pack, Way, set};
use crate::prove::with_guards;
use crate::solver::{Answer, Limits, Prover, allows, compile};
use cedar_policy::{Authorizer, Context, Decision, Entities, PolicySet, Request};
use cedar_policy_symcc::CompiledPolicySet;
use serde_json::{Value, json};
use std::path::Path;

/// A fixed sequence of numbers; the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

fn starter() -> Pack {
    Pack::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/starter")).unwrap()
}

const ATOMS: &[&str] = &[
    "context.emergency",
    "context.purpose == \"\"",
    "(resource has tier && resource.tier >= 1)",
    "(principal has shared && principal.shared)",
    "(context has incident && context.incident.open && context.incident.covers)",
    "(context has incident && context.incident.severity <= 2)",
    "context.offer.seats < 2",
    "context.offer.seats >= 1",
    "context.offer.ttl > duration(\"1h\")",
    "context.offer.ttl <= duration(\"15m\")",
    "context.history.overdue_reviews > 0",
    "context.history.emergencies_7d >= 2",
    "principal in Glasskey::Group::\"contractors\"",
    "resource in Glasskey::System::\"choke-points\"",
    "context.now >= datetime(\"2026-03-01T00:00:00Z\")",
    "context.channel like \"cons*\"",
];

fn condition(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 || dice.below(4) == 0 {
        return dice.of(ATOMS).to_owned();
    }
    let (left, right) = (condition(dice, depth - 1), condition(dice, depth - 1));
    match dice.below(4) {
        0 => format!("!({left})"),
        1 => format!("({left} && {right})"),
        2 => format!("(if {left} then {right} else {})", dice.of(ATOMS)),
        _ => format!("({left} || {right})"),
    }
}

fn concrete(dice: &mut Dice, way: &Way, pack: &Pack) -> (Request, Entities) {
    let span = |text: &str| json!({ "__extn": { "fn": "duration", "arg": text } });
    let at = |text: &str| json!({ "__extn": { "fn": "datetime", "arg": text } });
    let mut context = json!({
        "now": at(dice.of(&["2026-02-28T23:59:59.999Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"])),
        "purpose": dice.of(&["", "restore"]),
        "emergency": dice.coin(),
        "requested_ttl": span("1h"),
        "channel": dice.of(&["console", "con", ""]),
        "actor": { "kind": way.kind.unwrap().as_str(), "depth": dice.below(4) },
        "history": { "grants_24h": 0, "extensions": 0, "refusals_10m": dice.of(&[0, 4, 5]),
            "overdue_reviews": dice.below(2), "emergencies_7d": dice.below(4), "chain": span("0ms") },
        "signals": {}, "host": {},
        "offer": { "rule": "any", "seats": dice.below(4), "obligations": [],
            "ttl": span(dice.of(&["1m", "15m", "900001ms", "1h", "3600001ms", "4h"])) },
    });
    if dice.coin() {
        context["incident"] = json!({ "id": "I", "epoch": 1, "open": dice.coin(), "severity": 1 + dice.below(3),
            "source": "x", "opened_at": at("2026-03-01T00:00:00Z"), "covers": dice.coin(), "responder": dice.coin() });
    }
    for name in ["idp", "governor"] {
        if dice.coin() {
            context["signals"][name] = json!({ "state": dice.of(&["up", "down"]), "probes": dice.below(4) });
        }
    }
    let mut who = json!({});
    let mut what = json!({});
    if dice.coin() {
        who["shared"] = Value::Bool(dice.coin());
    }
    if dice.coin() {
        what["tier"] = json!(dice.below(3));
    }
    if dice.coin() {
        what["emergency_only"] = Value::Bool(dice.coin());
    }
    let parents = |all: &[(&str, &str)], dice: &mut Dice| -> Vec<Value> {
        let some = all.iter().filter(|_| dice.coin());
        some.map(|(kind, id)| json!({ "type": kind, "id": id })).collect()
    };
    let group = "Glasskey::Group";
    let system = "Glasskey::System";
    let entities = json!([
        { "uid": { "type": way.env.principal().to_string(), "id": "who" }, "attrs": who,
          "parents": parents(&[(group, "contractors"), (group, "breakglass")], dice) },
        { "uid": { "type": way.env.resource().to_string(), "id": "what" }, "attrs": what,
          "parents": parents(&[(system, "choke-points")], dice) },
    ]);
    let entities = Entities::from_json_value(entities, Some(&pack.schema)).unwrap();
    let action = way.env.action().clone();
    let context = Context::from_json_value(context, Some((&pack.schema, &action))).unwrap();
    let uid = |kind: &str, id: &str| format!("{kind}::\"{id}\"").parse().unwrap();
    let request = Request::new(
        uid(&way.env.principal().to_string(), "who"),
        action,
        uid(&way.env.resource().to_string(), "what"),
        context,
        Some(&pack.schema),
    );
    (request.unwrap(), entities)
}

fn permits(set: &PolicySet, case: &(Request, Entities)) -> bool {
    Authorizer::new().is_authorized(&case.0, set, &case.1).decision() == Decision::Allow
}

#[test]
fn the_solver_and_cedar_agree_on_random_conditions_under_the_guardrails() {
    let pack = starter();
    let mut prover = Prover::new(Limits::default()).unwrap();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let person = Some(glasskey::model::ActorKind::Person);
    let ways: Vec<&Way> = pack.ways.iter().filter(|w| w.privileged && w.kind == person).collect();
    let (mut proved, mut refuted, mut cases) = (0, 0, 0);
    for round in 0..60 {
        let way = ways[dice.below(ways.len())];
        let asked = condition(&mut dice, 3);
        // Half of them are true by construction, so that both answers occur.
        let must = condition(&mut dice, 2);
        let must = if round % 2 == 0 { must } else { format!("({asked}) || ({must})") };
        let permit = offer::permit_when(&asked, true).unwrap();
        let all = with_guards(&pack, permit).unwrap();
        let must = set([offer::permit_when(&must, true).unwrap()]).unwrap();
        let one = CompiledPolicySet::compile(&all, &way.env, &pack.schema).unwrap();
        let other = CompiledPolicySet::compile(&must, &way.env, &pack.schema).unwrap();
        let answer = prover.implies(&one, &other);
        match &answer {
            Answer::Proved => proved += 1,
            Answer::Refuted(env) => {
                refuted += 1;
                assert!(allows(&all, env) && !allows(&must, env), "{asked}: the example is none");
            }
            Answer::Unknown(why) => panic!("{asked}: {why}"),
        }
        for _ in 0..100 {
            let case = concrete(&mut dice, way, &pack);
            cases += 1;
            let counterexample = permits(&all, &case) && !permits(&must, &case);
            assert!(
                !counterexample || matches!(answer, Answer::Refuted(_)),
                "{asked}: called proved, and {case:?} refutes it"
            );
        }
    }
    assert!(
        proved >= 20 && refuted >= 10 && cases == 6000,
        "{proved} proved, {refuted} refuted, {cases} cases"
    );
}

#[test]
fn what_is_proved_of_a_policys_errors_is_true_of_concrete_requests() {
    let pack = starter();
    let mut prover = Prover::new(Limits::default()).unwrap();
    let mut dice = Dice(7);
    let way = pack.ways.iter().find(|w| w.privileged).unwrap();
    for (condition, errs) in [
        ("context.history.grants_24h + 1 > 0", true),
        ("context.offer.seats * 2 > 2", true),
        ("context.emergency || context.history.extensions - 1 > 0", true),
        ("context.offer.seats > 2", false),
    ] {
        let permit = offer::permit_when(condition, true).unwrap();
        let answer = prover.never_errs(&compile(&permit, &way.env, &pack.schema).unwrap());
        assert_eq!(matches!(answer, Answer::Refuted(_)), errs, "{condition}: {answer:?}");
        let alone = set([permit]).unwrap();
        if let Answer::Refuted(env) = &answer {
            let response = Authorizer::new().is_authorized(&env.request, &alone, &env.entities);
            assert_eq!(response.diagnostics().errors().count(), 1, "{condition}");
        }
        for _ in 0..200 {
            let (request, entities) = concrete(&mut dice, way, &pack);
            let response = Authorizer::new().is_authorized(&request, &alone, &entities);
            assert!(errs || response.diagnostics().errors().count() == 0, "{condition}");
        }
    }
}
