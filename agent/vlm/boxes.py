"""Boxes on a picture beside each other: how much two of them share."""

from __future__ import annotations

Box = tuple[int, int, int, int]  # left, top, right, bottom


def shared(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return wide * high / (sum(areas) - wide * high)
