"""Tickets and articles in and out of the store, with their passages; inside one transaction each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, Literal

from index.codes import find_codes
from index.conversation import Article, Conversation, Message, Source
from index.errors import UserError
from index.fulltext import put_words
from index.marks import sight_from
from index.passages import passages_of
from index.pictures import Line, ReadPicture
from index.store import Store, now
from index.templates import as_article, load_templates

Kept = Literal["new", "changed", "duplicate"]


def keep_source(
    store: Store, workspace: str, source: Source, content_hash: str, *, trust: str = "imported", feed: str = ""
) -> Kept:
    """Store a cleaned source and its passages; says whether it was new, changed or known already.

    `content_hash` is the hash of what the file said, so that the same file changes nothing. A changed source
    replaces the old one. `feed` is the source it came from, "" when that does not change.
    Raises UserError SCHEMA when the id belongs to a chat of this desk with other content.
    """
    with store.write() as db:
        if isinstance(source, Article):
            sql = "SELECT id, content_hash, '', feed FROM articles WHERE workspace = ? AND source_id = ?"
        else:
            sql = "SELECT id, content_hash, origin, feed FROM conversations WHERE workspace = ? AND source_id = ?"
        old = db.conn.execute(sql, [workspace, source.id]).fetchone()
        if old and old[1] == content_hash:
            return "duplicate"
        if old and old[2] == "chat":
            raise chat_id_taken(source.id)
        place, feed = (old[0], feed or old[3]) if old else (None, feed)
        if isinstance(source, Article):
            row = _put_article(db, workspace, source, content_hash, place, feed)
        else:
            row = _put_conversation(db, workspace, source, content_hash, trust, place, feed)
        put_passages(store, workspace, source, row, new=not old)
        return "changed" if old else "new"


def chat_id_taken(source_id: str) -> UserError:
    """What is said when a file brings a ticket with the id of a chat: a chat is never overwritten."""
    return UserError(f'The id "{source_id}" belongs to a chat of this desk.\nGive the ticket another id.', "SCHEMA")


def put_passages(store: Store, workspace: str, source: Source, row: int, *, new: bool = False) -> None:
    """Make the passages of a stored source anew (inside a write); a `new` one has none to remove."""
    conn = store.db.conn
    owner = "article_id" if isinstance(source, Article) else "conversation_id"
    if not new:
        conn.execute(f"DELETE FROM passages WHERE {owner} = ?", [row])
    screens = {sha: words for sha in _pictures_of(source) if (words := picture_words(store, sha))}
    found: list[tuple[int, str, str]] = []
    codes: list[tuple[str, int]] = []
    for passage in passages_of(source, screens):
        cursor = conn.execute(
            f"INSERT INTO passages (workspace, {owner}, kind, title, text, first_line, last_line, text_hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [workspace, row, passage.kind, passage.title, passage.text, *passage.lines, passage.text_hash],
        )
        found.append((cursor.lastrowid, passage.title, passage.text))
        codes += [(code, cursor.lastrowid) for code in find_codes(f"{passage.title}\n{passage.text}")]
    conn.executemany("INSERT INTO codes VALUES (?, ?)", codes)
    put_words(store, workspace, found)
    store.grow_mark(workspace)


def load_source(store: Store, workspace: str, source_id: str) -> Source | None:
    """The ticket, chat or article with this id, as stored (masked); None when there is none."""
    for row in store.rows("SELECT * FROM conversations WHERE workspace = ? AND source_id = ?", [workspace, source_id]):
        return _conversation(store, row)
    for row in store.rows("SELECT * FROM articles WHERE workspace = ? AND source_id = ?", [workspace, source_id]):
        return _article(row)
    return next((as_article(each) for each in load_templates(store, workspace) if each.id == source_id), None)


def stored_source(store: Store, kind: Literal["ticket", "article"], row: int) -> Source:
    """The ticket or article in this row of its table."""
    if kind == "ticket":
        return _conversation(store, store.rows("SELECT * FROM conversations WHERE id = ?", [row])[0])
    return _article(store.rows("SELECT * FROM articles WHERE id = ?", [row])[0])


def stored_conversations(store: Store, workspace: str, origin: str | None = None) -> Iterator[Conversation]:
    """Every conversation of a workspace, oldest row first, one at a time."""
    sql = "SELECT id FROM conversations WHERE workspace = ? AND (? IS NULL OR origin = ?) ORDER BY id"
    for key in store.rows(sql, [workspace, origin, origin]):
        for row in store.rows("SELECT * FROM conversations WHERE id = ?", [key["id"]]):
            yield _conversation(store, row)


def keep_picture(store: Store, picture: ReadPicture) -> None:
    """Remember the words of a picture by its hash."""
    with store.write() as db:
        db.execute(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                picture.sha256,
                picture.width,
                picture.height,
                json.dumps([asdict(line) for line in picture.lines], ensure_ascii=False),
                picture.layout,
                picture.words,
                json.dumps(asdict(picture.sight), ensure_ascii=False),
            ],
        )


def load_picture(store: Store, sha256: str, name: str = "") -> ReadPicture | None:
    """A picture read before, by the hash of its stored copy."""
    for row in store.rows("SELECT * FROM pictures WHERE sha256 = ?", [sha256]):
        lines = stored_lines(json.loads(row["lines"]))
        sight = sight_from(json.loads(row["sight"]))
        return ReadPicture(sha256, name, row["width"], row["height"], lines, row["layout"], row["words"], (), sight)
    return None


def stored_lines(rows: Iterable[dict[str, Any]]) -> tuple[Line, ...]:
    """The lines of a picture from their stored JSON."""
    return tuple(Line(row["text"], tuple(row["box"]), row["score"]) for row in rows)


def picture_words(store: Store, sha256: str) -> str:
    """The words on a stored picture; "" when none or unknown."""
    found = store.rows("SELECT words FROM pictures WHERE sha256 = ?", [sha256])
    return str(found[0]["words"]) if found else ""


def _pictures_of(source: Source) -> Iterable[str]:
    if isinstance(source, Article):
        return source.pictures
    return (sha for message in source.messages for sha in message.pictures)


_TICKET_COLUMNS = (
    "workspace, source_id, origin, trust, subject, outcome, opened_at, customer_id, customer_name, tags, extra,"
    " content_hash, updated_at, feed"
)
_ARTICLE_COLUMNS = "workspace, source_id, title, text, attachments, pictures, extra, content_hash, updated_at, feed"


def _put_row(db: Any, table: str, columns: str, values: list[Any], place: int | None) -> int:
    """A row inserted or, with `place`, written over: what hangs on it (turns, ratings) stays. Gives its id."""
    marks = ", ".join("?" * len(values))
    if place is not None:
        db.conn.execute(f"UPDATE {table} SET ({columns}) = ({marks}) WHERE id = ?", [*values, place])
        return place
    return int(db.conn.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values).lastrowid)


def _put_conversation(
    db: Any, workspace: str, ticket: Conversation, content_hash: str, trust: str, place: int | None, feed: str
) -> int:
    values = [
        workspace,
        ticket.id,
        "chat" if trust == "chat" else "import",
        trust,
        ticket.subject,
        ticket.outcome,
        ticket.opened_at,
        ticket.customer_id,
        ticket.customer_name,
        _json(ticket.tags),
        _json(ticket.extra),
        content_hash,
        now(),
        feed,
    ]
    row = _put_row(db, "conversations", _TICKET_COLUMNS, values, place)
    if place is not None:
        db.conn.execute("DELETE FROM messages WHERE conversation_id = ?", [row])
    put_messages(db, row, ticket.messages)
    return row


def put_messages(db: Any, conversation: int, messages: Iterable[Message], first: int = 0) -> None:
    """Append messages to a stored conversation from position `first` (inside a write)."""
    db.conn.executemany(
        "INSERT INTO messages (conversation_id, position, role, text, at, attachments, pictures, extra)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                conversation,
                position,
                message.role,
                message.text,
                message.at,
                _json(message.attachments),
                _json(message.pictures),
                _json(message.extra),
            )
            for position, message in enumerate(messages, start=first)
        ],
    )
    # not by a trigger: FTS5 would write out what it has gathered after every row
    db.conn.execute(
        "INSERT INTO messages_fts (rowid, text) SELECT id, text FROM messages"
        " WHERE conversation_id = ? AND position >= ? ORDER BY id",
        [conversation, first],
    )


def _put_article(db: Any, workspace: str, article: Article, content_hash: str, place: int | None, feed: str) -> int:
    values = [
        workspace,
        article.id,
        article.title,
        article.text,
        _json(article.attachments),
        _json(article.pictures),
        _json(article.extra),
        content_hash,
        now(),
        feed,
    ]
    return _put_row(db, "articles", _ARTICLE_COLUMNS, values, place)


def _conversation(store: Store, row: dict[str, Any]) -> Conversation:
    messages = tuple(
        Message(
            said["role"],
            said["text"],
            said["at"],
            tuple(json.loads(said["attachments"])),
            tuple(json.loads(said["pictures"])),
            json.loads(said["extra"]),
        )
        for said in store.rows("SELECT * FROM messages WHERE conversation_id = ? ORDER BY position", [row["id"]])
    )
    return Conversation(
        row["source_id"],
        messages,
        row["opened_at"],
        row["outcome"],
        row["subject"],
        row["customer_id"],
        row["customer_name"],
        tuple(json.loads(row["tags"])),
        json.loads(row["extra"]),
    )


def _article(row: dict[str, Any]) -> Article:
    return Article(
        row["source_id"],
        row["title"],
        row["text"],
        tuple(json.loads(row["attachments"])),
        tuple(json.loads(row["pictures"])),
        json.loads(row["extra"]),
    )


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _json(value: Any) -> str:
    if not value:  # most fields of most messages
        return "{}" if isinstance(value, dict) else "[]"
    return _encode(value)
