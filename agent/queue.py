"""The queue of hand-overs inside the store: promised by the desk, kept by a person."""

from __future__ import annotations

import json
from typing import Any

from index.store import Store


def waiting(store: Store, workspace: str, all_states: bool = False) -> list[dict[str, Any]]:
    """The hand-overs of a workspace, longest waiting first: id, state, conversation, question, reason, cited."""
    rows = store.rows(
        "SELECT h.id, h.state, h.created_at, h.reason, h.packet, c.source_id AS conversation"
        " FROM handovers h JOIN conversations c ON c.id = h.conversation_id"
        " WHERE c.workspace = ? AND (h.state <> 'closed' OR ?) ORDER BY h.id",
        [workspace, all_states],
    )
    return [{**{name: row[name] for name in row if name != "packet"}, **json.loads(row["packet"])} for row in rows]


def close(store: Store, workspace: str, number: int) -> bool:
    """Mark a hand-over as done; False when there is none open by that number."""
    with store.write() as db:
        cursor = db.execute(
            "UPDATE handovers SET state = 'closed' WHERE id = ? AND state <> 'closed'"
            " AND conversation_id IN (SELECT id FROM conversations WHERE workspace = ?)",
            [number, workspace],
        )
        return bool(cursor.rowcount)
