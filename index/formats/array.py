"""One JSON array cut into its elements without holding the whole: follows strings and brackets, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from index.formats.files import RawLine, read_blocks, too_long
from index.formats.parsed import MAX_LINE, trouble

_OUTSIDE, _INSIDE = re.compile(rb'["\[\]{},]'), re.compile(rb'["\\]')


def read_elements(path: Path) -> Iterator[RawLine]:
    """The elements of the one JSON array in `path`, each with the line it starts in."""
    cutter, first = _Cutter(path), True
    for block, offset in read_blocks(path):
        yield from cutter.feed(block.removeprefix(b"\xef\xbb\xbf") if first else block, offset)
        first = False
    yield from cutter.finish()


class _Cutter:
    """`depth` is how many brackets are open: 0 before and behind the array, 1 between its elements."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self._line = path, 0, 1
        self._depth, self._in_string, self._escaped, self._closed = 0, False, False, False
        self._parts: list[bytes] = []
        self._size = self._start = 0

    def feed(self, block: bytes, offset: int) -> Iterator[RawLine]:
        """The elements that end in this block."""
        self._offset = offset
        position, kept = int(self._escaped), 0
        self._escaped = False
        while match := (_INSIDE if self._in_string else _OUTSIDE).search(block, position):
            token, position = match.group(), match.end()
            if self._in_string:
                self._escaped = token == b"\\" and position == len(block)
                position += token == b"\\"
                self._in_string = token != b'"'
            elif token == b'"':
                self._in_string = True
            elif token in b"[{":
                kept = self._open(block, kept, match.start())
            elif token in b"]}" or self._depth == 1:
                self._depth -= token != b","
                if token == b"," or self._depth == 0:
                    self._keep(block[kept : match.start()])
                    kept = position
                    yield from self._element()
                self._closed = self._closed or self._depth == 0
        self._keep(block[kept:])

    def _open(self, block: bytes, kept: int, start: int) -> int:
        self._depth += 1
        if self._depth > 1:
            return kept
        if block[start : start + 1] != b"[" or block[kept:start].strip() or self._parts or self._closed:
            raise self._not_one_array()
        self._line += block[kept:start].count(b"\n")
        return start + 1

    def _keep(self, data: bytes) -> None:
        if not self._parts:
            body = data.lstrip()
            self._line += data[: len(data) - len(body)].count(b"\n")
            data, self._start = body, self._line
        if not data:
            return
        if self._depth < 0 or (self._depth == 0 and (self._closed or not self._start)):
            raise self._not_one_array()
        self._line += data.count(b"\n")
        self._size += len(data)
        if self._size > MAX_LINE:
            raise too_long(self._path, RawLine(self._start, b"", self._offset, too_long=True))
        self._parts.append(data)

    def _element(self) -> Iterator[RawLine]:
        data = b"".join(self._parts).rstrip()
        self._parts, self._size = [], 0
        if data:
            yield RawLine(self._start, data, self._offset)

    def _not_one_array(self) -> Exception:
        reason = "is not one JSON array (or something follows it)"
        return trouble(self._path, reason, "For one object per line leave --array away", "SCHEMA", self._line)

    def finish(self) -> Iterator[RawLine]:
        """What is left when the file ends before the array does."""
        if self._parts and not self._closed:
            if self._depth == 0:
                raise self._not_one_array()
            yield RawLine(self._start, b"".join(self._parts).rstrip(), self._offset, ended=False)
