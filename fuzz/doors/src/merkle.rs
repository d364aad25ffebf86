//! Paths of hashes: two numbers, and bytes that pick, alter, drop or add hashes of the true path.

use glasskey::Digest;
use glasskey::ledger::merkle::{Frontier, leaf_hash, verify_consistency, verify_inclusion};
use glasskey::ledger::{Path, Prover};

/// Lets a path in.
pub(crate) fn body(data: &[u8]) {
    let Some(([size, index, old, claimed], rest)) = data.split_first_chunk() else { return };
    let size = u64::from(*size) % 70 + 1;
    let (index, old) = (u64::from(*index) % size, u64::from(*old) % (size + 1));
    let claimed = u64::from(*claimed) % (2 * size);

    let made = path(Prover::inclusion(index, size), size);
    let given = altered(&made.hashes, rest, size);
    for leaf in 0..size {
        let proven = verify_inclusion(hash(leaf), claimed, size, &given, made.root);
        let truth =
            leaf == claimed && path(Prover::inclusion(claimed.min(size - 1), size), size).hashes == given;
        assert_eq!(proven, truth, "entry {leaf} as {claimed} of {size}");
    }

    let made = path(Prover::consistency(old, size), size);
    let given = altered(&made.hashes, rest, size);
    let proven = verify_consistency(old, root(old), size, made.root, &given);
    assert_eq!(proven, given == made.hashes, "the first {old} of {size}");
    if claimed <= size && claimed != old {
        let proven = verify_consistency(old, root(claimed), size, made.root, &given);
        assert!(!proven, "another beginning: {claimed} for {old} of {size}");
    }
}

fn hash(leaf: u64) -> Digest {
    leaf_hash(&leaf.to_be_bytes())
}

fn root(size: u64) -> Digest {
    let mut tree = Frontier::default();
    (0..size).for_each(|leaf| tree.push(hash(leaf)));
    tree.root()
}

fn path(prover: Result<Prover, glasskey::Error>, size: u64) -> Path {
    let mut prover = prover.expect("within the tree");
    (0..size).for_each(|leaf| prover.push(hash(leaf)));
    prover.finish().expect("all leaves went by")
}

/// The path with changes: each two bytes say what to do where.
fn altered(hashes: &[Digest], changes: &[u8], size: u64) -> Vec<Digest> {
    let mut out = hashes.to_vec();
    for change in changes.chunks_exact(2).take(8) {
        let at = usize::from(change[1]) % (out.len() + 1);
        match change[0] % 5 {
            0 => out.insert(at, hash(u64::from(change[1]) % size)),
            1 => out.insert(at, Digest::of(change)),
            2 if at < out.len() => drop(out.remove(at)),
            3 if at < out.len() => out[at] = Digest::of(change),
            4 if at < out.len() => out.swap(0, at),
            _ => {}
        }
    }
    out
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let seeds: [(&str, &[u8]); 6] = [
        ("true", &[6, 3, 4, 3]),
        ("one", &[0, 0, 0, 0]),
        ("power-of-two", &[7, 5, 4, 5]),
        ("longer", &[12, 7, 9, 7, 0, 1]),
        ("shorter", &[40, 39, 13, 39, 2, 0]),
        ("swapped", &[69, 20, 33, 20, 4, 3, 3, 2]),
    ];
    seeds.map(|(name, seed)| (name.to_owned(), seed.to_vec())).into()
}
