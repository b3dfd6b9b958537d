"""How far a bar is filled, to the pixel: the tower tells where a bar is and about how full, its colours the rest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

Box = tuple[int, int, int, int]
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
