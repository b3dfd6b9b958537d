"""What a picture shows beside its words: switches, lamps, icons, arrows; each named by the words next to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.pictures import Line

Box = tuple[int, int, int, int]

# What can be seen, and the states each can be in; () where `value` (0..1) is the state, or where being there is.
STATES: dict[str, tuple[str, ...]] = {
    "switch": ("off", "on"),
    "checkbox": ("off", "on", "mixed"),
    "radio": ("off", "on"),
    "slider": (),
    "progress": (),
    "stars": (),  # value = stars / 5
    "icon": ("error", "warning", "info", "success", "question"),  # the sign of a message, not a picture on a button
    "lamp": ("off", "on"),  # a light on a device or a status dot; its colour says the rest
    "arrow": (),  # drawn by a person; `tip` is where it points
    "ring": (),  # drawn by a person around, under or over something: a frame, an ellipse, a marker stroke
    "selected": (),  # the highlighted tab, row, menu entry or card
    "button": ("plain", "primary", "disabled"),
    "spinner": (),
    "badge": (),  # words on a small coloured ground
    "banner": (),  # a message on a coloured ground or beside a coloured edge
}
KINDS = tuple(STATES)
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "grey", "black")
COLOURED = frozenset({"lamp", "arrow", "ring", "button", "badge", "banner"})
THEMES = ("light", "dark")
PAGES = (
    "dialog", "toast", "form", "table", "order", "invoice", "settings", "update", "device", "devices", "chat", "mail",
    "terminal", "tracking", "rating", "menu", "plans", "error page", "sign-in", "photo", "other",
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """One thing seen on a picture. `box` is (left, top, right, bottom) in pixels of the stored copy, `state` one of
    STATES[kind] or "", `value` in 0..1 (-1: none), `colour` one of COLOURS or "", `tip` the pixel an arrow points
    at, `label` the words that name it ("" when none stand near), `score` in 0..1 how sure the eyes are."""

    kind: str
    box: Box
    state: str = ""
    value: float = -1.0
    colour: str = ""
    tip: tuple[int, int] | None = None
    label: str = ""
    score: float = 1.0


@dataclass(frozen=True)
class Sight:
    """All that was seen on one picture: what kind of page it is, its theme, and the marks in reading order."""

    page: str = ""
    theme: str = ""
    marks: tuple[Mark, ...] = ()


def sight_from(fields: dict[str, Any]) -> Sight:
    """A sight from its JSON (`dataclasses.asdict`); what is missing or unknown there is left out."""
    marks = []
    for row in fields.get("marks", ()):
        tip = row.get("tip")
        known = {**row, "box": tuple(row["box"]), "tip": tuple(tip) if tip else None}
        if row["kind"] in STATES:
            marks.append(Mark(**{name: value for name, value in known.items() if name in Mark.__dataclass_fields__}))
    return Sight(str(fields.get("page", "")), str(fields.get("theme", "")), tuple(marks))


def tag(mark: Mark) -> str:
    """The mark as a model reads it: `[switch "Wi-Fi": on]`."""
    name = f'{mark.kind} "{mark.label}"' if mark.label else mark.kind
    if mark.kind == "arrow":
        told = f'points at "{mark.label}"' if mark.label else ""
        return _bracket(" ".join(filter(None, (mark.colour, "arrow"))), told)
    if mark.kind == "ring":
        told = f'around "{mark.label}"' if mark.label else ""
        return _bracket(" ".join(filter(None, (mark.colour, "ring"))), told)
    if mark.kind == "stars":
        return _bracket(name, f"{round(mark.value * 5)} of 5")
    if mark.kind in ("slider", "progress"):
        return _bracket(name, f"{round(mark.value * 100)}%")
    if mark.kind == "lamp":
        return _bracket(name, "off" if mark.state == "off" else mark.colour or "on")
    if mark.kind == "button":
        words = [*([mark.state] if mark.state != "plain" else []), *([mark.colour] if mark.state == "primary" else [])]
        return _bracket(name, " ".join(filter(None, words)))
    return _bracket(name, mark.state or (mark.colour if mark.kind in COLOURED else ""))


def _bracket(name: str, told: str) -> str:
    return f"[{name}: {told}]" if told else f"[{name}]"


def sight_text(sight: Sight) -> str:
    """Everything seen, a tag a line, the page first; "" when nothing was seen."""
    page = ", ".join(filter(None, (sight.page if sight.page != "other" else "", sight.theme)))
    return "\n".join(([f"[page: {page}]"] if page else []) + list(dict.fromkeys(tag(mark) for mark in sight.marks)))


def words_room(tags: str) -> int:
    """How many characters of a picture's words are read beside these tags: about 300 tokens together."""
    return max(500, 1100 - len(tags))


# --- which words name a mark (pure geometry; distances in heights of the mark or the words) -------------------

_INSIDE = frozenset({"button", "badge", "banner", "selected", "ring"})
_RIGHT_FIRST = frozenset({"checkbox", "radio", "icon", "spinner", "lamp"})
_MEASURE = re.compile(r"[\d.,:/%\s]+(?:of\s*\d+|%|[kKMG]?i?B)?")
_LONGEST_LABEL = 120


def named(marks: Sequence[Mark], lines: Sequence[Line]) -> tuple[Mark, ...]:
    """The marks with the words that name them, in reading order. An arrow or ring takes the name of the widget it
    points at when no words are nearer."""
    ordered = sorted(marks, key=lambda mark: (mark.box[1], mark.box[0]))
    first = [mark if mark.kind in ("arrow", "ring") else replace(mark, label=_label(mark, lines)) for mark in ordered]
    widgets = [mark for mark in first if mark.kind not in ("arrow", "ring", "selected", "banner") and mark.label]
    return tuple(
        replace(mark, label=_pointed_at(mark, lines, widgets)) if mark.kind in ("arrow", "ring") else mark
        for mark in first
    )


def _label(mark: Mark, lines: Sequence[Line]) -> str:
    if mark.kind in _INSIDE:
        return _words_inside(mark.box, lines)
    # Only a bar has its name inside now and then.
    named_by = [line for line in lines if mark.kind == "progress" or not _covers(mark.box, line.box)]
    if mark.kind in ("slider", "progress", "stars"):
        named_by = [line for line in named_by if not _MEASURE.fullmatch(line.text)]
    best = min(named_by, key=lambda line: _far(mark, line.box), default=None)
    return _cut(best.text) if best is not None and _far(mark, best.box) < _FARTHEST else ""


_FARTHEST = 12.0


def _far(mark: Mark, words: Box) -> float:
    """How unlikely these words name the mark: 0 touches, 12 is too far; the usual side of its kind is nearer."""
    left, top, right, bottom = mark.box
    size = max(8, min(bottom - top, 2 * (words[3] - words[1])))
    right_gap, left_gap = (words[0] - right) / size, (left - words[2]) / size
    over_gap, under_gap = (top - words[3]) / size, (words[1] - bottom) / size
    middle = abs((words[1] + words[3]) - (top + bottom)) / 2 / size
    on_row = words[1] < bottom + 0.3 * size and words[3] > top - 0.3 * size
    if on_row:
        under = words[1] + words[3] > top + bottom
        off = (2.4 if under else 1.2) * max(0.0, middle - 0.3)  # of two lines beside it the upper one is the name
        if right_gap > -0.4:
            far = max(0.0, right_gap) if mark.kind in _RIGHT_FIRST or right_gap < 1.2 else right_gap + 4
            return far + off
        if left_gap > -0.4:
            gap = max(0.0, left_gap)
            return _at_row_end(mark.kind, gap) + off
        return 1.0 + off
    aside = max(0.0, words[0] - right, left - words[2]) / size
    edge = abs(words[0] - left) / size
    if mark.kind in ("slider", "progress", "stars"):
        return (1.0 + over_gap if over_gap > -0.5 else 2.5 + under_gap) + 0.1 * min(edge, 20) + aside
    if mark.kind in ("lamp", "icon", "spinner"):
        centre = abs((words[0] + words[2]) - (left + right)) / 2 / size
        return 1.0 + max(over_gap, under_gap, 0.0) + 0.5 * centre + (0 if under_gap > -0.5 else 0.5)
    return 3.0 + 2 * max(over_gap, under_gap, 0.0) + 2 * aside


def _at_row_end(kind: str, gap: float) -> float:
    """How unlikely words on the left name the mark: those of some kinds may stand at the other end of its row."""
    if kind in ("switch", "lamp"):
        return 2 + 0.03 * gap
    return 1.3 + 0.2 * gap if kind in ("slider", "progress", "stars") else 1.5 + gap


def _pointed_at(mark: Mark, lines: Sequence[Line], widgets: Sequence[Mark]) -> str:
    if mark.kind == "ring":
        return _words_inside(mark.box, lines) or next(
            (widget.label for widget in widgets if _covers(mark.box, widget.box)), _words_over(mark.box, lines)
        )
    if mark.tip is None:
        return ""
    tip = mark.tip
    line = min(lines, key=lambda line: _distance(tip, line.box), default=None)
    widget = min(widgets, key=lambda each: _distance(tip, each.box), default=None)
    if widget is not None and (line is None or _distance(tip, widget.box) < _distance(tip, line.box)):
        return widget.label
    return _cut(line.text) if line is not None else ""


def _words_inside(box: Box, lines: Sequence[Line]) -> str:
    """The words in a frame, top-down and left to right; of a line that reaches out of it the part inside."""
    within = [(line, text) for line in lines if (text := _part_inside(box, line))]
    height = max((line.box[3] - line.box[1] for line, _ in within), default=1)
    ordered = sorted(within, key=lambda each: (each[0].box[1] // height, each[0].box[0]))
    return _cut(" ".join(text for _, text in ordered))


def _part_inside(box: Box, line: Line) -> str:
    """The words of a line whose middles lie in the box, each letter taken to be as wide as the others."""
    left, top, right, bottom = line.box
    covered = _covers(box, line.box)
    if covered and min(box[2], right) - max(box[0], left) > 0.85 * (right - left):
        return line.text
    if not box[1] < (top + bottom) / 2 < box[3] or box[3] - box[1] < 0.5 * (bottom - top):
        return line.text if covered else ""
    letter = (right - left) / max(1, len(line.text))
    words = re.finditer(r"\S+", line.text)
    inside = [each.group() for each in words if box[0] < left + (each.start() + each.end()) / 2 * letter < box[2]]
    return " ".join(inside) or (line.text if covered else "")


def _words_over(box: Box, lines: Sequence[Line]) -> str:
    """The words an underline or a marker stroke belongs to."""
    near = [
        line
        for line in lines
        if line.box[0] < box[2]
        and line.box[2] > box[0]
        and abs(line.box[3] - box[1]) < 1.2 * (line.box[3] - line.box[1])
    ]
    return _cut(" ".join(line.text for line in near))


def _covers(box: Box, words: Box) -> bool:
    """More than half of the words' ground lies inside the box."""
    width = min(box[2], words[2]) - max(box[0], words[0])
    height = min(box[3], words[3]) - max(box[1], words[1])
    area = max(1, (words[2] - words[0]) * (words[3] - words[1]))
    return width > 0 and height > 0 and width * height > 0.5 * area


def _distance(point: tuple[int, int], box: Box) -> float:
    across = max(box[0] - point[0], 0, point[0] - box[2])
    down = max(box[1] - point[1], 0, point[1] - box[3])
    return float(across * across + down * down) ** 0.5


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1].rstrip() + "…"
