"""What a decision costs in Python, beside cedarpy with everything prepared: medians in microseconds.

    python bench.py FOLDER     the folder that `cargo bench --bench borders` wrote its worlds into
"""

import json
import resource
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import cedarpy
import glasskey


def median(calls, one):
    for _ in range(calls):
        one()
    times = []
    for _ in range(calls):
        began = time.perf_counter_ns()
        one()
        times.append(time.perf_counter_ns() - began)
    return round(statistics.median(times) / 1000, 1)


def imported(module):
    """The median time of an import in a fresh interpreter, less that of a bare start, in ms."""

    def started(code):
        began = time.perf_counter_ns()
        subprocess.run([sys.executable, "-c", code], check=True)
        return (time.perf_counter_ns() - began) / 1e6

    return round(
        statistics.median(started(f"import {module}") for _ in range(15))
        - statistics.median(started("pass") for _ in range(15)),
        1,
    )


def prepared(world):
    bundle = glasskey.Bundle.compile(world["files"])
    facts = glasskey.Facts(bundle, world["facts"])
    return bundle, facts, glasskey.Request(world["request"]), glasskey.instant(world["now"])


def decisions(world):
    ready = prepared(world)
    bundle, facts, request, now = ready
    plain = (bundle, facts, world["request"], now)
    many = [request] * 4096
    assert glasskey.answer(*ready)["decision"] == "permit"
    cedar = world["cedar"]
    policies = cedarpy.PolicySet.from_str(cedar["policies"])
    entities = cedarpy.Entities.from_json_str(json.dumps(cedar["entities"]))
    asked = {name: cedar[name] for name in ("principal", "action", "resource", "context")}
    assert cedarpy.is_authorized(asked, policies, entities).allowed
    text = glasskey.canonical(world["request"])
    return {
        "answer": median(4_000, lambda: glasskey.answer(*ready)),
        "decide_with_reasons": median(4_000, lambda: glasskey.decide_with_reasons(*ready)),
        "decide": median(4_000, lambda: glasskey.decide(*ready)),
        "answer, request as dict": median(4_000, lambda: glasskey.answer(*plain)),
        "decide, request as dict": median(4_000, lambda: glasskey.decide(*plain)),
        "decide_json, from bytes to bytes": median(
            4_000, lambda: glasskey.decide_json(bundle, facts, text, now)
        ),
        "decide_many, each of 4096": round(
            median(5, lambda: glasskey.decide_many(bundle, facts, many, now)) / 4096, 1
        ),
        "peer": median(400, lambda: cedarpy.is_authorized(asked, policies, entities)),
    }


def resident():
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def leaks(world, count=1_000_000):
    """The resident memory in KiB along so many decisions."""
    bundle, facts, _, now = prepared(world)
    seen = [resident()]
    for step in range(1, count + 1):
        glasskey.decide(bundle, facts, world["request"], now)
        if step % (count // 5) == 0:
            seen.append(resident())
    return seen


def threads(world, count=8, each=4_000):
    """Decisions per second by one thread, and by eight on one bundle; all answers are compared."""
    ready = prepared(world)
    expected = glasskey.decide(*ready)
    wrong = []

    def work():
        for _ in range(each):
            if glasskey.decide(*ready) != expected:
                wrong.append(1)

    def rate(count):
        began = time.perf_counter()
        all = [threading.Thread(target=work) for _ in range(count)]
        for thread in all:
            thread.start()
        for thread in all:
            thread.join()
        return round(count * each / (time.perf_counter() - began))

    one, eight = rate(1), rate(count)
    assert not wrong
    return {"one": one, "eight": eight}


def main(folder):
    worlds = {n: json.loads((Path(folder) / f"world-{n}.json").read_bytes()) for n in (10, 100, 1000)}
    found = {n: decisions(world) for n, world in worlds.items()}
    found["import_ms"] = {"glasskey": imported("glasskey"), "peer": imported("cedarpy")}
    found["threads"] = threads(worlds[10])
    found["resident_kib"] = leaks(worlds[10])
    print(json.dumps(found))


main(*sys.argv[1:])
