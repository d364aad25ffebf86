"""The vectors of bindings/conformance, in Python. README.md there tells how they are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import glasskey
from conformance import (
    FOLDER,
    append,
    apply_all,
    asked,
    bundle,
    compiled,
    evidence,
    facts,
    files,
    lived,
    loaded_signed,
    observe,
    signed,
    summary,
)
from glasskey import Bundle, GlasskeyError, Ledger, Request

VECTORS: list[dict[str, Any]] = [
    vector for file in sorted(FOLDER.glob("*.json")) for vector in json.loads(file.read_bytes())
]

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
    "timeline": lambda _, w: glasskey.timeline(
        w["ledger"].encode(), incident=w.get("incident"), as_of=w.get("as_of")
    ),
    "residual": lambda _, w: glasskey.residual(w["ledger"].encode(), w["now"]),
    "redact": lambda _, w: dict(
        zip(("body", "disclosures"), glasskey.redact(w["body"], w["paths"], bytes(w["seed"])), strict=True)
    ),
    "disclose": lambda _, w: glasskey.disclose(w["body"], w["disclosures"]),
    "sign_note": lambda _, w: glasskey.sign_note(w["text"], w["key"], bytes(w["signature"])),
    "verify_bundle": lambda g, w: glasskey.verify_bundle(files(g), json.dumps(w["envelope"]), w["keys"]),
    "compile_signed": signed,
    "compiled": compiled,
    "from_compiled": lambda _, w: Bundle.from_compiled(bytes(w["bytes"])).digest,
    "from_compiled_signed": loaded_signed,
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
