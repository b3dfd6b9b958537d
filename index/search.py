"""Finding: what the words mean, what they are, the codes they carry and what stands on the picture, fused."""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.build import Shelf
from index.cases import cases_of, told
from index.codes import find_codes
from index.embed import Embedder
from index.fulltext import WAYS, count_word, rank_by_words, word_way
from index.fuse import Row, fuse
from index.hits import Hit
from index.pieces import pieces_of
from index.rerank import NAMES, RERANKED, SHIPPED, Candidate, Look, Reranker, features, look_for
from index.shortlist import Entry, read_shortlist
from index.store import Store
from index.why import reasons
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
AROUND = 5
OWN_ID = 3.0  # in codes shared: a source that is named stands before those that mention it
Bearing = Callable[[np.ndarray], np.ndarray]  # a unit vector in, one out
_ID = re.compile(r"(?<![\w-])(?=[\w.-]*[\d-])\w[\w.-]{0,63}(?<![.-])")
_NUMBERED = re.compile(
    r"\b(?:ticket|case|chat|conversation|article|no\.?|number)\s*#?(\d{1,18})\b|(?<!\w)#(\d{1,18})\b", re.I
)
_ID_WORDS = frozenset("ticket tickets case chat conversation article number show open find past".split())


@dataclass(frozen=True)
class Query:
    """What is looked for: the question (with what was said before, where it matters), the words on the pictures that
    came with it, and the ids of sources that are not to be found."""

    text: str
    screens: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()


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
        reranker: Reranker | None = SHIPPED,
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._embedder = embedder
        self._load_shelf = load_shelf
        self._bearing = bearing
        self._reranker = reranker
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._total = 0
        self._way = WAYS[0]
        self._mark = -1
        self.shelf = self._fresh_shelf()

    def search(self, query: Query, top: int = 5) -> list[Hit]:
        """The `top` sources that speak to the query, best first, each with its best passage; [] when none do."""
        entries, rows = self._fused(query)
        return self._hits(self._closer(query, entries, rows)[: max(0, top)])

    def nearest(self, text: str) -> float:
        """The cosine of the passage nearest in meaning; 0.0 where there is none."""
        self._fresh_shelf()
        return max((cosine for _, cosine in self._dense(text[:QUESTION_CHARACTERS])[:1]), default=0.0)

    def rankings(self, query: Query) -> dict[str, list[str]]:
        """For measuring: the ids of the sources by each list alone ("dense", "words" ...), by all of them ("lists"),
        and as they are found ("found")."""
        entries, rows = self._fused(query)
        ranked = {"lists": [source for source, _ in entries]}
        for name in {name for _, entry in entries for name in entry.scores}:
            listed = [each for each in entries if name in each[1].scores]
            ranked[name] = [source for source, entry in sorted(listed, key=lambda each: -each[1].scores[name])]
        ranked["found"] = [source for source, _ in self._closer(query, entries, rows)]
        ids = self._ids([source for source, _ in entries])
        return {name: [ids[source] for source in sources if source in ids] for name, sources in ranked.items()}

    def _ids(self, sources: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """The ids of sources, by their rows."""
        found: dict[tuple[str, int], str] = {}
        for kind, table in (("ticket", "conversations"), ("article", "articles")):
            places = json.dumps([place for each, place in sources if each == kind])
            sql = f"SELECT id, source_id FROM {table} WHERE id IN (SELECT value FROM json_each(?))"
            found |= {(kind, row["id"]): row["source_id"] for row in self._store.rows(sql, [places])}
        return found

    def _fused(self, query: Query) -> tuple[list[Entry], dict[int, Row]]:
        """Every source that any list found, best first by all lists, and the passages they were found by."""
        self._fresh_shelf()
        lists = self._lists(query)
        rows = self._rows({passage for ranked in lists.values() for passage, _ in ranked})
        rows = self._left(rows, query.without)
        weights = {**WEIGHTS, "words": self._word_weight(query.text, lists.get("words", []))}
        fused = fuse(lists, rows, weights)
        return sorted(fused.items(), key=lambda item: (-item[1].score, item[0])), rows

    def shortlist(self, query: Query) -> tuple[list[str], list[str], np.ndarray]:
        """For learning: the ids and kinds of what is looked at again, and the features (sources, NAMES) of each, the
        mean over the question and the picture."""
        entries, rows = self._fused(query)
        looks, head = self._looks(query), entries[:RERANKED]
        ids = self._ids([source for source, _ in head])
        head = [each for each in head if each[0] in ids]
        if not looks or not head:
            return [], [], np.empty((0, len(NAMES)))
        found = self._features(looks, self._read(looks, head, rows))
        return [ids[source] for source, _ in head], [source[0] for source, _ in head], found

    def _read(self, looks: Sequence[Look], head: Sequence[Entry], rows: Mapping[int, Row]) -> list[Candidate]:
        return read_shortlist(self._store, self._embedder.identity, head, rows, looks[0].vector)

    def _features(self, looks: Sequence[Look], read: Sequence[Candidate]) -> np.ndarray:
        pieces = pieces_of(self._embedder)
        found: np.ndarray = np.mean([features(look, read, pieces) for look in looks], axis=0)
        return found

    def _closer(self, query: Query, entries: list[Entry], rows: Mapping[int, Row]) -> list[Entry]:
        """The first ones looked at again, near-identical tickets as one case, and the rest behind them."""
        looks = self._looks(query)
        if self._reranker is None or not looks or not entries:
            return entries
        around = _around(entries)
        head, tail = entries[:RERANKED], entries[RERANKED:]
        read = self._read(looks, head, rows)
        sums = self._reranker.sums([each.kind for each in read], self._features(looks, read))
        order = sorted(range(len(head)), key=lambda at: (-sums[at], at))
        found = [read[at] for at in order]
        shares = self._reranker.shares(sums[order])
        again = []
        for case in cases_of(found):
            source, entry = head[order[case.lead]]
            entry.scores["lists"], entry.score = entry.score, float(shares[min([case.lead, *case.others])])
            entry.scores["around"] = around
            entry.why = reasons(looks[0], query.screens, found[case.lead], entry.scores)
            entry.why += tuple(filter(None, [told(case, found)]))
            entry.similar = [head[order[at]][0] for at in case.others]
            again.append((source, entry))
        least = again[-1][1].score
        for _, entry in tail:
            entry.scores["lists"], entry.score = entry.score, least * entry.score
        return again + tail

    def _looks(self, query: Query) -> list[Look]:
        """What is looked for: the question, unless it says nothing beside its picture, and the words on the picture."""
        text, screen = query.text[:QUESTION_CHARACTERS], "\n".join(query.screens)[:QUESTION_CHARACTERS]
        text = "" if is_vague(text, query.screens) else text
        if text and self._named(text) and not _matter_beside_ids(text):
            return []
        looks = []
        for each in filter(str.strip, (text, screen)):
            rarity = {word: self._rarity(word) for word in content_words(each)[:MOST_COUNTED]}
            looks.append(look_for(each, rarity, self._embedder.embed_query(each)))
        return looks

    def _rarity(self, word: str) -> float:
        return math.log((self._all() + 1) / (self._count(word) + 0.5))

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
        weights = {word: self._rarity(word) for word in words}
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

    def _left(self, rows: dict[int, Row], without: frozenset[str]) -> dict[int, Row]:
        """The passages of all sources but those left out."""
        if not without:
            return rows
        named = json.dumps(sorted(without))
        found = self._store.rows(
            "SELECT 'ticket' AS kind, id FROM conversations WHERE workspace = ? AND source_id IN"
            " (SELECT value FROM json_each(?)) UNION ALL SELECT 'article', id FROM articles WHERE workspace = ?"
            " AND source_id IN (SELECT value FROM json_each(?))",
            [self._workspace, named, self._workspace, named],
        )
        gone = {(row["kind"], row["id"]) for row in found}
        return {passage: row for passage, row in rows.items() if row.source not in gone}

    def _hits(self, best: Sequence[Entry]) -> list[Hit]:
        """The hits of entries, in one read; what was forgotten or replaced since it was found is left out."""
        tickets = [row for _, entry in best for kind, row in entry.similar if kind == "ticket"]
        read = self._store.rows(
            "SELECT p.*, coalesce(c.source_id, a.source_id) AS source_id, c.outcome, c.opened_at"
            " FROM passages p LEFT JOIN conversations c ON c.id = p.conversation_id"
            " LEFT JOIN articles a ON a.id = p.article_id WHERE p.id IN (SELECT value FROM json_each(?))",
            [json.dumps([entry.passage_id for _, entry in best])],
        )
        named = self._store.rows(
            "SELECT id, source_id FROM conversations WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(tickets)],
        )
        rows = {row["id"]: row for row in read}
        names = {row["id"]: row["source_id"] for row in named}
        return [
            Hit(
                row["id"],
                row["source_id"],
                "ticket" if row["conversation_id"] else "article",
                row["kind"],
                row["title"],
                row["text"],
                (row["first_line"], row["last_line"]),
                entry.score,
                entry.scores,
                row["outcome"],
                row["opened_at"],
                entry.why,
                tuple(names[place] for _, place in entry.similar if place in names),
            )
            for _, entry in best
            if (row := rows.get(entry.passage_id))
        ]


def _around(entries: Sequence[Entry]) -> float:
    """The mean cosine of the five sources nearest in meaning, to the question or its picture: what the shelf has on
    the matter, whatever the order. Fewer than five are taken as they are."""
    cosines = sorted((max(e.scores.get("dense", 0.0), e.scores.get("screen", 0.0)) for _, e in entries), reverse=True)
    return sum(cosines[:AROUND]) / max(1, min(AROUND, len(cosines)))


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
