"""Whether a reply is the answer: case, spaces and outer signs are forgiven, a misread letter is not (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.picture_answer import is_absent
from agent.prompts import NOT_IN_PASSAGES, NOT_SHOWN

READING = ("value", "two values", "error")
SEEING = ("state", "pointing", "press", "count")
ABSENT = "not shown"
_OUTER = "\"'“”‘’«»[](){}<>.,:;!?|·• "
_CITED = re.compile(r"\[(\d{1,2})\]")
_REFUSED = re.compile(
    r"not in the passages?\b"
    r"|(?:passages?|screenshots?|text|information)\b[^.]{0,40}\b(?:do|does|did|is|are|was)(?: not|n't)"
    r"|\bnot (?:shown|mentioned|specified|provided|stated|visible|available|answered)\b",
    re.I,
)
_GREETING = re.compile(r"^(?:Hi|Hey|Hello|Dear|Hola|Good \w+)\b[^,.!:]{0,30}[,.!] *(?:about your [^:]{1,40}: *)?", re.I)
_WORD = re.compile(r"[^\W_]+(?:[.,:/'’@+&_-]+[^\W_]+)*[%°€$£]?")


def group_of(kind: str) -> str:
    """ "reading", "seeing" or "not shown": what a kind of question is reported under; "" for any other."""
    if kind == ABSENT:
        return ABSENT
    return "reading" if kind in READING else "seeing" if kind in SEEING else ""


def normal(text: str) -> str:
    """Lower case, without spaces and without signs around each part of a list; "O" and "0" stay apart."""
    parts = (part.casefold().strip(_OUTER) for part in re.split(r",\s", " ".join(text.split())))
    return ", ".join("".join(part.split()) for part in parts if part)


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
            if is_absent(reply) or _REFUSED.search(reply):
                return True
        elif all(f" {_spaced(part)} " in told for part in re.split(r",\s|;\s", each) if _spaced(part)):
            return True
    return False


def _spaced(text: str) -> str:
    words = (word.strip(_OUTER) for word in text.casefold().split())
    return " ".join(word for word in words if word)


# --- replies that rest on passages ------------------------------------------------------------------------------


def refuses(reply: str, generous: bool = False) -> bool:
    """Whether the reply says that the passages do not answer; `generous` takes other wordings of it too."""
    if normal(reply) == normal(NOT_IN_PASSAGES) or is_absent(reply):
        return True
    return bool(generous and _REFUSED.search(reply))


def citations(reply: str) -> frozenset[int]:
    """The passages that the reply cites."""
    return frozenset(int(number) for number in _CITED.findall(reply))


def bare(reply: str) -> str:
    """The reply without its citations."""
    return " ".join(_CITED.sub(" ", reply).replace(" .", ".").split())


def values(text: str) -> frozenset[str]:
    """The words of a text that carry its facts: figures, codes, and names (capitals inside of a sentence), in lower
    case."""
    found = set()
    for sentence in re.split(r"(?<=[.!?:])\s+|\n", bare(text)):
        for place, word in enumerate(_WORD.findall(sentence)):
            if any(sign.isdigit() for sign in word) or word[1:] != word[1:].lower() or (place and word[:1].isupper()):
                found.add(word.casefold())
    return frozenset(found)


def words(text: str) -> list[str]:
    """The words of a text in lower case, in their order, without citations."""
    return [word.casefold() for word in _WORD.findall(bare(text))]


def fact_said(reply: str, wanted: str) -> bool:
    """Whether the reply says the fact of the wanted sentences: every figure, code and name of it, and most (0.7) of
    its other words, for figures without their sentence say nothing. A greeting need not be said."""
    wanted = _GREETING.sub("", wanted)
    said = set(words(reply))
    sought = words(wanted)
    kept = sum(word in said for word in sought)
    return values(wanted) <= said and kept >= 0.7 * len(sought)


def fact_wrong(reply: str, wanted: str, question: str, generous: bool = False) -> bool:
    """Whether a reply that does not say the fact says another: a figure, code or name that is neither in the wanted
    sentences nor in the question, or, of a fact without figures, most words of another sentence."""
    if fact_said(reply, wanted) or refuses(reply, generous):
        return False
    allowed = {*words(wanted), *words(question)}
    if any(word not in allowed for word in values(reply)):
        return True
    said = words(reply)
    return bool(said) and sum(word in allowed for word in said) < 0.5 * len(said)
