"""A SOAR playbook: PagerDuty calls, a commander approves, the work is done, the access ends.

    python playbook.py PACK FACTS.json LEDGER.jsonl

Your own systems have stand-ins below: a vault, a chat, a webhook that is a file. All that they
share with Glasskey is data. The time is that of the webhooks; leave `clock` out, and it is the
system's.
"""

from __future__ import annotations

import json
import os
import sys
from copy import copy
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import glasskey
from glasskey import AccessRefused, Bundle, Desk, Facts, Ledger, Lifecycle, Pending
from glasskey.types import Applied, Effect, RequestDocument

HERE = Path(__file__).parent


class Clock:
    """A clock that goes when we say so."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Book:
    """The ledger in a file. A record counts once it is on the disk, and not before."""

    def __init__(self, file: IO[bytes], origin: str, now: datetime) -> None:
        self.file = file
        self.ledger, first = Ledger.begin(origin, now)
        self.append([first])

    def append(self, entries: list[Any]) -> None:
        self.file.write(b"".join(glasskey.canonical(entry) + b"\n" for entry in entries))
        self.file.flush()
        os.fsync(self.file.fileno())

    def write(self, applied: Applied) -> None:
        ledger = copy(self.ledger)
        self.append(ledger.record(applied))
        self.ledger = ledger


def carry_out(effect: Effect) -> dict[str, Any] | None:
    """Your vault and your chat. What is not done raises; nothing is claimed before it is done."""
    if effect["type"] == "issue":
        print(f"  vault: a lease for {effect['principal']}")
        issued = {"grant": effect["grant"], "points": ["vault"], "credential_ref": "vault:lease/431"}
        return {"issued": issued}
    if effect["type"] == "revoke":
        print(f"  vault: lease revoked at {effect['point']}")
        return {"revoked": {"grant": effect["grant"], "point": effect["point"]}}
    print(f"  chat: {effect['type']}")
    return None


def incident(webhook: Any, seen_at: datetime) -> Any:
    """A PagerDuty webhook (v3) as a change of the facts."""
    data = webhook["event"]["data"]
    return {
        "observed_at": seen_at,
        "incidents": [
            {
                "id": f"PD-{data['number']}",
                "epoch": 1,
                "status": "closed" if data["status"] == "resolved" else "open",
                "severity": int(data["priority"]["summary"].removeprefix("P")),
                "opened_at": data["created_at"],
                "resources": [f'Glasskey::System::"{data["service"]["summary"]}"'],
                "responders": [f'Glasskey::Person::"{user["summary"]}"' for user in data["assignees"]],
                "source": "pagerduty",
            }
        ],
    }


def ask_commander(pending: Pending, clock: Clock) -> list[dict[str, Any]]:
    """Your chat: show who may say yes, and give back what was said."""
    for seat in pending.seats:
        print(f"  chat: {seat['seat']}? could be {', '.join(seat['candidates'])}")
    clock.now += timedelta(seconds=20)
    return [{"approve": {"request": pending.id, "by": 'Glasskey::Person::"imani"', "max_ttl": "30m"}}]


def main(pack: str, facts_file: str, ledger_file: str) -> None:
    triggered, resolved = (
        json.loads((HERE / f"pagerduty-{name}.json").read_bytes()) for name in ("triggered", "resolved")
    )
    clock = Clock(glasskey.instant(triggered["event"]["occurred_at"]))
    bundle: Bundle = glasskey.load(pack)
    snapshot = json.loads(Path(facts_file).read_bytes()) | {"observed_at": clock.now}
    with Path(ledger_file).open("xb") as file:
        book = Book(file, "example.com/soar", clock.now)
        lifecycle = Lifecycle(bundle, Facts(bundle, snapshot))
        desk = Desk(lifecycle, write=book.write, carry_out=carry_out, clock=clock)

        def until(webhook: Any) -> None:
            """Time goes by, and PagerDuty is asked every half a minute: old news open nothing."""
            then = glasskey.instant(webhook["event"]["occurred_at"])
            while clock.now < then:
                desk.apply({"observe": incident(triggered, clock.now)})
                clock.now += timedelta(seconds=30)
            desk.apply({"observe": incident(webhook, then)})

        until(triggered)
        request: RequestDocument = {
            "principal": 'Glasskey::Person::"dan"',
            "scope": [{"action": 'Ops::Action::"restart"', "resource": 'Glasskey::System::"pay-api"'}],
            "purpose": "checkout answers 503",
            "supports": [{"incident": "PD-431"}],
        }
        with desk.elevate(request, wait=lambda pending: ask_commander(pending, clock)) as access:
            print(f"{access.grant['rule']} until {access.grant['ends_at']} ({access.grant['ends_by']})")
            access.use('Ops::Action::"restart"', 'Glasskey::System::"pay-api"')
            print(f"  restarted pay-api with {access.credential_ref}")
            # Then the incident closes, and nobody has to think of the lease.
            until(resolved)
            try:
                access.use('Ops::Action::"restart"', 'Glasskey::System::"pay-api"')
            except AccessRefused as refused:
                print(f"  once more? {refused}")
    evidence(bundle, Path(ledger_file).read_bytes())


def evidence(bundle: Bundle, ledger: bytes) -> None:
    """What an auditor asks: unaltered? does each decision follow? who held what, until when?"""
    report = glasskey.verify(ledger)
    assert "fault" not in report
    print(f"{report['entries']} entries unaltered, {len(glasskey.replay(ledger, [bundle]))} decisions differ")
    for record in glasskey.records(ledger):
        for ended in record["applied"]["ended"]:
            print(f"ended {record['applied']['at']}: {ended['cause']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
