//! Histories: what may happen in the small world, step by step, and the laws that hold after each.

use super::*;
use glasskey::Span;
use glasskey::model::{IncidentStatus, SupportKind};
use std::collections::{BTreeMap, BTreeSet};

/// Facts grow stale here, so that grants freeze and thaw.
pub static MORTAL: LazyLock<Bundle> = LazyLock::new(|| {
    let manifest = MANIFEST
        .replace("shift = \"2d\"", "shift = \"20m\"")
        .replace("incident = \"2d\"", "incident = \"3h\"");
    compile(&manifest, POLICIES)
});
pub static STRICTER: LazyLock<Bundle> = LazyLock::new(|| {
    let manifest = MANIFEST
        .replace("shift = \"2d\"", "shift = \"20m\"")
        .replace("incident = \"2d\"", "incident = \"3h\"");
    compile(&manifest, &POLICIES.replace("@ttl(\"1h\") @max_ttl(\"2h\")", "@ttl(\"30m\") @max_ttl(\"30m\")"))
});

pub const PEOPLE: [&str; 8] = ["asha", "ben", "lena", "lars", "cal", "ann", "bob", "rae"];
pub const POINTS: [&str; 3] = ["vault", "proxy", "issuer"];

/// One step of a history, told by numbers that are read modulo whatever there is.
#[derive(Clone, Debug)]
pub enum Op {
    Wait(i64),
    Ask { who: usize, what: usize, on: usize, ttl: usize, later: bool },
    Delegate { grant: usize },
    Approve { request: usize, by: usize },
    Deny { request: usize, by: usize },
    Withdraw { request: usize },
    Activate { request: usize },
    Issued { grant: usize, points: usize },
    IssueFailed { grant: usize },
    Use { grant: usize },
    Extend { grant: usize },
    Agree { extension: usize, by: usize },
    Revoke { grant: usize, by: usize },
    Confirm { grant: usize, point: usize },
    Report { grant: usize, drift: bool },
    Complete { grant: usize },
    Review { grant: usize },
    Reconcile { grant: usize },
    Observe(usize),
    Tick,
    Bundle(bool),
}

/// What is asked for: action, targets, kinds of supports.
pub const ASKS: [(&str, &[&str]); 10] = [
    ("restart", &["INC", "S"]),
    ("restart", &["INC", "S"]),
    ("drop", &["INC"]),
    ("work", &["INC"]),
    ("tend", &["INC", "S"]),
    ("look", &["INC"]),
    ("look", &["INC", "INC2"]),
    ("smash", &[]),
    ("patch", &["CHG"]),
    ("checkout", &[]),
];
pub const CHANGES: usize = 16;

/// A history under way.
pub struct Run {
    pub world: World,
    pub now: Instant,
    epoch: [u32; 2],
    /// Phases and ends seen before.
    requests: BTreeMap<String, RequestPhase>,
    grants: BTreeMap<String, (GrantPhase, Instant)>,
}

impl Run {
    /// Before anything happened.
    pub fn begin() -> Self {
        let now = at("01:00:00");
        let world = World::of(MORTAL.clone(), &world());
        Self { world, now, epoch: [1, 1], requests: BTreeMap::new(), grants: BTreeMap::new() }
    }

    /// With the first news of the day.
    pub fn new() -> Self {
        let mut run = Self::begin();
        run.apply(json!({"observe": {"shifts": [{"id": "S-1"}, {"id": "S-2"}], "incidents": [{"id": "INC-1"}, {"id": "INC-2"}]}}));
        run
    }

    pub fn grant(&self, i: usize) -> Option<String> {
        // The newest are the ones of interest.
        let mut all: Vec<&Grant> = self.world.life.grants().collect();
        all.sort_by_key(|g| std::cmp::Reverse(g.seq));
        let count = all.len().min(6);
        (count > 0).then(|| all[i % count].id.clone())
    }

    pub fn request(&self, i: usize) -> Option<String> {
        let mut all: Vec<_> = self.world.life.requests().collect();
        all.sort_by_key(|r| (std::cmp::Reverse(r.submitted_at), r.id.clone()));
        let count = all.len().min(6);
        (count > 0).then(|| all[i % count].id.clone())
    }

    pub fn extension(&self, i: usize) -> Option<String> {
        let asked = self.world.records.iter().rev().filter(|r| r.act == "extend");
        let ids: Vec<String> = asked.filter_map(|r| r.extension.clone()).take(3).collect();
        (!ids.is_empty()).then(|| ids[i % ids.len()].clone())
    }

    /// The command that a step stands for, if there is anything for it to be about.
    pub fn act(&mut self, op: &Op) -> Option<Value> {
        let person = |i: usize| person_uid(PEOPLE[i]);
        Some(match op {
            Op::Wait(_) | Op::Bundle(_) => return None,
            Op::Tick => json!({"tick": {}}),
            Op::Ask { who, what, on, ttl, later } => self.ask(*who, *what, *on, *ttl, *later),
            Op::Delegate { grant } => {
                let parent = self.grant(*grant)?;
                let holder = self.world.grant(&parent).principal.to_string();
                let bot =
                    with(ask("Glasskey::Agent::\"bot\"", "look", "pay-db", &[]), "via", json!([holder]));
                json!({"submit": {"request": bot, "parent": parent}})
            }
            Op::Approve { request, by } => {
                json!({"approve": {"request": self.request(*request)?, "by": person(*by)}})
            }
            Op::Deny { request, by } => {
                json!({"deny": {"request": self.request(*request)?, "by": person(*by)}})
            }
            Op::Withdraw { request } => json!({"withdraw": {"request": self.request(*request)?}}),
            Op::Activate { request } => json!({"activate": {"request": self.request(*request)?}}),
            Op::Issued { grant, points } => {
                let named = POINTS.iter().take(2).enumerate().filter(|(i, _)| (points >> i) & 1 == 1);
                let mut named: Vec<&str> = named.map(|(_, p)| *p).collect();
                if named.is_empty() {
                    named.push("vault");
                }
                let mut issued = json!({"grant": self.grant(*grant)?, "points": named});
                if points & 4 == 4 {
                    issued["expires_at"] = json!(self.now.plus(Span::from_minutes(45)));
                }
                json!({"issued": issued})
            }
            Op::IssueFailed { grant } => json!({"issue_failed": {"grant": self.grant(*grant)?}}),
            Op::Use { grant } => {
                let grant = self.world.grant(&self.grant(*grant)?).clone();
                let pair = &grant.scope[0];
                json!({"use": {"grant": grant.id, "action": pair.action, "resource": pair.resource}})
            }
            Op::Extend { grant } => json!({"extend": {"grant": self.grant(*grant)?}}),
            Op::Agree { extension, by } => {
                json!({"approve": {"request": self.extension(*extension)?, "by": person(*by)}})
            }
            Op::Revoke { grant, by } => json!({"revoke": {"grant": self.grant(*grant)?, "by": person(*by)}}),
            Op::Confirm { grant, point } => {
                json!({"revoked": {"grant": self.grant(*grant)?, "point": POINTS[*point]}})
            }
            Op::Report { grant, drift } => {
                json!({"report": {"grant": self.grant(*grant)?, "finding": if *drift { "drift" } else { "leak" }}})
            }
            Op::Complete { grant } => json!({"complete": {"grant": self.grant(*grant)?, "outcome": "done"}}),
            Op::Review { grant } => json!({"review": {"grant": self.grant(*grant)?, "by": person_uid("rae"),
                "verdict": "accepted", "classification": "actual"}}),
            Op::Reconcile { grant } => {
                json!({"reconcile": {"grant": self.grant(*grant)?, "by": person_uid("rae")}})
            }
            Op::Observe(which) => json!({"observe": self.change(*which)}),
        })
    }

    pub fn ask(&self, who: usize, what: usize, on: usize, ttl: usize, later: bool) -> Value {
        let (action, kinds) = ASKS[what];
        let who = ["asha", "ben", "eve"][who];
        let shift = if who == "ben" { "S-2" } else { "S-1" };
        let incident = if on.is_multiple_of(2) { "INC-1" } else { "INC-2" };
        let supports: Vec<&str> = kinds
            .iter()
            .map(|k| match *k {
                "INC" => incident,
                "INC2" => "INC-2",
                "S" => shift,
                _ => "CHG-1",
            })
            .collect();
        let target = match action {
            "checkout" => "root@legacy",
            _ if on >= 4 => "pay-api",
            _ => "pay-db",
        };
        let mut request = ask(who, action, target, &supports);
        if ttl > 3 {
            request["ttl"] = json!(["2h", "10m"][ttl - 4]);
        }
        if action == "smash" {
            request["emergency"] = json!(true);
        }
        let mut submit = json!({"request": request});
        if later {
            submit["start"] = json!(self.now.plus(Span::from_minutes(20)));
        }
        json!({"submit": submit})
    }

    pub fn change(&mut self, which: usize) -> Value {
        let incident = |i: usize, epoch: u32, status: &str| json!({"incidents": [{"id": format!("INC-{}", i + 1), "epoch": epoch, "status": status}]});
        match which {
            0 => incident(0, self.epoch[0], "closed"),
            1 => incident(1, self.epoch[1], "closed"),
            2 | 3 => {
                let i = which - 2;
                self.epoch[i] += 1;
                incident(i, self.epoch[i], "open")
            }
            // A delayed word about an older epoch.
            4 => incident(0, self.epoch[0].saturating_sub(1).max(1), "closed"),
            5 => json!({"incidents": [{"id": "INC-1", "severity": 4}]}),
            6..=9 => {
                json!({"shifts": [{"id": "S-1"}, {"id": "S-2"}], "incidents": [{"id": "INC-1"}, {"id": "INC-2"}]})
            }
            10 => json!({"shifts": [{"id": "S-1", "person": person_uid("ben")}]}),
            11 => json!({"shifts": [{"id": "S-1", "person": person_uid("asha")}]}),
            12 => {
                json!({"locks": [{"target": person_uid("asha"), "until": self.now.plus(Span::from_minutes(5))}]})
            }
            13 => json!({"entities": [person("lena", &[])]}),
            14 => json!({"entities": [person("lena", &["lead"])]}),
            _ => json!({"windows": [{"id": "CHG-1", "status": "cancelled"}]}),
        }
    }

    pub fn apply(&mut self, act: Value) {
        let command = self.world.command(act);
        // Errors are fine, as long as they change nothing.
        let before = self.world.life.clone();
        match self.world.life.apply(&command, self.now) {
            Err(_) => assert!(self.world.life.same_state(&before), "after an error nothing has changed"),
            Ok(applied) => {
                self.world.keep(&applied, None);
                self.laws(&applied);
            }
        }
    }

    pub fn step(&mut self, op: &Op) {
        match op {
            Op::Wait(ms) => self.now = self.now.plus(Span::from_ms(*ms)),
            Op::Bundle(strict) => {
                let bundle = if *strict { STRICTER.clone() } else { MORTAL.clone() };
                let applied = self.world.change_bundle(&self.now.to_string(), &bundle);
                self.laws(&applied);
            }
            other => {
                if let Some(act) = self.act(other) {
                    self.apply(act);
                }
            }
        }
    }

    /// Takes a record that was made elsewhere.
    pub fn follow(&mut self, applied: &Arc<Applied>) {
        self.world.life.fold(applied, None).unwrap();
        self.world.keep(applied, None);
        self.now = applied.at;
        self.laws(applied);
    }

    pub fn laws(&mut self, applied: &Arc<Applied>) {
        let life = &self.world.life;
        for grant in life.grants() {
            no_grant_outlives_a_limit(grant, self.now);
            no_grant_without_its_support(life, grant);
            closed_only_when_confirmed(grant);
            no_ones_own_approver(grant);
            within_the_chain(life, grant, self.now);
        }
        if let Some(decision) = &applied.decision {
            let people: BTreeSet<_> = decision.seats.iter().map(|s| &s.by).collect();
            assert_eq!(people.len(), decision.seats.len(), "one person, one seat");
            if decision.decision == Answer::Permit && applied.act == "activate" {
                assert!(applied.grant.is_some(), "a permit to activate is a grant");
            }
        }
        self.terminal_stays_terminal(applied);
    }

    pub fn terminal_stays_terminal(&mut self, applied: &Applied) {
        for request in self.world.life.requests() {
            let before = self.requests.insert(request.id.clone(), request.phase);
            if let Some(before) = before.filter(|b| b.is_terminal()) {
                assert_eq!(before, request.phase, "{}", request.id);
            }
        }
        let extended = |id: &str| {
            applied.events.iter().any(|e| match e {
                Event::ExtensionMoved { extension, to, .. } => {
                    *to == RequestPhase::Consumed && self.world.extension(extension).grant == id
                }
                _ => false,
            })
        };
        for grant in self.world.life.grants() {
            let before = self.grants.insert(grant.id.clone(), (grant.phase, grant.ends_at));
            let Some((phase, ends_at)) = before else { continue };
            assert!(phase != GrantPhase::Closed || grant.phase == GrantPhase::Closed, "closed stays closed");
            assert!(phase.is_live() || !grant.phase.is_live(), "what ended does not live again");
            assert!(grant.ends_at <= ends_at || extended(&grant.id), "an end moves away by extension only");
        }
    }
}

pub fn no_grant_outlives_a_limit(grant: &Grant, now: Instant) {
    if !grant.phase.is_live() {
        return;
    }
    assert!(now < grant.ends_at, "{grant:#?}");
    match grant.phase {
        GrantPhase::Issuing => assert!(now < grant.issue_by),
        _ => assert!(grant.idle_end().is_none_or(|idle| now < idle), "{grant:#?}"),
    }
    assert!(grant.uses_max.is_none_or(|max| grant.uses <= max));
}

pub fn no_grant_without_its_support(life: &Lifecycle, grant: &Grant) {
    let of = |kind| grant.supports.iter().filter(move |s| s.kind == kind);
    if !grant.phase.is_live() || of(SupportKind::Incident).count() == 0 {
        return;
    }
    let open = of(SupportKind::Incident).any(|s| {
        life.facts()
            .incident(&s.id)
            .is_some_and(|i| i.status == IncidentStatus::Open && Some(i.epoch) == s.epoch)
    });
    assert!(open, "{grant:#?}");
    for shift in of(SupportKind::Shift).filter_map(|s| life.facts().shift(&s.id)) {
        assert!(grant.actors.contains(&shift.person), "{grant:#?}");
    }
}

pub fn closed_only_when_confirmed(grant: &Grant) {
    let all = grant.points.values().all(|p| p.confirmed_at.is_some()) && !grant.points.is_empty();
    match grant.phase {
        GrantPhase::Closed => assert!(all, "{grant:#?}"),
        GrantPhase::Revoking => assert!(!all, "what is confirmed everywhere is closed: {grant:#?}"),
        _ => {}
    }
}

pub fn no_ones_own_approver(grant: &Grant) {
    assert!(grant.approvers.is_disjoint(&grant.actors), "{grant:#?}");
    assert!(grant.extension_approvers.is_disjoint(&grant.actors), "{grant:#?}");
}

/// On no incident is a holder granted more time than the rule's `@chain_max`, whatever the way.
pub fn within_the_chain(life: &Lifecycle, grant: &Grant, now: Instant) {
    let Some(max) =
        life.bundle().rule(&grant.rule).and_then(|r| r.terms().cloned()).and_then(|t| t.chain_max)
    else {
        return;
    };
    for incident in grant.supports.iter().filter(|s| s.kind == SupportKind::Incident) {
        let until = grant.revoking_at.unwrap_or(now);
        let mut spans: Vec<(i64, i64)> = life
            .grants()
            .filter(|g| g.principal == grant.principal)
            .filter(|g| g.supports.iter().any(|s| s.kind == incident.kind && s.id == incident.id))
            .map(|g| (g.started.ms(), g.revoking_at.unwrap_or(now).min(until).ms()))
            .filter(|(from, to)| from < to)
            .collect();
        spans.sort_unstable();
        let mut total = 0;
        let mut last = i64::MIN;
        for (from, to) in spans {
            total += (to - from.max(last)).max(0);
            last = last.max(to);
        }
        assert!(total <= max.ms(), "{total} ms on {incident}, more than {max}: {grant:#?}");
    }
}
