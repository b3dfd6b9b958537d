"""What stands around a screen: a phone's bars, a desktop window, a browser with tabs."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter

from finetune.screens.colours import Colour, mixed, rgb

from . import icons
from .pen import Pen
from .theme import Theme

PHONE_WIDTH = 360
STATUS_HEIGHT = 30
NAVIGATION_HEIGHT = 26


def status_bar(pen: Pen, rng: random.Random, colour: Colour | None = None) -> None:
    """Clock, reception and battery along the top of a phone."""
    ink = colour or pen.theme.ink
    dim = mixed(pen.theme.paper, ink, 0.3)
    clock = f"{rng.randrange(7, 23)}:{rng.randrange(60):02}"
    pen.text(18, 15, clock, 13, weight="medium", anchor="lm", colour=ink)
    right = pen.width - 18
    icons.battery(pen, right - 22, 10, rng.uniform(0.2, 1), ink)
    icons.waves(pen, right - 44, 8, ink)
    icons.bars(pen, right - 66, 9, rng.randrange(2, 5), ink, dim)


def navigation_bar(pen: Pen, y: float, style: str) -> None:
    """The bottom of a phone: a home line, or three buttons."""
    ink = mixed(pen.theme.paper, pen.theme.ink, 0.75)
    middle = pen.width / 2
    if style == "line":
        pen.box(middle - 55, y + 14, 110, 4, ink, radius=2)
        return
    pen.polygon([(middle - 92, y + 13), (middle - 82, y + 7), (middle - 82, y + 19)], ink)
    pen.circle(middle, y + 13, 6, ink)
    pen.circle(middle, y + 13, 4.4, pen.theme.paper)
    pen.box(middle + 81, y + 8, 10.5, 10.5, ink, radius=1.5)


def app_bar(pen: Pen, y: float, title: str, rng: random.Random) -> float:
    """The app's title under the status bar: small with a back arrow, or large on a line of its own."""
    theme = pen.theme
    icons.chevron(pen, 22, y + 24, 13, theme.accent, left=True)
    if rng.random() < 0.5 and pen.width_of(title, 18, "medium") < pen.width - 90:
        pen.text(44, y + 24, title, 18, weight="medium", anchor="lm")
        pen.rule(0, y + 47, pen.width)
        return y + 62
    for dot in (-6, 0, 6):
        pen.circle(pen.width - 24, y + 24 + dot, 1.7, theme.muted)
    return pen.paragraph(18, y + 48, pen.width - 36, title, 25, weight="bold", leading=1.25) + 12


def tab_bar(pen: Pen, y: float) -> None:
    """Pictures of the app's places along the bottom, the first one chosen."""
    theme = pen.theme
    pen.box(0, y, pen.width, 50, theme.card)
    pen.rule(0, y, pen.width)
    for place in range(4):
        x = pen.width * (place + 0.5) / 4
        colour = theme.accent if place == 0 else theme.muted
        if place == 0:
            pen.polygon([(x - 11, y + 24), (x, y + 13), (x + 11, y + 24)], colour)
            pen.box(x - 8, y + 23, 16, 12, colour, radius=1)
        elif place == 1:
            icons.padlock(pen, x - 9, y + 14, 19, colour)
        elif place == 2:
            pen.circle(x, y + 24, 10, colour)
            pen.circle(x, y + 24, 8, theme.card)
            pen.stroke([(x, y + 18), (x, y + 24), (x + 4.5, y + 26)], colour, 1.5)
        else:
            pen.circle(x, y + 19, 5, colour)
            pen.box(x - 9, y + 26, 18, 10, colour, radius=5)


def wallpaper(width: int, height: int, theme: Theme, rng: random.Random) -> Image.Image:
    """A calm desktop background: one colour running into another, with a hill."""
    top = mixed(theme.accent, (20, 24, 40) if theme.dark else (225, 232, 240), rng.uniform(0.45, 0.7))
    low = mixed(theme.accent, (8, 10, 16) if theme.dark else (150, 168, 190), rng.uniform(0.5, 0.8))
    image = Image.new("RGB", (1, height))
    for y in range(height):
        image.putpixel((0, y), mixed(top, low, y // 12 * 12 / height))
    image = image.resize((width, height))
    hill = Image.new("L", (width, height), 0)
    middle = rng.uniform(0.2, 0.8) * width
    ImageDraw.Draw(hill).ellipse((middle - width, height * 0.72, middle + width, height * 2.4), fill=60)
    image.paste(mixed(low, (0, 0, 0), 0.5), (0, 0), hill.filter(ImageFilter.GaussianBlur(1)))
    return image


def window(
    content: Image.Image, title: str, theme: Theme, rng: random.Random, *, on_desktop: bool = True
) -> Image.Image:
    """A desktop window with a title bar around the content."""
    style = rng.choice(("left", "right", "right"))
    bar = 34
    pen = Pen(content.width, content.height + bar, theme, 1, paper=mixed(theme.card, theme.ink, 0.04))
    shade = mixed(theme.card, theme.ink, 0.09)
    pen.box(0, 0, content.width, bar, shade)
    if style == "left":
        for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
            pen.circle(20 + 20 * place, bar / 2, 6, rgb(colour))
        pen.text(content.width / 2, bar / 2, title, 13, weight="medium", anchor="mm", colour=theme.muted)
    else:
        icons.bird(pen, 11, 9, 16, theme.accent)
        pen.text(36, bar / 2, title, 13, anchor="lm", colour=theme.ink)
        right = content.width
        icons.cross(pen, right - 22, bar / 2, 9, theme.ink)
        pen.box(right - 67, bar / 2 - 4.5, 9, 9, shade, border=theme.ink)
        pen.rule(right - 107, bar / 2, 9, theme.ink)
    pen.image.paste(content, (0, bar))
    if not on_desktop:
        return pen.image
    space = rng.randrange(24, 70), rng.randrange(24, 60)
    back = Pen(content.width + 2 * space[0], content.height + bar + 2 * space[1], theme, 1)
    back.image.paste(wallpaper(*back.image.size, theme, rng), (0, 0))
    back.box(*space, content.width, content.height + bar, theme.card, radius=8, shadow=0.5)
    mask = Image.new("L", pen.image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), 8, fill=255)
    back.image.paste(pen.image, space, mask)
    return back.image


def browser(content: Image.Image, title: str, path: str, theme: Theme, rng: random.Random) -> Image.Image:
    """A browser window: tabs, an address, and the page under it."""
    top = 78
    shade = mixed(theme.card, theme.ink, 0.12)
    pen = Pen(content.width, content.height + top, theme, 1, paper=shade)
    tab = mixed(theme.card, theme.ink, 0.02)
    left = 78 if rng.random() < 0.4 else 12
    if left == 78:
        for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
            pen.circle(20 + 20 * place, 20, 6, rgb(colour))
    pen.box(left, 8, 220, 40, tab, radius=9)
    icons.bird(pen, left + 12, 15, 14, theme.accent)
    shown = title
    while pen.width_of(shown, 12) > 150:
        shown = shown[:-2]
    pen.text(left + 34, 22, shown if shown == title else shown.rstrip() + "…", 12, anchor="lm")
    icons.cross(pen, left + 202, 22, 7, theme.muted)
    icons.cross(pen, left + 246, 22, 0.1, theme.muted)
    pen.stroke([(left + 240, 22), (left + 252, 22)], theme.muted, 1.3)
    pen.stroke([(left + 246, 16), (left + 246, 28)], theme.muted, 1.3)
    pen.box(0, 38, content.width, top - 38, tab)
    icons.chevron(pen, 22, 58, 11, theme.muted, left=True)
    icons.chevron(pen, 50, 58, 11, mixed(tab, theme.muted, 0.4))
    pen.box(76, 45, content.width - 130, 26, mixed(theme.card, theme.ink, 0.07), radius=13)
    icons.padlock(pen, 90, 52, 11, theme.muted)
    pen.text(108, 58, path, 12.5, anchor="lm", colour=mixed(theme.ink, theme.muted, 0.3))
    for dot in (-5, 0, 5):
        pen.circle(content.width - 24, 58 + dot, 1.5, theme.muted)
    pen.rule(0, top - 1, content.width)
    pen.image.paste(content, (0, top))
    return pen.image
