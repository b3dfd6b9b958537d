"""Photo-like pictures of boxes with lamps: a hub on a table, a router's front, the label on a base."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter

from finetune.screens.colours import Colour, mixed, rgb

from . import icons, parts
from .pen import Pen
from .spec import Spec
from .theme import Theme

WIDE, HIGH = 800, 600
TABLES = ("#b58b62", "#8a6a4c", "#d8cfc2", "#5d5348", "#c7b299", "#7d8388")
WALLS = ("#d9d4cb", "#bcc4c6", "#e6e0d2", "#a9b0a4", "#c9bfb8")


def draw(spec: Spec, theme: Theme, rng: random.Random) -> Image.Image:
    """The thing the spec names, standing in a room."""
    if spec.file.rsplit("/", 1)[-1].startswith("KB") and spec.damage == "none":
        return _drawing(spec, theme)
    pen = _room(theme, rng)
    if spec.fields:
        _base_label(pen, spec, rng)
    elif spec.kind == "router" or len(spec.lights) > 3:
        _router(pen, spec, rng)
    else:
        _hub(pen, spec, rng)
    _leaflet(pen, spec, rng)
    return _light(pen.image, theme, rng)


def printed(spec: Spec) -> list[str]:
    """The words that stand on the thing or beside it; the title only where it is a product's name."""
    marks = [spec.title] if spec.title.startswith("Wren ") and "," not in spec.title else []
    return [*marks, *spec.body]


def _brand(spec: Spec) -> str:
    short = [line for line in spec.body if len(line) <= 16]
    return short[0] if short else ""


def _room(theme: Theme, rng: random.Random) -> Pen:
    """A wall and a table, the light coming from one side."""
    pen = Pen(WIDE, HIGH, theme, 1)
    wall, table = rgb(rng.choice(WALLS)), rgb(rng.choice(TABLES))
    if theme.dark:
        wall, table = mixed(wall, (14, 16, 22), 0.68), mixed(table, (12, 12, 16), 0.6)
    horizon = rng.randrange(190, 250)
    for y in range(HIGH):
        far = y / HIGH
        colour = mixed(wall, (0, 0, 0), 0.12 * far) if y < horizon else mixed(table, (0, 0, 0), 0.24 * (1 - far))
        pen.draw.line((0, y, WIDE, y), fill=colour)
    for _ in range(26):  # the grain of the table
        y = rng.randrange(horizon + 6, HIGH)
        start = rng.randrange(-200, WIDE)
        pen.draw.line(
            (start, y, start + rng.randrange(120, 500), y + rng.randrange(-2, 3)), fill=mixed(table, (0, 0, 0), 0.2)
        )
    edge = pen.image.crop((0, horizon - 8, WIDE, HIGH)).filter(ImageFilter.GaussianBlur(1.4))
    pen.image.paste(edge, (0, horizon - 8))
    return pen


def _case(theme: Theme, rng: random.Random) -> tuple[Colour, Colour]:
    """Colour of a case and of the print on it."""
    if theme.dark or rng.random() < 0.35:
        return (38, 40, 46), (206, 209, 215)
    return (236, 236, 232), (92, 94, 100)


def _body(pen: Pen, x: float, y: float, wide: float, high: float, radius: float, case: Colour) -> None:
    """A box with a shadow below and light from above."""
    shadow = Image.new("L", pen.image.size, 0)
    ImageDraw.Draw(shadow).ellipse((x - 26, y + high - 26, x + wide + 40, y + high + 40), fill=150)
    pen.image.paste((0, 0, 0), (0, 0), shadow.filter(ImageFilter.GaussianBlur(16)))
    pen.box(x, y, wide, high, mixed(case, (0, 0, 0), 0.3), radius=radius)
    pen.box(x, y, wide, high - 7, case, radius=radius)
    shine = Image.new("L", (round(wide), round(high)), 0)
    for row in range(round(high)):
        ImageDraw.Draw(shine).line((0, row, wide, row), fill=round(70 * max(0, 1 - row / (high * 0.6))))
    mask = Image.new("L", shine.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((2, 2, wide - 3, high - 10), radius, fill=255)
    shine.paste(0, (0, 0), mask.point(lambda value: 255 - value))
    pen.image.paste((255, 255, 255), (round(x), round(y)), shine)


def _led(pen: Pen, x: float, y: float, colour_words: str, radius: float = 6) -> None:
    """A lamp: with a halo when lit, a dark spot when off."""
    shade = parts.lamp(colour_words)
    if shade is None:
        pen.circle(x, y, radius, (74, 76, 80), border=(50, 52, 56))
        return
    pen.glow(x, y, radius * 4.2, shade, 0.85)
    pen.circle(x, y, radius + 1, shade)
    pen.circle(x, y, radius * 0.55, mixed(shade, (255, 255, 255), 0.75))


def _router(pen: Pen, spec: Spec, rng: random.Random) -> None:
    """A flat box with antennas and a row of lamps, each with its name under it."""
    case, ink = _case(pen.theme, rng)
    x, y, wide, high = 90, rng.randrange(255, 285), 620, 170
    for side in (x + 60, x + wide - 60):
        lean = rng.randrange(-30, 30)
        pen.stroke([(side, y + 10), (side + lean, y - 190)], mixed(case, (0, 0, 0), 0.25), 17)
        pen.stroke([(side - 3, y + 10), (side - 3 + lean, y - 188)], mixed(case, (255, 255, 255), 0.12), 4)
    _body(pen, x, y, wide, high, 22, case)
    brand = _brand(spec)
    pen.text(x + wide - 34, y + 34, brand, 22, weight="medium", colour=ink, anchor="rm", family="hanken")
    step = min(110, (wide - 80) / max(1, len(spec.lights)))
    for place, (label, colour_words) in enumerate(spec.lights):
        spot = x + 66 + step * place
        _led(pen, spot, y + 92, colour_words)
        pen.text(spot, y + 124, label, 16, colour=ink, anchor="mm", family="hanken")


def _hub(pen: Pen, spec: Spec, rng: random.Random) -> None:
    """The hub: a puck with rounded corners; its first lamp is a bar of light, the others are small."""
    case, ink = _case(pen.theme, rng)
    wide, high = 400, 230
    x, y = (WIDE - wide) / 2 + rng.randrange(-60, 60), rng.randrange(230, 270)
    cable = [
        (x + wide - 50, y + high - 30),
        (x + wide + 40, y + high + 40),
        (x + wide + 150, y + high + 30),
        (WIDE + 20, y + high + 110),
    ]
    pen.stroke(cable, (30, 30, 32), 9)
    _body(pen, x, y, wide, high, 56, case)
    words = [spec.title] if spec.title in printed(spec) else []
    brand = _brand(spec)
    if brand:
        icons.bird(pen, x + wide / 2 - 17, y + 26, 34, ink)
        pen.text(x + wide / 2, y + 80, brand, 25, weight="bold", colour=ink, anchor="mm", family="hanken")
    for text in words:
        pen.text(x + wide / 2, y + 110, text, 16, colour=ink, anchor="mm", family="hanken")
    step = (wide - 90) / max(1, len(spec.lights))
    for place, (label, colour_words) in enumerate(spec.lights):
        spot = x + 45 + step * (place + 0.5)
        _led(pen, spot, y + 152, colour_words, 8 if place == 0 else 5)
        pen.text(spot, y + 186, label, 15, colour=ink, anchor="mm", family="hanken")


def _base_label(pen: Pen, spec: Spec, rng: random.Random) -> None:
    """The thing turned over: feet, screws and the label with model and serial number."""
    case, _ = _case(pen.theme, rng)
    x, y, wide, high = 110, 90, 580, 440
    _body(pen, x, y, wide, high, 60, mixed(case, (0, 0, 0), 0.1))
    for corner in ((x + 52, y + 50), (x + wide - 52, y + 50), (x + 52, y + high - 60), (x + wide - 52, y + high - 60)):
        pen.circle(*corner, 20, (58, 58, 60))
        pen.circle(*corner, 15, (70, 70, 72))
    left, top, across = x + 110, y + 84, wide - 220
    down = 92 + 44 * len(spec.fields)
    pen.box(left, top, across, down, (244, 244, 240), radius=6, border=(190, 190, 186))
    icons.bird(pen, left + 18, top + 14, 28, (40, 40, 44))
    pen.text(left + 56, top + 30, "wrenhouse", 21, weight="bold", colour=(40, 40, 44), anchor="lm", family="hanken")
    for place, (label, value) in enumerate(spec.fields):
        row = top + 62 + 44 * place
        pen.text(left + 20, row, label, 19, colour=(84, 84, 88), family="hanken")
        pen.text(left + 120, row, value, 20, weight="medium", colour=(24, 24, 28), family="hanken")
    code = left + 20
    for _ in range(58):
        thick = rng.choice((1, 2, 3))
        pen.box(code, top + down - 28, thick, 20, (24, 24, 28))
        code += thick + rng.choice((2, 3))
    for place, (label, colour_words) in enumerate(spec.lights):
        _led(pen, x + wide / 2 - 40 + 110 * place, y + high - 44, colour_words, 7)
        pen.text(
            x + wide / 2 - 22 + 110 * place,
            y + high - 44,
            label,
            16,
            colour=(206, 206, 208),
            anchor="lm",
            family="hanken",
        )


def _leaflet(pen: Pen, spec: Spec, rng: random.Random) -> None:
    """Longer words stand on a sheet beside the thing."""
    long = [line for line in spec.body if line != _brand(spec)]
    if not long:
        return
    wide = 380
    lines = [text for line in long for text in pen.wrap(line, wide - 50, 18, family="hanken")]
    high = 40 + 28 * len(lines)
    x, y = rng.randrange(30, WIDE - wide - 30), HIGH - high - 44
    pen.box(x, y, wide, high, (247, 245, 239), radius=2, shadow=0.45)
    for place, text in enumerate(lines):
        pen.text(x + 25, y + 20 + 28 * place, text, 18, colour=(52, 52, 58), family="hanken")


def _light(image: Image.Image, theme: Theme, rng: random.Random) -> Image.Image:
    """Lens and lamp of a phone: a slightly soft picture, darker towards one corner."""
    corner = rng.choice((0, WIDE)), rng.choice((0, HIGH))
    shade = Image.new("L", (40, 30))
    for x in range(40):
        for y in range(30):
            away = ((x * 20 - corner[0]) ** 2 + (y * 20 - corner[1]) ** 2) ** 0.5
            shade.putpixel((x, y), round(max(0, 1 - away / 700) * (70 if theme.dark else 80)))
    soft = image.filter(ImageFilter.GaussianBlur(0.6))
    soft.paste((0, 0, 0), (0, 0), shade.resize(soft.size, Image.Resampling.BICUBIC))
    return soft


def _drawing(spec: Spec, theme: Theme) -> Image.Image:
    """A page of the manual: the thing once for each lamp, its meaning below."""
    wide = 760
    pen = Pen(wide, 900, theme, 1, paper=theme.card)
    y = pen.paragraph(40, 34, wide - 80, spec.title, 26, weight="bold") + 20
    step = (wide - 80) / max(1, len(spec.lights))
    for place, (label, colour_words) in enumerate(spec.lights):
        middle = 40 + step * (place + 0.5)
        pen.box(middle - 70, y, 140, 96, mixed(theme.card, theme.ink, 0.86), radius=30, shadow=0.3)
        icons.bird(pen, middle - 11, y + 16, 22, mixed(theme.card, theme.ink, 0.4))
        _led(pen, middle, y + 64, colour_words, 8)
        pen.text(middle, y + 122, label, 16, weight="medium", anchor="ma")
    y = parts.paragraphs(pen, 40, y + 172, wide - 80, spec.body, 16)
    if spec.fields:
        y = parts.fields_card(pen, 40, y, wide - 80, spec.fields)
    return pen.cropped(y + 30)
