"""What the vectors are given, and the operations of more than one step."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import glasskey
from glasskey import Bundle, Facts, GlasskeyError, Ledger, Lifecycle

FOLDER = Path(os.environ.get("GLASSKEY_CONFORMANCE", Path(__file__).parents[2] / "conformance"))


def bundle(given: Any) -> Bundle:
    return Bundle.compile(files(given))


def files(given: Any) -> dict[str, bytes]:
    all = {file.name: file.read_bytes() for file in (FOLDER / "packs" / given["pack"]).iterdir()}
    all |= {
        name: None if content is None else content.encode() if isinstance(content, str) else bytes(content)
        for name, content in given.get("files", {}).items()
    }
    return {name: content for name, content in all.items() if content is not None}


def facts(given: Any, rules: Bundle | None = None) -> Facts:
    world = given.get("world", {})
    if not isinstance(world, str):
        whole = json.loads((FOLDER / "worlds" / given["pack"]).with_suffix(".json").read_bytes()) | world
        world = {name: member for name, member in whole.items() if member is not None}
    return Facts(rules or bundle(given), world)


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
        "timeline": glasskey.digest(glasskey.timeline(written)),
        "residual": glasskey.residual(written, when["now"]),
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


def signed(given: Any, when: Any) -> Any:
    envelope = when["envelope"] and json.dumps(when["envelope"])
    bundle = Bundle.compile_signed(files(given), envelope, when["keys"])
    return {"digest": bundle.digest, "signed_by": bundle.signed_by}


def compiled(given: Any, when: Any) -> Any:
    form = bundle(given).to_compiled()
    loaded = Bundle.from_compiled(form)
    decision = glasskey.decide(loaded, facts(given, loaded), when["request"], when["now"])
    return {"form": glasskey.digest(list(form)), "decision": decision}


def loaded_signed(_: Any, when: Any) -> Any:
    envelope = when["envelope"] and json.dumps(when["envelope"])
    bundle = Bundle.from_compiled_signed(bytes(when["bytes"]), envelope, when["keys"])
    return {"digest": bundle.digest, "signed_by": bundle.signed_by}
