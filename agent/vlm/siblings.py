"""Which of several entries is chosen or greyed out: entries in one row or column whose ground or ink differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from agent.vlm.boxes import Box, shared
from agent.vlm.grounds import (
    OTHER_GROUND,
    Toned,
    apart,
    band,
    beside,
    parted,
    says,
    share_of,
    tone_gap,
    toned,
    without_sign,
)
from agent.vlm.pale import follows, pale_in_column, pale_in_row, stacked
from index.marks import Mark

if TYPE_CHECKING:
    from index.pictures import Line

MOST_LINES = 260  # a page with more words is text
ALIKE_HIGH = 1.5  # how much higher the words of a sibling may be
ASIDE = 0.8  # heights by which the left edges of a column may differ
BELOW = 4.5  # heights from one entry of a column to the next
BESIDE = 9.0  # heights of free ground between two entries of a row
ROUGHER = 3.0  # times the roughness of the grounds
SAME_GROUND = 4.0
BAND_SHARE = 0.7  # of the way to the next entry that a chosen entry's band takes
ROW_REACH = 1.6  # heights above and below the words of a tab
MOST_KINDS = 2  # of grounds beside the usual one: more are fields, or a photo
LIVELIER = 15.0  # of 255: of two grounds the more colourful is the chosen one
STROKE_SHARE = 0.75  # of the width of the words' box
SURE, FAIR = 0.9, 0.7


def chosen_and_pale(pixels: np.ndarray, lines: Sequence[Line]) -> list[Mark]:
    """Marks "selected" and disabled "button" of an RGB picture (H, W, 3), boxes in its pixels, by its `lines`."""
    if not 0 < len(lines) <= MOST_LINES:
        return []
    words = [without_sign(pixels, each) for line in lines if (each := toned(pixels, line)) is not None]
    entries = [entry for each in words for entry in parted(pixels, each)]
    found: list[Mark] = []
    for column in columns(words):
        found += _lit_in_column(pixels, column, words)
        found += pale_in_column(pixels, column, words)
    lit: list[Mark] = []
    pale: list[Mark] = []
    for row in rows(entries):
        lit += _lit_in_row(pixels, row, words)
        found += _underlined(pixels, row)
        pale += pale_in_row(pixels, row)
    return _once(found + _heads_of(lit, words) + stacked(pale))


def columns(words: Sequence[Toned]) -> list[list[Toned]]:
    """Words one below the other from one left edge on, top-down, two at least."""
    groups: list[list[Toned]] = []
    for each in sorted(words, key=lambda each: each.middle):
        fits = [
            group
            for group in groups
            if _alike(group[-1], each)
            and abs(group[-1].box[0] - each.box[0]) <= ASIDE * each.high
            and 0.6 * each.high < each.middle - group[-1].middle < BELOW * each.high
        ]
        if fits:
            min(fits, key=lambda group: each.middle - group[-1].middle).append(each)
        else:
            groups.append([each])
    return [group for group in groups if len(group) > 1]


def rows(words: Sequence[Toned]) -> list[list[Toned]]:
    """Words side by side, left to right, two at least."""
    groups: list[list[Toned]] = []
    for each in sorted(words, key=lambda each: each.box[0]):
        fits = [
            group
            for group in groups
            if _alike(group[-1], each)
            and abs(group[-1].middle - each.middle) < 0.35 * each.high
            and -2 < each.box[0] - group[-1].box[2] < BESIDE * each.high
        ]
        if fits:
            min(fits, key=lambda group: each.box[0] - group[-1].box[2]).append(each)
        else:
            groups.append([each])
    return [group for group in groups if len(group) > 1]


def _alike(one: Toned, other: Toned) -> bool:
    return max(one.high, other.high) <= ALIKE_HIGH * min(one.high, other.high)


def _odd(group: Sequence[Toned]) -> list[tuple[list[Toned], np.ndarray]]:
    """The entries whose ground is not that of most, by their ground, and the ground of most; of two each in turn."""
    if len(group) == 2:
        apart = tone_gap(group[0].ground, group[1].ground) >= OTHER_GROUND
        return [([group[0]], group[1].ground), ([group[1]], group[0].ground)] if apart else []
    grounds = np.stack([each.ground for each in group])
    usual = grounds[int((np.abs(grounds[:, None] - grounds[None]).max(2) < SAME_GROUND).sum(1).argmax())]
    least = max(OTHER_GROUND, ROUGHER * float(np.median([each.rough for each in group])))
    kinds: list[list[Toned]] = []
    for each in group:
        if tone_gap(each.ground, usual) >= least:
            kind = next((kind for kind in kinds if tone_gap(kind[0].ground, each.ground) <= SAME_GROUND), None)
            if kind is None:
                kinds.append([each])
            else:
                kind.append(each)
    odd = sum(map(len, kinds))
    if len(kinds) == 1 and odd >= 0.3 * len(group):  # the chosen one may have more lines than the others together
        rest = [each for each in group if not any(each is one for one in kinds[0])]
        return [(kinds[0], usual), (rest, kinds[0][0].ground)]
    return [(kind, usual) for kind in kinds] if len(kinds) <= MOST_KINDS and odd <= 0.6 * len(group) else []


def _lit_in_column(pixels: np.ndarray, column: Sequence[Toned], words: Sequence[Toned]) -> list[Mark]:
    """The one entry of a list that stands on a band of its own."""
    found = []
    for odd, usual in _odd(column):
        several = len(odd) > 1
        box = band(pixels, odd[0], usual, 12.0 if several else 2.5, round(1.3 * odd[0].high) if several else 1)
        if any(not box[1] <= each.middle <= box[3] for each in odd) or not any(map(says, odd)):
            continue  # stripes, or several
        others = [each for each in column if not any(each is one for one in odd)]
        if _is_band(pixels, box, odd, others, usual) and not (
            _is_cell(box, odd, column, words) or _is_head(box, column, words)
        ):
            found.append(Mark("selected", box, score=SURE if len(column) > 2 else FAIR))
    return found if len(found) == 1 else []


def _is_band(pixels: np.ndarray, box: Box, odd: Sequence[Toned], others: Sequence[Toned], usual: np.ndarray) -> bool:
    """Whether the ground is as wide as the list, takes the room of an entry, and ends in the list's own ground."""
    high = odd[0].high
    step = min(abs(one.middle - each.middle) for one in odd for each in others)
    room = box[3] - box[1] - (odd[-1].middle - odd[0].middle)
    widest = max(each.box[2] for each in others)
    if not max(BAND_SHARE * min(step, 3 * high), 0.85 * high) <= room <= 4 * high or room > 1.5 * step:
        return False
    if box[2] - box[0] < 0.85 * (widest - min(each.box[0] for each in others)) or box[2] - box[0] < 3 * high:
        return False
    if any(box[1] < each.middle < box[3] and tone_gap(each.ground, odd[0].ground) > SAME_GROUND for each in others):
        return False
    edge = any(all(sign * (each.middle - one.middle) > 0 for each in others for one in odd) for sign in (1, -1))
    sides = beside(pixels, box, across=False)
    if any(share_of(side, odd[0].ground) > 0.3 for side in sides):
        return False  # the ground goes on behind the next words
    ends = sum(share_of(side, usual) > 0.3 for side in sides)
    return ends > int(edge)


def _is_cell(box: Box, odd: Sequence[Toned], column: Sequence[Toned], words: Sequence[Toned]) -> bool:
    """Whether the band is one cell of a table: words that stand beside it in its row are outside."""
    tables = [each for each in column if any(follows(each, other) or follows(other, each) for other in words)]
    if len(tables) > 0.8 * len(column) and len(column) > 4 and odd[0] is column[0]:
        return not any(box[0] <= each.box[0] <= box[2] for each in words if follows(column[0], each))
    return len(tables) > 0.5 * len(column) and any(
        abs(each.middle - other.middle) < 0.4 * each.high
        and (0 <= other.box[0] - box[2] < 1.2 * each.high or 0 <= box[0] - other.box[2] < 1.2 * each.high)
        for each in odd
        for other in words
    )


def _is_head(box: Box, column: Sequence[Toned], words: Sequence[Toned]) -> bool:
    """Whether the band is the head of a table: words side by side, and none such above."""
    beside = sum(box[1] <= each.middle <= box[3] and box[0] <= each.box[0] <= box[2] for each in words)
    if beside == len([each for each in column if box[1] <= each.middle <= box[3]]):
        return False
    inside = [each.box for each in words if box[1] <= each.middle <= box[3] and box[0] <= each.box[0] <= box[2]]
    above = [
        each
        for each in words
        if 0 < box[1] - each.middle < box[3] - box[1]
        and any(min(abs(each.box[0] - one[0]), abs(each.box[2] - one[2])) < 1.5 * each.high for one in inside)
    ]
    return len(column) == 2 or len(above) < max(2.0, 0.6 * len(inside))


def _lit_in_row(pixels: np.ndarray, row: Sequence[Toned], words: Sequence[Toned]) -> list[Mark]:
    """The one tab, or head of a column, that stands on a ground of its own."""
    if len(row) < 3 and not all(_heads(each, words) for each in row):
        return []
    found, whole = [], row[-1].box[2] - row[0].box[0]
    for odd, usual in _odd(row):
        one = odd[0]
        box = band(pixels, one, usual, ROW_REACH)
        room = [
            edge if far < 0.9 * ROW_REACH * one.high else round(one.box[n] + sign * 0.4 * one.high)
            for n, sign, edge, far in ((1, -1, box[1], one.box[1] - box[1]), (3, 1, box[3], box[3] - one.box[3]))
        ]
        pad = round(0.3 * one.high)
        box = box[0], max(0, min(room[0], one.box[1] - pad)), box[2], min(len(pixels), max(room[1], one.box[3] + pad))
        wide = box[2] - box[0]
        roomy = wide >= one.box[2] - one.box[0] + 0.4 * one.high
        ends = any(share_of(side, usual) > 0.15 for side in beside(pixels, box, across=True))
        if len(odd) == 1 and says(one, 3) and roomy and wide < 0.75 * whole and ends:
            found.append((one, Mark("selected", box, score=SURE if len(row) > 2 else FAIR)))
    if len(row) == 2:
        lively = [float(each.ground.max() - each.ground.min()) for each in row]
        found = [(one, mark) for one, mark in found if one is row[int(np.argmax(lively))]]
        found = found if abs(lively[0] - lively[1]) > LIVELIER else []
    if len(found) == 2:  # a first tab in a colour of its own opens a menu
        found = [(one, mark) for one, mark in found if one is not row[0]]
    return [mark for _, mark in found] if len(found) == 1 else []


def _heads_of(lit: Sequence[Mark], words: Sequence[Toned]) -> list[Mark]:
    """Of cells that are lit one below the other only the first, which heads the chosen column; none when cells
    stand above it that are not lit, unless its own ground differs from that of the others."""
    stacks: list[list[Mark]] = []
    for mark in sorted(lit, key=lambda mark: mark.box[1]):
        for stack in stacks:
            both = min(stack[-1].box[2], mark.box[2]) - max(stack[-1].box[0], mark.box[0])
            if both > 0.6 * (max(stack[-1].box[2], mark.box[2]) - min(stack[-1].box[0], mark.box[0])):
                stack.append(mark)
                break
        else:
            stacks.append([mark])
    kept = []
    for stack in stacks:
        left, top, right, bottom = stack[0].box
        over = [each for each in words if -2 * (bottom - top) < each.middle - top < 0 and left <= each.box[0] < right]
        grounds = [each.ground for mark in stack[:2] for each in words if _holds(mark.box, each)]
        if len(stack) == 1 or not over or tone_gap(grounds[0], grounds[-1]) > LIVELIER:
            kept.append(stack[0])
    return kept


def _holds(box: Box, words: Toned) -> bool:
    return box[1] <= words.middle <= box[3] and box[0] <= (words.box[0] + words.box[2]) / 2 <= box[2]


def _heads(head: Toned, words: Sequence[Toned]) -> bool:
    """Whether words stand below it as the cells of its column."""
    left, _, right, bottom = head.box
    below = [
        each
        for each in words
        if each.box[1] > bottom - 2
        and each.middle - head.middle < 8 * head.high
        and each.box[0] < right + head.high
        and each.box[2] > left - 2 * head.high
    ]
    return len(below) >= 2


def _underlined(pixels: np.ndarray, row: Sequence[Toned]) -> list[Mark]:
    """The one tab with a stroke below it that the others have not."""
    strokes = [_stroke(pixels, each) for each in row]
    lit = [n for n, stroke in enumerate(strokes) if stroke is not None]
    if len(lit) != 1 or not says(row[lit[0]]):
        return []
    one, stroke = row[lit[0]], strokes[lit[0]]
    assert stroke is not None
    left, top, right, bottom = stroke
    ink = pixels[top:bottom, left:right].reshape(-1, 3).mean(0)
    lively = float(ink.max() - ink.min()) > 60
    red = lively and ink[0] > ink[1] + 60 and abs(ink[1] - ink[2]) < 60
    if len(row) == 2 and (red or not (lively or tone_gap(ink, one.ground) > 120)):
        return []
    if top < one.box[3] and tone_gap(ink, one.ink) < 60:
        return []  # a link
    box = min(left, one.box[0]), max(0, round(one.box[1] - 0.4 * one.high)), max(right, one.box[2]), bottom
    return [Mark("selected", box, score=SURE if len(row) > 2 else FAIR)]


def _stroke(pixels: np.ndarray, words: Toned) -> Box | None:
    """A thin stroke below the words that is about as long as they are, and no side of a box around them."""
    high, wide = pixels.shape[:2]
    left, top, right, bottom = words.box
    first, last = round(bottom - 0.15 * words.high), min(high, round(bottom + 0.8 * words.high))
    start, end = max(0, left - 3 * words.high), min(wide, right + 3 * words.high)
    if last - first < 3:
        return None
    other = apart(pixels[top:last, start:end], words.ground) > 45
    strip = other[first - top :]
    full = strip[:, left - start : right - start].mean(1)
    spots = np.flatnonzero(full > STROKE_SHARE)
    if not len(spots) or (full[max(0, bottom - first) : spots[0]] > 0.1).sum() > 2:
        return None
    tones = pixels[first + spots[0] : last, left:right].mean(1)
    core = int(np.abs(tones[:4] - words.ground).max(1).argmax())
    same = np.abs(tones - tones[core]).max(1) < 45
    thick = core + int(np.argmin(np.r_[same[core:], False]))
    if not 2 <= thick <= min(6, 0.4 * words.high + 2):
        return None
    spots = np.arange(spots[0], spots[0] + thick)
    across = strip[int(spots[0] + core)]
    middle = (left + right) // 2 - start
    stop = middle + int(np.argmin(np.r_[across[middle:], False]))
    begin = middle - int(np.argmin(np.r_[across[:middle][::-1], False]))
    if (
        stop - begin > (right - left) + 2.6 * words.high
        or begin <= 0
        or stop >= end - start
        or stop - begin < 0.6 * (right - left)
    ):
        return None
    like = apart(pixels[top:last, start:end], tones[core]) < 60
    upright = like[: first - top + int(spots[0])], like[first - top + int(spots[-1]) + 1 :]
    corners = [slice(max(0, x - 3), x + 4) for x in (begin, stop - 1)]
    if any(len(part) > 3 and part[:, corner].any(1).mean() > 0.85 for part in upright for corner in corners):
        return None
    return start + begin, first + int(spots[0]), start + stop, first + int(spots[-1]) + 1


def _once(marks: Sequence[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: -mark.score):
        if all(other.kind != mark.kind or shared(mark.box, other.box) < 0.4 for other in kept):
            kept.append(mark)
    return kept
