"""From corrections and thumbs to pairs a model can prefer, over the passages the desk would find.

A model is never taught a fact here: what it is to prefer must stand in the passages. Where they do not hold what a
person would rather have said, the reply to prefer is that they do not answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from agent.evidence import Evidence
from agent.ground import check
from finetune.examples import Ask, Example
from finetune.grounded import ABSENT, cite
from finetune.material import Preference, Vote
from finetune.own import BlindDesk, Solved, answer_from, is_foreign
from finetune.preferring import CHOSEN, DISLIKED, LIKED, OTHERS, REJECTED
from index.words import content_words

LEAST_CORRECTIONS = 20  # pairs: below, the model learns these very sentences and no preference
LEAST_VOTES = 100  # thumbs say less than a correction, and its reference point wants others beside it
LEAST_WORDS = 3


@dataclass
class Wanted:
    """Examples with pairs (`corrected`) and with thumbs (`rated`), and what gave none, by reason."""

    corrected: list[Example] = field(default_factory=list)
    rated: list[Example] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def every(self) -> list[Example]:
        """What there is enough of."""
        corrected = self.corrected if len(self.corrected) >= LEAST_CORRECTIONS else []
        return [*corrected, *(self.rated if len(self.rated) >= LEAST_VOTES else [])]

    def as_json(self) -> dict[str, Any]:
        """As it stands in the run's state and the papers."""
        return {
            "corrections": len(self.corrected), "thumbs": len(self.rated), "dropped": dict(sorted(self.dropped.items()))
        }  # fmt: skip

    def why_none(self) -> str:
        """Why there is nothing to learn, for a person."""
        return (
            f"{len(self.corrected)} corrections and {len(self.rated)} thumbs say enough; {LEAST_CORRECTIONS} or"
            f" {LEAST_VOTES} are needed, because from fewer a model learns the very sentences and no preference"
        )


def wanted_of(
    preferences: Sequence[Preference], votes: Sequence[Vote], desk: BlindDesk, hidden: Set[str]
) -> Wanted:  # fmt: skip
    """Every correction and thumb as an example, over what the desk finds without the conversation it comes from and
    without the conversations `hidden`."""
    made = Wanted()
    for at, each in enumerate(preferences):
        evidence = desk.found(_asked(each.question, each.chosen), {*hidden, each.conversation})
        chosen = rather(each, evidence)
        if not chosen:
            made.dropped["whether the passages hold the correction is not clear"] += 1
        elif chosen == each.rejected.strip():
            made.dropped["the correction says the same"] += 1
        else:
            asks = (Ask(each.question, chosen, CHOSEN), Ask(each.question, each.rejected, REJECTED))
            made.corrected.append(Example(f"correction-{at}-{each.conversation}", "corrections", asks, _said(evidence)))
    rated: list[tuple[Vote, str, tuple[Evidence, ...]]] = []
    for at, vote in enumerate(votes):
        evidence = desk.found(_asked(vote.question, vote.answer), {*hidden, vote.conversation})
        if vote.good and not _stands(vote.answer, evidence, vote.question):
            made.dropped["a liked answer does not stand in the passages of today"] += 1
        elif evidence:
            rated.append((vote, f"thumb-{at}-{vote.conversation}", evidence))
    for at, (vote, name, evidence) in enumerate(rated):
        other = rated[(at + 1) % len(rated)][0]
        asks = (
            Ask(vote.question, vote.answer, LIKED if vote.good else DISLIKED), Ask(vote.question, other.answer, OTHERS)
        )  # fmt: skip
        made.rated.append(Example(name, "thumbs", asks, _said(evidence)))
    return made


def rather(preference: Preference, evidence: Sequence[Evidence]) -> str:
    """What the model is to prefer (pure): the person's words where one passage holds them, else what the passages say
    of them, else that they do not answer where they surely do not; "" where that is not clear."""
    for number, each in enumerate(evidence, start=1):
        if _stands(preference.chosen, (each,), preference.question):
            return cite(preference.chosen, number)
    case = _asked(preference.question, preference.chosen)
    if answer := answer_from(case, evidence):
        return answer
    return ABSENT if evidence and all(is_foreign(case, each) for each in evidence) else ""


def _asked(question: str, reply: str) -> Solved:
    return Solved("", "", question, (), reply)


def _stands(reply: str, evidence: Sequence[Evidence], question: str) -> bool:
    """Whether every sentence of a reply is supported, and something is said at all."""
    checked = check(reply, [f"{each.title}\n{each.text}" for each in evidence], [question])
    return not checked.dropped and len(content_words(" ".join(checked.kept))) >= LEAST_WORDS


def _said(evidence: Sequence[Evidence]) -> tuple[tuple[str, str], ...]:
    return tuple((each.title, each.text) for each in evidence)
