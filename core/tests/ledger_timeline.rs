//! The timeline: who held what, from when until when, told from records alone.

mod common;

use common::{ask, at, bundle, facts_of, world};
use glasskey::ledger::timeline::{Happened, Standstill};
use glasskey::ledger::{Ledger, Records, Residuals, Timeline, TimelineReader};
use glasskey::lifecycle::{Archive, Cause, GrantPhase, RequestPhase};
use glasskey::{Applied, Command, Lifecycle, Span};
use serde_json::{Value, json};
use std::sync::Arc;

struct Night {
    life: Lifecycle,
    applied: Vec<Arc<Applied>>,
}

impl Night {
    fn new() -> Self {
        let bundle = bundle();
        let facts = facts_of(&bundle, &world());
        Self { life: Lifecycle::new(bundle, facts), applied: Vec::new() }
    }

    fn step(&mut self, time: &str, mut act: Value) -> Arc<Applied> {
        act["command_id"] = json!(format!("c-{}", self.applied.len()));
        let applied = self.life.apply(&Command::from_value(act).unwrap(), at(time)).unwrap();
        self.applied.push(Arc::clone(&applied));
        applied
    }

    fn grant(&mut self, time: &str, request: Value, points: Value) -> String {
        let id = self.step(time, json!({"submit": {"request": request}})).request.clone();
        let grant = self.step(time, json!({"activate": {"request": id}})).grant.clone().unwrap();
        self.step(time, json!({"issued": {"grant": grant, "points": points}}));
        grant
    }

    fn timeline(&self, mut reader: TimelineReader, as_of: Option<&str>) -> Timeline {
        self.applied.iter().for_each(|a| reader.push_applied(a));
        reader.timeline(as_of.map(at))
    }

    fn residuals(&self) -> Residuals {
        let mut out = Residuals::new();
        self.applied.iter().for_each(|a| out.push(a));
        out
    }
}

/// Two grants on INC-100, one on nothing but a shift; the incident closes, one point is silent.
fn night() -> (Night, String, String) {
    let mut night = Night::new();
    let first =
        night.grant("2026-03-01T02:05:05Z", ask("asha", "restart", "pay-db"), json!(["vault", "proxy"]));
    let used = json!({"grant": first, "action": "Ops::Action::\"restart\"", "resource": "Glasskey::System::\"pay-db\""});
    night.step("2026-03-01T02:05:30Z", json!({"use": used}));
    let drop = json!({"grant": first, "action": "Ops::Action::\"drop\"", "resource": "Glasskey::System::\"pay-db\""});
    night.step("2026-03-01T02:05:31Z", json!({"use": drop}));
    night.step("2026-03-01T02:05:40Z", json!({"submit": {"request": ask("asha", "read", "pay-db")}}));
    night.step(
        "2026-03-01T02:05:45Z",
        json!({"observe": {"incidents": [{"id": "INC-100", "status": "closed"}]}}),
    );
    night.step("2026-03-01T02:05:50Z", json!({"revoked": {"grant": first, "point": "vault"}}));
    let mut other = ask("eve", "restart", "pay-db");
    other["supports"] = json!([]);
    other["emergency"] = json!(true);
    let request =
        night.step("2026-03-01T02:06:00Z", json!({"submit": {"request": other}})).request.clone().unwrap();
    (night, first, request)
}

#[test]
fn a_grant_is_told_from_request_to_confirmed_end() {
    let (mut night, first, _) = night();
    let t = night.timeline(TimelineReader::of_incident("INC-100"), Some("2026-03-01T02:06:45Z"));
    let g = &t.grants[0];
    assert_eq!((t.grants.len(), g.id.as_str(), g.phase), (1, first.as_str(), GrantPhase::Revoking));
    assert_eq!(
        (g.cause, g.over_at, g.confirmed_at),
        (Some(Cause::IncidentClosed), Some(at("2026-03-01T02:05:45Z")), None)
    );
    assert_eq!((g.uses, g.refused_uses, g.unrecorded_end), (1, 1, false));
    let left: Vec<_> =
        g.points.iter().map(|p| (p.point.as_str(), p.confirmed_at.is_some(), p.residual)).collect();
    let s = Span::from_seconds;
    assert_eq!(left, [("proxy", false, Some(s(60))), ("vault", true, Some(s(5)))]);
    assert_eq!(t.residual.len(), 1);
    assert_eq!((t.residual[0].point.as_str(), t.residual[0].state), ("proxy", Standstill::Residual));
    let words: Vec<bool> =
        t.seen.iter().map(|s| s.status == Some(glasskey::model::IncidentStatus::Open)).collect();
    assert_eq!(words, [true, false], "seen in a decision's facts, and then observed");

    night.step("2026-03-01T02:07:00Z", json!({"revoked": {"grant": first, "point": "proxy"}}));
    let t = night.timeline(TimelineReader::of_incident("INC-100"), None);
    let g = &t.grants[0];
    assert_eq!((g.phase, g.confirmed_at), (GrantPhase::Closed, Some(at("2026-03-01T02:07:00Z"))));
    assert!(t.residual.is_empty() && g.left_privilege_behind());
    let marks: Vec<&Happened> = g.marks.iter().map(|m| &m.what).collect();
    assert!(
        matches!(
            marks[..],
            [
                Happened::Activated { .. },
                Happened::Issued { .. },
                Happened::Used { permitted: true, .. },
                Happened::Used { permitted: false, .. },
                Happened::Ended { cause: Cause::IncidentClosed },
                ..,
                Happened::Confirmed { .. },
                Happened::Closed,
            ]
        ),
        "{marks:#?}"
    );
    assert!(g.marks.is_sorted_by_key(|m| m.at));
}

#[test]
fn an_incident_has_its_own_requests_and_no_others() {
    let (night, _, other) = night();
    let t = night.timeline(TimelineReader::of_incident("INC-100"), None);
    assert_eq!(
        t.requests.iter().map(|r| r.phase).collect::<Vec<_>>(),
        [RequestPhase::Consumed, RequestPhase::Refused]
    );
    assert!(!t.requests[1].marks[0].reasons.is_empty(), "a refusal says why");
    assert!(t.requests.iter().all(|r| r.id != other));
    assert!(night.timeline(TimelineReader::of_incident("INC-1"), None).requests.is_empty());
    let all = night.timeline(TimelineReader::new(), None);
    assert!(all.requests.iter().any(|r| r.id == other && r.phase == RequestPhase::Pending));
}

#[test]
fn what_nobody_recorded_is_over_all_the_same() {
    let mut night = Night::new();
    night.grant("2026-03-01T02:05:05Z", ask("asha", "restart", "pay-db"), json!(["vault"]));
    let before = night.residuals().at(at("2026-03-01T02:35:04Z"));
    assert_eq!((before.len(), before[0].state, before[0].over_at), (1, Standstill::InForce, None));
    let end = at("2026-03-01T02:35:05Z");
    let after = night.residuals().at(end);
    assert_eq!(
        (after[0].state, after[0].over_at, after[0].cause),
        (Standstill::Residual, Some(end), Some(Cause::Expired))
    );
    let t = night.timeline(TimelineReader::new(), Some("2026-03-01T04:00:00Z"));
    assert_eq!((t.grants[0].over_at, t.grants[0].unrecorded_end), (Some(end), true));
    assert_eq!(t.residual, night.residuals().at(at("2026-03-01T04:00:00Z")));
}

#[test]
fn a_grant_that_was_never_issued_may_exist_wherever_its_issuer_put_it() {
    let mut night = Night::new();
    let request =
        night.step("2026-03-01T02:05:05Z", json!({"submit": {"request": ask("asha", "restart", "pay-db")}}));
    night.step("2026-03-01T02:05:05Z", json!({"activate": {"request": request.request}}));
    let left = night.residuals().at(at("2026-03-01T02:05:06Z"));
    assert_eq!((left.len(), left[0].point.as_str(), left[0].state), (1, "issuer", Standstill::InForce));
}

#[test]
fn what_is_confirmed_is_forgotten_and_what_is_left_agrees_with_the_archive() {
    let (mut night, first, _) = night();
    let mut archive = Archive::new();
    night.applied.iter().for_each(|a| archive.fold(a).unwrap());
    assert_eq!(
        archive.grant(&first).unwrap().points.values().filter(|p| p.confirmed_at.is_none()).count(),
        1
    );
    assert_eq!(night.residuals().at(at("2026-03-01T02:07:00Z")).len(), 1);
    night.step("2026-03-01T02:07:00Z", json!({"revoked": {"grant": first, "point": "proxy"}}));
    let left = night.residuals();
    assert_eq!((left.at(at("2026-03-01T09:00:00Z")).len(), left.grants()), (0, 1));
    archive.forget(&first);
    assert!(archive.grant(&first).is_none());
    assert!(!format!("{archive:?}").contains(&first), "nothing of it is left, in no chain either");
    archive.forget("no such grant");
}

#[test]
fn the_entries_of_the_ledger_stand_beside_what_they_say() {
    let (night, ..) = night();
    let (mut ledger, genesis) = Ledger::begin("example.com/pam", at("2026-03-01T02:05:00Z")).unwrap();
    let mut entries = vec![genesis, ledger.enact(&bundle(), at("2026-03-01T02:05:00Z")).unwrap()];
    night.applied.iter().for_each(|a| entries.extend(ledger.record(a).unwrap()));
    let (mut records, mut reader) = (Records::new(), TimelineReader::new());
    for entry in &entries {
        records.push(entry).unwrap().iter().for_each(|r| reader.push(r));
    }
    let t = reader.timeline(None);
    for mark in t.grants.iter().flat_map(|g| &g.marks).chain(t.requests.iter().flat_map(|r| &r.marks)) {
        let entry = &entries[usize::try_from(mark.entry.unwrap()).unwrap()];
        let event = entry.body.get("event").or(entry.body.get("effect")).unwrap();
        let said = serde_json::to_value(mark).unwrap();
        let pairs = [
            ("used", "used"),
            ("issued", "issued"),
            ("ended", "ended"),
            ("confirmed", "confirmed"),
            ("asked", "submitted"),
        ];
        for (mark, event_type) in pairs.iter().filter(|(m, _)| said["type"] == *m) {
            assert_eq!(event["type"], *event_type, "{mark}");
        }
        if let Some(n) = mark.decision_entry {
            assert!(entries[usize::try_from(n).unwrap()].body.get("decision").is_some());
        }
    }
    let used = t.grants[0].marks.iter().find(|m| matches!(m.what, Happened::Used { .. })).unwrap();
    assert_eq!(used.by.as_deref(), Some("Glasskey::Person::\"asha\""));
    let without = night.timeline(TimelineReader::new(), None);
    assert!(without.grants[0].marks.iter().all(|m| m.entry.is_none()));
    let text = serde_json::to_string(&t).unwrap();
    assert_eq!(serde_json::from_str::<Timeline>(&text).unwrap(), t);
}

#[test]
fn what_is_redacted_is_withheld_and_the_rest_is_told() {
    use glasskey::Code;
    use glasskey::ledger::redact::{Disclosure, Seed, disclose, find, redact};
    use glasskey::ledger::{Entry, Recorded, Replay, bodies, counterfactual};

    let mut night = Night::new();
    let mut request = ask("asha", "restart", "pay-db");
    request["purpose"] = json!("Zoë's account is locked out");
    night.grant("2026-03-01T02:05:05Z", request, json!(["vault"]));
    let (mut ledger, genesis) = Ledger::begin("example.com/pam", at("2026-03-01T02:05:00Z")).unwrap();
    let mut entries: Vec<Entry> = vec![genesis];
    let mut kept: Vec<(usize, Vec<Disclosure>)> = Vec::new();
    for applied in &night.applied {
        for (kind, body) in bodies(applied) {
            let paths = find(&body, &["purpose"]);
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            // A host draws the seed from its random source.
            let seed = Seed([u8::try_from(entries.len()).unwrap(); 32]);
            let (body, disclosures) = redact(body, &paths, seed).unwrap();
            kept.push((entries.len(), disclosures));
            entries.push(ledger.append(kind, body, ledger.not_before(applied.at)).unwrap());
        }
    }
    let text: String = entries.iter().map(Entry::to_line).collect();
    assert!(!text.contains("Zoë"), "nothing of it is in the ledger");
    let records = |entries: &[Entry]| {
        let mut records = Records::new();
        entries.iter().filter_map(|e| records.push(e).unwrap()).collect::<Vec<Recorded>>()
    };
    let read = records(&entries);
    assert_eq!(read.iter().map(|r| r.redacted).collect::<Vec<_>>(), [true, true, false]);
    let replay = Replay::new([bundle()]);
    assert_eq!(replay.check(&read[0]).unwrap_err().code, Code::Redacted);
    assert_eq!(counterfactual(&bundle(), &read[0]).unwrap_err().code, Code::Redacted);
    let mut reader = TimelineReader::new();
    read.iter().for_each(|r| reader.push(r));
    let told = reader.timeline(None);
    assert!(told.requests[0].purpose.starts_with("redacted:sha256:"));
    assert_eq!(told.grants[0].points.len(), 1, "the rest is told");

    for (n, disclosures) in kept {
        entries[n].body = disclose(entries[n].body.clone(), &disclosures).unwrap();
    }
    let open = records(&entries);
    for (recorded, applied) in open.iter().zip(&night.applied) {
        assert_eq!((&recorded.applied, recorded.redacted), (applied.as_ref(), false));
        assert_eq!(replay.check(recorded).unwrap(), None);
    }
}
