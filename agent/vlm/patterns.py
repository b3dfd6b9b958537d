"""What patterns find in a message without any learning (pure): the tagger's hint, and the score it has to beat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.codes import code_spans
from index.names import Names, names_in
from index.personal import find_emails, find_phones

Span = tuple[int, int, str]  # start and end in characters, label
PATTERNED = ("ORDER", "NAME", "DATE", "AMOUNT", "EMAIL", "PHONE", "CODE")  # products have no pattern

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATE = re.compile(
    r"\b(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}(?:,? [0-9]{{4}})?"
    rf"|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?(?:,? [0-9]{{4}})?"
    r"|yesterday|today|tomorrow|(?:last |next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:last|next|this) (?:week|month|year|night|morning|weekend)|[0-9]{1,2} (?:days|weeks|months) ago)\b",
    re.IGNORECASE,
)
_NUMBER = r"[0-9]{1,3}(?:[ ,][0-9]{3})*(?:[.,][0-9]{1,2})?|[0-9]+(?:[.,][0-9]{1,2})?"
_UNIT = r"(?:eur|usd|gbp|chf|euros?|dollars?|pounds?|francs?)"
_AMOUNT = re.compile(
    rf"[€$£] ?(?:{_NUMBER})|\b(?:{_UNIT} (?:{_NUMBER})|(?:{_NUMBER}) ?(?:€|\$|£|{_UNIT}\b))", re.IGNORECASE
)
_ORDER_WORD = re.compile(
    r"\b(?:order|booking|claim|return|invoice|ticket|tracking|ref)\w*(?: (?:no\.?|number|is))*[ :#]*$", re.I
)
_LONG_ID = re.compile(r"#\d{3,12}|\b(?:\d{7,12}|\d{3,8}-\d{2,8}(?:-\d{2,8})?)\b")


def rule_spans(text: str) -> list[Span]:
    """The spans found, surer kinds first where two lie over each other; products have no pattern."""
    taken: list[Span] = []
    for start, end, label in _found(text):
        if all(end <= other[0] or start >= other[1] for other in taken):
            taken.append((start, end, label))
    return sorted(taken)


def _found(text: str) -> Iterator[Span]:
    yield from ((start, end, "EMAIL") for start, end, _ in find_emails(text))
    yield from ((match.start(), match.end(), "AMOUNT") for match in _AMOUNT.finditer(text))
    yield from ((match.start(), match.end(), "DATE") for match in _DATE.finditer(text))
    yield from ((start, end, "PHONE") for start, end, _ in find_phones(text))
    for start, end in code_spans(text):
        long = sum(map(str.isdigit, text[start:end])) >= 5
        yield start, end, "ORDER" if long or _ORDER_WORD.search(text[:start]) else "CODE"
    yield from ((match.start(), match.end(), "ORDER") for match in _LONG_ID.finditer(text))
    names = Names()
    for name in names_in(text):
        names.add(name)
    yield from ((start, end, "NAME") for start, end, _ in names.find(text))
