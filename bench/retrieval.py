"""Does the search find the right source? The same figures for every set: Hit@1, Hit@5, MRR, told by list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.report import share
from index.hits import Hit
from index.measure import Estimate, hit_at, mean_of, reciprocal_rank
from index.search import Query

Search = Callable[[Query, int], list[Hit]]
FUSED = "fused"
DEPTH = 1000  # deeper than all lists together: every candidate comes back, so each list can be read off the hits


@dataclass(frozen=True)
class Wanted:
    """A query and the ids of the sources that answer it."""

    id: str
    query: Query
    sources: frozenset[str]


@dataclass(frozen=True)
class Found:
    """One query's ranked source ids by list: "fused" and each list that found anything."""

    wanted: Wanted
    ranked: dict[str, list[str]]

    def order(self, name: str) -> list[str]:
        """The ids by one list, best first; [] when it found nothing."""
        return self.ranked.get(name, [])


@dataclass(frozen=True)
class Scores:
    """Hit@1, Hit@5 and MRR over the same queries."""

    hit_1: Estimate
    hit_5: Estimate
    mrr: Estimate

    def cells(self) -> list[str]:
        """The three as table cells."""
        return [share(self.hit_1), share(self.hit_5), share(self.mrr)]


def find_all(search: Search, wanted: Iterable[Wanted]) -> list[Found]:
    """Every query searched once, its ranking read off by list."""
    return [Found(each, rankings(search(each.query, DEPTH))) for each in wanted]


def rankings(hits: Sequence[Hit]) -> dict[str, list[str]]:
    """Source ids by list: fused as they come, each other list ("dense", "words", ...) by its own score."""
    ranked = {FUSED: [hit.source_id for hit in hits]}
    for name in sorted({name for hit in hits for name in hit.scores}):
        listed = sorted((hit for hit in hits if name in hit.scores), key=lambda hit: -hit.scores[name])
        ranked[name] = [hit.source_id for hit in listed]
    return ranked


def scores(found: Sequence[Found], name: str = FUSED, seed: int = 0) -> Scores:
    """The figures of one list; a query it found nothing for counts 0."""
    pairs = [(each.order(name), each.wanted.sources) for each in found]
    return Scores(
        mean_of([hit_at(ranked, sources, 1) for ranked, sources in pairs], seed),
        mean_of([hit_at(ranked, sources, 5) for ranked, sources in pairs], seed),
        mean_of([reciprocal_rank(ranked, sources) for ranked, sources in pairs], seed),
    )


def missed(found: Sequence[Found], top: int = 5) -> list[str]:
    """The ids of the queries whose source is not among the first `top`."""
    return [each.wanted.id for each in found if not hit_at(each.order(FUSED), each.wanted.sources, top)]
