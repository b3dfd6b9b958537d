"""Which column of a CSV file may be which, guessed from headers and cells; a person says whether it is right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from index.errors import UserError
from index.formats.columns import Columns, find_columns
from index.formats.csvfile import csv_rows, delimiter_of
from index.formats.files import check_head, checked_encoding, head_of, sniff_encoding
from index.formats.parsed import ReadOptions, shown
from index.formats.schema import role_word
from index.formats.times import Times

_SAMPLE, _MOST_ROLES = 400, 12
_DELIMITERS = (",", ";", "\t", "|")
_WORDS = re.compile(r"[^\W_]+")
_HEADERS: dict[str, frozenset[str]] = {
    "conversation": frozenset(
        "ticket case conversation thread chat fall vorgang nr caso cas number nummer no id".split()
    ),
    "role": frozenset("role author sender direction who wer von from type rolle absender autor remitente".split()),
    "text": frozenset("text message body comment content nachricht kommentar inhalt mensaje message texte".split()),
    "at": frozenset("at date time created sent datum zeit erstellt gesendet fecha hora heure envoyé".split()),
    "subject": frozenset("subject title topic betreff titel thema asunto sujet objet".split()),
    "question": frozenset("question description request problem issue frage beschreibung problema pregunta".split()),
    "answer": frozenset("answer reply response resolution solution antwort lösung respuesta réponse".split()),
}


@dataclass(frozen=True)
class Table:
    """The beginning of a CSV file: how it is cut, its headers, its first rows."""

    delimiter: str
    encoding: str
    headers: tuple[str, ...]
    rows: list[list[str]]


@dataclass(frozen=True)
class Guess:
    """Our names and the headers that seem to be meant; `examples` are the first filled cell of each."""

    columns: dict[str, str]
    delimiter: str
    shape: str
    examples: dict[str, str] = field(default_factory=dict)

    def as_flags(self) -> str:
        """The guess as it is typed."""
        flags = "".join(f" --column {ours}={_quoted(theirs)}" for ours, theirs in self.columns.items())
        return f"--delimiter {_quoted(self.delimiter)}{flags}"


def _quoted(text: str) -> str:
    text = "tab" if text == "\t" else shown(text, 60)
    return text if re.fullmatch(r"[\w.,-]+", text) else "'" + text.replace("'", "'\\''") + "'"


def read_table(path: Path, options: ReadOptions) -> Table:
    """The headers and first rows, cut at the delimiter given or the one that cuts most. Raises UserError as a
    reading of the file does."""
    check_head(path, head_of(path))
    encoding = checked_encoding(path, options.encoding) if options.encoding else sniff_encoding(path)
    tried = [delimiter_of(path, options)]
    if not options.delimiter:
        tried += [each for each in _DELIMITERS if each not in tried]
    best = Table(tried[0], encoding, (), [])
    for delimiter in tried:
        rows: list[list[str]] = []
        with closing(csv_rows(path, encoding, delimiter, 0)) as found:
            for _, row in zip(range(_SAMPLE), found):  # noqa: B905
                if not row.error:
                    rows.append(row.cells)
        if rows and len(rows[0]) > len(best.headers):
            headers = tuple(cell.strip() for cell in rows[0])
            best = Table(delimiter, encoding, headers, [each for each in rows[1:] if len(each) == len(headers)])
    return best


def guess_columns(path: Path, table: Table, options: ReadOptions) -> Guess | None:
    """What the columns may be, those that `options` name left as they are; None when it does not come to a whole."""
    if len(table.headers) < 2 or not table.rows or len(set(table.headers)) < len(table.headers):
        return None
    facts = [_Column(name, [row[place] for row in table.rows]) for place, name in enumerate(table.headers)]
    for shape in ("messages", "tickets"):
        columns = _fit(shape, facts, options)
        try:
            found = find_columns(path, list(table.headers), table.delimiter, columns, 1)
        except UserError:
            continue
        if found.shape == shape:
            return _guess(found, table)
    return None


def _guess(found: Columns, table: Table) -> Guess:
    columns = {name: found.headers[place] for name, place in found.places.items()}
    examples = {
        name: next((shown(row[place], 50) for row in table.rows if row[place].strip()), "")
        for name, place in found.places.items()
    }
    return Guess(columns, table.delimiter, found.shape, examples)


class _Column:
    """What the cells of one column look like, as shares from 0 to 1."""

    def __init__(self, header: str, cells: list[str]) -> None:
        self.header = header
        self.words = {word.lower() for word in _WORDS.findall(header)}
        filled = [cell.strip() for cell in cells if cell.strip()]
        self.filled = len(filled) / max(len(cells), 1)
        self.different = len(set(filled)) / max(len(filled), 1)
        self.kinds = len(set(filled))
        self.length = mean(map(len, filled)) if filled else 0.0
        self.prose = _share(filled, lambda cell: len(cell.split()) >= 3)
        self.plain = _share(filled, lambda cell: len(cell) <= 40 and " " not in cell)
        self.numbered = _share(filled, lambda cell: bool(re.search(r"\d", cell)))
        self.mail = _share(filled, lambda cell: "@" in cell)
        times = Times(datetime.now(UTC))
        self.times = _share(filled, lambda cell: bool(re.search(r"\d", cell)) and times.utc(cell) is not None)
        self.roles: float = 0.0
        self._filled = filled

    def judge_roles(self, role_map: Mapping[str, str]) -> None:
        """How many cells say who speaks."""
        self.roles = _share(self._filled, lambda cell: role_word(cell, role_map) is not None)

    def named(self, name: str) -> bool:
        """Whether the header has a word for this name of ours."""
        return bool(self.words & _HEADERS.get(name, frozenset()))


def _share(cells: list[str], holds: object) -> float:
    return sum(map(holds, cells)) / len(cells) if cells and callable(holds) else 0.0


def _fit(shape: str, facts: list[_Column], options: ReadOptions) -> dict[str, str]:
    """The best column for each name, the surest first, each column once."""
    columns = dict(options.columns)
    free = [each for each in facts if each.header not in columns.values() and each.filled > 0]
    for each in free:
        each.judge_roles(options.role_map)
    order = (
        ("role", "at", "conversation", "text") if shape == "messages" else ("at", "conversation", "question", "answer")
    )
    for name in (*order, "subject"):
        if name in columns:
            continue
        scored = [(score, -place, each) for place, each in enumerate(free) if (score := _score(name, each, shape)) > 0]
        if scored:
            best = max(scored, key=lambda entry: entry[:2])[2]
            columns[name] = best.header
            free.remove(best)
    return columns


def _score(name: str, column: _Column, shape: str) -> float:
    """How well a column fits a name of ours; 0 where it cannot be."""
    bonus = 1.0 if column.named(name) else 0.0
    if name == "role":
        return 1 + bonus + column.roles if column.roles > 0.9 and column.kinds <= _MOST_ROLES else 0
    if name == "at":
        return bonus + column.times if column.times > 0.9 and (bonus or column.length >= 8) else 0
    if name == "conversation":
        fits = column.plain > 0.95 and column.filled > 0.95 and column.mail < 0.5 and column.times < 0.9 + bonus
        if shape == "messages":
            repeats = fits and column.different < 1 and (column.kinds > 1 or bonus)  # a channel repeats too, more so
            return 2 * bonus + column.numbered + min(column.different, 0.5) if repeats else 0
        return bonus if fits and bonus and column.different == 1 else 0
    if name == "subject":
        return bonus if bonus and column.prose > 0.1 else 0
    if column.prose < 0.4 or column.times > 0.5:  # a text, a question, an answer
        return 0
    return 2 * bonus + min(column.length, 400) / 400


def signature_of(headers: tuple[str, ...]) -> str:
    """What files with the same columns have in common."""
    return "\x1f".join(header.strip().lower() for header in headers)


def with_guess(options: ReadOptions, columns: Mapping[str, str], delimiter: str) -> ReadOptions:
    """The options completed: what they name themselves counts first."""
    return replace(options, columns={**columns, **options.columns}, delimiter=options.delimiter or delimiter)
