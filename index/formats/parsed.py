"""What a reader of files hands over, record by record, and what it may be told beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from index.clean import clean
from index.conversation import Source
from index.errors import Kind, UserError

MAX_LINE = 8 * 1024 * 1024  # bytes of one line of JSON, one CSV row or one article
MAX_TEXT = 1_000_000  # characters of one message
MAX_MESSAGES = 5_000  # of one conversation


@dataclass(frozen=True)
class Parsed:
    """One record of a file: a source, or the error that kept it from being one.

    `line` is where it starts (1-based; for an article its place in the folder's sorted list). `notices` say
    what was put right on the way. `offset` is how many bytes of the file (of all files in a folder) were read so
    far. `duplicate` is set when the same id came before with the same content. `left_out` says why a record that
    is in order is none for the shelf (a draft, spam, nothing said); `deleted` is the id of a ticket or article
    (`deleted_kind`) that its source says is gone. `folder` is where the attachments are to be found when that is
    not the folder of the file; it need last only until the next record is asked for. `partial` is set for a ticket
    whose messages are not all in the export: it never replaces a fuller one. `waiting` is no record at all, but says
    by its `offset` how far a reader is that must read everything before the first record.
    """

    line: int
    source: Source | None = None
    error: UserError | None = None
    notices: tuple[str, ...] = ()
    offset: int = 0
    duplicate: bool = False
    left_out: str = ""
    deleted: str = ""
    deleted_kind: Literal["ticket", "article"] = "ticket"
    folder: Path | None = None
    partial: bool = False
    waiting: bool = False


@dataclass(frozen=True)
class ReadOptions:
    """How to read. `format` is the name of a format or "auto". `columns` maps our names (`conversation`, `role`,
    `text`, ...) to the headers of a CSV file, `role_map` words of the file to `customer`, `agent`, `note`; `array`
    says that a JSON file is one array."""

    format: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    encoding: str | None = None
    array: bool = False
    role_map: Mapping[str, str] = field(default_factory=dict)


class FieldError(ValueError):
    """One value of one record is not what we hoped for. `message` is the index of the message it belongs to."""

    def __init__(self, field: str, reason: str, step: str, kind: Kind = "SCHEMA", message: int | None = None) -> None:
        super().__init__(reason)
        self.field, self.reason, self.step, self.kind, self.message = field, reason, step, kind, message

    def at(self, path: Path, line: int) -> UserError:
        """The same trouble with its place, in two lines."""
        place = f"{self.field} " if self.field else ""
        return trouble(path, f"{place}{self.reason}", self.step, self.kind, line)


def trouble(path: Path, reason: str, step: str, kind: Kind, line: int | None = None) -> UserError:
    """A `UserError` of two lines: file, line and reason; then the next step."""
    place = shown(path.name, 80) + (f", line {line}" if line is not None else "")
    return UserError(f"{place}: {reason}.\n{step}.", kind, line=line)


def shown(value: object, longest: int = 40) -> str:
    """`value` on one line, safe for a terminal and not long: for use inside a message."""
    text = " ".join(clean(str(value)[: 4 * longest]).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
