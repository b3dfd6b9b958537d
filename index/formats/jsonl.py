"""JSON Lines, also packed, or one JSON array: a conversation or an article per record, none of them trusted."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.formats.array import read_elements
from index.formats.files import RawLine, checked_encoding, read_lines, too_long
from index.formats.parsed import FieldError, Parsed, ReadOptions, trouble
from index.formats.schema import source_from
from index.formats.seen import Seen

_MAX_DEPTH = 32
_NUMBER_STEP = "Write it as a string, or leave the record out with --skip-bad"
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
        record = _DECODER.decode(text.strip())
    except json.JSONDecodeError as wrong:
        raise FieldError("", _json_reason(wrong, line), _LINE_STEP) from None
    except RecursionError:
        raise FieldError("", "is nested too deeply", _LINE_STEP) from None
    if not isinstance(record, dict):
        kind = "array" if isinstance(record, list) else "bare value"
        raise FieldError("", f"is a JSON {kind}, not an object", _LINE_STEP)
    if _too_deep(record):
        raise FieldError("", f"is nested more than {_MAX_DEPTH} deep", _LINE_STEP)
    if _SURROGATE.search(line.data) and (field := _lone_surrogate(record)) is not None:
        raise FieldError(field, "holds half a character (a lone surrogate)", "Export it again as UTF-8")
    return record


def _json_reason(wrong: json.JSONDecodeError, line: RawLine) -> str:
    if wrong.msg.startswith("Extra data"):
        return f"has something behind the object, at character {wrong.pos + 1}"
    if not line.ended:
        return "is cut off (the last line; did the export stop early?)"
    return f"is not JSON at character {wrong.pos + 1}"


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FieldError(f'"{twice[:40]}"', "is there twice", "Keep one of the two")
    return record


def _whole(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise FieldError("", "holds a whole number of more than 64 bits", _NUMBER_STEP)
    return int(digits)


def _fraction(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise FieldError("", "holds a number too large", _NUMBER_STEP)
    return number


def _constant(name: str) -> Any:
    raise FieldError("", f"holds {name}, which is not JSON", "Write null, or leave the key away")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=_whole, parse_float=_fraction, parse_constant=_constant)


def _too_deep(record: dict[str, Any]) -> bool:
    level: list[Any] = [record]
    for _ in range(_MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            items = value.values() if isinstance(value, dict) else value
            inner.extend(item for item in items if isinstance(item, dict | list))
        if not inner:
            return False
        level = inner
    return True


def _lone_surrogate(value: Any, name: str = "") -> str | None:
    """The name of the first field that can't be written as UTF-8, or None."""
    if isinstance(value, str):
        return name if any("\ud800" <= char <= "\udfff" for char in value) else None
    pairs: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        if (found := next((_lone_surrogate(key, "a key") for key in value), None)) is not None:
            return found
        pairs = [(f"{name}.{key}" if name else key, item) for key, item in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{name}[{index}]", item) for index, item in enumerate(value)]
    return next((found for key, item in pairs if (found := _lone_surrogate(item, key)) is not None), None)
