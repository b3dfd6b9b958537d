"""Files and records are read off the window's thread; what goes wrong there becomes a notice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from textual.app import App

from agent.tui.words import trouble_line
from index.errors import UserError

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


def tell_trouble(app: App[Any], error: BaseException) -> None:
    """Say what went wrong; a bug is also written to the log."""
    if not isinstance(error, UserError):
        log.error("trouble in the window", exc_info=error)
    app.notify(trouble_line(error), severity="error", timeout=10)


async def done_off_thread(app: App[Any], do: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Do something slow; False, with a notice, if it fails."""
    try:
        await asyncio.to_thread(do, *args, **kwargs)
        return True
    except Exception as error:
        tell_trouble(app, error)
        return False


async def off_thread(app: App[Any], read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """What `read` gives; None, with a notice, if it fails."""
    try:
        return await asyncio.to_thread(read, *args, **kwargs)
    except Exception as error:
        tell_trouble(app, error)
        return None


class Looking:
    """Something that is looked at every second and read by one reader at a time, however slow the disk is: a reader
    that is under way is never cut off, and what was asked for anew meanwhile is read once more after it."""

    def __init__(self, read: Callable[[], Awaitable[None]]) -> None:
        self._read = read
        self._reading = self._again = False

    async def look(self, anew: bool = False) -> None:
        """Read, unless somebody does; `anew` makes sure that what changed by now is read."""
        self._again = self._again or anew
        if self._reading:
            return
        self._reading = True
        self._again = True
        try:
            while self._again:
                self._again = False
                await self._read()
        finally:
            self._reading = self._again = False
