"""What a source no longer holds leaves the shelf too: counted first, asked for when it is much, all in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from index.departed import keep_departing, let_go
from index.errors import UserError
from index.forget import pictures_in, sweep_pictures
from index.store import Store

Kind = Literal["ticket", "article"]
_BATCH = 1000
SMALL_SHARE, SMALL_COUNT = 0.1, 5
_TABLES: dict[Kind, str] = {"ticket": "conversations", "article": "articles"}


@dataclass(frozen=True)
class Departure:
    """What would leave: `count` of the `total` tickets and articles that came from this source; `kept` more stay
    because answers in them were given or rated here."""

    feed: str
    count: int
    total: int
    kept: int

    @property
    def is_small(self) -> bool:
        """Whether it may happen without being asked for."""
        return self.count <= SMALL_COUNT or self.count <= SMALL_SHARE * self.total


Confirm = Callable[[Departure], bool]


def refuse(departure: Departure) -> bool:
    """The answer of nobody: too much to leave without a word. Raises UserError REFUSED."""
    share = departure.count / max(departure.total, 1)
    raise UserError(
        f"{departure.count} of {departure.total} tickets and articles from {departure.feed} would be deleted"
        f" ({share:.0%}); nothing was changed.\nIs the export whole? See with --dry-run; if it is right, add --yes.",
        "REFUSED",
    )


class Presence:
    """Which ids the files of one import name, and which they say are gone. Kept in temporary tables, memory flat."""

    def __init__(self, store: Store, workspace: str) -> None:
        self._store, self._workspace = store, workspace
        self._waiting: list[tuple[str, str, str, int]] = []
        for statement in (
            "DROP TABLE IF EXISTS temp.named",
            "DROP TABLE IF EXISTS temp.leaving",
            "CREATE TEMP TABLE named (feed TEXT, kind TEXT, id TEXT, gone INTEGER, PRIMARY KEY (feed, kind, id))",
            "CREATE TEMP TABLE leaving (kind TEXT, row INTEGER)",
        ):
            store.db.conn.execute(statement)

    def name(self, feed: str, kind: Kind, source_id: str, *, gone: bool = False) -> None:
        """A file holds this id; or says that it is gone. The last word on an id counts."""
        self._waiting.append((feed, kind, source_id, gone))
        if len(self._waiting) >= _BATCH:
            self._write()

    def _write(self) -> None:
        self._store.db.conn.executemany("INSERT OR REPLACE INTO temp.named VALUES (?, ?, ?, ?)", self._waiting)
        self._waiting = []

    def is_here(self, feed: str, kind: Kind, source_id: str) -> bool:
        """Whether the shelf holds what this source calls by this id."""
        sql = f"SELECT 1 FROM {_TABLES[kind]} WHERE workspace = ? AND source_id = ? AND feed IN (?, '')"
        return bool(self._store.rows(sql, [self._workspace, source_id, feed]))

    def plan(self, feed: str, *, mirror: bool) -> Departure:
        """What is to leave of one source: what the files say is gone and, with `mirror`, what they do not name.

        A kind of which they name nothing (no article at all) stays: that export was of the other kind.
        """
        self._write()
        db = self._store.db.conn
        db.execute("DELETE FROM temp.leaving")
        total = kept = 0
        for kind, table in _TABLES.items():
            ours = f"SELECT t.id, t.source_id FROM {table} t WHERE t.workspace = ? AND t.feed IN (?, '')"
            if kind == "ticket":
                ours += " AND t.origin = 'import'"
            said = "EXISTS (SELECT 1 FROM temp.named n WHERE n.feed = ? AND n.kind = ? AND n.id = o.source_id"
            mine = [self._workspace, feed, feed, kind]
            db.execute(f"INSERT INTO temp.leaving SELECT '{kind}', o.id FROM ({ours}) o WHERE {said} AND n.gone)", mine)
            named = db.execute("SELECT 1 FROM temp.named WHERE feed = ? AND kind = ? AND NOT gone", [feed, kind])
            if mirror and named.fetchone():
                whose = ours.replace("IN (?, '')", "= ?")  # of what came before sources were noted nothing is known
                db.execute(f"INSERT INTO temp.leaving SELECT '{kind}', o.id FROM ({whose}) o WHERE NOT {said})", mine)
            total += int(db.execute(f"SELECT count(*) FROM ({ours})", [self._workspace, feed]).fetchone()[0])
        worked_on = "kind = 'ticket' AND row IN (SELECT conversation_id FROM turns)"
        kept = int(db.execute(f"SELECT count(DISTINCT row) FROM temp.leaving WHERE {worked_on}").fetchone()[0])
        db.execute(f"DELETE FROM temp.leaving WHERE {worked_on}")
        count = int(db.execute("SELECT count(*) FROM (SELECT DISTINCT kind, row FROM temp.leaving)").fetchone()[0])
        return Departure(feed, count, total, kept)

    def adopt(self, feed: str) -> None:
        """What came before sources were noted and is named now belongs to this source (inside a write)."""
        for kind, table in _TABLES.items():
            self._store.db.conn.execute(
                f"UPDATE {table} SET feed = ? WHERE workspace = ? AND feed = '' AND source_id IN"
                " (SELECT id FROM temp.named WHERE feed = ? AND kind = ? AND NOT gone)",
                [feed, self._workspace, feed, kind],
            )

    def carry_out(self) -> tuple[int, set[str]]:
        """Delete what the last plan holds (inside a write): how many sources, and the pictures nobody shows now. It
        can be taken back for a month, see `index/departed.py`.

        Their passages leave the full-text index with them, and the vectors at the next sync of the index.
        """
        db = self._store.db.conn
        shown, count = let_go(self._store), 0
        for kind, table in _TABLES.items():
            rows = [row for (row,) in db.execute("SELECT DISTINCT row FROM temp.leaving WHERE kind = ?", [kind])]
            keep_departing(self._store, self._workspace, kind, rows)
            for row in rows:
                where = "articles WHERE id = ?" if kind == "article" else "messages WHERE conversation_id = ?"
                shown |= pictures_in(db, where, [row])
                db.execute(f"DELETE FROM {table} WHERE id = ?", [row])
            count += len(rows)
        if not count:
            return 0, set()
        db.execute("DELETE FROM embeddings WHERE text_hash NOT IN (SELECT text_hash FROM passages)")
        gone = sweep_pictures(self._store.db, self._store.pictures, shown)
        for table in ("passages_fts", "messages_fts"):  # deleted words live on there until its parts are merged
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        self._store.grow_mark(self._workspace)
        return count, gone


def taken_by_another(feed: str, owner: str, source_id: str) -> UserError | None:
    """What is said when an id is in use by another source; None where that is in order: our own transcripts may carry
    any ticket, and what came before sources were noted belongs to nobody."""
    if not owner or owner == feed or feed == "jsonl":
        return None
    return UserError(
        f'The id "{source_id}" is in use by what came from {owner}.\n'
        f"Is it the same source? Then --source {owner}; else keep them apart, e.g. --prefix {feed}-",
        "SCHEMA",
    )


def delete_files(store: Store, gone: set[Any]) -> None:
    """The files of pictures that nobody shows; after the commit, so that a name never lacks its file."""
    for sha256 in gone:
        (store.pictures / f"{sha256}.png").unlink(missing_ok=True)
