"""The pieces screens are made of: paragraphs, cards of fields, tables, switches, lamps, buttons.

Each draws at (x, y) within `width` and gives back the y below itself.
"""

from __future__ import annotations

import re

from finetune.screens.colours import Colour, mixed, rgb

from . import icons
from .pen import Pen

LAMPS: dict[str, str] = {
    "white": "#ffffff",
    "blue": "#3f8cff",
    "amber": "#ffb020",
    "orange": "#ff8a1f",
    "yellow": "#ffd93b",
    "red": "#ff3b30",
    "green": "#34d158",
    "purple": "#b15cff",
}


def lamp(colour_words: str) -> Colour | None:
    """The colour a lamp's words name; None when it is off."""
    for name, code in LAMPS.items():
        if name in colour_words.lower():
            return rgb(code)
    return None


def paragraphs(
    pen: Pen, x: float, y: float, width: float, lines: list[str], size: float = 15, *, centre: bool = False
) -> float:
    """Body text; a line that starts like a bullet keeps its indent."""
    for line in lines:
        bullet = re.match(r"\s*(?:[-•*]|\d+[.)])\s+", line)
        colour = pen.theme.ink if pen.theme.dark else mixed(pen.theme.ink, pen.theme.muted, 0.3)
        if bullet and not centre:
            mark = bullet.group().strip()
            pen.text(x, y, "•" if mark in "-*" else mark, size, colour=colour)
            y = pen.paragraph(x + size * 1.4, y, width - size * 1.4, line[bullet.end() :], size, colour=colour)
        else:
            y = pen.paragraph(x, y, width, line, size, colour=colour, centre=centre)
        y += size * 0.42
    return y


def card(pen: Pen, x: float, y: float, width: float, height: float) -> None:
    """The ground of a group: bordered or with a soft shadow, as the theme likes."""
    theme = pen.theme
    if theme.bordered or theme.dark:
        pen.box(x, y, width, height, theme.card, radius=theme.radius, border=theme.line)
    else:
        pen.box(x, y, width, height, theme.card, radius=theme.radius, shadow=0.16)


def _value_colour(pen: Pen, value: str) -> Colour:
    low = value.lower()
    if re.search(r"\b(failed|declined|overdue|offline|error|locked|rejected|expired|refused|lost|jammed|full)\b", low):
        return pen.theme.danger
    if re.search(r"\b(paid|delivered|connected|online|active|confirmed|ok|up to date|operational)\b", low):
        return pen.theme.good
    return pen.theme.ink


def fields_height(pen: Pen, width: float, fields: list[tuple[str, str]], size: float, above: bool) -> float:
    """How high `fields` will be."""
    return sum(_field_height(pen, width, pair, size, above) for pair in fields)


def _field_height(pen: Pen, width: float, pair: tuple[str, str], size: float, above: bool) -> float:
    if above:
        return size * 3.05 + size * 1.3 * (len(pen.wrap(pair[1], width, size, "medium")) - 1)
    room = max(width - pen.width_of(pair[0], size) - 24, width * 0.4)
    return size * 1.35 * len(pen.wrap(pair[1], room, size, "medium")) + size * 1.15


def fields(
    pen: Pen,
    x: float,
    y: float,
    width: float,
    pairs: list[tuple[str, str]],
    size: float = 14.5,
    *,
    above: bool | None = None,
) -> float:
    """Label and value: on one row with the value at the right, or the value under a small label."""
    above = pen.theme.label_above if above is None else above
    for place, pair in enumerate(pairs):
        high = _field_height(pen, width, pair, size, above)
        if place:
            pen.rule(x, y, width)
        if above:
            pen.text(x, y + size * 0.55, pair[0], size * 0.84, colour=pen.theme.muted)
            pen.paragraph(
                x,
                y + size * 1.55,
                width,
                pair[1],
                size,
                weight="medium",
                colour=_value_colour(pen, pair[1]),
                leading=1.3,
            )
        else:
            pen.text(x, y + size * 0.58, pair[0], size, colour=pen.theme.muted)
            room = max(width - pen.width_of(pair[0], size) - 24, width * 0.4)
            spot = y + size * 0.58
            for line in pen.wrap(pair[1], room, size, "medium"):
                pen.text(x + width, spot, line, size, weight="medium", colour=_value_colour(pen, pair[1]), anchor="ra")
                spot += size * 1.35
        y += high
    return y


def fields_card(pen: Pen, x: float, y: float, width: float, pairs: list[tuple[str, str]], size: float = 14.5) -> float:
    """Fields on a card of their own."""
    pad = pen.theme.pad
    above = pen.theme.label_above
    high = fields_height(pen, width - 2 * pad, pairs, size, above) + 8
    card(pen, x, y, width, high)
    fields(pen, x + pad, y + 4, width - 2 * pad, pairs, size, above=above)
    return y + high + 16


def _is_number(text: str) -> bool:
    if text.count(".") > 1:  # an address
        return False
    return bool(re.fullmatch(r"[-+]?[\d.,]+\s*(?:EUR|€|%|CHF)?|€\s?[\d.,]+|EUR\s?[\d.,]+", text.strip()))


def table(
    pen: Pen, x: float, y: float, width: float, rows: list[list[str]], size: float = 13.5, *, boxed: bool = True
) -> float:
    """A header and its rows; numbers stand at the right, long cells wrap."""
    theme, pad = pen.theme, 12
    columns = max(len(row) for row in rows)
    cells = [[*row, *[""] * (columns - len(row))] for row in rows]
    wants = [max(pen.width_of(row[place], size, "medium") for row in cells) + 2 * pad for place in range(columns)]
    spare = width - sum(wants)
    if spare < 0:  # the widest columns give way and wrap
        widest = sorted(range(columns), key=lambda place: -wants[place])[: max(1, columns // 2)]
        total = sum(wants[place] for place in widest)
        wants = [want + spare * want / total if place in widest else want for place, want in enumerate(wants)]
    else:
        wants = [want + spare / columns for want in wants]
    right = [
        all(_is_number(row[place]) for row in cells[1:] if row[place]) and len(cells) > 1 and place > 0
        for place in range(columns)
    ]
    heights = [
        max(len(pen.wrap(cell, wants[place] - 2 * pad + 1, size, "medium")) for place, cell in enumerate(row))
        * size
        * 1.35
        + size * 1.2
        for row in cells
    ]
    if boxed:
        card(pen, x, y, width, sum(heights))
    for number, row in enumerate(cells):
        if number == 0:
            shade = mixed(theme.card, theme.ink, 0.05)
            pen.box(x + 1, y + 1, width - 2, heights[0] - 1, shade, radius=max(0, theme.radius - 1) if boxed else 0)
        else:
            pen.rule(x, y, width)
        left = x
        for place, cell in enumerate(row):
            spot = y + size * 0.62
            weight = "medium" if number == 0 else "regular"
            colour = theme.muted if number == 0 else _value_colour(pen, cell)
            for line in pen.wrap(cell, wants[place] - 2 * pad + 1, size, "medium"):
                if right[place]:
                    pen.text(left + wants[place] - pad, spot, line, size, weight=weight, colour=colour, anchor="ra")
                else:
                    pen.text(left + pad, spot, line, size, weight=weight, colour=colour)
                spot += size * 1.35
            left += wants[place]
        y += heights[number]
    return y + 16


def switch(pen: Pen, right: float, middle: float, on: bool) -> None:
    """A switch that says on or off by its place and colour alone."""
    theme = pen.theme
    wide, high = 42, 24
    x, y = right - wide, middle - high / 2
    pen.box(x, y, wide, high, theme.accent if on else mixed(theme.card, theme.ink, 0.28), radius=high / 2)
    knob = (255, 255, 255) if on or not theme.dark else (205, 208, 214)
    pen.circle(x + (wide - high / 2 if on else high / 2), middle, high / 2 - 2.5, knob)


def switches_card(
    pen: Pen, x: float, y: float, width: float, switches: list[tuple[str, bool]], size: float = 15
) -> float:
    """Settings with a switch at the right of each."""
    pad = pen.theme.pad
    labels = [pen.wrap(label, width - 2 * pad - 60, size) for label, _ in switches]
    heights = [max(48, len(lines) * size * 1.35 + 24) for lines in labels]
    card(pen, x, y, width, sum(heights))
    for (_, on), lines, high in zip(switches, labels, heights, strict=True):
        spot = y + (high - len(lines) * size * 1.3) / 2
        for line in lines:
            pen.text(x + pad, spot, line, size)
            spot += size * 1.35
        switch(pen, x + width - pad, y + high / 2, on)
        y += high
        if lines is not labels[-1]:
            pen.rule(x + pad, y, width - 2 * pad)
    return y + 16


def lights_card(pen: Pen, x: float, y: float, width: float, lights: list[tuple[str, str]], size: float = 14.5) -> float:
    """Names with a coloured dot: services of a status page, devices of a home."""
    pad = pen.theme.pad
    high = 44 * len(lights)
    card(pen, x, y, width, high)
    for place, (label, colour_words) in enumerate(lights):
        middle = y + 44 * place + 22
        if place:
            pen.rule(x + pad, middle - 22, width - 2 * pad)
        pen.text(x + pad, middle, label, size, anchor="lm")
        shade = lamp(colour_words)
        if shade:
            pen.circle(x + width - pad - 8, middle, 8.5, mixed(pen.theme.card, shade, 0.3))
            pen.circle(x + width - pad - 8, middle, 5.5, shade, border=pen.theme.muted if min(shade) > 230 else None)
        else:
            pen.circle(x + width - pad - 8, middle, 5.5, pen.theme.line, border=pen.theme.muted)
    return y + high + 16


def button(
    pen: Pen, x: float, y: float, width: float, text: str, *, main: bool, size: float = 15, high: float = 44
) -> None:
    """A button with its words in the middle; the main one is filled."""
    theme = pen.theme
    radius = min(theme.radius + 2, high / 2)
    if main:
        pen.box(x, y, width, high, theme.accent, radius=radius)
    else:
        pen.box(x, y, width, high, theme.card, radius=radius, border=mixed(theme.line, theme.muted, 0.5))
    colour = theme.on_accent if main else theme.ink
    pen.text(x + width / 2, y + high / 2, text, size, weight="medium", colour=colour, anchor="mm")


def stacked_buttons(pen: Pen, x: float, y: float, width: float, texts: list[str]) -> float:
    """Full-width buttons under each other, the first one filled (a phone)."""
    for place, text in enumerate(texts):
        button(pen, x, y, width, text, main=place == 0, high=46)
        y += 56
    return y + 4


def row_buttons(
    pen: Pen, x: float, y: float, width: float, texts: list[str], *, at_right: bool = True, size: float = 13.5
) -> float:
    """Buttons side by side, the main one last at the right or first at the left."""
    wides = [max(84.0, pen.width_of(text, size, "medium") + 34) for text in texts]
    order = list(range(len(texts)))[::-1] if at_right else list(range(len(texts)))
    spot = x + width - sum(wides) - 10 * (len(texts) - 1) if at_right else x
    for place in order:
        button(pen, spot, y, wides[place], texts[place], main=place == 0, size=size, high=36)
        spot += wides[place] + 10
    return y + 36 + 16


def code_line(pen: Pen, x: float, y: float, width: float, code: str, seen: list[str], *, centre: bool = False) -> float:
    """The error code, where the other words do not tell it already."""
    if not code or any(code in text for text in seen):
        return y
    text = f"Error code: {code}"
    spot = x + width / 2 if centre else x
    pen.text(spot, y, text, 13, colour=pen.theme.muted, anchor="ma" if centre else "la")
    return y + 26


def banner(pen: Pen, x: float, y: float, width: float, text: str, sign: str = "bang") -> float:
    """A coloured strip with a sign: something went wrong, or well."""
    theme = pen.theme
    colour = {"bang": theme.danger, "info": theme.accent, "tick": theme.good, "warn": theme.warn}[sign]
    lines = pen.wrap(text, width - 62, 14)
    high = len(lines) * 20 + 22
    pen.box(
        x, y, width, high, mixed(theme.card, colour, 0.16), radius=theme.radius, border=mixed(theme.card, colour, 0.45)
    )
    icons.badge(pen, x + 14, y + 12, 20, colour, "bang" if sign == "warn" else sign)
    spot = y + 12
    for line in lines:
        pen.text(x + 46, spot, line, 14)
        spot += 20
    return y + high + 16
