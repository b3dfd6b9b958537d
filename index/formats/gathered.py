"""What belongs together but stands apart in an export, gathered on disk: tickets, their messages, who people are."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from index.formats.parsed import trouble

Kind = Literal["ticket", "stub", "part", "person", "article", "gone", "gone_article", "other"]

_TABLES = """
CREATE TABLE sources (kind TEXT, id TEXT, line INTEGER, file TEXT, updated TEXT, body TEXT, PRIMARY KEY (kind, id));
CREATE TABLE parts (owner TEXT, id TEXT, body TEXT);
CREATE TABLE people (id TEXT PRIMARY KEY, body TEXT);
"""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing an export says. `id` is that of the ticket, article or person; for a part that of its ticket.
    `updated` orders what is said twice of the same id: later wins, and of equal ones the last. A stub stands for a
    ticket of which only messages may come."""

    kind: Kind
    id: str
    value: dict[str, Any]
    updated: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """A ticket or an article with its parts."""

    kind: str
    id: str
    line: int
    file: str
    value: dict[str, Any]
    parts: list[dict[str, Any]]


class Gathered:
    """A private SQLite file that goes by itself; memory stays flat. Made by `gathering`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.repeated = 0
        for statement in _TABLES.split(";"):
            db.execute(statement)
        self.person = lru_cache(4096)(self._person)

    def add(self, item: Item, line: int, file: str) -> None:
        """Keep one item."""
        if item.kind == "part":
            row = [item.id, str(item.value.get("id", "")), json.dumps(item.value)]
            self._db.execute("INSERT INTO parts VALUES (?, ?, ?)", row)
        elif item.kind == "person":
            self._db.execute("INSERT OR REPLACE INTO people VALUES (?, ?)", [item.id, json.dumps(item.value)])
        elif item.kind == "stub":
            sql = "INSERT OR IGNORE INTO sources VALUES ('ticket', ?, ?, ?, '', '{}')"
            self._db.execute(sql, [item.id, line, file])
        elif item.kind != "other":
            self._source(item, line, file)

    def _source(self, item: Item, line: int, file: str) -> None:
        kind, gone = ("article" if "article" in item.kind else "ticket"), item.kind.startswith("gone")
        value = {"gone": True} if gone else item.value
        sql = "SELECT updated, body FROM sources WHERE kind = ? AND id = ?"
        old = self._db.execute(sql, [kind, item.id]).fetchone()
        if old is not None:
            self.repeated += old[1] != "{}"
            if item.updated < old[0]:
                return
            if not gone:  # a later page may say less: its comments stay
                value = {**{key: kept for key, kept in json.loads(old[1]).items() if key != "gone"}, **value}
        self._db.execute(
            "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET"
            " updated = excluded.updated, body = excluded.body",
            [kind, item.id, line, file, item.updated, json.dumps(value)],
        )

    def wholes(self) -> Iterator[Whole]:
        """Everything gathered, in the order it first came."""
        self._db.execute("CREATE INDEX parts_by_owner ON parts (owner)")
        for kind, name, line, file, body in self._db.execute(
            "SELECT kind, id, line, file, body FROM sources ORDER BY rowid"
        ):
            parts = []
            if kind == "ticket":
                # the same message may stand on two pages: the last one said counts
                rows = self._db.execute("SELECT id, body FROM parts WHERE owner = ? ORDER BY rowid", [name])
                parts = list({part or f"\0{place}": body for place, (part, body) in enumerate(rows)}.values())
            yield Whole(kind, name, line, file, json.loads(body), [json.loads(part) for part in parts])

    def orphans(self) -> int:
        """How many tickets have messages here and nothing else."""
        sql = (
            "SELECT count(DISTINCT owner) FROM parts WHERE owner NOT IN (SELECT id FROM sources WHERE kind = 'ticket')"
        )
        return int(self._db.execute(sql).fetchone()[0])

    def _person(self, name: str) -> dict[str, Any]:
        found = self._db.execute("SELECT body FROM people WHERE id = ?", [name]).fetchone()
        return dict(json.loads(found[0])) if found else {}


@contextmanager
def gathering(path: Path) -> Iterator[Gathered]:
    """A `Gathered` for one import. Raises UserError FULL when the folder for temporary files is."""
    with private_file(path) as db:
        yield Gathered(db)


@contextmanager
def private_file(path: Path) -> Iterator[sqlite3.Connection]:
    """A SQLite file of our own that goes by itself, for gathering what `path` holds. Raises UserError FULL."""
    db = sqlite3.connect("")  # "": a private file that SQLite removes itself
    try:
        yield db
    except sqlite3.Error:
        step = "Make room in the folder for temporary files, or export in smaller parts"
        raise trouble(path, "could not be gathered by ticket", step, "FULL") from None
    finally:
        db.close()
