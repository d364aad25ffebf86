//! What a change costs does not grow with what it does not concern. Counted in allocations,
//! which are the same on every machine, not in time.

mod lifecycle_world;

use glasskey::{Command, Facts, Lifecycle};
use lifecycle_world::*;
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const EACH: usize = 20;

/// Many incidents with 20 grants each, all on one target, each of a person and a shift of its own.
struct Crowd {
    life: Lifecycle,
    /// With the records of its making, and without.
    bytes_per_grant: (usize, usize),
}

impl Crowd {
    fn of(incidents: usize) -> Self {
        let systems = json!([system_uid("payments")]);
        let mut entities: Vec<Value> =
            (0..incidents * EACH).map(|i| person(&format!("p{i}"), &["eng"])).collect();
        entities.push(entity("Group", "eng", json!({}), &[]));
        entities.push(entity("System", "payments", json!({}), &[]));
        entities.push(entity("System", "pay-db", json!({}), &[("System", "payments")]));
        let open = |i: usize| json!({"id": format!("INC-{i}"), "status": "open", "severity": 1, "resources": systems});
        let shift = |i: usize| {
            json!({"id": format!("S-{i}"), "person": person_uid(&format!("p{i}")), "start": t("00:00:00"),
                "end": t("08:00:00"), "resources": systems})
        };
        let world = json!({"observed_at": t("00:00:00"), "entities": entities,
            "incidents": (0..incidents).map(open).collect::<Vec<_>>(), "shifts": (0..incidents * EACH).map(shift).collect::<Vec<_>>()});
        let facts = Facts::from_json(&BUNDLE, world.to_string().as_bytes()).unwrap();
        let mut out = Self { life: Lifecycle::new(BUNDLE.clone(), facts), bytes_per_grant: (0, 0) };
        let region = Region::new(COUNTED);
        for who in 0..incidents * EACH {
            let supports = [format!("INC-{}", who / EACH), format!("S-{who}")];
            let supports: Vec<&str> = supports.iter().map(String::as_str).collect();
            let ask = ask(&format!("p{who}"), "restart", "pay-db", &supports);
            let request = out.act(json!({"submit": {"request": ask}}), "02:00:00").request.clone().unwrap();
            let grant = out.act(json!({"activate": {"request": request}}), "02:00:00").grant.clone().unwrap();
            out.act(json!({"issued": {"grant": grant, "points": ["vault"]}}), "02:00:00");
        }
        let held = |region: &Region<'_, System>| {
            let change = region.change();
            (change.bytes_allocated - change.bytes_deallocated) / (incidents * EACH)
        };
        let with_records = held(&region);
        out.life.forget_answers(at("02:00:01"));
        out.bytes_per_grant = (with_records, held(&region));
        out
    }

    fn act(&mut self, mut act: Value, when: &str) -> std::sync::Arc<glasskey::Applied> {
        act["command_id"] = json!(format!("c-{}", self.life.seq()));
        self.life.apply(&Command::from_value(act).unwrap(), at(when)).unwrap()
    }

    /// Allocations of one command, and how many grants it ended.
    fn cost(&mut self, act: Value, when: &str) -> (usize, usize) {
        let region = Region::new(COUNTED);
        let applied = self.act(act, when);
        (region.change().allocations, applied.ended.len())
    }

    fn costs(&mut self) -> Vec<(&'static str, usize)> {
        let close = json!({"observe": {"incidents": [{"id": "INC-1", "status": "closed"}]}});
        let (closing, ended) = self.cost(close, "02:10:00");
        assert_eq!(ended, EACH);
        let confirmed = json!({"observe": {"incidents": [{"id": "INC-2", "severity": 2}]}});
        let (touching, ended) = self.cost(confirmed, "02:11:00");
        assert_eq!(ended, 0);
        let (ticking, ended) = self.cost(json!({"tick": {}}), "02:12:00");
        assert_eq!(ended, 0);
        let grant = self.life.grants().find(|g| g.phase.is_live()).unwrap().id.clone();
        let used = json!({"use": {"grant": grant, "action": "Ops::Action::\"restart\"", "resource": system_uid("pay-db")}});
        let (using, _) = self.cost(used, "02:13:00");
        vec![
            ("closing an incident", closing),
            ("a change that ends nothing", touching),
            ("a tick", ticking),
            ("a use", using),
        ]
    }
}

#[test]
fn what_a_change_costs_does_not_grow_with_what_it_does_not_concern() {
    let (mut few, mut many) = (Crowd::of(5), Crowd::of(100));
    let (with_records, without) = many.bytes_per_grant;
    println!("{without} bytes for each live grant, {with_records} while the records of its making are kept");
    assert!(without < 12_000, "{without}");
    for ((what, with_few), (_, with_many)) in few.costs().into_iter().zip(many.costs()) {
        println!(
            "{what}: {with_few} allocations beside {} grants, {with_many} beside {}",
            5 * EACH,
            100 * EACH
        );
        assert!(with_many * 10 <= with_few * 12 + 100, "{what}: {with_few}, then {with_many}");
    }
}

#[test]
fn the_end_of_a_shift_touches_whom_it_concerns() {
    for incidents in [5, 50] {
        let mut crowd = Crowd::of(incidents);
        let swapped = json!({"observe": {"shifts": [{"id": "S-3", "person": person_uid("p4")}]}});
        let ended = crowd.act(swapped, "02:10:00").ended.len();
        assert_eq!(ended, 1, "the grant that stands on it, and no other");
    }
}
