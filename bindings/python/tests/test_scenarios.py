"""The scenarios of every pack, and the ledgers of bindings/conformance, in Python."""

from __future__ import annotations

import functools
import json
from copy import copy
from pathlib import Path
from typing import Any, cast

import pytest

import glasskey
from glasskey import Bundle, Facts, GlasskeyError, Ledger, Lifecycle

SCENARIOS = sorted((Path(__file__).parents[3] / "policies").glob("*/scenarios/*.json"))
LEDGERS = Path(__file__).parents[2] / "conformance/ledger"
CASES = json.loads((LEDGERS / "cases.json").read_bytes())
load = functools.cache(glasskey.load)


class World:
    """Runs steps; what they made can be called by name, in place of ids, which are digests."""

    def __init__(self, folder: Path, bundle: Bundle, facts: Facts) -> None:
        self.folder = folder
        self.life = Lifecycle(bundle, facts)
        self.folded = copy(self.life)
        self.applied: list[Any] = []
        self.ids: dict[str, str] = {}
        self.asks: dict[str, Any] = {}

    def step(self, kind: str, body: Any, name: str | None, command_id: str, at: str) -> Any:
        name = body.pop("as", name)
        if kind == "decide":
            for approval in body.get("approvals", []):
                approval["ask"] = self.asks.get(approval.get("ask"), approval.get("ask"))
            decision = glasskey.decide(self.life.bundle, self.life.facts, body, at)
            self.asks[str(name)] = decision.get("ask")
            return decision
        if kind == "change_bundle":
            applied: Any = self.life.change_bundle(command_id, load(self.folder / body["bundle"]), at)
        else:
            for member in {"request", "grant", "parent"} & body.keys():
                body[member] = self.ids.get(body[member], body[member]) if kind != "submit" else body[member]
            applied = self.life.apply(cast(Any, {"command_id": command_id, kind: body}), at)
        if applied["seq"] > self.folded.seq:
            self.applied.append(applied)
            self.folded.fold(applied, self.life.bundle)
        made = applied.get({"submit": "request", "extend": "extension"}.get(kind, "grant"))
        if name and made:
            self.ids[name] = made
        result = {key: value for key, value in applied.items() if key not in ("decision", "evidence")}
        text = json.dumps(result | applied.get("decision", {}))
        for name, id in self.ids.items():
            text = text.replace(id, name)
        return json.loads(text)


def differs(expected: Any, got: Any, path: str = "") -> str | None:
    """Where the first difference is: objects are held by member, lists contain in order."""
    if isinstance(expected, dict) and isinstance(got, dict):
        members = (differs(value, got.get(name), f"{path}.{name}") for name, value in expected.items())
        return next((found for found in members if found), None)
    if isinstance(expected, list) and isinstance(got, list | None):
        rest = iter(got or [])
        found = all(any(not differs(want, have) for have in rest) for want in expected)
        return None if found and (expected or not got) else f"{path}: {expected} in {got}"
    if expected == got or (isinstance(expected, str) and isinstance(got, str) and same_time(expected, got)):
        return None
    return f"{path}: expected {expected!r}, got {got!r}"


def same_time(a: str, b: str) -> bool:
    for read in (glasskey.instant, glasskey.span):
        try:
            return bool(read(a)) and read(a) == read(b)
        except ValueError:
            continue
    return False


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: f"{file.parts[-3]}/{file.stem}")
def test_scenario_comes_out_as_it_should(file: Path) -> None:
    scenario = json.loads(file.read_bytes())
    bundle, facts = load((file.parent / scenario["bundle"]).resolve()), scenario["facts"]
    document = (file.parent / facts).read_bytes() if isinstance(facts, str) else facts
    world = World(file.parent, bundle, Facts(bundle, document))
    at = scenario.get("now")
    for number, step in enumerate(scenario["steps"], 1):
        at = step.get("at", at)
        ((kind, body),) = step["do"].items()
        try:
            got = world.step(kind, body, step.get("as"), step.get("command_id", f"step-{number}"), at)
            assert "expect_error" not in step, got
            assert differs(step.get("expect", {}), got) is None, f"step {number}, {kind}"
        except GlasskeyError as refused:
            assert differs(step.get("expect_error"), refused.errors[0]) is None, f"step {number}, {kind}"
    assert world.folded.same_state(world.life)
    told_again(world, bundle)


def told_again(world: World, bundle: Bundle) -> None:
    """The ledger of what was done holds, and tells all of it again."""
    ledger, first = Ledger.begin("example.com/scenario", "2026-01-01T00:00:00Z")
    entries = [first, *(entry for applied in world.applied for entry in ledger.record(applied))]
    text = b"".join(glasskey.canonical(entry) + b"\n" for entry in entries)
    assert glasskey.verify(text) == glasskey.verify(text[i : i + 999] for i in range(0, len(text), 999))
    assert "fault" not in glasskey.verify(text)
    assert [record["applied"] for record in glasskey.records(text)] == world.applied
    assert glasskey.replay(text, [bundle, world.life.bundle]) == []


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) > 40


@pytest.mark.parametrize("case", CASES["ledgers"], ids=lambda case: case["file"])
def test_a_ledger_is_judged_as_the_case_says(case: Any) -> None:
    notes = [(LEDGERS / name).read_text() for name in case["checkpoints"]]
    ledger = (LEDGERS / case["file"]).read_bytes()
    report: Any = glasskey.verify(ledger, checkpoints=notes, keys=CASES["keys"])
    if "fault" in report:
        report["fault"] |= {"code": report["fault"].pop("error")["code"]}
    assert report == case["expect"]


@pytest.mark.parametrize("case", CASES["proofs"], ids=lambda case: case["file"])
def test_a_proof_is_judged_as_the_case_says(case: Any) -> None:
    proof = (LEDGERS / case["file"]).read_text()
    try:
        found: Any = {"size": glasskey.verify_proof(proof, case["entry"], CASES["keys"])["size"]}
    except GlasskeyError as refused:
        found = {"code": refused.code}
    assert found == case["expect"]


def test_a_proof_is_made_from_the_ledger_and_a_checkpoint() -> None:
    ledger, note = (LEDGERS / "good.jsonl").read_bytes(), (LEDGERS / "last.note").read_text()
    for index, entry in enumerate(ledger.splitlines()):
        proof = glasskey.prove(ledger, index, note)
        assert glasskey.verify_proof(proof, entry, CASES["keys"])["size"] == 14
    with pytest.raises(GlasskeyError) as refused:
        glasskey.prove(ledger, 14, note)
    assert refused.value.code == "no_such_entry"
