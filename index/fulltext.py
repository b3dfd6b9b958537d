"""The words of the passages, findable: by English stems, or as they are in any language (a setting of a workspace)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from index.errors import UserError
from index.scripts import is_unspaced, segmented
from index.store import Store
from index.words import fts_query

WAYS = ("english", "any")
STEMMED, AS_WRITTEN = "passages_fts", "passages_any"
BATCH = 2000

Row = tuple[int, str, str]  # passage id, title, text


def word_way(store: Store, workspace: str) -> str:
    """How the words of a workspace are looked for: "english" (stems; scripts without spaces apart) or "any"."""
    found = store.rows("SELECT value FROM facts WHERE name = ?", [_fact(workspace)])
    return str(found[0]["value"]) if found else WAYS[0]


def put_words(store: Store, workspace: str, rows: Sequence[Row]) -> None:
    """Add the words of new passages (inside a write). Not by a trigger: FTS5 would write out what it has gathered
    after every row. What goes is taken out by triggers."""
    store.db.conn.executemany(f"INSERT INTO {STEMMED} (rowid, title, text) VALUES (?, ?, ?)", rows)
    every = word_way(store, workspace) == "any"
    _put_as_written(store.db.conn, [row for row in rows if every or is_unspaced(row[1] + row[2])])


def _put_as_written(conn: Any, rows: Iterable[Row]) -> None:
    conn.executemany(
        f"INSERT INTO {AS_WRITTEN} (rowid, title, text) VALUES (?, ?, ?)",
        [(place, segmented(title), segmented(text)) for place, title, text in rows],
    )


def set_word_way(store: Store, workspace: str, way: str) -> int:
    """Look for words in another way from now on, in one transaction; how many passages that took. Raises UserError
    CONFIG for a way that is none."""
    if way not in WAYS:
        raise UserError(f'Words are looked for as "english" or "any", not "{way}".', "CONFIG")
    with store.write() as db:
        db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [_fact(workspace), way])
        count = 0
        for rows in _batches(db, workspace):
            db.conn.executemany(f"DELETE FROM {AS_WRITTEN} WHERE rowid = ?", [(row[0],) for row in rows])
            _put_as_written(db.conn, [row for row in rows if way == "any" or is_unspaced(row[1] + row[2])])
            count += len(rows)
        store.grow_mark(workspace)  # an open window looks again
    return count


def _batches(db: Any, workspace: str) -> Iterable[list[Row]]:
    sql = "SELECT id, title, text FROM passages WHERE workspace = ? AND id > ? ORDER BY id LIMIT ?"
    last = 0
    while rows := db.conn.execute(sql, [workspace, last, BATCH]).fetchall():
        yield [tuple(row) for row in rows]
        last = rows[-1][0]


def rank_by_words(store: Store, workspace: str, words: Sequence[str], way: str, most: int) -> list[tuple[int, float]]:
    """(passage, BM25 as a share of the best), best first, of the passages that hold any of the words."""
    scores: dict[int, float] = {}
    for table in (STEMMED, AS_WRITTEN):
        wanted = [word for word in words if _table(word, way) == table]
        for row in _ranked(store, workspace, table, wanted, most) if wanted else []:
            scores[row["id"]] = scores.get(row["id"], 0.0) + row["score"]
    ranked = sorted(scores.items(), key=lambda each: (-each[1], each[0]))[:most]
    best = ranked[0][1] if ranked else 0.0
    return [(passage, score / best if best > 0 else 0.0) for passage, score in ranked]


def _ranked(store: Store, workspace: str, table: str, words: list[str], most: int) -> list[dict[str, Any]]:
    return store.rows(
        f"SELECT {table}.rowid AS id, -bm25({table}, 2.0, 1.0) AS score FROM {table}"
        f" JOIN passages p ON p.id = {table}.rowid"
        f" WHERE {table} MATCH ? AND p.workspace = ? ORDER BY score DESC, id LIMIT ?",
        [fts_query(words), workspace, most],
    )


def count_word(store: Store, word: str, way: str) -> int:
    """In how many passages, of all workspaces, a word stands."""
    table = _table(word, way)
    sql = f"SELECT count(*) AS n FROM {table} WHERE {table} MATCH ?"
    return int(store.rows(sql, [fts_query([word])])[0]["n"])


def _table(word: str, way: str) -> str:
    return AS_WRITTEN if way == "any" or is_unspaced(word) else STEMMED


def _fact(workspace: str) -> str:
    return f"words {workspace}"
