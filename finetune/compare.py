"""A candidate against the version in use, on the same later conversations: every figure paired, with its interval."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from agent.ground import unsupported_claims
from agent.sentences import split_sentences
from finetune.alike import alike, likenesses
from finetune.deciders_compare import DecidersCompared, Earlier, same_intent
from finetune.facts import GREETING, values, words
from finetune.languages import language_of
from finetune.likeness import chrf, rouge_l
from finetune.material import Material, Pair
from finetune.measures import calibration_error, risk_coverage
from finetune.replay import Played
from index.embed import Embedder
from index.measure import Difference, hit_at, mean_of, ndcg_at, paired_difference, quantile, recall_at, reciprocal_rank

Scores = dict[str, dict[str, list[float]]]  # side -> metric -> a number for each question
SAYS_THE_SAME = 0.2  # cosine of TF-IDF of an answer and the team's own reply: on the demo shop 1 in 30 pairs of replies
# answers the same, of those above this every second one; and an answer was looked for
CHOICES = 100
WORST = 10
SAMPLE_SHOWN = 600
# name -> (what it is, whether more is better)
METRICS = {
    "hit@1": ("an earlier ticket that answers the same is first", True),
    "hit@5": ("... among the first five", True),
    "hit@10": ("... among the first ten", True),
    "recall@10": ("share of all that answer the same, first ten", True),
    "mrr": ("1 / rank of the first", True),
    "ndcg@10": ("normalised discounted cumulative gain", True),
    "meaning hit@1": ("the same by the embedder alone, first", True),
    "meaning hit@5": ("... among the first five", True),
    "meaning mrr": ("... 1 / rank", True),
    "choice@1": ("the team's own reply chosen among 100", True),
    "choice@5": ("... among the first five", True),
    "choice@10": ("... among the first ten", True),
    "answered": ("questions of the shop that got an answer", True),
    "right": (
        "questions with an answer that rests on a ticket that answers the same, or says what the team said",
        True,
    ),
    "strangers left alone": ("questions of other businesses that were not answered", True),
    "supported": ("answers whose every claim stands in what they cite", True),
    "facts": ("share of the figures, codes and names of the team's reply that the answer says; 0 where none", True),
    "chrF": ("likeness of answer and the team's reply, 0..1; 0 where none was given", True),
    "ROUGE-L": ("the same by words", True),
    "intent": ("the intent told right", True),
}


@dataclass(frozen=True)
class Row:
    """One metric over the questions of a slice: means before and after, and the paired difference."""

    name: str
    before: float
    after: float
    difference: Difference

    @property
    def fell(self) -> bool:
        """Whether it is surely worse: the whole interval is below zero."""
        return self.difference.count > 0 and self.difference.high < 0


@dataclass
class Comparison:
    """All that is known of a candidate beside the version in use. `scores` hold one list of numbers a metric, question
    by question, for "before" and "after"."""

    rows: list[Row]
    slices: dict[str, list[Row]]
    seconds: dict[str, dict[str, float]]
    calibration: dict[str, dict[str, float]]
    curves: dict[str, list[tuple[float, float, float]]]
    worst: list[dict[str, Any]]
    asked: int
    asked_hash: str
    leaks: list[str] = field(default_factory=list)
    empty: dict[str, int] = field(default_factory=dict)
    deciders: DecidersCompared | None = None
    earlier: list[Earlier] = field(default_factory=list)
    worst_written: list[dict[str, Any]] = field(default_factory=list)
    """Where models were compared: the conversations whose written reply lost most."""

    def row(self, name: str) -> Row | None:
        """The row of a metric over all questions."""
        return next((each for each in self.rows if each.name == name), None)

    def as_json(self) -> dict[str, Any]:
        """As it stands in report.json."""
        return json_ready({
            **vars(self), "rows": list(map(asdict, self.rows)), "earlier": list(map(asdict, self.earlier)),
            "slices": {name: list(map(asdict, rows)) for name, rows in self.slices.items()},
            "deciders": self.deciders.as_json() if self.deciders else None,
        })  # fmt: skip


def json_ready(value: Any) -> Any:
    """The value with null for what is no number: JSON knows no NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): json_ready(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(each) for each in value]
    return value


@dataclass(frozen=True)
class Side:
    """What one version did: about each question asked, about strangers', the ranks of the team's own replies, and the
    intent each question was called (none where nobody asked for it)."""

    played: Sequence[Played]
    strangers: Sequence[Played]
    chosen: Sequence[int]
    intents: Sequence[str] = ()


def compare(
    material: Material, before: Side, after: Side, *, canaries: Sequence[str] = (), seed: int = 0,
    intents: Sequence[str] = (),
) -> Comparison:  # fmt: skip
    """Every metric of both sides on the same questions; `intents` are those wanted, "" where none is known."""
    asked = list(material.asked)
    same = alike(asked, material.known)
    known = [each.id for each in material.known]
    wanted = [{known[at] for at in np.flatnonzero(row)} for row in same]
    scores = {
        name: _scores(asked, wanted, frozenset(known), side)
        | {"intent": intent_scores(intents, side.intents, len(asked))}
        for name, side in (("before", before), ("after", after))
    }
    rows = _rows(scores, range(len(asked)), seed) + _stranger_rows(before, after, seed)
    slices = {name: _rows(scores, places, seed) for name, places in _slices(asked).items() if len(places) >= 10}
    curves, calibration = {}, {}
    for name, side in (("before", before), ("after", after)):
        right = [bool(each) for each in scores[name]["right"]] + [False] * len(side.strangers)
        sure = [each.confidence for each in (*side.played, *side.strangers)]
        curves[name] = risk_coverage(sure, right)
        calibration[name] = {"ece": calibration_error(sure, right)}
    return Comparison(
        rows, slices,
        {name: _seconds(side) for name, side in (("before", before), ("after", after))},
        calibration, curves, _worst(asked, wanted, scores, before, after), len(asked),
        str(material.card.get("asked_hash", "")),
        sorted({each for each in canaries for one in (*after.played, *after.strangers) if each in one.answer}),
        {name: sum(_is_empty(each) for each in side.played) for name, side in (("before", before), ("after", after))},
    )  # fmt: skip


def drawn_beside(row: int, count: int, seed: int) -> list[int]:
    """The places of the other replies that a question's own stands among, of `count` in all."""
    others = np.random.default_rng([seed, row]).permutation([at for at in range(count) if at != row])
    return [int(at) for at in others[: CHOICES - 1]]


def choose_ranks(embedder: Embedder, asked: Sequence[Pair], seed: int = 0) -> list[int]:
    """For each question the rank (from 1) of the reply its team gave, among so many of the others; NaN ranks last."""
    replies = embedder.embed([each.reply for each in asked])
    ranks = []
    for row, each in enumerate(asked):
        places = [row, *drawn_beside(row, len(asked), seed)]
        scores = np.nan_to_num(replies[places] @ embedder.embed_query(each.question), nan=-2.0)
        ranks.append(1 + int((scores[1:] >= scores[0]).sum()))
    return ranks


def _scores(
    asked: Sequence[Pair], wanted: Sequence[set[str]], known: frozenset[str], side: Side
) -> dict[str, list[float]]:
    """A number for each question and metric; NaN where the metric has nothing to say about it."""
    found: dict[str, list[float]] = {name: [] for name in METRICS if name != "strangers left alone"}
    right = rights(asked, wanted, side.played)
    for pair, sources, played, rank, good in zip(asked, wanted, side.played, side.chosen, right, strict=True):
        told = _found(sources, known, played) | {f"choice@{top}": float(rank <= top) for top in (1, 5, 10)}
        told |= _said(pair, played) | {"right": float(good)}
        for name, numbers in found.items():
            numbers.append(told.get(name, math.nan))
    return found


def intent_scores(wanted: Sequence[str], said: Sequence[str], count: int) -> list[float]:
    """1 or 0 for each question, NaN where its intent is not known or nobody said one."""
    if not wanted or not said:
        return [math.nan] * count
    return [
        float(same_intent(truth, each) == truth) if truth else math.nan
        for truth, each in zip(wanted, said, strict=True)
    ]


def hits_of(asked: Sequence[Pair], material: Material, played: Sequence[Played]) -> list[float]:
    """Whether an earlier ticket that answers the same is among the first five; NaN where there is none."""
    known = [each.id for each in material.known]
    wanted = [{known[at] for at in np.flatnonzero(row)} for row in alike(asked, material.known)]
    return [
        hit_at([name for name in one.ranked if name in known], sources, 5) if sources else math.nan
        for one, sources in zip(played, wanted, strict=True)
    ]


def _found(sources: set[str], known: frozenset[str], played: Played) -> dict[str, float]:
    """Where the tickets that answer the same stand among the earlier ones; articles and other tickets take no place,
    for nobody said which of them answer."""
    if not sources:
        return {}
    ranked, meant = ([each for each in row if each in known] for row in (played.ranked, played.by_meaning))
    told: dict[str, float] = {f"hit@{top}": hit_at(ranked, sources, top) for top in (1, 5, 10)}
    told |= {f"meaning hit@{top}": hit_at(meant, sources, top) for top in (1, 5)}
    return told | {
        "recall@10": recall_at(ranked, sources, 10),
        "mrr": reciprocal_rank(ranked, sources),
        "ndcg@10": ndcg_at(ranked, sources, 10),
        "meaning mrr": reciprocal_rank(meant, sources),
    }


def _said(pair: Pair, played: Played) -> dict[str, float]:
    told = {
        "answered": float(played.answered),
        "chrF": chrf(played.answer, pair.reply) / 100 if played.answered else 0.0,
        "ROUGE-L": rouge_l(played.answer, pair.reply) if played.answered else 0.0,
    }
    if sought := values(GREETING.sub("", pair.reply)) - values(pair.question):
        told["facts"] = len(sought & set(words(played.answer))) / len(sought) if played.answered else 0.0
    if played.answered:
        told["supported"] = float(not _unsupported(pair.question, played))
    return told


def rights(asked: Sequence[Pair], sources: Sequence[Collection[str]], played: Sequence[Played]) -> list[bool]:
    """Whether an answer was given that rests on a ticket that answers the same, or says what the team said."""
    said = likenesses([each.answer for each in played], [each.reply for each in asked])
    return [
        one.answered and (one.source in known or like >= SAYS_THE_SAME)
        for one, known, like in zip(played, sources, said, strict=True)
    ]


def _unsupported(question: str, played: Played) -> list[str]:
    return [
        claim.text
        for sentence in split_sentences(played.answer)
        for claim in unsupported_claims(sentence, list(played.cited), [question])
        if claim.kind in ("number", "code", "path", "link")
    ]


def _rows(scores: Scores, places: Sequence[int], seed: int) -> list[Row]:
    """Each metric over some questions, those left out for which either side has no number."""
    rows = []
    for name in scores["before"]:
        both = [(scores["before"][name][at], scores["after"][name][at]) for at in places]
        pairs = [each for each in both if not (math.isnan(each[0]) or math.isnan(each[1]))]
        rows.append(row_of(name, [one for one, _ in pairs], [other for _, other in pairs], seed))
    return rows


def row_of(name: str, before: Sequence[float], after: Sequence[float], seed: int) -> Row:
    """One metric of both sides, paired."""
    return Row(name, mean_of(before, seed).mean, mean_of(after, seed).mean, paired_difference(before, after, seed))


def _stranger_rows(before: Side, after: Side, seed: int) -> list[Row]:
    alone = [[float(not each.answered) for each in side.strangers] for side in (before, after)]
    return [row_of("strangers left alone", alone[0], alone[1], seed)]


def _slices(asked: Sequence[Pair]) -> dict[str, list[int]]:
    """Places of the questions by subject, with and without a picture, by age, by length and by language."""
    halves = sorted(range(len(asked)), key=lambda at: (asked[at].opened_at, asked[at].id))
    middle = len(halves) // 2
    slices = {
        "with a picture": [at for at, each in enumerate(asked) if each.pictures],
        "without a picture": [at for at, each in enumerate(asked) if not each.pictures],
        "older half": halves[:middle],
        "newer half": halves[middle:],
        "up to 20 words": [at for at, each in enumerate(asked) if len(each.question.split()) <= 20],
        "more than 20 words": [at for at, each in enumerate(asked) if len(each.question.split()) > 20],
    }
    for subject in sorted({each.label[0] for each in asked if each.label}):
        slices[f"subject: {subject}"] = [at for at, each in enumerate(asked) if each.label[:1] == (subject,)]
    languages = [language_of(each.question) for each in asked]
    for language in sorted(set(languages)):
        slices[f"language: {language}"] = [at for at, each in enumerate(languages) if each == language]
    return slices


def _seconds(side: Side) -> dict[str, float]:
    taken = [each.seconds for each in side.played]
    return {"median": quantile(taken, 0.5), "p95": quantile(taken, 0.95)}


def _is_empty(played: Played) -> bool:
    """Whether it meant to answer and said nothing."""
    return played.act in ("template", "case", "generate") and not played.answer.strip()


def _worst(
    asked: Sequence[Pair],
    wanted: Sequence[set[str]],
    scores: dict[str, dict[str, list[float]]],
    before: Side,
    after: Side,
) -> list[dict[str, Any]]:
    """The questions that lost most, with both answers; a person judges by these."""

    def lost(at: int) -> float:
        both = [(scores["before"][name][at], scores["after"][name][at]) for name in ("mrr", "right", "chrF")]
        return sum(one - other for one, other in both if not (math.isnan(one) or math.isnan(other)))

    order = sorted(range(len(asked)), key=lambda at: (-lost(at), asked[at].id))
    return [
        {
            "ticket": asked[at].id,
            "question": asked[at].question[:SAMPLE_SHOWN],
            "reply of the team": asked[at].reply[:SAMPLE_SHOWN],
            "answers the same": sorted(wanted[at])[:10],
            "lost": round(lost(at), 3),
            "before": _told(before.played[at]),
            "after": _told(after.played[at]),
        }
        for at in order[:WORST]
        if lost(at) > 0
    ]


def _told(played: Played) -> dict[str, Any]:
    return {
        "act": played.act, "confidence": round(played.confidence, 3), "source": played.source,
        "first": list(played.ranked[:3]), "answer": played.answer[:SAMPLE_SHOWN],
    }  # fmt: skip
