"""Small signs: warning, tick, cross, lock, bird and the like, drawn with the pen."""

from __future__ import annotations

import math

from finetune.screens.colours import Colour

from .pen import Pen


def warning(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """A triangle with an exclamation mark; x, y is its top left."""
    pen.polygon([(x + size / 2, y), (x + size, y + size * 0.9), (x, y + size * 0.9)], colour)
    inside = (255, 255, 255) if sum(colour) < 500 else (30, 24, 10)
    pen.stroke([(x + size / 2, y + size * 0.33), (x + size / 2, y + size * 0.58)], inside, size * 0.09)
    pen.circle(x + size / 2, y + size * 0.74, size * 0.055, inside)


def badge(pen: Pen, x: float, y: float, size: float, colour: Colour, sign: str) -> None:
    """A disc with "cross", "tick", "info" or "bang" in it; x, y is its top left."""
    half = size / 2
    inside = (255, 255, 255) if sum(colour) < 560 else (20, 24, 28)
    pen.circle(x + half, y + half, half, colour)
    thick = size * 0.09
    if sign == "cross":
        reach = size * 0.18
        pen.stroke([(x + half - reach, y + half - reach), (x + half + reach, y + half + reach)], inside, thick)
        pen.stroke([(x + half - reach, y + half + reach), (x + half + reach, y + half - reach)], inside, thick)
    elif sign == "tick":
        points = [
            (x + size * 0.28, y + size * 0.52),
            (x + size * 0.44, y + size * 0.67),
            (x + size * 0.73, y + size * 0.35),
        ]
        pen.stroke(points, inside, thick)
    else:
        first, dot = (0.26, 0.72) if sign == "bang" else (0.46, 0.29)
        last = 0.54 if sign == "bang" else 0.74
        pen.stroke([(x + half, y + size * first), (x + half, y + size * last)], inside, thick)
        pen.circle(x + half, y + size * dot, size * 0.06, inside)


def chevron(pen: Pen, x: float, y: float, size: float, colour: Colour, *, left: bool = False) -> None:
    """An angle pointing right (or left), its middle at x, y."""
    way = -1 if left else 1
    pen.stroke(
        [(x - way * size / 4, y - size / 2), (x + way * size / 4, y), (x - way * size / 4, y + size / 2)], colour, 1.6
    )


def cross(pen: Pen, x: float, y: float, size: float, colour: Colour, thick: float = 1.2) -> None:
    """A closing cross around a middle."""
    half = size / 2
    pen.stroke([(x - half, y - half), (x + half, y + half)], colour, thick)
    pen.stroke([(x - half, y + half), (x + half, y - half)], colour, thick)


def padlock(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """A closed padlock, its top left at x, y."""
    arc = [
        (
            x + size / 2 + math.cos(math.radians(a)) * size * 0.26,
            y + size * 0.38 + math.sin(math.radians(a)) * size * 0.3,
        )
        for a in range(180, 361, 20)
    ]
    pen.stroke([(arc[0][0], y + size * 0.5), *arc, (arc[-1][0], y + size * 0.5)], colour, size * 0.1)
    pen.box(x + size * 0.12, y + size * 0.44, size * 0.76, size * 0.56, colour, radius=size * 0.1)


def bird(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """The house's wren: a round body, a raised tail, a beak; x, y is its top left."""
    pen.polygon(
        [
            (x, y + size * 0.1),
            (x + size * 0.16, y),
            (x + size * 0.5, y + size * 0.55),
            (x + size * 0.2, y + size * 0.6),
        ],
        colour,
    )
    pen.circle(x + size * 0.5, y + size * 0.6, size * 0.3, colour)
    pen.circle(x + size * 0.72, y + size * 0.38, size * 0.18, colour)
    pen.polygon(
        [(x + size * 0.86, y + size * 0.32), (x + size, y + size * 0.4), (x + size * 0.86, y + size * 0.46)], colour
    )


def battery(pen: Pen, x: float, y: float, share: float, colour: Colour) -> None:
    """A small battery for a status bar."""
    pen.box(x, y, 20, 10, pen.theme.paper, radius=2.5, border=colour)
    pen.box(x + 2, y + 2, 16 * share, 6, colour, radius=1)
    pen.box(x + 20.5, y + 3, 1.5, 4, colour)


def bars(pen: Pen, x: float, y: float, count: int, colour: Colour, dim: Colour) -> None:
    """Signal strength: four bars, `count` of them full."""
    for bar in range(4):
        high = 3 + 2.4 * bar
        pen.box(x + bar * 4.2, y + 10.5 - high, 3, high, colour if bar < count else dim, radius=0.8)


def waves(pen: Pen, x: float, y: float, colour: Colour) -> None:
    """Wi-Fi: two arcs and a dot, about 14 wide."""
    for reach in (7.5, 4.6):
        points = [
            (x + 7 + math.cos(math.radians(a)) * reach, y + 10 + math.sin(math.radians(a)) * reach)
            for a in range(225, 316, 15)
        ]
        pen.stroke(points, colour, 1.5)
    pen.circle(x + 7, y + 9.3, 1.3, colour)
