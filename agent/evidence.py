"""From the sources found to the few passages a reply may rest on, and how well they fit the question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agent.sentences import split_sentences
from index.answering import Judge
from index.codes import find_codes
from index.embed import Embedder
from index.hits import Hit
from index.store import Store
from index.words import is_vague

UNSOLVED = ("unresolved", "abandoned")
# What makes a passage the one to answer from, in cosines; settled on the demo shop's questions (see bench/shop.py).
SCREEN_SHARE = 0.9
SOURCE_WEIGHT = 0.6
AGREEMENT_WEIGHT = 0.5
SHAPE_WEIGHT = 0.1
LENGTH_WEIGHT = 0.1
SECOND_KIND_SHARE = 0.7
SECOND_CASE_SHARE = 0.85
SAME_TEXT = 0.97
LEAST_AGREEMENT = 0.45
MOST_TOGETHER = 1400
CODE_WEIGHT = 0.2
# A judge that reads question and passage together (index.answering) was taught on articles, and reads only those: so
# many of them. What its share lacks of the best one's (of a half at least) counts so much against a passage, and never
# for it against a past case; beside an article that it has read another one stands only from so large a share on.
READ_TOGETHER = 5
ANSWERS_WEIGHT = 0.5
ANSWERS_BESIDE = 0.5
LONGEST_SCREEN = 300  # characters of a picture's words beside a question

_ASKS_FIGURE = re.compile(
    r"\b(?:how (?:long|many|much|far|close|often|old|big|soon)|when|until|deadline|price|cost|days?|hours?)\b", re.I
)
_FIGURE = re.compile(r"\d|\b(?:one|two|three|four|five|six|ten|thirty)\b", re.I)
_ASKS_STEPS = re.compile(
    r"\b(?:where|which (?:menu|setting|button|page)|how (?:do|can|to|should|must)|what (?:do|can|should|now))\b", re.I
)
_STEPS = re.compile(r"\w\s*[>›→]\s*\w|\b(?:hold|press|tap|open|go to|click|select|choose)\b", re.I)


@dataclass(frozen=True)
class Evidence:
    """A passage a reply may cite. `text` is what is to be said of it, `whole` all of it where that is more; `fit` the
    cosine of question and passage; `answers` how likely it answers the question (0..1), None where nobody judged."""

    source_id: str
    source_kind: str
    passage_id: int
    kind: str
    title: str
    text: str
    lines: tuple[int, int]
    fit: float
    outcome: str | None = None
    whole: str = ""
    answers: float | None = None


@dataclass(frozen=True)
class Candidate:
    """A passage that might carry the answer: its unit vector, the search score of its source, and whether it speaks
    of a code that was asked about (1), only of others (-1), or of none (0)."""

    evidence: Evidence
    vector: np.ndarray
    source_score: float
    code: int = 0


@dataclass(frozen=True)
class Signals:
    """How well the sources found fit the question. `dense`: cosine of the best one; `agreeing`: mean cosine of the five
    nearest in meaning, wherever they rank;
    `code`: 1 when a code of the question stands in the best source, -1 when it names a code of a known
    family that nobody here has ever seen, 0 when it names none."""

    dense: float
    agreeing: float
    code: int


class Library:
    """Reads passages and their stored vectors for the sources a search found. `judge` tells of passages how likely each
    answers a question; None where there is no such judge."""

    def __init__(self, store: Store, workspace: str, embedder: Embedder, judge: Judge | None = None) -> None:
        self._store = store
        self._workspace = workspace
        self._embedder = embedder
        self._judge = judge

    @property
    def judges(self) -> bool:
        """Whether a judge reads the passages together with the question."""
        return self._judge is not None

    def evidence(self, hits: Sequence[Hit], question: str, screens: tuple[str, ...] = ()) -> tuple[Evidence, ...]:
        """At most three passages a reply may rest on, best first: fixes of past tickets, sections of articles.

        The best one fits the question, stands in a well-ranked source and agrees with what the other sources say;
        beside it a second opinion of the other kind and a further case, where they fit nearly as well. Tickets
        that ended unresolved or abandoned carry nothing.
        """
        found = [
            each for hit in hits if hit.outcome not in UNSOLVED for each in self._candidates(hit, question, screens)
        ]
        return choose(self._judged(found, question, screens), question)

    def _judged(self, found: list[Candidate], question: str, screens: tuple[str, ...]) -> list[Candidate]:
        """The candidates, the best articles among them with how likely each answers; as they were without a judge."""
        articles = [at for at, each in enumerate(found) if each.evidence.source_kind != "ticket"]
        if self._judge is None or not articles:
            return found
        scores = _scores(found, question)
        read = sorted(articles, key=lambda at: -scores[at])[:READ_TOGETHER]
        texts = [(found[at].evidence.title, found[at].evidence.text) for at in read]
        shares = np.max([self._judge(asked, texts) for asked in _asked(question, screens)], axis=0)
        judged = dict(zip(read, shares.tolist(), strict=True))
        left = set(articles) - set(read)  # nearer ones were read, and these were not
        return [
            replace(each, evidence=replace(each.evidence, answers=judged[at])) if at in judged else each
            for at, each in enumerate(found)
            if at not in left
        ]

    def _candidates(self, hit: Hit, question: str, screens: tuple[str, ...]) -> list[Candidate]:
        """The passages of a source that can carry an answer, with how they fit."""
        kind = "resolution" if hit.source_kind == "ticket" else "section"
        rows = [row for row in self._passages(hit) if row["kind"] == kind and row["vector"] is not None]
        queries = [self._embedder.embed_query(question)] if question.strip() and not is_vague(question, screens) else []
        queries += [self._embedder.embed_query("\n".join(screens))] if screens else []
        asked = set(find_codes("\n".join([question, *screens])))
        candidates = []
        for row in rows:
            vector = np.frombuffer(row["vector"], np.float16).astype(np.float32)
            fits = [float(vector @ query) for query in queries]
            fit = max([fits[0], *(SCREEN_SHARE * each for each in fits[1:])])
            candidates.append(Candidate(self._evidence(hit, row, fit), vector, hit.score, _code_fit(asked, row)))
        return candidates

    def focused(self, evidence: Evidence, question: str, most: int = 2) -> Evidence:
        """The passage cut to the sentences that answer a follow-up best, in their order."""
        sentences = split_sentences(evidence.text)
        if len(sentences) <= most:
            return evidence
        vectors = self._embedder.embed(sentences)
        scores = vectors @ self._embedder.embed_query(question)
        scores += [SHAPE_WEIGHT * 2 * _shape(question, sentence) for sentence in sentences]
        best = sorted(np.argsort(-scores)[:most].tolist())
        return replace(evidence, text="\n".join(sentences[at] for at in best), whole=evidence.text)

    def signals(self, hits: Sequence[Hit], question: str, screens: tuple[str, ...] = ()) -> Signals:
        """How well the hits answer the question."""
        if not hits:
            return Signals(0.0, 0.0, 0)
        dense = [max(hit.scores.get("dense", 0.0), hit.scores.get("screen", 0.0)) for hit in hits[:5]]
        agreeing = hits[0].scores.get("around", sum(dense) / len(dense))
        return Signals(max(dense[0], 0.95 * max(dense)), agreeing, self._code(hits[0], question, screens))

    def _code(self, hit: Hit, question: str, screens: tuple[str, ...]) -> int:
        """Whether the codes named are known: in this source, in none at all though their family is, or neither."""
        if set(find_codes("\n".join([question, *screens]))) & set(self._codes_of(hit)):
            return 1
        short = [code for code in find_codes(question) if len(re.sub(r"\D", "", code)) <= 4]
        return -1 if any(self._strange(code) for code in short) else 0

    def _codes_of(self, hit: Hit) -> list[str]:
        owner, value = self._owner(hit)
        sql = f"SELECT code FROM codes WHERE passage_id IN (SELECT id FROM passages WHERE {owner})"
        return [row["code"] for row in self._store.rows(sql, value)]

    def _strange(self, code: str) -> bool:
        """A code of a known family ("E" as in E-23) that stands nowhere: E-99."""
        family = re.match(r"[A-Z]+", code)
        if not family:
            return False
        codes = [
            row["code"]
            for row in self._store.rows(
                "SELECT DISTINCT c.code FROM codes c JOIN passages p ON p.id = c.passage_id"
                " WHERE p.workspace = ? AND c.code GLOB ?",
                [self._workspace, f"{family.group(0)}[0-9]*"],
            )
        ]
        return len(codes) >= 2 and code not in codes

    def _passages(self, hit: Hit) -> list[dict[str, Any]]:
        owner, value = self._owner(hit)
        return self._store.rows(
            "SELECT p.*, e.vector FROM passages p"
            f" LEFT JOIN embeddings e ON e.text_hash = p.text_hash AND e.embedder = ? WHERE {owner} ORDER BY p.id",
            [self._embedder.identity, *value],
        )

    def _owner(self, hit: Hit) -> tuple[str, list[str]]:
        """The condition, and its values, that picks a source's passages by their index, however large the shelf."""
        table = "conversation" if hit.source_kind == "ticket" else "article"
        sql = f"{table}_id = (SELECT id FROM {table}s WHERE workspace = ? AND source_id = ?)"
        return sql, [self._workspace, hit.source_id]

    def _evidence(self, hit: Hit, row: dict[str, Any], fit: float) -> Evidence:
        lines = (row["first_line"], row["last_line"])
        return Evidence(
            hit.source_id, hit.source_kind, row["id"], row["kind"], row["title"], row["text"], lines, fit, hit.outcome
        )


def choose(candidates: Sequence[Candidate], question: str) -> tuple[Evidence, ...]:
    """The best candidate, the best of the other kind of source, and a further case (pure)."""
    if not candidates:
        return ()
    scores = _scores(candidates, question)
    order = sorted(range(len(candidates)), key=lambda at: (-scores[at], at))
    best = candidates[order[0]]
    chosen = [best]
    kinds = [each for each in candidates if each.evidence.source_kind != best.evidence.source_kind]
    if kinds:
        second = max(kinds, key=lambda each: _beside(each, best, question))
        agrees = float(second.vector @ best.vector) >= LEAST_AGREEMENT
        if agrees and second.evidence.fit >= SECOND_KIND_SHARE * best.evidence.fit:
            chosen.append(second)
    for at in order[1:]:
        each = candidates[at]
        same_kind = each.evidence.source_kind == best.evidence.source_kind
        if not _answers(each, best):
            continue
        new = (
            each.evidence.source_id != best.evidence.source_id
            and LEAST_AGREEMENT <= float(each.vector @ best.vector) < SAME_TEXT
        )
        if same_kind and new and each.evidence.fit >= SECOND_CASE_SHARE * best.evidence.fit:
            chosen.append(each)
            break
    return tuple(_short_enough([each.evidence for each in chosen]))


def _short_enough(evidence: list[Evidence]) -> list[Evidence]:
    """The first, and the further ones while together they stay readable in one go."""
    kept, used = evidence[:1], len(evidence[0].text)
    for each in evidence[1:]:
        if used + len(each.text) <= MOST_TOGETHER:
            kept.append(each)
            used += len(each.text)
    return kept


def _scores(candidates: Sequence[Candidate], question: str) -> list[float]:
    """How good each candidate is to answer from (cosine scale)."""
    vectors = np.stack([each.vector for each in candidates])
    weights = np.array([max(each.source_score, 1e-6) for each in candidates])
    owners = np.array([each.evidence.source_id for each in candidates])
    alike = vectors @ vectors.T
    best = max([0.5, *(each.evidence.answers for each in candidates if each.evidence.answers is not None)])
    scores = []
    for at, each in enumerate(candidates):
        others = weights * (owners != owners[at])
        agreement = float(alike[at] @ others / others.sum()) if others.sum() else 0.0
        length = min(len(each.evidence.text), 400) / 400
        scores.append(
            each.evidence.fit
            + SOURCE_WEIGHT * each.source_score
            + AGREEMENT_WEIGHT * agreement
            + SHAPE_WEIGHT * _shape(question, each.evidence.text)
            + LENGTH_WEIGHT * length
            + CODE_WEIGHT * each.code
            + ANSWERS_WEIGHT * min(0.0, (best if each.evidence.answers is None else each.evidence.answers) - best)
        )
    return scores


def _answers(each: Candidate, best: Candidate) -> bool:
    """Whether it may stand beside the best one, as far as both were read."""
    return None in (each.evidence.answers, best.evidence.answers) or (each.evidence.answers or 0) >= ANSWERS_BESIDE


def _asked(question: str, screens: tuple[str, ...]) -> list[str]:
    """What the judge is asked: the question where it says something, and what the pictures show."""
    shown = "\n".join(screens)[:LONGEST_SCREEN]
    if not question.strip() or is_vague(question, screens):
        return [shown or question]
    return [question, f"{question}\n{shown}"] if shown else [question]


def _beside(each: Candidate, best: Candidate, question: str) -> float:
    """How well a passage of the other kind goes with the best one."""
    agreement = float(each.vector @ best.vector)
    shape = _shape(question, each.evidence.text)
    return (
        each.evidence.fit
        + 0.5 * agreement
        + SOURCE_WEIGHT * each.source_score
        + SHAPE_WEIGHT * shape
        + CODE_WEIGHT * each.code
    )


def _shape(question: str, text: str) -> int:
    """How many kinds of thing the question asks for (a figure, steps) the text has (0..2)."""
    figure = bool(_ASKS_FIGURE.search(question)) and bool(_FIGURE.search(text))
    return figure + (bool(_ASKS_STEPS.search(question)) and bool(_STEPS.search(text)))


def _code_fit(asked: set[str], row: dict[str, Any]) -> int:
    """Whether a passage, by its own heading and text, is about a code that was asked about."""
    codes = set(find_codes(f"{row['title'].split('›')[-1]}\n{row['text']}"))
    if not asked or not codes:
        return 0
    return 1 if codes & asked else -1
