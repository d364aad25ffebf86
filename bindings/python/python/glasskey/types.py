"""The shapes of Glasskey's plain data, as they stand on the wire.

What goes in may be looser than what comes out: an instant is RFC 3339 text or an aware
`datetime`, a duration is text like `1h30m` or a `timedelta`. What comes out is always text.

Made by `cargo xtask shapes` from the types of the core.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, TypedDict, final

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired

Instant: TypeAlias = str | datetime
"""RFC 3339 text with a zone, or an aware `datetime`."""
Span: TypeAlias = str | timedelta
"""Text as Cedar writes durations, like `1h30m`, or a `timedelta`."""

Uid: TypeAlias = str
"""The name of one entity; on the wire as Cedar writes it, `Glasskey::Person::"ann"`.

It is hashed once, when it is read, and a clone shares the text: so telling two apart, and
finding one among many, costs no more than comparing two numbers.
"""


class Pair(TypedDict):
    """One action on one target."""

    action: Uid
    """The action, such as `Ops::Action::"restart"`."""
    resource: Uid
    """The target, such as `Glasskey::System::"pay-db"`."""


class Support(TypedDict):
    """A support that a request names: `{"incident":"INC-100","epoch":1}`, `{"shift":"S-7"}`,
    `{"window":"CHG-3"}` or `{"task":"T-55"}`.

    An incident without an epoch means the epoch that is current when it is decided.
    """

    incident: NotRequired[str]
    """The incident's id."""
    epoch: NotRequired[int]
    """The incident's epoch that is meant; the current one, if not given."""
    shift: NotRequired[str]
    """The shift's id."""
    window: NotRequired[str]
    """The window's id."""
    task: NotRequired[str]
    """The task's id."""


Digest: TypeAlias = str
"""A SHA-256 digest; on the wire `sha256:` and 64 lower-case hex digits."""


class Approval(TypedDict):
    """An approval that was given, as the host recorded it."""

    by: str
    """Who approved: a uid, or an alias that the facts know."""
    at: Instant
    """When."""
    ask: NotRequired[Digest | None]
    """The digest of exactly the ask that was approved; an approval bound to none does not count."""
    seat: NotRequired[str | None]
    """The one seat that is meant; else any that the approver may fill."""
    max_ttl: NotRequired[Span | None]
    """The longest lifetime that the approver agrees to."""
    expires_at: NotRequired[Instant | None]
    """When the approval stops counting, if before the rule's `@approval_ttl`."""


class RequestDocument(TypedDict):
    """A request for privilege, or for any other action that a bundle decides."""

    principal: Uid
    """Who would hold the privilege."""
    requested_by: NotRequired[Uid | None]
    """Who asked, if not the principal; may not approve either."""
    via: NotRequired[list[Uid]]
    """The delegation chain, root first, that the principal acts for."""
    scope: list[Pair]
    """What is asked for; every pair must be open under one and the same rule."""
    purpose: NotRequired[str]
    """Why, in the requester's words."""
    ttl: NotRequired[Span | None]
    """For how long; omitted means the rule's default, never its maximum."""
    emergency: NotRequired[bool]
    """The requester says that it is an emergency; a signal, not an authority."""
    supports: NotRequired[list[Support]]
    """What makes the request valid."""
    rule: NotRequired[str | None]
    """The one rule to be used; else the best open one."""
    channel: NotRequired[str]
    """Where the request came in, such as `console` or `slack`."""
    host: NotRequired[dict[str, Any]]
    """What the pack's `Glasskey::HostContext` asks for."""
    approvals: NotRequired[list[Approval]]
    """The approvals given so far."""


IncidentStatus: TypeAlias = Literal[
    "open",
    "closed",
    "merged",
]
"""Whether an epoch of an incident still runs. Only `open` supports anything."""


class IncidentReport(TypedDict):
    """An incident as it is reported: members left out keep what is known of the same incident."""

    id: NotRequired[str]
    """The source's id."""
    epoch: NotRequired[int | None]
    """The epoch; a reopened incident without one starts the next."""
    status: NotRequired[IncidentStatus | None]
    """Whether the epoch still runs; open, if nothing is known."""
    severity: NotRequired[int | None]
    """1 to 5; 5, if nothing is known."""
    opened_at: NotRequired[Instant | None]
    """When the epoch was opened; the time of the report, if nothing is known."""
    resources: NotRequired[list[Uid] | None]
    """What it is about; nothing, if nothing is known."""
    responders: NotRequired[list[Uid] | None]
    """Who works on it."""
    source: NotRequired[str | None]
    """Where the record comes from."""
    observed_at: NotRequired[Instant | None]
    """When the record was true; the document's `observed_at`, if not said."""


class ShiftReport(TypedDict):
    """A shift as it is reported: members left out keep what is known of the same shift."""

    id: NotRequired[str]
    """The schedule's id for it."""
    person: NotRequired[Uid | None]
    """Who is on call."""
    start: NotRequired[Instant | None]
    """First instant."""
    end: NotRequired[Instant | None]
    """First instant that is no longer in it."""
    resources: NotRequired[list[Uid] | None]
    """What they are on call for."""
    observed_at: NotRequired[Instant | None]
    """When the record was true; the document's `observed_at`, if not said."""


WindowStatus: TypeAlias = Literal[
    "approved",
    "planned",
    "done",
    "cancelled",
]
"""Whether a window may be used at all."""


class WindowReport(TypedDict):
    """A window as it is reported: members left out keep what is known of the same window."""

    id: NotRequired[str]
    """The change's id."""
    status: NotRequired[WindowStatus | None]
    """Whether it may be used; planned, if nothing is known."""
    start: NotRequired[Instant | None]
    """First instant."""
    end: NotRequired[Instant | None]
    """First instant that is no longer in it."""
    resources: NotRequired[list[Uid] | None]
    """What it is about."""
    assignees: NotRequired[list[Uid] | None]
    """Who works in it."""
    observed_at: NotRequired[Instant | None]
    """When the record was true; the document's `observed_at`, if not said."""


TaskStatus: TypeAlias = Literal[
    "open",
    "done",
    "failed",
    "timeout",
]
"""How a task stands. Only `open` supports anything."""


class TaskReport(TypedDict):
    """A task as it is reported: members left out keep what is known of the same task."""

    id: NotRequired[str]
    """The tracker's id."""
    status: NotRequired[TaskStatus | None]
    """How it stands; open, if nothing is known."""
    ends_at: NotRequired[Instant | None]
    """When it ends whatever its status."""
    resources: NotRequired[list[Uid] | None]
    """What it is about."""
    assignees: NotRequired[list[Uid] | None]
    """Who may work on it."""
    observed_at: NotRequired[Instant | None]
    """When the record was true; the document's `observed_at`, if not said."""


class Signal(TypedDict):
    """What one probe says of one thing, such as `idp` is `down`."""

    name: str
    """What is probed."""
    state: str
    """How it is, in the pack's own words."""
    source: NotRequired[str]
    """The probe; two probes are independent when their sources differ."""
    observed_at: NotRequired[Instant | None]
    """When it was seen; the document's `observed_at`, if not said."""


LockTarget: TypeAlias = str
"""What a lock holds shut: one entity and all below it, or everything (`*`)."""


class Lock(TypedDict):
    """A lock: while it holds, nothing is granted to or on its target."""

    target: LockTarget
    """What is held shut."""
    reason: NotRequired[str]
    """Why."""
    until: NotRequired[Instant | None]
    """When it opens by itself; `None` for never."""
    observed_at: NotRequired[Instant | None]
    """When the lock was known; the document's `observed_at`, if not said."""


class History(TypedDict):
    """Counts about one principal; the lifecycle keeps them, a stateless caller supplies them."""

    principal: Uid
    """Whose history."""
    grants_24h: int
    """Grants activated in the last 24 hours."""
    extensions: int
    """Extensions so far in the chain that the request would join."""
    refusals_10m: int
    """Refused requests in the last ten minutes."""
    overdue_reviews: int
    """Reviews of this principal's grants that are overdue."""
    emergencies_7d: int
    """Emergency grants in the last seven days."""
    chain: Span
    """Time already spent in the chain that the request would join."""
    observed_at: NotRequired[Instant | None]
    """When the counts were true."""


class Removed(TypedDict):
    """What a change takes away."""

    entities: NotRequired[list[Uid]]
    """Entities that no longer exist."""
    shifts: NotRequired[list[str]]
    """Shifts that were struck off the schedule."""
    locks: NotRequired[list[LockTarget]]
    """Locks that are lifted."""
    signals: NotRequired[list[str]]
    """Signals, every source of them."""
    aliases: NotRequired[list[str]]
    """Aliases that no longer hold."""


class FactsDocument(TypedDict):
    """A snapshot of the world, or what changed since the last one.

    Records are put by their ids; `remove` takes them away. A record's `observed_at` defaults
    to the document's.
    """

    observed_at: NotRequired[Instant | None]
    """When all this was true; a whole snapshot must say it."""
    entities_observed_at: NotRequired[Instant | None]
    """When the entities as a whole were true, if at another time. In a change: all entities,
    those not repeated here included, were confirmed at that time.
    """
    locks_observed_at: NotRequired[Instant | None]
    """The same for locks."""
    entities: NotRequired[list[Any]]
    """People, machines, groups and targets, in Cedar's JSON."""
    incidents: NotRequired[list[IncidentReport]]
    """Incidents."""
    shifts: NotRequired[list[ShiftReport]]
    """On-call shifts."""
    windows: NotRequired[list[WindowReport]]
    """Change windows."""
    tasks: NotRequired[list[TaskReport]]
    """Tasks."""
    signals: NotRequired[list[Signal]]
    """Signals, by name and source."""
    locks: NotRequired[list[Lock]]
    """Locks, by target."""
    aliases: NotRequired[dict[str, Uid]]
    """Other names of persons; letter case does not matter."""
    history: NotRequired[list[History]]
    """Histories, by principal."""
    remove: NotRequired[Removed]
    """What is gone."""


class Submit(TypedDict):
    """Somebody asks."""

    request: RequestDocument
    """For what."""
    start: NotRequired[Instant | None]
    """When it shall start, if not now."""
    parent: NotRequired[str | None]
    """The grant that it is delegated from."""


class Approve(TypedDict):
    """Somebody approves a request or an extension."""

    request: str
    """The request or the extension."""
    by: str
    """Who: a uid, or an alias that the facts know."""
    seat: NotRequired[str | None]
    """The one seat that is meant."""
    max_ttl: NotRequired[Span | None]
    """The longest lifetime that the approver agrees to."""
    ask: NotRequired[Digest | None]
    """The digest of the ask that the approver saw; the present one, if not given."""


class Deny(TypedDict):
    """Somebody denies a request or an extension."""

    request: str
    """The request or the extension."""
    by: str
    """Who."""
    reason: NotRequired[str]
    """Why."""


class Withdraw(TypedDict):
    """The requester takes the request back."""

    request: str
    """The request."""
    by: NotRequired[Uid | None]
    """Who; the principal, if not given."""


class Activate(TypedDict):
    """An approved request becomes a grant."""

    request: str
    """The request."""
    delivery: NotRequired[str | None]
    """How the credential is to be delivered, such as `vault` or `broker`."""


class Issued(TypedDict):
    """Enforcement points put the grant in force."""

    grant: str
    """The grant."""
    points: list[str]
    """Where it is in force now; each confirms its own end later."""
    credential_ref: NotRequired[str | None]
    """Where the credential is to be found; never the credential itself."""
    expires_at: NotRequired[Instant | None]
    """When the credential dies by itself."""


class IssueFailed(TypedDict):
    """An enforcement point could not put the grant in force."""

    grant: str
    """The grant."""
    points: NotRequired[list[str]]
    """Where something may have been left behind all the same."""
    reason: NotRequired[str]
    """Why."""


class Use(TypedDict):
    """The holder acts."""

    grant: str
    """The grant."""
    action: Uid
    """What is done."""
    resource: Uid
    """On what."""


class Extend(TypedDict):
    """The holder asks for more time."""

    grant: str
    """The grant."""
    ttl: NotRequired[Span | None]
    """For how long from now; the rule's `@extension_ttl`, if not given."""
    purpose: NotRequired[str]
    """Why."""


class Revoke(TypedDict):
    """Somebody ends the grant."""

    grant: str
    """The grant."""
    by: str
    """Who."""
    reason: NotRequired[str]
    """Why."""


class Revoked(TypedDict):
    """An enforcement point confirms its end."""

    grant: str
    """The grant."""
    point: str
    """The enforcement point."""


Outcome: TypeAlias = Literal[
    "done",
    "failed",
    "timeout",
]
"""How the work came out."""


class Complete(TypedDict):
    """The work is over."""

    grant: str
    """The grant."""
    outcome: Outcome
    """How it came out."""


Finding: TypeAlias = Literal[
    "drift",
    "leak",
]
"""What was found."""


class Report(TypedDict):
    """Somebody found that the target was changed, or the credential leaked."""

    grant: str
    """The grant."""
    finding: Finding
    """What."""
    detail: NotRequired[str]
    """More, in words."""


ReviewVerdict: TypeAlias = Literal[
    "accepted",
    "findings",
]
"""What a review says."""

Classification: TypeAlias = Literal[
    "drill",
    "actual",
    "misuse",
]
"""What the emergency was."""


class Review(TypedDict):
    """Somebody reviews the grant."""

    grant: str
    """The grant."""
    by: str
    """Who."""
    verdict: ReviewVerdict
    """What the review says."""
    classification: Classification
    """What the emergency was."""
    notes: NotRequired[str]
    """More, in words."""


class Reconcile(TypedDict):
    """Somebody accounts for what was done offline."""

    grant: str
    """The grant."""
    by: str
    """Who."""


class Tick(TypedDict):
    """Nothing but the time."""


class CommandObserve(TypedDict):
    """Facts changed."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    observe: FactsDocument


class CommandSubmit(TypedDict):
    """Somebody asks."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    submit: Submit


class CommandApprove(TypedDict):
    """Somebody approves a request or an extension."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    approve: Approve


class CommandDeny(TypedDict):
    """Somebody denies a request or an extension."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    deny: Deny


class CommandWithdraw(TypedDict):
    """The requester takes the request back."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    withdraw: Withdraw


class CommandActivate(TypedDict):
    """An approved request becomes a grant."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    activate: Activate


class CommandIssued(TypedDict):
    """Enforcement points put the grant in force."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    issued: Issued


class CommandIssueFailed(TypedDict):
    """An enforcement point could not."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    issue_failed: IssueFailed


class CommandUse(TypedDict):
    """The holder acts."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    use: Use


class CommandExtend(TypedDict):
    """The holder asks for more time."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    extend: Extend


class CommandRevoke(TypedDict):
    """Somebody ends the grant."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    revoke: Revoke


class CommandRevoked(TypedDict):
    """An enforcement point confirms its end."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    revoked: Revoked


class CommandComplete(TypedDict):
    """The work is over."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    complete: Complete


class CommandReport(TypedDict):
    """Somebody found that the target was changed, or the credential leaked."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    report: Report


class CommandReview(TypedDict):
    """Somebody reviews the grant."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    review: Review


class CommandReconcile(TypedDict):
    """Somebody accounts for what was done offline."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    reconcile: Reconcile


class CommandTick(TypedDict):
    """Nothing but the time."""

    command_id: str
    """The same id with the same content gives the same bytes; with other content it is refused."""
    expect_seq: NotRequired[int | None]
    """Refuse the command unless the lifecycle is at this sequence number."""
    tick: Tick


Command: TypeAlias = (
    CommandObserve
    | CommandSubmit
    | CommandApprove
    | CommandDeny
    | CommandWithdraw
    | CommandActivate
    | CommandIssued
    | CommandIssueFailed
    | CommandUse
    | CommandExtend
    | CommandRevoke
    | CommandRevoked
    | CommandComplete
    | CommandReport
    | CommandReview
    | CommandReconcile
    | CommandTick
)
"""A command: what to do, and a name of the host's own that makes it safe to send again.

On the wire `{"command_id":"c-1","submit":{…}}`.
"""

ErrorCode: TypeAlias = Literal[
    "bad_json",
    "duplicate_member",
    "unknown_member",
    "missing_member",
    "wrong_type",
    "bad_number",
    "too_large",
    "too_deep",
    "too_many",
    "empty",
    "bad_uid",
    "bad_instant",
    "bad_duration",
    "bad_digest",
    "bad_value",
    "duplicate_id",
    "bad_interval",
    "bad_entity",
    "entity_cycle",
    "alias_conflict",
    "no_manifest",
    "bad_manifest",
    "unknown_file",
    "not_text",
    "bad_schema",
    "bad_policy",
    "invalid_policy",
    "template_not_allowed",
    "missing_id",
    "duplicate_policy_id",
    "missing_term",
    "unknown_annotation",
    "bad_annotation",
    "misplaced_annotation",
    "permit_reads_offer",
    "unknown_seat",
    "actor_kind_unnamed",
    "quorum_decreases",
    "unknown_entity_type",
    "not_compilable",
    "bad_compiled",
    "no_policies",
    "missing_base",
    "unknown_policy",
    "weakens_base",
    "schema_mismatch",
    "bad_command",
    "command_conflict",
    "answer_forgotten",
    "sequence_conflict",
    "unknown_request",
    "unknown_grant",
    "unknown_point",
    "bad_record",
    "unknown_bundle",
    "secret_in_input",
    "bad_kind",
    "bad_origin",
    "bad_genesis",
    "not_canonical",
    "entry_altered",
    "entry_missing",
    "entry_misplaced",
    "link_broken",
    "time_backwards",
    "checkpoint_mismatch",
    "ledger_truncated",
    "no_such_entry",
    "bad_frontier",
    "bad_checkpoint",
    "bad_base64",
    "bad_key",
    "bad_note",
    "bad_signature",
    "unknown_signer",
    "bad_envelope",
    "bad_statement",
    "unsigned",
    "subject_mismatch",
    "bad_proof",
    "proof_fails",
    "redacted",
    "bad_disclosure",
]
"""What went wrong, by name."""


class Label(TypedDict):
    """A place in a source text: where to look, and what stands there.

    `line` and `column` count from 1, `column` and `length` in characters.
    """

    file: str
    """The file's name as the caller gave it."""
    line: int
    """Line, from 1."""
    column: int
    """Column in characters, from 1."""
    length: int
    """Length in characters; 0 marks a point."""
    text: str
    """The source line that the label points into."""


class ErrorData(TypedDict):
    """One fault of an input: a stable code, what is wrong, and what to do next."""

    code: ErrorCode
    """The code, for programs."""
    message: str
    """What is wrong, for people."""
    help: NotRequired[str]
    """What to do next."""
    path: NotRequired[str]
    """Where in the input document, such as `scope[0].action`."""
    labels: list[Label]
    """Where in source files."""


Answer: TypeAlias = Literal[
    "permit",
    "pending",
    "deny",
]
"""Yes, not yet, or no."""

Limit: TypeAlias = Literal[
    "rule_ttl",
    "requested_ttl",
    "approver_ttl",
    "chain_max",
    "shift_end",
    "window_end",
    "task_end",
    "contract_end",
    "parent_end",
    "idle",
    "revocation_slo",
    "incident_freshness",
    "shift_freshness",
    "window_freshness",
    "task_freshness",
    "signal_freshness",
    "history_freshness",
    "entities_freshness",
    "locks_freshness",
    "approval_expiry",
    "lock_expiry",
    "support_start",
    "record_start",
    "policy_time",
]
"""What ends a grant, or the validity of a decision."""


class Obligation(TypedDict):
    """One duty: a type, and whom or what it concerns: `notify:secops`.

    An enforcement point that does not know a type must treat the permit as a deny.
    """

    type: str
    """What to do."""
    to: NotRequired[str | None]
    """Whom or what it concerns."""


ReasonCode: TypeAlias = Literal[
    "permitted",
    "approvals_missing",
    "locked",
    "not_a_person",
    "unknown_principal",
    "unknown_resource",
    "unknown_action",
    "not_applicable",
    "bad_host_context",
    "schema_mismatch",
    "clock_suspect",
    "actor_kind",
    "support_not_found",
    "incident_closed",
    "incident_merged",
    "incident_epoch",
    "out_of_incident_scope",
    "shift_not_started",
    "shift_ended",
    "shift_of_another",
    "out_of_shift_scope",
    "outside_window",
    "window_not_usable",
    "out_of_window_scope",
    "task_done",
    "task_failed",
    "task_timeout",
    "task_of_another",
    "out_of_task_scope",
    "fact_unknown",
    "forbidden",
    "policy_error",
    "not_permitted",
    "unknown_rule",
    "no_common_rule",
    "quorum_unreachable",
    "no_time_left",
    "approver_unknown",
    "approver_conflict",
    "approver_not_eligible",
    "approval_expired",
    "approval_unbound",
    "approval_surplus",
    "not_privileged",
    "quarantined",
    "parent_not_active",
    "beyond_parent",
    "held_by_other",
    "reconcile_debt",
    "request_over",
    "not_requester",
    "not_yet",
    "delivery_not_allowed",
    "credential_too_long",
    "grant_not_active",
    "grant_not_issuing",
    "grant_frozen",
    "grant_ended",
    "out_of_scope",
    "uses_exhausted",
    "extension_not_open",
    "extension_pending",
    "extensions_exhausted",
    "nothing_to_extend",
    "no_review_open",
    "already_reviewed",
    "reviewer_conflict",
    "nothing_to_reconcile",
]
"""A reason by name."""


class Reason(TypedDict):
    """One reason, and what it is about."""

    code: ReasonCode
    """Which."""
    policy: NotRequired[str]
    """The policy that it comes from."""
    pair: NotRequired[Pair]
    """The pair of the scope that it is about, when not all of them."""
    support: NotRequired[Support]
    """The support that it is about."""
    fact: NotRequired[str]
    """The fact that it is about."""
    entity: NotRequired[Uid]
    """The entity that it is about: an approver, a locked target."""
    detail: NotRequired[str]
    """More, in words."""
    advice: NotRequired[str]
    """What the policy's author advises."""


class Candidates(TypedDict):
    """Who could fill a seat."""

    seat: str
    """The seat."""
    candidates: list[Uid]
    """Who may fill it, in order of their uids."""
    more: NotRequired[bool]
    """There are others besides."""


MissingSeat = TypedDict(
    "MissingSeat",
    {
        "type": 'Literal["seat"]',
        "rule": "str",
        "seat": "str",
        "candidates": "list[Uid]",
        "more": NotRequired["bool"],
        "or": NotRequired["list[Candidates]"],
    },
)
"""A seat to be filled by one more person."""


class MissingFact(TypedDict):
    """A fact to be brought up to date."""

    type: Literal["fact"]
    rule: NotRequired[str]
    """The rule that reads it, if one alone does."""
    fact: str
    """Which: `incident:INC-100`, `signal:idp`, `history`, `entities`."""
    max_age: NotRequired[str]
    """How old it may be."""


SupportKind: TypeAlias = Literal[
    "incident",
    "shift",
    "window",
    "task",
]
"""The kinds of supports, in their fixed order."""


class MissingSupport(TypedDict):
    """A live support of this kind that covers the resource."""

    type: Literal["support"]
    kind: SupportKind
    """Which kind."""
    resource: Uid
    """What it must cover."""


class MissingDrop(TypedDict):
    """A pair that must be dropped for the others to be open."""

    type: Literal["drop"]
    pair: Pair
    """The pair."""


class MissingWait(TypedDict):
    """Time: nothing else can help before."""

    type: Literal["wait"]
    until: str
    """Until when."""


Missing: TypeAlias = MissingSeat | MissingFact | MissingSupport | MissingDrop | MissingWait
"""One thing that would bring the answer nearer to a permit. Items of one rule are needed
together; items of different rules are alternatives.
"""


class SeatFilled(TypedDict):
    """A seat and who fills it."""

    seat: str
    """The seat."""
    by: Uid
    """The person."""


NextAction: TypeAlias = Literal[
    "none",
    "request",
    "retry",
]
"""What the asker can do about the answer."""


class Decision(TypedDict):
    """The answer to one request at one instant.

    Equal bundle, facts, request and `now` give equal bytes, in every language.
    """

    decision: Answer
    """Yes, not yet, or no."""
    rule: NotRequired[str]
    """The open rule that scope, time and quorum come from."""
    ends_at: NotRequired[str]
    """When a grant activated now would end."""
    ends_by: NotRequired[Limit]
    """The limit that ends it first."""
    valid_until: NotRequired[str]
    """Until when this answer holds without being asked again."""
    valid_by: NotRequired[Limit]
    """What ends its validity first."""
    obligations: list[Obligation]
    """What the enforcement point must do."""
    reasons: list[Reason]
    """Why."""
    missing: list[Missing]
    """What would change it."""
    seats: NotRequired[list[SeatFilled]]
    """Seats that are filled."""
    next_action: NextAction
    """What the asker can do."""
    ask: NotRequired[Digest]
    """What an approval must be bound to."""
    warnings: NotRequired[list[Reason]]
    """Permits that erred and were ignored."""
    evaluation_id: NotRequired[str]
    """Names this evaluation: equal inputs, equal id. Absent if no evidence was asked for."""
    bundle: Digest
    """The bundle's digest."""
    signed_by: NotRequired[list[str]]
    """Who signed the bundle, if the host demanded a signature: names and ids of keys."""
    evidence: NotRequired[Digest]
    """The digest of the facts that were read. Absent if no evidence was asked for."""


FailedAt: TypeAlias = Literal[
    "open",
    "actor_kind",
    "scope",
    "unknown_fact",
    "condition",
    "error",
    "refused",
    "other_pairs",
    "not_needed",
]
"""What became of a rule that was considered."""


class Considered(TypedDict):
    """One rule, and how far it came."""

    rule: str
    """The rule."""
    title: NotRequired[str]
    """Its title."""
    outcome: FailedAt
    """Where it stopped."""
    pair: NotRequired[Pair]
    """The pair that it stopped at."""
    failed: NotRequired[Label]
    """The first condition that does not hold, or the scope, in the source."""
    because: NotRequired[list[str]]
    """Facts that are unknown, and guardrails that refuse."""


class Validity(TypedDict):
    """Until when something holds, and what ends that."""

    at: str
    """The first instant at which it might be otherwise."""
    by: Limit
    """What ends it."""


class Explanation(TypedDict):
    """A decision, and every rule that was considered for it."""

    decision: Decision
    """The decision."""
    considered: list[Considered]
    """The rules, best first."""
    limits: NotRequired[list[Validity]]
    """Every limit on a grant under the open rule, activated now: the first one ends it."""


class Evidence(TypedDict):
    """All that a decision followed from: enough to decide again, and no more."""

    bundle: Digest
    """The bundle's digest."""
    signed_by: NotRequired[list[str]]
    """Who signed the bundle, if the host demanded a signature."""
    request: RequestDocument
    """The request as it was decided."""
    now: str
    """The instant that it was decided for."""
    circumstances: NotRequired[dict[str, Any]]
    """What surrounded it, if it was decided in the course of a lifecycle."""
    facts: FactsDocument
    """The facts that were read, as a facts document."""


class Ignored(TypedDict):
    """A record that a change left out of account, since it is about the past."""

    fact: str
    """Which, such as `incident:INC-9`."""
    why: str
    """Why."""


class Extends(TypedDict):
    """What a manifest says of the pack that it extends."""

    pack: str
    """Where the base's files stand, relative to the pack: `../starter`."""
    drop: NotRequired[list[str]]
    """Policies of the base that the pack does without."""
    terms: NotRequired[dict[str, dict[str, str]]]
    """Terms of the base's rules, by rule: annotations, as they would stand in the policy."""
    weaken: NotRequired[dict[str, str]]
    """What is weaker than in the base, each with the reason."""


ActorKind: TypeAlias = Literal[
    "person",
    "service",
    "agent",
]
"""What kind of principal somebody is; each has rules of its own."""


class Freshness(TypedDict):
    """How old each kind of fact may be before it counts as unknown."""

    skew: str
    """How far the clocks of host and source may be apart."""
    incident: str
    """Incidents."""
    shift: str
    """Shifts."""
    window: str
    """Windows."""
    task: str
    """Tasks."""
    signal: str
    """Signals."""
    history: str
    """Histories."""
    entities: str
    """Entities: people, groups, targets."""
    locks: NotRequired[str]
    """Locks; no limit unless one is given."""


class Defaults(TypedDict):
    """What holds where a rule says nothing, and what no rule says."""

    ttl: str
    """`@ttl`."""
    pending: str
    """`@pending`."""
    approval_ttl: str
    """`@approval_ttl`."""
    extension_ttl: str
    """`@extension_ttl`."""
    extension_window: str
    """How long before the end an extension may be asked for."""
    cooldown: str
    """Within this time after a grant's end, the same ask on the same incident joins its chain."""
    revocation_slo: str
    """How long a credential may live where it cannot be revoked."""
    issue_deadline: str
    """How long an enforcement point has to issue."""
    revoke_deadline: str
    """How long an enforcement point has to confirm an end."""


class Manifest(TypedDict):
    """What the manifest says, with its defaults filled in."""

    name: str
    """The pack's name."""
    version: str
    """The pack's version."""
    description: str
    """What the pack is for."""
    extends: NotRequired[Extends]
    """The pack that this one extends."""
    actors: dict[str, ActorKind]
    """Which kind of actor each entity type is; the base types are always there."""
    seats: dict[str, str]
    """The seats that quorums may name, each with a word on who sits there."""
    freshness: Freshness
    """How old facts may be."""
    defaults: Defaults
    """What holds where a rule says nothing."""


Quorum: TypeAlias = str
"""Seats by name, and how many people sit in each."""


class HandoverGrace(TypedDict):
    """Actions in `Glasskey::Action::"handover"` stay allowed for this long."""

    grace: str


Handover: TypeAlias = Literal["cut"] | HandoverGrace
"""What happens to a grant when the shift that supports it ends."""


class Terms(TypedDict):
    """What a rule offers, and on which terms."""

    ttl: str
    """`@ttl`: the lifetime when none is asked for."""
    max_ttl: str
    """`@max_ttl`: the longest lifetime."""
    quorum: Quorum
    """`@quorum`: the seats to be filled."""
    priority: int
    """`@priority`: higher is tried first."""
    pending: str
    """`@pending`: time to gather approvals."""
    approval_ttl: str
    """`@approval_ttl`: how long an approval counts."""
    idle: str | None
    """`@idle`: how long a grant may go unused."""
    uses: int | None
    """`@uses`: how often a grant may be used."""
    extensions: int
    """`@extensions`: how often a grant may be extended."""
    extension_ttl: str
    """`@extension_ttl`: how long one extension lasts, from its activation."""
    extension_quorum: list[Quorum]
    """`@extension_quorum`: the seats by ordinal; the last repeats."""
    chain_max: str | None
    """`@chain_max`: how long a chain of grants and extensions may last in all."""
    handover: Handover
    """`@handover`."""
    obligations: list[Obligation]
    """`@obligations`."""
    review: str | None
    """`@review`: until when after the end a review is due."""


class PolicyOutline(TypedDict):
    """One policy in outline."""

    id: str
    """`@id`."""
    title: NotRequired[str]
    """`@title`."""
    advice: NotRequired[str]
    """`@advice`."""
    controls: NotRequired[list[str]]
    """`@controls`."""
    file: str
    """The file that it stands in."""
    kinds: NotRequired[list[ActorKind]]
    """For permits: the kinds of actors that it is for."""
    terms: NotRequired[Terms]
    """For privileged permits: the terms."""
    obligations: NotRequired[list[Obligation]]
    """For permits: the obligations."""


class ActionOutline(TypedDict):
    """One action in outline."""

    action: Uid
    """The action."""
    privileged: bool
    """Whether its permits are rules with terms."""


class Outline(TypedDict):
    """A bundle in outline."""

    digest: Digest
    """The digest that names the bundle."""
    manifest: Manifest
    """Its manifest, with the defaults filled in."""
    rules: list[PolicyOutline]
    """Its permits, in the order in which they are tried."""
    guards: list[PolicyOutline]
    """Its forbids, in order of their ids."""
    actions: list[ActionOutline]
    """The actions of its schema."""
    warnings: list[ErrorData]
    """What Cedar's validator warns of."""


Cause: TypeAlias = Literal[
    "expired",
    "idle",
    "uses_exhausted",
    "incident_closed",
    "incident_downgraded",
    "incident_merged",
    "shift_ended",
    "shift_swapped",
    "window_ended",
    "task_done",
    "task_failed",
    "task_timeout",
    "contract_ended",
    "requester_ineligible",
    "locked",
    "revoked_by_requester",
    "revoked_by_approver",
    "revoked_by_commander",
    "revoked_by_security",
    "policy_tightened",
    "parent_ended",
    "drift",
    "leak",
    "governor_recovered",
    "issue_failed",
]
"""Why a grant ended, or a request became void."""


class Ended(TypedDict):
    """A grant that ended in a step."""

    grant: str
    """The grant."""
    cause: Cause
    """Why."""
    at: str
    """When."""


class EventObserved(TypedDict):
    """Facts changed."""

    type: Literal["observed"]
    facts: FactsDocument
    """How."""
    ignored: NotRequired[list[str]]
    """Records that were about the past."""


EventBundleChanged = TypedDict(
    "EventBundleChanged",
    {
        "type": 'Literal["bundle_changed"]',
        "from": "Digest",
        "to": "Digest",
    },
)
"""Another bundle decides from now on."""


class EventClockSuspect(TypedDict):
    """The clock went back; nothing is permitted until it has caught up."""

    type: Literal["clock_suspect"]
    behind: str
    """By how much."""


RequestPhase: TypeAlias = Literal[
    "pending",
    "approved",
    "scheduled",
    "consumed",
    "refused",
    "denied",
    "withdrawn",
    "timed_out",
    "lapsed",
    "void",
]
"""Where a request stands."""


class RequestRecord(TypedDict):
    """An ask, and its life until activation."""

    id: str
    """Its name: a digest."""
    ask: RequestDocument
    """What is asked for, with the epochs of its incidents bound and the approvals so far."""
    phase: RequestPhase
    """Where it stands."""
    rule: str | None
    """The rule that it would be granted under."""
    digest: Digest | None
    """What approvals must be bound to."""
    submitted_at: str
    """When it was made."""
    pending_until: str
    """Until when seats may be filled."""
    approved_until: str | None
    """Until when it may be activated."""
    start: str | None
    """From when it may be activated, if not at once."""
    parent: str | None
    """The grant that it is delegated from."""
    chains: list[str]
    """The chains that it belongs to."""
    ordinal: int
    """Its place in the chain, if it joined one; 0 if it began one."""
    cause: Cause | None
    """Why it is void."""
    grant: str | None
    """The grant that came of it."""
    valid_until: str | None
    """When it must be looked at again."""


class EventSubmitted(TypedDict):
    """Somebody asked."""

    type: Literal["submitted"]
    record: RequestRecord
    """The request."""


class EventApprovalRecorded(TypedDict):
    """Somebody approved."""

    type: Literal["approval_recorded"]
    request: str
    """The request or the extension."""
    approval: Approval
    """The approval."""
    counted: bool
    """Whether it counts."""
    reason: NotRequired[Reason]
    """Why not."""


class EventRequestMoved(TypedDict):
    """A request moved."""

    type: Literal["request_moved"]
    request: str
    """The request."""
    to: RequestPhase
    """Where to."""
    cause: NotRequired[Cause]
    """Why, if it became void."""
    by: NotRequired[str]
    """By whom."""
    until: NotRequired[str]
    """Until when it may be activated."""
    detail: NotRequired[str]
    """More, in words."""


class EventJoined(TypedDict):
    """Something was granted in the chains of a request since it was made, so it moves up."""

    type: Literal["joined"]
    request: str
    """The request."""
    ordinal: int
    """Its new place."""


class EventRequestChecked(TypedDict):
    """A request was looked at again."""

    type: Literal["request_checked"]
    request: str
    """The request."""
    valid_until: str | None
    """Until when that holds."""
    digest: Digest | None
    """What approvals must be bound to now."""


GrantPhase: TypeAlias = Literal[
    "issuing",
    "active",
    "frozen",
    "revoking",
    "closed",
]
"""Where a grant stands."""


class Point(TypedDict):
    """One place where a grant is in force."""

    confirm_by: str | None
    """By when its end is to be confirmed."""
    confirmed_at: str | None
    """When it was."""
    stray: NotRequired[bool]
    """What is there was not accepted, and is to be taken away whatever becomes of the grant."""
    late: NotRequired[bool]
    """The confirmation did not come in time."""


Flag: TypeAlias = Literal[
    "revocation_unconfirmed",
    "externally_modified",
    "review_due",
    "review_overdue",
    "reconcile_due",
]
"""What sticks to a grant, whatever happens after."""


class ExtensionRatio(TypedDict):
    """How often more time was asked for in a chain: what a reviewer is to look at."""

    attempts: int
    """Extensions asked for, and requests that joined the chain as one."""
    granted: int
    """Those that were granted."""
    within: str
    """Within which time, from the first grant of the chain on."""


class ReviewRecord(TypedDict):
    """A review that was made."""

    by: Uid
    """By whom."""
    at: str
    """When."""
    verdict: ReviewVerdict
    """What it says."""
    classification: Classification
    """What the emergency was."""
    notes: str
    """More, in words."""
    extension_ratio: NotRequired[ExtensionRatio]
    """How often more time had been asked for by then, if it was."""


class Grant(TypedDict):
    """A privilege, and its life until its confirmed end."""

    id: str
    """Its name: a digest."""
    seq: int
    """The number of the record that made it."""
    request: str
    """The request that it came of."""
    rule: str
    """Its rule."""
    principal: Uid
    """Who holds it."""
    actors: list[Uid]
    """The holder, its operator and its delegation chain: whom its life depends on."""
    scope: list[Pair]
    """What it is for."""
    supports: list[Support]
    """What it stands on."""
    emergency: bool
    """Whether it was asked for as an emergency."""
    parent: str | None
    """The grant that it is delegated from."""
    chains: list[str]
    """The chains that it belongs to."""
    phase: GrantPhase
    """Where it stands."""
    started: str
    """When it was activated."""
    ends_at: str
    """When it ends at the latest."""
    ends_by: Limit
    """The limit that ends it then."""
    idle: str | None
    """How long it may go unused."""
    last_use: str | None
    """When it was last used."""
    uses: int
    """How often it was used."""
    uses_max: int | None
    """How often it may be used."""
    obligations: list[Obligation]
    """Duties of the enforcement points."""
    approvers: list[Uid]
    """Who sat in the seats."""
    extension_approvers: list[Uid]
    """Who sat in the seats of its last extension."""
    extended_at: str | None
    """When its last extension was asked for."""
    issue_by: str
    """By when it must be in force."""
    points: dict[str, Point]
    """Where it is in force."""
    credential_ref: str | None
    """Where its credential is to be found."""
    credential_expires_at: str | None
    """When its credential dies by itself."""
    revocable: bool
    """Whether its credential can be taken back."""
    cause: Cause | None
    """Why it ended."""
    also: list[Cause]
    """What would have ended it besides, later or at the same instant."""
    revoking_at: str | None
    """When it stopped being usable; from then on enforcement points are asked to confirm."""
    ended_at: str | None
    """When its end was confirmed everywhere; never claimed before."""
    flags: list[Flag]
    """What sticks to it."""
    review_within: str | None
    """How long after its end, or its first emergency use, a review is due."""
    review_by: str | None
    """When its review is due."""
    review: ReviewRecord | None
    """Its review."""
    valid_until: str | None
    """Until when the last decision on it holds."""


class EventActivated(TypedDict):
    """A request became a grant."""

    type: Literal["activated"]
    grant: Grant
    """The grant."""
    ordinal: int
    """Its place in the chain."""


class EventIssued(TypedDict):
    """The grant is in force."""

    type: Literal["issued"]
    grant: str
    """The grant."""
    points: list[str]
    """Where."""
    credential_ref: NotRequired[str]
    """Where its credential is to be found."""
    credential_expires_at: NotRequired[str]
    """When its credential dies by itself."""


class EventIssueRejected(TypedDict):
    """What was issued cannot be accepted, or came too late."""

    type: Literal["issue_rejected"]
    grant: str
    """The grant."""
    points: list[str]
    """Where."""
    confirm_by: NotRequired[str]
    """By when it is to be taken away, if the grant has ended."""
    reason: str
    """Why."""


class EventGrantChecked(TypedDict):
    """The grant was looked at again, and goes on."""

    type: Literal["grant_checked"]
    grant: str
    """The grant."""
    valid_until: str | None
    """Until when that holds."""


class EventGrantMoved(TypedDict):
    """The grant froze or thawed, or its end was confirmed everywhere."""

    type: Literal["grant_moved"]
    grant: str
    """The grant."""
    to: GrantPhase
    """Where to."""
    at: str
    """When."""


class EventShortened(TypedDict):
    """The grant ends sooner than it would have."""

    type: Literal["shortened"]
    grant: str
    """The grant."""
    ends_at: str
    """When."""
    ends_by: Limit
    """By which limit."""


class EventTightened(TypedDict):
    """Another bundle allows less of it."""

    type: Literal["tightened"]
    grant: str
    """The grant."""
    idle: NotRequired[str]
    """How long it may go unused."""
    uses_max: NotRequired[int]
    """How often it may be used."""


class EventUsed(TypedDict):
    """The holder acted, or tried to."""

    type: Literal["used"]
    grant: str
    """The grant."""
    pair: Pair
    """What was done, and on what."""
    permitted: bool
    """Whether it was permitted."""
    at: str
    """When."""


class Extension(TypedDict):
    """An ask for more time."""

    id: str
    """Its name: a digest."""
    grant: str
    """The grant."""
    ordinal: int
    """Its place in the chain, from 1."""
    asked_at: str
    """When it was asked for; the new time counts from here."""
    ends_at: str
    """The new end."""
    ends_by: Limit
    """The limit that ends it then."""
    bound: Digest
    """What approvals must be bound to besides the ask."""
    digest: Digest | None
    """What approvals must be bound to."""
    approvals: list[Approval]
    """The approvals so far."""
    phase: RequestPhase
    """Where it stands; `consumed` when the time was added."""


class EventExtensionAsked(TypedDict):
    """The holder asked for more time."""

    type: Literal["extension_asked"]
    extension: Extension
    """The extension."""


class EventExtensionMoved(TypedDict):
    """An extension moved."""

    type: Literal["extension_moved"]
    extension: str
    """The extension."""
    to: RequestPhase
    """Where to."""
    approvers: NotRequired[list[Uid]]
    """Who sat in its seats."""


class EventEnded(TypedDict):
    """The grant ended; its enforcement points have yet to confirm."""

    type: Literal["ended"]
    grant: str
    """The grant."""
    cause: Cause
    """Why."""
    at: str
    """When."""
    by: NotRequired[str]
    """Who ended it, where somebody did."""
    points: dict[str, str]
    """What has to confirm, and by when."""


class EventAlsoEnded(TypedDict):
    """Something else would have ended it too."""

    type: Literal["also_ended"]
    grant: str
    """The grant."""
    cause: Cause
    """What."""


class EventRetained(TypedDict):
    """What a grant that ended has in force at a point is another's from now on."""

    type: Literal["retained"]
    grant: str
    """The grant that ended."""
    point: str
    """The enforcement point."""
    by: str
    """The grant that answers for it."""


class EventLate(TypedDict):
    """An enforcement point did not confirm its end in time."""

    type: Literal["late"]
    grant: str
    """The grant."""
    point: str
    """The enforcement point."""


class EventConfirmed(TypedDict):
    """An enforcement point confirmed its end."""

    type: Literal["confirmed"]
    grant: str
    """The grant."""
    point: str
    """The enforcement point."""
    at: str
    """When."""


class EventFlagged(TypedDict):
    """Something sticks to the grant from now on."""

    type: Literal["flagged"]
    grant: str
    """The grant."""
    flag: Flag
    """What."""


class EventReviewOpened(TypedDict):
    """A review is due."""

    type: Literal["review_opened"]
    grant: str
    """The grant."""
    due_by: str
    """When."""


class EventReviewed(TypedDict):
    """The grant was reviewed."""

    type: Literal["reviewed"]
    grant: str
    """The grant."""
    review: ReviewRecord
    """How."""


class EventReconciled(TypedDict):
    """What was done offline was accounted for."""

    type: Literal["reconciled"]
    grant: str
    """The grant."""
    by: str
    """By whom."""


Event: TypeAlias = (
    EventObserved
    | EventBundleChanged
    | EventClockSuspect
    | EventSubmitted
    | EventApprovalRecorded
    | EventRequestMoved
    | EventJoined
    | EventRequestChecked
    | EventActivated
    | EventIssued
    | EventIssueRejected
    | EventGrantChecked
    | EventGrantMoved
    | EventShortened
    | EventTightened
    | EventUsed
    | EventExtensionAsked
    | EventExtensionMoved
    | EventEnded
    | EventAlsoEnded
    | EventRetained
    | EventLate
    | EventConfirmed
    | EventFlagged
    | EventReviewOpened
    | EventReviewed
    | EventReconciled
)
"""One thing that happened."""


class EffectIssue(TypedDict):
    """Put the grant in force, or prolong it, and answer with `issued` or `issue_failed`."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["issue"]
    grant: str
    """The grant."""
    principal: Uid
    """For whom."""
    scope: list[Pair]
    """What."""
    ends_at: str
    """Until when."""
    credential_expires_by: str
    """No credential may live longer than this."""
    obligations: list[Obligation]
    """Duties of the enforcement points."""


class EffectRevoke(TypedDict):
    """End the grant at this enforcement point, and answer with `revoked`."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["revoke"]
    grant: str
    """The grant."""
    point: str
    """The enforcement point."""
    scope: list[Pair]
    """What is to end: the part of the scope that no other grant covers."""
    cause: Cause
    """Why."""


class EffectRetain(TypedDict):
    """Leave the entitlement in force: another grant of the same holder covers all of it."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["retain"]
    grant: str
    """The grant that ended."""
    point: str
    """The enforcement point."""
    by: str
    """The grant that goes on."""


class EffectCompensate(TypedDict):
    """Undo what may have been left behind."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["compensate"]
    grant: str
    """The grant."""
    point: str
    """Where."""
    reason: str
    """Why."""


class EffectAlert(TypedDict):
    """Tell those who watch."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["alert"]
    about: str
    """About what: a grant or a request."""
    reason: str
    """Why."""


class EffectPage(TypedDict):
    """Wake somebody."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["page"]
    about: str
    """About what: a grant or a request."""
    reason: str
    """Why."""


class EffectNotifySkippedApprovers(TypedDict):
    """Tell those whose approval was not asked for that access was taken without them."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["notify_skipped_approvers"]
    request: str
    """The request."""
    seats: list[str]
    """The seats that other rules would have asked for."""


class EffectOpenReview(TypedDict):
    """Open a review."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["open_review"]
    grant: str
    """The grant."""
    due_by: str
    """Until when it is due."""
    extension_ratio: NotRequired[ExtensionRatio]
    """How often more time was asked for, if it was."""


class EffectRotate(TypedDict):
    """Change the secret of a shared account, and answer with `revoked` for the point `rotation`."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["rotate"]
    grant: str
    """The grant."""
    scope: list[Pair]
    """Of what."""


class EffectDenyTokensIssuedBefore(TypedDict):
    """Refuse tokens that were issued before this instant, where they cannot be taken back."""

    key: str
    """The same effect has the same key whenever it is asked for."""
    deadline: NotRequired[str]
    """By when."""
    type: Literal["deny_tokens_issued_before"]
    grant: str
    """The grant."""
    instant: str
    """The instant."""
    scope: list[Pair]
    """On what."""


Effect: TypeAlias = (
    EffectIssue
    | EffectRevoke
    | EffectRetain
    | EffectCompensate
    | EffectAlert
    | EffectPage
    | EffectNotifySkippedApprovers
    | EffectOpenReview
    | EffectRotate
    | EffectDenyTokensIssuedBefore
)
"""One thing to carry out. Carrying it out twice under the same key must do no more than once."""


class Standing(TypedDict):
    """Where a request, a grant or an extension stands after a command."""

    state: NotRequired[str]
    """Its phase."""
    started_at: NotRequired[str]
    """When the grant began."""
    ended_at: NotRequired[str]
    """When the grant's end was confirmed everywhere."""
    flags: NotRequired[list[Flag]]
    """What sticks to the grant."""
    unconfirmed: NotRequired[list[str]]
    """Enforcement points that have not confirmed the end of a grant that is over."""


class Applied(TypedDict):
    """What one command did: the record to be kept, and the answer to the caller."""

    seq: int
    """Counts up by one with each command, from 1."""
    at: str
    """The instant that it was applied for."""
    command_id: str
    """The command's id."""
    command: Digest
    """The digest of the command's content."""
    act: str
    """What the command was, in a word."""
    request: NotRequired[str]
    """The request that it was about, or made."""
    grant: NotRequired[str]
    """The grant that it was about, or made."""
    extension: NotRequired[str]
    """The extension that it was about, or made."""
    decision: NotRequired[Decision]
    """What was decided."""
    evidence: NotRequired[Evidence]
    """All that the decision followed from."""
    ended: list[Ended]
    """Grants that ended."""
    events: list[Event]
    """What happened, in order."""
    effects: list[Effect]
    """What to carry out, in order."""
    state: NotRequired[str]
    """Its phase."""
    started_at: NotRequired[str]
    """When the grant began."""
    ended_at: NotRequired[str]
    """When the grant's end was confirmed everywhere."""
    flags: NotRequired[list[Flag]]
    """What sticks to the grant."""
    unconfirmed: NotRequired[list[str]]
    """Enforcement points that have not confirmed the end of a grant that is over."""


Kind: TypeAlias = str
"""What an entry records, in snake case: `decision`, `use`, `confirmation`.

The set is open, so that a host can record its own kinds beside those of the lifecycle;
the constants are the ones that Glasskey writes.
"""


class Entry(TypedDict):
    """One link: what happened, when, and the hash that binds it to everything before.

    In a file: its RFC 8785 text and a newline.
    """

    seq: int
    """Its place, from 0."""
    at: str
    """When it was written; never before the entry ahead of it."""
    kind: Kind
    """What it records."""
    body: Any
    """The record itself."""
    prev: Digest
    """The hash of the entry before; for the first one [`super::genesis_prev`]."""
    hash: Digest
    """SHA-256 of the RFC 8785 text of this entry without `hash`."""


class Frontier(TypedDict):
    """All of a tree that is needed to add leaves and to know its root: the roots of its full
    subtrees, the largest first, one for each bit of its size.
    """

    size: int
    peaks: list[Digest]


class LedgerState(TypedDict):
    """Where a ledger ends: enough to append to it and to prove its root, whatever its length.

    It holds no entries; the host writes each one that [`Ledger::append`] returns to its
    own store. Cloning is cheap, so a host that must not run ahead of its store appends to
    a clone, writes, and then keeps the clone. As JSON it is a snapshot from which the
    ledger is opened without reading it again; keep it where the ledger itself is kept, and
    no less safely.
    """

    origin: str
    head: Digest
    last_at: str
    tree: Frontier


class Checkpoint(TypedDict):
    """How long a ledger was at some moment, and the root of the Merkle tree over it."""

    origin: str
    """The ledger's name."""
    size: int
    """How many entries."""
    root: Digest
    """The root of the tree over them."""


class TailWhole(TypedDict):
    """Nothing: the file ends as a writer ends it."""

    state: Literal["whole"]


class TailUnterminated(TypedDict):
    """A whole entry, which counts; only its newline is missing. Write it before appending."""

    state: Literal["unterminated"]


class TailTorn(TypedDict):
    """The beginning of an entry whose writing was cut short. Nothing before it is
    affected; cut the file back to `VerifyReport::bytes` before appending.
    """

    state: Literal["torn"]
    bytes: int
    """How many bytes."""


Tail: TypeAlias = TailWhole | TailUnterminated | TailTorn
"""What stands behind the last newline."""


class Fault(TypedDict):
    """The first thing that is wrong with a ledger, and where.

    The codes: those of reading JSON, `not_canonical`, `entry_altered`, `entry_missing`,
    `entry_misplaced`, `link_broken`, `time_backwards`, `bad_genesis`,
    `checkpoint_mismatch`, `ledger_truncated`.
    """

    seq: int
    """The entry that is due at this place."""
    line: int
    """The line, from 1."""
    offset: int
    """The bytes before that line."""
    since: NotRequired[int]
    """The first entry that may be affected, when that is an earlier one."""
    error: ErrorData
    """What is wrong."""


class VerifyReport(TypedDict):
    """What was found."""

    origin: NotRequired[str]
    """The ledger's name."""
    entries: int
    """The entries before the first fault: whole, in order, linked."""
    bytes: int
    """Bytes of these entries."""
    head: NotRequired[Digest]
    """The hash of the last of them."""
    root: Digest
    """The root of the Merkle tree over them."""
    first_at: NotRequired[str]
    """When the first was written."""
    last_at: NotRequired[str]
    """When the last was written."""
    checkpoints: int
    """How many of the given checkpoints agree."""
    tail: Tail
    """How the file ends."""
    fault: NotRequired[Fault]
    """The first fault."""


class Recorded(TypedDict):
    """A record, and where it stands in the ledger."""

    applied: Applied
    """What the lifecycle did."""
    event_entries: list[int]
    """The entries that hold its events, one for each."""
    effect_entries: list[int]
    """The entries that hold its effects, one for each."""
    decision_entry: NotRequired[int]
    """The entry that holds its decision."""
    entry: int
    """The entry that closes it."""
    redacted: bool
    """Something in it is redacted: in its place stands `redacted:` and the digest."""


class Difference(TypedDict):
    """One member in which two decisions differ."""

    member: str
    """Which."""
    recorded: Any
    """As recorded."""
    recomputed: Any
    """As recomputed."""


class Divergence(TypedDict):
    """A decision that does not follow from its evidence."""

    entry: int
    """The entry that holds the decision."""
    record: int
    """The record that it belongs to."""
    differences: list[Difference]
    """Members that differ, as `member: recorded -> recomputed`."""


class Counterfactual(TypedDict):
    """What another bundle would have made of a decision."""

    entry: int
    """The entry that holds the decision."""
    at: str
    """When it was made."""
    act: str
    """What was asked: the command, in a word."""
    principal: str
    """For whom."""
    scope: list[Pair]
    """What was asked for."""
    was: Answer
    """What was decided."""
    would: Answer
    """What the other bundle would have decided."""
    rule: str | None
    """The rule that was open."""
    would_rule: str | None
    """The rule that would have been."""
    untold: NotRequired[bool]
    """The refusal is for want of facts: the other bundle reads some that the decision had no need
    of, so that its evidence does not hold them. What it would have said cannot be told.
    """
    shorter_by: NotRequired[str]
    """How much shorter the grant would have been."""
    longer_by: NotRequired[str]
    """How much longer."""
    seats: int
    """Seats: filled and missing together."""
    would_seats: int
    """Seats that there would have been."""


class IncidentSeen(TypedDict):
    """How an incident was seen to stand."""

    at: str
    """When."""
    epoch: NotRequired[int]
    """The epoch."""
    status: NotRequired[IncidentStatus]
    """Whether the epoch ran."""
    severity: NotRequired[int]
    """How grave it was."""
    opened_at: NotRequired[str]
    """When the epoch was opened."""


class MarkAsked(TypedDict):
    """Somebody asked."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["asked"]
    phase: RequestPhase
    """Where the request stood at once."""


class MarkApproved(TypedDict):
    """Somebody approved the request, or an extension of the grant."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["approved"]
    counted: bool
    """Whether it counted."""
    seat: NotRequired[str]
    """The one seat that was meant."""
    max_ttl: NotRequired[str]
    """The longest lifetime that the approver agreed to."""


class MarkMoved(TypedDict):
    """The request moved."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["moved"]
    phase: RequestPhase
    """Where to."""
    cause: NotRequired[Cause]
    """Why, if it became void."""
    detail: NotRequired[str]
    """More, in words."""


class MarkActivated(TypedDict):
    """The request became a grant."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["activated"]
    ends_at: str
    """When it was to end."""
    ends_by: Limit
    """By which limit."""


class MarkIssued(TypedDict):
    """The grant was put in force."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["issued"]
    points: list[str]
    """Where."""


class MarkIssueRejected(TypedDict):
    """What was issued was not accepted, or came too late."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["issue_rejected"]
    points: list[str]
    """Where."""
    detail: str
    """Why."""


class MarkUsed(TypedDict):
    """The holder acted, or tried to."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["used"]
    pair: Pair
    """What was done, and on what."""
    permitted: bool
    """Whether it was permitted."""


class MarkExtensionAsked(TypedDict):
    """More time was asked for."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["extension_asked"]
    ordinal: int
    """Its place in the chain."""
    ends_at: str
    """The new end."""
    phase: RequestPhase
    """Where the extension stood at once."""


class MarkExtensionMoved(TypedDict):
    """An extension moved; `consumed` when the time was added."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["extension_moved"]
    phase: RequestPhase
    """Where to."""


class MarkShortened(TypedDict):
    """The grant ends sooner than it would have."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["shortened"]
    ends_at: str
    """When."""
    ends_by: Limit
    """By which limit."""


class MarkFrozen(TypedDict):
    """A fact that it needs became unknown: no use, and the clock runs."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["frozen"]


class MarkThawed(TypedDict):
    """The fact is known again."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["thawed"]


class MarkEnded(TypedDict):
    """The grant ended."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["ended"]
    cause: Cause
    """Why."""


class MarkAlsoEnded(TypedDict):
    """Something else would have ended it too."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["also_ended"]
    cause: Cause
    """What."""


class MarkRetained(TypedDict):
    """What was in force at a point is another grant's from now on."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["retained"]
    point: str
    """The enforcement point."""
    by_grant: str
    """The grant that answers for it."""


class MarkTookOver(TypedDict):
    """The grant answers from now on for what another one had in force."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["took_over"]
    point: str
    """The enforcement point."""
    from_grant: str
    """The grant that ended."""


class MarkLate(TypedDict):
    """An enforcement point did not confirm the end in time."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["late"]
    point: str
    """The enforcement point."""


class MarkConfirmed(TypedDict):
    """An enforcement point confirmed the end."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["confirmed"]
    point: str
    """The enforcement point."""


class MarkClosed(TypedDict):
    """The end was confirmed everywhere."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["closed"]


class MarkFlagged(TypedDict):
    """Something sticks to the grant."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["flagged"]
    flag: Flag
    """What."""


class MarkTold(TypedDict):
    """Those who watch were told, or somebody was woken."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["told"]
    how: str
    """`alert` or `page`."""
    detail: str
    """Why."""


class MarkSkippedApproversTold(TypedDict):
    """Those whose approval was not asked were told."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["skipped_approvers_told"]
    seats: list[str]
    """The seats that other rules would have asked for."""


class MarkReviewOpened(TypedDict):
    """A review came due."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["review_opened"]
    due_by: str
    """By when."""


class MarkReviewed(TypedDict):
    """The grant was reviewed."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["reviewed"]
    verdict: ReviewVerdict
    """What the review says."""
    classification: Classification
    """What the emergency was."""
    notes: NotRequired[str]
    """More, in words."""


class MarkReconciled(TypedDict):
    """What was done offline was accounted for."""

    at: str
    """When."""
    by: NotRequired[str]
    """Who did it, where somebody did."""
    reasons: NotRequired[list[Reason]]
    """Why it was refused."""
    entry: NotRequired[int]
    """The entry that holds it."""
    decision_entry: NotRequired[int]
    """The entry that holds the decision on it."""
    type: Literal["reconciled"]


Mark: TypeAlias = (
    MarkAsked
    | MarkApproved
    | MarkMoved
    | MarkActivated
    | MarkIssued
    | MarkIssueRejected
    | MarkUsed
    | MarkExtensionAsked
    | MarkExtensionMoved
    | MarkShortened
    | MarkFrozen
    | MarkThawed
    | MarkEnded
    | MarkAlsoEnded
    | MarkRetained
    | MarkTookOver
    | MarkLate
    | MarkConfirmed
    | MarkClosed
    | MarkFlagged
    | MarkTold
    | MarkSkippedApproversTold
    | MarkReviewOpened
    | MarkReviewed
    | MarkReconciled
)
"""One thing that happened, when, by whom, and which entries of the ledger say so."""


class RequestLine(TypedDict):
    """An ask, and what became of it."""

    id: str
    """Its name."""
    principal: Uid
    """Who would hold the privilege."""
    requested_by: NotRequired[Uid]
    """Who asked, if not the principal."""
    via: NotRequired[list[Uid]]
    """The delegation chain, root first."""
    scope: list[Pair]
    """What was asked for."""
    purpose: str
    """Why, in the requester's words."""
    ttl: NotRequired[str]
    """For how long."""
    emergency: bool
    """Whether it was asked for as an emergency."""
    supports: list[Support]
    """What it stood on."""
    channel: str
    """Where it came in."""
    asked_at: str
    """When it was made."""
    phase: RequestPhase
    """Where it stands."""
    rule: NotRequired[str]
    """The rule that it would be granted under."""
    cause: NotRequired[Cause]
    """Why it became void."""
    grant: NotRequired[str]
    """The grant that came of it."""
    marks: list[Mark]
    """What happened to it, in order."""


PointLine = TypedDict(
    "PointLine",
    {
        "point": "str",
        "from": NotRequired["str"],
        "confirm_by": NotRequired["str"],
        "confirmed_at": NotRequired["str"],
        "late": NotRequired["bool"],
        "stray": NotRequired["bool"],
        "retained_by": NotRequired["str"],
        "residual": NotRequired["str"],
    },
)
"""A grant at one enforcement point."""


class GrantLine(TypedDict):
    """A grant, from request to confirmed end."""

    id: str
    """Its name."""
    request: str
    """The request that it came of."""
    principal: Uid
    """Who holds it."""
    rule: str
    """Its rule."""
    scope: list[Pair]
    """What it is for."""
    emergency: bool
    """Whether it was asked for as an emergency."""
    parent: NotRequired[str]
    """The grant that it is delegated from."""
    approvers: list[Uid]
    """Who sat in the seats."""
    phase: GrantPhase
    """Where it stands."""
    asked_at: NotRequired[str]
    """When it was asked for."""
    started: str
    """When it began."""
    ends_at: str
    """When the last limit on it comes, or came, at the latest."""
    ends_by: Limit
    """That limit."""
    over_at: NotRequired[str]
    """When it stopped being usable."""
    cause: NotRequired[Cause]
    """Why."""
    unrecorded_end: NotRequired[bool]
    """The end follows from its limits alone: nobody has recorded it yet."""
    also: NotRequired[list[Cause]]
    """What would have ended it besides."""
    confirmed_at: NotRequired[str]
    """When its end was confirmed everywhere."""
    points: list[PointLine]
    """Where it was in force."""
    uses: int
    """How often it was used."""
    refused_uses: int
    """How often a use was refused."""
    flags: NotRequired[list[Flag]]
    """What sticks to it."""
    review_by: NotRequired[str]
    """When its review is due."""
    review: NotRequired[ReviewRecord]
    """Its review."""
    marks: list[Mark]
    """What happened to it, in order."""


Standstill: TypeAlias = Literal[
    "residual",
    "in_force",
]
"""Whether what is left ought to be there."""


class Residual(TypedDict):
    """A grant at one enforcement point that has not confirmed its end."""

    state: Standstill
    """Whether it ought to be there."""
    point: str
    """The enforcement point; `issuer` while nobody has said where the grant is in force."""
    grant: str
    """The grant."""
    principal: Uid
    """Who holds it."""
    scope: list[Pair]
    """What it is for."""
    started: str
    """When it began."""
    ends_at: str
    """When it ends, or was to end, at the latest."""
    ends_by: Limit
    """By which limit."""
    over_at: NotRequired[str]
    """When it stopped being usable."""
    cause: NotRequired[Cause]
    """Why."""
    confirm_by: NotRequired[str]
    """By when the end was to be confirmed here."""


class Timeline(TypedDict):
    """What happened, to one incident or to all."""

    incident: NotRequired[str]
    """The incident that it is about; everything, if none."""
    since: NotRequired[str]
    """The first instant that anything on it happened."""
    as_of: NotRequired[str]
    """As of when it is told."""
    seen: list[IncidentSeen]
    """How the incident was seen to stand, each time it had changed."""
    requests: list[RequestLine]
    """The requests, in the order in which they were made."""
    grants: list[GrantLine]
    """The grants, in the order in which they began."""
    residual: list[Residual]
    """What is left: grants whose end was not confirmed somewhere."""


class Verdict(TypedDict):
    """What an enforcement point needs and no more: the answer, until when, and its duties.

    It is what the [`Decision`] for the same inputs says, without reasons, without what is
    missing and without the digests that a record needs; so it is the quickest to make.
    """

    decision: Answer
    """Yes, not yet, or no."""
    rule: NotRequired[str | None]
    """The open rule that scope, time and quorum come from."""
    ends_at: NotRequired[Instant | None]
    """When a grant activated now would end."""
    ends_by: NotRequired[Limit | None]
    """The limit that ends it first."""
    valid_until: NotRequired[Instant | None]
    """Until when this answer holds without being asked again."""
    valid_by: NotRequired[Limit | None]
    """What ends its validity first."""
    obligations: list[Obligation]
    """What the enforcement point must do."""
    ask: NotRequired[Digest | None]
    """What an approval must be bound to."""
    bundle: Digest
    """The bundle's digest."""


class Found(TypedDict):
    """Somebody who can do something, found by a search."""

    principal: Uid
    """Who."""
    scope: list[Pair]
    """What."""
    decision: Answer
    """Yes, not yet, or no."""
    rule: NotRequired[str | None]
    """The open rule that scope, time and quorum come from."""
    ends_at: NotRequired[Instant | None]
    """When a grant activated now would end."""
    ends_by: NotRequired[Limit | None]
    """The limit that ends it first."""
    valid_until: NotRequired[Instant | None]
    """Until when this answer holds without being asked again."""
    valid_by: NotRequired[Limit | None]
    """What ends its validity first."""
    obligations: list[Obligation]
    """What the enforcement point must do."""
    ask: NotRequired[Digest | None]
    """What an approval must be bound to."""
    bundle: Digest
    """The bundle's digest."""


class Disclosure(TypedDict):
    """What opens one redacted field. The host keeps it apart from the ledger."""

    path: str
    """Where in the body: a JSON pointer (RFC 6901), `/request/purpose`."""
    salt: Digest
    """The field's own salt."""
    value: Any
    """The value."""


class Predicate(TypedDict):
    """Which bundle the files are."""

    name: str
    """The bundle's name."""
    version: str
    """Its version."""
    bundle: Digest
    """The digest that names it in decisions."""


@final
class Decided(TypedDict):
    """An item of a batch that was decided."""

    ok: Decision


@final
class Refused(TypedDict):
    """An item of a batch that is malformed."""

    error: ErrorData


@final
class CommandApplied(TypedDict):
    """A command of several that was applied."""

    command_id: str
    ok: Applied


@final
class CommandRefused(TypedDict):
    """A command of several that is an error."""

    command_id: str
    error: ErrorData


class Catalogue(TypedDict):
    """Every code, and when it is given."""

    errors: dict[ErrorCode, str]
    reasons: dict[ReasonCode, str]
