"""The native half of `glasskey`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, final

from glasskey.types import (
    Applied,
    Catalogue,
    Checkpoint,
    Command,
    CommandApplied,
    CommandRefused,
    Counterfactual,
    Decided,
    Decision,
    Digest,
    Disclosure,
    Divergence,
    Entry,
    Evidence,
    Explanation,
    Extension,
    FactsDocument,
    Found,
    Grant,
    Ignored,
    LedgerState,
    Outline,
    Predicate,
    Recorded,
    Refused,
    RequestDocument,
    RequestRecord,
    Residual,
    Timeline,
    Verdict,
    VerifyReport,
)

__all__ = [
    "Bundle",
    "Facts",
    "Ledger",
    "Lifecycle",
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
    "prove",
    "records",
    "redact",
    "replay",
    "residual",
    "sign_note",
    "timeline",
    "verify",
    "verify_bundle",
    "verify_proof",
    "what_can",
    "who_can",
]

_Now: TypeAlias = datetime | str | None
_Json: TypeAlias = str | bytes
_Ask: TypeAlias = Request | RequestDocument | _Json

@final
class Bundle:
    """A compiled pack: schema, policies and manifest. Immutable; safe to use from many threads."""

    @classmethod
    def compile(cls, files: Mapping[str, str | bytes]) -> Bundle:
        """Compiles a pack from its files, by name: one `bundle.toml`, any `*.cedar` and `*.cedarschema`.

        Raises GlasskeyError with every fault of every file in `.errors`.
        """

    @classmethod
    def compile_signed(
        cls, files: Mapping[str, str | bytes], envelope: str | None, keys: Sequence[str]
    ) -> Bundle:
        """Compiles a pack that one of `keys` has signed: `envelope` is the text of its `bundle.dsse.json`,
        or None if there is none, which is an error. Decisions, evidence and records name the signers.
        """

    @classmethod
    def from_compiled(cls, form: bytes) -> Bundle:
        """A pack from its compiled form, which loads without a parser and decides the same. Only load
        what you would run: `from_compiled_signed` checks who made it.

        Raises GlasskeyError `bad_compiled` for bytes that are none, or are those of another version.
        """

    @classmethod
    def from_compiled_signed(cls, form: bytes, envelope: str | None, keys: Sequence[str]) -> Bundle:
        """A pack from its compiled form, if one of `keys` has signed it. The envelope is over one file,
        `bundle.compiled`.
        """

    def to_compiled(self) -> bytes:
        """Its compiled form: always the same bytes for the same pack. Texts of policies and schema are
        left out: what is loaded from it points at no place in a text, and cannot be extended.

        Raises GlasskeyError `not_compilable` if something in the pack takes Cedar itself.
        """

    @staticmethod
    def missing_base(files: Mapping[str, str | bytes]) -> str | None:
        """The folder, relative to the pack's own, of a pack that these files extend and do not hold
        yet: its files go in under names that begin with it, like `../starter/rules.cedar`.
        """

    @property
    def digest(self) -> Digest:
        """The digest that names it."""

    @property
    def signed_by(self) -> list[str]:
        """The keys that signed it, if a signature was demanded."""

    @property
    def name(self) -> str:
        """The pack's name."""

    @property
    def version(self) -> str:
        """The pack's version."""

    @property
    def schema(self) -> str:
        """The whole schema as Cedar text."""

    def outline(self) -> Outline:
        """What it holds: manifest, rules with their terms, guards, actions, warnings."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Facts:
    """A snapshot of the world, read for one bundle. Immutable; safe to use from many threads."""

    def __new__(cls, bundle: Bundle, snapshot: FactsDocument | _Json) -> Facts:
        """Reads a whole snapshot, which must say when it was taken."""

    def observe(self, change: FactsDocument | _Json, now: _Now = None) -> Facts:
        """The next snapshot: this one, and what changed. This one stays as it is."""

    def observe_with_notes(
        self, change: FactsDocument | _Json, now: _Now = None
    ) -> tuple[Facts, list[Ignored]]:
        """As `observe`, with the records that were left out of account, and why."""

    def rebind(self, bundle: Bundle) -> Facts:
        """The same facts for another bundle, if its schema takes them."""

    @property
    def observed_at(self) -> str:
        """The latest time at which anything in it was observed."""

    @property
    def entity_count(self) -> int:
        """How many entities it has."""

@final
class Request:
    """A request that is read and checked once, to be decided often. Immutable."""

    def __new__(cls, request: _Ask) -> Request:
        """Reads a request."""

    def to_dict(self) -> RequestDocument:
        """The request as plain data."""

@final
class Lifecycle:
    """From request to confirmed end, as one aggregate without I/O. Locked: safe to use from many
    threads, one command at a time.
    """

    def __new__(cls, bundle: Bundle, facts: Facts) -> Lifecycle:
        """A lifecycle in which nothing has happened yet."""

    def apply(self, command: Command | _Json, now: _Now = None) -> Applied:
        """Applies one command: what happened, what to carry out, what was decided.

        A refusal is no error. Sending the same command again gives the same answer and changes
        nothing. After an error nothing has changed.
        """

    def apply_all(
        self, commands: Iterable[Command | _Json], now: _Now = None
    ) -> list[CommandApplied | CommandRefused]:
        """Applies commands of one instant, those that end privilege first, so that any order of
        arrival gives the same answers: `{"command_id", "ok"}` or `{"command_id", "error"}` each.
        """

    def change_bundle(self, command_id: str, bundle: Bundle, now: _Now = None) -> Applied:
        """Lets another bundle decide from now on. What it no longer permits becomes void, or ends."""

    def fold(self, applied: Applied | _Json, bundle: Bundle | None = None) -> None:
        """Takes in a record that a lifecycle like this one gave before: the state after it is the
        state that made it. `bundle` is the one that decides from there on, if the record changed it.
        """

    def forget_answers(self, before: datetime | str) -> None:
        """Forgets what commands were answered before an instant, to free memory: it is in the ledger.
        Such a command sent again is not applied again, but refused as `answer_forgotten`.
        """

    def next_change(self, now: _Now = None) -> str | None:
        """The first instant at which anything changes by itself; come back then with a `tick`."""

    @property
    def seq(self) -> int:
        """The number of the last record."""

    @property
    def facts(self) -> Facts:
        """The facts as they stand."""

    @property
    def bundle(self) -> Bundle:
        """The bundle that decides."""

    def request(self, id: str) -> RequestRecord | None:
        """A request by its id."""

    def grant(self, id: str) -> Grant | None:
        """A grant by its id."""

    def extension(self, id: str) -> Extension | None:
        """An extension by its id."""

    def requests(self) -> list[RequestRecord]:
        """All requests, in order of their ids."""

    def grants(self) -> list[Grant]:
        """All grants, in order of their ids."""

    def same_state(self, other: Lifecycle) -> bool:
        """Whether the other one is in the same state."""

    def __copy__(self) -> Lifecycle:
        """Another one in the same state: what is applied to it leaves this one alone."""

@final
class Ledger:
    """Where a ledger ends: enough to append to it. It holds no entries; the host writes each one.
    Locked: safe to use from many threads.
    """

    @classmethod
    def begin(cls, origin: str, at: _Now = None) -> tuple[Ledger, Entry]:
        """Begins a ledger: the ledger, and its first entry, which names it."""

    @classmethod
    def open(cls, first: Entry | _Json) -> Ledger:
        """Opens a ledger at its first entry; `push` takes the others."""

    @classmethod
    def from_state(cls, state: LedgerState | _Json) -> Ledger:
        """A ledger from its `state`, as it was kept."""

    def continue_as(self, origin: str, at: _Now = None) -> tuple[Ledger, Entry]:
        """Begins a ledger that continues this one, which the host then closes."""

    def append(self, kind: str, body: object, at: _Now = None) -> Entry:
        """Makes the next entry and moves the end behind it. The caller writes the entry: its
        canonical text is its line. The body is a value, or JSON text given as `bytes`.
        """

    def record(self, applied: Applied | _Json) -> list[Entry]:
        """Makes the entries of what a lifecycle did, in the order in which they must be written."""

    def push(self, entry: Entry | _Json) -> None:
        """Takes an entry that was written before, and checks that it is the next one."""

    def not_before(self, now: _Now = None) -> str:
        """`now`, or the time of the last entry if a clock stepped back behind it."""

    @property
    def origin(self) -> str:
        """Its name."""

    @property
    def head(self) -> Digest:
        """The hash of the last entry."""

    @property
    def root(self) -> Digest:
        """The root of the Merkle tree over the entries."""

    @property
    def last_at(self) -> str:
        """When the last entry was written."""

    @property
    def state(self) -> LedgerState:
        """All of it as plain data, to be kept where the ledger itself is kept."""

    def checkpoint(self) -> str:
        """The text of the ledger as it is now, which the host's signer signs."""

    def __len__(self) -> int:
        """How many entries it has."""

    def __copy__(self) -> Ledger:
        """Another one at the same place: append to it, write, and then keep it."""

def decide(bundle: Bundle, facts: Facts, request: _Ask, now: _Now = None) -> Decision:
    """Decides a request: permit, pending or deny, with what follows from it."""

def answer(bundle: Bundle, facts: Facts, request: _Ask, now: _Now = None) -> Verdict:
    """As `decide`, but only the answer, until when, and its duties: much the quickest."""

def decide_with_reasons(bundle: Bundle, facts: Facts, request: _Ask, now: _Now = None) -> Decision:
    """As `decide`, for what nobody records: without `evaluation_id` and `evidence`."""

def who_can(bundle: Bundle, facts: Facts, request: _Ask, now: _Now = None) -> list[Found]:
    """Everybody who would be permitted what is asked for, or could be once seats are filled."""

def what_can(bundle: Bundle, facts: Facts, request: _Ask, now: _Now = None) -> list[Found]:
    """Everything that the request's principal would be permitted, or could be once seats are filled."""

def decide_json(bundle: Bundle, facts: Facts, request: _Ask, now: _Now = None) -> bytes:
    """As `decide`, with the decision as canonical JSON text (RFC 8785)."""

def decide_many(
    bundle: Bundle, facts: Facts, requests: Iterable[_Ask], now: _Now = None
) -> list[Decided | Refused]:
    """Decides many requests at one instant, on all cores, in the order given.

    Each item of the answer is `{"ok": decision}` or `{"error": fault}`.
    """

def decide_with_evidence(
    bundle: Bundle, facts: Facts, request: _Ask, now: _Now = None
) -> tuple[Decision, Evidence]:
    """As `decide`, with all that the decision followed from."""

def decide_again(bundle: Bundle, evidence: Evidence | _Json) -> Decision:
    """Decides again from a decision's evidence alone."""

def explain(bundle: Bundle, facts: Facts, request: _Ask, now: _Now = None) -> Explanation:
    """As `decide`, with every rule that was considered and the first condition that failed."""

def canonical(document: object) -> bytes:
    """The RFC 8785 bytes of a value, or of JSON text given as `bytes`."""

def digest(document: object) -> Digest:
    """The digest of the RFC 8785 bytes of a value, or of JSON text given as `bytes`."""

def catalogue() -> Catalogue:
    """The catalogues of `errors` and `reasons`: each code and when it is given."""

def verify(
    ledger: bytes | Iterable[bytes],
    *,
    checkpoints: Sequence[str] = ...,
    keys: Sequence[str] = ...,
    resume: Ledger | None = None,
) -> VerifyReport:
    """Reads a ledger to its first fault: its bytes, or any iterable of bytes cut anywhere.

    `checkpoints` are older ones that the ledger is held to, as notes signed by one of `keys`;
    `resume` is a ledger whose state is trusted already, when only what stands behind it is read.
    """

def verify_proof(proof: str, entry: Entry | _Json, keys: Sequence[str]) -> Checkpoint:
    """The checkpoint of a `.tlog-proof`, once it proves that the entry is in the ledger."""

def records(ledger: bytes) -> list[Recorded]:
    """What a lifecycle did, put together again from the entries of a ledger."""

def replay(ledger: bytes, bundles: Sequence[Bundle]) -> list[Divergence]:
    """Every decision in a ledger that does not follow from its evidence."""

def timeline(ledger: bytes, *, incident: str | None = None, as_of: datetime | str | None = None) -> Timeline:
    """Who held what, why, from when until when: of one incident, or of all; as of an instant, or of the
    last record.
    """

def residual(ledger: bytes, now: _Now = None) -> list[Residual]:
    """What is left at an instant: privilege that is in force, and what has ended and was not confirmed
    to have ended.
    """

def counterfactual(ledger: bytes, bundle: Bundle) -> list[Counterfactual]:
    """What another bundle would have made of each decision in a ledger."""

def prove(ledger: bytes, index: int, checkpoint: str) -> str:
    """The `.tlog-proof` of an entry, for the tree of a checkpoint's note."""

def sign_note(text: str, key: str, signature: bytes) -> str:
    """The note of a text, or a note itself, with what the host's signer made of the text."""

def redact(body: object, paths: Sequence[str], seed: bytes) -> tuple[Any, list[Disclosure]]:
    """A body without the values at some paths, and what opens them again.

    `seed` is 32 random bytes of a cryptographic source, new ones for every body.
    """

def disclose(body: object, disclosures: Sequence[Disclosure]) -> Any:
    """A body with disclosed values back in their places, each proven to be the one that was meant."""

def verify_bundle(files: Mapping[str, str | bytes], envelope: _Json, keys: Sequence[str]) -> Predicate:
    """What a signed envelope says of a bundle, once one of `keys` signed it and the files are those."""
