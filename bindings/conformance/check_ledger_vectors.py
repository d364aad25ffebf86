#!/usr/bin/env python3
"""The second verifier must agree with every vector in ledger/cases.json."""
import json
import sys
from pathlib import Path

import signed_note
import verify_ledger
import verify_proof

FOLDER = Path(__file__).parent / "ledger"


def text(name):
    return (FOLDER / name).read_bytes().decode()


def main():
    cases = json.loads(text("cases.json"))
    differ, used = [], {"cases.json"}
    keys = cases["keys"]

    def judge(what, found, expected):
        if found != expected:
            differ.append(f"{what}: found {json.dumps(found)}, expected {json.dumps(expected)}")

    for case in cases["ledgers"]:
        used |= {case["file"], *case["checkpoints"]}
        checkpoints = [signed_note.open_note(text(name), keys) for name in case["checkpoints"]]
        with open(FOLDER / case["file"], "rb") as lines:
            judge(case["file"], verify_ledger.verify(lines, checkpoints), case["expect"])
    for case in cases["proofs"]:
        used.add(case["file"])
        try:
            found = {"size": verify_proof.check_proof(text(case["file"]), case["entry"], keys)}
        except signed_note.Fault as fault:
            found = {"code": fault.args[0]}
        judge(case["file"], found, case["expect"])
    for case in cases["consistency"]:
        old_root, root, *path = (bytes.fromhex(d[7:]) for d in [case["old_root"], case["root"], *case["path"]])
        found = verify_proof.consistent(old_root, case["old_size"], case["size"], path) == (old_root, root)
        judge(f"consistency of {case['old_size']} with {case['size']}", found, case["holds"])
    unused = {path.name for path in FOLDER.iterdir()} - used
    differ += [f"{name}: no case uses it" for name in sorted(unused)]
    count = sum(len(cases[kind]) for kind in ("ledgers", "proofs", "consistency"))
    print("\n".join(differ) or f"{count} ledger vectors agree")
    sys.exit(bool(differ))


if __name__ == "__main__":
    main()
