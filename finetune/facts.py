"""Whether a reply says the fact of the wanted sentences, cites, or refuses: judged by figures, codes, names and words
(pure)."""

from __future__ import annotations

import re

from agent.picture_answer import is_absent
from agent.prompts import NOT_IN_PASSAGES

OUTER = "\"'“”‘’«»[](){}<>.,:;!?|·• "
_CITED = re.compile(r"\[(\d{1,2})\]")
_REFUSED = re.compile(
    r"not in the passages?\b"
    r"|(?:passages?|screenshots?|text|information)\b[^.]{0,40}\b(?:do|does|did|is|are|was)(?: not|n't)"
    r"|\bnot (?:shown|mentioned|specified|provided|stated|visible|available|answered)\b",
    re.I,
)
GREETING = re.compile(r"^(?:Hi|Hey|Hello|Dear|Hola|Good \w+)\b[^,.!:]{0,30}[,.!] *(?:about your [^:]{1,40}: *)?", re.I)
_WORD = re.compile(r"[^\W_]+(?:[.,:/'’@+&_-]+[^\W_]+)*[%°€$£]?")


def normal(text: str) -> str:
    """Lower case, without spaces and without signs around each part of a list; "O" and "0" stay apart."""
    parts = (part.casefold().strip(OUTER) for part in re.split(r",\s", " ".join(text.split())))
    return ", ".join("".join(part.split()) for part in parts if part)


def refuses(reply: str, generous: bool = False) -> bool:
    """Whether the reply says that the passages do not answer; `generous` takes other wordings of it too."""
    if normal(reply) == normal(NOT_IN_PASSAGES) or is_absent(reply):
        return True
    return generous and says_no(reply)


def says_no(reply: str) -> bool:
    """Whether the reply says in any wording that something is not shown or not in the passages."""
    return bool(_REFUSED.search(reply))


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
    wanted = GREETING.sub("", wanted)
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
