"""Files written beside and swapped in, opened only when they are files: whoever is killed leaves the old or the new."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BufferedReader:
    """The file opened for reading. A folder, pipe, device or link is an OSError, and none of them can block."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "it is not a file")
    return os.fdopen(descriptor, "rb")


@contextlib.contextmanager
def only_saver(folder: Path) -> Iterator[None]:
    """One process writes in the folder at a time; a killed one lets go by itself."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def beside(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new temporary file in the folder, gone afterwards unless it was swapped in."""
    descriptor, name = tempfile.mkstemp(suffix=".tmp", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def swap_in(file: BinaryIO, temporary: Path, final: Path) -> None:
    """Put the finished temporary file in its place, safe on the disk."""
    file.flush()
    os.fsync(file.fileno())
    temporary.replace(final)
    descriptor = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
