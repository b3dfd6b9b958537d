"""A question for a neighbour ("what is right below Duplicate?") is answered by geometry: no model has to guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from index.beside import Side, named_exactly, neighbour
from index.layout import cells_of

if TYPE_CHECKING:
    from index.pictures import Line

Asked = Literal["below", "above", "right", "left", "after", "before"]
FOLLOWING: dict[str, tuple[Side, Side]] = {"after": ("below", "right"), "before": ("above", "left")}

_JUST = r"(?:(?:right|directly|just|immediately|straight) )?"
_IS = (
    r"(?:is|['’]s|are|comes?|stands?|sits|lies|follows|(?:is |are )?(?:listed|shown|placed|written|to be found)"
    r"|you (?:see|find)|do (?:you|i|we) (?:see|find))"
)
# A value may be meant by "next to" as well, unless the question says what kind of thing it is after.
_BESIDE = r"(?:next to|beside)"
_ENTRY = re.compile(r"\b(?:button|entry|entries|tab|option|item|link|menu|command|category|folder|query|step)\b", re.I)
_SIDES: tuple[tuple[str, Asked], ...] = (
    (r"(?:below|under|beneath|underneath)", "below"),
    (r"(?:above|over|on top of)", "above"),
    (r"(?:(?:to|on) the )?right (?:side )?of", "right"),
    (r"(?:(?:to|on) the )?left (?:side )?of", "left"),
    (r"after", "after"),
    (r"before", "before"),
    (_BESIDE, "right"),
)
_WHAT = r"\b(?:which|what)\b(?P<what>.{0,40}?)\s?\b"
_ASKED: tuple[tuple[re.Pattern[str], str, Asked], ...] = tuple(
    (re.compile(rf"{_WHAT}{_IS}\s?{_JUST}{words} (?P<name>.+)$", re.I), words, side) for words, side in _SIDES
)
_BETWEEN = re.compile(rf"{_WHAT}{_IS} (?:in )?between (?P<name>.+?) and (?P<other>.+)$", re.I)
# "Which number stands in brackets after X", "which two buttons are under X": asked for something else than its words.
_OTHER = re.compile(
    r"\b(?:two|three|four|both|number|figure|brackets?|colou?rs?|icons?|many|much|box|boxes|text|word|state|switch"
    r"|picture|sign|value|data|message|date|time)\b",
    re.I,
)
_THERE = r"(?:please|here|there|now|thanks?|in (?:this|the) (?:list|menu|window|picture|screenshot|table))"
_TAIL = re.compile(rf"[\s,]*(?:\b{_THERE}\b)?[\s.?!]*$", re.I)
_QUOTES = "\"'“”‘’«» "


def placed(question: str, lines: Iterable[Line]) -> str:
    """The words that stand where the question asks, in relation to words it names whole; "" where it asks for
    something else, names nothing on the picture or more than one thing there, or nothing stands at that side."""
    told = " ".join(question.split())
    cells = cells_of(lines)
    if (between := _BETWEEN.search(told)) and not _OTHER.search(between["what"]):
        first, second = (_named(between[name], cells) for name in ("name", "other"))
        return _between(first, second, cells) if first and second else ""
    for pattern, words, side in _ASKED:
        found = pattern.search(told)
        if found and not _OTHER.search(found["what"]) and (words != _BESIDE or _ENTRY.search(found["what"])):
            cell = _named(found["name"], cells)
            other = _at(cell, side, cells) if cell else None
            return other.text if other else ""
    return ""


def _named(name: str, cells: list[Line]) -> Line | None:
    return named_exactly(_TAIL.sub("", name).strip(_QUOTES), cells)


def _at(cell: Line, asked: Asked, cells: list[Line]) -> Line | None:
    """`after` and `before` follow the list: down or up where it goes on there at the same edge, else along the row."""
    if asked != "after" and asked != "before":
        return neighbour(cell, cells, asked)
    down, along = FOLLOWING[asked]
    other = neighbour(cell, cells, down)
    height = cell.box[3] - cell.box[1]
    in_list = other is not None and abs(other.box[0] - cell.box[0]) < height
    return other if in_list else neighbour(cell, cells, along)


def _between(one: Line, other: Line, cells: list[Line]) -> str:
    """The one thing that stands after the first and before the second, either way round."""
    for first, second in ((one, other), (other, one)):
        for there, back in zip(FOLLOWING["after"], FOLLOWING["before"], strict=True):
            middle = neighbour(first, cells, there)
            if middle is not None and middle is not second and middle is neighbour(second, cells, back):
                return middle.text
    return ""
