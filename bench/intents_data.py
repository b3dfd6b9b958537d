"""The public intent sets as rows: official test rows apart, rows to choose with taken from the training side."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finetune.cases import Case
from finetune.datasets import intent_rows

SETS = ("hwu64", "clinc150", "banking77", "banking77-10")
SHOTS = 10


@dataclass(frozen=True)
class Rows:
    """A set: labelled questions to learn, to choose with and to ask; questions of no intent likewise."""

    learn: list[Case]
    check: list[Case]
    test: list[Case]
    outside: dict[str, list[str]] = field(default_factory=dict)


def load(name: str, folder: Path, seed: int = 0) -> Rows:
    """A set by its name. FileNotFoundError where it is not there."""
    if name == "clinc150":
        full = json.loads((folder / name / "data_full.json").read_text("utf-8"))
        parts = ([Case(text, label) for text, label in full[part]] for part in ("train", "val", "test"))
        outside = {part: [text for text, _ in full[f"oos_{part}"]] for part in ("train", "val", "test")}
        return Rows(*parts, outside)
    if name == "hwu64":
        learn, test = (_table(folder / name / f"{part}_kfold1.tsv", "intent") for part in ("train", "test"))
        return Rows(*held(learn, 0.05, seed), test)
    learn, test = (_table(folder / "banking77" / f"{part}.csv", "category") for part in ("train", "test"))
    if name == "banking77":
        return Rows(*held(learn, 0.05, seed), test)
    few, rest = shots(learn, SHOTS, seed)
    return Rows(few, rest[:1000], test)


def _table(file: Path, label: str) -> list[Case]:
    return [Case(*row) for row in intent_rows(file, label)]


def held(cases: Sequence[Case], share: float, seed: int) -> tuple[list[Case], list[Case]]:
    """(to learn, to choose with): so large a share of each label, at least one."""
    return _apart(cases, lambda count: count - max(1, round(count * share)), seed)


def shots(cases: Sequence[Case], each: int, seed: int) -> tuple[list[Case], list[Case]]:
    """(so many of each label, the rest in a seeded order)."""
    few, rest = _apart(cases, lambda count: each, seed)
    return few, random.Random(seed).sample(rest, len(rest))


def _apart(cases: Sequence[Case], first: Callable[[int], int], seed: int) -> tuple[list[Case], list[Case]]:
    chance, found = random.Random(seed), ([], [])  # type: tuple[list[Case], list[Case]]
    by_label: dict[str, list[Case]] = {}
    for case in cases:
        by_label.setdefault(case.label, []).append(case)
    chance = random.Random(seed)
    for label in sorted(by_label):
        rows = chance.sample(by_label[label], len(by_label[label]))
        found[0].extend(rows[: first(len(rows))])
        found[1].extend(rows[first(len(rows)) :])
    return found
