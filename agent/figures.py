"""Figures and what they count: "ten seconds", "10 s" and "10.0 sec" are one, "10 minutes" is another (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.codes import code_spans

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_WORDS = {word: number for number, word in enumerate(f"{_ONES} eighteen nineteen".split())}
_TENS = {word: 10 * number for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_TIMES = {"once": 1, "twice": 2}
_UNITS = {
    "second": "s sec secs second seconds",
    "minute": "min mins minute minutes",
    "hour": "h hr hrs hour hours",
    "day": "d day days",
    "working day": "workday workdays",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "%": "% percent pct",
    "EUR": "eur euro euros €",
    "USD": "usd dollar dollars $",
    "GBP": "gbp pound pounds £",
    "CHF": "chf franc francs",
    "m": "m metre metres meter meters",
    "cm": "cm centimetre centimetres centimeter centimeters",
    "mm": "mm millimetre millimetres millimeter millimeters",
    "km": "km kilometre kilometres kilometer kilometers",
    "kg": "kg kilo kilos",
    "g": "g gram grams",
    "V": "v volt volts",
    "W": "w watt watts",
    "A": "a amp amps",
    "GHz": "ghz",
    "MHz": "mhz",
    "KB": "kb",
    "MB": "mb",
    "GB": "gb",
    "degree": "° °c °f degree degrees",
    "time": "x × time times",
}  # fmt: skip
_UNIT_OF = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings.split()}
_UNIT = "|".join(sorted(map(re.escape, _UNIT_OF), key=len, reverse=True))
_WORD = "|".join([*_WORDS, *_TENS, *_TIMES, *(f"{tens}-(?:{'|'.join(_ONES.split()[1:10])})" for tens in _TENS)])
_NUMBER = re.compile(
    rf"(?:(?P<currency>[€$£]|\b(?:EUR|USD|GBP|CHF))\s?)?"
    rf"(?:(?<![\w.,])(?P<sign>[-−](?=\d))?(?<![\d.])(?P<digits>\d+(?:[.,:]\d+)*)|\b(?P<word>{_WORD})\b)"
    rf"(?P<rest>(?:\s?(?:-|–|to|or|and|x|×)\s?\d+(?:[.,:]\d+)*)*[\s-]?(?P<working>(?:working|business|full|whole|more|calendar)[\s-])?"
    rf"(?P<unit>{_UNIT})(?!\w))?"
    rf"(?P<glued>[^\W\d_]\w*)?",
    re.I,
)
_SINGLE = re.compile(r"\b(?:a|an|another|one)\s(?:(?P<working>working|business)\s)?(?P<unit>second|minute|hour|day|week|month|year|metre|meter)\b", re.I)
_MIXED = re.compile(r"(?<![\w.@/-])(?=\w*\d)(?=\w*[^\W\d_])[^\W_][\w]*(?![\w@])")


@dataclass(frozen=True)
class Figure:
    """A number (or a token like "v2") with the unit it counts, "" where there is none."""

    number: str
    unit: str
    text: str = field(compare=False)
