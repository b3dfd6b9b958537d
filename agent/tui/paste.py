"""A long paste taken in blocks: Textual 8.2 reads it character by character, a second and more for 2 MB."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

START = "\x1b[200~"
END = "\x1b[201~"


class QuickPaste(XTermParser):
    """The terminal's input; what stands between the marks of a bracketed paste becomes one event at once."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pasted: list[str] | None = None
        self._tail = ""

    def feed(self, data: str) -> Iterable[Message]:
        """The events of a piece of input. A start mark cut by the edge of a piece takes the slow way."""
        if not data:
            yield from super().feed(data)
        while data:
            if self._pasted is None:
                before, mark, data = data.partition(START)
                if before:
                    yield from super().feed(before)
                if mark:
                    self._pasted = []
            else:
                body, mark, data = (self._tail + data).partition(END)
                if not mark:  # the end mark itself may be cut
                    self._tail = body[-len(END) + 1 :]
                    self._pasted.append(body[: -len(END) + 1])
                    return
                text = "".join([*self._pasted, body])
                self._pasted, self._tail = None, ""
                yield events.Paste(text.replace("\x00", ""))


@contextlib.contextmanager
def quick_pastes() -> Iterator[None]:
    """Let Textual's terminal driver use QuickPaste, where it has one (not on Windows)."""
    try:
        from textual.drivers import linux_driver
    except ImportError:
        yield
        return
    driver: Any = linux_driver
    before, driver.XTermParser = driver.XTermParser, QuickPaste
    try:
        yield
    finally:
        driver.XTermParser = before
