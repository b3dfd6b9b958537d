"""To the pixel: the tower tells where a bar or an arrow is, its colours how full it is and where it points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

Box = tuple[int, int, int, int]
# Hues in degrees of what people draw with, by the names of index.marks.COLOURS.
HUES = {"red": 0, "orange": 30, "yellow": 52, "green": 125, "blue": 215, "purple": 280, "pink": 325}
HUE_REACH = 28.0
LEAST_CHROMA = 55.0  # of 255: paler pixels have no hue worth the name
LEAST_INK = 12  # pixels of an arrow
HEAD_SHARE = 0.35  # of the length, at each end, in which a head would be
CLEARLY = 1.1  # times as broad: the end with the head
FLAT = 3.0  # times as wide as high: what is narrower may be a ring, which has no left and right
REACH = 0.14  # of the width: how far the tower's guess may be off
LEAST_TONE = 14.0  # of 255: how much two grounds differ at least
EXPLAINED = 0.3  # of the variance along the bar that two plain colours account for


def bar_value(image: Image.Image, box: Box, guess: float) -> float:
    """The filled share of the bar in `box` (pixels of the image), 0..1; `guess` where its colours do not tell.

    Along the middle of the bar the colours are two: the one place that parts them best is the end of the filled part.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if width < FLAT * max(1, height) or width < 24:
        return guess
    margin = max(4, round(0.05 * width))
    start = max(0, left - margin)
    strip = image.convert("RGB").crop((start, top, min(image.width, right + margin), bottom))
    rows = np.asarray(strip, dtype=np.float32)
    band = rows[max(0, math.floor(0.25 * height)) : max(1, math.ceil(0.8 * height))]
    line = np.median(band, axis=0)
    first, last = _ends(line, left - start, right - start, margin)
    inner = line[first:last]
    if len(inner) < 16:
        return guess
    place, explained, apart = _parted(inner, guess)
    if explained < EXPLAINED or apart < LEAST_TONE:
        return guess
    return round(place / len(inner), 3)


def _ends(line: np.ndarray, left: int, right: int, margin: int) -> tuple[int, int]:
    """Where the bar begins and ends along the line: the sharpest change of colour near each edge of its box."""
    change = np.abs(np.diff(line, axis=0)).sum(1)
    if not len(change):
        return left, right

    def near(edge: int) -> int:
        low, high = max(0, edge - margin), min(len(change), edge + margin)
        if low >= high:
            return edge
        best = low + int(change[low:high].argmax())
        return best + 1 if change[best] > LEAST_TONE else edge

    return near(left), near(right)


def _parted(inner: np.ndarray, guess: float) -> tuple[int, float, float]:
    """(place, share of the variance explained, difference of the two means in 0..255) of the best cut into two
    colours near the guess."""
    size = len(inner)
    sums = np.vstack([np.zeros((1, 3)), inner.cumsum(0, dtype=np.float64)])
    places = np.arange(2, size - 1)
    places = places[np.abs(places / size - guess) <= REACH]
    total = inner - inner.mean(0)
    spread = float((total**2).sum())
    if not len(places) or spread <= 0:
        return 0, 0.0, 0.0
    before = sums[places] / places[:, None]
    after = (sums[-1] - sums[places]) / (size - places)[:, None]
    between = (places * (size - places) / size) * ((before - after) ** 2).sum(1)
    best = int(between.argmax())
    return int(places[best]), float(between[best]) / spread, float(np.abs(before[best] - after[best]).max())


def arrow_tip(image: Image.Image, box: Box, colour: str, guess: tuple[int, int]) -> tuple[int, int]:
    """Where the arrow of this colour in `box` points (pixels of the image); `guess` where its pixels do not tell.

    Along the arrow's length its broader end is the head, and the tip the last pixel there.
    """
    if colour not in HUES:
        return guess
    left, top, right, bottom = box
    room = max(3, round(0.08 * max(right - left, bottom - top)))
    corner = (max(0, left - room), max(0, top - room))
    part = image.convert("RGB").crop((*corner, min(image.width, right + room), min(image.height, bottom + room)))
    rows, columns = np.nonzero(_inked(np.asarray(part, dtype=np.float32), HUES[colour]))
    if len(rows) < LEAST_INK:
        return guess
    places = np.stack([columns, rows], 1).astype(np.float64)
    middle = places.mean(0)
    axis = np.linalg.eigh(np.cov((places - middle).T))[1][:, -1]
    along = (places - middle) @ axis
    aside = np.abs((places - middle) @ np.array([-axis[1], axis[0]]))
    reach = HEAD_SHARE * (along.max() - along.min())
    ends = (along < along.min() + reach, along > along.max() - reach)
    broad = [float(np.quantile(aside[end], 0.9)) + 0.5 for end in ends]
    if max(broad) < CLEARLY * min(broad):
        return guess
    tip = places[along.argmin() if broad[0] > broad[1] else along.argmax()]
    return round(float(tip[0])) + corner[0], round(float(tip[1])) + corner[1]


def _inked(pixels: np.ndarray, hue: float) -> np.ndarray:
    """(H, W), where an RGB picture (H, W, 3) in 0..255 is plainly of a hue (degrees)."""
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    most, least = pixels.max(-1), pixels.min(-1)
    chroma = np.maximum(most - least, 1e-6)
    turn = np.where(
        most == red,
        (green - blue) / chroma % 6,
        np.where(most == green, (blue - red) / chroma + 2, (red - green) / chroma + 4),
    )
    away = np.abs((60 * turn - hue + 180) % 360 - 180)
    return (away < HUE_REACH) & (chroma > LEAST_CHROMA)
