//! What makes a fuzz target of a door.

use glasskey_doors::Door;
use glasskey_doors::mutate::{Dice, Input};
use std::sync::LazyLock;

/// The target for the door of this name: libFuzzer lets in what it and our mutator think up.
#[macro_export]
macro_rules! door {
    ($name:literal) => {
        static TARGET: $crate::Target = $crate::Target::new(|| $crate::Opened::new($name));
        libfuzzer_sys::fuzz_target!(|data: &[u8]| TARGET.enter(data));
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| {
            TARGET.mutated(data, size, room, seed)
        });
    };
}

/// Opened with the first input.
pub type Target = LazyLock<Opened>;

/// A door, and its seeds, from which pieces are taken.
pub struct Opened {
    door: &'static Door,
    seeds: Vec<Input>,
}

impl Opened {
    pub fn new(name: &str) -> Self {
        let door = glasskey_doors::door(name).expect("a target is named after a door");
        let seeds = (door.seeds)().into_iter().map(|(_, seed)| Input::new(seed)).collect();
        Self { door, seeds }
    }

    pub fn enter(&self, data: &[u8]) {
        (self.door.body)(data);
    }

    /// Half of the time what libFuzzer makes of the first `size` bytes; else what the mutator for
    /// documents does. Gives the new size.
    pub fn mutated(&self, data: &mut [u8], size: usize, room: usize, seed: u32) -> usize {
        let mut dice = Dice(seed.into());
        if dice.below(2) == 0 {
            return libfuzzer_sys::fuzzer_mutate(data, size, room);
        }
        let input = Input::new(data[..size].to_vec());
        let made = input.mutated(&self.seeds[dice.below(self.seeds.len())], &mut dice);
        if made.is_empty() || made.len() > room {
            return libfuzzer_sys::fuzzer_mutate(data, size, room);
        }
        data[..made.len()].copy_from_slice(&made);
        made.len()
    }
}
