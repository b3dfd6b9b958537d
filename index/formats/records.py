"""Whatever JSON a help desk writes - objects by line, one array, pages with lists inside - as records, memory flat."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import UserError
from index.formats.files import checked_encoding, read_blocks
from index.formats.parsed import MAX_LINE, FieldError, trouble
from index.formats.strict import DECODER, MAX_DEPTH, lone_surrogate, too_deep

Path_ = tuple[str, ...]
_PAGE = 1024 * 1024  # characters of an object that is parsed whole; a longer one is looked into
_NEAR_END = 16  # characters: an error so near the end of what was read may only mean that more follows
_SPACE = re.compile(r"[ \t\r\n]*")
_MARK = re.compile(r'["\[\]{}]')
_QUOTE = re.compile(r'["\\]')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_SKIP = "Export it again, or leave it out with --skip-bad"


@dataclass(frozen=True, slots=True)
class Record:
    """One object of a file, or the error in its place. `inside` are the keys that lead to the list it stands in:
    ("tickets",) on a page of tickets, () for an object on its own line or in the outermost array."""

    line: int
    offset: int
    inside: Path_
    value: dict[str, Any]
    error: UserError | None = None


class _Unfinished(Exception):
    """A value goes on behind what may be held in memory."""


def read_records(
    path: Path, lists: frozenset[Path_], encoding: str | None = None, most: int | None = None
) -> Iterator[Record]:
    """Every object of `path`; `lists` are the keys under which pages hold their lists.

    A broken object costs itself alone, not its page. With `most`, no more than about that many characters are looked
    at. Raises `UserError` for trouble with the file as a whole.
    """
    reader = _Reader(path, lists, checked_encoding(path, encoding) if encoding else "utf-8", most)
    count = 0
    for record in reader.records():
        count += 1
        yield record
    if not count and not reader.pages:
        raise trouble(path, "holds no records", "Export the tickets again", "EMPTY")


class _Window:
    """The decoded text of a file through a window that moves; bytes that are no text become lone surrogates."""

    def __init__(self, path: Path, encoding: str, most: int | None) -> None:
        self._left = most
        self._blocks = read_blocks(path)
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
        self.text, self.at, self.line, self.offset, self.ended = "", 0, 1, 0, False
        self.fill()
        self.at += self.text.startswith("\ufeff")

    def fill(self) -> None:
        """At least as much again as lies ahead, so that long values stay cheap."""
        ahead = [self.text[self.at :]]
        wanted, got = max(len(ahead[0]), 1), 0
        while got < wanted and not self.ended:
            data, self.offset = next(self._blocks, (b"", self.offset))
            if self._left is not None:
                self._left -= len(data)
            self.ended = not data or (self._left is not None and self._left < 0)
            ahead.append(self._decoder.decode(data, final=self.ended))
            got += len(ahead[-1])
        self.text, self.at = "".join(ahead), 0

    def go(self, to: int) -> None:
        """Move on inside what was read."""
        self.line += self.text.count("\n", self.at, to)
        self.at = to

    def peek(self) -> str:
        """The next character that is no space, moved to; "" at the end."""
        while True:
            match = _SPACE.match(self.text, self.at)
            self.go(match.end() if match else self.at)
            if self.at < len(self.text) or self.ended:
                return self.text[self.at : self.at + 1]
            self.fill()


class _Reader:
    """Cuts the window into values. `pages` counts the lists that were entered, empty ones too."""

    def __init__(self, path: Path, lists: frozenset[Path_], encoding: str, most: int | None) -> None:
        self._path, self._lists, self._encoding = path, lists, encoding
        self._window = _Window(path, encoding, most)
        self.pages = 0
        self._is_plain = False  # whether the value read last was written in ASCII: then no character can be half

    def records(self) -> Iterator[Record]:
        """All of the file."""
        while char := self._window.peek():
            if char == "[":
                yield from self._list(())
            elif char == "{":
                yield from self._object()
            else:
                yield self._broken((), "is not a JSON object", self._window.line)
                self._next_line()

    def _object(self) -> Iterator[Record]:
        """An object of its own: a record, or a page with lists of records."""
        try:
            line = self._window.line
            value = self._value(_PAGE)
        except (_Unfinished, FieldError, json.JSONDecodeError, RecursionError):
            if self._is_page():
                yield from self._page(())
            else:
                yield self._record((), self._next_line)
            return
        found = [path for path in self._lists if isinstance(_under(value, path), list)]
        if not found:
            yield self._checked(value, line, ())
        for path in found:
            self.pages += 1
            for each in _under(value, path):
                yield self._checked(each, line, path)

    def _is_page(self) -> bool:
        """Whether one of the lists is among the outer keys that can be seen from here."""
        window, depth = self._window, 0
        firsts = {path[0] for path in self._lists}
        while len(window.text) - window.at < _PAGE and not window.ended:
            window.fill()
        for match in _TOKEN.finditer(window.text, window.at, window.at + _PAGE):
            token = match.group()
            if token in "{[":
                depth += 1
            elif token in "}]":
                depth -= 1
                if not depth:
                    return False
            elif depth == 1 and token[1:-1] in firsts:
                return re.compile(r"\s*:\s*[\[{]").match(window.text, match.end()) is not None
        return False

    def _page(self, inside: Path_) -> Iterator[Record]:
        """The records in the lists of a page; what else it holds is passed over."""
        window = self._window
        window.go(window.at + 1)
        while (char := window.peek()) not in ("}", ""):
            if char == ",":
                window.go(window.at + 1)
                continue
            line = window.line
            try:
                key = self._value(_PAGE)
                if not isinstance(key, str) or window.peek() != ":":
                    raise FieldError("", "is not JSON here", _SKIP)
            except (_Unfinished, FieldError, json.JSONDecodeError):
                yield self._broken(inside, "is not JSON here, and the rest of this page cannot be read", line)
                self._pass_value(1)
                return
            window.go(window.at + 1)
            path, char = (*inside, key), window.peek()
            if char == "[" and path in self._lists:
                yield from self._list(path)
            elif char == "{" and any(each[: len(path)] == path for each in self._lists):
                yield from self._page(path)
            else:
                self._pass_value()
        if not char:
            yield self._broken(inside, "is cut off (the file ends inside a page)", window.line)
        window.go(min(window.at + 1, len(window.text)))

    def _list(self, path: Path_) -> Iterator[Record]:
        window = self._window
        self.pages += 1
        window.go(window.at + 1)
        while (char := window.peek()) not in ("]", ""):
            if char == ",":
                window.go(window.at + 1)
            elif char == "}":
                yield self._broken(path, "is not JSON here", window.line)
                window.go(window.at + 1)
            else:
                yield self._record(path, self._pass_value)
        if not char:
            yield self._broken(path, "is cut off (the file ends inside a list)", window.line)
        window.go(min(window.at + 1, len(window.text)))

    def _record(self, inside: Path_, pass_over: Any) -> Record:
        """The value that starts here as a record; a broken one is passed over."""
        line = self._window.line
        try:
            value = self._value(MAX_LINE)
        except _Unfinished:
            pass_over()
            return self._broken(inside, f"the record is longer than {MAX_LINE // 1024 // 1024} MB", line, "TOOBIG")
        except FieldError as wrong:
            pass_over()
            error = wrong.at(self._path, line)
        except RecursionError:
            pass_over()
            return self._broken(inside, "is nested too deeply", line)
        except json.JSONDecodeError as wrong:
            at_end = wrong.pos >= len(self._window.text.rstrip()) - 1 or wrong.msg.startswith("Unterminated")
            cut = self._window.ended and at_end
            place = f"is not JSON (at character {wrong.pos - self._window.at + 1} of the record)"
            pass_over()
            return self._broken(inside, "is cut off (did the export stop early?)" if cut else place, line)
        else:
            return self._checked(value, line, inside)
        return Record(line, self._window.offset, inside, {}, error)

    def _value(self, longest: int) -> Any:
        """The value that starts here, moved behind. Raises as the decoder does, or `_Unfinished` beyond `longest`."""
        window = self._window
        while True:
            try:
                value, end = DECODER.raw_decode(window.text, window.at)
                if end - window.at > MAX_LINE:
                    raise _Unfinished
                said = window.text[window.at : end]
                self._is_plain = said.isascii() and "\\u" not in said
                window.go(end)
                return value
            except json.JSONDecodeError as wrong:
                inner = wrong.pos < len(window.text) - _NEAR_END and not wrong.msg.startswith("Unterminated")
                if inner or window.ended:
                    raise
            if len(window.text) - window.at > longest:
                raise _Unfinished
            window.fill()

    def _pass_value(self, depth: int = 0) -> None:
        """Move behind the value that starts here (or the `depth` brackets that are open), whatever it holds."""
        window, quoted = self._window, False
        while True:
            match = (_QUOTE if quoted else _MARK if depth else re.compile(r'["\[\]{},]')).search(window.text, window.at)
            if match is None or (match.group() == "\\" and match.end() == len(window.text)):
                window.go(match.start() if match else len(window.text))
                if window.ended:
                    window.go(len(window.text))
                    return
                window.fill()
                continue
            token = match.group()
            if not quoted and depth == 0 and token in ",]}":
                window.go(match.start())
                return
            window.go(match.end() + (token == "\\"))
            if token == '"':
                quoted = not quoted
            elif not quoted:
                depth += 1 if token in "[{" else -1
            if not quoted and depth == 0:
                return

    def _next_line(self) -> None:
        """Move to the next line that begins with an object."""
        window = self._window
        while True:
            found = window.text.find("\n{", window.at)
            if found >= 0 or window.ended:
                window.go(found + 1 if found >= 0 else len(window.text))
                return
            window.go(max(window.at, len(window.text) - 1))
            window.fill()

    def _checked(self, value: Any, line: int, inside: Path_) -> Record:
        """A parsed value as a record, when it is an object of text."""
        if not isinstance(value, dict):
            return self._broken(inside, "is a bare value, not an object", line)
        if too_deep(value):
            return self._broken(inside, f"is nested more than {MAX_DEPTH} deep", line)
        if self._is_plain:
            return Record(line, self._window.offset, inside, value)
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            field = lone_surrogate(value) or ""
            reason = f"{field} is not {self._encoding.upper()} text (or half a character)"
            step = "Save as UTF-8, or name it: --encoding windows-1252"
            error = trouble(self._path, reason, step, "ENCODING", line)
            return Record(line, self._window.offset, inside, {}, error)
        return Record(line, self._window.offset, inside, value)

    def _broken(self, inside: Path_, reason: str, line: int, kind: Any = "SCHEMA") -> Record:
        return Record(line, self._window.offset, inside, {}, trouble(self._path, reason, _SKIP, kind, line))


def _under(value: Any, path: Path_) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
