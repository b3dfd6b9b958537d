"""Times as exports write them, made one: UTC with a Z, to the second."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_FIRST_YEAR = 1990
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")
_OURS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_TOLD = {
    "zone": "{n} without a time zone, taken as UTC",
    "future": "{n} in the future, dropped",
    "old": f"{{n}} before {_FIRST_YEAR}, dropped",
    "unreadable": "{n} not readable as a date, dropped",
}


class Times:
    """Reads times of one conversation and remembers what had to be put right."""

    def __init__(self, now: datetime) -> None:
        self._latest = (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")  # clocks differ
        self._troubles: Counter[str] = Counter()

    def utc(self, value: str | int | float) -> str | None:
        """`value` (ISO 8601, RFC 5322, or seconds or milliseconds since 1970) as "2025-03-01T09:12:00Z"."""
        moment = _moment(value)
        if moment is None:
            self._troubles["unreadable"] += 1
            return None
        zoned = moment.tzinfo is not None
        try:
            moment = moment.astimezone(UTC) if zoned else moment
        except OverflowError:
            moment = datetime.min
        if moment.year < _FIRST_YEAR:
            self._troubles["old"] += 1
            return None
        ours = isinstance(value, str) and _OURS.fullmatch(value)
        text = str(value) if ours else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        if text > self._latest:
            self._troubles["future"] += 1
            return None
        self._troubles["zone"] += not zoned
        return text

    def notices(self) -> list[str]:
        """What was put right, counted."""
        return ["times: " + _TOLD[kind].format(n=n) for kind, n in self._troubles.items() if n]


def _moment(value: str | int | float) -> datetime | None:
    if isinstance(value, str):
        value = value.strip()
        if not _EPOCH.fullmatch(value):
            return _written(value)
        value = int(value)
    try:
        return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _written(text: str) -> datetime | None:
    if len(text) > 64:
        return None
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00" if text.endswith(" UTC") else text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
