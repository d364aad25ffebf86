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
    let mut left = maximum(fits);
    let mut rest = fits.clone();
    let mut out = Vec::with_capacity(fits.len());
    for slot in 0..fits.len() {
        let options = rest.get(slot).cloned().unwrap_or_default();
        if let Some(own) = rest.get_mut(slot) {
            own.clear();
        }
        let chosen = options.into_iter().find(|person| {
            let mut without = rest.clone();
            without.iter_mut().for_each(|fit| {
                fit.remove(person);
            });
            maximum(&without).saturating_add(1) == left
        });
        if let Some(person) = chosen {
            rest.iter_mut().for_each(|fit| {
                fit.remove(&person);
            });
            left = left.saturating_sub(1);
        }
        out.push(chosen);
    }
    out
}

/// How many slots can be filled at once.
pub(crate) fn maximum(fits: &Fits) -> usize {
    let mut seated: BTreeMap<usize, usize> = BTreeMap::new();
    (0..fits.len()).filter(|slot| seat(*slot, fits, &mut seated, &mut BTreeSet::new())).count()
}

/// Finds an augmenting path; its depth is at most the number of slots, which is bounded.
fn seat(slot: usize, fits: &Fits, seated: &mut BTreeMap<usize, usize>, tried: &mut BTreeSet<usize>) -> bool {
    for person in fits.get(slot).into_iter().flatten() {
        if !tried.insert(*person) {
            continue;
        }
        let free = match seated.get(person).copied() {
            None => true,
            Some(other) => seat(other, fits, seated, tried),
        };
        if free {
            seated.insert(*person, slot);
            return true;
        }
    }
    false
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

    /// All assignments by brute force.
    fn best(fits: &Fits) -> usize {
        fn go(fits: &[BTreeSet<usize>], used: &mut BTreeSet<usize>) -> usize {
            let Some((first, rest)) = fits.split_first() else { return 0 };
            let mut best = go(rest, used);
            for person in first {
                if used.insert(*person) {
                    best = best.max(1 + go(rest, used));
                    used.remove(person);
                }
            }
            best
        }
        go(fits, &mut BTreeSet::new())
    }

    proptest! {
        #[test]
        fn assignments_are_maximal_and_injective(
            rows in prop::collection::vec(prop::collection::btree_set(0_usize..6, 0..5), 0..5)
        ) {
            let assigned = assign(&rows);
            let people: Vec<usize> = assigned.iter().flatten().copied().collect();
            let distinct: BTreeSet<usize> = people.iter().copied().collect();
            prop_assert_eq!(distinct.len(), people.len());
            prop_assert_eq!(people.len(), best(&rows));
            for (slot, person) in assigned.iter().enumerate() {
                prop_assert!(person.is_none_or(|p| rows[slot].contains(&p)));
            }
        }
    }
}
