"""The terminal kept to ourselves: libraries that print through C write to the log, not across the window."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def own_terminal(log_file: Path) -> Iterator[None]:
    """Point the file descriptors 1 and 2 at `log_file`, and let Textual draw on a copy of the terminal.

    Textual draws on `sys.__stderr__` and measures `sys.__stdout__`. Where stderr is redirected
    (`2>errors.txt`) the terminal is found behind stdout. Our own log records go to the same file.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    kept = [(fd, os.dup(fd)) for fd in (1, 2)]
    streams = sys.__stdout__, sys.__stderr__
    in_browser = "web_driver" in os.environ.get("TEXTUAL_DRIVER", "")  # what is drawn goes out through stdout
    terminal = kept[0][1] if in_browser else next((copy for fd, copy in reversed(kept) if os.isatty(fd)), kept[1][1])
    target = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    screen = os.fdopen(os.dup(terminal), "w", encoding="utf-8", errors="replace")
    handler = logging.StreamHandler(os.fdopen(os.dup(target), "w", encoding="utf-8"))
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    try:
        for fd, _ in kept:
            os.dup2(target, fd)
        sys.__stdout__ = sys.__stderr__ = screen  # type: ignore[misc]
        root.addHandler(handler)
        yield
    finally:
        root.removeHandler(handler)
        sys.__stdout__, sys.__stderr__ = streams  # type: ignore[misc]
        for fd, copy in kept:
            os.dup2(copy, fd)
            os.close(copy)
        os.close(target)
        screen.close()
        handler.stream.close()
