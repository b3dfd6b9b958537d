"""Earlier conversations, found as one types: words over a full-text index, and filters like `rating:bad`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agent.records import ConversationSummary
from index.clean import clean
from index.errors import UserError
from index.passages import shorten
from index.store import Store

MOST_WORDS = 8
SNIPPET = 90
_WORD = re.compile(r"[^\W_]+")
_FILTER = re.compile(r"(\w+):(\S*)")
_DAYS = re.compile(r"(\d{1,4})([dwmy])")
_DAYS_IN = {"d": 1, "w": 7, "m": 30, "y": 365}
_WAITING = "EXISTS (SELECT 1 FROM handovers h WHERE h.conversation_id = c.id AND h.state IN ('waiting', 'claimed'))"
_PICTURED = "EXISTS (SELECT 1 FROM messages p WHERE p.conversation_id = c.id AND p.pictures <> '[]')"
_TURN = "c.id IN (SELECT t.conversation_id FROM turns t {} WHERE 1{})"
_RATED = _TURN.format("JOIN ratings r ON r.turn_id = t.id", " AND r.value = ?")
_SIGN = (
    "(c.subject LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM messages s WHERE s.conversation_id = c.id"
    " AND s.text LIKE ? ESCAPE '\\'))"
)
# as `status:` names them
_STATUS = (
    f"CASE WHEN c.origin = 'import' THEN coalesce(c.outcome, '') WHEN c.trust = 'approved' THEN 'approved'"
    f" WHEN {_WAITING} THEN 'waiting' ELSE 'open' END"
)
_SUMMARY = (
    f"c.source_id AS id, c.subject AS title, c.updated_at, c.origin, {_STATUS} AS status,"
    " (SELECT count(*) FROM turns t WHERE t.conversation_id = c.id AND t.shown) AS turns,"
    " (SELECT r.value FROM turns t JOIN ratings r ON r.turn_id = t.id WHERE t.conversation_id = c.id"
    f" ORDER BY t.id DESC LIMIT 1) AS rating, {_PICTURED} AS pictures"
)


@dataclass
class Wanted:
    """What was typed into the search: words, and conditions in SQL with their values. `trouble` is a filter that
    cannot be understood, and what it could be."""

    words: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    trouble: str = ""

    def add(self, condition: str, *values: Any) -> None:
        """One more condition that must hold."""
        self.conditions.append(condition)
        self.values += values


def understand(typed: str, today: date | None = None) -> Wanted:
    """Words and filters of a search. What only looks like a filter (`E:12`) counts as words; one that is still being
    typed (`rating:`) counts for nothing yet."""
    wanted = Wanted()
    origin = "chats"
    for part in typed.split():
        match = _FILTER.fullmatch(part)
        name = match[1].lower() if match else ""
        if not match or (name not in _FILTERS and name != "in"):
            words = [word.lower() for word in _WORD.findall(part)]
            wanted.words += words
            if not words:  # nothing but signs: no full-text index knows them
                wanted.add(_SIGN, _like(part), _like(part))
        elif not match[2]:
            continue
        elif name == "in":
            origin = match[2].lower()
            if origin not in ("chats", "tickets", "all"):
                wanted.trouble = "in: takes chats, tickets or all."
        else:
            _FILTERS[name](wanted, match[2], today or datetime.now(UTC).date())
    if origin != "all":
        wanted.add("c.origin = ?", "import" if origin == "tickets" else "chat")
    wanted.words = wanted.words[:MOST_WORDS]
    return wanted


def _by_status(wanted: Wanted, value: str, _: date) -> None:
    known = ("open", "waiting", "approved", "resolved", "unresolved", "reopened", "abandoned")
    fit = [name for name in known if name.startswith(value.lower())]
    if not fit:
        wanted.trouble = f"status: takes {', '.join(known)}."
    wanted.add(f"{_STATUS} IN ({', '.join('?' * len(fit))})", *fit)


def _by_rating(wanted: Wanted, value: str, _: date) -> None:
    value = value.lower()
    if value == "none":
        wanted.add(f"NOT {_TURN.format('JOIN ratings r ON r.turn_id = t.id', '')}")
    elif fit := [name for name in ("good", "bad") if name.startswith(value)]:
        wanted.add(_RATED, fit[0])
    else:
        wanted.trouble = "rating: takes good, bad or none."


def _by_image(wanted: Wanted, value: str, _: date) -> None:
    if value.lower() not in ("yes", "no", "y", "n"):
        wanted.trouble = "image: takes yes or no."
    wanted.add(_PICTURED if value.lower().startswith("y") else f"NOT {_PICTURED}")


def _by_customer(wanted: Wanted, value: str, _: date) -> None:
    wanted.add("c.customer_id = ? COLLATE NOCASE", value)


def _by_having(wanted: Wanted, value: str, today: date) -> None:
    kinds = {
        "handover": "EXISTS (SELECT 1 FROM handovers h WHERE h.conversation_id = c.id)",
        "correction": _TURN.format("JOIN corrections k ON k.turn_id = t.id", ""),
        "image": _PICTURED,
        "rating": _TURN.format("JOIN ratings r ON r.turn_id = t.id", ""),
    }
    fit = [name for name in kinds if name.startswith(value.lower())]
    if fit:
        wanted.add(kinds[fit[0]])
    else:
        wanted.trouble = f"has: takes {', '.join(kinds)}."


def _since(wanted: Wanted, value: str, today: date) -> None:
    value = value.lower()
    match = _DAYS.fullmatch(value)
    try:
        if value in ("today", "yesterday"):
            day = today - timedelta(days=value == "yesterday")
        elif match:
            day = today - timedelta(days=int(match[1]) * _DAYS_IN[match[2]])
        else:
            day = date.fromisoformat(value)
    except (ValueError, OverflowError):
        wanted.trouble = "since: takes a day (2026-03-01), 7d, 2w, today or yesterday."
        return
    wanted.add("c.updated_at >= ?", day.isoformat())


_FILTERS: dict[str, Callable[[Wanted, str, date], None]] = {
    "status": _by_status,
    "rating": _by_rating,
    "image": _by_image,
    "customer": _by_customer,
    "has": _by_having,
    "since": _since,
}
FILTERS = ("status:", "rating:", "image:", "customer:", "has:", "since:", "in:")


def search(store: Store, workspace: str, typed: str, limit: int = 50) -> list[ConversationSummary]:
    """The conversations that hold every word (its beginning is enough) and fit every filter, newest first.

    Raises UserError CONFIG for a filter that cannot be understood.
    """
    wanted = understand(typed)
    if wanted.trouble:
        raise UserError(f"{wanted.trouble}", "CONFIG")
    where = " AND ".join(["c.workspace = ?", *wanted.conditions])
    values = [workspace, *wanted.values]
    order = "ORDER BY c.updated_at DESC, c.id DESC LIMIT ?"
    if not wanted.words:
        rows = store.rows(
            f"SELECT {_SUMMARY}, '' AS snippet FROM conversations c WHERE {where} {order}", [*values, limit]
        )
        return [_summary(row) for row in rows]
    if len(wanted.conditions) > 1:  # filters are asked once for each conversation, not for each message
        fit = store.rows(f"SELECT c.id FROM conversations c WHERE {where}", values)
        if not fit:
            return []
        where, values = "c.id IN (SELECT value FROM json_each(?))", [str([row["id"] for row in fit])]
    chosen = _holding(store, wanted.words, where, values, limit)
    rows = store.rows(
        f"SELECT {_SUMMARY}, coalesce((SELECT m.text FROM messages m WHERE m.id = j.value), '') AS snippet"
        f" FROM json_each(?) j JOIN conversations c ON c.id = j.key {order}",
        ["{" + ", ".join(f'"{row}": {message or "null"}' for row, message in chosen.items()) + "}", limit],
    )
    return [_summary(row, wanted.words) for row in rows]


def _holding(store: Store, words: list[str], where: str, values: list[Any], limit: int) -> dict[int, int]:
    """(row of a conversation -> a message to show, 0: the title) for conversations that hold every word, in their
    title or in what was said; the newest first, `limit` of each kind at the most."""
    found: dict[int, int] = {}
    together = " ".join(f'"{word}"*' for word in words)
    sql = (
        "SELECT f.rowid AS message, m.conversation_id AS chat FROM messages_fts f JOIN messages m ON m.id = f.rowid"
        f" JOIN conversations c ON c.id = m.conversation_id WHERE messages_fts MATCH ? AND {where}"
        " ORDER BY f.rowid DESC"
    )
    for row in store.db.query(sql, [together, *values]):  # stops as soon as there are enough
        found.setdefault(row["chat"], row["message"])
        if len(found) >= limit:
            break
    titled = " AND ".join(["c.subject LIKE ? ESCAPE '\\'"] * len(words))
    titles = store.rows(
        f"SELECT c.id FROM conversations c WHERE {where} AND {titled} ORDER BY c.updated_at DESC LIMIT ?",
        [*values, *(_like(word) for word in words), limit],
    )
    for row in titles:
        found.setdefault(row["id"], 0)
    if len(words) > 1 and len(found) < limit:
        found |= {chat: message for chat, message in _apart(store, words, where, values).items() if chat not in found}
    return found


def _apart(store: Store, words: list[str], where: str, values: list[Any]) -> dict[int, int]:
    """The same where the words stand in different messages of a conversation."""
    holding: dict[int, int] = {}
    for place, word in enumerate(sorted(words, key=len, reverse=True)):  # long words are the rare ones as a rule
        rows = store.db.execute(
            "SELECT m.conversation_id, max(f.rowid) FROM messages_fts f JOIN messages m ON m.id = f.rowid"
            " WHERE messages_fts MATCH ? GROUP BY m.conversation_id",
            [f'"{word}"*'],
        )
        here = dict(rows.fetchall())
        holding = here if not place else {chat: message for chat, message in holding.items() if chat in here}
        if not holding:
            return {}
    newest = sorted(holding, reverse=True)[:500]
    rows = store.rows(
        f"SELECT c.id FROM conversations c WHERE {where} AND c.id IN (SELECT value FROM json_each(?))",
        [*values, str(newest)],
    )
    return {row["id"]: holding[row["id"]] for row in rows}


def _like(word: str) -> str:
    return "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _summary(row: dict[str, Any], words: list[str] = []) -> ConversationSummary:  # noqa: B006
    text = around(row["snippet"], words) if row["snippet"] else ""
    return ConversationSummary(**{**row, "pictures": bool(row["pictures"]), "snippet": text})


def around(text: str, words: list[str]) -> str:
    """The part of a text that holds the first of the words, on one line."""
    line = " ".join(text.split())
    spots = [spot[0] for spot in matches(line, words)]
    start = max(0, min(spots, default=0) - SNIPPET // 3)
    return ("…" if start else "") + shorten(line[start:].lstrip(), SNIPPET)


def matches(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Where words begin in a text as typed, as the search counts them: (start, end) of the typed part."""
    if not words:
        return []
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return [match.span() for match in re.finditer(rf"\b(?:{pattern})", text, re.I)]


def rename(store: Store, workspace: str, conversation_id: str, title: str) -> None:
    """Give a conversation another title. Raises UserError EMPTY without one, DENIED for an unknown conversation."""
    title = shorten(clean(title), 120)
    if not title.strip():
        raise UserError("A title needs words.\nType one: /rename TITLE", "EMPTY")
    with store.write() as db:
        cursor = db.execute(
            "UPDATE conversations SET subject = ? WHERE workspace = ? AND source_id = ? AND origin = 'chat'",
            [title, workspace, conversation_id],
        )
        if not cursor.rowcount:
            raise UserError(f"There is no chat {conversation_id} here to rename.\nOpen one: /open", "DENIED")
