"""What a person drew on a screenshot around or under something: frames, ellipses, underlines, read off the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from agent.vlm.boxes import Box, shared
from agent.vlm.strokes import Bar, Coloured, bars, coloured, pieces
from index.marks import Mark

if TYPE_CHECKING:
    from index.pictures import Line

THICKEST = 9.0  # pixels of a line, at the usual size; more on very large pictures
THINNEST = 1.4
LEAST_HEIGHT = 10
LEAST_CURVE = (24, 14)  # pixels of an ellipse across and down
CORNER = 14  # pixels that a rounded corner takes off a side
SIDE_SHARE = 0.8  # of a side that must be there
MOST_INSIDE = 0.35  # of the ground inside that may be of the frame's colour
MOST_FRAMES = 8  # of one colour: more are lines of the program
SAME_INK = 0.06  # of the ground inside that words in the border's own colour cover at least
BADGE_HIGH = 3.0  # heights of the words
SAME_GROUND = 8  # of 255: what lies on both sides of a drawn line differs less
OVER_SHARE = 0.5  # of the line with the same ground on both sides, for colours that programs frame with
WIDEST = 0.25  # of the picture: a larger frame that is not red is a part of the program
SURE, FAIR = 0.95, 0.8


def drawn_frames(pixels: np.ndarray, lines: Sequence[Line]) -> list[Mark]:
    """Rings (frames, ellipses, underlines) on an RGB picture (H, W, 3), boxes in its pixels; `lines` are its words."""
    thickest = THICKEST * max(1.0, max(pixels.shape) / 2_000)
    found: list[Mark] = []
    for colour in coloured(pixels):
        sides = bars(colour, thickest)
        framed = _rectangles(colour, sides, pixels, lines)
        if len(framed) > MOST_FRAMES:
            continue
        boxes = [mark.box for mark in framed]
        framed += [mark for mark in _ellipses(colour, pixels, lines, thickest) if not _near_any(mark.box, boxes)]
        free = [bar for bar in sides if not _near_any((bar.left, bar.top, bar.right, bar.bottom), boxes)]
        found += framed + _underlines(colour, free, pixels, lines)
    return found


def _rectangles(colour: Coloured, sides: list[Bar], pixels: np.ndarray, lines: Sequence[Line]) -> list[Mark]:
    """Top and bottom of one length with both sides between them."""
    found: list[Mark] = []
    for place, over in enumerate(sides):
        for under in sides[place + 1 :]:
            if under.top - over.bottom < LEAST_HEIGHT - 4 or not _one_length(over, under):
                continue
            box = _whole(colour.mask, over, under)
            if box is None:
                continue
            if any(shared(box, mark.box) > 0.7 for mark in found):
                break
            mark = _judged(colour, box, (over.thick + under.thick) / 2, pixels, lines)
            if mark is not None:
                found.append(mark)
                break
    return found


def _one_length(over: Bar, under: Bar) -> bool:
    both = min(over.right, under.right) - max(over.left, under.left)
    return both > 0.8 * (max(over.right, under.right) - min(over.left, under.left)) and (
        max(over.thick, under.thick) < 2.5 * min(over.thick, under.thick) + 1
    )


def _whole(mask: np.ndarray, over: Bar, under: Bar) -> Box | None:
    """The frame of a top and a bottom when both sides are there; a rounded one reaches beyond its straight parts."""
    top, bottom = over.bottom, under.top
    room = min(CORNER, (bottom - top) // 2)
    left, right = min(over.left, under.left), max(over.right, under.right)
    first = max(0, left - room)
    before = mask[top:bottom, first : max(over.left, under.left) + 4]
    after = mask[top:bottom, min(over.right, under.right) - 4 : right + room]
    if min(before.any(1).mean(), after.any(1).mean()) < SIDE_SHARE:
        return None
    stands = [np.flatnonzero(side.mean(0) > 0.5) for side in (before, after)]
    if not all(len(each) for each in stands):  # slanting sides
        return left, over.top, right, under.bottom
    return (
        min(left, first + int(stands[0][0])),
        over.top,
        max(right, min(over.right, under.right) - 4 + int(stands[1][-1]) + 1),
        under.bottom,
    )


def _judged(colour: Coloured, box: Box, thick: float, pixels: np.ndarray, lines: Sequence[Line]) -> Mark | None:
    """The frame as a mark; None for what a program draws: a field, a card, a button."""
    left, top, right, bottom = box
    edge = round(thick) + 1
    inner = colour.mask[top + edge : bottom - edge, left + edge : right - edge]
    if thick < THINNEST or not inner.size or inner.mean() > MOST_INSIDE or not _holds_words(box, lines):
        return None
    if thick < 2.5 and inner.mean() > SAME_INK and bottom - top < BADGE_HIGH * _words_high(box, lines):
        return None  # a badge or a button: its words have the colour of its border
    over = _same_on_both_sides(pixels, box, edge)
    high, wide = colour.mask.shape
    if colour.name == "red":
        sure = thick >= 1.8 or over >= OVER_SHARE
    else:
        small = (right - left) * (bottom - top) < WIDEST * high * wide
        sure = thick >= 1.8 and over >= OVER_SHARE and small
    return Mark("ring", box, colour=colour.name, score=SURE if thick >= 1.8 else FAIR) if sure else None


def _words_high(box: Box, lines: Sequence[Line]) -> int:
    """The height of the highest words whose middle is inside."""
    return max(line.box[3] - line.box[1] for line in lines if box[1] < (line.box[1] + line.box[3]) / 2 < box[3])


def _holds_words(box: Box, lines: Sequence[Line]) -> bool:
    """Whether the middle of some words, or of a part of them, is inside."""
    left, top, right, bottom = box
    return any(
        top < (line.box[1] + line.box[3]) / 2 < bottom
        and min(right, line.box[2]) - max(left, line.box[0]) > 0.5 * min(right - left, line.box[2] - line.box[0])
        for line in lines
    )


def _same_on_both_sides(pixels: np.ndarray, box: Box, edge: int) -> float:
    """The share of a frame's way on which the ground inside is the ground outside."""
    left, top, right, bottom = box
    high, wide = pixels.shape[:2]
    pairs = []
    if top - 2 >= 0:
        pairs.append((pixels[top - 2, left:right], pixels[min(high - 1, top + edge + 1), left:right]))
    if bottom + 1 < high:
        pairs.append((pixels[bottom + 1, left:right], pixels[max(0, bottom - edge - 2), left:right]))
    if left - 2 >= 0:
        pairs.append((pixels[top:bottom, left - 2], pixels[top:bottom, min(wide - 1, left + edge + 1)]))
    if right + 1 < wide:
        pairs.append((pixels[top:bottom, right + 1], pixels[top:bottom, max(0, right - edge - 2)]))
    if not pairs:
        return 1.0
    apart = [np.abs(one.astype(np.int16) - other).max(1) < SAME_GROUND for one, other in pairs]
    return float(np.concatenate(apart).mean())


def _ellipses(colour: Coloured, pixels: np.ndarray, lines: Sequence[Line], thickest: float) -> list[Mark]:
    """Closed curves around words: every direction from the middle meets the line once or nearly so."""
    found = []
    for left, top, right, bottom, runs in pieces(colour, LEAST_CURVE):
        wide, high = right - left, bottom - top
        box = left, top, right, bottom
        if wide * high > WIDEST * colour.mask.size or not _holds_words(box, lines):
            continue
        spans = colour.right[runs] - colour.left[runs]
        thick = float(spans.sum()) / (1.6 * (wide + high))
        if not THINNEST * 0.7 <= thick <= thickest:
            continue
        rows = np.repeat(colour.row[runs], spans)
        columns = np.concatenate([np.arange(a, b) for a, b in zip(colour.left[runs], colour.right[runs], strict=True)])
        x, y = (columns - (left + right - 1) / 2) / (wide / 2), (rows - (top + bottom - 1) / 2) / (high / 2)
        far = np.hypot(x, y)
        turn = ((np.arctan2(y, x) + np.pi) / (2 * np.pi) * 35.999).astype(np.int32)
        met = np.bincount(turn, minlength=36)
        mean = np.bincount(turn, far, minlength=36) / np.maximum(met, 1)
        if (met > 0).mean() < 0.9 or far.min() < 0.45 or np.abs(np.median(mean) - mean[met > 0]).max() > 0.3:
            continue
        if colour.name == "red" or _same_on_both_sides(pixels, box, round(thick) + 1) >= 0.3:
            found.append(Mark("ring", box, colour=colour.name, score=FAIR))
    return found


def _underlines(colour: Coloured, free: list[Bar], pixels: np.ndarray, lines: Sequence[Line]) -> list[Mark]:
    """Strokes below words, of another colour than the words."""
    found = []
    for bar in free:
        line = next((line for line in lines if _is_under(bar, line)), None)
        if line is None or bar.thick < THINNEST:
            continue
        left, top, right, bottom = line.box
        words = colour.mask[top : min(bottom, bar.top - 1), left:right]
        if words.size and words.mean() < 0.04:
            found.append(Mark("ring", (bar.left, bar.top, bar.right, bar.bottom), colour=colour.name, score=FAIR))
    return found if len(found) <= (3 if colour.name == "red" else 1) else []


def _is_under(bar: Bar, line: Line) -> bool:
    left, top, right, bottom = line.box
    high = bottom - top
    both = min(bar.right, right) - max(bar.left, left)
    return (
        -0.25 * high <= bar.top - bottom <= 0.5 * high
        and bar.bottom - bar.top < 0.5 * high
        and both > 0.6 * max(0.5 * (bar.right - bar.left), right - left)
        and bar.right - bar.left < 1.4 * (right - left) + 2 * high
    )


def _near_any(box: Box, others: Sequence[Box]) -> bool:
    """Whether the middle of it lies in, or on the edge of, another box."""
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(other[0] - 3 <= across <= other[2] + 3 and other[1] - 3 <= down <= other[3] + 3 for other in others)
