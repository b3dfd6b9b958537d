"""Mail on the disk - mbox files, .eml files, folders of either, Maildir - message by message, as places in files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.errors import UserError
from index.formats.files import check_head, head_of, open_regular, readable
from index.formats.parsed import trouble

MAX_MAIL = 40 * 1024 * 1024  # bytes of one message with its attachments
_MOST_LINE = 1024 * 1024
_FROM = re.compile(rb"From \S.{0,200}\d\d:\d\d")
_FROM_IN_FULL = re.compile(rb"From \S+ +\w{3},? +\w{3} +\d+ \d\d:\d\d(?::\d\d)? .{0,12}\d{4}")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADER = re.compile(
    rb"(?:return-path|received|delivered-to|from|to|date|subject|message-id|mime-version|x-[\w-]+|dkim-signature"
    rb"|authentication-results|arc-[\w-]+|content-type|reply-to|in-reply-to):[ \t]",
    re.IGNORECASE,
)
_TELLING = re.compile(rb"^(?:from|message-id|received|date):[ \t]", re.IGNORECASE | re.MULTILINE)
_MAILDIR = ("cur", "new")
_STEP = "Export it again, or leave it out with --skip-bad"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one message stands. `size` 0 is up to the end of its file; `line` is where it starts."""

    file: Path
    offset: int
    size: int
    line: int
    quoted: bool = False


def is_mbox(head: bytes) -> bool:
    """Whether a file begins as an mbox does."""
    return _FROM.match(head.lstrip(b"\xef\xbb\xbf\r\n")) is not None


def is_letter(head: bytes) -> bool:
    """Whether a file begins as one message does."""
    return _HEADER.match(head) is not None and len(set(map(bytes.lower, _TELLING.findall(head)))) >= 2


def mail_files(path: Path) -> Iterator[Path]:
    """`path`, or the mail files under a folder, sorted; links are not followed."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path, followlinks=False):
        folders[:] = sorted(name for name in folders if name in _MAILDIR or not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            wanted = file.suffix.lower() in (".eml", ".mbox") or Path(folder).name in _MAILDIR
            if wanted and not name.startswith(".") and not file.is_symlink() and file.is_file():
                yield file


def places(path: Path) -> Iterator[Place | UserError]:
    """Every message of a file or folder, or the trouble in its place. Raises for a file that is no mail."""
    found = False
    for file in mail_files(path):
        found = True
        try:
            head = head_of(file)
            check_head(file, head)
            if is_mbox(head):
                yield from _mbox(file)
            elif is_letter(head) or file != path or file.suffix.lower() == ".eml":
                yield Place(file, 0, 0, 1)
            else:
                raise trouble(file, "is no mail", "Give an mbox file, .eml files or a Maildir", "TYPE")
        except UserError as error:
            if file == path:
                raise
            yield error
    if not found:
        raise trouble(path, "holds no mail", "Give the folder of .eml or .mbox files, or a Maildir", "EMPTY")


def _mbox(file: Path) -> Iterator[Place | UserError]:
    """A message begins at a line "From ..." with a time, behind an empty line, or with a date in full anywhere: the
    message before may have been cut off."""
    start, offset, number, line_of, empty = -1, 0, 0, 0, True
    with readable(file), open_regular(file) as stream:
        while line := stream.readline(_MOST_LINE):
            number += 1
            if line.startswith(b"From ") and (_FROM if empty else _FROM_IN_FULL).match(line):
                if start >= 0:
                    yield _place(file, start, offset, line_of)
                start, line_of = offset + len(line), number
            empty = line in (b"\n", b"\r\n") or (start < 0 and not line.strip(b"\xef\xbb\xbf\r\n"))
            offset += len(line)
    if start >= 0:
        yield _place(file, start, offset, line_of)


def _place(file: Path, start: int, end: int, line: int) -> Place | UserError:
    if end - start > MAX_MAIL:
        reason = f"a message is larger than {MAX_MAIL // 1024 // 1024} MB"
        return trouble(file, reason, _STEP, "TOOBIG", line)
    return Place(file, start, end - start, line, quoted=True)


def mail_bytes(place: Place) -> bytes:
    """The message itself. Raises UserError TOOBIG, EMPTY, or as `open_regular` does."""
    with readable(place.file), open_regular(place.file) as stream:
        stream.seek(place.offset)
        data = stream.read(place.size or MAX_MAIL + 1)
    if len(data) > MAX_MAIL:
        reason = f"is larger than {MAX_MAIL // 1024 // 1024} MB"
        raise trouble(place.file, reason, _STEP, "TOOBIG", place.line)
    if not data.strip():
        raise trouble(place.file, "the message is empty", _STEP, "EMPTY", place.line)
    return _QUOTED_FROM.sub(rb"\1", data) if place.quoted else data
