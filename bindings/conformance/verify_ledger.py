#!/usr/bin/env python3
"""A second verifier of Glasskey ledgers, written from docs/LEDGER.md: Python, no packages.

    verify_ledger.py LEDGER.jsonl [--key VKEY]... [--checkpoint NOTE]...
"""
import argparse
import calendar
import functools
import hashlib
import json
import re
import sys

from signed_note import Fault, open_note

FORMAT = "glasskey-ledger/1"
LIMIT, DEPTH, STRING, LINE = 2**53 - 1, 64, 65_536, 4_194_304
MEMBERS = {"at": str, "body": object, "hash": str, "kind": str, "prev": str, "seq": int}
INSTANT = re.compile(r"\d{4}-(0[1-9]|1[0-2])-[0-3]\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.A)


class NotJson(Fault):
    """Not even JSON of the kind that a ledger holds."""


def sha(data):
    return hashlib.sha256(data).digest()


# ---- strict JSON, and its RFC 8785 text ----

def unique(pairs):
    if len({name for name, _ in pairs}) < len(pairs):
        raise NotJson("duplicate_member", "an object names a member twice")
    return dict(pairs)


def number(text):
    if not re.fullmatch(r"0|-?[1-9]\d{0,15}", text, re.A) or abs(int(text)) > LIMIT:
        raise NotJson("bad_number", f"{text} is not a whole number within 2^53-1")
    return int(text)


def parse(line):
    """The value, and its RFC 8785 text."""
    if len(line) > LINE:
        raise NotJson("too_large", "longer than any entry")
    try:
        value = json.loads(line.decode(), object_pairs_hook=unique, parse_int=number, parse_float=number,
                           parse_constant=[].index)
        return value, canonical(value)
    except (ValueError, RecursionError) as e:
        raise NotJson("bad_json", str(e))


def canonical(value, depth=0):
    if isinstance(value, (dict, list)) and depth >= DEPTH:
        raise NotJson("too_deep", f"nested deeper than {DEPTH}")
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return b"{" + b",".join(canonical(n) + b":" + canonical(value[n], depth + 1) for n in names) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(canonical(item, depth + 1) for item in value) + b"]"
    if isinstance(value, str) and len(value.encode()) > STRING:
        raise NotJson("too_large", "a string is too long")
    return json.dumps(value, ensure_ascii=False).encode()


# ---- the Merkle tree of RFC 6962 ----

def leaf_hash(entry_hash):
    return sha(b"\0" + bytes.fromhex(entry_hash.removeprefix("sha256:")))


def node(left, right):
    return sha(b"\1" + left + right)


def root(peaks):
    return functools.reduce(lambda right, left: node(left, right), reversed(peaks)) if peaks else sha(b"")


# ---- entries, and the chain ----

def days_in(at):
    return calendar.monthrange(2000 + int(at[:4]) % 400, int(at[5:7]))[1]


def read_entry(line):
    entry, text = parse(line)
    for name in entry if isinstance(entry, dict) else ["entry"]:
        if name not in MEMBERS:
            raise Fault("unknown_member", name)
    for name, kind in MEMBERS.items():
        if name not in entry or not isinstance(entry[name], kind) or entry[name] is True:
            raise Fault("wrong_type" if name in entry else "missing_member", name)
    for name in "hash", "prev":
        if not re.fullmatch("sha256:[0-9a-f]{64}", entry[name]):
            raise Fault("bad_digest", name)
    if not re.fullmatch("[a-z][a-z0-9_]{0,63}", entry["kind"]):
        raise Fault("bad_kind", entry["kind"])
    if not INSTANT.fullmatch(entry["at"]) or not 0 < int(entry["at"][8:10]) <= days_in(entry["at"]):
        raise Fault("bad_instant", entry["at"])
    if text != line or not re.fullmatch(r".{19}\.\d{3}Z", entry["at"], re.A):
        raise Fault("not_canonical", "not the RFC 8785 text of its entry")
    if sha(canonical({k: v for k, v in entry.items() if k != "hash"})).hex() != entry["hash"][7:]:
        raise Fault("entry_altered", "the hash is not that of the content")
    return entry


def check_genesis(entry):
    body = entry["body"] if isinstance(entry["body"], dict) else {}
    if (entry["kind"], entry["seq"], body.get("format")) != ("genesis", 0, FORMAT) \
            or entry["prev"] != "sha256:" + sha(FORMAT.encode()).hex():
        raise Fault("bad_genesis", f"not the first entry of a {FORMAT}")
    if not re.fullmatch(r"[^\s+\x00-\x1f\x7f-\x9f]{1,255}", str(body.get("origin", ""))):
        raise Fault("bad_origin", str(body.get("origin")))


def follow(entry, last, seq):
    wrong = {"entry_missing": entry["seq"] > seq, "entry_misplaced": entry["seq"] < seq,
             "link_broken": entry["prev"] != last["hash"], "bad_genesis": entry["kind"] == "genesis",
             "time_backwards": entry["at"] < last["at"]}
    if any(wrong.values()):
        raise Fault(next(filter(wrong.get, wrong)), f"entry {seq} is due")


def verify(lines, checkpoints=()):
    """What is good, how the file ends, and the first fault with its place."""
    out = {"entries": 0, "bytes": 0, "checkpoints": 0, "tail": {"state": "whole"}}
    peaks, last, since, ahead = [], None, 0, sorted(checkpoints, key=lambda c: c[1])

    def fault(code, **place):
        here = {"seq": out["entries"], "line": out["entries"] + 1, "offset": out["bytes"]}
        out["fault"] = {"code": code, **here, **place}

    def reach():
        nonlocal since
        while ahead and ahead[0][1] == out["entries"] and "fault" not in out:
            origin, size, want = ahead.pop(0)
            if root(peaks) != want or out.get("origin", origin) != origin:
                return fault("checkpoint_mismatch", seq=max(size - 1, 0), line=size, since=since)
            out["checkpoints"], since = out["checkpoints"] + 1, size

    for line in lines:
        reach()
        bare, whole = line.removesuffix(b"\n"), line.endswith(b"\n")
        if "fault" in out:
            break
        try:
            entry = read_entry(bare)
            follow(entry, last, out["entries"]) if last else check_genesis(entry)
        except Fault as e:
            if isinstance(e, NotJson) and not whole:
                out["tail"] = {"state": "torn", "bytes": len(bare)}
            else:
                fault(e.args[0])
            break
        out |= {} if last else {"origin": entry["body"]["origin"], "first_at": entry["at"]}
        carried, size = leaf_hash(entry["hash"]), out["entries"]
        while size & 1:
            carried, size = node(peaks.pop(), carried), size >> 1
        peaks.append(carried)
        out |= {"entries": out["entries"] + 1, "bytes": out["bytes"] + len(line), "head": entry["hash"],
                "last_at": entry["at"], "tail": {"state": "whole" if whole else "unterminated"}}
        last = entry
    reach()
    if ahead and "fault" not in out:
        fault("ledger_truncated")
    return out | {"root": "sha256:" + root(peaks).hex()}


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("file")
    p.add_argument("--key", action="append", default=[])
    p.add_argument("--checkpoint", action="append", default=[])
    args = p.parse_args()
    checkpoints = [open_note(open(name, "rb").read().decode(), args.key) for name in args.checkpoint]
    report = verify(open(args.file, "rb"), checkpoints)
    print(json.dumps(report, indent=2))
    sys.exit("fault" in report)


if __name__ == "__main__":
    main()
