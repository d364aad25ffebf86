"""The timeline of an incident, drawn from a ledger; each `# %%` is a cell of a notebook.

python timeline.py LEDGER.jsonl PICTURE.svg
"""

# %% What was done, put together again from the entries. A ledger that does not hold is refused.
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from matplotlib import dates
from matplotlib import pyplot as plt

import glasskey

ledger, picture = sys.argv[1:3]
applied = [record["applied"] for record in glasskey.records(Path(ledger).read_bytes())]


# %% Lanes: each incident, request and grant, and since when it was in which phase.
def lanes(applied: list[Any]) -> dict[str, list[tuple[Any, str]]]:
    """Changes of phase by lane, in the order of time."""
    found: dict[str, list[tuple[Any, str]]] = {}
    causes: dict[str, str] = {}

    def add(lane: str, at: str, phase: str) -> None:
        changes, when = found.setdefault(lane, []), dates.date2num(glasskey.instant(at))
        if changes and changes[-1][0] == when:
            changes.pop()
        if not changes or changes[-1][1] != phase:
            changes.append((when, phase))

    for one in applied:
        for event in one["events"]:
            at = event.get("at", one["at"])
            if event["type"] == "observed":
                for incident in event["facts"].get("incidents", []):
                    add(f"incident {incident['id']}", at, incident["status"])
            elif event["type"] == "submitted":
                add(f"request {event['record']['id'][-6:]}", at, event["record"]["phase"])
            elif event["type"] == "request_moved":
                add(f"request {event['request'][-6:]}", at, event["to"])
            elif event["type"] == "activated":
                add(f"request {event['grant']['request'][-6:]}", at, "consumed")
                add(f"grant {event['grant']['id'][-6:]}", at, event["grant"]["phase"])
            elif event["type"] == "issued":
                add(f"grant {event['grant'][-6:]}", at, "active")
            elif event["type"] == "ended":
                causes[event["grant"]] = event["cause"]
                add(f"grant {event['grant'][-6:]}", at, f"revoking: {event['cause']}")
            elif event["type"] == "grant_moved":
                cause = f": {causes[event['grant']]}" if event["to"] == "closed" else ""
                add(f"grant {event['grant'][-6:]}", at, event["to"] + cause)
    return found


# %% The picture: a bar for each phase, a mark for each use.
COLOURS = {"open": "#d62728", "active": "#ff7f0e", "frozen": "#9ecae1", "pending": "#c7c7c7"}
QUIET = {"closed", "consumed", "refused", "denied", "withdrawn", "timed_out", "lapsed", "void"}

drawn = lanes(applied)
end = max(at for changes in drawn.values() for at, _ in changes)
figure, axes = plt.subplots(figsize=(10, 1 + 0.6 * len(drawn)), layout="constrained")
for row, changes in enumerate(drawn.values()):
    until = [at for at, _ in changes[1:]] + [end]
    for (at, phase), over in zip(changes, until, strict=True):
        if phase.partition(":")[0] not in QUIET:
            axes.barh(row, over - at, left=at, height=0.5, color=COLOURS.get(phase, "#bcbd22"))
        axes.annotate(phase, (at, row), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8)
for one in applied:
    for event in one["events"]:
        if event["type"] == "used":
            row = list(drawn).index(f"grant {event['grant'][-6:]}")
            mark = {"marker": "|" if event["permitted"] else "x", "color": "black"}
            axes.plot(dates.date2num(glasskey.instant(event["at"])), row - 0.35, **mark)
axes.set_yticks(range(len(drawn)), list(drawn))
axes.invert_yaxis()
axes.margins(x=0.15)
axes.xaxis_date()
axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(axes.xaxis.get_major_locator()))
axes.set_title("Who held what, and until when (| a use, x a refused one)")
figure.savefig(picture)
print(f"{len(drawn)} lanes in {picture}")
