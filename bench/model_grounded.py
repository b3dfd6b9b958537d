"""Replies over given passages, on topics never trained on: the right fact, the right citation, the right refusal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.prompts import build_messages
from bench.model_systems import Systems, Voice
from bench.report import Report, Writer, share, table
from finetune.facts import citations, fact_said, fact_wrong, refuses
from index.measure import mean_of

if TYPE_CHECKING:
    from finetune.examples import Ask, Example

TITLE = "Grounded replies on new topics"
MOST_TOKENS = 96
HEAD = ("", "n", "right fact", "right fact, cited right", "wrong fact", "false refusal", "absent n", "refused rightly")


@dataclass
class Grounded:
    """The scores (0 or 1) of one voice; `rows` its replies."""

    right: list[float] = field(default_factory=list)
    cited: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)
    false_refusal: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, example: Example, ask: Ask, reply: str, generous: bool = False) -> None:
        """Judge one reply; `generous` takes other wordings of a refusal."""
        no = refuses(reply, generous)
        told: dict[str, Any] = {"id": example.id, "question": ask.question, "gold": ask.answer, "reply": reply}
        if ask.kind == "absent":
            self.refused.append(float(no))
            self.rows.append(told | {"right": no})
            return
        right = fact_said(reply, ask.answer)
        wrong = fact_wrong(reply, ask.answer, ask.question, generous)
        self.right.append(float(right))
        self.cited.append(float(right and citations(reply) == citations(ask.answer)))
        self.wrong.append(float(wrong))
        self.false_refusal.append(float(no))
        self.rows.append(told | {"right": right, "cited": bool(self.cited[-1]), "wrong": wrong})

    def cells(self, seed: int) -> list[str]:
        """The cells of the table."""
        parts = [share(mean_of(part, seed)) for part in (self.right, self.cited, self.wrong, self.false_refusal)]
        return [str(len(self.right)), *parts, str(len(self.refused)), share(mean_of(self.refused, seed))]

    def figures(self, seed: int) -> dict[str, Any]:
        """The same numbers by name."""
        names = ("right", "cited", "wrong", "false_refusal", "refused")
        return {name: mean_of(getattr(self, name), seed) for name in names}


def run(systems: Systems, count: int, seed: int) -> Report:
    """Made-up topics of the test split: no domain, fact or wording of the training, the right passage in the prompt."""
    from finetune.grounded import make_grounded

    writer = Writer(TITLE)
    examples = list(make_grounded(count, "test", seed))
    asked = sum(len(example.asks) for example in examples)
    writer.say(
        f"{len(examples)} made-up topics of the test split, {asked} questions, passages in the prompt, at most "
        f"{MOST_TOKENS} tokens. Right: every figure, code and name of the wanted sentence, and 0.7 of its words; "
        "wrong: another figure, code or name, or another sentence."
    )
    rows = []
    for voice in systems.voices:
        judged = ask_voice(voice, examples, voice is systems.base)
        writer.figures[voice.name] = judged.figures(seed)
        rows.append([voice.name, *judged.cells(seed)])
        writer.details += [{"system": voice.name, **row} for row in judged.rows]
    writer.say(*table(HEAD, rows))
    writer.say("Refusals of the base are taken in any words; those of a trained model in the taught words only.")
    return writer.done()


def ask_voice(voice: Voice, examples: Sequence[Example], generous: bool) -> Grounded:
    """Every question of the examples asked of one voice, as the desk would ask."""
    judged = Grounded()
    for done, example in enumerate(examples, start=1):
        for ask in example.asks:
            messages = build_messages(ask.question, example.passages, example.screens, example.history)
            judged.add(example, ask, voice.say(messages, most=MOST_TOKENS), generous)
        if done % 10 == 0:
            print(f"{voice.name}: {done} of {len(examples)} topics", file=sys.stderr, flush=True)
    return judged
