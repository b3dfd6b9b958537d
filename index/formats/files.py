"""Bytes from disk, distrusted: regular files only, lines of bounded length, no bombs, a named encoding."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.errors import UserError
from index.formats.parsed import MAX_LINE, MAX_MESSAGES, trouble

_BLOCK = 1024 * 1024
_BOMB_BYTES, _BOMB_RATIO = 64 * _BLOCK, 200  # JSON of real tickets packs 5 to 30 times
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "is a ZIP archive or an Excel workbook", "Unpack it, or save the sheet as CSV (UTF-8)"),
    (b"PK\x05\x06", "is an empty ZIP archive", "Export the tickets again"),
    (b"\x1f\x8b", "is packed with gzip", "Unpack it first; only .jsonl.gz is read packed"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel or Word file", "Save the sheet as CSV (UTF-8)"),
    (b"%PDF-", "is a PDF", "Export the tickets as JSON Lines or CSV"),
    (b"\x89PNG", "is a picture", "Name it under attachments in a ticket, or import a folder of articles"),
    (b"\xff\xd8\xff", "is a picture", "Name it under attachments in a ticket, or import a folder of articles"),
    (b"\x7fELF", "is a program", "Export the tickets as JSON Lines or CSV"),
    (b"SQLite format 3\x00", "is a SQLite database", "Export its tickets as JSON Lines or CSV"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive", "Unpack it first"),
    (b"\xfd7zXZ\x00", "is packed with xz", "Unpack it first"),
    (b"(\xb5\x2f\xfd", "is packed with zstd", "Unpack it first"),
)
_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as bytes, without its line end. `too_long` lines carry only their first part; `roles` then counts
    how many messages the whole seems to hold. `ended` is false for a last line without a line end."""

    number: int
    data: bytes
    offset: int
    too_long: bool = False
    roles: int = 0
    ended: bool = True


@contextmanager
def open_regular(path: Path) -> Iterator[io.BufferedReader[io.FileIO]]:
    """`path` open for reading; anything that is not a regular file is refused without waiting on it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        raise trouble(path, "there is no such file", "Check the path", "CONFIG") from None
    except PermissionError:
        raise trouble(path, "may not be read", "Check who may read it", "DENIED") from None
    except (OSError, ValueError):
        raise trouble(path, "cannot be opened", "Give a regular file or a folder", "TYPE") from None
    with io.BufferedReader(io.FileIO(descriptor, "rb"), _BLOCK) as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise trouble(path, "is not a regular file", "Give a regular file or a folder", "TYPE")
        yield stream


def head_of(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a regular file."""
    with open_regular(path) as stream:
        return stream.read(size)


def check_head(path: Path, head: bytes, *, page_expected: bool = False) -> None:
    """Raises for what can't be text of ours: empty, packed, a picture, UTF-16, an unexpected web page."""
    if not head:
        raise trouble(path, "is empty", "Export the tickets again", "EMPTY")
    for magic, what, step in _MAGIC:
        if head.startswith(magic):
            raise trouble(path, what, step, "TYPE")
    if head.startswith(_WIDE_MARKS) or (len(head) > 3 and b"\0" in head[:2] and head[:4].count(0) in (2, 3)):
        raise trouble(path, "is UTF-16 or UTF-32 text", "Save as UTF-8 and import again", "ENCODING")
    if page_expected:
        return
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise trouble(path, "looks like a web page", "Was the download an error page? Export again", "TYPE")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Trouble while reading or unpacking, told as a `UserError`."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile):
        reason = "the packed file is cut off or damaged"
        raise trouble(path, reason, "Copy or export it again", "DAMAGED") from None
    except OSError:
        raise trouble(path, "could not be read to its end", "Copy or export it again", "DAMAGED") from None


@contextmanager
def _opened(path: Path, unpack: bool) -> Iterator[_Unpacking]:
    """The checked text of `path`, unpacked when it is gzip and `unpack` allows it."""
    with readable(path), open_regular(path) as raw:
        head = raw.peek(4096)[:4096]
        if not (unpack and head.startswith(b"\x1f\x8b")):
            check_head(path, head)
            yield _Unpacking(path, raw, raw, False)
            return
        stream = io.BufferedReader(gzip.GzipFile(fileobj=raw, mode="rb"), _BLOCK)
        check_head(path, stream.peek(4096)[:4096])
        yield _Unpacking(path, stream, raw, True)


@dataclass
class _Unpacking:
    """A stream and the file under it; stops a small file from becoming an endless one."""

    path: Path
    stream: io.BufferedIOBase
    raw: io.BufferedReader[io.FileIO]
    packed: bool
    unpacked: int = 0

    def line(self, size: int) -> bytes:
        """Up to `size` bytes, to the end of the line at most."""
        return self._counted(self.stream.readline(size))

    def block(self, size: int) -> bytes:
        """Up to `size` bytes."""
        return self._counted(self.stream.read(size))

    def _counted(self, data: bytes) -> bytes:
        if self.packed:
            self.unpacked += len(data)
            if self.unpacked > _BOMB_BYTES and self.unpacked > _BOMB_RATIO * self.raw.tell():
                reason = "unpacks to far more than its size"
                raise trouble(self.path, reason, "Unpack and check it by hand", "TOOBIG")
        return data


def read_blocks(path: Path, size: int = 64 * 1024) -> Iterator[tuple[bytes, int]]:
    """The bytes of a text file in blocks, unpacked when it is gzip, with how far the file was read."""
    with _opened(path, unpack=True) as source:
        while data := source.block(size):
            yield data, source.raw.tell()


def read_lines(path: Path, *, unpack: bool = True) -> Iterator[RawLine]:
    """The lines of a text file, unpacked when it is gzip, each bounded by `MAX_LINE`."""
    with _opened(path, unpack) as source:
        number = 0
        while data := source.line(MAX_LINE + 1):
            number += 1
            ended = data.endswith(b"\n")
            if ended or len(data) <= MAX_LINE:
                yield RawLine(number, data.rstrip(b"\r\n") if ended else data, source.raw.tell(), ended=ended)
                continue
            roles = data.count(b'"role"')
            while (rest := source.line(_BLOCK)) and not rest.endswith(b"\n"):
                roles += rest.count(b'"role"')
            yield RawLine(number, b"", source.raw.tell(), too_long=True, roles=roles)


def too_long(path: Path, line: RawLine) -> UserError:
    """What to say about a line that was too long: too many messages in it, or simply too much."""
    if line.roles > MAX_MESSAGES:
        reason = f"the conversation has more than {MAX_MESSAGES:,} messages"
        return trouble(path, reason, "Split it, or leave it out with --skip-bad", "LIMIT", line.number)
    reason = f"the line is longer than {MAX_LINE // _BLOCK} MB"
    step = "Write one conversation per line, or leave it out with --skip-bad"
    return trouble(path, reason, step, "TOOBIG", line.number)


def checked_encoding(path: Path, name: str) -> str:
    """The codec's own name, or an error naming the choices."""
    try:
        b"a".decode(name)
        name = codecs.lookup(name).name
    except (LookupError, UnicodeError, ValueError):
        step = "Try --encoding utf-8, windows-1252 or latin-1"
        raise trouble(path, "the encoding asked for is not known", step, "CONFIG") from None
    if name.startswith(("utf-16", "utf-32")):
        raise trouble(path, "UTF-16 is not read", "Save as UTF-8 and import again", "ENCODING")
    return name


def sniff_encoding(path: Path) -> str:
    """ "utf-8" or "cp1252", from all bytes of the file; raises ENCODING with the line where neither fits.

    A file that already held proper UTF-8 letters before the wrong byte is damaged UTF-8, not Windows-1252.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, letters = 1, False
    with readable(path), open_regular(path) as stream:
        while True:
            block = stream.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as wrong:
                bad = line + wrong.object[: wrong.start].count(b"\n")
                letters = letters or not wrong.object[: wrong.start].isascii()
                break
            if not block:
                return "utf-8"
            letters = letters or not text.isascii()
            line += text.count("\n")
    if letters or not _is_cp1252(path):
        raise trouble(path, "a byte is not UTF-8", "Save as UTF-8 and import again", "ENCODING", bad)
    return "cp1252"


def _is_cp1252(path: Path) -> bool:
    with readable(path), open_regular(path) as stream:
        while block := stream.read(_BLOCK):
            if any(byte in block for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")):
                return False  # the five holes of Windows-1252
    return True
