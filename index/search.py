"""Finding: what the words mean, what they are, the codes they carry and what stands on the picture, fused."""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from index.build import Shelf
from index.codes import find_codes
from index.embed import Embedder
from index.fulltext import WAYS, count_word, rank_by_words, word_way
from index.fuse import Fused, Row, fuse
from index.hits import Hit
from index.store import Store
from index.words import content_words, is_vague, stem

CANDIDATES = 200
WEIGHTS = {"dense": 1.0, "words": 2.0, "codes": 1.0, "screen": 1.0, "seen": 1.0, "screen_words": 1.0}
COMMON_SHARE = 0.2
MOST_WORDS = 24
MOST_COUNTED = 200
LEAST_WEIGHT = 0.05
QUESTION_CHARACTERS = 4000
FAMILIES = ("E", "ERR")
MOST_IDS = 30
OWN_ID = 3.0  # in codes shared: a source that is named stands before those that mention it
Bearing = Callable[[np.ndarray], np.ndarray]  # a unit vector in, one out
_ID = re.compile(r"(?<![\w-])(?=[\w.-]*[\d-])\w[\w.-]{0,63}(?<![.-])")
_NUMBERED = re.compile(
    r"\b(?:ticket|case|chat|conversation|article|no\.?|number)\s*#?(\d{1,18})\b|(?<!\w)#(\d{1,18})\b", re.I
)
_ID_WORDS = frozenset("ticket tickets case chat conversation article number show open find past".split())


@dataclass(frozen=True)
class Query:
    """What is looked for: the question (with what was said before, where it matters) and the words on the
    pictures that came with it."""

    text: str
    screens: tuple[str, ...] = ()


class Searcher:
    """Hybrid search over one workspace. Safe from several threads; follows changes of the store.

    `bearing` makes, of the sentence vector of the words on a picture, the vector of what such a picture is asked about;
    it was learned, see finetune.fused. Without it pictures are looked for by their words as they are.
    """

    def __init__(
        self,
        store: Store,
        workspace: str,
        embedder: Embedder,
        load_shelf: Callable[[], Shelf],
        bearing: Bearing | None = None,
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._embedder = embedder
        self._load_shelf = load_shelf
        self._bearing = bearing
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._total = 0
        self._way = WAYS[0]
        self._mark = -1
        self.shelf = self._fresh_shelf()

    def search(self, query: Query, top: int = 5) -> list[Hit]:
        """The `top` sources that speak to the query, best first, each with its best passage; [] when none do."""
        self._fresh_shelf()
        lists = self._lists(query)
        rows = self._rows({passage for ranked in lists.values() for passage, _ in ranked})
        weights = {**WEIGHTS, "words": self._word_weight(query.text, lists.get("words", []))}
        fused = fuse(lists, rows, weights)
        best = sorted(fused.items(), key=lambda item: (-item[1].score, item[0]))[: max(0, top)]
        return self._hits(best)

    def _fresh_shelf(self) -> Shelf:
        """The index, loaded again when the store has changed since."""
        with self._lock:
            mark = self._store.mark(self._workspace)
            if mark != self._mark:
                self.shelf = self._load_shelf()
                self._way = word_way(self._store, self._workspace)
                self._counts.clear()
                self._total = 0
                self._mark = mark
            return self.shelf

    def _lists(self, query: Query) -> dict[str, list[tuple[int, float]]]:
        """Ranked (passage id, score) lists by source of evidence; empty ones left out."""
        text = query.text[:QUESTION_CHARACTERS]
        screen = "\n".join(query.screens)[:QUESTION_CHARACTERS]
        if is_vague(text, query.screens):
            text = ""  # the picture is the question
        named = self._named(text)
        if named and not _matter_beside_ids(text):
            return {"codes": named}
        lists = {
            "dense": self._dense(text),
            "words": self._words(content_words(text)),
            "codes": _summed(self._codes([*find_codes(text), *find_codes(screen)]), named),
            "screen": self._dense(screen),
            "seen": self._dense(screen, self._bearing) if self._bearing else [],
            "screen_words": self._words(content_words(screen)),
        }
        return {name: ranked for name, ranked in lists.items() if ranked}

    def _dense(self, text: str, bearing: Bearing | None = None) -> list[tuple[int, float]]:
        """By meaning: cosine of the embeddings."""
        if not text.strip() or not len(self.shelf.index):
            return []
        vector = self._embedder.embed_query(text)
        return self.shelf.index.search((bearing(vector) if bearing else vector)[None, :], CANDIDATES)[0]

    def _words(self, words: Sequence[str]) -> list[tuple[int, float]]:
        """By the words themselves: BM25 over the rarer ones, as a share of the best."""
        rare = self._rarest(words)
        if not rare:
            return []
        return rank_by_words(self._store, self._workspace, rare, self._way, CANDIDATES)

    def _word_weight(self, text: str, ranked: Sequence[tuple[int, float]]) -> float:
        """How much the words count: a lot when the best passage by words holds most of what was asked, rare words
        counting more; next to nothing when the customer used other words than the shelf."""
        words = [word for word in content_words(text[:QUESTION_CHARACTERS])[:MOST_COUNTED] if len(word) > 2]
        if not ranked or not words:
            return WEIGHTS["words"]
        weights = {word: math.log((self._all() + 1) / (self._count(word) + 0.5)) for word in words}
        rows = self._store.rows("SELECT title, text FROM passages WHERE id = ?", [ranked[0][0]])
        held = {stem(word) for row in rows for word in content_words(f"{row['title']} {row['text']}")}
        share = sum(weight for word, weight in weights.items() if stem(word) in held) / sum(weights.values())
        return max(LEAST_WEIGHT, WEIGHTS["words"] * share**2)

    def _all(self) -> int:
        """How many passages there are in all workspaces, as the counts are: the full-text index knows no workspace."""
        if not self._total:
            self._total = max(1, int(self._store.rows("SELECT count(*) AS n FROM passages")[0]["n"]))
        return self._total

    def _rarest(self, words: Sequence[str]) -> list[str]:
        """The words that tell passages apart: known here, in at most a fifth of the passages, rarest first."""
        counted = [(self._count(word), word) for word in words[:MOST_COUNTED]]
        known = [(count, word) for count, word in counted if 0 < count <= max(3, COMMON_SHARE * self._all())]
        return [word for _, word in sorted(known)[:MOST_WORDS]]

    def _count(self, word: str) -> int:
        """In how many passages a word stands (remembered until the store changes)."""
        if word not in self._counts:
            count = count_word(self._store, word, self._way)
            self._counts[word] = count
            return count
        return self._counts.get(word, 0)

    def _codes(self, codes: Iterable[str]) -> list[tuple[int, float]]:
        """Passages that carry the same error codes or ids; "error 23" may be written E-23."""
        asked = list(dict.fromkeys(codes))[:20]
        wanted = list(
            dict.fromkeys([*asked, *(f"{head}{code}" for code in asked if code.isdigit() for head in FAMILIES)])
        )
        if not wanted:
            return []
        marks = ",".join("?" * len(wanted))
        rows = self._store.rows(
            f"SELECT c.passage_id AS id, count(*) AS n FROM codes c JOIN passages p ON p.id = c.passage_id"
            f" WHERE c.code IN ({marks}) AND p.workspace = ? GROUP BY c.passage_id ORDER BY n DESC, id LIMIT 2000",
            [*wanted, self._workspace],
        )
        return [(row["id"], float(row["n"])) for row in rows]

    def _named(self, text: str) -> list[tuple[int, float]]:
        """The passages of the sources named by their own id, in upper or lower case, with or without a hyphen."""
        ids = json.dumps(_spelled_ids(text))
        if ids == "[]":
            return []
        rows = self._store.rows(
            "SELECT p.id FROM conversations s JOIN passages p ON p.conversation_id = s.id"
            " WHERE s.workspace = ? AND s.source_id IN (SELECT value FROM json_each(?)) UNION ALL"
            " SELECT p.id FROM articles s JOIN passages p ON p.article_id = s.id"
            " WHERE s.workspace = ? AND s.source_id IN (SELECT value FROM json_each(?)) ORDER BY 1 LIMIT 2000",
            [self._workspace, ids, self._workspace, ids],
        )
        return [(row["id"], OWN_ID) for row in rows]

    def _rows(self, ids: set[int]) -> dict[int, Row]:
        rows: dict[int, Row] = {}
        listed = sorted(ids)
        for start in range(0, len(listed), 900):
            batch = listed[start : start + 900]
            marks = ",".join("?" * len(batch))
            for row in self._store.rows(
                f"SELECT id, conversation_id, article_id FROM passages WHERE id IN ({marks}) AND workspace = ?",
                [*batch, self._workspace],
            ):
                owner = ("ticket", row["conversation_id"]) if row["conversation_id"] else ("article", row["article_id"])
                rows[row["id"]] = Row(row["id"], owner)
        return rows

    def _hits(self, best: Sequence[tuple[tuple[str, int], Fused]]) -> list[Hit]:
        hits = []
        for (kind, _), fused in best:
            found = self._store.rows(
                "SELECT p.*, coalesce(c.source_id, a.source_id) AS source_id, c.outcome, c.opened_at"
                " FROM passages p LEFT JOIN conversations c ON c.id = p.conversation_id"
                " LEFT JOIN articles a ON a.id = p.article_id WHERE p.id = ?",
                [fused.passage_id],
            )
            if not found:  # forgotten or replaced since it was found
                continue
            row = found[0]
            hits.append(
                Hit(
                    row["id"],
                    row["source_id"],
                    "ticket" if kind == "ticket" else "article",
                    row["kind"],
                    row["title"],
                    row["text"],
                    (row["first_line"], row["last_line"]),
                    fused.score,
                    fused.scores,
                    row["outcome"],
                    row["opened_at"],
                )
            )
        return hits


def _spelled_ids(text: str) -> list[str]:
    """What in a text could be the id of a source, in the ways ids are written; a bare number only after "ticket"."""
    found = [match for match in _ID.findall(text) if not match.isdigit()]
    found += ["".join(groups) for groups in _NUMBERED.findall(text)]
    for code in find_codes(text):
        parts = re.fullmatch(r"([A-Z]+)(\d+)", code)
        if parts:
            found += [mark.join(parts.groups()) for mark in ("-", "", "_", " ")]
    spelled = [way for each in found[:MOST_IDS] for way in (each, each.upper(), each.lower())]
    return list(dict.fromkeys(spelled))


def _matter_beside_ids(text: str) -> list[str]:
    """The words of a text that are not an id nor a word for one."""
    return [word for word in content_words(_NUMBERED.sub(" ", _ID.sub(" ", text))) if word not in _ID_WORDS]


def _summed(*lists: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Lists of (passage, score) as one, best first."""
    scores: dict[int, float] = {}
    for ranked in lists:
        for passage, score in ranked:
            scores[passage] = scores.get(passage, 0.0) + score
    return sorted(scores.items(), key=lambda each: (-each[1], each[0]))
