"""What stands on a screen of each kind: which pieces a dialog, a chat or an invoice is put together from."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from finetune.screens.colours import mixed

from . import frames, icons, parts
from .pen import TALL, Pen
from .spec import Spec

TROUBLE = re.compile(
    r"\b(fail\w*|error|can't|cannot|not|declined|locked|no connection|offline|full|rejected|invalid|stopped|expired"
    r"|limit|denied)\b",
    re.IGNORECASE,
)

Draw = Callable[[Pen, Spec, float, float, float, random.Random], float]


def heading(pen: Pen, spec: Spec, x: float, y: float, width: float) -> float:
    if spec.kind in ("email", "invoice"):
        return y
    return pen.paragraph(x, y, width, spec.title, 26, weight="bold", leading=1.25) + 14


def content(pen: Pen, spec: Spec, x: float, y: float, width: float, rng: random.Random) -> float:
    special: dict[str, Draw] = {"chat": _chat, "email": _email, "form": _form, "tracking": _tracking}
    if spec.kind == "invoice":
        pen.box(x - 4, y, width + 8, TALL - y - 10, pen.theme.card)
        return invoice(pen, spec, x + 12, y + 16, width - 24) + 8
    return special.get(spec.kind, _page)(pen, spec, x, y, width, rng)


def _words(spec: Spec) -> list[str]:
    return [text for text in spec.strings() if text != spec.code]


def _lead(pen: Pen, spec: Spec, x: float, y: float, width: float, rng: random.Random) -> float:
    """The body: its first line as a coloured strip when it tells of trouble, the rest as text."""
    body = list(spec.body)
    if spec.kind == "toast":
        return parts.banner(pen, x, y, width, body.pop(0), "warn") if len(body) == 1 else _slip(pen, body, x, y, width)
    if body and spec.kind != "status" and TROUBLE.search(body[0]) and len(body[0]) < 130:
        y = parts.banner(pen, x, y, width, body.pop(0), "warn" if rng.random() < 0.35 else "bang")
    if body:
        y = parts.paragraphs(pen, x, y, width, body, 14.5) + 8
    return y


def _slip(pen: Pen, body: list[str], x: float, y: float, width: float) -> float:
    """A message that slid in: the screen's colours the other way round."""
    theme = pen.theme
    lines = [line for text in body for line in pen.wrap(text, width - 36, 14)]
    pen.box(x, y, width, 21 * len(lines) + 26, mixed(theme.ink, theme.paper, 0.12), radius=8, shadow=0.3)
    for place, line in enumerate(lines):
        pen.text(x + 18, y + 14 + 21 * place, line, 14, colour=theme.paper)
    return y + 21 * len(lines) + 26 + 18


def _page(pen: Pen, spec: Spec, x: float, y: float, width: float, rng: random.Random) -> float:
    theme = pen.theme
    if "live view" in spec.title.lower():
        y = _live_view(pen, x, y, width, rng)
    if spec.kind == "status" and spec.lights and len(spec.lights) == 1:
        y = _big_lamp(pen, spec, x, y, width)
    elif spec.kind == "status" and not spec.lights:
        icons.badge(pen, x + width / 2 - 26, y + 6, 52, theme.warn, "bang")
        y += 76
    y = _lead(pen, spec, x, y, width, rng)
    if spec.switches and rng.random() < 0.5:
        y = parts.switches_card(pen, x, y, width, spec.switches)
        switches_done = True
    else:
        switches_done = not spec.switches
    if spec.rows and spec.kind == "order":
        y = parts.table(pen, x, y, width, spec.rows)
    if spec.fields:
        y = _fields(pen, spec, x, y, width)
    if spec.rows and spec.kind != "order":
        y = parts.table(pen, x, y, width, spec.rows)
    if len(spec.lights) > 1 or (spec.lights and spec.kind != "status"):
        y = parts.lights_card(pen, x, y, width, spec.lights)
    if not switches_done:
        y = parts.switches_card(pen, x, y, width, spec.switches)
    y = parts.code_line(pen, x, y, width, spec.code, _words(spec))
    return _buttons(pen, spec, x, y, width)


def _live_view(pen: Pen, x: float, y: float, width: float, rng: random.Random) -> float:
    """What a camera sees at night: a path, bushes, a fence, all in grey."""
    high = width * 0.56
    pen.box(x, y, width, high, (38, 42, 44), radius=6)
    pen.box(x, y + high * 0.55, width, high * 0.45, (62, 66, 66), radius=6)
    pen.polygon(
        [
            (x + width * 0.4, y + high * 0.55),
            (x + width * 0.55, y + high * 0.55),
            (x + width * 0.8, y + high),
            (x + width * 0.2, y + high),
        ],
        (92, 96, 95),
    )
    for post in range(9):
        pen.box(x + width * (0.04 + 0.11 * post), y + high * 0.36, 5, high * 0.2, (78, 82, 82))
    for _ in range(7):
        size = rng.uniform(0.05, 0.1) * width
        side = rng.choice((0.12, 0.85)) + rng.uniform(-0.05, 0.05)
        pen.circle(x + width * side, y + high * rng.uniform(0.48, 0.6), size, (52, 57, 55))
    return y + high + 14


def _fields(pen: Pen, spec: Spec, x: float, y: float, width: float) -> float:
    """Fields on a card; on a wide page in two cards side by side when there are many."""
    progress = [value for label, value in spec.fields if label.lower() == "progress" and re.fullmatch(r"\d+ ?%", value)]
    if width > 560 and len(spec.fields) >= 4:
        half = (len(spec.fields) + 1) // 2
        wide = (width - 16) / 2
        left = parts.fields_card(pen, x, y, wide, spec.fields[:half], 13.5)
        right = parts.fields_card(pen, x + wide + 16, y, wide, spec.fields[half:], 13.5)
        y = max(left, right)
    else:
        y = parts.fields_card(pen, x, y, width, spec.fields)
    if progress:
        share = int(progress[0].rstrip(" %")) / 100
        pen.box(x, y, width, 8, mixed(pen.theme.paper, pen.theme.ink, 0.15), radius=4)
        pen.box(x, y, max(8, width * share), 8, pen.theme.accent, radius=4)
        y += 24
    return y


def _buttons(pen: Pen, spec: Spec, x: float, y: float, width: float) -> float:
    if not spec.buttons:
        return y
    if pen.width <= frames.PHONE_WIDTH:
        return parts.stacked_buttons(pen, x, y + 4, width, spec.buttons)
    return parts.row_buttons(pen, x, y + 4, width, spec.buttons, at_right=pen.theme.bordered)


def _big_lamp(pen: Pen, spec: Spec, x: float, y: float, width: float) -> float:
    """A hub seen from above, its ring lit, with its name under it."""
    label, colour_words = spec.lights[0]
    middle = x + width / 2
    shade = parts.lamp(colour_words)
    body = mixed(pen.theme.card, pen.theme.ink, 0.1)
    if shade:
        pen.glow(middle, y + 62, 66, shade, 0.55 if pen.theme.dark else 0.12)
    pen.circle(middle, y + 62, 56, mixed(body, (0, 0, 0), 0.12))
    pen.circle(middle, y + 62, 54, body)
    pen.circle(
        middle,
        y + 62,
        30,
        shade or mixed(body, pen.theme.ink, 0.2),
        border=pen.theme.muted if shade and min(shade) > 230 else None,
    )
    pen.circle(middle, y + 62, 23, body)
    pen.text(middle, y + 132, label, 14, weight="medium", anchor="ma", colour=pen.theme.muted)
    return y + 166


def dialog(pen: Pen, spec: Spec, x: float, y: float, width: float, rng: random.Random, *, centre: bool) -> float:
    """Sign, title, text, fields, code and buttons of a dialog."""
    theme = pen.theme
    trouble = bool(TROUBLE.search(f"{spec.title} {' '.join(spec.body)}")) or bool(spec.code)
    sign = rng.choice(("triangle", "bang", "cross")) if trouble else rng.choice(("info", "tick"))
    if centre:
        _sign(pen, sign, x + width / 2 - 22, y, 44)
        y = pen.paragraph(x, y + 58, width, spec.title, 19, weight="bold", centre=True, leading=1.3) + 8
    else:
        _sign(pen, sign, x, y, 30)
        y = max(pen.paragraph(x + 44, y + 3, width - 44, spec.title, 19, weight="bold", leading=1.3) + 8, y + 44)
    y = parts.paragraphs(pen, x, y, width, spec.body, 14.5, centre=centre) + 6
    if spec.fields:
        y = parts.fields(pen, x, y, width, spec.fields, 14) + 10
    if spec.rows:
        y = parts.table(pen, x, y, width, spec.rows, 13)
    if spec.switches:
        y = parts.switches_card(pen, x, y, width, spec.switches)
    if spec.lights:
        y = parts.lights_card(pen, x, y, width, spec.lights)
    y = parts.code_line(pen, x, y, width, spec.code, _words(spec), centre=centre)
    if not spec.buttons:
        return y + 10
    if pen.scale == 2 and (len(spec.buttons) > 2 or theme.bordered):
        return parts.stacked_buttons(pen, x, y + 6, width, spec.buttons)
    if pen.scale == 2:
        return _text_buttons(pen, x, y + 6, width, spec.buttons)
    return parts.row_buttons(pen, x, y + 8, width, spec.buttons)


def _text_buttons(pen: Pen, x: float, y: float, width: float, texts: list[str]) -> float:
    """Buttons that are only words, as phones like them in dialogs."""
    total = sum(pen.width_of(text, 15, "medium") for text in texts) + 28 * (len(texts) - 1)
    if total > width:
        return parts.stacked_buttons(pen, x, y, width, texts)
    spot = x + width
    for text in texts:
        pen.text(spot, y + 18, text, 15, weight="medium", colour=pen.theme.accent, anchor="rm")
        spot -= pen.width_of(text, 15, "medium") + 28
    return y + 40


def notification(pen: Pen, spec: Spec, x: float, y: float, width: float) -> float:
    """The app's sign and its name, then what it has to say."""
    theme = pen.theme
    pen.box(x, y, 24, 24, theme.accent, radius=6)
    icons.bird(pen, x + 4, y + 4, 16, theme.on_accent)
    y = pen.paragraph(x + 34, y + 3, width - 34, spec.title, 15, weight="bold", leading=1.3) + 8
    y = parts.paragraphs(pen, x, y, width, spec.body, 14)
    if spec.fields:
        y = parts.fields(pen, x, y, width, spec.fields, 13.5)
    y = parts.code_line(pen, x, y + 4, width, spec.code, _words(spec))
    return _text_buttons(pen, x, y, width, spec.buttons) if spec.buttons else y + 6


def _sign(pen: Pen, sign: str, x: float, y: float, size: float) -> None:
    theme = pen.theme
    if sign == "triangle":
        icons.warning(pen, x, y, size, theme.warn)
    else:
        colour = {"bang": theme.danger, "cross": theme.danger, "info": theme.accent, "tick": theme.good}[sign]
        icons.badge(pen, x, y, size, colour, sign)


def _form(pen: Pen, spec: Spec, x: float, y: float, width: float, rng: random.Random) -> float:
    """Inputs with their labels above; trouble is told in a strip."""
    theme = pen.theme
    for line in spec.body:
        if TROUBLE.search(line):
            y = parts.banner(pen, x, y, width, line)
        else:
            y = parts.paragraphs(pen, x, y, width, [line], 14.5) + 6
    for label, value in spec.fields:
        pen.text(x, y, label, 12.5, colour=theme.muted)
        lines = pen.wrap(value, width - 28, 15)
        high = 24 + 20 * len(lines)
        marked = any(label.lower() in line.lower() and TROUBLE.search(line) for line in spec.body)
        pen.box(
            x,
            y + 19,
            width,
            high,
            theme.card,
            radius=min(10, theme.radius),
            border=theme.danger if marked else theme.line,
        )
        for place, line in enumerate(lines):
            pen.text(x + 14, y + 19 + 12 + 20 * place, line, 15)
        y += high + 34
    if spec.rows:
        y = parts.table(pen, x, y, width, spec.rows)
    if spec.switches:
        y = parts.switches_card(pen, x, y, width, spec.switches)
    if spec.lights:
        y = parts.lights_card(pen, x, y, width, spec.lights)
    y = parts.code_line(pen, x, y, width, spec.code, _words(spec))
    return _buttons(pen, spec, x, y, width)


def _tracking(pen: Pen, spec: Spec, x: float, y: float, width: float, rng: random.Random) -> float:
    """A parcel's way: fields, then its stations along a line (the latest one filled)."""
    y = _lead(pen, spec, x, y, width, rng)
    if spec.fields:
        y = _fields(pen, spec, x, y, width)
    if spec.rows and pen.width > frames.PHONE_WIDTH:
        y = parts.table(pen, x, y, width, spec.rows)
    elif spec.rows:
        y = _stations(pen, spec.rows, x, y, width)
    if spec.lights:
        y = parts.lights_card(pen, x, y, width, spec.lights)
    if spec.switches:
        y = parts.switches_card(pen, x, y, width, spec.switches)
    y = parts.code_line(pen, x, y, width, spec.code, _words(spec))
    return _buttons(pen, spec, x, y, width)


def _stations(pen: Pen, rows: list[list[str]], x: float, y: float, width: float) -> float:
    theme = pen.theme
    pen.paragraph(x, y, width, "   ".join(rows[0]), 12.5, colour=theme.muted)
    y += 26
    for place, (first, *rest) in enumerate(rows[1:]):
        if place < len(rows) - 2:
            pen.box(x + 7, y + 14, 2, 52, theme.line)
        pen.circle(x + 8, y + 9, 7, theme.accent if place == 0 else theme.line)
        pen.text(x + 28, y, first, 13, colour=theme.muted)
        pen.paragraph(x + 28, y + 19, width - 28, "   ".join(rest), 14.5, weight="medium" if place == 0 else "regular")
        y += 62
    return y + 4


def chat_head(pen: Pen, spec: Spec) -> float:
    theme = pen.theme
    pen.box(0, 0, pen.width, 84, theme.card)
    frames.status_bar(pen, random.Random(spec.file))
    icons.chevron(pen, 20, 57, 13, theme.accent, left=True)
    pen.circle(52, 57, 17, mixed(theme.card, theme.accent, 0.45))
    pen.circle(52, 52, 6, theme.card)
    pen.box(42, 60, 20, 9, theme.card, radius=5)
    pen.text(80, 57, spec.title, 16, weight="medium", anchor="lm")
    pen.rule(0, 84, pen.width)
    return 100


def _chat(pen: Pen, spec: Spec, x: float, y: float, width: float, rng: random.Random) -> float:
    """Bubbles: the first speaker at the left, the other at the right."""
    theme = pen.theme
    speakers: list[str] = []
    for line in spec.body:
        speaker = line.split(":", 1)[0] if re.match(r"[\w .']{1,20}:", line) else ""
        if speaker not in speakers:
            speakers.append(speaker)
        mine = speakers.index(speaker) % 2 == 1
        lines = pen.wrap(line, width * 0.76, 14.5)
        wide = max(pen.width_of(each, 14.5) for each in lines) + 28
        high = 20 * len(lines) + 18
        left = x + width - wide if mine else x
        fill = theme.accent if mine else theme.card
        pen.box(left, y, wide, high, fill, radius=15, border=None if mine else theme.line)
        for row, each in enumerate(lines):
            pen.text(left + 14, y + 10 + 20 * row, each, 14.5, colour=theme.on_accent if mine else theme.ink)
        y += high + rng.choice((8, 12, 16))
    if spec.fields:
        y = parts.fields_card(pen, x, y, width, spec.fields)
    if spec.rows:
        y = parts.table(pen, x, y, width, spec.rows)
    return _buttons(pen, spec, x, parts.code_line(pen, x, y, width, spec.code, _words(spec)), width)


def _email(pen: Pen, spec: Spec, x: float, y: float, width: float, rng: random.Random) -> float:
    """A mail as a mail program shows it: subject, sender with a disc, then the letter."""
    theme = pen.theme
    if pen.width > frames.PHONE_WIDTH or pen.scale < 2:
        y = pen.paragraph(x, y, width, spec.title, 22, weight="bold", leading=1.25) + 12
    if spec.fields:
        pen.circle(x + 18, y + 20, 18, mixed(theme.paper, theme.accent, 0.6))
        spot = y
        for label, value in spec.fields:
            right = pen.text(x + 50, spot, f"{label}:", 13, colour=theme.muted)
            spot = pen.paragraph(right + 5, spot, x + width - right - 5, value, 13)
            spot += 3
        y = max(spot, y + 44) + 8
    if spec.fields or pen.scale < 2:
        pen.rule(x, y, width)
    y = parts.paragraphs(pen, x, y + 16, width, spec.body, 14.5) + 8
    if spec.rows:
        y = parts.table(pen, x, y, width, spec.rows)
    y = parts.code_line(pen, x, y, width, spec.code, _words(spec))
    return _buttons(pen, spec, x, y, width)


def invoice(pen: Pen, spec: Spec, x: float, y: float, width: float) -> float:
    """A printed page: bird, title, addresses, the table, the small print."""
    theme = pen.theme
    if pen.width > frames.PHONE_WIDTH or pen.scale < 2:
        if not re.search(r"\b(Ltd|GmbH|AG|Inc|SA|BV)\b", " ".join(spec.body)):
            icons.bird(pen, x + width - 46, y, 40, theme.accent)
        y = pen.paragraph(x, y + 4, width - 70, spec.title, 24, weight="bold", leading=1.25) + 16
    y = parts.paragraphs(pen, x, y, width, spec.body, 13.5) + 10
    if spec.fields:
        y = parts.fields(pen, x, y, min(width, 420), spec.fields, 13.5, above=False) + 18
    if spec.rows:
        y = parts.table(pen, x, y, width, spec.rows, 13.5, boxed=False) + 6
    y = parts.code_line(pen, x, y, width, spec.code, _words(spec))
    if spec.lights:
        y = parts.lights_card(pen, x, y, width, spec.lights)
    if spec.switches:
        y = parts.switches_card(pen, x, y, width, spec.switches)
    y = _buttons(pen, spec, x, y, width)
    for row in range(2):
        pen.box(x, y + 14 * row + 8, width * (0.7 - 0.2 * row), 4, mixed(theme.card, theme.ink, 0.1), radius=2)
    return y + 44


def letter(pen: Pen, spec: Spec, x: float, y: float, width: float) -> float:
    """A sheet of paper: title, text, fields with dots of a form between label and value."""
    ink = (40, 40, 46)
    y = pen.paragraph(x, y, width, spec.title, 23, weight="bold", leading=1.3, colour=ink) + 18
    for line in spec.body:
        y = pen.paragraph(x, y, width, line, 15.5, colour=ink, leading=1.5) + 6
    y += 12
    for label, value in spec.fields:
        pen.text(x, y, label, 15, colour=(96, 96, 104))
        pen.text(x + max(130, width * 0.3), y, value, 16, weight="medium", colour=ink)
        pen.rule(x, y + 25, width, (190, 188, 184))
        y += 40
    if spec.rows:
        y = parts.table(pen, x, y, width, spec.rows, 14, boxed=False)
    y = parts.code_line(pen, x, y, width, spec.code, _words(spec))
    return y + 50
