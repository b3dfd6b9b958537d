"""JSON Lines, also packed, or one JSON array: a conversation or an article per record, none of them trusted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from index.formats.array import read_elements
from index.formats.files import RawLine, checked_encoding, read_lines, too_long
from index.formats.parsed import FieldError, Parsed, ReadOptions, trouble
from index.formats.schema import source_from, source_id
from index.formats.seen import Seen
from index.formats.strict import DECODER, MAX_DEPTH, lone_surrogate, too_deep

_LINE_STEP = 'Write one object per line: {"id": ..., "messages": [...]}'
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_jsonl(path: Path, options: ReadOptions) -> Iterator[Parsed]:
    """One `Parsed` per record. Raises for trouble that concerns the whole file."""
    encoding = checked_encoding(path, options.encoding) if options.encoding else "utf-8"
    now, seen, records = datetime.now(UTC), Seen(), 0
    lines = read_elements(path) if options.array else _lines(path)
    for line in lines:
        records += 1
        yield _parse(path, line, encoding, options, now, seen)
    if not records:
        raise trouble(path, "holds no records", "Export the tickets again", "EMPTY")


def _lines(path: Path) -> Iterator[RawLine]:
    """Lines with something in them; the byte order mark is taken off the first."""
    first = True
    for line in read_lines(path):
        if line.number == 1 and line.data.startswith(b"\xef\xbb\xbf"):
            line = RawLine(1, line.data[3:], line.offset, ended=line.ended)
        if not line.too_long and not line.data.strip():
            continue
        if first and line.data.lstrip().startswith(b"["):
            reason = "begins with a JSON array, not with one object per line"
            raise trouble(path, reason, "Use --array", "SCHEMA", line.number)
        first = False
        yield line


def _parse(path: Path, line: RawLine, encoding: str, options: ReadOptions, now: datetime, seen: Seen) -> Parsed:
    if line.too_long:
        return Parsed(line.number, error=too_long(path, line), offset=line.offset)
    try:
        record = _record(_text(line.data, encoding), line)
        if record.get("deleted") is True and "messages" not in record and "text" not in record:
            kind: Literal["ticket", "article"] = "article" if record.get("kind") == "article" else "ticket"
            return Parsed(line.number, offset=line.offset, deleted=source_id(record), deleted_kind=kind)
        source, notices = source_from(record, options.role_map, now)
        duplicate = seen.before(source.id, json.dumps(record, sort_keys=True))
    except FieldError as error:
        return Parsed(line.number, error=error.at(path, line.number), offset=line.offset)
    return Parsed(line.number, source, None, notices, line.offset, duplicate)


def _text(data: bytes, encoding: str) -> str:
    if b"\0" in data:
        raise FieldError("", "holds NUL bytes", "Save as UTF-8 and import again", "ENCODING")
    try:
        return data.decode(encoding)
    except UnicodeError:
        step = "Save as UTF-8, or name it: --encoding windows-1252"
        raise FieldError("", f"is not {encoding.upper()} text", step, "ENCODING") from None


def _record(text: str, line: RawLine) -> dict[str, Any]:
    try:
        record = DECODER.decode(text.strip())
    except json.JSONDecodeError as wrong:
        raise FieldError("", _json_reason(wrong, line), _LINE_STEP) from None
    except RecursionError:
        raise FieldError("", "is nested too deeply", _LINE_STEP) from None
    if not isinstance(record, dict):
        kind = "array" if isinstance(record, list) else "bare value"
        raise FieldError("", f"is a JSON {kind}, not an object", _LINE_STEP)
    if too_deep(record):
        raise FieldError("", f"is nested more than {MAX_DEPTH} deep", _LINE_STEP)
    if _SURROGATE.search(line.data) and (field := lone_surrogate(record)) is not None:
        raise FieldError(field, "holds half a character (a lone surrogate)", "Export it again as UTF-8")
    return record


def _json_reason(wrong: json.JSONDecodeError, line: RawLine) -> str:
    if wrong.msg.startswith("Extra data"):
        return f"has something behind the object, at character {wrong.pos + 1}"
    if not line.ended:
        return "is cut off (the last line; did the export stop early?)"
    return f"is not JSON at character {wrong.pos + 1}"
