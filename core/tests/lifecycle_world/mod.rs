//! A pack with one rule for each thing that a lifecycle can do, a small world, and a driver that
//! folds every record beside the live state: whatever a test does, both must agree.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod history;
pub mod tables;

use glasskey::lifecycle::{Cause, Effect, Event, Extension, Flag, Grant, GrantPhase, RequestPhase, What};
use glasskey::model::ReasonCode;
use glasskey::{Answer, Applied, Bundle, Command, Error, Facts, Instant, Lifecycle, Sources};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

pub const SCHEMA: &str = r#"
namespace Ops {
  action work, restart, tend, drop, smash, patch, checkout, login, mint, pod, rollback, look
    in [Glasskey::Action::"privileged"] appliesTo {
      principal: [Glasskey::Person, Glasskey::Service, Glasskey::Agent],
      resource: Glasskey::System,
      context: Glasskey::Context,
    };
  action notes in [Glasskey::Action::"privileged", Glasskey::Action::"handover"] appliesTo {
    principal: [Glasskey::Person, Glasskey::Service, Glasskey::Agent],
    resource: Glasskey::System,
    context: Glasskey::Context,
  };
  action ping appliesTo {
    principal: [Glasskey::Person], resource: Glasskey::System, context: Glasskey::Context,
  };
}
namespace Glasskey { type Signals = { idp?: Signal }; }
"#;

/// Facts last long here, so that a test is about what it says; those about freshness say so.
pub const MANIFEST: &str = r#"
name = "life"
version = "1"
[seats]
lead = "a lead"
commander = "an incident commander"
eng = "engineering"
sec = "security"
[freshness]
incident = "2d"
shift = "2d"
window = "2d"
task = "2d"
signal = "2m"
entities = "2d"
"#;

pub const POLICIES: &str = r#"
// On call: no seat to begin with, one more for each extension.
@id("oncall") @ttl("1h") @max_ttl("1h") @quorum("none")
@extensions("3") @extension_ttl("30m") @chain_max("4h")
@extension_quorum("lead=1 | commander=1, lead=1 | commander=1, lead=1, sec=1")
permit (principal is Glasskey::Person, action == Ops::Action::"restart", resource)
when { context has shift && context.shift.covers && context has incident && context.incident.covers };

@id("tend") @ttl("1h") @max_ttl("1h") @quorum("none") @handover("grace:10m")
permit (principal is Glasskey::Person, action in [Ops::Action::"tend", Ops::Action::"notes"], resource)
when { context has shift && context.shift.covers && context has incident && context.incident.severity <= 2 };

@id("work") @ttl("30m") @max_ttl("2h") @quorum("lead=1") @idle("20m") @uses("3")
permit (principal is Glasskey::Person, action == Ops::Action::"work", resource)
when { context has incident && context.incident.covers };

@id("dual") @ttl("30m") @max_ttl("4h") @quorum("eng=1, sec=1")
@extensions("2") @extension_ttl("30m") @extension_quorum("eng=1, sec=1") @chain_max("2h")
permit (principal is Glasskey::Person, action == Ops::Action::"drop", resource)
when { context has incident && context.incident.covers };

@id("breakglass") @ttl("30m") @max_ttl("30m") @quorum("commander=1") @review("24h")
@obligations("notify_skipped_approvers, alert")
permit (principal is Glasskey::Person, action in [Ops::Action::"smash", Ops::Action::"drop"], resource)
when { context.emergency };

@id("window") @ttl("8h") @max_ttl("8h") @quorum("none")
permit (principal is Glasskey::Person, action == Ops::Action::"patch", resource)
when { context has window && context.window.covers && context.window.assigned };

@id("checkout") @ttl("30m") @max_ttl("1h") @quorum("none") @obligations("exclusive, rotate_after_use")
permit (principal is Glasskey::Person, action == Ops::Action::"checkout", resource);

@id("failover") @ttl("1h") @max_ttl("1h") @quorum("none") @obligations("reconcile:24h") @review("24h")
permit (principal is Glasskey::Person, action == Ops::Action::"login", resource)
when { context.signals has idp && context.signals.idp.state == "down" && context.signals.idp.probes >= 2 };

@id("mint") @ttl("1h") @max_ttl("1h") @quorum("none") @obligations("deliver:broker")
permit (principal is Glasskey::Person, action == Ops::Action::"mint", resource);

@id("pod") @ttl("10m") @max_ttl("10m") @quorum("none") @uses("3")
permit (principal is Glasskey::Agent, action == Ops::Action::"pod", resource)
when { context has task && context.task.covers };

@id("rollback") @ttl("10m") @max_ttl("10m") @quorum("none")
permit (principal is Glasskey::Service, action == Ops::Action::"rollback", resource)
when { context has task && context.task.covers };

// Anybody in an incident may look; machines only with somebody before them.
@id("look") @ttl("1h") @max_ttl("2h") @quorum("none")
permit (principal is Glasskey::Person, action == Ops::Action::"look", resource)
when { context has incident && context.incident.covers };
@id("look-for") @ttl("2h") @max_ttl("2h") @quorum("none")
permit (principal is Glasskey::Agent, action == Ops::Action::"look", resource)
when { context.actor.depth >= 1 };

@id("approve-lead")
permit (principal in Glasskey::Group::"lead", action == Glasskey::Action::"approve", resource is Glasskey::Request)
when { context.seat == "lead" };
@id("approve-commander")
permit (principal in Glasskey::Group::"commander", action == Glasskey::Action::"approve", resource is Glasskey::Request)
when { context.seat == "commander" };
@id("approve-eng")
permit (principal in Glasskey::Group::"eng", action == Glasskey::Action::"approve", resource is Glasskey::Request)
when { context.seat == "eng" };
@id("approve-sec")
permit (principal in Glasskey::Group::"sec", action == Glasskey::Action::"approve", resource is Glasskey::Request)
when { context.seat == "sec" };

@id("sec-revokes") permit (principal in Glasskey::Group::"sec", action == Glasskey::Action::"revoke", resource);
@id("audit-reviews") permit (principal in Glasskey::Group::"audit", action == Glasskey::Action::"review", resource);

@id("overdue") @advice("have your last emergency reviewed")
forbid (principal, action == Ops::Action::"smash", resource) when { context.history.overdue_reviews > 0 };
"#;

pub fn compile(manifest: &str, policies: &str) -> Bundle {
    let sources =
        Sources::new().with("bundle.toml", manifest).with("a.cedarschema", SCHEMA).with("a.cedar", policies);
    Bundle::compile(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

pub static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| compile(MANIFEST, POLICIES));

pub fn person_uid(id: &str) -> String {
    format!("Glasskey::Person::\"{id}\"")
}

pub fn system_uid(id: &str) -> String {
    format!("Glasskey::System::\"{id}\"")
}

pub fn entity(kind: &str, id: &str, attrs: Value, parents: &[(&str, &str)]) -> Value {
    let parents: Vec<Value> =
        parents.iter().map(|(k, p)| json!({"type": format!("Glasskey::{k}"), "id": p})).collect();
    json!({"uid": {"type": format!("Glasskey::{kind}"), "id": id}, "attrs": attrs, "parents": parents})
}

pub fn person(id: &str, groups: &[&str]) -> Value {
    let parents: Vec<(&str, &str)> = groups.iter().map(|g| ("Group", *g)).collect();
    entity("Person", id, json!({}), &parents)
}

fn operated(by: &str) -> Value {
    json!({"operator": {"__entity": {"type": "Glasskey::Person", "id": by}}})
}

/// Asha and Ben share the rota, Lena leads, Cal commands, Sue and Ann are security, Bob is
/// engineering and security, Eve engineering, Rae audits. `pay-db` stands below `payments`.
pub fn world() -> Value {
    let payments = json!([system_uid("payments")]);
    json!({
        "observed_at": t("00:00:00"),
        "entities": [
            person("asha", &["eng"]), person("ben", &["eng"]), person("lena", &["lead"]), person("lars", &["lead"]),
            person("cal", &["commander"]), person("sue", &["sec"]), person("ann", &["sec"]), person("bob", &["eng", "sec"]),
            person("eve", &["eng"]), person("rae", &["audit"]), person("max", &[]),
            entity("Agent", "bot", operated("asha"), &[]), entity("Agent", "sub", operated("asha"), &[]),
            entity("Service", "ci", json!({}), &[]),
            entity("Group", "eng", json!({}), &[]), entity("Group", "sec", json!({}), &[]),
            entity("Group", "lead", json!({}), &[]), entity("Group", "commander", json!({}), &[]),
            entity("Group", "audit", json!({}), &[]),
            entity("System", "payments", json!({}), &[]), entity("System", "pay-db", json!({}), &[("System", "payments")]),
            entity("System", "pay-api", json!({}), &[("System", "payments")]),
            entity("System", "hr-db", json!({}), &[]), entity("System", "cloud", json!({"revocable": false}), &[]),
            entity("System", "root@legacy", json!({}), &[]),
        ],
        "incidents": [
            {"id": "INC-1", "epoch": 1, "status": "open", "severity": 1, "opened_at": t("00:00:00"), "resources": payments,
             "responders": [person_uid("cal")]},
            {"id": "INC-2", "epoch": 1, "status": "open", "severity": 2, "opened_at": t("00:00:00"), "resources": payments},
        ],
        "shifts": [
            {"id": "S-1", "person": person_uid("asha"), "start": t("00:00:00"), "end": t("08:00:00"), "resources": payments},
            {"id": "S-2", "person": person_uid("ben"), "start": t("08:00:00"), "end": t("16:00:00"), "resources": payments},
        ],
        "windows": [{"id": "CHG-1", "status": "approved", "start": t("04:00:00"), "end": t("05:00:00"),
            "resources": payments, "assignees": [person_uid("asha"), person_uid("ben")]}],
        "tasks": [{"id": "T-1", "status": "open", "resources": payments}],
        "aliases": {"Bob.E@corp": person_uid("bob"), "eve@corp": person_uid("eve")},
    })
}

/// An instant of the one day that all tests play on; `+1 02:00:00` is on the next.
pub fn t(clock: &str) -> String {
    if clock.contains('T') {
        return clock.to_owned();
    }
    match clock.strip_prefix("+1 ") {
        Some(clock) => format!("2026-03-02T{clock}Z"),
        None => format!("2026-03-01T{clock}Z"),
    }
}

pub fn at(clock: &str) -> Instant {
    Instant::parse(&t(clock)).unwrap()
}

pub fn pair(action: &str, target: &str) -> Value {
    json!({"action": format!("Ops::Action::\"{action}\""), "resource": system_uid(target)})
}

/// An ask of a person, on the supports named: `INC-…`, `S-…`, `CHG-…`, `T-…`.
pub fn ask(who: &str, action: &str, target: &str, supports: &[&str]) -> Value {
    asks(who, &[(action, target)], supports)
}

pub fn asks(who: &str, pairs: &[(&str, &str)], supports: &[&str]) -> Value {
    let scope: Vec<Value> = pairs.iter().map(|(a, r)| pair(a, r)).collect();
    let supports: Vec<Value> = supports
        .iter()
        .map(|s| match s.split_once('-').unwrap().0 {
            "INC" => json!({"incident": s}),
            "S" => json!({"shift": s}),
            "CHG" => json!({"window": s}),
            _ => json!({"task": s}),
        })
        .collect();
    let principal = if who.contains("::") { who.to_owned() } else { person_uid(who) };
    json!({"principal": principal, "scope": scope, "supports": supports, "purpose": "mend it"})
}

pub fn with(mut ask: Value, name: &str, value: Value) -> Value {
    ask[name] = value;
    ask
}

/// A lifecycle, the same one folded from its own records, and every record.
pub struct World {
    pub life: Lifecycle,
    pub folded: Lifecycle,
    pub records: Vec<Arc<Applied>>,
    commands: u32,
}

impl World {
    pub fn new() -> Self {
        Self::of(BUNDLE.clone(), &world())
    }

    /// With other freshness limits or defaults: lines that are put into, or added to, the manifest.
    pub fn tuned(lines: &[(&str, &str)]) -> Self {
        let mut manifest = MANIFEST.to_owned();
        for (before, after) in lines {
            if before.is_empty() {
                manifest.push_str(after);
            } else {
                assert!(manifest.contains(before), "{before}");
                manifest = manifest.replace(before, after);
            }
        }
        Self::of(compile(&manifest, POLICIES), &world())
    }

    pub fn of(bundle: Bundle, world: &Value) -> Self {
        let facts = Facts::from_json(&bundle, world.to_string().as_bytes()).unwrap();
        let life = Lifecycle::new(bundle, facts);
        Self { folded: life.clone(), life, records: Vec::new(), commands: 0 }
    }

    pub fn command(&mut self, act: Value) -> Command {
        self.commands += 1;
        let mut whole = act;
        whole["command_id"] = json!(format!("c-{}", self.commands));
        Command::from_json(whole.to_string().as_bytes()).unwrap_or_else(|e| panic!("{e:?}: {whole}"))
    }

    /// Applies a command; the folded state must stay the live one.
    pub fn send(&mut self, command: &Command, when: &str) -> Result<Arc<Applied>, Error> {
        let applied = self.life.apply(command, at(when))?;
        self.keep(&applied, None);
        Ok(applied)
    }

    /// Folds a record; the folded state must be the live one.
    pub fn keep(&mut self, applied: &Arc<Applied>, bundle: Option<&Bundle>) {
        let text = serde_json::to_string(applied.as_ref()).unwrap();
        let read: Applied =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("a record reads back: {e}\n{text}"));
        assert_eq!(&read, applied.as_ref(), "a record survives being written");
        self.folded.fold(&read, bundle).unwrap();
        assert!(self.life.same_state(&self.folded), "folding gives the live state\n{text}");
        self.records.push(Arc::clone(applied));
    }

    pub fn try_do(&mut self, when: &str, act: Value) -> Result<Arc<Applied>, Error> {
        let command = self.command(act);
        self.send(&command, when)
    }

    pub fn act(&mut self, when: &str, act: Value) -> Arc<Applied> {
        self.try_do(when, act).unwrap_or_else(|e| panic!("{when}: {e:?}"))
    }

    /// The error that a command is; nothing may have changed.
    pub fn error(&mut self, when: &str, act: Value) -> Error {
        let before = self.life.clone();
        let error = self.try_do(when, act).expect_err("an error");
        assert!(self.life.same_state(&before), "after an error nothing has changed");
        error
    }

    pub fn change_bundle(&mut self, when: &str, bundle: &Bundle) -> Arc<Applied> {
        self.commands += 1;
        let id = format!("c-{}", self.commands);
        let applied = self.life.change_bundle(&id, bundle.clone(), at(when)).unwrap();
        self.keep(&applied, Some(bundle));
        applied
    }

    pub fn submit(&mut self, when: &str, ask: Value) -> Arc<Applied> {
        self.act(when, json!({"submit": {"request": ask}}))
    }

    /// Submits, and gives the request's id.
    pub fn asked(&mut self, when: &str, ask: Value) -> String {
        self.submit(when, ask).request.clone().unwrap()
    }

    pub fn approve(&mut self, when: &str, request: &str, by: &str) -> Arc<Applied> {
        self.act(when, json!({"approve": {"request": request, "by": name(by)}}))
    }

    pub fn deny(&mut self, when: &str, request: &str, by: &str) -> Arc<Applied> {
        self.act(when, json!({"deny": {"request": request, "by": name(by)}}))
    }

    pub fn withdraw(&mut self, when: &str, request: &str) -> Arc<Applied> {
        self.act(when, json!({"withdraw": {"request": request}}))
    }

    pub fn activate(&mut self, when: &str, request: &str) -> Arc<Applied> {
        self.act(when, json!({"activate": {"request": request}}))
    }

    pub fn issued(&mut self, when: &str, grant: &str, points: &[&str]) -> Arc<Applied> {
        self.act(when, json!({"issued": {"grant": grant, "points": points}}))
    }

    pub fn uses(&mut self, when: &str, grant: &str, action: &str, target: &str) -> Arc<Applied> {
        let mut used = pair(action, target);
        used["grant"] = json!(grant);
        self.act(when, json!({"use": used}))
    }

    pub fn extend(&mut self, when: &str, grant: &str) -> Arc<Applied> {
        self.act(when, json!({"extend": {"grant": grant}}))
    }

    pub fn revoke(&mut self, when: &str, grant: &str, by: &str) -> Arc<Applied> {
        self.act(when, json!({"revoke": {"grant": grant, "by": name(by)}}))
    }

    pub fn revoked(&mut self, when: &str, grant: &str, point: &str) -> Arc<Applied> {
        self.act(when, json!({"revoked": {"grant": grant, "point": point}}))
    }

    pub fn observe(&mut self, when: &str, facts: Value) -> Arc<Applied> {
        self.act(when, json!({"observe": facts}))
    }

    pub fn incident(&mut self, when: &str, incident: Value) -> Arc<Applied> {
        self.observe(when, json!({"incidents": [incident]}))
    }

    pub fn tick(&mut self, when: &str) -> Arc<Applied> {
        self.act(when, json!({"tick": {}}))
    }

    /// Submits, approves by all of `by`, activates and issues at one instant.
    pub fn granted(&mut self, when: &str, ask: Value, by: &[&str], points: &[&str]) -> String {
        let request = self.asked(when, ask);
        for by in by {
            self.approve(when, &request, by);
        }
        let activated = self.activate(when, &request);
        let grant = activated.grant.clone().unwrap_or_else(|| panic!("no grant: {activated:#?}"));
        let issued = self.issued(when, &grant, points);
        assert_eq!(issued.standing.state.as_deref(), Some("active"), "{issued:#?}");
        grant
    }

    /// The on-call grant that many tests begin with: until an hour later, at two points.
    pub fn oncall(&mut self, when: &str) -> String {
        self.granted(when, ask("asha", "restart", "pay-db", &["INC-1", "S-1"]), &[], &["vault", "proxy"])
    }

    pub fn grant(&self, id: &str) -> &Grant {
        self.life.grant(id).unwrap()
    }

    pub fn phase(&self, grant: &str) -> GrantPhase {
        self.grant(grant).phase
    }

    pub fn request_phase(&self, request: &str) -> RequestPhase {
        self.life.request(request).unwrap().phase
    }

    pub fn extension(&self, id: &str) -> &Extension {
        self.life.extension(id).unwrap()
    }

    pub fn ended(&self, grant: &str) -> (Option<Cause>, Option<Instant>) {
        (self.grant(grant).cause, self.grant(grant).revoking_at)
    }

    pub fn has_flag(&self, grant: &str, flag: Flag) -> bool {
        self.grant(grant).flags.contains(&flag)
    }
}

/// A person by first name; whatever looks like a uid or an alias stays as it is.
pub fn name(by: &str) -> String {
    if by.contains("::") || by.contains('@') { by.to_owned() } else { person_uid(by) }
}

pub fn answer(applied: &Applied) -> Answer {
    applied.decision.as_ref().unwrap_or_else(|| panic!("no decision: {applied:#?}")).decision
}

/// The first reason of a deny; a panic if it is none.
pub fn refusal(applied: &Applied) -> ReasonCode {
    assert_eq!(answer(applied), Answer::Deny, "{applied:#?}");
    applied.decision.as_ref().unwrap().reasons[0].code
}

pub fn is_permitted(applied: &Applied) -> bool {
    answer(applied) == Answer::Permit
}

pub fn state(applied: &Applied) -> &str {
    applied.standing.state.as_deref().unwrap_or("")
}

pub fn causes(applied: &Applied) -> Vec<Cause> {
    applied.ended.iter().map(|e| e.cause).collect()
}

/// The kinds of its effects, in order.
pub fn effects(applied: &Applied) -> Vec<&'static str> {
    applied.effects.iter().map(kind).collect()
}

pub fn kind(effect: &Effect) -> &'static str {
    effect.what.name()
}

/// Where effects of one kind are to be carried out.
pub fn points(applied: &Applied, wanted: &str) -> Vec<String> {
    let point = |e: &Effect| match &e.what {
        What::Revoke { point, .. } | What::Retain { point, .. } | What::Compensate { point, .. } => {
            Some(point.clone())
        }
        _ => None,
    };
    applied.effects.iter().filter(|e| kind(e) == wanted).filter_map(point).collect()
}

pub fn counted(applied: &Applied) -> Option<bool> {
    applied.events.iter().find_map(|e| match e {
        Event::ApprovalRecorded { counted, .. } => Some(*counted),
        _ => None,
    })
}
