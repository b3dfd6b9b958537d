"""Tickets and articles in and out of the store, with their passages; inside one transaction each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, Literal

from index.codes import find_codes
from index.conversation import Article, Conversation, Message, Source
from index.errors import UserError
from index.passages import passages_of
from index.pictures import Line, ReadPicture
from index.store import Store, now
from index.templates import as_article, load_templates

Kept = Literal["new", "changed", "duplicate"]


def keep_source(store: Store, workspace: str, source: Source, content_hash: str, *, trust: str = "imported") -> Kept:
    """Store a cleaned source and its passages; says whether it was new, changed or known already.

    `content_hash` is the hash of what the file said, so that the same file changes nothing. A changed source
    replaces the old one. Raises UserError SCHEMA when the id belongs to a chat of this desk with other content.
    """
    table = "articles" if isinstance(source, Article) else "conversations"
    with store.write() as db:
        old = next(
            db.query(f"SELECT * FROM {table} WHERE workspace = ? AND source_id = ?", [workspace, source.id]), None
        )
        if old and old["content_hash"] == content_hash:
            return "duplicate"
        if old and old.get("origin") == "chat":
            raise chat_id_taken(source.id)
        if old:
            db.execute(f"DELETE FROM {table} WHERE id = ?", [old["id"]])
        row = (_put_article if isinstance(source, Article) else _put_conversation)(
            db,
            workspace,
            source,
            content_hash,
            trust,  # type: ignore[arg-type]
        )
        put_passages(store, workspace, source, row)
        return "changed" if old else "new"


def chat_id_taken(source_id: str) -> UserError:
    """What is said when a file brings a ticket with the id of a chat: a chat is never overwritten."""
    return UserError(f'The id "{source_id}" belongs to a chat of this desk.\nGive the ticket another id.', "SCHEMA")


def put_passages(store: Store, workspace: str, source: Source, row: int) -> None:
    """Make the passages of a stored source anew (inside a write)."""
    db = store.db
    owner = "article_id" if isinstance(source, Article) else "conversation_id"
    db.execute(f"DELETE FROM passages WHERE {owner} = ?", [row])
    screens = {sha: words for sha in _pictures_of(source) if (words := picture_words(store, sha))}
    for passage in passages_of(source, screens):
        cursor = db.execute(
            f"INSERT INTO passages (workspace, {owner}, kind, title, text, first_line, last_line, text_hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [workspace, row, passage.kind, passage.title, passage.text, *passage.lines, passage.text_hash],
        )
        codes = find_codes(f"{passage.title}\n{passage.text}")
        db.conn.executemany("INSERT INTO codes VALUES (?, ?)", [(code, cursor.lastrowid) for code in codes])
    store.grow_mark(workspace)


def load_source(store: Store, workspace: str, source_id: str) -> Source | None:
    """The ticket, chat or article with this id, as stored (masked); None when there is none."""
    for row in store.rows("SELECT * FROM conversations WHERE workspace = ? AND source_id = ?", [workspace, source_id]):
        return _conversation(store, row)
    for row in store.rows("SELECT * FROM articles WHERE workspace = ? AND source_id = ?", [workspace, source_id]):
        return _article(row)
    return next((as_article(each) for each in load_templates(store, workspace) if each.id == source_id), None)


def stored_conversations(store: Store, workspace: str, origin: str | None = None) -> Iterator[Conversation]:
    """Every conversation of a workspace, oldest row first, one at a time."""
    sql = "SELECT id FROM conversations WHERE workspace = ? AND (? IS NULL OR origin = ?) ORDER BY id"
    for key in store.rows(sql, [workspace, origin, origin]):
        for row in store.rows("SELECT * FROM conversations WHERE id = ?", [key["id"]]):
            yield _conversation(store, row)


def stored_articles(store: Store, workspace: str) -> Iterator[Article]:
    """Every article of a workspace, in the order of import."""
    for row in store.rows("SELECT * FROM articles WHERE workspace = ? ORDER BY id", [workspace]):
        yield _article(row)


def forget_customer(store: Store, workspace: str, customer_id: str) -> dict[str, int]:
    """Remove every conversation of a customer, its passages, turns and pictures nobody else uses.

    Gives the counts removed. Index files drop the passages at the next sync.
    """
    with store.write() as db:
        rows = list(
            db.query("SELECT id FROM conversations WHERE workspace = ? AND customer_id = ?", [workspace, customer_id])
        )
        marks = [row["id"] for row in rows]
        pictures = {sha for mark in marks for sha in _conversation_pictures(store, mark)}
        texts = {
            row["text_hash"]
            for mark in marks
            for row in db.query("SELECT text_hash FROM passages WHERE conversation_id = ?", [mark])
        }
        for mark in marks:
            db.execute("DELETE FROM conversations WHERE id = ?", [mark])
        for text_hash in texts:
            db.execute(
                "DELETE FROM embeddings WHERE text_hash = ? AND NOT EXISTS"
                " (SELECT 1 FROM passages WHERE passages.text_hash = embeddings.text_hash)",
                [text_hash],
            )
        unused = [sha for sha in pictures if not _is_shown(db, sha)]
        for sha in unused:
            db.execute("DELETE FROM pictures WHERE sha256 = ?", [sha])
        store.grow_mark(workspace)
    for sha in unused:  # after the commit: a crash in between leaves a file nobody names, never a name without a file
        (store.pictures / f"{sha}.png").unlink(missing_ok=True)
    return {"conversations": len(marks), "pictures": len(unused)}


def keep_picture(store: Store, picture: ReadPicture) -> None:
    """Remember the words of a picture by its hash."""
    with store.write() as db:
        db.execute(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?)",
            [
                picture.sha256,
                picture.width,
                picture.height,
                json.dumps([asdict(line) for line in picture.lines], ensure_ascii=False),
                picture.layout,
                picture.words,
            ],
        )


def load_picture(store: Store, sha256: str, name: str = "") -> ReadPicture | None:
    """A picture read before, by the hash of its stored copy."""
    for row in store.rows("SELECT * FROM pictures WHERE sha256 = ?", [sha256]):
        lines = tuple(Line(line["text"], tuple(line["box"]), line["score"]) for line in json.loads(row["lines"]))
        return ReadPicture(sha256, name, row["width"], row["height"], lines, row["layout"], row["words"])
    return None


def picture_words(store: Store, sha256: str) -> str:
    """The words on a stored picture; "" when none or unknown."""
    found = store.rows("SELECT words FROM pictures WHERE sha256 = ?", [sha256])
    return str(found[0]["words"]) if found else ""


def _pictures_of(source: Source) -> Iterable[str]:
    if isinstance(source, Article):
        return source.pictures
    return (sha for message in source.messages for sha in message.pictures)


def _put_conversation(db: Any, workspace: str, ticket: Conversation, content_hash: str, trust: str) -> int:
    cursor = db.execute(
        "INSERT INTO conversations (workspace, source_id, origin, trust, subject, outcome, opened_at, customer_id,"
        " customer_name, tags, extra, content_hash, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
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
        ],
    )
    put_messages(db, int(cursor.lastrowid), ticket.messages)
    return int(cursor.lastrowid)


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


def _put_article(db: Any, workspace: str, article: Article, content_hash: str, trust: str) -> int:
    cursor = db.execute(
        "INSERT INTO articles (workspace, source_id, title, text, attachments, pictures, extra, content_hash,"
        " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            workspace,
            article.id,
            article.title,
            article.text,
            _json(article.attachments),
            _json(article.pictures),
            _json(article.extra),
            content_hash,
            now(),
        ],
    )
    return int(cursor.lastrowid)


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


def _conversation_pictures(store: Store, conversation: int) -> set[str]:
    rows = store.rows("SELECT pictures FROM messages WHERE conversation_id = ?", [conversation])
    return {sha for row in rows for sha in json.loads(row["pictures"])}


def _is_shown(db: Any, sha256: str) -> bool:
    """Whether any message or article of any workspace still shows a picture."""
    like = f'%"{sha256}"%'
    sql = "SELECT EXISTS (SELECT 1 FROM {0} WHERE pictures LIKE ?) AS found"
    return any(next(db.query(sql.format(table), [like]))["found"] for table in ("messages", "articles"))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
