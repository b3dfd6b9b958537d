"""What a person's work gives the next version to learn from: each conversation with why it is in, waits or is out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from index.errors import UserError
from index.store import Store, now

Place = Literal["in", "waits", "out"]
MOST = 2_000  # of the newest conversations
BY_HAND = "kept out by hand"
VETOED = "its correction is kept out by hand"
WAITS = "approve the conversation to learn from it"


@dataclass(frozen=True)
class Lesson:
    """A conversation that a person approved, corrected, rated, or keeps out. `signs` are what was done with it
    ("approved", "corrected", "good", "bad"), `why` says why it is not learned from, `new` that the last run did not
    know it yet."""

    conversation: str
    title: str
    at: str
    signs: tuple[str, ...]
    place: Place
    why: str = ""
    new: bool = True

    @property
    def kept_out_by_hand(self) -> bool:
        """Whether a person keeps it out, and so may let it in again."""
        return self.why in (BY_HAND, VETOED)


_LESSONS = (
    "SELECT c.source_id AS conversation, c.subject AS title, c.updated_at AS at, c.trust, c.outcome, c.origin,"
    " k.conversation_id IS NOT NULL AS kept_out, coalesce(t.good, 0) AS good, coalesce(t.bad, 0) AS bad,"
    " coalesce(t.wrong, 0) AS wrong, coalesce(t.corrected, 0) AS corrected, coalesce(t.vetoed, 0) AS vetoed"
    " FROM conversations c LEFT JOIN kept_out k ON k.conversation_id = c.id"
    " LEFT JOIN (SELECT t.conversation_id, sum(r.value = 'good') AS good, sum(r.value = 'bad') AS bad,"
    "  sum(r.value = 'bad' AND x.turn_id IS NULL) AS wrong, sum(x.training = 1) AS corrected,"
    "  sum(x.training = 0) AS vetoed FROM turns t LEFT JOIN ratings r ON r.turn_id = t.id"
    "  LEFT JOIN corrections x ON x.turn_id = t.id WHERE t.shown GROUP BY t.conversation_id) t"
    "  ON t.conversation_id = c.id"
    " WHERE c.workspace = ? AND (c.origin = 'chat' OR kept_out)"
    "  AND (c.trust = 'approved' OR kept_out OR good OR bad OR corrected OR vetoed)"
    " ORDER BY c.updated_at DESC, c.id DESC LIMIT ?"
)


def lessons(store: Store, workspace: str, since: str = "") -> list[Lesson]:
    """The conversations people did something with, the newest first; `since` is when the last run gathered."""
    return [_lesson(row, since) for row in store.rows(_LESSONS, [workspace, MOST])]


def _lesson(row: dict[str, object], since: str) -> Lesson:
    approved = row["trust"] == "approved"
    names = (("approved", approved), ("corrected", row["corrected"] or row["vetoed"]), ("good", row["good"]))
    signs = tuple(name for name, there in (*names, ("bad", row["bad"])) if there)
    place, why = _place(row, approved)
    at = str(row["at"])
    return Lesson(str(row["conversation"]), str(row["title"]), at, signs, place, why, at > since)


def _place(row: dict[str, object], approved: bool) -> tuple[Place, str]:
    """Where it stands, as finetune/material.py takes it: pairs from what was approved, preferences from corrections."""
    if row["kept_out"]:
        return "out", BY_HAND
    if row["corrected"]:
        return "in", ""
    if row["vetoed"]:
        return "out", VETOED
    if row["wrong"]:
        return "out", "rated bad and not corrected"
    return ("in", "") if approved else ("waits", WAITS)


def keep_out(store: Store, workspace: str, conversation: str, out: bool) -> None:
    """Keep a conversation out of training, ticket or chat, or let it in again (with corrections that alone kept it
    out). Raises UserError DENIED for an unknown one."""
    with store.write() as db:
        sql = "SELECT id FROM conversations WHERE workspace = ? AND source_id = ?"
        found = db.execute(sql, [workspace, conversation]).fetchone()
        if not found:
            raise UserError(f"There is no conversation {conversation} here.\nSee: deskside search", "DENIED")
        if out:
            db.execute("INSERT OR IGNORE INTO kept_out VALUES (?, ?)", [found[0], now()])
        elif not db.execute("DELETE FROM kept_out WHERE conversation_id = ?", [found[0]]).rowcount:
            db.execute(
                "UPDATE corrections SET training = 1 WHERE turn_id IN (SELECT id FROM turns WHERE conversation_id = ?)",
                [found[0]],
            )


def kept_out(store: Store, workspace: str) -> dict[str, str]:
    """Conversations that nothing may learn from, by id, with why: themselves, or the words put into them."""
    rows = store.rows(
        "SELECT c.source_id, k.conversation_id IS NOT NULL AS itself FROM conversations c"
        " LEFT JOIN kept_out k ON k.conversation_id = c.id WHERE c.workspace = ? AND (itself OR c.id IN"
        " (SELECT t.conversation_id FROM corrections x JOIN turns t ON t.id = x.turn_id"
        " WHERE t.shown AND NOT x.training))",
        [workspace],
    )
    return {row["source_id"]: BY_HAND if row["itself"] else VETOED for row in rows}


def imported(store: Store, workspace: str, since: str = "") -> tuple[int, int]:
    """(solved tickets that were imported, how many of them since the last run) without those kept out."""
    row = store.rows(
        "SELECT count(*) AS n, coalesce(sum(updated_at > ?), 0) AS fresh FROM conversations WHERE workspace = ?"
        " AND origin = 'import' AND trust = 'imported' AND outcome = 'resolved'"
        " AND id NOT IN (SELECT conversation_id FROM kept_out)",
        [since, workspace],
    )[0]
    return int(row["n"]), int(row["fresh"])
