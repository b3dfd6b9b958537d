"""The signs of messages, and plain pictures on screens that say nothing (they are no marks)."""

from __future__ import annotations

import math
import random

from finetune.screens.canvas import Canvas, Point
from finetune.screens.colours import Colour, mixed, on, rgb
from finetune.screens.controls import cross, tick

TONES = {"error": "red", "warning": "orange", "info": "blue", "success": "green", "question": "blue"}
_SHADES = {
    "error": ("#d32f2f", "#e53935", "#c62828", "#ff453a", "#b91c1c"),
    "warning": ("#f59e0b", "#fb8c00", "#ffb300", "#e0a100", "#f5c518"),
    "info": ("#1976d2", "#0a84ff", "#2563eb", "#0288d1", "#6b7280"),
    "success": ("#2e7d32", "#34c759", "#16a34a", "#43a047"),
    "question": ("#1976d2", "#5b6b7f", "#6d28d9", "#0a84ff"),
}


def tone_of(sign: str, rng: random.Random) -> Colour:
    """A colour that goes with a sign."""
    return rgb(rng.choice(_SHADES[sign]))


def _outline(style: str, sign: str, x: float, y: float, size: float) -> list[Point]:
    """The corners of a ground that has some."""
    half = size / 2
    if "triangle" in style:
        return [(x + half, y + size * 0.04), (x + size, y + size * 0.94), (x, y + size * 0.94)]
    if "octagon" in style:
        turns = [math.pi / 8 + math.pi / 4 * n for n in range(8)]
        return [(x + half + math.cos(turn) * half * 1.06, y + half + math.sin(turn) * half * 1.06) for turn in turns]
    if style == "shield":
        return [
            (x + half, y), (x + size * 0.93, y + size * 0.16), (x + size * 0.9, y + size * 0.6), (x + half, y + size),
            (x + size * 0.1, y + size * 0.6), (x + size * 0.07, y + size * 0.16),
        ]  # fmt: skip
    return []


def sign_icon(
    c: Canvas, x: float, y: float, size: float, sign: str, label: str, rng: random.Random, tone: Colour | None = None
) -> None:
    """The sign of a message ("error", "warning", "info", "success", "question"); x, y is its top left."""
    look, style = c.look, c.look.styles["icon"]
    tone = tone or tone_of(sign, rng)
    if sign == "warning" and style not in ("outlined triangle", "bare sign") and rng.random() < 0.7:
        style = "outlined triangle" if style.startswith("outlined") else "triangle"
    elif style in ("triangle", "outlined triangle") and sign != "warning":
        style = "filled disc" if style == "triangle" else "outlined disc"
    elif "octagon" in style and sign not in ("error", "warning"):
        style = "outlined disc" if style.startswith("outlined") else "filled disc"
    half, thick = size / 2, max(1.2, size * 0.075)
    inside = on(tone)
    corners = _outline(style, sign, x, y, size)
    if corners and style.startswith("outlined"):
        c.shape(corners, tone, thick=thick, closed=True)
        inside = tone
    elif corners:
        c.shape(corners, tone)
    elif style in ("square", "round square"):
        c.box(x, y, size, size, tone, radius=size * (0.25 if style == "round square" else 0.06))
    elif style == "outlined disc":
        c.disc(x + half, y + half, half, None, border=tone, thick=thick)
        inside = tone
    elif style == "tinted disc":
        c.disc(x + half, y + half, half, mixed(look.card, tone, 0.2))
        inside = mixed(tone, look.ink, 0.15)
    elif style == "bare sign":
        inside = tone
    else:
        c.disc(x + half, y + half, half, tone)
    _glyph(c, x, y, size, sign, inside, "triangle" in style, style == "bare sign", rng)
    c.mark("icon", x, y, size, size, state=sign, label=label)


def _glyph(
    c: Canvas, x: float, y: float, size: float, sign: str, ink: Colour, low: bool, bare: bool, rng: random.Random
) -> None:
    """What stands inside the ground."""
    half, grow = size / 2, 1.6 if bare else 1.0
    middle = y + half + (size * 0.1 if low else 0)
    if sign == "success":
        reach = size * 0.27 * grow
        tick(c, x + half - reach, middle - reach, 2 * reach, ink, size * 0.1)
    elif sign == "error" and not low and rng.random() < 0.8:
        reach = size * 0.18 * grow
        cross(c, x + half - reach, middle - reach, 2 * reach, ink, size * 0.1)
    elif sign == "question":
        c.text(x + half, middle, "?", size * 0.68 * min(grow, 1.3), weight="bold", colour=ink, anchor="mm", keep=False)
    else:
        reach, way = size * (0.2 if low else 0.26) * min(grow, 1.4), 1 if sign == "info" else -1
        c.shape([(x + half, middle + way * reach), (x + half, middle - way * reach * 0.2)], ink, thick=size * 0.1)
        c.disc(x + half, middle - way * reach * 0.95, size * 0.06, ink)


def plain_icon(
    c: Canvas,
    x: float,
    y: float,
    size: float,
    ink: Colour,
    rng: random.Random,
    kinds: tuple[int, ...] = tuple(range(11)),
) -> None:
    """A small picture of a toolbar or list that is no sign of a message and no mark."""
    half, kind = size / 2, rng.choice(kinds)
    thick = max(1.0, size * 0.09)
    if kind == 0:  # house
        c.shape([(x, y + half), (x + half, y), (x + size, y + half)], ink)
        c.box(x + size * 0.18, y + half, size * 0.64, half, ink)
    elif kind == 1:  # glass
        c.arc(x + size * 0.42, y + size * 0.42, size * 0.32, 0, 360, ink, thick)
        c.shape([(x + size * 0.66, y + size * 0.66), (x + size, y + size)], ink, thick=thick)
    elif kind == 2:  # person
        c.disc(x + half, y + size * 0.27, size * 0.24, ink)
        c.box(x + size * 0.1, y + size * 0.58, size * 0.8, size * 0.4, ink, radius=size * 0.2)
    elif kind == 3:  # envelope
        c.box(x, y + size * 0.15, size, size * 0.7, None, border=ink, thick=thick)
        c.shape([(x, y + size * 0.2), (x + half, y + size * 0.58), (x + size, y + size * 0.2)], ink, thick=thick)
    elif kind == 4:  # sheet
        c.box(x + size * 0.15, y, size * 0.7, size, None, border=ink, thick=thick)
        for row in (0.3, 0.5, 0.7):
            c.rule(x + size * 0.3, y + size * row, size * 0.4, ink)
    elif kind == 5:  # table
        c.box(x, y + size * 0.1, size, size * 0.8, None, border=ink, thick=thick)
        c.box(x, y + size * 0.1, size, size * 0.25, ink)
        c.box(x + half, y + size * 0.1, 1, size * 0.8, ink)
    elif kind == 6:  # lines
        for row in (0.15, 0.46, 0.77):
            c.box(x, y + size * row, size, thick, ink)
    elif kind == 7:  # folder
        c.box(x, y + size * 0.15, size * 0.45, size * 0.3, ink, radius=1)
        c.box(x, y + size * 0.28, size, size * 0.6, ink, radius=1.5)
    elif kind == 8:  # drum of a database
        for row in (0.12, 0.4, 0.68):
            c.box(x + size * 0.1, y + size * row, size * 0.8, size * 0.22, ink, radius=size * 0.11)
    elif kind == 9:  # cart
        c.shape([(x, y + size * 0.15), (x + size * 0.2, y + size * 0.15), (x + size * 0.35, y + size * 0.62),
                 (x + size * 0.85, y + size * 0.62), (x + size, y + size * 0.28)], ink, thick=thick)  # fmt: skip
        for wheel in (0.42, 0.78):
            c.disc(x + size * wheel, y + size * 0.84, size * 0.09, ink)
    else:  # funnel
        corners = ((0, 0.1), (1, 0.1), (0.6, 0.55), (0.6, 1), (0.4, 0.85), (0.4, 0.55))
        c.shape([(x + size * a, y + size * b) for a, b in corners], ink)


def chevron(c: Canvas, x: float, y: float, size: float, ink: Colour, way: str = "down") -> None:
    """A small angle around a middle: of a drop-down ("down"), a row ("right"), a way back ("left")."""
    h, q = size / 2, size / 4
    points: dict[str, list[Point]] = {
        "down": [(x - h, y - q), (x, y + q), (x + h, y - q)],
        "right": [(x - q, y - h), (x + q, y), (x - q, y + h)],
        "left": [(x + q, y - h), (x - q, y), (x + q, y + h)],
    }
    c.shape(points[way], ink, thick=max(1.2, size * 0.16))


def hint_sign(c: Canvas, x: float, middle: float, size: float = 13) -> None:
    """The small i in a thin circle beside a label: a hint, no message and no mark."""
    grey = mixed(c.look.card, c.look.ink, 0.55)
    c.disc(x + size / 2, middle, size / 2, None, border=grey)
    c.text(x + size / 2, middle, "i", size * 0.7, colour=grey, anchor="mm", keep=False)
