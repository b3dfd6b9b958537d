"""Questions that ask what a picture shows, and questions for help with it: what the desk learns to tell apart."""

from __future__ import annotations

import random

from finetune.screens import phrases
from finetune.screens.questions import NAMES
from finetune.screens.truth import Split
from finetune.screens.wordings import (
    fact_question,
    fact_words,
    grid_question,
    grid_words,
    label_question,
    said,
    state_question,
    state_words,
    support_questions,
)
from finetune.screens.wordings_grids import SLOTS
from index.marks import COLOURS

AIMS_PER_KIND = 8


def aim_questions(split: Split) -> list[tuple[str, bool]]:
    """Questions with whether they ask what the picture shows (True) or for help with it (False), both in all the
    manners people write; the same list every time, no question twice."""
    rng = random.Random(f"aim {split}")
    aims: dict[str, bool] = {}
    for question in support_questions(split):
        aims[question] = False
        aims[said(question, rng, split)] = False
    for kind in state_words():
        for _ in range(AIMS_PER_KIND):
            label = rng.choice(NAMES.get(kind, phrases.BUTTONS))
            question = state_question(kind, rng, split, label, rng.choice(COLOURS[:5]))
            aims.setdefault(said(question, rng, split), True)
    for kind in grid_words():
        for _ in range(AIMS_PER_KIND):
            given = SLOTS | {"r": rng.choice(phrases.MENU), "s": rng.choice(phrases.MENU), "n": str(rng.randint(1, 20))}
            aims.setdefault(said(grid_question(kind, rng, split, given), rng, split), True)
    for key, words in fact_words().items():
        for _ in range(AIMS_PER_KIND // 2):
            aims.setdefault(said(fact_question(key, rng, split), rng, split, words.domain), True)
    for label in rng.sample(phrases.SWITCHES, 30):
        aims.setdefault(said(label_question(label, rng, split), rng, split), True)
    return list(aims.items())
