"""What is asked and answered in the vectors has the types that `glasskey.types` declares."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest
from mypy import api

import glasskey
from glasskey import types
from test_conformance import VECTORS

ANSWERS = {
    "answer": "Verdict",
    "compile": "Outline",
    "decide": "Decision",
    "decide_again": "Decision",
    "decide_many": "list[Decided | Refused]",
    "decide_with_evidence": "Both",
    "decide_with_reasons": "Decision",
    "explain": "Explanation",
    "redact": "Redacted",
    "request": "RequestDocument",
    "residual": "list[Residual]",
    "timeline": "Timeline",
    "verify_bundle": "Predicate",
    "what_can": "list[Found]",
    "who_can": "list[Found]",
}
"""The type of each operation's answer."""

ASKS = {"change": "FactsDocument", "evidence": "Evidence", "request": "RequestDocument"}
"""The types of what is asked, by the names of the members."""

HEAD = """
from typing import Any, TypedDict
from glasskey.types import *

class Both(TypedDict):
    decision: Decision
    evidence: Evidence

class Redacted(TypedDict):
    body: Any
    disclosures: list[Disclosure]
"""


def declarations() -> Iterable[tuple[str, Any]]:
    for vector in VECTORS:
        if "ok" not in vector["then"]:
            continue
        if vector["op"] in ANSWERS:
            yield ANSWERS[vector["op"]], vector["then"]["ok"]
        for name, type in ASKS.items():
            if isinstance(vector.get("when", {}).get(name), dict):
                yield type, vector["when"][name]


def test_answers_and_accepted_asks_have_their_declared_types(tmp_path: Path) -> None:
    lines = [f"v{i}: {type} = {value!r}" for i, (type, value) in enumerate(declarations())]
    file = tmp_path / "vectors.py"
    file.write_text(HEAD + "\n".join(lines))
    found, _, status = api.run(["--strict", "--no-incremental", str(file)])
    assert status == 0, found


@pytest.mark.parametrize(
    ("catalogue", "declared"), [("errors", types.ErrorCode), ("reasons", types.ReasonCode)]
)
def test_the_catalogues_are_the_declared_codes(catalogue: str, declared: Any) -> None:
    known: dict[str, str] = dict(glasskey.catalogue())[catalogue]  # type: ignore[assignment]
    assert list(known) == list(get_args(declared))
    assert all(known.values())
