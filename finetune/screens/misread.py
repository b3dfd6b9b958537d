"""What a reader really makes of a drawn screen: letters confused, lines lost, marks missed, so that training is honest.

The rates come from reading drawn pages with the shipped reader (about one character in two hundred is wrong)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from finetune.screens.truth import Fact, Screen
from index.marks import COLOURS, KINDS, PAGES, STATES, Box, Mark, Sight, named
from index.pictures import Line

LETTER_RATE = 0.005  # of all characters
LINE_LOST = 0.015
MARK_LOST = 0.06
MARK_SPURIOUS = 0.03
MARK_WRONG = 0.01
LABEL_LOST = 0.03  # only where labels cannot be found again by geometry
STRAY_LETTER = 0.05  # a widget read as a letter
SIGN_READ = 0.03  # a small picture beside a line is read as a letter at its edge
CELLS_JOINED = 0.12  # of neighbours on a row that stand close: read as one line
CLOSE = 2.2  # heights of the words
PAGE_WRONG = 0.01
VALUE_OFF = 0.03

CONFUSED = {
    "0": ("O", "o"), "O": ("0",), "o": ("0", "O"), "1": ("l", "I"), "l": ("1", "I"), "I": ("l", "1"), "8": ("B",),
    "B": ("8",), "5": ("S",), "S": ("5", "s"), "2": ("Z",), "Z": ("2",), "g": ("9", "q"), "q": ("g",), "m": ("rn",),
    "D": ("O",), "Q": ("O",), "e": ("c",), "t": ("f",), "i": ("l",), "u": ("v",), "a": ("o",), "n": ("h",),
    ".": ("", ","), ",": (".", ""), ":": ("", ";"), "'": ("",), "-": ("", "–"), "/": ("I", "l"), "_": ("", " "),
    " ": ("",), "c": ("C",), "s": ("S",), "v": ("V",), "w": ("W",), "x": ("X",), "z": ("Z",), "k": ("K",),
    "p": ("P",), "C": ("c", "G"), "V": ("v",), "W": ("w",), "X": ("x",), "K": ("k",), "P": ("p",), "€": ("E", "C"),
    "G": ("6", "C"), "6": ("b", "G"), "3": ("8",), "7": ("1",), "4": ("A",), "9": ("g",), "•": ("", "·"),
}  # fmt: skip
SIGNS_BEFORE = ("□ ", "O ", "✓", "• ", "> ", "v ", "= ", "i ", "x ", "* ", "8 ", "E ")
SIGNS_AFTER = (" v", " x", " >", " ×", " ①", " V", " ...", " 1", "▼", " i")
STRAY = {"switch": "O0oC", "checkbox": "v√口☑", "radio": "O0o", "icon": "X!iO", "arrow": "↓/", "spinner": "Oc"}
TINTED = {"lamp": ("red", "orange", "green", "blue", "white"), "badge": COLOURS, "banner": COLOURS, "arrow": COLOURS}


@dataclass(frozen=True)
class Reading:
    """A screen as it was read. `pieces` holds for each true line what became of each of its characters, None where
    the line was lost."""

    lines: tuple[Line, ...]
    sight: Sight
    pieces: tuple[tuple[str, ...] | None, ...]

    def value(self, fact: Fact, screen: Screen) -> str | None:
        """The words of a fact as they were read; None when they, or the label they stood beside, were lost, or when
        they stand in several places and were read differently."""
        if fact.label and not self._stands(fact.label, screen):
            return None
        return self.words(fact.value, screen)

    def words(self, drawn: str, screen: Screen) -> str | None:
        """What was read where `drawn` stands; None as for `value`."""
        found = self._spans(drawn, screen)
        whole = {"".join(span).strip() for span in found if span is not None}
        return whole.pop() if len(whole) == 1 and None not in found else None

    def _stands(self, drawn: str, screen: Screen) -> bool:
        found = self._spans(drawn, screen)
        return not found or any(span is not None for span in found)

    def _spans(self, drawn: str, screen: Screen) -> list[list[str] | None]:
        """The characters read at each place where `drawn` stands as words of its own, None for a lost one; long
        words may go on over lines that follow each other."""
        text = ""
        read: list[str | None] = []
        for line, pieces in zip(screen.lines, self.pieces, strict=True):
            text += line.text + " "
            read += [*(pieces if pieces is not None else [None] * len(line.text)), " "]
        spans: list[list[str] | None] = []
        at = text.find(drawn)
        while at >= 0:
            end = at + len(drawn)
            if not (text[at - 1 : at].isalnum() and drawn[:1].isalnum()) and not (
                text[end : end + 1].isalnum() and drawn[-1:].isalnum()
            ):
                span = read[at:end]
                spans.append(None if None in span else [piece for piece in span if piece is not None])
            at = text.find(drawn, at + 1)
        return spans


def misread(screen: Screen, rng: random.Random) -> tuple[tuple[Line, ...], Sight]:
    """The lines and marks of a screen as OCR and the eyes would give them."""
    reading = read_badly(screen, rng)
    return reading.lines, reading.sight


def read_well(screen: Screen) -> Reading:
    """The screen read without a mistake."""
    return Reading(screen.lines, screen.sight, tuple(tuple(line.text) for line in screen.lines))


def read_badly(screen: Screen, rng: random.Random) -> Reading:
    """`misread`, with what became of each character."""
    pieces = tuple(_read(line.text, rng) for line in screen.lines)
    lines = [
        _seen(line, "".join(read), rng)
        for line, read in zip(screen.lines, pieces, strict=True)
        if read is not None and "".join(read).strip()
    ]
    lines = _run_together(lines, rng)
    lines += [stray for mark in screen.sight.marks for stray in _stray(mark, rng)]
    marks = [seen for mark in screen.sight.marks for seen in _looked_at(mark, screen.lines, rng)]
    page = rng.choice(PAGES) if rng.random() < PAGE_WRONG and screen.sight.page else screen.sight.page
    return Reading(tuple(lines), Sight(page, screen.sight.theme, _named(marks, lines, pieces, screen, rng)), pieces)


def _read(text: str, rng: random.Random) -> tuple[str, ...] | None:
    """What each character is read as; None for a line that is not found."""
    if rng.random() < LINE_LOST:
        return None
    pieces = []
    for letter in text:
        options = CONFUSED.get(letter)
        # Three characters in four can be confused, hence the factor.
        pieces.append(rng.choice(options) if options and rng.random() < LETTER_RATE * 1.33 else letter)
    return tuple(pieces)


def _seen(line: Line, text: str, rng: random.Random) -> Line:
    score = rng.uniform(0.6, 0.95) if text != line.text else rng.uniform(0.9, 1.0)
    return Line(text.strip(), _shaken(line.box, rng), round(score, 3))


def _run_together(lines: Sequence[Line], rng: random.Random) -> list[Line]:
    """Lines that stand close on a row read as one here and there, and small pictures beside a line read as letters."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last is not None and _close(last, line) and rng.random() < CELLS_JOINED:
            box = (last.box[0], min(last.box[1], line.box[1]), line.box[2], max(last.box[3], line.box[3]))
            joined[-1] = Line(rng.choice(("{} {}", "{} {}", "{}{}")).format(last.text, line.text), box, last.score)
        else:
            joined.append(line)
    return [replace(line, text=_with_sign(line.text, rng)) if rng.random() < SIGN_READ else line for line in joined]


def _close(one: Line, other: Line) -> bool:
    height = min(one.box[3] - one.box[1], other.box[3] - other.box[1])
    level = abs((one.box[1] + one.box[3]) - (other.box[1] + other.box[3])) / 2 < 0.3 * height
    return level and 0 < other.box[0] - one.box[2] < CLOSE * height


def _with_sign(text: str, rng: random.Random) -> str:
    return rng.choice(SIGNS_BEFORE) + text if rng.random() < 0.6 else text + rng.choice(SIGNS_AFTER)


def _shaken(box: Box, rng: random.Random) -> Box:
    left, top, right, bottom = (side + rng.choice((-2, -1, -1, 0, 0, 1, 1, 2)) for side in box)
    return (max(0, left), max(0, top), max(left + 1, right), max(top + 1, bottom))


def _stray(mark: Mark, rng: random.Random) -> list[Line]:
    """The letter that a widget is sometimes read as."""
    signs = STRAY.get(mark.kind, "")
    if not signs or rng.random() >= STRAY_LETTER:
        return []
    return [Line(rng.choice(signs), mark.box, round(rng.uniform(0.5, 0.8), 3))]


def _looked_at(mark: Mark, lines: Sequence[Line], rng: random.Random) -> list[Mark]:
    """The mark as it is found: as it is, a little off, wrong, not at all, or with one beside it that is not there."""
    found = [] if rng.random() < MARK_LOST else [_changed(mark, rng)]
    if rng.random() < MARK_SPURIOUS and lines:
        found.append(_invented(rng.choice(lines), rng))
    return found


def _changed(mark: Mark, rng: random.Random) -> Mark:
    seen = replace(mark, box=_shaken(mark.box, rng), score=round(rng.uniform(0.5, 1.0), 3))
    wrong = rng.random() < MARK_WRONG
    if mark.kind == "stars":
        off = rng.choice((-1, 1)) if wrong else 0
        return replace(seen, value=min(5, max(0, round(mark.value * 5) + off)) / 5)
    if mark.value >= 0:
        return replace(seen, value=min(1.0, max(0.0, mark.value + rng.gauss(0, VALUE_OFF / 3))))
    if wrong and STATES[mark.kind]:
        others = [state for state in STATES[mark.kind] if state != mark.state]
        return _coloured(replace(seen, state=rng.choice(others)), mark, rng)
    if wrong and mark.colour:
        return replace(seen, colour=rng.choice(COLOURS))
    return seen


def _coloured(seen: Mark, mark: Mark, rng: random.Random) -> Mark:
    """A lamp wrongly seen as lit, or a button wrongly seen as the main one, has a colour."""
    needs = (seen.kind, seen.state) in (("lamp", "on"), ("button", "primary"))
    return replace(seen, colour=rng.choice(("red", "green", "blue"))) if needs and not mark.colour else seen


def _invented(line: Line, rng: random.Random) -> Mark:
    kind = rng.choice(KINDS)
    state = rng.choice(STATES[kind]) if STATES[kind] else ""
    value = round(rng.random(), 2) if kind in ("slider", "progress", "stars") else -1.0
    colour = rng.choice(TINTED[kind]) if kind in TINTED else "blue" if state == "primary" else ""
    _, top, right, bottom = line.box
    box = (right + 8, top, right + 8 + 2 * (bottom - top), bottom)
    tip = (right, (top + bottom) // 2) if kind == "arrow" else None
    inside = kind in ("button", "badge", "banner", "selected", "ring")
    return Mark(
        kind, line.box if inside else box, state, value, colour, tip, line.text, round(rng.uniform(0.3, 0.6), 3)
    )


def _named(
    marks: Sequence[Mark],
    lines: Sequence[Line],
    pieces: Sequence[tuple[str, ...] | None],
    screen: Screen,
    rng: random.Random,
) -> tuple[Mark, ...]:
    """The marks with the words read beside them, by geometry, else by what became of their true label."""
    try:
        return named(marks, lines)
    except NotImplementedError:
        reading = Reading((), Sight(), tuple(pieces))
    return tuple(replace(mark, label=_label(mark.label, reading, screen, rng)) for mark in marks)


def _label(label: str, reading: Reading, screen: Screen, rng: random.Random) -> str:
    if rng.random() < LABEL_LOST:
        return ""
    return (reading.words(label, screen) or "") if label and any(label in line.text for line in screen.lines) else label
