"""Is the answer right? Facts said, claims supported, questions left alone that nothing covers, and the seconds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.desk import Desk
from agent.events import Ended
from agent.ground import unsupported_claims
from agent.replies import OFFER, read_note
from agent.sentences import split_sentences
from index.measure import Estimate, mean_of, reciprocal_rank

ANSWERING = ("template", "case", "generate")
# The desk's own words around a quotation (agent/replies.py): they claim nothing about the matter.
FRAME = ("In a past case our team answered:", "A colleague has to do this for you.", OFFER)


@dataclass(frozen=True)
class Question:
    """A test question. `facts` are alternatives each: one of them must be said; `covered` False when nothing on
    the shelf answers it."""

    id: str
    text: str
    picture: Path | None
    sources: frozenset[str]
    facts: tuple[tuple[str, ...], ...]
    covered: bool


@dataclass(frozen=True)
class Answered:
    """A question with what the desk did about it."""

    question: Question
    ended: Ended
    said: tuple[bool, ...]
    unsupported: tuple[str, ...]

    @property
    def answered(self) -> bool:
        """Whether the desk answered at all (and did not ask back or hand over)."""
        return self.ended.decision.act in ANSWERING

    @property
    def right(self) -> bool:
        """Whether every fact was said."""
        return self.answered and all(self.said)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that were read on the picture."""
        return tuple(each.words for each in self.ended.pictures if each.words.strip())


@dataclass(frozen=True)
class Judgement:
    """Shares (0..1) over one set of questions, with their intervals."""

    supported: Estimate
    """Answers given whose every claim stands in a cited passage or was said by the customer."""
    right: Estimate
    """Covered questions whose every fact was said."""
    facts: Estimate
    """Facts said, averaged over covered questions."""
    left_alone: Estimate
    """Uncovered questions that were not answered."""
    refused: Estimate
    """Covered questions that were not answered: false refusals."""


def ask(desk: Desk, question: Question) -> Answered:
    """Put one question to the desk, as a new conversation, and look at its answer."""
    pictures = [question.picture] if question.picture else []
    for event in desk.answer(question.text, pictures):
        if isinstance(event, Ended):
            said = tuple(is_said(fact, event.answer) for fact in question.facts)
            return Answered(question, event, said, tuple(unsupported(event, question.text)))
    raise AssertionError("a desk always ends its turn")


def is_said(alternatives: Iterable[str], answer: str) -> bool:
    """Whether one of the alternatives occurs in the answer, whatever the case, spacing and bold type.

    An alternative with a figure stands alone: "3 s" is not said by "13 s", "3 switches" or "1.3 s".
    """
    text = _normal(answer)
    return any(re.search(_pattern(_normal(each)), text) for each in alternatives)


def unsupported(ended: Ended, question: str) -> list[str]:
    """The claims of an answer that neither its cited passages, the customer nor the picture support."""
    cited = [f"{each.title}\n{each.passage}" for each in ended.citations]
    known = [question, *(f"{each.words}\n{each.layout}" for each in ended.pictures)]
    body = ended.answer.removeprefix(read_note(ended.pictures))
    for words in FRAME:
        body = body.replace(words, "")
    return [
        claim.text for sentence in split_sentences(body.strip()) for claim in unsupported_claims(sentence, cited, known)
    ]


def judge(answers: Sequence[Answered], seed: int = 0) -> Judgement:
    """The shares over a set of answers."""
    covered = [each for each in answers if each.question.covered]
    return Judgement(
        mean_of([float(not each.unsupported) for each in answers if each.answered], seed),
        mean_of([float(each.right) for each in covered if each.said], seed),
        mean_of([_facts_share(each) for each in covered if each.said], seed),
        mean_of([float(not each.answered) for each in answers if not each.question.covered], seed),
        mean_of([float(not each.answered) for each in covered], seed),
    )


def worst(answers: Sequence[Answered], most: int = 10) -> list[dict[str, Any]]:
    """The answers most worth looking into: wrong guesses first, then refusals and missing facts."""
    bad = sorted((each for each in answers if _badness(each) > 0), key=lambda each: (-_badness(each), each.question.id))
    return [describe(each) for each in bad[:most]]


def describe(each: Answered) -> dict[str, Any]:
    """One answer with what was expected of it."""
    facts = [fact[0] for fact, said in zip(each.question.facts, each.said, strict=True) if not said]
    return {
        "id": each.question.id,
        "question": each.question.text,
        "picture": each.question.picture.name if each.question.picture else None,
        "covered": each.question.covered,
        "expected": sorted(each.question.sources),
        "found": [hit.source_id for hit in each.ended.hits],
        "act": each.ended.decision.act,
        "rule": each.ended.decision.rule,
        "confidence": round(each.ended.decision.confidence, 3),
        "cited": [cited.source_id for cited in each.ended.citations],
        "facts_missing": facts,
        "unsupported": list(each.unsupported),
        "answer": each.ended.answer,
    }


def _badness(each: Answered) -> float:
    """How far an answer is from what was wanted; 0 when nothing is wrong with it."""
    if not each.question.covered:
        return 4.0 if each.answered else 0.0
    cited = [cited.source_id for cited in each.ended.citations]
    astray = each.answered and bool(cited) and not reciprocal_rank(cited, each.question.sources)
    unbacked = each.answered and bool(each.unsupported)
    return 2.0 * unbacked + 1.5 * astray + 1.0 * (not each.answered) + (1.0 - _facts_share(each))


def _facts_share(each: Answered) -> float:
    if not each.said:
        return 1.0
    return sum(each.said) / len(each.said) if each.answered else 0.0


def _normal(text: str) -> str:
    return " ".join(text.replace("**", "").replace("’", "'").split()).casefold()


def _pattern(alternative: str) -> str:
    if not any(mark.isdigit() for mark in alternative):
        return re.escape(alternative)
    return rf"(?<!\w)(?<!\d[.,]){re.escape(alternative)}(?!\w)(?![.,]\d)"
