"""The first sources of a ranking, read whole for a closer look: their passages, vectors, and how they ended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

from index.fuse import Fused, Row
from index.rerank import Candidate, Shown
from index.store import Store

MOST_PASSAGES = 6  # of one source: a long article speaks by its best sections

Entry = tuple[tuple[str, int], Fused]


def read_shortlist(
    store: Store, embedder: str, entries: Sequence[Entry], rows: Mapping[int, Row], query: np.ndarray | None
) -> list[Candidate]:
    """A candidate for each entry, its passages best first by `query`. Of a ticket every passage counts, whether a list
    found it or not; of an article those that were found. One read, however many there are."""
    wanted = {source for source, _ in entries}
    found = [passage for passage, row in rows.items() if row.source in wanted and row.source[0] == "article"]
    found += [entry.passage_id for _, entry in entries]
    tickets = [place for kind, place in wanted if kind == "ticket"]
    read = store.rows(
        "SELECT p.id, p.conversation_id, p.article_id, p.kind, p.title, p.text, e.vector, c.outcome, c.opened_at"
        " FROM passages p LEFT JOIN embeddings e ON e.text_hash = p.text_hash AND e.embedder = ?"
        " LEFT JOIN conversations c ON c.id = p.conversation_id WHERE p.id IN (SELECT value FROM json_each(?)"
        " UNION SELECT id FROM passages WHERE conversation_id IN (SELECT value FROM json_each(?))) ORDER BY p.id",
        [embedder, json.dumps(found), json.dumps(tickets)],
    )
    shown: dict[tuple[str, int], list[Shown]] = {}
    ended: dict[tuple[str, int], tuple[str | None, str | None]] = {}
    for row in read:
        owner = ("ticket", row["conversation_id"]) if row["conversation_id"] else ("article", row["article_id"])
        each = Shown(row["title"], row["text"], _vector(row["vector"]), row["kind"])
        shown.setdefault(owner, []).append(each)
        ended[owner] = (row["outcome"], row["opened_at"])
    return [
        Candidate(
            source[0],
            _best_first(shown.get(source, []), query),
            entry.scores.get("codes", 0.0),
            *ended.get(source, (None, None)),
        )
        for source, entry in entries
    ]


def _vector(stored: bytes | None) -> np.ndarray | None:
    return None if stored is None else np.frombuffer(stored, np.float16).astype(np.float32)


def _best_first(shown: Sequence[Shown], query: np.ndarray | None) -> list[Shown]:
    def nearness(each: Shown) -> float:
        return -float(each.vector @ query) if each.vector is not None and query is not None else 1.0

    return sorted(shown, key=nearness)[:MOST_PASSAGES]
