"""What makes plain data Python's own: paths, `datetime`, `timedelta`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from glasskey._native import Bundle

if TYPE_CHECKING:
    import os

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


def load(pack: str | os.PathLike[str]) -> Bundle:
    """Compile the pack in a folder: its `bundle.toml`, `*.cedar` and `*.cedarschema`.

    The packs that it extends are read from the folders that its manifest names.

    Raises `OSError` if the folder cannot be read, and `GlasskeyError` with every fault of every
    file in `.errors`.
    """
    files = _files(Path(pack), "")
    while (base := Bundle.missing_base(files)) is not None:
        files |= _files(Path(pack) / base, f"{base}/")
    return Bundle.compile(files)


def _files(folder: Path, prefix: str) -> dict[str, bytes]:
    return {prefix + path.name: path.read_bytes() for path in folder.iterdir() if _of_a_pack(path)}


def _of_a_pack(path: Path) -> bool:
    return path.name == "bundle.toml" or path.suffix in {".cedar", ".cedarschema"}


def instant(text: str) -> datetime:
    """Turn an instant of an answer, like `2026-03-01T02:05:00.000Z`, into an aware `datetime`."""
    return datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)


def span(text: str) -> timedelta:
    """Turn a duration of an answer, like `1h30m`, into a `timedelta`."""
    parts = re.findall(r"(\d+)(ms|[dhms])", text)
    return timedelta(**{_UNITS[unit]: int(count) for count, unit in parts})
