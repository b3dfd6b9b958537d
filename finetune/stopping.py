"""Ctrl+C during a training: remembered and asked for between two steps, so that what was learned is kept."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stop_kindly() -> Iterator[Callable[[], bool]]:
    """Ctrl+C (or a request to end) is remembered and asked for between two steps; a second one stops at once."""
    asked: list[int] = []

    def remember(number: int, frame: Any) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, old in before.items():
            signal.signal(number, old)
