//! Our evaluation against plain Cedar's authorizer, over generated worlds: the decision, the
//! policies that determine it and the policies that err are equal, always.
//!
//! A hundred thousand cases run here. For a long run, from a seed of your own:
//! `DIFFERENTIAL_SETS=400000 DIFFERENTIAL_SEED=7 cargo test --release --test differential`.
//! A failure prints the seed of its set; `DIFFERENTIAL_SETS=1` with that seed repeats it alone.

mod conditions;
mod dice;
mod worlds;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use dice::Dice;
use glasskey::Evaluator;
use glasskey::Uid;
use glasskey::cedar::{FORMS, Plain, PlainAnswer, PlainEntities, Tally};
use std::cell::RefCell;
use std::str::FromStr;

const SETS: u64 = 2_500;
const REQUESTS: usize = 40;

#[derive(Default)]
struct Counts {
    cases: u64,
    allowed: u64,
    with_reasons: u64,
    erring: u64,
}

impl Counts {
    fn join(&mut self, other: &Self) {
        self.cases += other.cases;
        self.allowed += other.allowed;
        self.with_reasons += other.with_reasons;
        self.erring += other.erring;
    }
}

fn cedar(set: &PolicySet, entities: &Entities, request: &Request) -> PlainAnswer {
    let response = Authorizer::new().is_authorized(request, set, entities);
    let mut reasons: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
    let mut errors: Vec<String> = response.diagnostics().errors().map(id_of).collect();
    reasons.sort();
    errors.sort();
    PlainAnswer { allowed: response.decision() == Decision::Allow, reasons, errors }
}

fn id_of(error: &cedar_policy::AuthorizationError) -> String {
    let cedar_policy::AuthorizationError::PolicyEvaluationError(error) = error;
    error.policy_id().to_string()
}

fn env(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

#[test]
fn decisions_reasons_and_errors_equal_cedars() {
    let first = env("DIFFERENTIAL_SEED", 1);
    let sets = env("DIFFERENTIAL_SETS", SETS);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let share = |nth| {
        let tally = RefCell::new(Tally::default());
        let mut counts = Counts::default();
        (first + nth..first + sets)
            .step_by(threads as usize)
            .for_each(|seed| one_set(seed, &tally, &mut counts));
        (tally.into_inner(), counts)
    };
    let (mut tally, mut counts) = (Tally::default(), Counts::default());
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|nth| scope.spawn(move || share(nth))).collect();
        for one in running {
            let (more, part) = one.join().expect("no thread found a difference");
            tally.join(&more);
            counts.join(&part);
        }
    });
    if sets < SETS {
        return;
    }
    let Counts { cases, allowed, with_reasons, erring } = counts;
    println!("{cases} cases: {allowed} allowed, {with_reasons} with reasons, {erring} with errors");
    assert!(cases >= 100_000);
    assert!(allowed > cases / 50 && with_reasons > cases / 10 && erring > cases / 5);
    for form in FORMS {
        let (compiled, bailed) = (tally.compiled.get(*form), tally.bailed.get(*form));
        println!("{form:>20} {:>9} compiled {:>9} bailed out", compiled.unwrap_or(&0), bailed.unwrap_or(&0));
        assert!(compiled.is_some_and(|n| *n >= 200), "`{form}` was hardly met compiled");
        assert!(bailed.is_some_and(|n| *n >= 20), "`{form}` was hardly met in a bail-out");
    }
}

fn one_set(seed: u64, tally: &RefCell<Tally>, counts: &mut Counts) {
    let mut dice = Dice::new(seed);
    let (text, links) = worlds::policies(&mut dice);
    let mut set = PolicySet::from_str(&text).unwrap_or_else(|e| panic!("seed {seed}: {e:?}\n{text}"));
    for link in &links {
        link.add_to(&mut set);
    }
    let json = worlds::entities(&mut dice);
    let entities =
        Entities::from_json_value(json.clone(), None).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    let (plain, plain_entities) = (Plain::new(set.as_ref()), PlainEntities::new(entities.as_ref()));
    for nth in 0..REQUESTS {
        let (principal, action, resource) = worlds::request(&mut dice);
        let context = worlds::context(&mut dice);
        let uid = |text: &str| EntityUid::from_str(text).expect("a uid");
        let cedars = Context::from_json_value(context.clone(), None).expect("a context");
        let request =
            Request::new(uid(&principal), uid(&action), uid(&resource), cedars, None).expect("a request");
        let expected = cedar(&set, &entities, &request);
        let own = |text: &str| Uid::parse(text).expect("a uid");
        let (p, a, r) = (own(&principal), own(&action), own(&resource));
        let ours = cedar_policy_core::ast::Context::from_json_value(context.clone()).expect("a context");
        let ask = |evaluator, tally| plain.tally(evaluator, &plain_entities, (&p, &a, &r), &ours, tally);
        let found = ask(Evaluator::Compiled, Some(tally));
        assert!(
            found == expected,
            "seed {seed}, request {nth}: {principal} {action} {resource} {context}\n\
             Cedar:  {expected:?}\nours:   {found:?}\n{text}\n{links:#?}\n{json:#}"
        );
        if nth == 0 {
            assert_eq!(ask(Evaluator::Reference, None), expected, "seed {seed}: the reference");
        }
        counts.cases += 1;
        counts.allowed += u64::from(expected.allowed);
        counts.with_reasons += u64::from(!expected.reasons.is_empty());
        counts.erring += u64::from(!expected.errors.is_empty());
    }
}
