//! Plain Cedar over the whole set gives the same bytes as the compiled rules, for every vector.

use glasskey::{
    Bundle, Command, Evaluator, Evidence, Facts, Instant, Lifecycle, canonical, decide, decide_again,
    decide_again_by, decide_by, decide_with_evidence,
};
use glasskey_conformance::{bundle, facts, request, vectors};
use serde_json::Value;

/// What can be compared; operations that decide nothing have none of it.
struct Compared {
    id: String,
    decisions: usize,
}

impl Compared {
    fn again(&mut self, bundle: &Bundle, evidence: &Evidence) {
        let ours = decide_again(bundle, evidence).expect("evidence of this bundle");
        let cedars =
            decide_again_by(Evaluator::Reference, bundle, evidence).expect("evidence of this bundle");
        assert_eq!(canonical::to_text(&cedars), canonical::to_text(&ours), "{}, again", self.id);
        self.decisions += 1;
    }

    fn request(&mut self, bundle: &Bundle, facts: &Facts, asked: &Value, now: Instant) {
        let Ok(asked) = request(asked) else { return };
        let ours = decide(bundle, facts, &asked, now);
        let cedars = decide_by(Evaluator::Reference, bundle, facts, &asked, now);
        assert_eq!(canonical::to_text(&cedars), canonical::to_text(&ours), "{}", self.id);
        self.again(bundle, &decide_with_evidence(bundle, facts, &asked, now).1);
    }

    fn command(&mut self, life: &mut Lifecycle, command: &Value, now: Instant) {
        let Ok(command) = canonical::from_value::<Command>(command.clone()) else { return };
        let Ok(applied) = life.apply(&command, now) else { return };
        if let (Some(decision), Some(evidence)) = (&applied.decision, &applied.evidence) {
            let bundle = life.bundle();
            if let Ok(cedars) = decide_again_by(Evaluator::Reference, bundle, evidence) {
                assert_eq!(canonical::to_text(&cedars), canonical::to_text(decision), "{}", self.id);
                self.decisions += 1;
            }
        }
    }
}

fn at(value: &Value) -> Option<Instant> {
    Instant::parse(value.as_str()?).ok()
}

fn each<'v>(when: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    when[name].as_array().into_iter().flatten()
}

#[test]
fn every_vector_is_decided_alike_by_plain_cedar() {
    let (mut decisions, mut by_op) = (0, std::collections::BTreeMap::new());
    for vector in vectors() {
        let (given, when) = (&vector["given"], &vector["when"]);
        let Ok(bundle) = bundle(given) else { continue };
        let Ok(facts) = facts(given, &bundle) else { continue };
        let mut compared = Compared { id: vector["id"].to_string(), decisions: 0 };
        if let Some(now) = at(&when["now"]) {
            let asked = when.get("request").into_iter().chain(each(when, "requests"));
            asked.for_each(|asked| compared.request(&bundle, &facts, asked, now));
            let mut life = Lifecycle::new(bundle.clone(), facts.clone());
            each(when, "commands").for_each(|command| compared.command(&mut life, command, now));
        }
        let mut life = Lifecycle::new(bundle.clone(), facts);
        for step in each(when, "steps") {
            let now = at(&step["at"]).expect("when");
            if step["change_bundle"].is_null() {
                compared.command(&mut life, &step["command"], now);
            } else {
                let other = glasskey_conformance::bundle(&step["change_bundle"]).expect("a bundle");
                life.change_bundle(step["command_id"].as_str().expect("an id"), other, now).ok();
            }
        }
        if let Ok(evidence) = canonical::from_value::<Evidence>(when["evidence"].clone())
            && decide_again(&bundle, &evidence).is_ok()
        {
            compared.again(&bundle, &evidence);
        }
        *by_op.entry(vector["op"].to_string()).or_insert(0) += compared.decisions;
        decisions += compared.decisions;
    }
    println!("{decisions} decisions: {by_op:#?}");
    for op in ["decide", "decide_many", "decide_again", "lifecycle", "apply_all", "explain", "who_can"] {
        assert!(by_op.get(&format!("\"{op}\"")).is_some_and(|n| *n > 0), "{op} compared nothing");
    }
}
