"""What a version's generator learns from: its own conversations over what the desk would find, and what it must keep.

Each conversation stands three ways: its reply out of all that is found (the right passage among distractors), out of
the right passage alone, and over passages that do not answer, where the reply is to say so. Beside them stand made-up
topics and drawn screens, so that what was learned before is not forgotten.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from agent.evidence import Evidence
from finetune.examples import Ask, Example
from finetune.grounded import ABSENT, cite
from finetune.material import Pair
from finetune.own import BlindDesk, Solved, answer_from, is_foreign
from index.sources import load_picture
from index.store import Store

LEAST_DIALOGUES = 40  # fewer conversations than these say little of a shop, and what was there before is lost for them
MOST_ABSENT = 0.35  # of the questions: a model that mostly hears "no" says it to everything
SOURCE = "own"


@dataclass
class Dialogues:
    """Examples of a run: `own` of the shop's conversations, `kept` of what must not be forgotten; `answered` counts the
    conversations whose reply stands in a passage; `dropped` the others, by reason."""

    own: list[Example] = field(default_factory=list)
    kept: list[Example] = field(default_factory=list)
    answered: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def every(self) -> list[Example]:
        """All of them, the shop's first."""
        return [*self.own, *self.kept]

    def as_json(self) -> dict[str, Any]:
        """As it stands in the card: what and how many."""
        kinds = Counter(ask.kind for each in self.every for ask in each.asks)
        return {
            "conversations": self.answered, "own": len(self.own), "kept": len(self.kept), "questions": dict(kinds),
            "sources": dict(Counter(each.source.split(":")[0] for each in self.every)),
            "dropped": dict(sorted((+self.dropped).items())),
        }  # fmt: skip


def case_of(pair: Pair, store: Store) -> Solved:
    """The pair as a solved ticket; its words are the masked ones."""
    pictures = tuple(filter(None, (load_picture(store, sha) for sha in pair.pictures)))
    return Solved(pair.id, pair.customer, pair.question, pictures, pair.reply)


def dialogues_of(
    pairs: Sequence[Pair], desk: BlindDesk, store: Store, hidden: Set[str], seed: int = 0
) -> Dialogues:  # fmt: skip
    """The shop's examples. Nothing of the conversations `hidden` is seen, nor the ticket itself and those that gave the
    same reply in the same words. The same arguments give the same examples."""
    made = Dialogues()
    copies: dict[str, set[str]] = {}
    for pair in pairs:
        copies.setdefault(" ".join(f"{pair.question} {pair.reply}".lower().split()), set()).add(pair.id)
    own_of = {name: names for names in copies.values() for name in names}
    absent: list[Example] = []
    for pair in pairs:
        case, unseen = case_of(pair, store), {*hidden, *own_of[pair.id]}
        evidence = desk.found(case, unseen)
        if answer := answer_from(case, evidence):
            made.answered += 1
            made.own += _answering(case, evidence, answer)
            absent += [
                _example(case, f"beside-{at}", (each,), Ask(case.question, ABSENT, "absent"))
                for at, each in enumerate(evidence, start=1)
                if f"[{at}]" not in answer and is_foreign(case, each)
            ][:1]
        else:
            made.dropped["nothing found says what the team said"] += 1
        if without := desk.beside_the_matter(case, unseen):
            absent.append(_example(case, "without", without, Ask(case.question, ABSENT, "absent")))
    room = round(len(made.own) * MOST_ABSENT / (1 - MOST_ABSENT))
    chance = random.Random(f"absent {seed}")
    made.own += absent if len(absent) <= room else chance.sample(absent, room)
    made.own.sort(key=lambda each: each.id)
    return made


def _answering(case: Solved, evidence: Sequence[Evidence], answer: str) -> list[Example]:
    """The reply out of all that was found, and out of the right passage alone."""
    right = next(at for at in range(1, len(evidence) + 1) if f"[{at}]" in answer)
    told = [_example(case, "found", evidence, Ask(case.question, answer, "grounded"))]
    if len(evidence) > 1:
        alone = cite(answer.replace(f" [{right}]", ""), 1)
        told.append(_example(case, "alone", (evidence[right - 1],), Ask(case.question, alone, "grounded")))
    return told


def _example(case: Solved, how: str, evidence: Iterable[Evidence], ask: Ask) -> Example:
    passages = tuple((each.title, each.text) for each in evidence)
    screens = tuple(each.text for each in case.pictures if each.text.strip())
    return Example(f"{SOURCE}-{case.id}-{how}", SOURCE, (ask,), passages, screens)


def kept_of(topics: int, screens: int, split: str, seed: int) -> list[Example]:
    """Made-up topics and drawn screens of "train" or "test", as the shipped weights learned them."""
    from finetune.grounded import make_grounded
    from finetune.screens.questions import make_examples

    kept = list(make_grounded(topics, split, seed)) if topics else []
    return kept + (list(make_examples(screens, "test" if split == "test" else "train", seed)) if screens else [])
