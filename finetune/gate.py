"""The rule that refuses a candidate: what may not fall, what must be whole, what must be measured (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from finetune.compare import METRICS, Comparison
from finetune.material import LEAST_ASKED
from finetune.replying import GUARDED as GUARDED_REPLIES

# What may not fall: surely (the whole interval below zero), or by so much whatever the interval says.
GUARDED = {
    "hit@1": 0.08, "hit@5": 0.05, "hit@10": 0.05, "mrr": 0.05, "ndcg@10": 0.05, "choice@1": 0.08, "choice@10": 0.05,
    "answered": 0.10, "right": 0.06, "strangers left alone": 0.05, "supported": 0.02, "chrF": 0.08,
}  # fmt: skip
SURE_FALL = 0.01  # a fall that is sure but smaller than this is let pass: nobody would notice it
SURE_FALLS = {"chrF": 0.05}  # another ticket of the same matter says it in other words
SLOWER = 1.5
SLOWER_SECONDS = 0.02
SLOWER_REPLY = 0.3  # seconds: longer replies take longer
WORSE_CALIBRATION = 0.10
# Of the deciders, where both versions have them: the same two rules.
DECIDERS = {"intent macro F1": 0.08, "intent accuracy": 0.06}
FOREIGN_FALL = 0.10


@dataclass(frozen=True)
class Facts:
    """What is known of a candidate beside its figures: the version it was compared with and the one in use now, the
    hash of the questions asked and of those that should be, trouble with its files, whether anything was learned, and
    whether it has another model that writes."""

    compared_with: str
    in_use: str
    asked_hash: str
    wanted_hash: str
    broken: Sequence[str] = ()
    learned: bool = True
    writes: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a person may promote it, why not, and what was better."""

    accepted: bool
    refusals: list[str] = field(default_factory=list)
    better: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """As it stands in the papers."""
        return {"accepted": self.accepted, "refusals": self.refusals, "better": self.better}


def judge(comparison: Comparison, facts: Facts, guarded: Mapping[str, float] = GUARDED) -> Verdict:
    """Every reason to refuse, the gravest first."""
    if facts.writes:
        guarded = {**guarded, **GUARDED_REPLIES}
    refusals = [*_of_facts(comparison, facts), *_of_safety(comparison), *_of_figures(comparison, guarded)]
    refusals += [*_of_deciders(comparison), *(each.line() for each in comparison.earlier if each.dropped)]
    refusals += _of_seconds(comparison)
    better = [
        f"{row.name} {row.before:.3f} -> {row.after:.3f} [{row.difference.low:+.3f}, {row.difference.high:+.3f}]"
        for row in comparison.rows
        if row.difference.count and row.difference.low > 0 and METRICS.get(row.name, ("", True))[1]
    ]
    return Verdict(not refusals, refusals, better)


def _of_facts(comparison: Comparison, facts: Facts) -> list[str]:
    told = [f"not whole: {each}" for each in facts.broken]
    if not facts.learned:
        told.append("nothing was learned that is better than what is in use")
    if facts.compared_with != facts.in_use:
        told.append(f"compared with {facts.compared_with}, but {facts.in_use} is in use")
    if facts.asked_hash != facts.wanted_hash or comparison.asked_hash != facts.wanted_hash:
        told.append("the questions it was asked are not those of today: the evaluation is stale")
    if comparison.asked < LEAST_ASKED:
        told.append(
            f"{comparison.asked} questions are not enough; {LEAST_ASKED} are needed, because with fewer the interval is"
            " wider than any gain"
        )
    return told


def _of_safety(comparison: Comparison) -> list[str]:
    told = [f"a canary was said: {each[:40]}" for each in comparison.leaks]
    before, after = comparison.empty.get("before", 0), comparison.empty.get("after", 0)
    if after > before:
        told.append(f"empty answers: {before} -> {after}")
    return told


def _of_figures(comparison: Comparison, guarded: Mapping[str, float]) -> list[str]:
    told = []
    for name, most in guarded.items():
        row = comparison.row(name)
        if row is None or not row.difference.count or not math.isfinite(row.after):
            if row is None or row.before == row.before:  # a number before, none now
                told.append(f"{name} was not measured")
            continue
        fall = -row.difference.mean
        if fall > most or (row.fell and fall > SURE_FALLS.get(name, SURE_FALL)):
            span = f"[{row.difference.low:+.3f}, {row.difference.high:+.3f}]"
            told.append(f"{name} fell from {row.before:.3f} to {row.after:.3f} {span}")
    ece = {name: each.get("ece", math.nan) for name, each in comparison.calibration.items()}
    if ece and not ece["after"] <= ece["before"] + WORSE_CALIBRATION:
        told.append(f"calibration error rose from {ece['before']:.3f} to {ece['after']:.3f}")
    return told


def _of_deciders(comparison: Comparison) -> list[str]:
    """What fell of the intents told and the foreign questions seen, beside the version in use."""
    both = comparison.deciders
    if both is None:
        return []
    told = []
    for name, gain in both.gains.items():
        if name not in DECIDERS and not both.heads_before:
            continue  # a head is no worse for what the confidence tells: the desk goes by both
        before, after = both.figures[name]
        fall, most = -gain.mean, DECIDERS.get(name, FOREIGN_FALL)
        if fall > most or (gain.high < 0 and fall > SURE_FALL):
            told.append(f"{name} fell from {before:.3f} to {after:.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")
    if both.ece["after"] > both.ece["before"] + WORSE_CALIBRATION:
        told.append(f"calibration error of the intents rose from {both.ece['before']:.3f} to {both.ece['after']:.3f}")
    return told


def _of_seconds(comparison: Comparison) -> list[str]:
    before, after = (comparison.seconds[name]["median"] for name in ("before", "after"))
    if not after <= SLOWER * before + SLOWER_SECONDS:
        return [f"slower: {1000 * before:.0f} -> {1000 * after:.0f} ms a question"]
    before, after = (comparison.seconds[name].get("reply median", 0.0) for name in ("before", "after"))
    if not after <= SLOWER * before + SLOWER_REPLY:
        return [f"slower: {before:.2f} -> {after:.2f} s a written reply"]
    return []
