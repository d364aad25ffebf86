//! A host: it keeps records before it acts on them, and begins again from them after a crash.

use crate::dice::Dice;
use crate::lifecycle_world::history::MORTAL;
use crate::lifecycle_world::world;
use crate::points::Order;
use glasskey::ledger::{Ledger, Tail, Verifier, read_records};
use glasskey::lifecycle::{Effect, Lifecycle, What};
use glasskey::{Applied, Command, Error, Facts, Instant};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a host may do wrong; the simulator has to find each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// It acts on a record that it has not written yet.
    ActsBeforeWriting,
    /// It answers before it has written.
    AnswersBeforeWriting,
    /// It takes what it has sent for done.
    TakesSentForDone,
    /// After a crash it does not go on with what it had to carry out.
    ForgetsEffects,
    /// It appends behind a line that a crash cut short.
    KeepsTornTail,
    /// It never comes back at `next_change`.
    NeverComesBack,
}

/// Where a crash can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    BeforeApply,
    BeforeWrite,
    InsideWrite,
    BeforeAnswer,
    BeforeEffects,
    BetweenEffects,
    AfterEffects,
    Idle,
}

/// What goes out of the host in one step.
#[derive(Debug)]
pub enum Out {
    /// The answer to a command.
    Answer(String, Result<Arc<Applied>, Error>),
    /// An effect, to be carried out somewhere.
    Send(&'static str, Order),
}

/// A thing to be carried out, until somebody says that it was.
#[derive(Clone, Debug)]
struct Owed {
    token: u64,
    effect: Effect,
    next_ms: i64,
    /// Where it was carried out already.
    done_at: BTreeSet<&'static str>,
}

/// What a crash takes away.
struct Memory {
    life: Lifecycle,
    ledger: Ledger,
    outbox: BTreeMap<String, Owed>,
}

/// What it does not.
#[derive(Default)]
struct Disk {
    ledger: Vec<u8>,
    done: BTreeSet<String>,
}

pub struct Host {
    pub flaw: Flaw,
    disk: Disk,
    memory: Option<Memory>,
    /// In a hundred: how likely a crash is at each place.
    pub crashes: usize,
    pub crashed_at: BTreeMap<Place, u32>,
    /// How many records are written whole.
    pub written: Vec<Arc<Applied>>,
}

/// How long it waits for an answer before it sends again.
const PATIENCE_MS: i64 = 60_000;

pub fn beginning() -> Lifecycle {
    let facts = Facts::from_json(&MORTAL, world().to_string().as_bytes()).unwrap();
    Lifecycle::new(MORTAL.clone(), facts)
}

impl Host {
    pub fn new(flaw: Flaw, at: Instant) -> Self {
        let (_, genesis) = Ledger::begin("example.com/host", at).unwrap();
        let disk = Disk { ledger: (genesis.to_line() + "\n").into_bytes(), ..Disk::default() };
        let mut host =
            Self { flaw, disk, memory: None, crashes: 0, crashed_at: BTreeMap::new(), written: Vec::new() };
        host.restart(0).unwrap();
        host
    }

    pub fn is_up(&self) -> bool {
        self.memory.is_some()
    }

    pub fn life(&self) -> Option<&Lifecycle> {
        self.memory.as_ref().map(|m| &m.life)
    }

    /// Whether this is the end of the process.
    pub fn crash(&mut self, dice: &mut Dice, place: Place) -> bool {
        let dies = dice.chance(self.crashes);
        if dies {
            self.memory = None;
            *self.crashed_at.entry(place).or_default() += 1;
        }
        dies
    }

    /// Begins again from what is on disk.
    pub fn restart(&mut self, now_ms: i64) -> Result<(), String> {
        let mut verifier = Verifier::new();
        _ = verifier.feed(&self.disk.ledger);
        let report = verifier.finish();
        if let Some(fault) = &report.fault {
            return Err(format!("the ledger does not verify: {fault:?}"));
        }
        let whole = usize::try_from(report.bytes).unwrap();
        match report.tail {
            Tail::Whole => {}
            Tail::Unterminated => self.disk.ledger.push(b'\n'),
            Tail::Torn { .. } if self.flaw == Flaw::KeepsTornTail => {}
            Tail::Torn { .. } => self.disk.ledger.truncate(whole),
        }
        let mut life = beginning();
        let mut outbox = BTreeMap::new();
        read_records(&self.disk.ledger, |record| {
            life.fold(&record.applied, None)?;
            owe(&mut outbox, &record.applied, now_ms);
            Ok(())
        })
        .map_err(|e| format!("the records cannot be read: {e:?}"))?;
        outbox.retain(|key, _| !self.disk.done.contains(key) && self.flaw != Flaw::ForgetsEffects);
        let ledger = verifier.into_ledger().ok_or("no ledger")?;
        self.memory = Some(Memory { life, ledger, outbox });
        Ok(())
    }

    /// Applies a command, writes the record, answers, and carries out what it asks for. A crash may
    /// come between any two of these.
    pub fn take(&mut self, command: &Command, clock: Instant, now_ms: i64, dice: &mut Dice) -> Vec<Out> {
        let mut out = Vec::new();
        if self.crash(dice, Place::BeforeApply) {
            return out;
        }
        let Some(memory) = &mut self.memory else { return out };
        let answer = memory.life.apply(command, clock);
        let fresh =
            answer.as_ref().ok().filter(|a| self.written.len() < usize::try_from(a.seq).unwrap()).cloned();
        let id = command.command_id.clone();
        if self.flaw == Flaw::AnswersBeforeWriting {
            out.push(Out::Answer(id.clone(), answer.clone()));
        }
        if let Some(applied) = &fresh {
            owe(&mut memory.outbox, applied, now_ms);
            if self.flaw == Flaw::ActsBeforeWriting {
                self.send(now_ms, dice, &mut out);
            }
            if !self.write(applied, dice) {
                return out;
            }
        }
        if self.crash(dice, Place::BeforeAnswer) {
            return out;
        }
        if self.flaw != Flaw::AnswersBeforeWriting {
            out.push(Out::Answer(id, answer));
        }
        if self.crash(dice, Place::BeforeEffects) {
            return out;
        }
        self.send(now_ms, dice, &mut out);
        self.crash(dice, Place::AfterEffects);
        out
    }

    /// Appends a record's entries; false if the process died over it.
    fn write(&mut self, applied: &Arc<Applied>, dice: &mut Dice) -> bool {
        if self.crash(dice, Place::BeforeWrite) {
            return false;
        }
        let Some(memory) = &mut self.memory else { return false };
        let entries = memory.ledger.record(applied).unwrap();
        let text: String = entries.iter().map(|entry| entry.to_line() + "\n").collect();
        if self.crash(dice, Place::InsideWrite) {
            // Anything from nothing to all but the last line feed, which does no harm.
            let cut = dice.below(text.len());
            self.disk.ledger.extend_from_slice(&text.as_bytes()[..cut]);
            if cut == text.len() - 1 {
                self.written.push(Arc::clone(applied));
            }
            return false;
        }
        self.disk.ledger.extend_from_slice(text.as_bytes());
        self.written.push(Arc::clone(applied));
        true
    }

    /// Sends whatever is due to be sent, or to be sent again.
    pub fn send(&mut self, now_ms: i64, dice: &mut Dice, out: &mut Vec<Out>) {
        let due: Vec<String> = self
            .memory
            .iter()
            .flat_map(|m| &m.outbox)
            .filter(|(_, o)| o.next_ms <= now_ms)
            .map(|(k, _)| k.clone())
            .collect();
        for key in due {
            if self.crash(dice, Place::BetweenEffects) {
                return;
            }
            let Some(memory) = &mut self.memory else { return };
            let Some(owed) = memory.outbox.get_mut(&key) else { continue };
            owed.next_ms = now_ms + PATIENCE_MS;
            let order = order(&memory.life, owed);
            if let Some(order) = &order {
                let open = targets(&order.what).into_iter().filter(|to| !owed.done_at.contains(to));
                out.extend(open.map(|to| Out::Send(to, order.clone())));
            }
            if order.is_none() || self.flaw == Flaw::TakesSentForDone {
                self.forget(&key);
            }
        }
    }

    /// Somebody says that it was carried out there.
    pub fn done(&mut self, key: &str, at: &'static str) {
        let Some(owed) = self.memory.as_mut().and_then(|m| m.outbox.get_mut(key)) else { return };
        owed.done_at.insert(at);
        if targets(&owed.effect.what).iter().all(|to| owed.done_at.contains(to)) {
            self.forget(key);
        }
    }

    fn forget(&mut self, key: &str) {
        if self.memory.as_mut().is_some_and(|m| m.outbox.remove(key).is_some()) {
            self.disk.done.insert(key.to_owned());
        }
    }

    /// When it will send something again, if nobody says that it was carried out.
    pub fn next_send(&self) -> impl Iterator<Item = (i64, Vec<&'static str>)> {
        let outbox = self.memory.iter().flat_map(|m| m.outbox.values());
        outbox.map(|o| {
            let open = targets(&o.effect.what).into_iter().filter(|to| !o.done_at.contains(to));
            (o.next_ms, open.collect())
        })
    }
}

/// Those who are told and paged.
pub const DESK: &str = "desk";

/// Who has to carry it out.
pub fn targets(what: &What) -> Vec<&'static str> {
    match what {
        What::Issue { .. } => vec!["vault", "proxy"],
        What::Revoke { point, .. } | What::Retain { point, .. } | What::Compensate { point, .. } => {
            ["vault", "proxy", "issuer"].into_iter().filter(|name| name == point).collect()
        }
        What::Rotate { .. } => vec!["rotation"],
        _ => vec![DESK],
    }
}

fn owe(outbox: &mut BTreeMap<String, Owed>, applied: &Applied, now_ms: i64) {
    for effect in &applied.effects {
        let owed =
            Owed { token: applied.seq, effect: effect.clone(), next_ms: now_ms, done_at: BTreeSet::new() };
        outbox.entry(effect.key.clone()).or_insert(owed);
    }
}

/// What is to be sent of an effect now; nothing, if it no longer applies.
fn order(life: &Lifecycle, owed: &Owed) -> Option<Order> {
    let mut what = owed.effect.what.clone();
    let mut keeper = None;
    let about = match &what {
        What::Issue { grant, .. }
        | What::Revoke { grant, .. }
        | What::Retain { grant, .. }
        | What::Compensate { grant, .. }
        | What::Rotate { grant, .. }
        | What::OpenReview { grant, .. }
        | What::DenyTokensIssuedBefore { grant, .. } => grant.clone(),
        What::Alert { about, .. } | What::Page { about, .. } => about.clone(),
        What::NotifySkippedApprovers { request, .. } => request.clone(),
    };
    match &mut what {
        What::Issue { grant, credential_expires_by: until, .. } => {
            // Since it was written the grant may have ended, or come to an earlier end.
            let grant = life.grant(grant).filter(|g| g.phase.is_live())?;
            *until = grant.ends_at.min(*until);
        }
        What::Retain { by, .. } => {
            keeper = life.grant(by).map(|g| (by.clone(), g.ends_at, g.scope.clone()));
        }
        _ => {}
    }
    let principal = life.grant(&about).map_or(String::new(), |g| g.principal.to_string());
    Some(Order { key: owed.effect.key.clone(), token: owed.token, principal, what, keeper })
}
