"""Break the glass, take a key that melts on time.

Glasskey decides, inside your own process, whether somebody may hold emergency or
just-in-time privilege now, for exactly how long and on which conditions, and proves
afterwards when it began and ended.

    >>> import glasskey
    >>> bundle = glasskey.load("policies/starter")
    >>> facts = glasskey.Facts(bundle, snapshot)
    >>> glasskey.decide(bundle, facts, request)["decision"]
    'permit'

Handles (`Bundle`, `Facts`, `Request`) are immutable and safe to use from many threads.
Everything else is plain data, typed in `glasskey.types`. Instants are RFC 3339 text or aware
`datetime`; durations are text like `1h30m` or `timedelta`. `now` is the system's clock unless
it is given.
"""

from glasskey._desk import Access, AccessRefused, ApprovalsMissing, Desk, Pending
from glasskey._errors import GlasskeyError
from glasskey._native import (
    Bundle,
    Facts,
    Ledger,
    Lifecycle,
    Request,
    answer,
    canonical,
    catalogue,
    counterfactual,
    decide,
    decide_again,
    decide_json,
    decide_many,
    decide_with_evidence,
    decide_with_reasons,
    digest,
    disclose,
    explain,
    prove,
    records,
    redact,
    replay,
    residual,
    sign_note,
    timeline,
    verify,
    verify_bundle,
    verify_proof,
    what_can,
    who_can,
)
from glasskey._sugar import instant, load, span

__all__ = [
    "Access",
    "AccessRefused",
    "ApprovalsMissing",
    "Bundle",
    "Desk",
    "Facts",
    "GlasskeyError",
    "Ledger",
    "Lifecycle",
    "Pending",
    "Request",
    "answer",
    "canonical",
    "catalogue",
    "counterfactual",
    "decide",
    "decide_again",
    "decide_json",
    "decide_many",
    "decide_with_evidence",
    "decide_with_reasons",
    "digest",
    "disclose",
    "explain",
    "instant",
    "load",
    "prove",
    "records",
    "redact",
    "replay",
    "residual",
    "sign_note",
    "span",
    "timeline",
    "verify",
    "verify_bundle",
    "verify_proof",
    "what_can",
    "who_can",
]
