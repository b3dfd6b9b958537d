"""Strokes of one plain colour on a picture: their pixels as runs, runs as bars and as pieces that hang together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from agent.vlm.gauge import HUES, LEAST_CHROMA

LEAST_PIXELS = 60  # of a colour, to look at it
MOST_SHARE = 0.3  # of the picture: more is a ground, not a stroke
MOST_RUNS = 6_000  # more is a photo
GAP = 3  # pixels missing in a stroke that JPEG damaged
SHORTEST_BAR = 14  # pixels
_NAMES = tuple(HUES)
_NEAREST = np.array(
    [min(range(len(_NAMES)), key=lambda n: abs((hue - HUES[_NAMES[n]] + 180) % 360 - 180)) for hue in range(360)],
    dtype=np.uint8,
)


@dataclass(frozen=True)
class Coloured:
    """The pixels of one colour: `mask` (H, W), and its runs along the rows (`right` is the column after the last)."""

    name: str
    mask: np.ndarray
    row: np.ndarray
    left: np.ndarray
    right: np.ndarray


@dataclass(frozen=True)
class Bar:
    """A stroke that goes along; `thick` is its mean height."""

    left: int
    top: int
    right: int
    bottom: int
    thick: float


def coloured(pixels: np.ndarray) -> Iterator[Coloured]:
    """The colours that a person may have drawn with on an RGB picture (H, W, 3), each with its pixels."""
    red, green, blue = (np.ascontiguousarray(pixels[..., plane]) for plane in range(3))
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    places = np.flatnonzero((most - least).ravel() > LEAST_CHROMA)
    if len(places) < LEAST_PIXELS:
        return
    kinds = _hues(*(plane.ravel()[places].astype(np.float32) for plane in (red, green, blue)))
    high, wide = red.shape
    for number, name in enumerate(_NAMES):
        mine = places[kinds == number]
        if LEAST_PIXELS <= len(mine) <= MOST_SHARE * high * wide:
            row, column = np.divmod(mine, wide)
            starts = np.flatnonzero(np.r_[True, (np.diff(mine) > GAP) | (np.diff(row) > 0)])
            if len(starts) > MOST_RUNS:
                continue
            mask = np.zeros(high * wide, dtype=bool)
            mask[mine] = True
            ends = np.r_[starts[1:], len(mine)] - 1
            yield Coloured(name, mask.reshape(high, wide), row[starts], column[starts], column[ends] + 1)


def _hues(red: np.ndarray, green: np.ndarray, blue: np.ndarray) -> np.ndarray:
    """The number in HUES that each pixel's hue is nearest to."""
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    chroma = np.maximum(most - least, 1)
    turn = np.where(
        most == red,
        (green - blue) / chroma % 6,
        np.where(most == green, (blue - red) / chroma + 2, (red - green) / chroma + 4),
    )
    return _NEAREST[(60 * turn).astype(np.int32) % 360]


def bars(colour: Coloured, thickest: float) -> list[Bar]:
    """The strokes along the rows, top-down; what is thicker is ground."""
    long = np.flatnonzero(colour.right - colour.left >= SHORTEST_BAR)
    done: list[Bar] = []
    open_bars: list[list[int]] = []  # left, top, right, last row, area, left and right of its last run
    rows = zip(colour.row[long].tolist(), colour.left[long].tolist(), colour.right[long].tolist(), strict=True)
    for row, left, right in rows:
        ended = [bar for bar in open_bars if bar[3] < row - 1]
        if ended:
            done += [_closed(bar) for bar in ended]
            open_bars = [bar for bar in open_bars if bar[3] >= row - 1]
        for bar in open_bars:
            both = min(right, bar[6]) - max(left, bar[5])
            if bar[3] == row - 1 and both > 0.4 * min(right - left, bar[6] - bar[5]):
                bar[0], bar[2], bar[3] = min(bar[0], left), max(bar[2], right), row
                bar[4] += right - left
                bar[5], bar[6] = left, right
                break
        else:
            open_bars.append([left, row, right, row, right - left, left, right])
    done += [_closed(bar) for bar in open_bars]
    return sorted((bar for bar in done if bar.thick <= thickest), key=lambda bar: bar.top)


def _closed(bar: list[int]) -> Bar:
    return Bar(bar[0], bar[1], bar[2], bar[3] + 1, bar[4] / max(1, bar[2] - bar[0]))


def pieces(colour: Coloured, least: tuple[int, int]) -> list[tuple[int, int, int, int, np.ndarray]]:
    """What hangs together and is as large (width, height): (left, top, right, bottom, numbers of its runs)."""
    count = len(colour.row)
    first = np.searchsorted(colour.row, np.arange(colour.row[-1] + 4))
    joined: list[np.ndarray] = []
    for step in (1, 2):
        low, high = first[colour.row + step], first[colour.row + step + 1]
        many = high - low
        owner = np.repeat(np.arange(count), many)
        other = low[owner] + np.arange(len(owner)) - np.repeat(np.cumsum(many) - many, many)
        touch = (colour.left[other] <= colour.right[owner] + 1) & (colour.right[other] >= colour.left[owner] - 1)
        joined.append(np.stack([owner[touch], other[touch]]))
    one, other = np.concatenate(joined, axis=1)
    label = np.arange(count)
    for _ in range(64):
        low = np.minimum(label[one], label[other])
        after = label.copy()
        np.minimum.at(after, one, low)
        np.minimum.at(after, other, low)
        np.minimum.at(after, label, after)
        after = after[after]
        if np.array_equal(after, label):
            break
        label = after
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(label[order]) > 0])
    ends = np.r_[starts[1:], count]
    left, right = np.minimum.reduceat(colour.left[order], starts), np.maximum.reduceat(colour.right[order], starts)
    top, bottom = colour.row[order[starts]], colour.row[order[ends - 1]] + 1
    large = np.flatnonzero((right - left >= least[0]) & (bottom - top >= least[1]))
    return [
        (int(left[n]), int(top[n]), int(right[n]), int(bottom[n]), order[starts[n] : ends[n]]) for n in large.tolist()
    ]
