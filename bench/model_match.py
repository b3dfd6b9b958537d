"""Whether a reply is the answer: case, spaces and outer signs are forgiven, a misread letter is not (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.picture_answer import is_absent
from agent.prompts import NOT_SHOWN
from finetune.facts import OUTER, normal, says_no

READING = ("value", "two values", "error")
SEEING = ("state", "pointing", "press", "count")
ABSENT = "not shown"


def group_of(kind: str) -> str:
    """ "reading", "seeing" or "not shown": what a kind of question is reported under; "" for any other."""
    if kind == ABSENT:
        return ABSENT
    return "reading" if kind in READING else "seeing" if kind in SEEING else ""


def same(reply: str, wanted: str) -> bool:
    """Whether the reply is this answer; names joined by ", " may come in any order."""
    if wanted == NOT_SHOWN:
        return is_absent(reply)
    given, sought = normal(reply), normal(wanted)
    if given == sought:
        return bool(sought)
    return ", " in sought and sorted(given.split(", ")) == sorted(sought.split(", "))


def right(reply: str, answers: Iterable[str]) -> bool:
    """Whether the reply is one of the accepted answers."""
    return any(same(reply, each) for each in answers)


def says(reply: str, answers: Iterable[str]) -> bool:
    """Generous, for models that talk: whether an accepted answer stands anywhere in the reply as whole words."""
    told = f" {_spaced(reply)} "
    for each in answers:
        if each == NOT_SHOWN:
            if is_absent(reply) or says_no(reply):
                return True
        elif all(f" {_spaced(part)} " in told for part in re.split(r",\s|;\s", each) if _spaced(part)):
            return True
    return False


def _spaced(text: str) -> str:
    words = (word.strip(OUTER) for word in text.casefold().split())
    return " ".join(word for word in words if word)
