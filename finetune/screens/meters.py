"""Sliders, progress, stars and things that turn, each with its mark and value."""

from __future__ import annotations

import math
import random

from finetune.screens.canvas import Canvas, Point
from finetune.screens.colours import Colour, mixed, on, rgb


def slider(c: Canvas, x: float, middle: float, wide: float, value: float, label: str, tone: Colour) -> None:
    """A slider from x on; the mark is the whole track with its knob."""
    look, style = c.look, c.look.styles["slider"]
    rest = mixed(look.card, look.ink, 0.22)
    knob = {"material": 8, "fluent": 9, "thick": 6, "square knob": 8, "thin knob": 9, "ringed": 9}.get(style, 9.0)
    thick = {"thick": 14, "pill": 18, "material": 4, "classic": 4, "fluent": 4}.get(style, 5.0)
    left, span = x + knob, wide - 2 * knob
    at = left + span * value
    round_by = thick / 2 if style not in ("square knob", "classic") else 0
    c.box(x, middle - thick / 2, wide, thick, rest, radius=round_by)
    if style not in ("classic", "no rest"):
        c.box(x, middle - thick / 2, at - x, thick, tone, radius=round_by)
    if style == "ticked":
        for step in range(11):
            c.box(left + span * step / 10 - 0.5, middle + 9, 1, 4, rest)
    if style in ("square knob", "classic"):
        ground = tone if style == "square knob" else rgb("#f0f0f0")
        c.box(at - 5, middle - 9, 10, 18, ground, border=mixed(ground, (0, 0, 0), 0.4))
    elif style == "thin knob":
        c.box(at - 2, middle - 10, 4, 20, tone, radius=2)
    elif style == "fluent":
        c.disc(at, middle, 9, look.card, border=rest)
        c.disc(at, middle, 5, tone)
    elif style == "ringed":
        c.disc(at, middle, 9, look.card, border=tone, thick=2.5)
    elif style == "thick":
        c.disc(at, middle, 6, (255, 255, 255))
    elif style == "pill":
        c.box(at - 3, middle - 7, 4, 14, (255, 255, 255), radius=2)
    elif style == "material":
        c.disc(at, middle, 8, tone)
    else:
        c.disc(at, middle, 9, (255, 255, 255), border=mixed(rest, look.ink, 0.3))
    if style == "bubble":
        c.disc(at, middle, 4, tone)
    high = max(20.0, thick)
    c.mark("slider", x, middle - high / 2, wide, high, value=value, label=label)


def progress(c: Canvas, x: float, middle: float, wide: float, value: float, label: str, tone: Colour) -> float:
    """A bar (or a ring at the left) that is filled to a value; how high it is."""
    look, style = c.look, c.look.styles["progress"]
    rest = mixed(look.card, look.ink, 0.16)
    if style.endswith("ring"):
        reach, thick = 24.0, 4.0 if style == "ring" else 9.0
        c.arc(x + reach, middle, reach - thick / 2, 0, 360, rest, thick)
        if value > 0.01:
            c.arc(x + reach, middle, reach - thick / 2, -90, -90 + 360 * value, tone, thick)
        c.mark("progress", x, middle - reach, 2 * reach, 2 * reach, value=value, label=label)
        return 2 * reach
    high = {"thin": 4.0, "pill": 14.0, "worded inside": 18.0, "square": 12.0, "glossy": 16.0, "outlined": 12.0}.get(
        style, 8.0
    )
    y, round_by = middle - high / 2, 0 if style in ("square", "glossy", "segmented") else high / 2
    done = max(0.0, wide * value)
    if style == "segmented":
        parts = 10 if wide > 120 else 5
        value = round(value * parts) / parts
        for part in range(parts):
            fill = tone if part < round(value * parts) else rest
            c.box(x + wide * part / parts, y, wide / parts - 3, high, fill)
    else:
        border = mixed(look.card, look.ink, 0.4) if style in ("outlined", "glossy") else None
        c.box(x, y, wide, high, rest if style != "outlined" else look.card, radius=round_by, border=border)
        if done >= 2:
            c.box(x, y, done, high, tone, radius=min(round_by, done / 2))
        if style == "striped":
            for start in range(6, int(done) - 6, 14):
                points: list[Point] = [(x + start, y + high - 1), (x + start + 5, y + 1)]
                c.shape(points, mixed(tone, (255, 255, 255), 0.35), thick=3)
        if style in ("glossy", "gradient") and done > 3:
            c.box(x + 1, y + 1, done - 2, high * 0.4, mixed(tone, (255, 255, 255), 0.35))
        if style == "worded inside":
            ink = on(tone) if value > 0.55 else look.ink
            c.text(x + wide / 2, middle, f"{round(value * 100)}%", 11, anchor="mm", colour=ink)
    c.mark("progress", x, y, wide, high, value=value, label=label)
    return high


def _star(x: float, y: float, reach: float, inner: float = 0.42) -> list[Point]:
    return [
        (
            x + math.sin(math.pi * n / 5) * reach * (1 if n % 2 == 0 else inner),
            y - math.cos(math.pi * n / 5) * reach * (1 if n % 2 == 0 else inner),
        )
        for n in range(10)
    ]


def stars(c: Canvas, x: float, middle: float, size: float, count: int, label: str) -> float:
    """`count` of five stars full; the width of them all."""
    look, style = c.look, c.look.styles["stars"]
    gold = {"accent": look.accent, "orange": rgb("#f57c00"), "red": rgb("#e53935")}.get(style, rgb("#f5b301"))
    rest = mixed(look.card, look.ink, 0.2)
    if style == "small":
        size *= 0.8
    step = size * (1.5 if style == "wide" else 1.15)
    for place in range(5):
        at = x + size / 2 + place * step
        full = place < count
        if style == "boxed":
            c.box(at - size / 2, middle - size / 2, size, size, gold if full else rest)
            c.shape(_star(at, middle, size * 0.36), (255, 255, 255))
        elif style == "round":
            c.shape(_star(at, middle, size / 2, 0.58), gold if full else rest)
        elif full:
            if style == "shadowed":
                c.shape(_star(at + 1, middle + 1, size / 2), mixed(look.card, (0, 0, 0), 0.4))
            c.shape(_star(at, middle, size / 2, 0.34 if style == "thin" else 0.42), gold)
        elif style in ("outlined rest", "accent", "thin", "red"):
            c.shape(_star(at, middle, size / 2 - 0.5, 0.34 if style == "thin" else 0.42), gold, thick=1.2, closed=True)
        else:
            c.shape(_star(at, middle, size / 2), rest)
    wide = 4 * step + size
    c.mark("stars", x, middle - size / 2, wide, size, value=count / 5, label=label)
    return wide


def spinner(c: Canvas, x: float, y: float, size: float, label: str, rng: random.Random) -> None:
    """Something that turns while one waits; x, y is its top left."""
    look, style = c.look, c.look.styles["spinner"]
    half, turn, tone = size / 2, rng.randrange(360), look.accent
    rest = mixed(look.card, look.ink, 0.16)
    middle = x + half, y + half
    if style in ("dots", "spokes"):
        count = rng.choice((8, 8, 12)) if style == "spokes" else 8
        for part in range(count):
            angle = math.radians(turn + 360 * part / count)
            ink = mixed(look.card, look.ink if style == "spokes" else tone, 0.15 + 0.85 * part / count)
            far = middle[0] + math.cos(angle) * half * 0.84, middle[1] + math.sin(angle) * half * 0.84
            if style == "dots":
                c.disc(*far, size * 0.09, ink)
            else:
                near = middle[0] + math.cos(angle) * half * 0.48, middle[1] + math.sin(angle) * half * 0.48
                c.shape([near, far], ink, thick=size * 0.08)
    else:
        thick = size * (0.2 if style == "thick arc" else 0.1)
        if style in ("arc", "thick arc"):
            c.arc(*middle, half - thick / 2, 0, 360, rest, thick)
        c.arc(*middle, half - thick / 2, turn, turn + rng.randrange(60, 270), tone, thick)
        if style == "two arcs":
            c.arc(*middle, half - 2.5 * thick, turn + 180, turn + 280, tone, thick)
        if style == "fading ring":
            for part in range(6):
                start = turn - 40 * (part + 1)
                ink = mixed(tone, look.card, (part + 1) / 7)
                c.arc(*middle, half - thick / 2, start, start + 40, ink, thick)
    c.mark("spinner", x, y, size, size, label=label)
