"""From the sources found to the few passages a reply may rest on, and how well they fit the question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from index.codes import find_codes
from index.embed import Embedder
from index.hits import Hit
from index.store import Store
from index.words import content_words, stem


@dataclass(frozen=True)
class Evidence:
    """A passage a reply may cite. `text` is what it says, `fit` the cosine of question and passage."""

    source_id: str
    source_kind: str
    passage_id: int
    kind: str
    title: str
    text: str
    lines: tuple[int, int]
    fit: float
    outcome: str | None = None


@dataclass(frozen=True)
class Signals:
    """How well the best source fits the question, as numbers a decision can weigh (all 0..1 but `dense`).

    `dense`: best cosine; `covered`: share of the question's meaning words that stand in the best source, rare
    ones counting more; `agreeing`: mean cosine of the five best sources; `code`: 1 when a code of the question
    stands in the source, 0 when it has one that does not, 0.5 when it has none.
    """

    dense: float
    covered: float
    agreeing: float
    code: float


class Library:
    """Reads passages and their stored vectors for the sources a search found."""

    def __init__(self, store: Store, workspace: str, embedder: Embedder) -> None:
        self._store = store
        self._workspace = workspace
        self._embedder = embedder

    def evidence(self, hit: Hit, question: str, screens: tuple[str, ...] = (), most: int = 2) -> list[Evidence]:
        """The passages of a source that can carry an answer, best first: a ticket's fix, an article's sections."""
        rows = self._passages(hit)
        kinds = ("resolution",) if hit.source_kind == "ticket" else ("section",)
        usable = [row for row in rows if row["kind"] in kinds]
        if not usable:
            return []
        query = self._embedder.embed_query("\n".join([question, *screens]) if not question.strip() else question)
        fits = [self._fit(row, query) for row in usable]
        if screens and question.strip():
            screen = self._embedder.embed_query("\n".join(screens))
            fits = [max(fit, 0.9 * self._fit(row, screen)) for row, fit in zip(usable, fits, strict=True)]
        ranked = sorted(zip(fits, usable, strict=True), key=lambda pair: (-pair[0], pair[1]["id"]))
        return [self._evidence(hit, row, fit) for fit, row in ranked[:most]]

    def signals(self, hits: list[Hit], question: str, screens: tuple[str, ...] = ()) -> Signals:
        """How well the first hit answers the question."""
        if not hits:
            return Signals(0.0, 0.0, 0.0, 0.5)
        dense = [max(hit.scores.get("dense", 0.0), hit.scores.get("screen", 0.0)) for hit in hits[:5]]
        text = " ".join(f"{row['title']} {row['text']}" for row in self._passages(hits[0]))
        asked = " ".join([question, *screens])
        return Signals(
            max(dense[0], 0.95 * max(dense)),
            self._covered(question, screens, text),
            sum(dense) / len(dense),
            _code_signal(asked, text),
        )

    def _covered(self, question: str, screens: tuple[str, ...], text: str) -> float:
        words = [word for word in content_words(question) if len(word) > 2] or content_words(" ".join(screens))
        if not words:
            return 0.5
        weights = [self._weight(word) for word in words]
        known = {stem(word) for word in content_words(text)}
        found = sum(weight for word, weight in zip(words, weights, strict=True) if stem(word) in known)
        return found / sum(weights)

    def _weight(self, word: str) -> float:
        """How much a word tells: its inverse document frequency, 1 for a word nobody here ever used."""
        total = self._store.rows("SELECT count(*) AS n FROM passages WHERE workspace = ?", [self._workspace])[0]["n"]
        sql = "SELECT count(*) AS n FROM passages_fts WHERE passages_fts MATCH ?"
        count = self._store.rows(sql, [f'"{word}"'])[0]["n"]
        return float(np.log((total + 1) / (count + 0.5)) / np.log(total + 2)) if total else 1.0

    def _passages(self, hit: Hit) -> list[dict[str, Any]]:
        return self._store.rows(
            "SELECT p.*, e.vector FROM passages p"
            " LEFT JOIN conversations c ON c.id = p.conversation_id LEFT JOIN articles a ON a.id = p.article_id"
            " LEFT JOIN embeddings e ON e.text_hash = p.text_hash AND e.embedder = ?"
            " WHERE p.workspace = ? AND coalesce(c.source_id, a.source_id) = ? AND (p.article_id IS NULL) = ?"
            " ORDER BY p.id",
            [self._embedder.identity, self._workspace, hit.source_id, hit.source_kind == "ticket"],
        )

    def _fit(self, row: dict[str, Any], query: np.ndarray) -> float:
        if row["vector"] is None:
            return 0.0
        return float(np.frombuffer(row["vector"], np.float16).astype(np.float32) @ query)

    def _evidence(self, hit: Hit, row: dict[str, Any], fit: float) -> Evidence:
        lines = (row["first_line"], row["last_line"])
        return Evidence(
            hit.source_id, hit.source_kind, row["id"], row["kind"], row["title"], row["text"], lines, fit, hit.outcome
        )


def _code_signal(asked: str, text: str) -> float:
    codes = set(find_codes(asked))
    if not codes:
        return 0.5
    return 1.0 if codes & set(find_codes(text)) else 0.0
