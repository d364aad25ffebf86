"""A lifecycle, what keeps its records and what carries its effects out, behind one `with`."""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager
from copy import copy
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, cast

from glasskey._sugar import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from glasskey._native import Lifecycle
    from glasskey.types import Applied, Command, Decision, Effect, MissingSeat, RequestDocument

    Act = dict[str, Any]
    """A command without its id, like `{"revoked": {"grant": …, "point": …}}`."""
    Clock = Callable[[], datetime]
    Wait = Callable[["Pending"], Iterable[Act] | None]


class AccessRefused(Exception):
    """Access is not given. The answer says why, and what would change it."""

    applied: Applied
    decision: Decision

    def __init__(self, applied: Applied) -> None:
        self.applied = applied
        self.decision = applied["decision"]
        why = ", ".join(_reason(reason) for reason in self.decision["reasons"])
        super().__init__(f"{why} (next: {self.decision['next_action']})")


class ApprovalsMissing(AccessRefused):
    """Access is not given yet: seats are to be filled first."""

    @property
    def seats(self) -> list[MissingSeat]:
        """The seats, and who could fill them."""
        return [missing for missing in self.decision["missing"] if missing["type"] == "seat"]


class Pending:
    """A request that waits for approvals."""

    def __init__(self, applied: Applied) -> None:
        self.id = applied["request"]
        """Its id, which approvals name."""
        self.decision: Decision = applied["decision"]
        """The answer so far: `missing` names the seats, `ask` what an approver agrees to."""

    @property
    def seats(self) -> list[MissingSeat]:
        """The seats that are missing, and who could fill them."""
        return [missing for missing in self.decision["missing"] if missing["type"] == "seat"]


class Access:
    """A grant in force."""

    def __init__(self, desk: Desk, id: str, now: Clock | None) -> None:
        self._desk = desk
        self._now = now
        self.id = id
        """The grant's id."""

    @property
    def grant(self) -> Any:
        """The grant as it stands now."""
        return self._desk.lifecycle.grant(self.id)

    @property
    def ends_at(self) -> datetime:
        """When it ends at the latest."""
        return instant(self.grant["ends_at"])

    @property
    def credential_ref(self) -> str | None:
        """Where its credential is to be found; never the credential itself."""
        return cast("str | None", self.grant["credential_ref"])

    def use(self, action: str, resource: str) -> Decision:
        """Ask before each act. Raises `AccessRefused` when it is no longer covered."""
        applied = self._desk.apply(
            {"use": {"grant": self.id, "action": action, "resource": resource}}, now=self._now
        )
        if applied["decision"]["decision"] != "permit":
            raise AccessRefused(applied)
        return applied["decision"]

    def __repr__(self) -> str:
        return f"<glasskey.Access {self.id}: {self.grant['phase']} until {self.grant['ends_at']}>"


class Desk:
    """A lifecycle with a host's hands.

    `write` keeps each record, before anything is carried out; when it fails the desk closes, and
    the lifecycle is to be rebuilt from what was written. `carry_out` carries one effect out and
    may answer with what came of it: `{"issued": {…}}`, `{"revoked": {…}}`; an effect that fails
    does not keep the others from being carried out. `clock` tells the time.
    """

    def __init__(
        self,
        lifecycle: Lifecycle,
        *,
        write: Callable[[Applied], object],
        carry_out: Callable[[Effect], Act | None],
        clock: Clock = lambda: datetime.now(timezone.utc),
    ) -> None:
        self.lifecycle = lifecycle
        self._write = write
        self._carry_out = carry_out
        self._clock = clock
        self._lock = threading.Lock()
        self._unwritten: Applied | None = None

    def apply(self, act: Act, command_id: str | None = None, *, now: Clock | None = None) -> Applied:
        """Apply a command, keep its record, carry its effects out."""
        applied = self._recorded(act, command_id, now)
        self._carried(applied, now)
        return applied

    def tick(self, *, now: Clock | None = None) -> str | None:
        """Do what is due, and say when to come back."""
        self.apply({"tick": {}}, now=now)
        return self.lifecycle.next_change((now or self._clock)())

    @contextmanager
    def elevate(
        self, request: RequestDocument, *, wait: Wait | None = None, now: Clock | None = None
    ) -> Iterator[Access]:
        """Hold a privilege for the length of a `with`: it ends with it, however that ends.

        A request that is refused raises `AccessRefused`. One that needs approvals raises
        `ApprovalsMissing`, unless `wait` gathers them: it is called until the seats are filled,
        and gives what was said (`{"approve": {"request": pending.id, "by": …}}`), or None to
        give up. `now` is a clock in place of the desk's own.
        """
        id = self._approved(request, wait, now)
        activated = self._recorded({"activate": {"request": id}}, None, now)
        if "grant" not in activated:
            raise AccessRefused(activated)
        access = Access(self, activated["grant"], now)
        outcome = "failed"
        try:
            self._carried(activated, now)
            phase = access.grant["phase"]
            if phase != "active":
                raise RuntimeError(f"grant {access.id} is {phase}: no enforcement point put it in force")
            yield access
            outcome = "done"
        except TimeoutError:
            outcome = "timeout"
            raise
        finally:
            self.apply({"complete": {"grant": access.id, "outcome": outcome}}, now=now)

    def _recorded(self, act: Act, command_id: str | None, now: Clock | None) -> Applied:
        command = cast("Command", {"command_id": command_id or uuid.uuid4().hex, **act})
        with self._lock:
            if self._unwritten is not None:
                raise RuntimeError(f"record {self._unwritten['seq']} was not written; rebuild the lifecycle")
            # The clock is asked within the lock, so that records stand in the order of their times.
            applied = self._unwritten = self.lifecycle.apply(command, (now or self._clock)())
            self._write(applied)
            self._unwritten = None
        return applied

    def _carried(self, applied: Applied, now: Clock | None) -> None:
        failed: BaseException | None = None
        for effect in applied["effects"]:
            try:
                answer = self._carry_out(effect)
                if answer is not None:
                    self.apply(answer, f"{effect['key']}/{next(iter(answer))}", now=now)
            except BaseException as error:
                failed = failed or error
        if failed:
            raise failed

    def _approved(self, request: RequestDocument, wait: Wait | None, now: Clock | None) -> str:
        applied = copy(self.apply({"submit": {"request": request}}, now=now))
        if "request" not in applied:
            raise AccessRefused(applied)
        id = applied["request"]
        while applied["state"] == "pending":
            acts = None
            try:
                acts = wait(Pending(applied)) if wait else None
            finally:
                if acts is None:
                    self.apply({"withdraw": {"request": id}}, now=now)
            if acts is None:
                raise ApprovalsMissing(applied)
            for act in [*acts, {"tick": {}}]:
                said = self.apply(act, now=now)
                if said.get("request") == id and "decision" in said:
                    applied["decision"] = said["decision"]
            record = self.lifecycle.request(id)
            applied["state"] = record["phase"] if record else "void"
        if applied["state"] not in ("approved", "scheduled"):
            raise AccessRefused(applied)
        return id


def _reason(reason: Any) -> str:
    about = reason.get("policy") or reason.get("fact") or reason.get("detail")
    text = f"{reason['code']} ({about})" if about else str(reason["code"])
    return f"{text}: {reason['advice']}" if reason.get("advice") else text
