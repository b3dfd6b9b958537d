"""Several answers to one question: all are kept, one of them counts and stands among the messages."""

from __future__ import annotations

from typing import Any

from agent.handover import find_open, withdraw
from index.errors import UserError
from index.passages import shorten


def cleared(db: Any, chat: int, turn_id: int | None) -> int:
    """The position where the next question goes (inside a write): behind everything, or with `turn_id` where that
    turn's question stands, whose messages are taken out and whose answers no longer count.

    Raises UserError DENIED when the turn is not of this chat, or something was said after it.
    """
    end = int(_one(db, "SELECT coalesce(max(position) + 1, 0) FROM messages WHERE conversation_id = ?", [chat]))
    if turn_id is None:
        return end
    place = _one(db, "SELECT position FROM turns WHERE id = ? AND conversation_id = ?", [turn_id, chat])
    later = _one(
        db, "SELECT count(*) FROM messages WHERE conversation_id = ? AND position > ? + 1", [chat, place or 0]
    ) or _one(
        db,
        "SELECT count(*) FROM messages WHERE conversation_id = ? AND position = ? + 1 AND role = 'customer'",
        [chat, place or 0],
    )
    if place is None or later:
        raise UserError("Only the last question of a conversation can be answered again.\nAsk it anew.", "DENIED")
    db.execute("DELETE FROM messages WHERE conversation_id = ? AND position >= ?", [chat, place])
    db.execute("UPDATE turns SET shown = 0 WHERE conversation_id = ? AND position = ?", [chat, place])
    # nobody needs to be called for a question that is answered anew
    known = find_open(db, chat)
    if known and known[1] in ("proposed", "waiting") and _one(db, _OF_PLACE, [known[0], place]):
        withdraw(db, known[0], "customer", "the question was answered anew")
    return int(place)


def title_of(question: str) -> str:
    """What a conversation is called until a person gives it another title."""
    return shorten(question, 80) or "(picture)"


def entitled(db: Any, chat: int, place: int, question: str) -> None:
    """Let the title follow the first question when that is asked in other words (inside a write); a title that a
    person gave stays."""
    if place:
        return
    asked = db.execute("SELECT question FROM turns WHERE conversation_id = ? AND position = ?", [chat, place])
    titles = {title_of(row[0]) for row in asked.fetchall()}
    if _one(db, "SELECT subject FROM conversations WHERE id = ?", [chat]) in titles:
        db.execute("UPDATE conversations SET subject = ? WHERE id = ?", [title_of(question), chat])


_OF_PLACE = "SELECT 1 FROM handovers h JOIN turns t ON t.id = h.turn_id WHERE h.id = ? AND t.position = ?"


def _one(db: Any, sql: str, values: list[Any]) -> Any:
    """The first value of the first row; None when there is no row."""
    row = db.execute(sql, values).fetchone()
    return row[0] if row else None
