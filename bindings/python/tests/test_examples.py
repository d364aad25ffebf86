"""The examples are run as their readers would run them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"
STARTER = Path(__file__).parents[3] / "policies/starter"


def run(name: str, *words: object) -> str:
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_playbook_ends_with_its_incident_and_its_ledger_is_drawn(tmp_path: Path) -> None:
    ledger, picture = tmp_path / "ledger.jsonl", tmp_path / "timeline.svg"
    told = run("playbook.py", STARTER, STARTER / "facts.json", ledger)
    assert told.splitlines() == [
        '  chat: incident-commander? could be Glasskey::Person::"imani"',
        '  vault: a lease for Glasskey::Person::"dan"',
        "incident-responder until 2026-03-01T02:31:50.000Z (approver_ttl)",
        "  restarted pay-api with vault:lease/431",
        "  chat: open_review",
        "  vault: lease revoked at vault",
        "  once more? grant_ended (incident_closed) (next: request)",
        "108 entries unaltered, 0 decisions differ",
        "ended 2026-03-01T02:14:20.000Z: incident_closed",
    ]
    assert json.loads(ledger.read_bytes().splitlines()[0])["kind"] == "genesis"
    assert run("timeline.py", ledger, picture) == f"3 lanes in {picture}\n"
    drawn = picture.read_text()
    assert "<svg" in drawn
    for label in ("incident PD-431", "closed: incident_closed"):
        assert label in drawn
