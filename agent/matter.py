"""What a whole talk asks for: the last line, what it takes back, and what earlier lines still add (pure)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from index.codes import code_spans, find_codes, normal_code
from index.words import content_words, stem

MOST_LINES = 8  # of a talk; what was said longer ago than that is another matter
MOST_NEGATED = 4  # words after a "not" that may be what is taken back

_FORGET = re.compile(
    r"\b(?:scratch|forget|ignore|drop) (?:that|it|this|what i (?:said|wrote))\b|\bnever ?mind\b"
    r"|\b(?:another|a different|second|new|other) (?:thing|question|matter|problem|issue|topic)\b",
    re.I,
)
# "sorry, I meant ...", "correction: E-40", "*white", "no, E-12": a line that puts an earlier one right.
_RIGHTS = re.compile(
    r"^\W*(?:no+|nope|sorry|oops|oh wait|wait|wrong|correction|typo|not|actually|\*(?=\w))\b|^\W*\*(?=\w)"
    r"|\b(?:i (?:actually )?(?:(?:do not |don['’]?t )?meant?|mistyped|misread|misspoke|mixed)"
    r"|my (?:mistake|bad|fault)|i should have said"
    r"|read (?:it|that) wrong|typo|correction|rather than|instead of|wrong (?:word|code|device|one))\b"
    r"|(?<=[\w)])[,;]? (?:and )?not (?=(?:the|an?|my|our|your|on|in|for|with)\b|[A-Z]{1,6}-?\d)"
    r"|\b(?:it|that|this)(?:['’]s not| is not| isn['’]?t) (?:the|an?|my|our|your)\b",
    re.I,
)
_NEGATED = re.compile(
    r"(?:\bnot|\brather than|\binstead of|\bisn['’]?t|\bdon['’]?t (?:mean|want to|want)|\bno longer)"
    r"(?: (?:about|the|an?|my|our|your|on|in|for|with|to))*",
    re.I,
)
_ENDS = re.compile(
    r"[.,;:!?()\n]|\s[-–—]\s|\b(?:but|and|or|it|its|is|which|that|so|because|when|where|how|what|i)\b", re.I
)
_WORD = re.compile(r"[^\W_]+(?:['’+-][^\W_]+)*\+?")
_RIVALS = (
    frozenset("android iphone ios ipad windows mac macos linux".split()),
    frozenset("chrome firefox safari edge opera".split()),
    frozenset("white blue red green amber orange purple yellow black pink".split()),
    frozenset("monday tuesday wednesday thursday friday saturday sunday".split()),
)


def matter_of(lines: Sequence[str], stands: Callable[[str], bool]) -> str:
    """What to look for after these lines of one customer: the last one, after what still stands of earlier ones.

    `stands` says whether a line speaks for itself (the shelf has something close to it). From the last line that
    does, all is kept, less what later lines took back. A line that takes something back never stands by itself.
    """
    kept: list[str] = []
    for line in lines[-MOST_LINES:]:
        if _FORGET.search(line):
            kept = []
        elif kept and puts_right(line):
            kept, line = taken_back(kept, line)
        elif stands(line):
            kept = []
        kept.append(line)
    return "\n".join(filter(str.strip, kept))


def puts_right(line: str) -> bool:
    """Whether a line corrects what was said before, by its words."""
    return bool(_RIGHTS.search(line))


def taken_back(earlier: Sequence[str], line: str) -> tuple[list[str], str]:
    """The earlier lines without what the line takes back, and the line without it too."""
    said = {stem(word) for each in earlier for word in content_words(each)}
    codes = {code for each in earlier for code in find_codes(each)}
    gone: set[str] = set()
    for start, thing, end in reversed(_negated(line)):
        words, named = [stem(word) for word in content_words(line[thing:end])], find_codes(line[thing:end])
        if (words and said.issuperset(words)) or codes.intersection(named):
            gone |= {*words, *named}
            line = f"{line[:start].rstrip()} {line[end:].lstrip()}".strip()
    gone |= _replaced(earlier, line)
    return [_without(each, gone) for each in earlier], line


def _negated(line: str) -> list[tuple[int, int, int]]:
    """Where the things stand that a line says it is not: (start of the "not", start and end of the thing)."""
    spans = []
    for match in _NEGATED.finditer(line):
        ends = _ENDS.search(line, match.end() + 1)
        words = [word.end() for word in _WORD.finditer(line, match.end(), ends.start() if ends else len(line))]
        if words:
            spans.append((match.start(), match.end(), words[:MOST_NEGATED][-1]))
    return spans


def _replaced(earlier: Sequence[str], line: str) -> set[str]:
    """Words and codes of earlier lines that the line says otherwise: another code of the same family, another of the
    same kind (Android for iPhone), another word before the same one ("leak sensor" for "motion sensor")."""
    now, before = find_codes(line), {code for each in earlier for code in find_codes(each)}
    gone = {code for code in before - set(now) if _family(code) in {_family(each) for each in now}}
    words, said = set(content_words(line)), {word for each in earlier for word in content_words(each)}
    for kind in _RIVALS:
        if kind & words:
            gone |= {stem(word) for word in (kind & said) - words}
    heads = dict(_pairs(line))
    for head, word in (pair for each in earlier for pair in _pairs(each)):
        if heads.get(head, word) != word and word not in heads.values():
            gone.add(word)
    return gone


def _pairs(text: str) -> list[tuple[str, str]]:
    """Each word with the one right before it, both carrying meaning, as (stem of the word, stem of the one before)."""
    words = [content_words(word) for word in _WORD.findall(text)]
    both = itertools.pairwise(words)
    return [(stem(word[0]), stem(before[0])) for before, word in both if before and word]


def _family(code: str) -> str:
    return re.sub(r"\d.*", "", code)


def _without(text: str, gone: set[str]) -> str:
    """The text less those words and codes."""
    for start, end in reversed(code_spans(text)):
        if normal_code(text[start:end]) in gone:
            text = text[:start] + text[end:]
    kept = _WORD.sub(lambda found: "" if gone.intersection(map(stem, content_words(found[0]))) else found[0], text)
    return re.sub(r"\s+", " ", kept).strip()
