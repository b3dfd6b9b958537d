"""What left the shelf with its source is kept apart for a month, so that a deletion can be taken back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from index.conversation import Article, Conversation, Message, Source
from index.sources import keep_source, stored_source
from index.store import Store

KEPT_DAYS = 30
Kind = Literal["ticket", "article"]
_TABLES: dict[Kind, str] = {"ticket": "conversations", "article": "articles"}


@dataclass(frozen=True)
class Departed:
    """A ticket or article that left: when, and the day from which it is gone for good."""

    id: str
    kind: Kind
    feed: str
    title: str
    left_at: str
    gone_on: str


@dataclass(frozen=True)
class Return:
    """The ids that are on the shelf again, and those that are not, for the same id came in since."""

    back: tuple[str, ...]
    taken: tuple[str, ...]


def keep_departing(store: Store, workspace: str, kind: Kind, rows: Sequence[int]) -> None:
    """Put these rows apart before they are deleted (inside a write)."""
    at = _moment(datetime.now(UTC))
    db = store.db.conn
    for row in rows:
        source = stored_source(store, kind, row)
        whose = "trust, customer_id" if kind == "ticket" else "'imported', NULL"
        sql = f"SELECT content_hash, feed, {whose} FROM {_TABLES[kind]} WHERE id = ?"
        content, feed, trust, customer = db.execute(sql, [row]).fetchone()
        veto = db.execute("SELECT 1 FROM kept_out WHERE conversation_id = ?", [row]).fetchone()
        db.execute(
            "INSERT OR REPLACE INTO departed (workspace, kind, source_id, feed, trust, content_hash, customer_id,"
            " kept_out, source, pictures, left_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                workspace, kind, source.id, feed, trust, content, customer, int(kind == "ticket" and veto is not None),
                json.dumps(asdict(source), ensure_ascii=False), json.dumps(_pictures_of(source)), at,
            ],
        )  # fmt: skip


def let_go(store: Store) -> set[str]:
    """Delete what was kept for long enough (inside a write); the pictures it showed."""
    old, oldest = "departed WHERE left_at < ?", [_oldest()]
    shown = {sha for row in store.rows(f"SELECT pictures FROM {old}", oldest) for sha in json.loads(row["pictures"])}
    store.db.execute(f"DELETE FROM {old}", oldest)
    return shown


def departed(store: Store, workspace: str) -> list[Departed]:
    """What can be taken back, the last that left first."""
    rows = store.rows(
        "SELECT * FROM departed WHERE workspace = ? AND left_at >= ? ORDER BY left_at DESC, kind, source_id",
        [workspace, _oldest()],
    )
    return [_told(row) for row in rows]


def take_back(store: Store, workspace: str, ids: Sequence[str] = ()) -> Return:
    """Put what left back on the shelf: these ids, or without any all that left in the last step. What an import has
    brought under the same id since stays as it is. The vectors come at the next sync of the index."""
    found = departed(store, workspace)
    last = found[0].left_at if found else ""
    wanted = [each for each in found if (each.id in ids if ids else each.left_at == last)]
    back, taken = [], []
    with store.write() as db:
        for each in wanted:
            key = [workspace, each.kind, each.id]
            where = "workspace = ? AND kind = ? AND source_id = ?"
            (row,) = store.rows(f"SELECT * FROM departed WHERE {where}", key)
            table = _TABLES[each.kind]
            if store.rows(f"SELECT 1 FROM {table} WHERE workspace = ? AND source_id = ?", [workspace, each.id]):
                taken.append(each.id)
                continue
            source = _source(each.kind, json.loads(row["source"]))
            keep_source(store, workspace, source, row["content_hash"], trust=row["trust"], feed=row["feed"])
            if row["kept_out"]:
                sql = "SELECT id FROM conversations WHERE workspace = ? AND source_id = ?"
                place = store.rows(sql, [workspace, each.id])[0]["id"]
                db.execute("INSERT INTO kept_out VALUES (?, ?)", [place, _moment(datetime.now(UTC))])
            db.execute(f"DELETE FROM departed WHERE {where}", key)
            back.append(each.id)
    return Return(tuple(back), tuple(taken))


def _told(row: dict[str, Any]) -> Departed:
    said = json.loads(row["source"])
    title = said["title"] if row["kind"] == "article" else said["subject"] or said["messages"][0]["text"][:60]
    gone = datetime.fromisoformat(row["left_at"]) + timedelta(days=KEPT_DAYS)
    return Departed(row["source_id"], row["kind"], row["feed"], title, row["left_at"], f"{gone:%Y-%m-%d}")


def _source(kind: Kind, told: dict[str, Any]) -> Source:
    if kind == "article":
        return Article(**_tuples(told))
    return Conversation(**_tuples(told | {"messages": [Message(**_tuples(said)) for said in told["messages"]]}))


def _tuples(told: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(each) if isinstance(each, list) else each for name, each in told.items()}


def _pictures_of(source: Source) -> list[str]:
    if isinstance(source, Article):
        return list(source.pictures)
    return [sha for message in source.messages for sha in message.pictures]


def _oldest() -> str:
    return _moment(datetime.now(UTC) - timedelta(days=KEPT_DAYS))


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
