#!/usr/bin/env python3
"""Proofs that need no ledger: one entry's place, and that a past was not rewritten.

    verify_proof.py ENTRY.json PROOF.tlog-proof --key VKEY...
"""
import argparse

from signed_note import Fault, decode, open_note
from verify_ledger import leaf_hash, node, read_entry


def split(n):
    return 1 << (n - 1).bit_length() - 1


def included(leaf, m, n, path):
    """The root that the path leads to (section 2.1.1, read from the root down)."""
    if n == 1 or not path:
        return leaf if n == 1 and not path else None
    k, (*inner, last) = split(n), path
    below = included(leaf, m, k, inner) if m < k else included(leaf, m - k, n - k, inner)
    return below and (node(below, last) if m < k else node(last, below))


def consistent(old, m, n, path, whole=True):
    """The old and the new root that the path leads to (section 2.1.2, likewise)."""
    if m == n and len(path) == (not whole):
        return (old, old) if whole else (path[0], path[0])
    if m == n or not path:
        return None, None
    k, (*inner, last) = split(n), path
    a, b = consistent(old, m, k, inner, whole) if m <= k else consistent(old, m - k, n - k, inner, False)
    return a and ((a, node(b, last)) if m <= k else (node(last, a), node(last, b)))


def check_proof(proof, line, vkeys):
    """The size of the ledger that the entry is proved to be in."""
    head, _, note = proof.partition("\n\n")
    index, *path = (text for text in head.split("\n")[1:] if not text.startswith("extra "))
    entry = read_entry(line.encode())
    _, size, want = open_note(note, vkeys)
    found = included(leaf_hash(entry["hash"]), entry["seq"], size, [decode(text) for text in path])
    if index != f"index {entry['seq']}" or entry["seq"] >= size or found != want:
        raise Fault("proof_fails", index)
    return size


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("entry")
    p.add_argument("proof")
    p.add_argument("--key", action="append", default=[])
    args = p.parse_args()
    entry, proof = (open(name, encoding="utf-8", newline="").read() for name in (args.entry, args.proof))
    size = check_proof(proof, entry.removesuffix("\n"), args.key)
    print(f"in the ledger, among its first {size} entries")


if __name__ == "__main__":
    main()
