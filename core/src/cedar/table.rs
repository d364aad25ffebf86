//! A table by number, open-addressed: what is filed under a key is found in a step or two.
//!
//! It is filled once and then only read, and nothing ever walks it in the order of its keys,
//! so that order reaches no answer.

use crate::prelude::*;

/// Things by key. Different things may have one key, so a finder says which one it means.
#[derive(Clone, Debug)]
pub(crate) struct Table<T> {
    /// Places in `entries`, plus one; zero is free. The size is a power of two, or nothing.
    slots: Vec<u32>,
    entries: Vec<(u64, T)>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), entries: Vec::new() }
    }
}

impl<T> Table<T> {
    pub(crate) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Everything, in the order in which it was filed.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, thing)| thing)
    }

    pub(crate) fn find(&self, key: u64, is: impl Fn(&T) -> bool) -> Option<&T> {
        let mut at = self.start(key)?;
        loop {
            let (known, thing) = self.entry(at)?;
            if *known == key && is(thing) {
                return Some(thing);
            }
            at = self.after(at);
        }
    }

    /// The thing that is meant, made now if it is not there yet.
    pub(crate) fn find_or_make(
        &mut self,
        key: u64,
        is: impl Fn(&T) -> bool,
        make: impl FnOnce() -> T,
    ) -> Option<&mut T> {
        let mut at = self.start(key);
        while let Some(here) = at
            && let Some((known, thing)) = self.entry(here)
        {
            if *known == key && is(thing) {
                break;
            }
            at = Some(self.after(here));
        }
        let found = at.and_then(|at| self.slots.get(at)).copied().unwrap_or(0);
        let place = if found == 0 { self.push(key, make()) } else { index(found) };
        self.entries.get_mut(place?).map(|(_, thing)| thing)
    }

    fn push(&mut self, key: u64, thing: T) -> Option<usize> {
        let place = self.entries.len();
        self.entries.push((key, thing));
        if self.entries.len().saturating_mul(2) > self.slots.len() {
            self.slots = vec![0; self.slots.len().saturating_mul(2).max(4)];
            (0..self.entries.len()).for_each(|place| self.file(place));
        } else {
            self.file(place);
        }
        Some(place)
    }

    fn file(&mut self, place: usize) {
        let number = u32::try_from(place.saturating_add(1)).unwrap_or(0);
        let Some(mut at) = self.entries.get(place).and_then(|(key, _)| self.start(*key)) else { return };
        // Half of the slots are free, so this ends.
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == 0 {
                *slot = number;
                return;
            }
            at = self.after(at);
        }
    }

    fn entry(&self, at: usize) -> Option<&(u64, T)> {
        self.slots.get(at).and_then(|slot| index(*slot)).and_then(|place| self.entries.get(place))
    }

    fn start(&self, key: u64) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        // The upper half: keys may have been mixed by an exclusive or with a small number.
        Some(usize::try_from(key >> 32).unwrap_or(0) & mask)
    }

    const fn after(&self, at: usize) -> usize {
        at.wrapping_add(1) & self.slots.len().wrapping_sub(1)
    }
}

fn index(slot: u32) -> Option<usize> {
    usize::try_from(slot).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_told_apart_even_under_one_key() {
        let mut table: Table<u32> = Table::default();
        assert!(table.find(1, |_| true).is_none());
        for thing in 0..2_000_u32 {
            let key = u64::from(thing % 97) << 31;
            *table.find_or_make(key, |t| *t == thing, || thing).unwrap() += 0;
            table.find_or_make(key, |t| *t == thing, || unreachable!()).unwrap();
        }
        for thing in 0..2_000_u32 {
            let key = u64::from(thing % 97) << 31;
            assert_eq!(table.find(key, |t| *t == thing), Some(&thing));
            assert_eq!(table.find(key, |t| *t == thing + 2_000), None);
        }
        assert_eq!(table.entries.len(), 2_000);
    }
}
