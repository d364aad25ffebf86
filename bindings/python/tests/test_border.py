"""What Python alone can send across the border."""

from __future__ import annotations

import copy
import datetime as dt
import signal
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, cast

import pytest

import glasskey
from glasskey import Bundle, Facts, GlasskeyError, Request
from glasskey.types import RequestDocument

CONFORMANCE = Path(__file__).parents[2] / "conformance"
NOW = "2026-03-01T02:05:05Z"
ASK: RequestDocument = {
    "principal": 'Glasskey::Person::"asha"',
    "scope": [{"action": 'Ops::Action::"restart"', "resource": 'Glasskey::System::"pay-db"'}],
    "supports": [{"incident": "INC-100"}, {"shift": "S-7"}],
}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return glasskey.load(CONFORMANCE / "packs/ops")


@pytest.fixture(scope="module")
def facts(bundle: Bundle) -> Facts:
    return Facts(bundle, (CONFORMANCE / "worlds/ops.json").read_bytes())


def ask(**members: Any) -> RequestDocument:
    return cast(RequestDocument, {**ASK, **members})


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "bad_number"),
        (0.5, "bad_number"),
        (float("nan"), "bad_number"),
        (float("-inf"), "bad_number"),
        (2**53, "bad_number"),
        (-(2**53), "bad_number"),
        (2**63, "bad_number"),
        (10**5000, "bad_number"),
        ("\ud800", "bad_json"),
        ({"\udfff": 1}, "bad_json"),
        ({1: 2}, "wrong_type"),
        ({1, 2}, "wrong_type"),
        (b"bytes", "wrong_type"),
        (object(), "wrong_type"),
        (dt.date(2026, 3, 1), "wrong_type"),
        (dt.datetime(2026, 3, 1), "bad_instant"),
        (dt.timedelta(seconds=-1), "bad_duration"),
        ("x" * 65_537, "too_large"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_hold_is_refused_with_its_place(value: object, code: str) -> None:
    for place, path in (([value], "host.x[0]"), (value, "host.x")):
        with pytest.raises(GlasskeyError) as refused:
            Request(ask(host={"x": place}))
        assert refused.value.code == code
        assert refused.value.path is not None
        assert refused.value.path.startswith(path)
    with pytest.raises(GlasskeyError) as refused:
        glasskey.canonical({"x": value})
    assert refused.value.code == code


def test_whole_numbers_strings_and_containers_cross() -> None:
    value: dict[str, object] = {
        "i": 2**53 - 1,
        "b": True,
        "n": None,
        "t": (1, "ü"),
        "o": OrderedDict(a=[]),
        "s": "",
    }
    expected = '{"b":true,"i":9007199254740991,"n":null,"o":{"a":[]},"s":"","t":[1,"ü"]}'
    assert glasskey.canonical(value) == expected.encode()


def test_a_circle_is_too_deep() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(GlasskeyError) as refused:
        glasskey.canonical(circle)
    assert refused.value.code == "too_deep"


def test_times_may_be_pythons_own(bundle: Bundle, facts: Facts) -> None:
    now = dt.datetime(2026, 3, 1, 4, 5, 5, 999, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    own = glasskey.decide(bundle, facts, ask(ttl=dt.timedelta(minutes=5, microseconds=7)), now)
    assert own == glasskey.decide(bundle, facts, ask(ttl="5m"), NOW)
    assert glasskey.instant(own["ends_at"]) - now.replace(microsecond=0) == dt.timedelta(minutes=5)
    assert glasskey.span("1d2h3m4s5ms") == dt.timedelta(1, 7384, milliseconds=5)


def test_a_naive_datetime_is_refused_with_the_reason(bundle: Bundle, facts: Facts) -> None:
    with pytest.raises(GlasskeyError, match="naive") as refused:
        glasskey.decide(bundle, facts, ASK, dt.datetime(2026, 3, 1))
    assert refused.value.code == "bad_instant"
    assert "timezone.utc" in (refused.value.help or "")
    with pytest.raises(GlasskeyError) as refused:
        glasskey.decide(bundle, facts, ASK, cast(Any, 1_772_330_705))
    assert refused.value.code == "wrong_type"


def test_now_is_the_systems_clock_unless_it_is_given(bundle: Bundle) -> None:
    before = dt.datetime.now(dt.timezone.utc) - dt.timedelta(milliseconds=1)
    observed = Facts(bundle, {"observed_at": NOW}).observe({}).observed_at
    assert before <= glasskey.instant(observed) <= dt.datetime.now(dt.timezone.utc)


def test_a_request_is_the_same_prepared_as_data_and_as_text(bundle: Bundle, facts: Facts) -> None:
    text = glasskey.canonical(ASK)
    answers = [glasskey.decide(bundle, facts, a, NOW) for a in (ASK, text, text.decode(), Request(ASK))]
    assert all(answer == answers[0] for answer in answers)
    assert glasskey.decide_json(bundle, facts, text, NOW) == glasskey.canonical(answers[0])
    assert Request(Request(ASK)).to_dict()["principal"] == ASK["principal"]


def test_an_error_shows_its_place_and_what_to_do() -> None:
    policy = '@id("x")\n@max_tll("1h")\nforbid (principal, action, resource);\npermit (principal'
    with pytest.raises(GlasskeyError) as refused:
        Bundle.compile({"bundle.toml": 'name = "t"\nversion = "1"\n', "a.cedar": policy})
    error = refused.value
    assert isinstance(error, ValueError)
    assert error.code == "bad_policy"
    assert error.labels[0]["file"] == "a.cedar"
    assert "--> a.cedar:4:" in str(error)
    assert repr(error).startswith("GlasskeyError('bad_policy', ")
    assert error.errors[0]["message"] == error.message
    assert copy.copy(error).errors == error.errors


def test_wrong_handles_and_folders_are_pythons_own_errors(tmp_path: Path, facts: Facts) -> None:
    with pytest.raises(TypeError):
        glasskey.decide(cast(Any, 3), facts, ASK)
    with pytest.raises(FileNotFoundError):
        glasskey.load(tmp_path / "nowhere")
    with pytest.raises(GlasskeyError) as refused:
        glasskey.load(tmp_path)
    assert refused.value.code == "no_manifest"


def test_handles_say_what_they_are(bundle: Bundle, facts: Facts) -> None:
    assert repr(bundle).startswith("<glasskey.Bundle ops 1.0.0: 11 rules, 2 guards, sha256:")
    assert repr(facts).startswith("<glasskey.Facts(16 entities")
    assert repr(Request(ASK)) == (
        '<glasskey.Request Glasskey::Person::"asha": Ops::Action::"restart" on Glasskey::System::"pay-db">'
    )
    assert bundle == glasskey.load(CONFORMANCE / "packs/ops")
    assert len({bundle, glasskey.load(CONFORMANCE / "packs/ops")}) == 1
    assert "namespace Ops" in bundle.schema


def test_many_threads_may_decide_on_one_bundle(bundle: Bundle, facts: Facts) -> None:
    expected = glasskey.decide(bundle, facts, ASK, NOW)
    wrong: list[object] = []

    def work() -> None:
        for _ in range(100):
            if (got := glasskey.decide(bundle, facts, ASK, NOW)) != expected:
                wrong.append(got)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_batch_keeps_order_and_takes_any_iterable(bundle: Bundle, facts: Facts) -> None:
    asks = (ask(ttl=f"{1 + i % 50}m") if i % 7 else cast(Any, {"principal": i}) for i in range(3_000))
    answers = glasskey.decide_many(bundle, facts, asks, NOW)
    assert len(answers) == 3_000
    for i, answer in enumerate(answers):
        if i % 7:
            assert "ok" in answer
            ends = glasskey.instant(answer["ok"]["ends_at"])
            minutes = min(1 + i % 50, 60)
            assert ends == glasskey.instant(NOW) + dt.timedelta(minutes=minutes)
        else:
            assert "error" in answer
            assert answer["error"]["path"] == "principal"


def test_a_big_batch_can_be_interrupted(bundle: Bundle, facts: Facts) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            glasskey.decide_many(bundle, facts, (Request(ASK) for _ in range(10_000_000)), NOW)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
