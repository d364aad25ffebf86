//! No change to a guardrail of the starter pack goes unnoticed by its properties: each of
//! its conditions dropped, negated, or its bounds moved by one.

use crate::common::{Broken, finding, is_refuted, prover};
use cedar_policy::Policy;
use serde_json::{Value, json};

/// Everything that a condition becomes by one small change.
fn mutants(expr: &Value) -> Vec<Value> {
    let mut out = vec![json!({ "!": { "arg": expr } })];
    inner(expr, &mut out);
    out
}

fn inner(expr: &Value, out: &mut Vec<Value>) {
    match expr {
        Value::Object(members) => {
            for (op, operand) in members {
                if matches!(op.as_str(), "&&" | "||") {
                    // A half alone; `has` before an access cannot be dropped, Cedar's types see to it.
                    out.push(operand["left"].clone());
                    out.push(operand["right"].clone());
                }
                if let Some(n) = members.get("Value").and_then(Value::as_i64) {
                    out.extend([json!({ "Value": n + 1 }), json!({ "Value": n - 1 })]);
                }
                if op == "duration" {
                    let text = operand[0]["Value"].as_str().unwrap();
                    let ms = glasskey::Span::parse(text).unwrap().ms();
                    for ms in [ms - 1, ms + 1] {
                        out.push(json!({ "duration": [{ "Value": format!("{ms}ms") }] }));
                    }
                    continue;
                }
                let mut deeper = Vec::new();
                inner(operand, &mut deeper);
                for mutant in deeper {
                    let mut whole = members.clone();
                    whole.insert(op.clone(), mutant);
                    out.push(Value::Object(whole));
                }
            }
        }
        Value::Array(all) => {
            for (i, one) in all.iter().enumerate() {
                let mut deeper = Vec::new();
                inner(one, &mut deeper);
                for mutant in deeper {
                    let mut whole = all.clone();
                    whole[i] = mutant;
                    out.push(Value::Array(whole));
                }
            }
        }
        _ => {}
    }
}

// Two tests, so that they run side by side: the first, third, ... guardrail, and the others.

#[test]
fn no_mutant_of_a_guardrail_survives_its_properties() {
    no_mutant_survives(0);
}

#[test]
fn no_mutant_of_another_guardrail_survives_its_properties() {
    no_mutant_survives(1);
}

fn no_mutant_survives(first: usize) {
    let whole = Broken::starter();
    let pack = whole.pack().unwrap();
    let mut prover = prover();
    let (mut tried, mut survivors) = (0, Vec::new());
    for guard in pack.bundle.guards().iter().skip(first).step_by(2) {
        let watching: Vec<String> = watchers(&pack, guard.id());
        assert!(!watching.is_empty(), "no property says what `{}` is for", guard.id());
        let json = Policy::parse(None, guard.text()).unwrap().to_json().unwrap();
        let again = Policy::from_json(None, json.clone()).unwrap().to_string();
        assert_eq!(Policy::parse(None, again).unwrap().to_json().unwrap(), json, "a change of nothing");
        let conditions = json["conditions"].as_array().cloned().unwrap_or_default();
        let mut changed = Vec::new();
        for (i, condition) in conditions.iter().enumerate() {
            let mut fewer = conditions.clone();
            fewer.remove(i);
            changed.push(fewer);
            for body in mutants(&condition["body"]) {
                let mut other = conditions.clone();
                other[i]["body"] = body;
                changed.push(other);
            }
        }
        for conditions in changed {
            let mut mutant = json.clone();
            mutant["conditions"] = Value::Array(conditions);
            let Ok(policy) = Policy::from_json(None, mutant) else { continue };
            let text = policy.to_string();
            let Ok(broken) = whole.clone().with(guard.text(), &text).pack() else { continue };
            tried += 1;
            let caught = watching.iter().any(|id| {
                let found = finding(&broken, &mut prover, id);
                is_refuted(&found) && !found.witnesses.is_empty()
            });
            if !caught {
                survivors.push(text);
            }
        }
    }
    assert!(tried > 40, "only {tried} mutants");
    println!("{tried} mutants");
    assert!(survivors.is_empty(), "{} of {tried}:\n{}", survivors.len(), survivors.join("\n"));
}

fn watchers(pack: &glasskey_prove::Pack, guard: &str) -> Vec<String> {
    let of = |all: &[String]| all.iter().any(|g| g == guard);
    let own = pack.stated.properties.iter().filter(|p| of(&p.guards)).map(|p| p.id.clone());
    let built_in = pack.stated.guards.iter().filter(|(_, all)| of(all)).map(|(id, _)| id.clone());
    own.chain(built_in).collect()
}

#[test]
fn no_guardrail_can_be_removed_unnoticed() {
    let pack = Broken::starter().pack().unwrap();
    let mut prover = prover();
    for guard in pack.bundle.guards() {
        let broken = Broken::starter().without(guard.id()).pack();
        // The emergency section names one by its id; without it the pack is refused.
        let Ok(broken) = broken else { continue };
        let caught =
            watchers(&pack, guard.id()).iter().any(|id| is_refuted(&finding(&broken, &mut prover, id)));
        assert!(caught, "`{}`", guard.id());
    }
}
