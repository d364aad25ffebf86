//! Hosts that crash between any two steps, networks that lose, double, delay and reorder, points
//! that die, clocks that jump: the lifecycle's promises hold all the same.
//!
//! `GLASSKEY_SEED=n` replays the world of one seed; `GLASSKEY_SEEDS=n` runs so many of them.

#[path = "../differential/dice.rs"]
mod dice;
mod host;
#[path = "../lifecycle_world/mod.rs"]
mod lifecycle_world;
mod points;
mod sim;

use host::{Flaw, Place};
use sim::{Tally, run};
use std::panic::catch_unwind;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

/// The seeds of one part of four, so that they run side by side.
fn seeds(part: u64) -> impl Iterator<Item = u64> {
    let count = number("GLASSKEY_SEEDS").unwrap_or(2_000);
    (part..count).step_by(4)
}

fn worlds(part: u64) {
    let mut sum = Tally::default();
    let chosen: Box<dyn Iterator<Item = u64>> = match number("GLASSKEY_SEED") {
        Some(seed) => Box::new((part == 0).then_some(seed).into_iter()),
        None => Box::new(seeds(part)),
    };
    let mut worlds = 0;
    for seed in chosen {
        // The laws of the lifecycle panic, the simulator tells.
        let told = catch_unwind(|| run(seed, Flaw::None));
        let mend = format!("replay it: GLASSKEY_SEED={seed} cargo test -p glasskey --test faults");
        let tally = match told {
            Ok(Ok(tally)) => tally,
            Ok(Err(why)) => panic!("seed {seed}: {why}; {mend}"),
            Err(_) => panic!("seed {seed}: a law was broken, see above; {mend}"),
        };
        sum.add(&tally);
        worlds += 1;
    }
    println!("{worlds} worlds: {sum:?}");
    if worlds >= 400 {
        sum.is_worth_something();
    }
}

#[test]
fn whatever_fails_the_promises_hold_first_part() {
    worlds(0);
}

#[test]
fn whatever_fails_the_promises_hold_second_part() {
    worlds(1);
}

#[test]
fn whatever_fails_the_promises_hold_third_part() {
    worlds(2);
}

#[test]
fn whatever_fails_the_promises_hold_fourth_part() {
    worlds(3);
}

/// A host that does its duty badly is found out within a few worlds.
#[test]
fn every_flawed_host_is_found_out() {
    let flaws = [
        Flaw::ActsBeforeWriting,
        Flaw::AnswersBeforeWriting,
        Flaw::TakesSentForDone,
        Flaw::ForgetsEffects,
        Flaw::KeepsTornTail,
        Flaw::NeverComesBack,
    ];
    for flaw in flaws {
        let found = (0..200).find_map(|seed| match catch_unwind(|| run(seed, flaw)) {
            Ok(Ok(_)) => None,
            Ok(Err(why)) => Some((seed, why)),
            Err(_) => Some((seed, "a law was broken".to_owned())),
        });
        let (seed, why) = found.unwrap_or_else(|| panic!("{flaw:?} went unnoticed"));
        println!("{flaw:?}: seed {seed}: {why}");
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        for (place, count) in &other.crashes {
            *self.crashes.entry(*place).or_default() += count;
        }
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.records += other.records;
        self.grants += other.grants;
        self.closed += other.closed;
        self.unconfirmed += other.unconfirmed;
        self.suspect += other.suspect;
        self.retained += other.retained;
    }

    /// Worlds in which nothing happens prove nothing.
    fn is_worth_something(&self) {
        use Place::{
            AfterEffects, BeforeAnswer, BeforeApply, BeforeEffects, BeforeWrite, BetweenEffects, Idle,
            InsideWrite,
        };
        for place in [
            BeforeApply,
            BeforeWrite,
            InsideWrite,
            BeforeAnswer,
            BeforeEffects,
            BetweenEffects,
            AfterEffects,
            Idle,
        ] {
            assert!(self.crashes.contains_key(&place), "no crash at {place:?}");
        }
        let counts = [self.grants, self.closed, self.unconfirmed, self.suspect, self.retained];
        assert!(counts.iter().all(|n| *n > 0), "{self:?}");
        assert!(self.lost > 0 && self.doubled > 0, "{self:?}");
    }
}
