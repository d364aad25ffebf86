//! Model checking: every history of a small world, over the real aggregate.
//!
//! Two incidents that close and reopen, three people, two grants, four instants, and at each of
//! them every command that means anything there, in every order. What proptest samples, this
//! visits.

mod lifecycle_world;

use glasskey::lifecycle::{Cause, Event, Grant, GrantPhase, RequestPhase};
use glasskey::model::{IncidentStatus, SupportKind};
use glasskey::{Applied, Bundle, Command, Facts, Lifecycle};
use lifecycle_world::*;
use serde_json::{Value, json};
use stateright::{Checker, Model, Property};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

/// The instants. A grant lasts 20 minutes, more of it is asked for in its last ten, seats are
/// gathered for ten, the chain holds 30 minutes, a point has ten to confirm.
const CLOCK: [&str; 4] = ["02:00:00", "02:10:00", "02:20:00", "02:30:00"];

const FIX: &str = r#"
@id("fix") @ttl("20m") @max_ttl("20m") @quorum("lead=1") @pending("10m") @approval_ttl("10m") @uses("1")
@extensions("1") @extension_ttl("20m") @extension_quorum("lead=1, commander=1") @chain_max("30m")
permit (principal is Glasskey::Person, action == Ops::Action::"work", resource)
when { context has incident && context.incident.covers };
@id("approve-lead")
permit (principal in Glasskey::Group::"lead", action == Glasskey::Action::"approve", resource is Glasskey::Request)
when { context.seat == "lead" };
@id("approve-commander")
permit (principal in Glasskey::Group::"commander", action == Glasskey::Action::"approve", resource is Glasskey::Request)
when { context.seat == "commander" };
@id("commanders-revoke")
permit (principal in Glasskey::Group::"commander", action == Glasskey::Action::"revoke", resource);
"#;

static FIXES: LazyLock<Bundle> = LazyLock::new(|| {
    let defaults =
        "[defaults]\nextension_window = \"10m\"\nrevoke_deadline = \"10m\"\nissue_deadline = \"10m\"\n";
    compile(&format!("{MANIFEST}{defaults}"), FIX)
});

/// Asha works, Lena and Cal may both lead, Cal commands.
static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    let groups = ["lead", "commander"].map(|g| entity("Group", g, json!({}), &[]));
    let people = [person("asha", &[]), person("lena", &["lead"]), person("cal", &["lead", "commander"])];
    let systems = [entity("System", "pay-db", json!({}), &[])];
    let entities: Vec<Value> = groups.into_iter().chain(people).chain(systems).collect();
    let incident = |id: &str| json!({"id": id, "epoch": 1, "status": "open", "severity": 1, "resources": [system_uid("pay-db")]});
    let world = json!({"observed_at": t("01:59:00"), "entities": entities,
        "incidents": [incident("INC-1"), incident("INC-2")]});
    Facts::from_json(&FIXES, world.to_string().as_bytes()).unwrap()
});

/// What somebody does. Requests, grants and extensions are told by the order in which they were
/// made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Move {
    /// The clock goes on to the next instant.
    Later,
    /// On the first incident, or on both.
    Submit(bool),
    Approve(usize, &'static str),
    Deny(usize, &'static str),
    Withdraw(usize),
    Activate(usize),
    Issued(usize),
    IssueFailed(usize),
    Use(usize),
    Extend(usize),
    Agree(usize, &'static str),
    Disagree(usize, &'static str),
    Revoke(usize, &'static str),
    Confirm(usize, &'static str),
    Complete(usize),
    Report(usize),
    /// An incident's next epoch opens, or the present one closes; `Stale` closes the one before.
    Open(usize),
    Close(usize),
    Stale(usize),
    Lock,
    Tick,
    /// At one instant: the last approval, its denial or the close, and the activation.
    Race(usize, bool),
}

#[derive(Clone)]
struct State {
    life: Lifecycle,
    /// Index into `CLOCK`.
    clock: usize,
    requests: Vec<String>,
    grants: Vec<String>,
    extensions: Vec<String>,
    locked: bool,
    /// A law that the last step broke.
    broken: Option<&'static str>,
    /// All that the future can depend on, without the names that depend on the past.
    key: Arc<str>,
}

impl State {
    fn first() -> Self {
        let life = Lifecycle::new(FIXES.clone(), FACTS.clone());
        let (requests, grants, extensions) = (Vec::new(), Vec::new(), Vec::new());
        let mut out = Self {
            life,
            clock: 0,
            requests,
            grants,
            extensions,
            locked: false,
            broken: None,
            key: "".into(),
        };
        out.key = out.key();
        out
    }

    fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter_map(|id| self.life.grant(id))
    }

    fn live(&self) -> impl Iterator<Item = &Grant> {
        self.grants().filter(|g| g.phase.is_live())
    }

    fn key(&self) -> Arc<str> {
        let mut requests: Vec<Value> =
            self.requests.iter().map(|id| json!(self.life.request(id).unwrap())).collect();
        let mut grants: Vec<Value> = self.grants().map(|g| json!(g)).collect();
        let mut extensions: Vec<Value> =
            self.extensions.iter().map(|id| json!(self.life.extension(id).unwrap())).collect();
        // An approval is bound to the present ask or to none; which digest that is does not matter.
        for asked in requests.iter_mut().map(|r| (r["digest"].clone(), &mut r["ask"]["approvals"])).chain(
            extensions.iter_mut().map(|x| {
                let digest = x["digest"].clone();
                (digest, &mut x["approvals"])
            }),
        ) {
            let (digest, approvals) = asked;
            for approval in approvals.as_array_mut().into_iter().flatten() {
                approval["ask"] = json!(approval["ask"] == digest);
            }
        }
        for member in ["digest", "bound"] {
            requests.iter_mut().chain(&mut extensions).for_each(|x| x[member] = Value::Null);
        }
        grants.iter_mut().for_each(|g| g["seq"] = Value::Null);
        let incidents: Vec<Value> =
            self.life.facts().incidents().map(|i| json!([i.epoch, i.status, i.observed_at])).collect();
        let whole = json!([self.clock, self.locked, self.broken, incidents, requests, grants, extensions]);
        let mut text = whole.to_string();
        for (kind, ids) in [("r", &self.requests), ("g", &self.grants), ("x", &self.extensions)] {
            for (i, id) in ids.iter().enumerate() {
                text = text.replace(id.as_str(), &format!("{kind}{i}"));
            }
        }
        text.into()
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", CLOCK[self.clock], self.key)
    }
}

struct World;

fn approve(id: &str, by: &str) -> Value {
    json!({"approve": {"request": id, "by": person_uid(by)}})
}

fn deny(id: &str, by: &str) -> Value {
    json!({"deny": {"request": id, "by": person_uid(by)}})
}

impl World {
    /// The commands that a move stands for, all at one instant.
    fn commands(state: &State, action: &Move) -> Vec<Value> {
        let request = |i: &usize| state.requests[*i].as_str();
        let grant = |i: &usize| state.grants[*i].as_str();
        let extension = |i: &usize| state.extensions[*i].as_str();
        let incident = |i: &usize| ["INC-1", "INC-2"][*i];
        let epoch = |i: &usize| state.life.facts().incident(incident(i)).unwrap().epoch;
        let status = |i: &usize, epoch: u32, status: &str| json!({"observe": {"incidents": [{"id": incident(i), "epoch": epoch, "status": status}]}});
        let act = match action {
            Move::Later => return Vec::new(),
            Move::Submit(both) => {
                let supports: &[&str] = if *both { &["INC-1", "INC-2"] } else { &["INC-1"] };
                json!({"submit": {"request": ask("asha", "work", "pay-db", supports)}})
            }
            Move::Approve(i, by) => approve(request(i), by),
            Move::Deny(i, by) => deny(request(i), by),
            Move::Withdraw(i) => json!({"withdraw": {"request": request(i)}}),
            Move::Activate(i) => json!({"activate": {"request": request(i)}}),
            Move::Issued(i) => json!({"issued": {"grant": grant(i), "points": ["vault", "proxy"]}}),
            Move::IssueFailed(i) => json!({"issue_failed": {"grant": grant(i)}}),
            Move::Use(i) => {
                let mut used = pair("work", "pay-db");
                used["grant"] = json!(grant(i));
                json!({"use": used})
            }
            Move::Extend(i) => json!({"extend": {"grant": grant(i)}}),
            Move::Agree(i, by) => approve(extension(i), by),
            Move::Disagree(i, by) => deny(extension(i), by),
            Move::Revoke(i, by) => json!({"revoke": {"grant": grant(i), "by": person_uid(by)}}),
            Move::Confirm(i, point) => json!({"revoked": {"grant": grant(i), "point": point}}),
            Move::Complete(i) => json!({"complete": {"grant": grant(i), "outcome": "done"}}),
            Move::Report(i) => json!({"report": {"grant": grant(i), "finding": "drift"}}),
            Move::Open(i) => status(i, epoch(i) + 1, "open"),
            Move::Close(i) => status(i, epoch(i), "closed"),
            Move::Stale(i) => status(i, epoch(i) - 1, "closed"),
            Move::Lock => json!({"observe": {"locks": [{"target": person_uid("asha")}]}}),
            Move::Tick => json!({"tick": {}}),
            Move::Race(i, denied) => {
                let activate = json!({"activate": {"request": request(i)}});
                let close = |i| status(&i, epoch(&i), "closed");
                let ends = if *denied { vec![deny(request(i), "cal")] } else { vec![close(0), close(1)] };
                return [activate, approve(request(i), "lena")].into_iter().chain(ends).collect();
            }
        };
        vec![act]
    }

    /// What one step may not do, whatever it does.
    fn broken(
        before: &State,
        after: &State,
        action: &Move,
        applied: &[Arc<Applied>],
    ) -> Option<&'static str> {
        for id in &before.requests {
            let (was, is) = (before.life.request(id)?.phase, after.life.request(id)?.phase);
            if was.is_terminal() && is != was {
                return Some("a terminal request moved");
            }
        }
        for id in &before.extensions {
            let (was, is) = (before.life.extension(id)?.phase, after.life.extension(id)?.phase);
            if was.is_terminal() && is != was {
                return Some("a terminal extension moved");
            }
        }
        let extended = applied
            .iter()
            .flat_map(|a| &a.events)
            .any(|e| matches!(e, Event::ExtensionMoved { to: RequestPhase::Consumed, .. }));
        for id in &before.grants {
            let (was, is) = (before.life.grant(id)?, after.life.grant(id)?);
            // A credential that turns up later is flagged; nothing else may come.
            let flagged = Grant { flags: is.flags.clone(), ..was.clone() };
            if was.phase == GrantPhase::Closed && *is != flagged {
                return Some("a closed grant changed");
            }
            if !was.phase.is_live() && is.phase.is_live() {
                return Some("what ended lives again");
            }
            if is.ends_at > was.ends_at && !extended {
                return Some("an end moved away without an extension");
            }
            if !was.flags.is_subset(&is.flags) {
                return Some("a flag came off");
            }
        }
        if let Move::Race(i, _) = action {
            let request = after.life.request(&before.requests[*i])?;
            // It may have run out of time first. What it may not do is stay open, or come to a grant.
            if !request.phase.is_terminal() || request.phase == RequestPhase::Consumed {
                return Some("an approval beat a denial or a close of the same instant");
            }
        }
        let closes = |a: &Arc<Applied>| a.ended.iter().any(|e| e.cause == Cause::IncidentClosed);
        if matches!(action, Move::Stale(_)) && applied.iter().any(closes) {
            return Some("a word about an older epoch ended something");
        }
        None
    }
}

impl Model for World {
    type State = State;
    type Action = Move;

    /// Nothing; an incident in its second epoch; one grant in force; and two that share an incident,
    /// the second later than the first.
    fn init_states(&self) -> Vec<State> {
        let walk = |from: &State, moves: Vec<Move>| {
            moves.into_iter().fold(from.clone(), |state, step| self.next_state(&state, step).unwrap())
        };
        let none = State::first();
        let one = walk(
            &none,
            vec![Move::Submit(false), Move::Approve(0, "lena"), Move::Activate(0), Move::Issued(0)],
        );
        let second =
            vec![Move::Approve(1, "lena"), Move::Approve(1, "cal"), Move::Activate(1), Move::Issued(1)];
        let two = walk(&one, [vec![Move::Later, Move::Submit(true)], second].concat());
        let again = walk(&none, vec![Move::Close(0), Move::Open(0)]);
        vec![none, again, one, two]
    }

    fn actions(&self, state: &State, out: &mut Vec<Move>) {
        if state.clock + 1 < CLOCK.len() {
            out.push(Move::Later);
        }
        if state.requests.len() < 2 {
            out.extend([Move::Submit(false), Move::Submit(true)]);
        }
        for (i, id) in state.requests.iter().enumerate() {
            // What is over refuses everything alike: see the table. One of each is enough.
            let open = state.life.request(id).is_some_and(|r| !r.phase.is_terminal());
            out.extend([Move::Approve(i, "lena"), Move::Activate(i)]);
            if open {
                out.extend([Move::Approve(i, "cal"), Move::Approve(i, "asha"), Move::Deny(i, "cal")]);
                out.extend([Move::Withdraw(i), Move::Race(i, true), Move::Race(i, false)]);
            }
        }
        for (i, id) in state.grants.iter().enumerate() {
            let Some(grant) = state.life.grant(id) else { continue };
            out.extend([Move::Use(i), Move::Issued(i)]);
            if grant.phase.is_live() {
                out.extend([Move::Revoke(i, "asha"), Move::Revoke(i, "cal")]);
                out.extend([Move::Complete(i), Move::Report(i), Move::Extend(i), Move::IssueFailed(i)]);
            }
            let points = ["vault", "proxy", "issuer"].into_iter().filter(|p| grant.points.contains_key(*p));
            out.extend(points.map(|p| Move::Confirm(i, p)));
        }
        for i in 0..state.extensions.len() {
            out.extend([Move::Agree(i, "lena"), Move::Agree(i, "cal"), Move::Disagree(i, "cal")]);
        }
        for i in 0..2 {
            let incident = state.life.facts().incident(["INC-1", "INC-2"][i]).unwrap();
            match incident.status {
                IncidentStatus::Open => out.push(Move::Close(i)),
                _ if incident.epoch < 2 => out.push(Move::Open(i)),
                _ => {}
            }
            if incident.epoch > 1 {
                out.push(Move::Stale(i));
            }
        }
        if !state.locked {
            out.push(Move::Lock);
        }
        out.push(Move::Tick);
    }

    fn next_state(&self, last: &State, action: Move) -> Option<State> {
        let mut next = last.clone();
        if action == Move::Later {
            next.clock += 1;
            next.key = next.key();
            return Some(next);
        }
        let commands: Vec<Command> = World::commands(last, &action)
            .into_iter()
            .enumerate()
            .map(|(i, mut act)| {
                act["command_id"] = json!(format!("c-{}-{i}", last.life.seq()));
                Command::from_value(act).unwrap()
            })
            .collect();
        let mut applied = Vec::new();
        for (_, result) in next.life.apply_all(&commands, at(CLOCK[last.clock])) {
            applied.extend(result.ok());
        }
        for one in &applied {
            let keep = |list: &mut Vec<String>, id: &Option<String>| {
                let new = id.clone().filter(|id| !list.contains(id));
                list.extend(new);
            };
            keep(&mut next.requests, &one.request);
            keep(&mut next.grants, &one.grant);
            keep(&mut next.extensions, &one.extension);
        }
        next.locked |= action == Move::Lock;
        next.broken = World::broken(last, &next, &action, &applied);
        next.key = next.key();
        (next.key != last.key).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("each step keeps the laws of steps", |_, s: &State| s.broken.is_none()),
            Property::always("no live grant without a live support", |_, s: &State| {
                s.live().all(|g| {
                    g.supports.iter().filter(|x| x.kind == SupportKind::Incident).any(|x| {
                        let incident = s.life.facts().incident(&x.id);
                        incident.is_some_and(|i| i.status == IncidentStatus::Open && Some(i.epoch) == x.epoch)
                    })
                })
            }),
            Property::always("nothing is used past any limit", |_, s: &State| {
                let now = at(CLOCK[s.clock]);
                s.live().all(|g| now < g.ends_at || !permits_use(s, g))
                    && s.grants().all(|g| g.uses_max.is_none_or(|max| g.uses <= max))
            }),
            Property::always("a lock leaves nothing alive", |_, s: &State| {
                !s.locked || s.live().next().is_none()
            }),
            Property::always("no incident gives more time than the chain holds", |_, s: &State| {
                ["INC-1", "INC-2"].into_iter().all(|id| granted_minutes(s, id) <= 30)
            }),
            Property::always("one person, one seat", |_, s: &State| {
                s.grants().all(|g| {
                    let asha = person_uid("asha");
                    let seats = if s.life.request(&g.request).is_some_and(|r| r.ordinal > 0) { 2 } else { 1 };
                    g.approvers.len() == seats && !g.approvers.iter().any(|a| a.to_string() == asha)
                })
            }),
            Property::always("an extension takes two people", |_, s: &State| {
                s.grants().all(|g| g.extended_at.is_none() || g.extension_approvers.len() == 2)
            }),
            Property::always("closed is claimed only when every point has confirmed", |_, s: &State| {
                s.grants().all(|g| {
                    let all = g.points.values().all(|p| p.confirmed_at.is_some()) && !g.points.is_empty();
                    g.phase.is_live() || all == (g.phase == GrantPhase::Closed)
                })
            }),
            Property::always("what ended has a cause and an instant", |_, s: &State| {
                s.grants().all(|g| g.phase.is_live() == (g.cause.is_none() && g.revoking_at.is_none()))
            }),
            Property::always("what is due is due later", |_, s: &State| {
                let mut life = s.life.clone();
                let now = at(CLOCK[s.clock]);
                let tick = Command::from_value(json!({"command_id": "probe", "tick": {}})).unwrap();
                life.apply(&tick, now).is_ok() && life.next_change(now).is_none_or(|next| next > now)
            }),
            // The model is not empty: what it is about does happen in it.
            Property::sometimes("a grant is used", |_, s: &State| s.grants().any(|g| g.uses == 1)),
            Property::sometimes("a grant is extended", |_, s: &State| {
                s.live().any(|g| g.extended_at.is_some())
            }),
            Property::sometimes("a request joins a chain", |_, s: &State| {
                s.grants().any(|g| s.life.request(&g.request).is_some_and(|r| r.ordinal == 1))
            }),
            Property::sometimes("the chain is spent", |_, s: &State| granted_minutes(s, "INC-1") == 30),
            Property::sometimes("a grant begins in the second epoch", |_, s: &State| {
                s.live().any(|g| g.supports.iter().any(|x| x.epoch == Some(2)))
            }),
            Property::sometimes("two grants are closed", |_, s: &State| {
                s.grants().filter(|g| g.phase == GrantPhase::Closed).count() == 2
            }),
            Property::sometimes("a point is late", |_, s: &State| s.grants().any(|g| !g.flags.is_empty())),
            Property::sometimes("one grant keeps what another left", |_, s: &State| {
                s.grants().any(|g| g.phase == GrantPhase::Closed) && s.live().any(|g| !g.points.is_empty())
            }),
        ]
    }
}

fn permits_use(state: &State, grant: &Grant) -> bool {
    let mut life = state.life.clone();
    let mut used = pair("work", "pay-db");
    used["grant"] = json!(grant.id);
    let probe = Command::from_value(json!({"command_id": "probe", "use": used})).unwrap();
    let applied = life.apply(&probe, at(CLOCK[state.clock])).unwrap();
    applied.decision.as_ref().is_some_and(|d| d.is_permit())
}

/// Minutes in which some grant on an incident ran.
fn granted_minutes(state: &State, incident: &str) -> usize {
    let last = at(CLOCK[state.clock]);
    let mut minutes = BTreeSet::new();
    for grant in state.grants().filter(|g| g.supports.iter().any(|s| s.id == incident)) {
        let end = grant.revoking_at.unwrap_or(last).min(grant.ends_at);
        minutes.extend((grant.started.ms() / 60_000)..(end.ms() / 60_000));
    }
    minutes.len()
}

#[test]
fn every_history_of_a_small_world_keeps_the_laws() {
    let moves = std::env::var("GLASSKEY_MODEL_MOVES").ok().and_then(|d| d.parse().ok()).unwrap_or(4);
    // The first state has depth 1, and the bound itself is not visited.
    let checker = World.checker().threads(2).target_max_depth(moves + 2).spawn_bfs().join();
    println!(
        "{} states, {} steps, up to {moves} moves from each of four beginnings",
        checker.unique_state_count(),
        checker.state_count()
    );
    checker.assert_properties();
}
