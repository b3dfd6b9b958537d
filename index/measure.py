"""How good a ranking is and how sure we are: hit, recall, MRR and nDCG with intervals, in plain numbers (pure)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

ROUNDS = 2000  # resamplings of a bootstrap: the ends of the interval move by less than the width of its digits
SURE = 0.95
BATCH_DRAWS = 2_000_000  # numbers drawn at a time, so that memory stays flat for any number of values


@dataclass(frozen=True)
class Estimate:
    """A mean and the ends of its 95 % bootstrap interval; all NaN and `count` 0 when there was nothing to measure."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Difference:
    """How much "after" is better than "before" on the same questions, with the ends of the 95 % interval.

    `worse_share` is the share of resamplings in which after is not better: below 0.025 it very likely is.
    """

    mean: float
    low: float
    high: float
    worse_share: float
    count: int


def hit_at(ranked: Sequence[str], relevant: Collection[str], top: int) -> float:
    """1.0 when any relevant id is among the first `top` different ids, else 0.0."""
    return float(not _asked(relevant).isdisjoint(_first(ranked, top)))


def recall_at(ranked: Sequence[str], relevant: Collection[str], top: int) -> float:
    """The share (0..1) of the relevant ids among the first `top` different ids."""
    wanted = _asked(relevant)
    return len(wanted & set(_first(ranked, top))) / len(wanted)


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """1 / rank of the first relevant id, 0.0 when none was found. Its mean over questions is the MRR."""
    wanted = _asked(relevant)
    ranks = (rank for rank, each in enumerate(_first(ranked, len(ranked)), start=1) if each in wanted)
    return 1.0 / next(ranks, math.inf)


def ndcg_at(ranked: Sequence[str], gains: Mapping[str, float] | Collection[str], top: int) -> float:
    """Normalised discounted cumulative gain (Jarvelin and Kekalainen 2002, gain / log2(rank + 1)), 0..1.

    `gains` says how much each id is worth; a plain collection means 1 each. Ids it does not name are worth 0.
    """
    worth = {each: float(gain) for each, gain in gains.items()} if isinstance(gains, Mapping) else {}
    worth = worth or dict.fromkeys(gains, 1.0)
    if any(gain < 0 for gain in worth.values()):
        raise ValueError("a gain below 0 has no place in nDCG")
    best = _discounted(sorted(worth.values(), reverse=True)[: max(0, top)])
    if best <= 0:
        raise ValueError("nothing is relevant: leave the question out of the mean, it has no score")
    return _discounted([worth.get(each, 0.0) for each in _first(ranked, top)]) / best


def mean_of(values: Sequence[float], seed: int = 0, rounds: int = ROUNDS) -> Estimate:
    """The mean with its 95 % percentile-bootstrap interval (Efron 1979); the same seed gives the same numbers."""
    if not len(values):
        return Estimate(math.nan, math.nan, math.nan, 0)
    data = np.asarray(values, dtype=np.float64)
    means = _resampled_means(data, seed, rounds)
    low, high = np.quantile(means, [(1 - SURE) / 2, (1 + SURE) / 2])
    return Estimate(float(data.mean()), float(low), float(high), len(data))


def paired_difference(
    before: Sequence[float], after: Sequence[float], seed: int = 0, rounds: int = ROUNDS
) -> Difference:
    """Mean of after - before, question by question, resampled in pairs; ValueError when they do not pair up."""
    if len(before) != len(after):
        raise ValueError(f"{len(before)} scores before and {len(after)} after: they must be of the same questions")
    if not len(before):
        return Difference(math.nan, math.nan, math.nan, math.nan, 0)
    gains = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    means = _resampled_means(gains, seed, rounds)
    low, high = np.quantile(means, [(1 - SURE) / 2, (1 + SURE) / 2])
    return Difference(float(gains.mean()), float(low), float(high), float((means <= 0).mean()), len(gains))


def auc(above: Sequence[float], below: Sequence[float], seed: int = 0, rounds: int = ROUNDS) -> Estimate:
    """Area under the ROC curve, 0..1: how often one of `above` scores more than one of `below`; ties count half."""
    if not above or not below:
        return mean_of([])
    ones, others = np.asarray(above, float), np.asarray(below, float)
    wins = (ones[:, None] > others[None, :]) + 0.5 * (ones[:, None] == others[None, :])
    generator = np.random.default_rng(seed)
    drawn = []
    for _ in range(rounds):
        rows = np.bincount(generator.integers(0, len(ones), len(ones)), minlength=len(ones))
        columns = np.bincount(generator.integers(0, len(others), len(others)), minlength=len(others))
        drawn.append(float(rows @ wins @ columns) / wins.size)
    low, high = np.quantile(drawn, [(1 - SURE) / 2, (1 + SURE) / 2])
    return Estimate(float(wins.mean()), float(low), float(high), len(ones) + len(others))


def median(values: Sequence[float]) -> float:
    """The middle value (mean of the two middle ones); NaN of nothing."""
    return quantile(values, 0.5)


def p95(values: Sequence[float]) -> float:
    """The value that 95 % stay below, between neighbours linearly; NaN of nothing."""
    return quantile(values, 0.95)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share (0..1) stays below, between neighbours linearly; NaN of nothing."""
    return float(np.quantile(np.asarray(values, dtype=np.float64), share)) if len(values) else math.nan


def _first(ranked: Sequence[str], top: int) -> list[str]:
    """The first `top` different ids: a source found twice takes one place."""
    return list(dict.fromkeys(ranked))[: max(0, top)]


def _asked(relevant: Collection[str]) -> set[str]:
    if isinstance(relevant, str):
        raise TypeError(f"relevant ids come as a collection, not as one text: {relevant!r:.40}")
    if not relevant:
        raise ValueError("nothing is relevant: leave the question out of the mean, it has no score")
    return set(relevant)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _resampled_means(data: np.ndarray, seed: int, rounds: int) -> np.ndarray:
    """(rounds,) means of samples drawn with replacement, as many each as there are values."""
    generator = np.random.default_rng(seed)
    step = max(1, BATCH_DRAWS // len(data))
    drawn = []
    for start in range(0, rounds, step):
        places = generator.integers(0, len(data), size=(min(step, rounds - start), len(data)))
        drawn.append(data[places].mean(axis=1))
    return np.concatenate(drawn)
