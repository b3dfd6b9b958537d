"""CSV of any shape: rows of messages gathered into conversations in flat memory, or a row a ticket or an article."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.errors import UserError
from index.formats.columns import Columns, find_columns
from index.formats.files import RawLine, check_head, checked_encoding, head_of, read_lines, sniff_encoding
from index.formats.files import too_long as line_too_long
from index.formats.parsed import MAX_MESSAGES, FieldError, Parsed, ReadOptions, trouble
from index.formats.schema import source_from
from index.formats.seen import Seen

_SKIP = "Correct the row, or leave it out with --skip-bad"
_DONE = ("solved", "closed", "resolved", "done", "gelöst", "geschlossen", "erledigt", "resuelto", "cerrado", "résolu")
_MAX_FIELD = 128 * 1024  # what the csv module allows unless told otherwise


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells, or the error in its place. `line` is where it starts."""

    line: int
    offset: int
    cells: list[str]
    error: UserError | None = None


def read_csv(path: Path, options: ReadOptions) -> Iterator[Parsed]:
    """One `Parsed` per conversation, and one per row that can't be read. Raises for the file as a whole."""
    delimiter = delimiter_of(path, options)
    check_head(path, head_of(path))
    if options.encoding:
        encoding, notices = checked_encoding(path, options.encoding), []
    else:
        encoding = sniff_encoding(path)
        notices = ["read as Windows-1252, not UTF-8"] if encoding == "cp1252" else []
    columns = _header(path, encoding, delimiter, options)
    now, seen, empty = datetime.now(UTC), Seen(), True
    for row_or_rows in _gathered(path, encoding, delimiter, columns):
        empty = False
        if isinstance(row_or_rows, Row):
            yield Parsed(row_or_rows.line, error=row_or_rows.error, offset=row_or_rows.offset)
            continue
        parsed = _conversation(path, row_or_rows, columns, options, now, seen)
        if parsed.source is not None and notices:
            parsed = Parsed(
                parsed.line, parsed.source, None, (*notices, *parsed.notices), parsed.offset, parsed.duplicate
            )
            notices = []  # said once
        yield parsed
    if empty:
        raise trouble(path, "holds a header and no rows", "Export the tickets again", "EMPTY")


def delimiter_of(path: Path, options: ReadOptions) -> str:
    chosen = options.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
    chosen = {"\\t": "\t", "tab": "\t"}.get(chosen, chosen)
    if len(chosen) != 1 or chosen in '"\r\n\0 ' or chosen.isalnum():
        step = "Give one character: --delimiter ';' or --delimiter tab"
        raise trouble(path, "this delimiter can't be used", step, "CONFIG")
    return chosen


def _header(path: Path, encoding: str, delimiter: str, options: ReadOptions) -> Columns:
    with closing(csv_rows(path, encoding, delimiter, 0)) as rows:
        first = next(rows, None)
    if first is None:
        raise trouble(path, "holds no rows", "Export the tickets again", "EMPTY")
    if first.error:
        raise first.error
    return find_columns(path, first.cells, delimiter, options.columns, first.line)


def csv_rows(path: Path, encoding: str, delimiter: str, width: int) -> Generator[Row, None, None]:
    """The rows of the file with the line each starts in; `width` 0 takes any number of cells."""
    lines = _Lines(path, encoding)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UserError as wrong_line:
            yield Row(lines.start, lines.offset, [], wrong_line)
            continue
        except csv.Error as wrong:
            yield Row(lines.start, lines.offset, [], lines.explain(str(wrong)))
            continue
        if not any(cells) and len(cells) < 2:
            continue
        error = None
        if width and len(cells) != width:
            reason = f"has {len(cells)} cells, the header {width}"
            error = trouble(path, reason, _SKIP, "SCHEMA", lines.start)
        yield Row(lines.start, lines.offset, cells, error)


class _Lines:
    """Decoded lines for `csv.reader`, remembering those of the row being read so that trouble has a place."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path, self._encoding = path, encoding
        self._raw = read_lines(path, unpack=False)
        self._row: list[str] = []
        self.start, self.offset, self._number = 1, 0, 0

    def __iter__(self) -> _Lines:
        return self

    def begin(self) -> None:
        """The next line starts a new row."""
        self._row, self.start = [], self._number + 1

    def __next__(self) -> str:
        line = next(self._raw)
        self._number, self.offset = line.number, line.offset
        text = self._decoded(line)
        self._row.append(text)
        return text + "\n"

    def _decoded(self, line: RawLine) -> str:
        if line.too_long:
            raise line_too_long(self._path, line)
        if b"\0" in line.data:
            step = "Save as UTF-8 and import again"
            raise trouble(self._path, "holds NUL bytes", step, "ENCODING", line.number)
        data = line.data.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.data
        try:
            return data.decode(self._encoding)
        except UnicodeError:
            step = "Name the encoding: --encoding windows-1252"
            reason = f"is not {self._encoding.upper()} text"
            raise trouble(self._path, reason, step, "ENCODING", line.number) from None

    def explain(self, wrong: str) -> UserError:
        """What csv found wrong, in our words and with its line."""
        if "field limit" in wrong:
            reason = f"a field is longer than {_MAX_FIELD // 1024} KB (or its quote is never closed)"
            return trouble(self._path, reason, _SKIP, "TOOBIG", self._opened() or self.start)
        if "end of data" in wrong:
            reason = "a quote opens here and is never closed"
            return trouble(self._path, reason, 'Close it, or write "" for a quote', "SCHEMA", self._opened())
        if "new-line" in wrong:
            reason = "has line ends of old Macs"
            return trouble(self._path, reason, "Save as CSV (UTF-8) and import again", "SCHEMA", self.start)
        reason = "has text behind a closing quote"
        step = 'Write "" for a quote inside a cell, or --skip-bad'
        return trouble(self._path, reason, step, "SCHEMA", self._number)

    def _opened(self) -> int:
        """The line where the quote opens that is still open at the end of the row."""
        inside, opened = False, self.start
        for number, text in enumerate(self._row, self.start):
            for _ in range(text.count('"')):
                inside = not inside
                opened = number if inside else opened
        return opened


def _gathered(path: Path, encoding: str, delimiter: str, columns: Columns) -> Iterator[Row | list[Row]]:
    """Rows with the same conversation together; rows with an error alone."""
    if columns.shape != "messages":
        yield from (row if row.error else [row] for row in _body(path, encoding, delimiter, columns))
        return
    if _is_grouped(path, encoding, delimiter, columns):
        rows = _body(path, encoding, delimiter, columns)
    else:
        rows = _sorted(path, encoding, delimiter, columns)
    held: list[Row] = []
    for row in rows:
        if row.error:
            yield row
        elif not held or columns.conversation_of(row.cells) == columns.conversation_of(held[0].cells):
            if len(held) <= MAX_MESSAGES:  # one more than allowed is enough to know
                held.append(row)
        else:
            yield held
            held = [row]
    if held:
        yield held


def _body(path: Path, encoding: str, delimiter: str, columns: Columns) -> Iterator[Row]:
    rows = csv_rows(path, encoding, delimiter, columns.width)
    next(rows, None)
    yield from rows


def _is_grouped(path: Path, encoding: str, delimiter: str, columns: Columns) -> bool:
    """Whether every conversation's rows stand together; looks at the whole file once."""
    seen: set[int] = set()
    last: str | None = None
    for row in _body(path, encoding, delimiter, columns):
        if row.error or (name := columns.conversation_of(row.cells)) == last:
            continue
        if hash(name) in seen:
            return False
        seen.add(hash(name))
        last = name
    return True


def _sorted(path: Path, encoding: str, delimiter: str, columns: Columns) -> Iterator[Row]:
    """The rows by conversation (in order of first appearance) and line, sorted by SQLite on disk."""
    with closing(sqlite3.connect("")) as db:  # "": a private file that SQLite removes itself
        try:
            db.execute("CREATE TABLE rows (place INTEGER, line INTEGER, offset INTEGER, cells TEXT)")
            db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", _placed(path, encoding, delimiter, columns))
            found = db.execute("SELECT line, offset, cells FROM rows ORDER BY place, line")
            for line, offset, cells in found:
                yield Row(line, offset, json.loads(cells))
        except sqlite3.Error:
            step = "Make room in the folder for temporary files, or sort the file by conversation"
            raise trouble(path, "could not be sorted by conversation", step, "FULL") from None
    yield from (row for row in _body(path, encoding, delimiter, columns) if row.error)


def _placed(path: Path, encoding: str, delimiter: str, columns: Columns) -> Iterator[tuple[int, int, int, str]]:
    places: dict[int, int] = {}
    for row in _body(path, encoding, delimiter, columns):
        if not row.error:
            place = places.setdefault(hash(columns.conversation_of(row.cells)), len(places))
            yield place, row.line, row.offset, json.dumps(row.cells)


def _conversation(
    path: Path, rows: list[Row], columns: Columns, options: ReadOptions, now: datetime, seen: Seen
) -> Parsed:
    first, last = rows[0], rows[-1]
    record = _record(rows, columns) if columns.shape == "messages" else _whole_record(first, columns)
    try:
        source, notices = source_from(record, options.role_map, now)
        duplicate = seen.before(source.id, json.dumps(record))
    except FieldError as error:
        many = error.message is not None and columns.shape == "messages"
        line = rows[error.message].line if many and error.message is not None else first.line
        named = FieldError(columns.header_of(error.field), error.reason, error.step, error.kind)
        return Parsed(first.line, error=named.at(path, line), offset=last.offset)
    return Parsed(first.line, source, None, notices, last.offset, duplicate)


def _record(rows: list[Row], columns: Columns) -> Mapping[str, Any]:
    """The rows of one conversation as the JSON transcript format writes them."""
    record: dict[str, Any] = {"id": columns.conversation_of(rows[0].cells)}
    customer: dict[str, str] = {}
    messages = []
    for row in rows:
        known, extra = columns.split(row.cells)
        for name in ("subject", "outcome", "opened_at"):
            if name in known:
                record.setdefault(name, known[name])
        if "tags" in known:
            record.setdefault("tags", [tag.strip() for tag in known["tags"].split(",") if tag.strip()])
        for name, key in (("customer_id", "id"), ("customer_name", "name")):
            if name in known:
                customer.setdefault(key, known[name])
        messages.append(_message(known, extra))
    if customer:
        record["customer"] = customer
    if "outcome" in record:
        record["outcome"] = record["outcome"].strip().lower()
    elif any(name.lower() == "status" and str(cell).strip().lower() in _DONE for name, cell in messages[0].items()):
        record["outcome"] = "resolved"
    return {**record, "messages": messages}


def _whole_record(row: Row, columns: Columns) -> Mapping[str, Any]:
    """A row that is a whole ticket or article, as the JSON transcript format writes it."""
    if columns.shape == "articles":
        known, extra = columns.split(row.cells)
        name = columns.conversation_of(row.cells)
        return {**extra, "id": name, "title": known.get("subject", ""), "text": known.get("text", "")}
    record = dict(_record([row], columns))
    (asked,) = record["messages"]
    known, extra = columns.split(row.cells)
    said = {key: asked[key] for key in ("at", "attachments") if key in asked}
    messages = [{"role": "customer", "text": known.get("question", ""), **said}]
    if "answer" in known:
        messages.append({"role": "agent", "text": known["answer"]})
    return {**{key: value for key, value in extra.items() if key not in record}, **record, "messages": messages}


def _message(known: Mapping[str, str], extra: dict[str, str]) -> dict[str, Any]:
    files = [name.strip() for name in known.get("attachments", "").replace("|", ";").split(";")]
    message: dict[str, Any] = {**extra, "role": known.get("role", "").strip(), "text": known.get("text", "")}
    if "message_id" in known:
        message["id"] = known["message_id"]
    if "at" in known:
        message["at"] = known["at"]
    if any(files):
        message["attachments"] = [name for name in files if name]
    return message
