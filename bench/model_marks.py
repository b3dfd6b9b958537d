"""Marks that were seen beside those that are there, counted screen by screen, so that shares have intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.report import share
from finetune.tower_scores import judged_looks, pairs
from index.marks import KINDS, Sight
from index.measure import ROUNDS, Estimate

ALL = "all marks"
ASPECTS = ("precision", "recall", "state", "value", "colour", "tip")
Counts = dict[str, list[tuple[int, int]]]  # aspect -> (right, of) of each screen


def ratio_of(counts: Sequence[tuple[float, int]], seed: int = 0, rounds: int = ROUNDS) -> Estimate:
    """Sum of the rights over the sum of all, with the 95 % interval of resampled screens; `count` is the sum of all.

    Screens on which nothing was asked add nothing; rounds that drew nothing but such are left out.
    """
    asked = np.asarray([pair for pair in counts if pair[1]], dtype=np.float64).reshape(-1, 2)
    if not len(asked):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    places = np.random.default_rng(seed).integers(0, len(asked), size=(rounds, len(asked)))
    sums = asked[places].sum(1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    right, whole = asked.sum(0)
    return Estimate(float(right / whole), float(low), float(high), int(whole))


class Tallies:
    """Counts by kind of mark, and whether page and theme were right."""

    def __init__(self) -> None:
        self.kinds: dict[str, Counts] = {kind: defaultdict(list) for kind in (ALL, *KINDS)}
        self.pages: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def add(self, truth: Sight, seen: Sight) -> None:
        """One more screen."""
        self.pages["page"].append((int(seen.page == truth.page), 1))
        self.pages["theme"].append((int(seen.theme == truth.theme), 1))
        found = pairs(truth.marks, seen.marks)
        for kind in (ALL, *KINDS):
            mine = [pair for pair in found if kind in (ALL, pair[0].kind)]
            there = sum(kind in (ALL, mark.kind) for mark in truth.marks)
            told = sum(kind in (ALL, mark.kind) for mark in seen.marks)
            counts = self.kinds[kind]
            counts["precision"].append((len(mine), told))
            counts["recall"].append((len(mine), there))
            looks = [look for pair in mine for look in judged_looks(*pair)]
            for aspect in ASPECTS[2:]:
                told_so = [right for name, right in looks if name == aspect]
                counts[aspect].append((sum(told_so), len(told_so)))


def rows_of(tallies: Tallies, seed: int, figures: dict[str, Any]) -> dict[str, list[list[str]]]:
    """The cells of the tables of marks ("kinds") and of pages ("pages"); the numbers go into `figures`."""
    kinds = []
    for kind, counts in tallies.kinds.items():
        there = sum(of for _, of in counts["recall"])
        if there or sum(of for _, of in counts["precision"]):
            measured = {aspect: ratio_of(counts[aspect], seed) for aspect in ASPECTS}
            figures[kind] = measured
            kinds.append([kind, str(there), *(share(measured[aspect]) for aspect in ASPECTS)])
    pages = []
    for name, each in tallies.pages.items():
        figures[name] = ratio_of(each, seed)
        pages.append([name, str(len(each)), share(figures[name])])
    return {"kinds": kinds, "pages": pages}
