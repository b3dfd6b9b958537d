"""What a question names on a picture, and what stands beside it there (pure geometry)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from index.layout import cells_of
from index.marks import Mark, tag
from index.words import STOP_WORDS

if TYPE_CHECKING:
    from index.pictures import Line

Box = tuple[int, int, int, int]
Side = Literal["right", "below", "left", "above"]
SIDES: tuple[Side, ...] = ("right", "below", "left", "above")

MOST_NAMED = 3  # things named in a question of which something is told
MOST_CELLS = 400
LONGEST_NAME = 10  # words; longer lines are text, not names
LONGEST_TOLD = 48  # characters of a neighbour
LEAST_SHARE = 0.5  # of a line's letters that the question must say; half of it where these are many
MANY_LETTERS = 8
LEAST_OF_NAME = 0.6  # of the letters of a line, for a mark named by its words to be told of it
FARTHEST = 6.0  # heights of the words
LIKE_BOTH = 2  # of things with the same name both are told
_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[A-Z][a-z])")  # "LastName", "6Research"
# Readers take these for each other; both sides are folded, so a name that was read wrong is still found.
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "|": "l"})
ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7",
            "eighth": "8", "ninth": "9", "tenth": "10"}  # fmt: skip
# Words of nearly every question about a picture: names only where nothing else of a line is said.
_USUAL = frozenset(
    "name value row rows column columns line entry field box button tab window page screen picture screenshot title "
    "state status colour color number text word words list item items option menu label heading header left right "
    "top bottom table image shown show selected please".split()
)


@dataclass(frozen=True)
class _Word:
    text: str
    weight: float


@dataclass(frozen=True)
class _Named:
    """A cell that the question names with its words `first` to `last` (exclusive)."""

    cell: Line
    first: int
    last: int
    score: float


def beside(question: str, lines: Iterable[Line], marks: Sequence[Mark] = ()) -> str:
    """What stands beside the words of a picture that the question names, a line for each of at most three of them:
    `["Duplicate": above "Enable load", below "Reference"]`. Where it names a row and a column, the cell in which they
    meet comes first. "" when it names nothing there."""
    cells = cells_of(lines)[:MOST_CELLS]
    named = _named_in(question, cells)
    crossing = list(dict.fromkeys(_crossings(named, cells)))[:1]
    about = (_neighbours(each.cell, cells, marks) for each in named)
    return "\n".join([*crossing, *dict.fromkeys(filter(None, about))])


def folded_words(text: str) -> list[str]:
    """Its words so that plurals, letter case and letters that readers take for each other make no difference."""
    return [word.text for word in _words(text)]


def named_exactly(name: str, cells: Sequence[Line]) -> Line | None:
    """The one cell whose words are these (but for signs and misread letters); None where none or several are."""
    words = [word.text for word in _words(name)]
    found = [cell for cell in cells if words and [word.text for word in _words(cell.text)] == words]
    if not found and sum(len(word) for word in words) >= MANY_LETTERS:  # "ACS Delivery Services [2]", "1 Apple"
        found = [cell for cell in cells if _holds([word.text for word in _words(cell.text)], words)]
    return found[0] if len(found) == 1 else None


def _holds(words: Sequence[str], name: Sequence[str]) -> bool:
    """Whether the words are the name with one short thing before or after it."""
    return 0 < len(words) - len(name) <= 1 and (words[1:] == [*name] or words[:-1] == [*name])


def neighbour(cell: Line, cells: Sequence[Line], side: Side) -> Line | None:
    """The nearest cell at one side: on the same row, or in the same column not too far off."""
    axis, way = {"right": (0, 1), "below": (1, 1), "left": (0, -1), "above": (1, -1)}[side]
    return _next(cell, cells, axis, way)


# --- what is named --------------------------------------------------------------------------------------------


def _words(text: str) -> list[_Word]:
    return [_Word(_folded(word.casefold()), _weight(word)) for word in _WORD.findall(_JOINED.sub(" ", text))]


def _asked_words(question: str) -> list[_Word]:
    """The question's words; "the third request" also names what is numbered 3."""
    return [_Word(ORDINALS[word.text], 2.0) if word.text in ORDINALS else word for word in _words(question)]


def _folded(word: str) -> str:
    plain = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    return plain.translate(_ALIKE) if len(plain) > 3 else plain


def _weight(word: str) -> float:
    """How much a word says about what is named, about its letters; "OK" and "Me" are names, "ok" and "me" are not."""
    if word.isdigit():
        return max(2.0, len(word))
    if word.casefold() in STOP_WORDS or len(word) == 1:
        return 1.0 if len(word) > 1 and word[0].isupper() else 0.0
    return 0.5 if word.casefold() in _USUAL else float(min(len(word), 10))


def _named_in(question: str, cells: Sequence[Line]) -> list[_Named]:
    """The cells the question names, the plainest first; each stretch of the question names one thing."""
    asked = _asked_words(question)
    found = [named for cell in cells if (named := _match(asked, cell))]
    found.sort(key=lambda named: (-named.score, named.cell.box[1], named.cell.box[0]))
    chosen: list[_Named] = []
    for named in found:
        same = [each for each in chosen if (each.first, each.last) == (named.first, named.last)]
        others = [each for each in chosen if each not in same]
        if any(each.first < named.last and named.first < each.last for each in others):
            continue
        if same and (same[0].score > named.score or len(same) >= LIKE_BOTH):
            continue
        chosen.append(named)
    return chosen[:MOST_NAMED]


def _match(asked: Sequence[_Word], cell: Line) -> _Named | None:
    """The longest stretch of words that the question and the cell share, if that is enough to name the cell."""
    words = _words(cell.text)
    whole = sum(word.weight for word in words)
    if not whole or len(words) > LONGEST_NAME:
        return None
    best: tuple[float, int, int] = (0.0, 0, 0)
    for start in range(len(asked)):
        for at in range(len(words)):
            length, weight = 0, 0.0
            while (
                start + length < len(asked)
                and at + length < len(words)
                and asked[start + length].text == words[at + length].text
            ):
                weight += min(words[at + length].weight, asked[start + length].weight)
                length += 1
            if weight > best[0]:
                best = (weight, start, start + length)
    weight, first, last = best
    share = weight / whole
    number = weight > 0 and words[0].text == asked[first].text and words[0].text.isdecimal()
    many = weight >= MANY_LETTERS and share >= LEAST_SHARE / 2
    if not weight or not (share >= LEAST_SHARE or many or number):
        return None
    return _Named(cell, first, last, weight * (0.4 + 0.6 * share))


# --- what stands beside it ------------------------------------------------------------------------------------


def _neighbours(cell: Line, cells: Sequence[Line], marks: Sequence[Mark]) -> str:
    told = [f'{side} "{_cut(other.text)}"' for side in SIDES if (other := neighbour(cell, cells, side)) is not None]
    told += dict.fromkeys(_states(cell, marks))
    return f'["{_cut(cell.text)}": {", ".join(told)}]' if told else ""


def _states(cell: Line, marks: Sequence[Mark]) -> Iterator[str]:
    """What is seen of the thing itself: "checkbox on"."""
    for mark in marks:
        if mark.label and mark.label in cell.text and len(mark.label) >= LEAST_OF_NAME * len(cell.text):
            yield tag(replace(mark, label=""))[1:-1].replace(":", "")


def _next(cell: Line, cells: Sequence[Line], axis: int, way: int) -> Line | None:
    """The nearest cell to one side: on the same row (axis 0) or in the same column (axis 1)."""
    height = max(1, cell.box[3] - cell.box[1])
    best: tuple[float, Line] | None = None
    for other in cells:
        if other is cell:
            continue
        gap = other.box[axis] - cell.box[axis + 2] if way > 0 else cell.box[axis] - other.box[axis + 2]
        slack = 0.35 * height if axis else 3
        if gap < -slack or not (_in_row(cell.box, other.box) if axis == 0 else _in_column(cell.box, other.box, height)):
            continue
        if axis == 1 and gap > FARTHEST * height:
            continue
        aside = min(abs(other.box[0] - cell.box[0]), abs(other.box[2] - cell.box[2])) if axis else 0
        far = gap + 0.05 * aside
        if best is None or far < best[0]:
            best = (far, other)
    return best[1] if best else None


def _in_row(one: Box, other: Box) -> bool:
    apart = abs((one[1] + one[3]) - (other[1] + other[3])) / 2
    return apart <= 0.5 * max(1, min(one[3] - one[1], other[3] - other[1]))


def _in_column(one: Box, other: Box, height: int) -> bool:
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared > 0 or abs(one[0] - other[0]) < height


def _crossings(named: Sequence[_Named], cells: Sequence[Line]) -> Iterator[str]:
    """Where the row of one thing meets the column of another."""
    for row in named:
        for head in named:
            if row.first == head.first or head.cell.box[3] > row.cell.box[1]:
                continue
            in_row = [cell for cell in cells if cell is not row.cell and _in_row(row.cell.box, cell.box)]
            meeting = [cell for cell in in_row if _shared(cell.box, head.cell.box) > 0]
            if meeting and _shared(row.cell.box, head.cell.box) <= 0:
                cell = max(meeting, key=lambda cell: _shared(cell.box, head.cell.box))
                yield f'[row "{_cut(row.cell.text)}", column "{_cut(head.cell.text)}": "{_cut(cell.text)}"]'


def _shared(one: Box, other: Box) -> int:
    return min(one[2], other[2]) - max(one[0], other[0])


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TOLD else text[: LONGEST_TOLD - 1].rstrip() + "…"
