"""The one exception of Glasskey."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glasskey.types import ErrorCode, ErrorData, Label


class GlasskeyError(ValueError):
    """An input is malformed, too large or inapplicable. A deny is never an error.

    `code`, `message`, `help`, `path` and `labels` are those of the first fault; `errors` holds
    every fault as plain data. As text it shows each place in the source, and what to do next.
    """

    errors: list[ErrorData]
    code: ErrorCode
    message: str
    help: str | None
    path: str | None
    labels: list[Label]

    def __init__(self, errors: Sequence[ErrorData], report: str = "") -> None:
        super().__init__(errors, report)
        self.errors = list(errors)
        first = self.errors[0]
        self.code = first["code"]
        self.message = first["message"]
        self.help = first.get("help")
        self.path = first.get("path")
        self.labels = first["labels"]

    def __str__(self) -> str:
        report: str = self.args[1]
        return report or self.message

    def __repr__(self) -> str:
        more = len(self.errors) - 1
        return f"GlasskeyError({self.code!r}, {self.message!r}{f', and {more} more' if more else ''})"
