//! Published vectors (transparency-dev/merkle, `testonly` and `rfc6962`), and a second
//! implementation as oracle.

use super::super::prover::Prover;
use super::*;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;

const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// The roots of the trees of the first 0 to 8 leaves.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Index, size, path.
const INCLUSION: [(u64, u64, &[&str]); 7] = [
    (0, 1, &[]),
    (0, 2, &["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"]),
    (1, 2, &["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"]),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

/// Old size, size, path.
const CONSISTENCY: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

fn digest(hex: &str) -> Digest {
    Digest::parse(&format!("sha256:{hex}")).unwrap()
}

fn digests(hex: &[&str]) -> Vec<Digest> {
    hex.iter().map(|h| digest(h)).collect()
}

fn leaves() -> Vec<Digest> {
    let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    let data = |hex: &str| hex.as_bytes().chunks(2).map(byte).collect::<Vec<u8>>();
    LEAVES.iter().map(|hex| leaf_hash(&data(hex))).collect()
}

fn path(mut prover: Prover, leaves: &[Digest]) -> Vec<Digest> {
    leaves.iter().for_each(|leaf| prover.push(*leaf));
    prover.finish().unwrap().hashes
}

/// RFC 6962 section 2.1, word for word.
fn recomputed(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(recomputed(left), recomputed(right))
        }
    }
}

#[test]
fn hashes_are_those_of_rfc_6962() {
    assert_eq!(
        leaf_hash(b"L123456"),
        digest("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56")
    );
    let parent = Sha256::new().chain_update([1]).chain_update("N123").chain_update("N456").finalize();
    let expected = digest("aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
    assert_eq!(Digest::from_bytes(parent.into()), expected);
    assert_eq!(empty_root(), digest(ROOTS[0]));
}

#[test]
fn roots_are_the_published_ones() {
    let mut tree = Frontier::default();
    assert_eq!(tree.root(), digest(ROOTS[0]));
    for (leaf, root) in leaves().into_iter().zip(&ROOTS[1..]) {
        tree.push(leaf);
        assert_eq!(tree.root(), digest(root));
    }
}

#[test]
fn inclusion_proofs_are_the_published_ones() {
    for (index, size, hashes) in INCLUSION {
        let found = path(Prover::inclusion(index, size).unwrap(), &leaves());
        assert_eq!(found, digests(hashes), "{index} in {size}");
        let leaf = leaves()[usize::try_from(index).unwrap()];
        assert!(verify_inclusion(leaf, index, size, &found, digest(ROOTS[usize::try_from(size).unwrap()])));
    }
}

#[test]
fn consistency_proofs_are_the_published_ones() {
    for (old, size, hashes) in CONSISTENCY {
        let found = path(Prover::consistency(old, size).unwrap(), &leaves());
        assert_eq!(found, digests(hashes), "{old} to {size}");
        let root = |n: u64| digest(ROOTS[usize::try_from(n).unwrap()]);
        assert!(verify_consistency(old, root(old), size, root(size), &found));
    }
}

#[test]
fn nothing_is_in_an_empty_tree_and_everything_continues_it() {
    let some = leaf_hash(b"x");
    for (index, size) in [(0, 0), (0, 1), (1, 0), (2, 1)] {
        assert!(!verify_inclusion(some, index, size, &[], empty_root()));
    }
    assert!(verify_consistency(0, empty_root(), 3, some, &[]));
    assert!(!verify_consistency(0, some, 3, some, &[]));
    assert!(!verify_consistency(3, some, 2, some, &[]));
    assert!(!verify_consistency(1, some, 2, some, &[]));
    assert_eq!(Prover::inclusion(3, 3).unwrap_err().code, Code::NoSuchEntry);
    assert_eq!(Prover::consistency(4, 3).unwrap_err().code, Code::NoSuchEntry);
    assert_eq!(Prover::inclusion(0, 1).unwrap().finish().unwrap_err().code, Code::NoSuchEntry);
}

#[test]
fn a_frontier_has_one_peak_for_each_bit_of_its_size() {
    let some = leaf_hash(b"x");
    assert!(Frontier::new(5, vec![some, some]).is_ok());
    assert_eq!(Frontier::new(5, vec![some]).unwrap_err().code, Code::BadFrontier);
    let error = crate::canonical::read::<Frontier>(br#"{"size":3,"peaks":[]}"#).unwrap_err();
    assert_eq!(error.code, Code::BadFrontier);
    let read = crate::canonical::read::<Frontier>(br#"{"size":0,"peaks":[]}"#).unwrap();
    assert_eq!(read, Frontier::default());
}

#[test]
fn a_tree_begins_with_itself_and_with_nothing_and_no_path_is_needed_for_that() {
    let leaves: Vec<Digest> = (0_u8..3).map(|n| leaf_hash(&[n])).collect();
    let mut tree = Frontier::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    let (root, other) = (tree.root(), leaves[0]);
    assert_eq!((tree.size(), tree.peaks()), (3, &[node_hash(leaves[0], leaves[1]), leaves[2]][..]));
    assert!(verify_consistency(3, root, 3, root, &[]));
    assert!(!verify_consistency(3, root, 3, other, &[]), "another root");
    assert!(!verify_consistency(3, root, 3, root, &[other]), "a path too many");
    assert!(verify_consistency(0, empty_root(), 3, root, &[]));
    assert!(!verify_consistency(0, other, 3, root, &[]), "nothing has one root");
    assert!(!verify_consistency(0, empty_root(), 3, root, &[other]), "a path too many");
    assert!(!verify_consistency(3, root, 2, other, &[]), "a tree never shrinks");
}

fn oracle(leaves: &[[u8; 4]]) -> MemoryBackedTree<Sha256, [u8; 4]> {
    let mut tree = MemoryBackedTree::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree
}

proptest! {
    #[test]
    fn agrees_with_the_definition_and_with_another_implementation(
        data in prop::collection::vec(any::<[u8; 4]>(), 1..200),
        at in any::<prop::sample::Index>(),
    ) {
        let hashes: Vec<Digest> = data.iter().map(|d| leaf_hash(d)).collect();
        let other = oracle(&data);
        let mut tree = Frontier::default();
        hashes.iter().for_each(|h| tree.push(*h));
        prop_assert_eq!(tree.root(), recomputed(&hashes));
        let other_root: [u8; 32] = other.root().as_bytes()[..].try_into().unwrap();
        prop_assert_eq!(*tree.root().as_bytes(), other_root);

        let index = at.index(data.len());
        let bytes = |path: &[Digest]| path.iter().flat_map(|d| d.as_bytes().to_vec()).collect::<Vec<u8>>();
        let prover = Prover::inclusion(index as u64, data.len() as u64).unwrap();
        prop_assert_eq!(bytes(&path(prover, &hashes)), other.prove_inclusion(index).as_bytes().to_vec());
        if index > 0 {
            let prover = Prover::consistency(index as u64, data.len() as u64).unwrap();
            let added = data.len() - index;
            prop_assert_eq!(bytes(&path(prover, &hashes)), other.prove_consistency(added).as_bytes().to_vec());
        }
    }

    #[test]
    fn every_proof_verifies_and_none_with_a_flipped_bit(
        size in 1_u64..80, flip in any::<prop::sample::Index>(), bit in 0_u8..8,
    ) {
        let hashes: Vec<Digest> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let root = recomputed(&hashes);
        let flipped = |path: &[Digest]| {
            let at = flip.index(path.len() * 32);
            let mut out = path.to_vec();
            let mut bytes = *out[at / 32].as_bytes();
            bytes[at % 32] ^= 1 << bit;
            out[at / 32] = Digest::from_bytes(bytes);
            out
        };
        for index in 0..size {
            let leaf = hashes[usize::try_from(index).unwrap()];
            let good = path(Prover::inclusion(index, size).unwrap(), &hashes);
            prop_assert!(verify_inclusion(leaf, index, size, &good, root));
            prop_assert!(!verify_inclusion(leaf, index + 1, size, &good, root));
            prop_assert!(!verify_inclusion(leaf, index ^ 1, size, &good, root));
            prop_assert!(!verify_inclusion(flipped(&[leaf])[0], index, size, &good, root));
            prop_assert!(!verify_inclusion(leaf, index, size, &good, flipped(&[root])[0]));
            let longer: Vec<Digest> = good.iter().copied().chain([root]).collect();
            prop_assert!(!verify_inclusion(leaf, index, size, &longer, root));
            if !good.is_empty() {
                prop_assert!(!verify_inclusion(leaf, index, size, &flipped(&good), root));
                prop_assert!(!verify_inclusion(leaf, index, size, &good[1..], root));
                prop_assert!(!verify_inclusion(leaf, index, size, &good[..good.len() - 1], root));
            }
        }
        for old in 1..size {
            let old_root = recomputed(&hashes[..usize::try_from(old).unwrap()]);
            let good = path(Prover::consistency(old, size).unwrap(), &hashes);
            prop_assert!(verify_consistency(old, old_root, size, root, &good));
            prop_assert!(!verify_consistency(old, flipped(&[old_root])[0], size, root, &good));
            prop_assert!(!verify_consistency(old, old_root, size, flipped(&[root])[0], &good));
            prop_assert!(!verify_consistency(old, old_root, size, root, &flipped(&good)));
            prop_assert!(!verify_consistency(old, old_root, size, root, &good[1..]));
            let longer: Vec<Digest> = good.iter().copied().chain([root]).collect();
            prop_assert!(!verify_consistency(old, old_root, size, root, &longer));
        }
    }
}
