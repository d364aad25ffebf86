//! Seats and people: who sits where, each person once.
//!
//! A greedy choice can strand a seat (Bob may sit in two seats, Ann in one of them only), so
//! this is a maximum bipartite matching, and of all the best ones the first in order.

use crate::prelude::*;

/// For each slot, the people (by index) who may fill it.
pub(crate) type Fits = Vec<BTreeSet<usize>>;

/// The best assignment: as many slots filled as possible, and of those the one that comes
/// first when slots and people are taken in their order.
pub(crate) fn assign(fits: &Fits) -> Vec<Option<usize>> {
    let mut seating = Seating::best(fits);
    (0..fits.len()).for_each(|slot| seating.settle(slot));
    (0..fits.len()).map(|slot| seating.person(slot)).collect()
}

/// How many slots can be filled at once.
pub(crate) fn maximum(fits: &Fits) -> usize {
    Seating::best(fits).slot_of.len()
}

struct Seating<'f> {
    fits: &'f Fits,
    /// Each person who is seated, and where.
    slot_of: BTreeMap<usize, usize>,
    /// Slots below this one stay as they are.
    settled: usize,
}

impl<'f> Seating<'f> {
    /// As many slots filled as possible, in no particular way.
    fn best(fits: &'f Fits) -> Self {
        let mut seating = Self { fits, slot_of: BTreeMap::new(), settled: 0 };
        for slot in 0..fits.len() {
            seating.seat(slot, &mut BTreeSet::new());
        }
        seating
    }

    fn person(&self, slot: usize) -> Option<usize> {
        self.slot_of.iter().find(|(_, at)| **at == slot).map(|(person, _)| *person)
    }

    /// Seats the first person here with whom as many slots stay filled.
    fn settle(&mut self, slot: usize) {
        self.settled = slot.saturating_add(1);
        let now = self.person(slot);
        for person in self.fits.get(slot).into_iter().flatten() {
            if now == Some(*person) || self.moved(*person, slot, now) {
                return;
            }
        }
    }

    /// Moves somebody here, in the place of `now`, unless a slot would be left empty by that.
    fn moved(&mut self, person: usize, slot: usize, now: Option<usize>) -> bool {
        let from = self.slot_of.get(&person).copied();
        if from.is_some_and(|from| from < slot) {
            return false;
        }
        now.map(|now| self.slot_of.remove(&now));
        self.slot_of.insert(person, slot);
        // One slot was lost only if both had somebody; any empty one makes up for it.
        let (true, Some(from)) = (now.is_some(), from) else { return true };
        let filled: BTreeSet<usize> = self.slot_of.values().copied().collect();
        let tried = &mut BTreeSet::new();
        if (self.settled..self.fits.len()).any(|empty| !filled.contains(&empty) && self.seat(empty, tried)) {
            return true;
        }
        self.slot_of.insert(person, from);
        now.map(|now| self.slot_of.insert(now, slot));
        false
    }

    /// Fills a slot, moving others on where they fit as well; nobody is unseated. Its depth is at
    /// most the number of slots, which is bounded.
    fn seat(&mut self, slot: usize, tried: &mut BTreeSet<usize>) -> bool {
        let fits = self.fits.get(slot).into_iter().flatten();
        if let Some(free) = fits.clone().find(|person| !self.slot_of.contains_key(person)) {
            self.slot_of.insert(*free, slot);
            return true;
        }
        for person in fits {
            let other = self.slot_of.get(person).copied().filter(|other| *other >= self.settled);
            let Some(other) = other.filter(|_| tried.insert(*person)) else { continue };
            if self.seat(other, tried) {
                self.slot_of.insert(*person, slot);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(rows: &[&[usize]]) -> Fits {
        rows.iter().map(|row| row.iter().copied().collect()).collect()
    }

    #[test]
    fn only_one_assignment_fills_both_seats() {
        // eng: ann(0)? no, bob(1); sec: ann(0), bob(1).
        assert_eq!(assign(&fits(&[&[1], &[0, 1]])), [Some(1), Some(0)]);
        assert_eq!(assign(&fits(&[&[0, 1], &[1]])), [Some(0), Some(1)]);
    }

    #[test]
    fn one_person_fills_one_seat() {
        assert_eq!(assign(&fits(&[&[0], &[0]])), [Some(0), None]);
        assert_eq!(assign(&fits(&[&[], &[0]])), [None, Some(0)]);
    }

    /// Of all assignments that fill the most slots, the first in order, by trying every one.
    fn first_best(fits: &[BTreeSet<usize>], used: &mut BTreeSet<usize>) -> Vec<Option<usize>> {
        let Some((first, rest)) = fits.split_first() else { return Vec::new() };
        let mut best: Vec<Option<usize>> = Vec::new();
        for person in first.iter().copied().map(Some).chain([None]) {
            if person.is_none_or(|p| used.insert(p)) {
                let found = [vec![person], first_best(rest, used)].concat();
                person.map(|p| used.remove(&p));
                if best.is_empty() || found.iter().flatten().count() > best.iter().flatten().count() {
                    best = found;
                }
            }
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_assignment_is_the_first_of_the_best(
            rows in prop::collection::vec(prop::collection::btree_set(0_usize..6, 0..5), 0..6)
        ) {
            let wanted = first_best(&rows, &mut BTreeSet::new());
            prop_assert_eq!(assign(&rows), wanted.clone());
            prop_assert_eq!(maximum(&rows), wanted.iter().flatten().count());
        }
    }
}
