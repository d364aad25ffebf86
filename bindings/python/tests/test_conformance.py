"""The vectors of bindings/conformance, in Python. README.md there tells how they are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import glasskey
from glasskey import Bundle, Facts, GlasskeyError, Ledger, Lifecycle, Request

FOLDER = Path(__file__).parents[2] / "conformance"
VECTORS: list[dict[str, Any]] = [
    vector for file in sorted(FOLDER.glob("*.json")) for vector in json.loads(file.read_bytes())
]


def bundle(given: Any) -> Bundle:
    return Bundle.compile(files(given))


def files(given: Any) -> dict[str, bytes]:
    all = {file.name: file.read_bytes() for file in (FOLDER / "packs" / given["pack"]).iterdir()}
    all |= {
        name: None if content is None else content.encode() if isinstance(content, str) else bytes(content)
        for name, content in given.get("files", {}).items()
    }
    return {name: content for name, content in all.items() if content is not None}


def facts(given: Any) -> Facts:
    world = given.get("world", {})
    if not isinstance(world, str):
        whole = json.loads((FOLDER / "worlds" / given["pack"]).with_suffix(".json").read_bytes()) | world
        world = {name: member for name, member in whole.items() if member is not None}
    return Facts(bundle(given), world)


def summary(facts: Facts) -> Any:
    return {"observed_at": facts.observed_at, "entity_count": facts.entity_count}


def observe(given: Any, when: Any) -> Any:
    next, ignored = facts(given).observe_with_notes(when["change"], when["now"])
    return {"facts": summary(next), "ignored": ignored}


def evidence(given: Any, when: Any) -> Any:
    decision, evidence = glasskey.decide_with_evidence(*asked(given, when))
    return {"decision": decision, "evidence": evidence}


def asked(given: Any, when: Any) -> tuple[Bundle, Facts, Any, str]:
    return bundle(given), facts(given), when["request"], when["now"]


def lived(given: Any, when: Any) -> Any:
    """Apply commands, fold what they did, record it in a ledger, and read the ledger back."""
    first = bundle(given)
    life, again = Lifecycle(first, facts(given)), Lifecycle(first, facts(given))
    ledger, entry = Ledger.begin("example.com/pam", when["begin"])
    lines, bundles, answers = [entry], [first], list[Any]()
    for step in when["steps"]:
        try:
            if "forget" in step:
                life.forget_answers(step["at"])
                continue
            if "change_bundle" in step:
                bundles.append(bundle(step["change_bundle"]))
                applied = life.change_bundle(step["command_id"], bundles[-1], step["at"])
            else:
                applied = life.apply(step["command"], step["at"])
        except GlasskeyError as refused:
            answers.append({"error": refused.errors[0]})
            continue
        if applied["seq"] > again.seq:
            again.fold(applied, bundles[-1])
            lines += ledger.record(applied)
        answers.append({"ok": told(applied)})
    written = b"".join(glasskey.canonical(line) + b"\n" for line in lines)
    return {
        "answers": answers,
        "seq": life.seq,
        "next_change": life.next_change(when["now"]),
        "requests": life.requests(),
        "grants": life.grants(),
        "folded": life.same_state(again),
        "records": len(glasskey.records(written)),
        "differing": glasskey.replay(written, bundles),
        "other": glasskey.counterfactual(written, first),
        "report": glasskey.verify(written),
    }


def told(applied: Any) -> Any:
    decision = applied.get("decision")
    reasons = decision and [{"code": reason["code"]} for reason in decision["reasons"]]
    return {"digest": glasskey.digest(applied), "state": applied.get("state"), "reasons": reasons}


def apply_all(given: Any, when: Any) -> Any:
    answers = Lifecycle(bundle(given), facts(given)).apply_all(when["commands"], when["now"])
    items = [{"ok": glasskey.digest(a["ok"])} if "ok" in a else {"error": a["error"]} for a in answers]
    return [{"command_id": a["command_id"], "item": item} for a, item in zip(answers, items, strict=True)]


def append(_: Any, when: Any) -> Any:
    ledger, _ = Ledger.begin(when["origin"], when["at"])
    for entry in when["entries"]:
        body = entry["body"]
        ledger.append(entry["kind"], body.encode() if isinstance(body, str) else body, entry["at"])
    return {"state": ledger.state, "root": ledger.root, "checkpoint": ledger.checkpoint()}


OPS: dict[str, Callable[[Any, Any], Any]] = {
    "canonical": lambda _, w: glasskey.canonical(w["text"].encode()).decode(),
    "digest": lambda _, w: glasskey.digest(w["text"].encode()),
    "compile": lambda g, _: bundle(g).outline(),
    "facts": lambda g, _: summary(facts(g)),
    "observe": observe,
    "rebind": lambda g, w: summary(facts(g).rebind(bundle(w["to"]))),
    "request": lambda _, w: Request(w["request"]).to_dict(),
    "decide": lambda g, w: glasskey.decide(*asked(g, w)),
    "answer": lambda g, w: glasskey.answer(*asked(g, w)),
    "decide_with_reasons": lambda g, w: glasskey.decide_with_reasons(*asked(g, w)),
    "who_can": lambda g, w: glasskey.who_can(*asked(g, w)),
    "what_can": lambda g, w: glasskey.what_can(*asked(g, w)),
    "decide_json": lambda g, w: glasskey.decide_json(*asked(g, w)).decode(),
    "decide_many": lambda g, w: glasskey.decide_many(bundle(g), facts(g), w["requests"], w["now"]),
    "decide_with_evidence": evidence,
    "decide_again": lambda g, w: glasskey.decide_again(bundle(g), w["evidence"]),
    "explain": lambda g, w: glasskey.explain(*asked(g, w)),
    "lifecycle": lived,
    "apply_all": apply_all,
    "append": append,
    "resume": lambda _, w: {"head": (end := Ledger.from_state(w["state"])).head, "root": end.root},
    "prove": lambda _, w: glasskey.prove(w["ledger"].encode(), w["index"], w["checkpoint"]),
    "verify_proof": lambda _, w: glasskey.verify_proof(w["proof"], w["entry"], w["keys"]),
    "replay": lambda g, w: glasskey.replay(w["ledger"].encode(), [bundle(g)]),
    "redact": lambda _, w: dict(
        zip(("body", "disclosures"), glasskey.redact(w["body"], w["paths"], bytes(w["seed"])), strict=True)
    ),
    "disclose": lambda _, w: glasskey.disclose(w["body"], w["disclosures"]),
    "sign_note": lambda _, w: glasskey.sign_note(w["text"], w["key"], bytes(w["signature"])),
    "verify_bundle": lambda g, w: glasskey.verify_bundle(files(g), json.dumps(w["envelope"]), w["keys"]),
}


def answer(vector: dict[str, Any]) -> Any:
    try:
        return {"ok": OPS[vector["op"]](vector.get("given"), vector.get("when"))}
    except GlasskeyError as refused:
        codes = {"codes": [error["code"] for error in refused.errors]} if len(refused.errors) > 1 else {}
        return {"error": {"code": refused.code} | ({"path": refused.path} if refused.path else {}) | codes}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vector_is_answered_as_it_says(vector: dict[str, Any]) -> None:
    assert glasskey.canonical(answer(vector)) == glasskey.canonical(vector["then"])


def test_every_operation_has_a_vector() -> None:
    assert {vector["op"] for vector in VECTORS} == set(OPS)
