"""Several ranked lists of passages as one ranking of sources: weighted reciprocal rank fusion (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

SECOND_SHARE = 0.3
# Reciprocal rank fusion (Cormack, Clarke, Buettcher 2009) with a weight for each list.
RRF_K = 10


@dataclass(frozen=True)
class Row:
    """A passage and whose it is: ("ticket" or "article", row)."""

    passage_id: int
    source: tuple[str, int]


@dataclass
class Fused:
    """A source found: its best passage, its score (0..1), and what each list said of it."""

    passage_id: int
    score: float
    scores: dict[str, float]
    why: tuple[str, ...] = ()
    similar: list[tuple[str, int]] = field(default_factory=list)


def fuse(
    lists: dict[str, list[tuple[int, float]]], rows: dict[int, Row], weights: dict[str, float]
) -> dict[tuple[str, int], Fused]:
    """Weighted reciprocal rank fusion over sources. The score is the share of the best possible (first in every
    list that found anything), 0..1."""
    fused: dict[tuple[str, int], Fused] = {}
    leading: dict[tuple[str, int], float] = {}
    possible = sum(weights[name] / (RRF_K + 1) for name in lists) or 1.0
    for name, ranked in lists.items():
        for rank, source, passage, score in _by_source(ranked, rows):
            gain = weights[name] / (RRF_K + rank) / possible
            entry = fused.setdefault(source, Fused(passage, 0.0, {}))
            entry.score += gain
            entry.scores[name] = score
            if gain > leading.get(source, 0.0):
                leading[source], entry.passage_id = gain, passage
    return fused


def _by_source(
    ranked: list[tuple[int, float]], rows: dict[int, Row]
) -> Iterator[tuple[int, tuple[str, int], int, float]]:
    """(rank, source, its best passage, that passage's score), best source first.

    A source ranks by its best passage and, a little, by its second best: where problem and fix both speak to the
    question it is the likelier case. Equal sources share a rank: ten tickets with one code are equally good by it.
    """
    passages: dict[tuple[str, int], list[tuple[float, int]]] = {}
    for passage, score in ranked:
        if passage in rows:
            passages.setdefault(rows[passage].source, []).append((score, passage))
    floor = ranked[-1][1]
    strengths = []
    for source, scored in passages.items():
        (best, passage), *others = sorted(scored, key=lambda pair: (-pair[0], pair[1]))
        second = others[0][0] if others else floor
        strengths.append((best + SECOND_SHARE * second, source, passage, best))
    rank, last = 0, None
    for place, (strength, source, passage, best) in enumerate(
        sorted(strengths, key=lambda each: (-each[0], each[1])), 1
    ):
        if strength != last:
            rank, last = place, strength
        yield rank, source, passage, best
