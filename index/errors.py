"""Trouble a person can do something about: what is, what we hoped for, what to type."""

from __future__ import annotations

from typing import Literal

Kind = Literal[
    "TYPE",
    "DAMAGED",
    "TOOBIG",
    "EMPTY",
    "ENCODING",
    "SCHEMA",
    "BUSY",
    "FULL",
    "STORE",
    "UNTRUSTED",
    "MISMATCH",
    "REFUSED",
    "BACKEND",
    "LIMIT",
    "CONFIG",
    "DENIED",
]

# The exit codes of sysexits.h, so that scripts can tell bad data from a busy store.
EXIT_CODES: dict[str, int] = {
    "TYPE": 65,
    "DAMAGED": 65,
    "TOOBIG": 65,
    "EMPTY": 65,
    "ENCODING": 65,
    "SCHEMA": 65,
    "LIMIT": 65,
    "REFUSED": 65,
    "BACKEND": 69,
    "FULL": 74,
    "STORE": 74,
    "BUSY": 75,
    "UNTRUSTED": 77,
    "DENIED": 77,
    "MISMATCH": 78,
    "CONFIG": 78,
}


class UserError(Exception):
    """A problem its reader can solve: at most two lines, ending in the next step.

    `kind` is one of the classes of docs/BAD_INPUTS (TYPE, DAMAGED, ...); `line` is the 1-based line of the
    file it happened in, where there is one. Shown in two places only: `cli.main` and the window.
    """

    def __init__(self, message: str, kind: Kind = "CONFIG", *, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.line = line

    @property
    def exit_code(self) -> int:
        """The process exit status for this kind (sysexits.h)."""
        return EXIT_CODES[self.kind]
