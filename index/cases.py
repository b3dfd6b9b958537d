"""Tickets that tell nearly the same, as one case: the best of them stands for all (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from index.codes import find_codes
from index.passages import shorten
from index.rerank import Candidate, Shown

SAME_PROBLEM = 0.9  # cosine of two problems in MiniLM; no two of the 346 tickets of the demo shop come so near
SAME_FIX = 0.75
SOLVED = ("resolved",)


@dataclass
class Case:
    """The place of the ticket that stands for the others, and theirs, best first."""

    lead: int
    others: list[int] = field(default_factory=list)


def cases_of(candidates: Sequence[Candidate]) -> list[Case]:
    """Candidates (best first) with near-identical tickets together, in the order of their best. A solved ticket stands
    for the case before one that is not."""
    cases: list[Case] = []
    for place, candidate in enumerate(candidates):
        case = next((each for each in cases if is_same(candidates[each.lead], candidate)), None)
        if case is None:
            cases.append(Case(place))
        elif _solved(candidate) and not _solved(candidates[case.lead]):
            case.others.insert(0, case.lead)
            case.lead = place
        else:
            case.others.append(place)
    return cases


def is_same(one: Candidate, other: Candidate) -> bool:
    """Whether two tickets tell of nearly the same problem, with the same codes in it. Articles never do."""
    if one.kind != "ticket" or other.kind != "ticket":
        return False
    problems = [_of_kind(each, "problem") for each in (one, other)]
    if not all(problems) or _near(problems[0][0], problems[1][0]) < SAME_PROBLEM:
        return False
    codes = [set(find_codes(f"{each[0].title}\n{each[0].text}")) for each in problems]
    return codes[0] == codes[1]


def told(case: Case, candidates: Sequence[Candidate]) -> str:
    """ "3 similar, 2 solved by: Hold reset for 10 seconds": what became of the others; "" where there are none."""
    if not case.others:
        return ""
    fixes = _of_kind(candidates[case.lead], "resolution")
    same = sum(_solved(candidates[at]) and _shares_fix(candidates[at], fixes) for at in case.others)
    count = f"{len(case.others)} similar"
    if not same or not _solved(candidates[case.lead]):
        solved = sum(_solved(candidates[at]) for at in case.others)
        return f"{count}, {solved} solved" if solved else count
    return f"{count}, {same} solved by the same: {shorten(_first_step(fixes[0].text), 70)}"


def _first_step(text: str) -> str:
    """The first sentence of a fix that tells what to do, else its first sentence."""
    from index.passages import is_small_talk

    sentences = [each.strip() for line in text.splitlines() for each in line.split(". ") if each.strip()]
    doing = [each for each in sentences if _tells(each)]
    real = [each for each in sentences if not is_small_talk(each)]
    return (doing or real or sentences or [text])[0].strip(" .")


def _tells(sentence: str) -> bool:
    first = sentence.lstrip("0123456789.)-* ").split(" ", 1)[0].lower().strip(",:")
    return first in _DOING


_DOING = frozenset(
    """hold press tap open go click select switch turn remove set choose enter reset restart update replace unplug plug
    install sign log check scan put take start close wipe clean charge delete add pair connect disconnect call send
    change cancel use""".split()
)


def _solved(candidate: Candidate) -> bool:
    return candidate.outcome in SOLVED


def _shares_fix(candidate: Candidate, fixes: Sequence[Shown]) -> bool:
    return any(_near(one, other) >= SAME_FIX for one in _of_kind(candidate, "resolution") for other in fixes)


def _of_kind(candidate: Candidate, kind: str) -> list[Shown]:
    return [each for each in candidate.passages if each.kind == kind and each.vector is not None]


def _near(one: Shown, other: Shown) -> float:
    assert one.vector is not None
    assert other.vector is not None
    return float(np.dot(one.vector, other.vector))
