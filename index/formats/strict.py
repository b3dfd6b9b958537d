"""JSON read strictly: no key twice, no NaN, no number beyond 64 bits, no half characters, no bottomless nesting."""

from __future__ import annotations

import json
import math
from typing import Any

from index.formats.parsed import FieldError

MAX_DEPTH = 32
_NUMBER_STEP = "Write it as a string, or leave the record out with --skip-bad"


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


DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=_whole, parse_float=_fraction, parse_constant=_constant)
"""Raises `FieldError` for what is JSON by its letters only, `json.JSONDecodeError` for what is none."""


def too_deep(record: dict[str, Any]) -> bool:
    """Whether a record is nested deeper than `MAX_DEPTH`."""
    level: list[Any] = [record]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            items = value.values() if isinstance(value, dict) else value
            inner.extend(item for item in items if isinstance(item, dict | list))
        if not inner:
            return False
        level = inner
    return True


def lone_surrogate(value: Any, name: str = "") -> str | None:
    """The name of the first field that can't be written as UTF-8, or None."""
    if isinstance(value, str):
        return name if any("\ud800" <= char <= "\udfff" for char in value) else None
    pairs: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        if (found := next((lone_surrogate(key, "a key") for key in value), None)) is not None:
            return found
        pairs = [(f"{name}.{key}" if name else key, item) for key, item in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{name}[{index}]", item) for index, item in enumerate(value)]
    return next((found for key, item in pairs if (found := lone_surrogate(item, key)) is not None), None)
