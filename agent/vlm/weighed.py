"""What the tower saw weighed against what the pixels tell: frames, chosen and greyed-out entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.vlm.boxes import Box, shared
from agent.vlm.frames import drawn_frames
from agent.vlm.pale import pale_buttons
from agent.vlm.siblings import chosen_and_pale
from index.marks import Mark, Sight

if TYPE_CHECKING:
    import numpy as np

    from index.pictures import Line

SAME_RING = 0.25  # shared by two boxes of one drawn ring
SAME_PLACE = 0.5
# What the tower takes icons and rows of menus for on real screens; below these scores most of it is not there.
DOUBTED = {"spinner": 0.5, "progress": 0.2}
RING_ALONE = 0.6  # score of a ring that only the tower sees
CHOSEN_ALONE = 0.5
CHOSEN_BESIDE = 0.75  # of one in the same list or row as one that the pixels tell
WIDGETS = frozenset({"button", "badge", "banner", "selected"})
COVERING = frozenset({"button", "badge", "banner"})


def weighed(sight: Sight, pixels: np.ndarray, lines: Sequence[Line]) -> Sight:
    """The sight with the marks that its pixels tell better: `pixels` (H, W, 3) are RGB in 0..255, `lines` its words."""
    frames = drawn_frames(pixels, lines)
    told = chosen_and_pale(pixels, lines)
    pale = [mark for mark in told if mark.state == "disabled"]
    chosen = _chosen([mark for mark in told if mark.kind == "selected"], pale, frames, sight.marks)
    rings = _rings(frames, chosen, sight.marks)
    marks = [mark for mark in sight.marks if mark.kind not in ("ring", "selected") and mark.score >= _least(mark.kind)]
    plain = [mark.box for mark in marks if mark.kind == "button" and mark.state == "plain"]
    faint = set(pale_buttons(pixels, plain, lines)) if plain else set()
    marks = [replace(mark, state="disabled") if mark.kind == "button" and mark.box in faint else mark for mark in marks]
    marks = _paled(marks, pale) + chosen + rings
    return replace(sight, marks=tuple(sorted(marks, key=lambda mark: (mark.box[1], mark.box[0]))))


def _least(kind: str) -> float:
    return DOUBTED.get(kind, 0.0)


def _rings(frames: Sequence[Mark], chosen: Sequence[Mark], seen: Sequence[Mark]) -> list[Mark]:
    """Drawn frames, and the tower's rings where none was read and it is sure."""
    tower = [mark for mark in seen if mark.kind == "ring"]
    widgets = [mark.box for mark in seen if mark.kind in COVERING] + [mark.box for mark in chosen]
    kept = []
    for mark in frames:
        flat = mark.box[3] - mark.box[1] < 0.2 * (mark.box[2] - mark.box[0]) and mark.box[3] - mark.box[1] < 10
        if mark.colour != "red" and any(shared(mark.box, box) > SAME_PLACE for box in widgets):
            continue  # the border of a widget
        around = [other.box for other in (*tower, *chosen)] if flat else []
        if not any(_within(mark.box, box) and box[3] - box[1] > 2 * (mark.box[3] - mark.box[1]) for box in around):
            kept.append(mark)
    alone = [
        mark
        for mark in tower
        if mark.score >= RING_ALONE and all(shared(mark.box, other.box) < SAME_RING for other in kept)
    ]
    return kept + alone


def _chosen(told: Sequence[Mark], pale: Sequence[Mark], frames: Sequence[Mark], seen: Sequence[Mark]) -> list[Mark]:
    """Chosen entries that the pixels tell, no buttons; and the tower's where it is sure and no frame misled it."""
    covering = [mark.box for mark in seen if mark.kind in COVERING] + [mark.box for mark in pale]
    kept = [mark for mark in told if not any(_taken(mark.box, box) for box in covering)]
    drawn = [mark.box for mark in frames]
    for mark in seen:
        if mark.kind != "selected" or any(shared(mark.box, other.box) > SAME_PLACE for other in kept):
            continue
        if mark.score < CHOSEN_BESIDE and any(_in_line(mark.box, other.box) for other in kept):
            continue
        if mark.score >= CHOSEN_ALONE and not any(shared(mark.box, box) > SAME_PLACE for box in drawn):
            kept.append(mark)
    return kept


def _paled(marks: Sequence[Mark], pale: Sequence[Mark]) -> list[Mark]:
    """The marks with the greyed-out entries: a button seen at the place of one is greyed out."""
    free = list(pale)
    told = []
    for mark in marks:
        same = [each for each in free if mark.kind == "button" and shared(mark.box, each.box) > 0.3]
        if same:
            free.remove(same[0])
            mark = replace(mark, state="disabled")
        told.append(mark)
    return told + free


def _taken(mine: Box, box: Box) -> bool:
    """Whether a box is mostly inside another that is not much larger, or the other way round."""
    wide, high = min(mine[2], box[2]) - max(mine[0], box[0]), min(mine[3], box[3]) - max(mine[1], box[1])
    one, other = ((each[2] - each[0]) * (each[3] - each[1]) for each in (mine, box))
    return wide > 0 and high > 0 and wide * high > 0.7 * min(one, other) and max(one, other) < 4 * min(one, other)


def _in_line(one: Box, other: Box) -> bool:
    """Whether two boxes are entries of one list or of one row: one below or beside the other, of one size that way."""
    for low, high, least in ((0, 2, 0.8), (1, 3, 0.6)):
        both = min(one[high], other[high]) - max(one[low], other[low])
        if both > least * (max(one[high], other[high]) - min(one[low], other[low])):
            return True
    return False


def _within(inner: Box, outer: Box) -> bool:
    return (
        outer[0] - 4 <= (inner[0] + inner[2]) / 2 <= outer[2] + 4
        and outer[1] - 4 <= (inner[1] + inner[3]) / 2 <= outer[3] + 4
    )
