"""Figures and what they count: "ten seconds", "10 s" and "10.0 sec" are one, "10 minutes" is another (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from index.codes import code_spans

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_WORDS = {word: str(number) for number, word in enumerate(_SMALL)}
for _at, _tens in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2):
    _WORDS[_tens] = str(10 * _at)
    _WORDS.update({f"{_tens}-{ones}": str(10 * _at + number) for number, ones in enumerate(_SMALL[:10])})
_SPELLINGS = {
    "s": "s sec secs second seconds", "min": "min mins minute minutes", "h": "h hr hrs hour hours",
    "day": "d day days", "working day": "workday workdays", "week": "week weeks", "month": "month months",
    "year": "year years", "%": "% percent", "EUR": "eur euro euros €", "USD": "usd dollar dollars $",
    "GBP": "gbp pound pounds £", "CHF": "chf franc francs", "m": "m metre metres meter meters",
    "cm": "cm centimetre centimetres centimeter centimeters",
    "mm": "mm millimetre millimetres millimeter millimeters", "km": "km kilometre kilometres kilometer kilometers",
    "kg": "kg", "g": "g gram grams", "V": "V volt volts", "W": "W watt watts", "A": "A amp amps", "GHz": "ghz",
    "MHz": "mhz", "KB": "kb", "MB": "mb", "GB": "gb", "°": "° °c °f degree degrees", "times": "x × time times",
}  # fmt: skip
_UNITS = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()}
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_SPANS = (
    {"s", "min", "h", "day", "working day", "week"},
    {"s", "min", "h", "day", "working day", "week", "month", "year"},
)
_CURRENCIES = ("EUR", "USD", "GBP", "CHF")
_BETWEEN = {"-", "–", "to", "or", "and", "x", "×", "till", "bis"}
_ADJECTIVES = {
    "working",
    "business",
    "full",
    "whole",
    "more",
    "calendar",
    "consecutive",
    "further",
    "complete",
}
_TOKEN = re.compile(r"(?<![\w.,])[-−](?=\d)|\d+(?:[.,:]\d+)*|[^\W\d_]+(?:-[^\W\d_]+)*\d*(?:\w*\d\w*)?|[%€$£×–-]|°[CF]?")


@dataclass(frozen=True)
class Figure:
    """A number, or a token like "v2", with the unit it counts; "" where there is none."""

    number: str
    unit: str
    text: str = field(compare=False)


def find_figures(text: str) -> list[Figure]:
    """The figures of a text in order. Those inside a code ("E-23") belong to the code."""
    tokens = _tokens(text)
    found = []
    for at, token in enumerate(tokens):
        number = _number(tokens, at)
        if number is None:
            continue
        unit = _unit_before(tokens, at) or _unit_after(tokens, at + 1)
        if token in ("a", "an", "another", "one") and unit not in _SPANS[token == "one"]:
            continue  # "the old one", "4.99 EUR a month"
        if unit in _CURRENCIES and "." in number:
            number = number.rstrip("0").rstrip(".")
        found.append(Figure(number, unit, token))
    return found


def is_counting(word: str) -> bool:
    """Whether a word is a number or only tells what a number counts."""
    lower = word.lower()
    return lower in _WORDS or lower in _ADJECTIVES or lower in _UNITS or lower[0].isdigit()


def is_known(figure: Figure, known: Collection[Figure]) -> bool:
    """Whether a figure stands among the known ones with the same unit. Where the claim names no unit, or digits in
    the evidence never have one, the number decides; seconds, minutes and hours are converted."""
    same = [each for each in known if each.number == figure.number]
    units = {each.unit for each in same}
    if figure.unit in units or (same and not figure.unit):
        return True
    if units == {""} and any(each.text[0].isdigit() for each in same):  # a table: "Days | 14"
        return True
    size = _in_seconds(figure)
    return size is not None and any(_in_seconds(each) == size for each in known)


def _tokens(text: str) -> list[str]:
    plain = list(text)
    for start, end in code_spans(text):
        plain[start:end] = " " * (end - start)
    return _TOKEN.findall("".join(plain))


def _number(tokens: list[str], at: int) -> str | None:
    """The number a token stands for, or the token itself when it mixes letters and figures; None for others."""
    token = tokens[at]
    if token[0].isdigit():
        sign = "-" if at and tokens[at - 1] in ("-", "−") and _is_sign(tokens, at - 1) else ""
        return sign + _plain(token)
    lower = token.lower()
    if lower in _WORDS:
        return _WORDS[lower]
    if token in ("a", "an", "another"):
        return "1"
    if any(mark.isdigit() for mark in token):
        return lower.replace("-", "")
    return None


def _is_sign(tokens: list[str], at: int) -> bool:
    """Whether a minus belongs to the number behind it, not to a range before it."""
    return at == 0 or not (tokens[at - 1][0].isdigit() or tokens[at - 1].lower() in _UNITS)


def _plain(digits: str) -> str:
    """One spelling: "1,000" is "1000", "4,90" is "4.90", "89.00" is "89", "08:00" is "8:00"; versions stay."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    digits = digits.replace(",", ".")
    if digits.count(".") == 1 and ":" not in digits:
        digits = re.sub(r"\.0+$", "", digits)
    return re.sub(r"^0+(?=\d+:)", "", digits)


def _unit_before(tokens: list[str], at: int) -> str:
    """A currency in front: "€5", "EUR 89"."""
    unit = _unit(tokens[at - 1]) if at else ""
    return unit if unit in _CURRENCIES else ""


def _unit_after(tokens: list[str], at: int) -> str:
    """The unit behind a number; of a range ("3 to 5 working days") for both its ends."""
    while at + 1 < len(tokens) and tokens[at].lower() in _BETWEEN and _is_figure(tokens[at + 1]):
        at += 2
    working = False
    while at < len(tokens) and tokens[at].lower() in _ADJECTIVES | {"-"}:
        working = working or tokens[at].lower() in ("working", "business")
        at += 1
    unit = _unit(tokens[at]) if at < len(tokens) else ""
    return "working day" if working and unit == "day" else unit


def _is_figure(token: str) -> bool:
    return token[0].isdigit() or token.lower() in _WORDS


def _unit(token: str) -> str:
    """The unit a word spells; single letters only as they are written ("10 A", never "4.99 a month")."""
    return _UNITS.get(token if len(token) == 1 else token.lower(), "")


def _in_seconds(figure: Figure) -> float | None:
    if figure.unit not in _SECONDS:
        return None
    try:
        return float(figure.number) * _SECONDS[figure.unit]
    except ValueError:
        return None
