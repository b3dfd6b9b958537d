"""What stands around a page: a phone's bars, a window, a browser with its address and site header."""

from __future__ import annotations

import random

from finetune.screens import phrases, pieces, signs, values
from finetune.screens.canvas import Canvas
from finetune.screens.colours import mixed, on, rgb, shade


def status_bar(c: Canvas, rng: random.Random) -> float:
    """Clock, reception and battery along the top of a phone; the y below."""
    ink = c.look.ink
    c.text(16, 14, values.clock(rng).split(" ")[0], 12, weight="medium", anchor="lm")
    right = c.width - 14
    c.box(right - 22, 9, 20, 10, None, border=ink, radius=2)
    c.box(right - 20, 11, 16 * rng.uniform(0.2, 1), 6, ink)
    for bar in range(4):
        c.box(right - 48 + bar * 5, 18 - 2.5 * (bar + 1), 3, 2.5 * (bar + 1), ink if bar < 3 else c.look.line)
    return 28


def app_bar(c: Canvas, y: float, title: str, rng: random.Random) -> float:
    """The title of an app's page, small beside a way back or large; the y below."""
    look, size = c.look, c.look.size
    c.titled(c.fit(title, c.width - 100, size * 1.2, "medium"))
    if rng.random() < 0.25:
        c.box(0, y, c.width, 50, look.accent)
        ink = (255, 255, 255) if not on(look.accent)[0] < 100 else (20, 20, 20)
        signs.chevron(c, 22, y + 25, 13, ink, "left")
        c.text(
            44,
            y + 25,
            c.fit(title, c.width - 100, size * 1.2, "medium"),
            size * 1.2,
            weight="medium",
            colour=ink,
            anchor="lm",
        )
        return y + 64
    signs.chevron(c, 22, y + 24, 12, look.accent, "left")
    if rng.random() < 0.5:
        shown = c.fit(title, c.width - 100, size * 1.2, "medium")
        c.text(44, y + 24, shown, size * 1.2, weight="medium", anchor="lm")
        c.rule(0, y + 46, c.width)
        return y + 60
    for dot in (-6, 0, 6):
        c.disc(c.width - 22, y + 24 + dot, 1.7, look.muted)
    return c.para(16, y + 44, c.width - 32, title, size * 1.65, weight="bold", leading=1.2) + 12


def bottom_bar(c: Canvas, y: float, rng: random.Random) -> float:
    """An app's places along the bottom; the chosen one stands out by its ground. The y below."""
    look = c.look
    c.box(0, y, c.width, 56, look.card)
    c.rule(0, y, c.width)
    names, each = phrases.some(rng, phrases.MENU[:24], 4), c.width / 4
    chosen, first = rng.randrange(4), len(c.words)
    for place, name in enumerate(names):
        since, middle = c.here(), each * (place + 0.5)
        ink = pieces.ink_on(c) if place == chosen else look.muted
        signs.plain_icon(c, middle - 9, y + 9, 18, ink, rng)
        shown = c.fit(name, each - 8, 10.5)
        c.text(middle, y + 42, shown, 10.5, anchor="mm", colour=ink)
        if place == chosen:
            pieces.select(c, since, each * place + 3, y + 3, each - 6, 50, shown)
    c.list_of("header", c.words[first:], True)
    return y + 58


def window(
    c: Canvas, since: tuple[int, int, int], width: float, height: float, title: str, rng: random.Random
) -> float:
    """A title bar over all that came since, which is moved down; the whole height."""
    look, bar = c.look, 32.0
    title = c.fit(title, width - 180, 12.5)
    c.titled(title, "window_title")
    c.shift(since, 0, bar)
    style = rng.choice(("left", "right", "right", "coloured"))
    ground = look.accent if style == "coloured" else mixed(look.card, look.ink, 0.08)
    ink = on(ground) if style == "coloured" else look.ink
    c.box(0, 0, width, bar, ground)
    if style == "left":
        for place, code in enumerate(("#ff5f57", "#febc2e", "#28c840")):
            c.disc(18 + 20 * place, bar / 2, 6, rgb(code))
        c.text(width / 2, bar / 2, title, 12.5, anchor="mm", colour=look.muted)
    else:
        c.box(11, 9, 14, 14, shade(rng.choice(("green", "yellow", "purple", "blue")), rng), radius=3)
        c.text(34, bar / 2, title, 12.5, anchor="lm", colour=ink)
        for n in (0, 1):
            c.shape([(width - 25, 11 + 10 * n), (width - 15, 21 - 10 * n)], ink, thick=1.2)
        c.box(width - 66, 11, 10, 10, None, border=ink)
        c.rule(width - 106, 16, 10, ink)
    c.box(0, 0, width, height + bar, None, border=mixed(look.line, look.ink, 0.3))
    return height + bar


def browser(c: Canvas, since: tuple[int, int, int], width: float, height: float, title: str, site: str,
            rng: random.Random) -> float:  # fmt: skip
    """A browser's tab and address over all that came since, which is moved down; the whole height."""
    look, bar = c.look, 74.0
    c.shift(since, 0, bar)
    ground, face = mixed(look.card, look.ink, 0.13), mixed(look.card, look.ink, 0.02)
    c.box(0, 0, width, 38, ground)
    c.box(12, 7, 210, 31, face, radius=8)
    c.box(24, 15, 14, 14, shade(rng.choice(("green", "yellow", "purple", "blue", "red")), rng), radius=3)
    c.text(46, 22, c.fit(title, 150, 12), 12, anchor="lm")
    c.text(209, 22, "×", 13, anchor="mm", keep=False)
    c.box(0, 38, width, 36, face)
    signs.chevron(c, 20, 56, 11, look.muted, "left")
    signs.chevron(c, 46, 56, 11, mixed(face, look.muted, 0.4), "right")
    c.box(72, 43, width - 120, 26, mixed(look.card, look.ink, 0.08), radius=13)
    c.text(90, 56, c.fit(site, width - 180, 12), 12, anchor="lm", colour=look.muted)
    c.rule(0, 73, width)
    return height + bar


def site_header(c: Canvas, width: float, brand: str, rng: random.Random) -> float:
    """A company's name with its mark, entries without highlight and a round picture; the y below."""
    look = c.look
    c.box(0, 0, width, 52, look.card)
    c.rule(0, 52, width)
    kind = rng.randrange(3)
    tone = look.accent
    if kind == 0:
        c.disc(36, 26, 12, tone)
    elif kind == 1:
        c.box(24, 14, 24, 24, tone, radius=6)
    else:
        c.shape([(24, 38), (36, 13), (48, 38)], tone)
    end = c.text(60, 26, brand, 18, weight="bold", anchor="lm")[2]
    spot, first = max(end + 40, width * 0.45), len(c.words)
    for name in phrases.some(rng, phrases.MENU, 4):
        wide = c.wide(name, 13)
        if spot + wide > width - 70:
            break
        c.text(spot, 26, name, 13, anchor="lm", colour=look.muted)
        spot += wide + 22
    c.list_of("header", c.words[first:], True)
    if spot + 150 < width - 70 and rng.random() < 0.5:
        pieces.search(c, spot + 10, 12, width - 70 - spot - 20, rng.choice(phrases.SOUGHT), rng)
    c.disc(width - 34, 26, 14, mixed(look.card, shade(rng.choice(("orange", "pink", "grey", "blue")), rng), 0.6))
    return 68
