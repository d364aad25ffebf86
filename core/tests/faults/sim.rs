//! A simulated world: people, a source of news, a network, a host and enforcement points, and every
//! fault that a seed asks for.

use crate::dice::Dice;
use crate::host::{DESK, Flaw, Host, Out, Place};
use crate::lifecycle_world::at;
use crate::lifecycle_world::history::{ASKS, CHANGES, Op, PEOPLE, Run};
use crate::points::{Order, Point};
use glasskey::lifecycle::{Act, Event, Flag, Grant, GrantPhase};
use glasskey::model::IncidentStatus;
use glasskey::{Applied, Command, Digest, Error, Instant};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the faults of one seed were.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub crashes: BTreeMap<Place, u32>,
    pub lost: u32,
    pub doubled: u32,
    pub records: u64,
    pub grants: u64,
    pub closed: u64,
    pub unconfirmed: u64,
    pub suspect: u64,
    pub retained: u64,
}

enum Body {
    ToHost(Command),
    To(&'static str, Order),
    /// From whoever was told: it was carried out.
    Done(&'static str, String),
    /// To whoever sent a command.
    Answered(String),
}

struct Message {
    due_ms: i64,
    number: u64,
    body: Body,
}

/// A command that its sender sends again until it is answered.
struct Sender {
    command: Command,
    next_ms: i64,
    /// The point that it comes from.
    point: Option<usize>,
}

pub struct Sim {
    dice: Dice,
    now_ms: i64,
    /// How far the host's clock is ahead of the true time.
    skew_ms: i64,
    host: Host,
    points: Vec<Point>,
    network: Vec<Message>,
    senders: BTreeMap<String, Sender>,
    /// What is on record, folded; it judges every record by the laws.
    shadow: Run,
    judged: usize,
    written: BTreeSet<String>,
    /// The latest end that each grant was ever given.
    ends: BTreeMap<String, Instant>,
    paged: BTreeSet<String>,
    answers: BTreeMap<String, Digest>,
    reported: BTreeSet<(&'static str, String)>,
    /// Epoch and whether it is open, as the source knows it.
    truth: [(u32, bool); 2],
    commands: u64,
    messages: u64,
    faulty: bool,
    tally: Tally,
}

const STEPS: usize = 70;

type Checked = Result<(), String>;

/// Runs the world of a seed to its end.
pub fn run(seed: u64, flaw: Flaw) -> Result<Tally, String> {
    let mut sim = Sim::new(seed, flaw);
    sim.news(6);
    for _ in 0..STEPS {
        sim.step()?;
    }
    sim.calm()?;
    sim.tally.crashes = sim.host.crashed_at.clone();
    sim.tally.records = sim.host.written.len() as u64;
    Ok(sim.tally)
}

impl Sim {
    fn new(seed: u64, flaw: Flaw) -> Self {
        let mut dice = Dice::new(seed);
        let start = at("01:00:00");
        let mut skew = || (dice.below(60) as i64 - 30) * 1_000;
        // The issuer hands credentials out to the others: what it takes back is gone everywhere.
        let points = ["vault", "proxy", "rotation", "issuer"].map(|name| Point::new(name, skew()));
        let skew_ms = skew();
        let host = Host::new(flaw, start);
        let mut sim = Self {
            dice,
            now_ms: start.ms(),
            skew_ms,
            host,
            points: points.into(),
            network: Vec::new(),
            senders: BTreeMap::new(),
            shadow: Run::begin(),
            judged: 0,
            written: BTreeSet::new(),
            ends: BTreeMap::new(),
            paged: BTreeSet::new(),
            answers: BTreeMap::new(),
            reported: BTreeSet::new(),
            truth: [(1, true); 2],
            commands: 0,
            messages: 0,
            faulty: true,
            tally: Tally::default(),
        };
        sim.host.crashes = 2;
        sim
    }

    fn clock(&self) -> Instant {
        Instant::from_ms(self.now_ms + self.skew_ms).unwrap()
    }

    /// One thing happens, after a while.
    fn step(&mut self) -> Checked {
        let waits = [0, 0, 200, 2_000, 5_000, 20_000, 20_000, 60_000, 240_000, 600_000];
        self.now_ms += waits[self.dice.below(waits.len())];
        self.deliver()?;
        match self.dice.below(100) {
            0..=69 => self.somebody_acts(),
            70..=81 => {
                let which = self.dice.below(CHANGES);
                self.news(which);
            }
            82..=84 => self.clock_jumps(),
            85 => self.points[self.dice.below(2)].dead = self.dice.chance(30),
            _ => {}
        }
        self.turn()
    }

    /// The host does what is due, or begins again; senders send again.
    fn turn(&mut self) -> Checked {
        if !self.host.is_up() {
            if !self.faulty || self.dice.chance(50) {
                self.host.restart(self.now_ms)?;
                self.judge()?;
                let same = self.host.life().is_some_and(|life| life.same_state(&self.shadow.world.life));
                ensure(same, || "after a restart the state is not the one on record".to_owned())?;
            }
        } else {
            self.host.crash(&mut self.dice, Place::Idle);
        }
        self.resend();
        let clock = self.clock();
        let due = self.host.life().and_then(|life| life.next_change(clock)).is_some_and(|next| next <= clock);
        if due && self.host.flaw != Flaw::NeverComesBack && (!self.faulty || self.dice.chance(60)) {
            let tick = self.command(json!({"tick": {}}));
            self.at_host(tick)?;
        }
        let mut out = Vec::new();
        self.host.send(self.now_ms, &mut self.dice, &mut out);
        self.take_out(out)?;
        self.check()
    }

    fn somebody_acts(&mut self) {
        let dice = &mut self.dice;
        let mut n = |below: usize| dice.below(below);
        let op = match n(40) {
            // Some of these are asked for in vain; those that need nobody's approval, more often.
            0..=3 => Op::Ask { who: n(3), what: n(ASKS.len()), on: n(6), ttl: n(6), later: n(12) == 0 },
            4..=8 => Op::Ask { who: n(2), what: 5, on: n(3), ttl: n(6), later: false },
            9..=13 => Op::Approve { request: n(3), by: 2 + n(5) },
            14..=22 => Op::Activate { request: n(3) },
            23..=27 => Op::Use { grant: n(3) },
            28..=29 => Op::Extend { grant: n(3) },
            30..=32 => Op::Agree { extension: n(2), by: 2 + n(5) },
            33 => Op::Revoke { grant: n(3), by: n(PEOPLE.len()) },
            34 => Op::Report { grant: n(3), drift: n(2) == 0 },
            35 => Op::Complete { grant: n(3) },
            36 => Op::Review { grant: n(3) },
            37 => Op::Delegate { grant: n(2) },
            38 => Op::Withdraw { request: n(3) },
            _ => Op::Deny { request: n(3), by: n(PEOPLE.len()) },
        };
        self.shadow.now = self.clock();
        if let Some(act) = self.shadow.act(&op) {
            self.ask_for(act, None);
        }
    }

    /// The source has news, dated by its own clock, and sends them like everybody else.
    fn news(&mut self, which: usize) {
        self.shadow.now = self.clock();
        let Some(mut act) = self.shadow.act(&Op::Observe(which)) else { return };
        match which {
            0 | 1 => self.truth[which].1 = false,
            2 | 3 => self.truth[which - 2] = (self.truth[which - 2].0 + 1, true),
            // A late word about the epoch before; of the first there is none.
            4 if self.truth[0].0 == 1 => self.truth[0].1 = false,
            _ => {}
        }
        act["observe"]["observed_at"] = json!(Instant::from_ms(self.now_ms).unwrap());
        self.ask_for(act, None);
    }

    fn clock_jumps(&mut self) {
        let jumps = [&-600_000, &-120_000, &-59_000, &-20_000, &0, &0, &25_000, &59_000, &600_000];
        self.skew_ms = *self.dice.pick(&jumps);
    }

    fn command(&mut self, mut act: Value) -> Command {
        self.commands += 1;
        act["command_id"] = json!(format!("s-{}", self.commands));
        Command::from_value(act).expect("a command of the simulator")
    }

    /// Sends a command, and again until it is answered.
    fn ask_for(&mut self, act: Value, point: Option<usize>) {
        let command = self.command(act);
        let id = command.command_id.clone();
        self.senders.insert(id, Sender { command, next_ms: self.now_ms, point });
        self.resend();
    }

    fn resend(&mut self) {
        let due: Vec<Command> = self
            .senders
            .values_mut()
            .filter(|s| s.next_ms <= self.now_ms)
            .map(|s| {
                s.next_ms = self.now_ms + 45_000;
                (s.command.clone(), s.point)
            })
            .filter(|(_, point)| point.is_none_or(|p| !self.points[p].dead))
            .map(|(command, _)| command)
            .collect();
        due.into_iter().for_each(|command| self.put(Body::ToHost(command)));
    }

    /// The network: it loses, doubles, delays and so reorders.
    fn put(&mut self, body: Body) {
        if self.faulty && self.dice.chance(8) {
            self.tally.lost += 1;
            return;
        }
        let double = self.faulty && self.dice.chance(8);
        let delays = [0, 5, 50, 50, 300, 300, 2_000, 30_000, 400_000];
        let delay = if self.faulty { delays[self.dice.below(delays.len())] } else { 5 };
        if double {
            self.tally.doubled += 1;
            let again = match &body {
                Body::ToHost(command) => Body::ToHost(command.clone()),
                Body::To(point, order) => Body::To(point, order.clone()),
                Body::Done(at, key) => Body::Done(at, key.clone()),
                Body::Answered(id) => Body::Answered(id.clone()),
            };
            let later = self.now_ms + delay + delays[self.dice.below(delays.len())];
            self.queue(later, again);
        }
        self.queue(self.now_ms + delay, body);
    }

    fn queue(&mut self, due_ms: i64, body: Body) {
        self.messages += 1;
        self.network.push(Message { due_ms, number: self.messages, body });
    }

    fn deliver(&mut self) -> Checked {
        loop {
            let now = self.now_ms;
            let due = self.network.iter().enumerate().filter(|(_, m)| m.due_ms <= now);
            let Some((first, _)) = due.min_by_key(|(_, m)| (m.due_ms, m.number)) else { return Ok(()) };
            match self.network.swap_remove(first).body {
                Body::ToHost(command) => self.at_host(command)?,
                Body::To(DESK, order) => {
                    self.paged.insert(order.key.clone());
                    self.put(Body::Done(DESK, order.key));
                }
                Body::To(point, order) => self.at_point(point, order),
                Body::Done(at, key) => self.host.done(&key, at),
                Body::Answered(id) => _ = self.senders.remove(&id),
            }
            self.check()?;
        }
    }

    fn at_host(&mut self, command: Command) -> Checked {
        let clock = self.clock();
        let out = self.host.take(&command, clock, self.now_ms, &mut self.dice);
        self.judge()?;
        self.take_out(out)
    }

    fn at_point(&mut self, name: &'static str, order: Order) {
        let index = self.points.iter().position(|p| p.name == name).expect("a point of this name");
        if self.points[index].dead {
            return;
        }
        let report = self.points[index].carry_out(&order, self.now_ms);
        if name == "issuer" && report.is_some() {
            // Whatever it handed out, at any point, it calls back.
            for other in 0..2 {
                self.points[other].carry_out(&order, self.now_ms);
            }
        }
        // A point reports an order once, until it is heard; and says each time that it is done.
        if let Some(act) = report
            && self.reported.insert((name, order.key.clone()))
        {
            self.ask_for(act, Some(index));
        }
        self.put(Body::Done(name, order.key));
    }

    fn take_out(&mut self, out: Vec<Out>) -> Checked {
        for item in out {
            match item {
                Out::Answer(id, answer) => self.answered(id, answer)?,
                Out::Send(to, order) => self.put(Body::To(to, order)),
            }
        }
        Ok(())
    }

    fn answered(&mut self, id: String, answer: Result<Arc<Applied>, Error>) -> Checked {
        if let Ok(applied) = &answer {
            ensure(self.written.contains(&id), || format!("{id} was answered and is not on record"))?;
            let digest = Digest::of_canonical(applied.as_ref());
            let before = self.answers.insert(id.clone(), digest);
            ensure(before.is_none_or(|b| b == digest), || format!("{id} was answered otherwise before"))?;
        }
        self.put(Body::Answered(id));
        Ok(())
    }

    /// Every new record is held to the laws of the lifecycle.
    fn judge(&mut self) -> Checked {
        while let Some(applied) = self.host.written.get(self.judged).cloned() {
            self.judged += 1;
            self.written.insert(applied.command_id.clone());
            self.shadow.follow(&applied);
            for grant in self.shadow.world.life.grants() {
                let end = self.ends.entry(grant.id.clone()).or_insert(grant.ends_at);
                *end = grant.ends_at.max(*end);
            }
            let said = |kind: fn(&Event) -> bool| applied.events.iter().filter(|e| kind(e)).count() as u64;
            self.tally.suspect += said(|e| matches!(e, Event::ClockSuspect { .. }));
            self.tally.retained += said(|e| matches!(e, Event::Retained { .. }));
        }
        Ok(())
    }

    /// Nothing is in force but on behalf of a grant that is live, or of one whose end is known to be
    /// unconfirmed there, or with word of it on its way.
    fn check(&mut self) -> Checked {
        let life = &self.shadow.world.life;
        for point in &self.points {
            for ((holder, pair), id, until) in point.in_force(self.now_ms) {
                let about = || format!("{pair:?} of {holder} at {} by {id}", point.name);
                let Some(grant) = life.grant(id) else {
                    return Err(format!("in force and on no record: {}", about()));
                };
                ensure(until <= self.ends[id], || format!("outlives every end it was given: {}", about()))?;
                // What one grant left behind because another covered it, that one answers for.
                let answers_for = |g: &Grant| {
                    let waits = |name: &str| g.points.get(name).is_some_and(|p| p.confirmed_at.is_none());
                    g.phase.is_live() || waits(point.name) || waits("issuer")
                };
                let known = || {
                    let same = |g: &&Grant| g.principal.to_string() == *holder && g.covers(pair);
                    life.grants().filter(same).any(answers_for)
                };
                let reported = || {
                    let mut from = self
                        .senders
                        .values()
                        .filter(|s| s.point.is_some_and(|p| self.points[p].name == point.name));
                    from.any(|s| matches!(&s.command.act, Act::Issued(i) if i.grant == id))
                };
                // What turns up after the close is flagged, paged for and taken away.
                let turned_up = grant.flags.contains(&Flag::ExternallyModified);
                ensure(known() || reported() || turned_up, || {
                    format!("in force, over, and nobody knows ({}): {}", grant.phase.as_str(), about())
                })?;
            }
        }
        Ok(())
    }

    /// The faults cease, and everything comes to rest.
    fn calm(&mut self) -> Checked {
        self.faulty = false;
        self.host.crashes = 0;
        self.skew_ms = 0;
        for _ in 0..3_000 {
            self.deliver()?;
            self.turn()?;
            let Some(next) = self.next_event() else { return self.at_rest() };
            self.now_ms = next.max(self.now_ms + 1);
        }
        Err("it does not come to rest".to_owned())
    }

    fn next_event(&self) -> Option<i64> {
        let alive = |name: &str| self.points.iter().all(|p| p.name != name || !p.dead);
        let messages = self.network.iter().map(|m| m.due_ms);
        let senders =
            self.senders.values().filter(|s| s.point.is_none_or(|p| !self.points[p].dead)).map(|s| s.next_ms);
        let sends = self.host.next_send().filter(|(_, to)| to.iter().any(|to| alive(to))).map(|(at, _)| at);
        let due = self.host.life().and_then(|life| life.next_change(self.clock()));
        let due = due.filter(|_| self.host.flaw != Flaw::NeverComesBack).map(|at| at.ms());
        messages.chain(senders).chain(sends).chain(due).min()
    }

    /// What must be so in the end.
    fn at_rest(&mut self) -> Checked {
        let life = &self.shadow.world.life;
        let unheard = self.senders.values().find(|s| s.point.is_none_or(|p| !self.points[p].dead));
        ensure(unheard.is_none(), || "a command was never answered".to_owned())?;
        for point in self.points.iter().filter(|p| !p.dead) {
            let left = point.in_force(self.now_ms).next();
            ensure(left.is_none(), || format!("still in force at {}: {left:?}", point.name))?;
        }
        let dead: Vec<&str> = self.points.iter().filter(|p| p.dead).map(|p| p.name).collect();
        for grant in life.grants() {
            self.tally.grants += 1;
            if grant.phase == GrantPhase::Closed {
                self.tally.closed += 1;
                continue;
            }
            self.tally.unconfirmed += 1;
            ensure(grant.phase == GrantPhase::Revoking, || {
                format!("{} never ended: {}", grant.id, grant.phase.as_str())
            })?;
            ensure(grant.flags.contains(&Flag::RevocationUnconfirmed), || {
                format!("{} is not flagged", grant.id)
            })?;
            for (name, _) in grant.points.iter().filter(|(_, p)| p.confirmed_at.is_none()) {
                ensure(dead.contains(&name.as_str()), || format!("{} is not confirmed at {name}", grant.id))?;
                let page = format!("{}:page:unconfirmed:{name}", grant.id);
                ensure(self.paged.contains(&page), || format!("nobody was paged: {page}"))?;
            }
        }
        for (i, (epoch, open)) in self.truth.iter().enumerate() {
            let known = life.facts().incident(&format!("INC-{}", i + 1)).expect("an incident of the world");
            let same = (known.epoch, known.status == IncidentStatus::Open) == (*epoch, *open);
            ensure(same, || format!("{known:?} is not what its source says: {epoch}, {open}"))?;
        }
        Ok(())
    }
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(what()) }
}
