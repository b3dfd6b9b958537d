"""Switches, check boxes and radio buttons in the manners of many systems, each with its mark."""

from __future__ import annotations

import random

from finetune.screens.canvas import Canvas
from finetune.screens.colours import Colour, mixed, on, rgb, shade

WHITE = (255, 255, 255)


def _tone(c: Canvas, rng: random.Random) -> Colour:
    """The colour of what is switched on: mostly the screen's own."""
    return c.look.accent if rng.random() < 0.7 else shade(rng.choice(("green", "blue", "orange", "purple")), rng)


def switch_size(c: Canvas, high: float) -> tuple[float, float]:
    """Width and height of a switch whose track is `high`."""
    style = c.look.styles["switch"]
    wide = {"squared": 2.0, "worded": 2.5, "worded square": 2.6, "two halves": 2.8, "material 2": 1.9}.get(style, 1.8)
    return high * wide, high


def switch(c: Canvas, x: float, middle: float, high: float, state: bool, label: str, tone: Colour) -> None:
    """A switch whose left edge is at x."""
    look, style = c.look, c.look.styles["switch"]
    wide, _ = switch_size(c, high)
    y = middle - high / 2
    off = mixed(look.card, look.ink, 0.3)
    knob, ground = WHITE, tone if state else off
    spot = x + (wide - high / 2 if state else high / 2)
    if style in ("material 2", "bar knob"):
        bar = high * (0.66 if style == "material 2" else 0.3)
        c.box(x + 1, middle - bar / 2, wide - 2, bar, mixed(look.card, ground, 0.5), radius=bar / 2)
        c.disc(spot, middle, high / 2, ground if state else mixed(look.card, WHITE, 0.8), border=off)
    elif style in ("material 3", "outline", "windows", "fluent ring"):
        filled = state and style != "outline"
        edge = ground if state else mixed(look.card, look.ink, 0.6)
        c.box(x, y, wide, high, tone if filled else look.card, radius=high / 2, border=edge,
              thick=2 if style == "material 3" else 1.3)  # fmt: skip
        reach = high * (0.36 if state and style == "material 3" else 0.25)
        c.disc(spot, middle, reach, on(tone) if filled else edge)
        if style == "fluent ring" and state:
            c.disc(spot, middle, reach * 0.5, tone)
    elif style in ("squared", "worded square", "two halves", "inset"):
        radius = 0 if style != "inset" else 4
        if style == "two halves":
            c.box(x, y, wide, high, look.card, border=off)
            c.box(x if not state else x + wide / 2, y, wide / 2, high, tone if state else off)
            for place, word in enumerate(("OFF", "ON")):
                ink = on(ground) if bool(place) == state else look.muted
                c.text(x + wide * (0.25 + 0.5 * place), middle, word, high * 0.42, colour=ink, anchor="mm")
        else:
            c.box(x, y, wide, high, ground, radius=radius, border=mixed(ground, (0, 0, 0), 0.15))
            part = high - 4
            c.box(x + wide - part - 2 if state else x + 2, y + 2, part, part, knob, radius=max(0, radius - 1))
            if style == "worded square":
                at = x + (wide - part) / 2 if state else x + part + (wide - part) / 2
                c.text(at, middle, "ON" if state else "OFF", high * 0.42, colour=on(ground), anchor="mm")
    else:
        c.box(x, y, wide, high, ground, radius=high / 2)
        c.disc(spot, middle, high / 2 - (1 if style == "ios thin" else 2), knob)
        if style == "ticked":
            r = high * 0.17
            if state:
                tick(c, spot - r, middle - r, 2 * r, tone, high * 0.09)
            else:
                cross(c, spot - r * 0.7, middle - r * 0.7, 1.4 * r, off, high * 0.09)
        if style == "worded":
            at = x + (wide - high) / 2 + 2 if state else x + high + (wide - high) / 2 - 2
            c.text(at, middle, "ON" if state else "OFF", high * 0.4, colour=on(ground), anchor="mm")
    c.mark("switch", x, y, wide, high, state="on" if state else "off", label=label)


def tick(c: Canvas, x: float, y: float, size: float, colour: Colour, thick: float) -> None:
    """A tick inside a square."""
    points = [(x + size * 0.1, y + size * 0.55), (x + size * 0.4, y + size * 0.83), (x + size * 0.92, y + size * 0.2)]
    c.shape(points, colour, thick=thick)


def cross(c: Canvas, x: float, y: float, size: float, colour: Colour, thick: float) -> None:
    """A cross inside a square."""
    c.shape([(x, y), (x + size, y + size)], colour, thick=thick)
    c.shape([(x, y + size), (x + size, y)], colour, thick=thick)


def checkbox(
    c: Canvas, x: float, middle: float, size: float, state: str, label: str, tone: Colour, grey: bool = False
) -> None:
    """A check box ("on", "off", "mixed") whose left edge is at x; `grey`: not to be changed."""
    look, style = c.look, c.look.styles["checkbox"]
    y = middle - size / 2
    edge = mixed(look.card, look.ink, 0.55 if not grey else 0.25)
    tone = mixed(look.card, look.ink, 0.35) if grey else tone
    radius = 0 if style in ("classic bevel", "flat grey", "heavy border") else size * 0.18
    full = style in ("filled tick", "bold tick", "inverse") and state != "off"
    if style == "inverse" and full:
        tone = look.ink
    if style == "round tick":
        radius = size / 2
        full = state != "off"
    thick = 2 if style == "heavy border" else max(1, size * 0.07)
    if style == "classic bevel":
        c.box(x, y, size, size, rgb("#ffffff"), border=rgb("#707070"), thick=1)
        c.rule(x + 1, y + 1, size - 2, rgb("#a0a0a0"))
        c.box(x + 1, y + 1, 1, size - 2, rgb("#a0a0a0"))
    elif full:
        c.box(x, y, size, size, tone, radius=radius)
    elif style == "tinted tick" and state != "off":
        c.box(x, y, size, size, mixed(look.card, tone, 0.2), radius=radius, border=tone, thick=thick)
    elif style == "flat grey":
        c.box(x, y, size, size, mixed(look.card, look.ink, 0.1), border=mixed(look.card, look.ink, 0.25))
    else:
        ground = look.card if look.dark else WHITE
        c.box(x, y, size, size, ground, radius=radius, border=tone if state != "off" else edge, thick=thick)
    sign = on(tone) if full else rgb("#202020") if style == "classic bevel" else tone
    if state == "mixed":
        if style in ("classic bevel", "filled square", "heavy border"):
            c.box(x + size * 0.27, y + size * 0.27, size * 0.46, size * 0.46, sign)
        else:
            c.box(x + size * 0.22, middle - size * 0.07, size * 0.56, max(1.4, size * 0.14), sign)
    elif state == "on":
        inset, weight = size * 0.2, size * (0.17 if style in ("bold tick", "heavy border") else 0.11)
        if style == "cross":
            cross(c, x + size * 0.26, y + size * 0.26, size * 0.48, sign, weight)
        elif style == "filled square":
            c.box(x + size * 0.24, y + size * 0.24, size * 0.52, size * 0.52, sign)
        elif style == "overshooting tick":
            tick(c, x + size * 0.12, y - size * 0.12, size * 0.98, sign, weight * 1.2)
        else:
            tick(c, x + inset, y + inset, size - 2 * inset, sign, max(1.2, weight))
    c.mark("checkbox", x, y, size, size, state=state, label=label)


def radio(
    c: Canvas, x: float, middle: float, size: float, state: bool, label: str, tone: Colour, grey: bool = False
) -> None:
    """A radio button whose left edge is at x."""
    look, style = c.look, c.look.styles["radio"]
    half = size / 2
    at = x + half
    edge = mixed(look.card, look.ink, 0.55 if not grey else 0.25)
    tone = mixed(look.card, look.ink, 0.35) if grey else tone
    ground = look.card if look.dark else WHITE
    thick = max(1, size * 0.08)
    if style == "classic bevel":
        c.disc(at, middle, half, WHITE, border=rgb("#707070"))
        c.arc(at, middle, half - 1.5, 180, 300, rgb("#b0b0b0"), 1)
        if state:
            c.disc(at, middle, size * 0.2, rgb("#202020"))
    elif style == "thick ring":
        c.disc(at, middle, half, ground, border=tone if state else edge, thick=size * 0.3 if state else thick)
    elif style in ("filled tick", "filled hole", "big dot"):
        if not state:
            c.disc(at, middle, half, ground, border=edge, thick=thick)
        else:
            c.disc(at, middle, half, tone)
            if style == "filled tick":
                tick(c, at - half * 0.55, middle - half * 0.55, size * 0.55, on(tone), size * 0.11)
            else:
                c.disc(at, middle, size * (0.18 if style == "filled hole" else 0.28), on(tone))
    elif style == "flat grey":
        c.disc(at, middle, half, mixed(look.card, look.ink, 0.14))
        if state:
            c.disc(at, middle, size * 0.27, look.ink)
    elif style == "ringed dot":
        c.disc(at, middle, half, ground, border=look.ink, thick=thick)
        if state:
            c.disc(at, middle, size * 0.3, tone)
    else:
        if style == "glow dot" and state:
            c.disc(at, middle, half * 1.3, mixed(look.card, tone, 0.2))
        fill = mixed(ground, tone, 0.18) if style == "tinted dot" and state else ground
        c.disc(at, middle, half, fill, border=tone if state else edge, thick=thick)
        if style == "double ring":
            c.disc(at, middle, half * 0.72, None, border=tone if state else edge, thick=thick)
        if state:
            c.disc(at, middle, size * {"small dot": 0.17, "dot": 0.26}.get(style, 0.24), tone)
    c.mark("radio", x, middle - half, size, size, state="on" if state else "off", label=label)


def tone_for(c: Canvas, rng: random.Random) -> Colour:
    """One colour for all controls of a group, seen well on its ground."""
    tone = _tone(c, rng)
    return mixed(tone, WHITE, 0.25) if c.look.dark and not bright_enough(tone) else tone


def bright_enough(tone: Colour) -> bool:
    """Whether a tone is seen on a dark ground."""
    return sum(tone) > 260
