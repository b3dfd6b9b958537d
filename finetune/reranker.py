"""The weights of the closer look, learned from questions whose right sources are known: a listwise softmax."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.measure import reciprocal_rank
from index.rerank import NAMES, Reranker
from index.search import Query, Searcher

LEAST_LISTS = 20
KINDS = ("ticket", "article")


@dataclass(frozen=True)
class Listed:
    """What was found for one question: ids, kinds and features of the candidates, best by the lists first, and which
    of them are right."""

    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    features: np.ndarray
    right: np.ndarray


def list_for(searcher: Searcher, query: Query, right: Callable[[str], bool]) -> Listed:
    """The shortlist of a question as the search would look at it again; empty where nothing was found."""
    ids, kinds, features = searcher.shortlist(query)
    return Listed(tuple(ids), tuple(kinds), features, np.array([right(each) for each in ids], dtype=bool))


def learn_reranker(
    groups: Sequence[Sequence[Listed]], start: Reranker, *, strength: float = 1e-3, name: str = "learned"
) -> Reranker:
    """Weights that put a right source first, groups (sets of questions) counting alike; the weights of `start` are what
    is fallen back on: `strength` is the pull towards them in units of each feature's spread. Lists without a right or
    a wrong source teach nothing. Deterministic."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    parts = [[_both(each) for each in group if each.right.any() and not each.right.all()] for group in groups]
    parts = [part for part in parts if part]
    spread = _spread([rows for part in parts for rows, _ in part])
    first = np.concatenate([_array(start.ticket), _array(start.article)]) * spread

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = strength * float(((weights - first) ** 2).sum()), 2 * strength * (weights - first)
        for part in parts:
            for rows, right in part:
                scaled = rows / spread
                sums = scaled @ weights
                every, good = _softmax(sums), _softmax(np.where(right, sums, -np.inf))
                value += (_top(sums) - _top(sums[right])) / len(part) / len(parts)
                slope = slope + scaled.T @ (every - good) / len(part) / len(parts)
        return value, slope

    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x / spread
    half = len(NAMES) + 1
    return Reranker(_named(found[:half]), _named(found[half:]), start.slope, name)


def mean_rank(lists: Sequence[Listed], reranker: Reranker) -> float:
    """The mean of 1 / rank of the first right source, by these weights."""
    ranks = ranks_of(lists, reranker)
    return float(np.mean(ranks)) if ranks else 0.0


def ranks_of(lists: Sequence[Listed], reranker: Reranker) -> list[float]:
    """1 / rank of the first right source of each list, by these weights; 0 where there is none."""
    ranks = []
    for each in lists:
        if not len(each.ids):
            ranks.append(0.0)
            continue
        order = np.argsort(-reranker.sums(each.kinds, each.features), kind="stable")
        wanted = {each.ids[at] for at in np.flatnonzero(each.right)}
        ranks.append(reciprocal_rank([each.ids[at] for at in order], wanted) if wanted else 0.0)
    return ranks


def _both(listed: Listed) -> tuple[np.ndarray, np.ndarray]:
    """(candidates, 2 * (NAMES + bias)) features, in the half of their kind; which are right."""
    rows = np.concatenate([listed.features, np.ones((len(listed.ids), 1))], axis=1)
    halves = [rows * np.array([[kind == each] for kind in listed.kinds]) for each in KINDS]
    return np.concatenate(halves, axis=1), listed.right


def _spread(lists: Sequence[np.ndarray]) -> np.ndarray:
    """The standard deviation of each feature within the lists; 1 where it never differs."""
    if not lists:
        return np.ones(2 * (len(NAMES) + 1))
    inside = np.concatenate([rows - rows.mean(axis=0) for rows in lists]).std(axis=0)
    spread: np.ndarray = np.where(inside < 1e-3, 1.0, inside)
    return spread


def _softmax(sums: np.ndarray) -> np.ndarray:
    powers = np.exp(sums - sums.max())
    shares: np.ndarray = powers / powers.sum()
    return shares


def _top(sums: np.ndarray) -> float:
    """The logarithm of the sum of the exponentials."""
    return float(sums.max() + np.log(np.exp(sums - sums.max()).sum()))


def _array(weights: Mapping[str, float]) -> np.ndarray:
    return np.array([weights.get(name, 0.0) for name in (*NAMES, "bias")])


def _named(weights: np.ndarray) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip((*NAMES, "bias"), weights, strict=True)}
