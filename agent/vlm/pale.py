"""Which menu entries and buttons are greyed out: their ink is weaker than that of the entries beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from agent.vlm.boxes import Box
from agent.vlm.grounds import Toned, apart, band, boxed, says, toned
from index.marks import Mark

if TYPE_CHECKING:
    from index.pictures import Line

PALE = 0.62  # of the siblings' contrast
LEAST_CONTRAST = 60.0  # of the siblings
SOME_LINES = 25  # of the page, for its usual contrast
FAINT = 0.55  # of the page's contrast
GREYISH = 30  # of 255: a ground of no colour
FAIR = 0.7  # score


def _pale(group: Sequence[Toned]) -> list[Toned]:
    """The entries written in clearly weaker ink than most, on the same ground."""
    contrasts = np.array([each.contrast for each in group])
    usual = float(np.quantile(contrasts, 0.7))
    if usual < LEAST_CONTRAST:
        return []
    weak = [each for each in group if each.contrast < PALE * usual and _grey(each)]
    between = [each for each in group if PALE * usual <= each.contrast < 0.8 * usual]
    return weak if weak and len(weak) <= 0.4 * len(group) and len(between) <= 0.2 * len(group) else []


def pale_buttons(pixels: np.ndarray, buttons: Sequence[Box], lines: Sequence[Line]) -> list[Box]:
    """Those of the buttons on a picture whose words are clearly weaker than the words of the page."""
    some = lines[:: max(1, len(lines) // SOME_LINES)]
    page = [each.contrast for line in some if (each := toned(pixels, line)) is not None]
    if len(page) < 3:
        return []
    usual, found = float(np.quantile(page, 0.7)), []
    for box in buttons:
        inside = [each for line in lines if _holds(box, line.box) and (each := toned(pixels, line)) is not None]
        plain = [each for each in inside if each.ground.max() - each.ground.min() < GREYISH and _grey(each)]
        if plain and len(plain) == len(inside) and max(each.contrast for each in inside) < FAINT * usual:
            found.append(box)
    return found


def _holds(box: Box, words: Box) -> bool:
    across, down = (words[0] + words[2]) / 2, (words[1] + words[3]) / 2
    return box[1] < down < box[3] and box[0] < across < box[2] and words[2] - words[0] <= box[2] - box[0]


def _grey(words: Toned) -> bool:
    return float(words.ink.max() - words.ink.min()) < 40


def pale_in_column(pixels: np.ndarray, column: Sequence[Toned], words: Sequence[Toned]) -> list[Mark]:
    """Menu entries that cannot be chosen."""
    if len(column) < 3 or any(len(each.text.split()) > 6 for each in column):
        return []
    step = float(np.median(np.diff([each.middle for each in column])))
    accompanied = sum(any(follows(each, other) for other in words) for each in column)
    if step < float(np.median([each.high for each in column])) or accompanied > 0.5 * len(column):
        return []  # a paragraph, a table
    left, right = min(each.box[0] for each in column), max(each.box[2] for each in column)
    found = []
    for each in _pale(column):
        ground = band(pixels, each, reach=0.3)
        wide = max(ground[0], left - round(1.5 * each.high)), min(ground[2], right + round(1.5 * each.high))
        if each is not column[0] and says(each, 3) and _evenly(column, each):
            box = (
                wide[0],
                max(0, round(each.middle - step / 2)),
                wide[1],
                min(len(pixels), round(each.middle + step / 2)),
            )
            found.append(Mark("button", box, state="disabled", score=FAIR))
    return found


def _evenly(column: Sequence[Toned], each: Toned) -> bool:
    """Whether it stands as far from the entry before as from the next: a caption is nearer to its name."""
    place = next(n for n, one in enumerate(column) if one is each)
    if place + 1 == len(column):
        return True
    steps = each.middle - column[place - 1].middle, column[place + 1].middle - each.middle
    return max(steps) < 2 * min(steps)


def follows(one: Toned, other: Toned) -> bool:
    """Whether the other stands right of it in the same row of a table."""
    return abs(one.middle - other.middle) < 0.4 * one.high and 0 <= other.box[0] - one.box[2] < 9 * one.high


def pale_in_row(pixels: np.ndarray, row: Sequence[Toned]) -> list[Mark]:
    """Buttons of a ribbon or a row that cannot be pressed, each with the picture above its words."""
    if len(row) < 3:
        return []
    found = []
    for each in _pale(row):
        if not says(each, 3):
            continue
        around = boxed(pixels, each)
        if around is not None:
            found.append(Mark("button", around, state="disabled", score=FAIR))
            continue
        left, _, right, bottom = each.box
        found.append(Mark("button", (left, _picture_above(pixels, each), right, bottom), state="disabled", score=FAIR))
    return found


def _picture_above(pixels: np.ndarray, words: Toned) -> int:
    """The top of the picture that stands above the words of a button; their own top where there is none."""
    left, top, right, _ = words.box
    first = max(0, top - 4 * words.high)
    ink: np.ndarray = apart(pixels[first:top, left:right], words.ground) > 24
    spots = np.flatnonzero(ink[::-1].any(1))
    if not len(spots) or spots[0] > words.high:
        return top
    breaks = np.flatnonzero(np.diff(spots) > max(3, round(0.5 * words.high)))
    last = int(spots[breaks[0]] if len(breaks) else spots[-1])
    return top - last - 1 if last < 3.6 * words.high else top


def stacked(marks: Sequence[Mark]) -> list[Mark]:
    """Pale words on two lines of one button are one mark."""
    joined: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.box[3]):
        left, top, right, bottom = mark.box
        for place, other in enumerate(joined):
            box = other.box
            if min(right, box[2]) - max(left, box[0]) > 0.6 * min(right - left, box[2] - box[0]) and (
                top - box[3] < 0.5 * (bottom - top) and bottom > box[3]
            ):
                around = min(left, box[0]), min(top, box[1]), max(right, box[2]), bottom
                joined[place] = replace(other, box=around)
                break
        else:
            joined.append(mark)
    return joined
