"""A playbook's privilege ends with its `with`, however that ends."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import pytest

import glasskey
from glasskey import AccessRefused, ApprovalsMissing, Desk, Facts, GlasskeyError, Lifecycle

STARTER = Path(__file__).parents[3] / "policies/starter"
BUNDLE = glasskey.load(STARTER)
RESTART = ('Ops::Action::"restart"', 'Glasskey::System::"pay-db"')
START = dt.datetime(2026, 3, 1, 2, 5, 5, tzinfo=dt.timezone.utc)


def ask(name: str) -> Any:
    return json.loads((STARTER / f"requests/{name}.json").read_bytes())


class Host:
    """A vault that issues and revokes, a clock that is set by hand, and what was written."""

    def __init__(self, at: dt.datetime = START) -> None:
        self.now = at
        self.records: list[Any] = []
        self.seen: list[str] = []
        facts = json.loads((STARTER / "facts.json").read_bytes())
        self.desk = Desk(
            Lifecycle(BUNDLE, Facts(BUNDLE, facts | {"observed_at": at})),
            write=self.records.append,
            carry_out=self.carry_out,
            clock=lambda: self.now,
        )

    def carry_out(self, effect: Any) -> Any:
        self.seen.append(effect["type"])
        if effect["type"] == "issue":
            return {"issued": {"grant": effect["grant"], "points": ["vault"], "credential_ref": "vault:7"}}
        if effect["type"] == "revoke":
            return {"revoked": {"grant": effect["grant"], "point": effect["point"]}}
        return None

    def phase(self) -> tuple[str, str]:
        (grant,) = self.desk.lifecycle.grants()
        return grant["phase"], str(grant["cause"])


@pytest.mark.parametrize(
    ("raised", "cause"),
    [(None, "task_done"), (ZeroDivisionError, "task_failed"), (TimeoutError, "task_timeout")],
)
def test_access_ends_on_success_failure_and_timeout_alike(raised: Any, cause: str) -> None:
    host, seen = Host(), list[Any]()

    def work() -> None:
        with host.desk.elevate(ask("oncall-restart")) as access:
            seen.append(access)
            assert access.credential_ref == "vault:7"
            assert access.ends_at == START + dt.timedelta(hours=1)
            assert access.use(*RESTART)["decision"] == "permit"
            assert repr(access).endswith("active until 2026-03-01T03:05:05.000Z>")
            if raised:
                raise raised

    with pytest.raises(raised) if raised else nullcontext():
        work()
    assert host.phase() == ("closed", cause)
    assert host.seen.count("revoke") == 1
    with pytest.raises(AccessRefused, match="grant_ended"):
        seen[0].use(*RESTART)


def test_an_interrupt_ends_it_too() -> None:
    host = Host()
    with pytest.raises(KeyboardInterrupt), host.desk.elevate(ask("oncall-restart")):
        raise KeyboardInterrupt
    assert host.phase()[0] == "closed"


def test_the_end_comes_with_the_time_whoever_is_still_at_work() -> None:
    host = Host()
    with host.desk.elevate(ask("oncall-restart")) as access:
        host.now += dt.timedelta(hours=1)
        with pytest.raises(AccessRefused) as refused:
            access.use(*RESTART)
    assert [reason["code"] for reason in refused.value.decision["reasons"]] == ["grant_ended"]
    assert host.phase() == ("closed", "expired")


def test_a_refusal_tells_why_and_what_would_help() -> None:
    host = Host()
    with pytest.raises(AccessRefused) as refused, host.desk.elevate(ask("shared-account")):
        raise AssertionError("nothing was given")
    assert refused.value.applied["state"] == "refused"
    assert str(refused.value).endswith(f"(next: {refused.value.decision['next_action']})")
    assert host.desk.lifecycle.grants() == []


NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.timezone.utc)


def said(kind: str, *people: str) -> Callable[[glasskey.Pending], Any]:
    return lambda pending: [
        {kind: {"request": pending.id, "by": f'Glasskey::Person::"{person}"'}} for person in people
    ]


def test_seats_are_named_and_may_be_waited_for() -> None:
    host = Host(NOON)
    with pytest.raises(ApprovalsMissing) as missing, host.desk.elevate(ask("dual-approval")):
        raise AssertionError("nothing was given")
    assert [seat["seat"] for seat in missing.value.seats] == ["engineering", "security"]
    assert 'Glasskey::Person::"ann"' in missing.value.seats[1]["candidates"]
    (request,) = host.desk.lifecycle.requests()
    assert request["phase"] == "withdrawn"

    asked: list[list[str]] = []

    def wait(pending: glasskey.Pending) -> Any:
        asked.append([seat["seat"] for seat in pending.seats])
        return said("approve", "bob" if len(asked) == 1 else "ann")(pending)

    with host.desk.elevate(ask("dual-approval"), wait=wait) as access:
        assert access.grant["rule"] == "dual-approval"
    assert len(asked) == 2
    assert asked[0] == ["engineering", "security"]


def test_a_denial_and_a_wait_that_fails_give_nothing() -> None:
    host = Host(NOON)
    with (
        pytest.raises(AccessRefused) as refused,
        host.desk.elevate(ask("dual-approval"), wait=said("deny", "ann")),
    ):
        raise AssertionError("nothing was given")
    assert refused.value.applied["state"] == "denied"

    def fails(_: object) -> Any:
        raise ConnectionError("chat is down")

    with pytest.raises(ConnectionError), host.desk.elevate(ask("dual-approval"), wait=fails):
        raise AssertionError("nothing was given")
    assert {request["phase"] for request in host.desk.lifecycle.requests()} == {"denied", "withdrawn"}


def test_a_vault_that_does_not_issue_gives_nothing_and_leaves_nothing() -> None:
    host, carry_out = Host(), Host.carry_out

    def fails(effect: Any) -> Any:
        if effect["type"] == "issue":
            raise ConnectionError("vault is down")
        return carry_out(host, effect)

    host.desk = Desk(host.desk.lifecycle, write=host.records.append, carry_out=fails, clock=lambda: host.now)
    with pytest.raises(ConnectionError), host.desk.elevate(ask("oncall-restart")):
        raise AssertionError("nothing was given")
    (grant,) = host.desk.lifecycle.grants()
    assert grant["phase"] not in ("active", "issuing")

    silent = Host()
    silent.desk = Desk(
        silent.desk.lifecycle, write=silent.records.append, carry_out=lambda _: None, clock=lambda: START
    )
    with (
        pytest.raises(RuntimeError, match="no enforcement point"),
        silent.desk.elevate(ask("oncall-restart")),
    ):
        raise AssertionError("nothing was given")
    (grant,) = silent.desk.lifecycle.grants()
    assert grant["phase"] not in ("active", "issuing")


def test_an_effect_that_fails_does_not_keep_the_others_back() -> None:
    host = Host()
    points = ["vault", "proxy", "bastion"]

    def carry_out(effect: Any) -> Any:
        host.seen.append(effect["type"])
        if effect["type"] == "issue":
            return {"issued": {"grant": effect["grant"], "points": points}}
        if effect["type"] == "revoke":
            if effect["point"] == "vault":
                raise ConnectionError("vault is down")
            return {"revoked": {"grant": effect["grant"], "point": effect["point"]}}
        return None

    host.desk = Desk(
        host.desk.lifecycle, write=host.records.append, carry_out=carry_out, clock=lambda: host.now
    )
    with pytest.raises(ConnectionError), host.desk.elevate(ask("oncall-restart")):
        pass
    (grant,) = host.desk.lifecycle.grants()
    assert grant["phase"] == "revoking"
    waiting = [name for name, point in grant["points"].items() if not point["confirmed_at"]]
    assert waiting == ["vault"], "ended is never claimed before it is confirmed"


def test_a_record_that_is_not_written_closes_the_desk() -> None:
    host = Host()

    def full(_: object) -> None:
        raise OSError("disk full")

    desk = Desk(host.desk.lifecycle, write=full, carry_out=host.carry_out, clock=lambda: START)
    with pytest.raises(OSError, match="disk full"):
        desk.apply({"tick": {}})
    with pytest.raises(RuntimeError, match="was not written; rebuild"):
        desk.apply({"tick": {}})


def test_what_was_written_makes_the_same_lifecycle_again() -> None:
    host = Host()
    again = glasskey.Lifecycle(BUNDLE, host.desk.lifecycle.facts)
    with host.desk.elevate(ask("oncall-restart")):
        pass
    for record in host.records:
        again.fold(record)
    assert again.same_state(host.desk.lifecycle)


def test_a_clock_may_be_given_and_malformed_commands_are_errors() -> None:
    host = Host()
    host.now = START - dt.timedelta(days=1)
    with host.desk.elevate(ask("oncall-restart"), now=lambda: START) as access:
        assert access.grant["started"] == "2026-03-01T02:05:05.000Z"
    due = host.desk.tick(now=lambda: START)
    assert due is not None
    assert glasskey.instant(due) > START
    with pytest.raises(GlasskeyError) as refused:
        host.desk.apply({"aprove": {}})
    assert refused.value.code in ("unknown_member", "bad_command")
    with pytest.raises(GlasskeyError):
        host.desk.apply(cast(Any, {"submit": {"request": {}}}))
