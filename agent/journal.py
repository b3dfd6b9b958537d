"""The record: every turn with what was found, decided and cited; kept in one transaction, read from any thread."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.events import Citation, Decision, Ended
from agent.records import ConversationSummary, Rating, StoredTurn
from index.conversation import Message, Source
from index.errors import UserError
from index.hits import Hit
from index.marks import sight_from
from index.passages import shorten
from index.pictures import ReadPicture
from index.sources import load_source, put_messages, stored_lines
from index.store import Store, now


class Journal:
    """The chats of one workspace. Implements `agent.records.Records`."""

    def __init__(self, store: Store, workspace: str) -> None:
        self._store = store
        self._workspace = workspace

    def keep_turn(self, question: str, ended: Ended, customer: str | None = None) -> int:
        """Store one turn and, for a hand-over, its place in the queue: all of it or nothing. Gives the turn's id."""
        from index.intake import masked_picture

        with self._store.write() as db:
            chat = self._made_chat_row(ended.conversation_id, question, customer)
            count = next(db.query("SELECT count(*) AS n FROM messages WHERE conversation_id = ?", [chat]))["n"]
            at = now()
            said = Message("customer", question, at, (), tuple(picture.sha256 for picture in ended.pictures))
            replied = [Message("agent", ended.answer, at)] if ended.answer.strip() else []  # stopped before a word
            put_messages(db, chat, [said, *replied], first=count)
            pictures = map(masked_picture, ended.pictures)  # what is kept of a picture's words is masked
            turn = put_turn(db, chat, turn_json(question, ended, pictures, at))
            db.execute(
                "UPDATE conversations SET updated_at = ?, customer_id = coalesce(customer_id, ?) WHERE id = ?",
                [at, customer, chat],
            )
            if ended.decision.act == "handover":
                packet = json.dumps({"question": question, "cited": [hit.source_id for hit in ended.hits[:3]]})
                db.execute(
                    "INSERT INTO handovers (conversation_id, turn_id, reason, packet, state, created_at)"
                    " VALUES (?, ?, ?, ?, 'waiting', ?)",
                    [chat, turn, ended.decision.reason, packet, at],
                )
            return turn

    def new_conversation_id(self) -> str:
        """An id for a chat that no import will carry."""
        return f"chat-{uuid.uuid4().hex[:12]}"

    def conversations(self, limit: int = 50, words: str = "") -> list[ConversationSummary]:
        """The newest chats first; with `words` those that contain all of them."""
        sql = (
            "SELECT c.source_id AS id, c.subject AS title, c.updated_at,"
            " (SELECT count(*) FROM turns t WHERE t.conversation_id = c.id) AS turns"
            " FROM conversations c WHERE c.workspace = ? AND c.origin = 'chat'"
        )
        values: list[Any] = [self._workspace]
        for word in words.split()[:8]:
            sql += (
                " AND (c.subject LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM messages m"
                " WHERE m.conversation_id = c.id AND m.text LIKE ? ESCAPE '\\'))"
            )
            like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            values += [like, like]
        rows = self._store.rows(f"{sql} ORDER BY c.updated_at DESC, c.id DESC LIMIT ?", [*values, limit])
        return [ConversationSummary(**row) for row in rows]

    def turns(self, conversation_id: str, last: int = 20) -> list[StoredTurn]:
        """The last turns of a chat, oldest first; [] for an unknown one."""
        rows = self._store.rows(
            "SELECT t.*, r.value AS rating FROM turns t JOIN conversations c ON c.id = t.conversation_id"
            " LEFT JOIN ratings r ON r.turn_id = t.id WHERE c.workspace = ? AND c.source_id = ?"
            " ORDER BY t.id DESC LIMIT ?",
            [self._workspace, conversation_id, last],
        )
        return [_turn(row) for row in reversed(rows)]

    def rate(self, turn_id: int, value: Rating | None, reason: str = "") -> None:
        """Keep a rating; None takes it back. Raises UserError DENIED for a turn of another workspace."""
        with self._store.write() as db:
            found = list(
                db.query(
                    "SELECT 1 FROM turns t JOIN conversations c ON c.id = t.conversation_id"
                    " WHERE t.id = ? AND c.workspace = ?",
                    [turn_id, self._workspace],
                )
            )
            if not found:
                raise UserError(f"There is no answer {turn_id} here to rate.\nRate an answer of this chat.", "DENIED")
            db.execute("DELETE FROM ratings WHERE turn_id = ?", [turn_id])
            if value is not None:
                db.execute("INSERT INTO ratings VALUES (?, ?, ?, ?)", [turn_id, value, reason, now()])

    def source(self, source_id: str) -> Source | None:
        """A ticket, article or chat as stored."""
        return load_source(self._store, self._workspace, source_id)

    def examples(self) -> tuple[str, ...]:
        """What the newest solved tickets were about, in their customers' words."""
        rows = self._store.rows(
            "SELECT m.text FROM conversations c JOIN messages m ON m.conversation_id = c.id AND m.position = 0"
            " WHERE c.workspace = ? AND c.origin = 'import' AND c.outcome = 'resolved' AND m.role = 'customer'"
            " AND length(m.text) BETWEEN 25 AND 90 AND instr(m.text, '<') = 0 AND instr(m.text, char(10)) = 0"
            " ORDER BY c.opened_at DESC, c.id LIMIT 3",
            [self._workspace],
        )
        return tuple(row["text"] for row in rows)

    def picture_path(self, sha256: str) -> Path | None:
        """The stored copy of a picture, if it is there."""
        file = self._store.pictures / f"{sha256}.png"
        return file if sha256.isalnum() and file.is_file() else None

    def chat_row(self, conversation_id: str) -> int | None:
        """The row of a chat; None for an id that is free. Raises UserError DENIED when it is a past ticket's."""
        for row in self._store.rows(
            "SELECT id, origin FROM conversations WHERE workspace = ? AND source_id = ?",
            [self._workspace, conversation_id],
        ):
            if row["origin"] != "chat":
                raise UserError(
                    f"{conversation_id} is an imported ticket, not a chat.\nStart a new chat, or name one of yours.",
                    "DENIED",
                )
            return int(row["id"])
        return None

    def _made_chat_row(self, conversation_id: str, question: str, customer: str | None) -> int:
        """The row of a chat, made at its first turn."""
        known = self.chat_row(conversation_id)
        if known is not None:
            return known
        cursor = self._store.db.execute(
            "INSERT INTO conversations (workspace, source_id, origin, trust, subject, opened_at, customer_id, tags,"
            " extra, content_hash, updated_at) VALUES (?, ?, 'chat', 'chat', ?, ?, ?, '[]', '{}', '', ?)",
            [self._workspace, conversation_id, shorten(question, 80) or "(picture)", now(), customer, now()],
        )
        return int(cursor.lastrowid)


def put_turn(db: Any, chat: int, turn: dict[str, Any]) -> int:
    """Insert a turn as `turn_json` gives it (inside a write)."""
    cursor = db.execute(
        "INSERT INTO turns (conversation_id, question, answer, pictures, citations, hits, decision, seconds, version,"
        " stopped, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            chat,
            turn["question"],
            turn["answer"],
            *(json.dumps(turn[name], ensure_ascii=False) for name in ("pictures", "citations", "hits", "decision")),
            json.dumps(turn["seconds"]),
            turn["version"],
            int(turn["stopped"]),
            turn["at"],
        ],
    )
    return int(cursor.lastrowid)


def turn_json(question: str, turn: Ended | StoredTurn, pictures: Iterable[ReadPicture], at: str) -> dict[str, Any]:
    """A turn as it is stored and as an export line carries it; `put_turn` takes it back."""
    return {
        "question": question,
        "answer": turn.answer,
        "pictures": [asdict(picture) for picture in pictures],
        "citations": [asdict(citation) for citation in turn.citations],
        "hits": [asdict(hit) for hit in turn.hits],
        "decision": asdict(turn.decision),
        "seconds": turn.seconds,
        "version": turn.version,
        "stopped": turn.stopped,
        "at": at,
    }


def _turn(row: dict[str, Any]) -> StoredTurn:
    fields = {name: json.loads(row[name]) for name in ("pictures", "citations", "hits", "decision", "seconds")}
    return stored_turn(row["id"], {**row, **fields, "at": row["created_at"]}, row["rating"])


def stored_turn(turn_id: int, turn: dict[str, Any], rating: Rating | None = None) -> StoredTurn:
    """A turn from the shape of `turn_json`. Raises KeyError, TypeError or ValueError for any other shape."""
    return StoredTurn(
        turn_id,
        turn["question"],
        turn["answer"],
        tuple(_picture(each) for each in turn["pictures"]),
        tuple(Citation(**{**each, "lines": tuple(each["lines"])}) for each in turn["citations"]),
        tuple(Hit(**{**each, "lines": tuple(each["lines"])}) for each in turn["hits"]),
        Decision(**turn["decision"]),
        turn["seconds"],
        turn["version"],
        turn["at"],
        bool(turn["stopped"]),
        rating,
    )


def _picture(fields: dict[str, Any]) -> ReadPicture:
    sight = sight_from(fields.get("sight", {}))  # a turn written before marks were seen has none
    lines = stored_lines(fields["lines"])
    return ReadPicture(**{**fields, "lines": lines, "notices": tuple(fields["notices"]), "sight": sight})
