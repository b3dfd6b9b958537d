"""The deciders of two versions over the same later questions: every class, what is foreign, how honest they are; and
the earlier intents asked again, with an alarm where one dropped (pure)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from agent.deciders import Judged
from finetune.measures import calibration_error, risk_coverage
from finetune.report import Comparison as ClassComparison
from finetune.report import compared, side_by_side, tally_labels
from index.measure import Difference, paired_difference

KEPT_SHARE = 0.95  # of the shop's own questions, where foreign ones are counted
# An earlier intent has dropped where so many of its questions are lost beside those won, and so large a share; or
# where the whole interval says so.
LOST, LOST_SHARE = 2, 0.5
SHOWN_CONFUSED = 14


@dataclass(frozen=True)
class Told:
    """What one version said: the intent of each question with its probability, how foreign each question and each
    stranger's question is (more is more foreign); nothing of that where it has no such head."""

    intents: Sequence[str]
    probabilities: Sequence[float]
    foreign: Sequence[float]
    strangers: Sequence[float]

    @classmethod
    def by_heads(cls, own: Sequence[Judged], strangers: Sequence[Judged], sees_foreign: bool = True) -> Told:
        """Of a version with heads."""
        foreign = [[each.outside for each in them] if sees_foreign else [] for them in (own, strangers)]
        return cls([each.intent for each in own], [each.probability for each in own], foreign[0], foreign[1])


@dataclass
class DecidersCompared:
    """Both versions on the questions whose intent is known. `gains` are paired differences by figure; `matrix` counts
    (wanted, said) of the candidate over `labels`, those most confused first."""

    before_is: str
    asked: int
    strangers: int
    classes: ClassComparison
    figures: dict[str, tuple[float, float]]
    gains: dict[str, Difference]
    ece: dict[str, float]
    curves: dict[str, list[tuple[float, float, float]]]
    labels: list[str]
    matrix: list[list[int]] = field(default_factory=list)
    heads_before: bool = True
    """Whether the version in use has heads too; else its foreign questions are told by the confidence."""

    def as_json(self) -> dict[str, Any]:
        """As it stands in report.json."""
        return {**asdict(self), "classes": self.classes.as_json()}

    def markdown(self) -> list[str]:
        """Lines of the report."""
        told = [
            f"{self.asked} later questions with a known intent, {self.strangers} of other businesses.",
            f"Before: {self.before_is}.",
            "",
            "| figure | before | after | difference |",
            "|---|---|---|---|",
        ]
        for name, (before, after) in self.figures.items():
            gain = self.gains[name]
            told.append(
                f"| {name} | {before:.3f} | {after:.3f} | {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] |"
            )
        honest = [f"{self.ece[side]:.3f}" if math.isfinite(self.ece[side]) else "-" for side in ("before", "after")]
        told += [f"| calibration error (ECE) | {' | '.join(honest)} | |", ""]
        return [*told, *side_by_side(self.classes).splitlines(), ""]


def compare_deciders(
    wanted: Sequence[str], before: Told, after: Told, *, before_is: str, heads_before: bool = True, seed: int = 0
) -> DecidersCompared | None:
    """Macro F1, every class, foreign questions at a fixed share of own ones kept, calibration; None where no question
    has a known intent."""
    places = [at for at, label in enumerate(wanted) if label]
    if not places:
        return None
    truth = [wanted[at] for at in places]
    given = {name: [same_intent(truth[row], side.intents[at]) for row, at in enumerate(places)]
             for name, side in (("before", before), ("after", after))}  # fmt: skip
    labels = sorted({*truth, *given["before"], *given["after"]} - {""})
    tallies = {name: tally_labels(truth, said, labels) for name, said in given.items()}
    classes = compared(tallies["before"], tallies["after"], seed=seed)
    seen = [recognised(side) for side in (before, after)]
    foreign = paired_difference(seen[0], seen[1], seed) if all(seen) else None
    figures = {
        "intent macro F1": (classes.before.average("macro").f1, classes.after.average("macro").f1),
        "intent accuracy": (classes.before.accuracy.mean, classes.after.accuracy.mean),
    }
    gains = {"intent macro F1": classes.macro, "intent accuracy": classes.accuracy}
    if foreign is not None:
        figures[f"foreign seen, {KEPT_SHARE:.0%} kept"] = (float(np.mean(seen[0])), float(np.mean(seen[1])))
        gains[f"foreign seen, {KEPT_SHARE:.0%} kept"] = foreign
    ece, curves = {}, {}
    for name, side in (("before", before), ("after", after)):
        right = [said == label for said, label in zip(given[name], truth, strict=True)]
        sure = [side.probabilities[at] for at in places] if side.probabilities else []
        ece[name] = calibration_error(sure, right) if sure else math.nan
        curves[name] = risk_coverage(sure, right) if sure else []
    shown, matrix = confusion(truth, given["after"])
    return DecidersCompared(
        before_is,
        len(places),
        len(after.strangers or before.strangers),
        classes,
        figures,
        gains,
        ece,
        curves,
        shown,
        matrix,
        heads_before,
    )


def same_intent(wanted: str, said: str) -> str:
    """The intent said, in the words of the one wanted where it is a narrower part of it."""
    return wanted if said.startswith(f"{wanted}/") else said


def recognised(side: Told) -> list[float]:
    """For each stranger's question whether it is told from the own ones, when so many of those are to be kept."""
    if not len(side.foreign):
        return []
    most = float(np.quantile(side.foreign, KEPT_SHARE, method="lower"))
    return [float(each > most) for each in side.strangers]


def confusion(
    wanted: Sequence[str], given: Sequence[str], most: int = SHOWN_CONFUSED
) -> tuple[list[str], list[list[int]]]:
    """(labels, counts): those with most mistakes, then the most frequent; rows are wanted, columns said."""
    mistakes = Counter[str]()
    for label, said in zip(wanted, given, strict=True):
        if label != said:
            mistakes.update([label, said])
    often = Counter(wanted)
    order = sorted({*wanted, *given} - {""}, key=lambda each: (-mistakes[each], -often[each], each))[:most]
    counts = Counter(zip(wanted, given, strict=True))
    return order, [[counts[row, column] for column in order] for row in order]


# -- the earlier intents


@dataclass(frozen=True)
class Earlier:
    """One earlier intent asked again: shares right before and after, how many questions were lost and won, and whether
    it dropped."""

    intent: str
    figure: str
    asked: int
    before: float
    after: float
    difference: Difference
    dropped: bool

    def line(self) -> str:
        """For a verdict."""
        span = f"[{self.difference.low:+.2f}, {self.difference.high:+.2f}]"
        return (
            f"the earlier intent {self.intent} dropped: {self.figure} {self.before:.2f} -> {self.after:.2f} {span} "
            f"over {self.asked} questions"
        )


def ask_earlier(
    intents: Sequence[str], figures: dict[str, tuple[Sequence[float], Sequence[float]]], seed: int = 0
) -> list[Earlier]:
    """Every intent with every figure; `figures` hold a number for each question before and after, NaN where it says
    nothing. "all" is all of them together."""
    found = []
    for figure, (before, after) in figures.items():
        for intent in ["all", *sorted(set(intents) - {""})]:
            both = [
                (before[at], after[at])
                for at, each in enumerate(intents)
                if each and intent in ("all", each) and not math.isnan(before[at] + after[at])
            ]
            if both:
                found.append(_earlier(intent, figure, both, seed))
    return found


def _earlier(intent: str, figure: str, both: Sequence[tuple[float, float]], seed: int) -> Earlier:
    before, after = [one for one, _ in both], [other for _, other in both]
    difference = paired_difference(before, after, seed)
    lost = sum(before) - sum(after)
    sure = difference.high < 0 and lost >= LOST
    dropped = sure or (intent != "all" and lost >= LOST and lost / len(both) >= LOST_SHARE)
    return Earlier(intent, figure, len(both), float(np.mean(before)), float(np.mean(after)), difference, dropped)
