//! The values of shared nodes, within one case.

use super::{Item, Node, Stop};
use crate::prelude::*;

type Kept<'v> = Result<Item<'v>, Stop>;

/// A small open-addressed table: its size follows what is evaluated, not what is compiled.
#[derive(Debug, Default)]
pub(crate) struct Memo<'v> {
    slots: Vec<Option<(Node, Kept<'v>)>>,
    used: usize,
}

const FIRST: usize = 64;

impl<'v> Memo<'v> {
    pub(super) fn get(&self, node: Node) -> Option<Kept<'v>> {
        let mut at = self.start(node)?;
        loop {
            match self.slots.get(at)? {
                Some((known, kept)) if *known == node => return Some(*kept),
                Some(_) => at = self.after(at),
                None => return None,
            }
        }
    }

    pub(super) fn keep(&mut self, node: Node, kept: Kept<'v>) {
        if self.used.saturating_mul(2) >= self.slots.len() {
            self.grow();
        }
        self.place(node, kept);
    }

    fn place(&mut self, node: Node, kept: Kept<'v>) {
        let Some(mut at) = self.start(node) else { return };
        // Half of the slots are free, so this ends.
        while let Some(slot) = self.slots.get_mut(at) {
            match slot {
                Some((known, _)) if *known != node => at = self.after(at),
                _ => {
                    self.used = self.used.saturating_add(usize::from(slot.is_none()));
                    *slot = Some((node, kept));
                    return;
                }
            }
        }
    }

    fn grow(&mut self) {
        let size = self.slots.len().saturating_mul(2).max(FIRST);
        let before = core::mem::replace(&mut self.slots, vec![None; size]);
        self.used = 0;
        for (node, kept) in before.into_iter().flatten() {
            self.place(node, kept);
        }
    }

    /// Sizes are powers of two, so a mask finds the place.
    fn start(&self, node: Node) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        // Neighbours in the program are mostly wanted together: spread them a little.
        let spread = node.0.wrapping_mul(0x9E37_79B1) >> 7;
        Some(usize::try_from(spread).unwrap_or(0) & mask)
    }

    const fn after(&self, at: usize) -> usize {
        at.wrapping_add(1) & self.slots.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_again_and_nothing_else() {
        let mut memo = Memo::default();
        assert!(memo.get(Node(7)).is_none());
        for n in 0..1_000 {
            memo.keep(Node(n * 3), Ok(Item::Long(i64::from(n))));
            memo.keep(Node(n * 3), if n % 2 == 0 { Ok(Item::Long(i64::from(n))) } else { Err(Stop::Err) });
        }
        assert_eq!(memo.used, 1_000);
        for n in 0..1_000 {
            match memo.get(Node(n * 3)) {
                Some(Ok(Item::Long(k))) => assert_eq!((k, n % 2), (i64::from(n), 0)),
                kept => assert!(n % 2 == 1 && matches!(kept, Some(Err(Stop::Err)))),
            }
            assert!(memo.get(Node(n * 3 + 1)).is_none());
        }
    }
}
