"""Buttons, badges, banners, lamps, entry fields and grounds that are highlighted: drawn with their marks."""

from __future__ import annotations

import random

from finetune.screens import signs
from finetune.screens.canvas import Canvas, Place
from finetune.screens.colours import Colour, mixed, on, shade

LAMP_COLOURS = ("green", "green", "green", "red", "orange", "blue", "white", "yellow", "purple")
WHITE = (255, 255, 255)


def card(c: Canvas, since: Place, x: float, y: float, wide: float, high: float, fill: Colour | None = None) -> None:
    """A ground under all that came since: bordered or with a soft shadow."""
    look = c.look
    border = look.line if look.bordered or look.dark else None
    shadow = 0.0 if border else 0.18
    c.under(since, lambda: c.box(x, y, wide, high, fill or look.card, radius=look.radius, border=border, shadow=shadow))


def button_width(c: Canvas, text: str, size: float = 0) -> float:
    """How wide a button for these words is."""
    return max(60.0, c.wide(text.upper(), size or c.look.size, "medium") + 30)


def button(
    c: Canvas, x: float, y: float, wide: float, text: str, state: str, *, size: float = 0, high: float = 34,
    tone: tuple[str, Colour] | None = None,
) -> None:  # fmt: skip
    """A button with its words in the middle; `state` is "plain", "primary" or "disabled"."""
    look, style = c.look, c.look.styles["button"]
    size = size or look.size
    name, fill = tone or (look.accent_name, look.accent)
    radius = {"pill": high / 2, "square": 0.0, "bevel": 1.0}.get(style, min(look.radius, high / 2))
    ink: Colour = look.ink
    edge = mixed(look.line, look.ink, 0.25)
    if state == "primary":
        c.box(x, y, wide, high, fill, radius=radius, shadow=0.25 if style == "shadowed" else 0)
        if style == "gradient":
            c.box(x + 1, y + 1, wide - 2, high * 0.45, mixed(fill, WHITE, 0.18), radius=max(0, radius - 1))
        ink = on(fill)
    elif state == "disabled":
        ground = mixed(look.card, look.ink, 0.09)
        c.box(x, y, wide, high, ground, radius=radius, border=look.line if style in ("bevel", "outlined") else None)
        ink = mixed(look.card, look.ink, 0.36)
    elif style == "soft":
        c.box(x, y, wide, high, mixed(look.card, look.accent, 0.13), radius=radius)
        ink = mixed(look.accent, look.ink, 0.35)
    elif style == "bevel":
        c.box(x, y, wide, high, mixed(look.card, (128, 128, 128), 0.16), radius=1, border=edge)
        c.rule(x + 1, y + 1, wide - 2, mixed(look.card, WHITE, 0.8))
    elif style == "flat":
        c.box(x, y, wide, high, mixed(look.card, look.ink, 0.1), radius=radius)
    else:
        thick = 2 if style == "thick border" else 1
        c.box(x, y, wide, high, look.card, radius=radius, border=edge, thick=thick)
    shown = text.upper() if style == "upper" else text
    c.text(x + wide / 2, y + high / 2, shown, size, weight="medium", colour=ink, anchor="mm")
    c.mark("button", x, y, wide, high, state=state, colour=name if state == "primary" else "", label=shown)


def buttons(
    c: Canvas, x: float, y: float, wide: float, texts: list[str], rng: random.Random, *, right: bool = False,
    size: float = 0, high: float = 34,
) -> float:  # fmt: skip
    """Buttons side by side, one of them perhaps primary, one perhaps not to be pressed; the y below."""
    widths = [button_width(c, text, size) for text in texts]
    while texts and sum(widths) + 10 * (len(texts) - 1) > wide:
        texts, widths = texts[:-1], widths[:-1]
    if not texts:
        return y
    main = rng.choice((0, len(texts) - 1, -1)) if rng.random() < 0.9 else -1
    grey = rng.randrange(len(texts)) if rng.random() < 0.25 else -1
    spot, first = x + wide - sum(widths) - 10 * (len(texts) - 1) if right else x, len(c.words)
    for place, (text, each) in enumerate(zip(texts, widths, strict=True)):
        state = "disabled" if place == grey else "primary" if place == main else "plain"
        button(c, spot, y, each, text, state, size=size, high=high)
        spot += each + 10
    c.list_of("buttons", c.words[first:], True)
    return y + high + 12


def stacked(c: Canvas, x: float, y: float, wide: float, texts: list[str], rng: random.Random) -> float:
    """Buttons as wide as a phone, under each other; the y below."""
    for place, text in enumerate(texts):
        state = "primary" if place == 0 and rng.random() < 0.9 else "disabled" if rng.random() < 0.12 else "plain"
        button(c, x, y, wide, text, state, high=44)
        y += 54
    return y + 2


def badge(
    c: Canvas, x: float, middle: float, text: str, rng: random.Random, *, size: float = 0, right: bool = False
) -> float:
    """A few words on a small coloured ground, starting (or ending) at x; its width."""
    look, style = c.look, c.look.styles["badge"]
    size = size or look.size * 0.8
    name = rng.choice(("green", "red", "orange", "blue", "purple", "grey", "pink", "yellow", "green", "blue"))
    tone = shade(name, rng)
    shown = text.upper() if style == "upper" else text
    dot = size if style == "dotted" else 0.0
    wide, high = c.wide(shown, size, "medium") + size * 1.2 + dot, size * 1.75
    x = x - wide if right else x
    y = middle - high / 2
    radius = high / 2 if "pill" in style or style in ("dotted", "soft border") else 3
    ink = on(tone)
    if style.startswith("tinted") or style in ("dotted", "soft border"):
        ground = mixed(look.card, tone, 0.2 if not look.dark else 0.32)
        c.box(x, y, wide, high, ground, radius=radius, border=tone if style == "soft border" else None)
        ink = mixed(tone, look.ink, 0.3)
    elif style == "outlined":
        c.box(x, y, wide, high, look.card, radius=radius, border=tone, thick=1.3)
        ink = mixed(tone, look.ink, 0.2)
    elif style == "tag":
        points = [(x, middle), (x + 6, y), (x + wide, y), (x + wide, y + high), (x + 6, y + high)]
        c.shape(points, tone)
    else:
        c.box(x, y, wide, high, tone, radius=radius)
    if dot:
        c.disc(x + size * 0.95, middle, size * 0.25, tone)
    c.text(x + wide / 2 + dot / 2, middle, shown, size, weight="medium", colour=ink, anchor="mm")
    c.mark("badge", x, y, wide, high, colour=name, label=shown)
    return wide


def banner(
    c: Canvas, x: float, y: float, wide: float, sign: str, title: str, text: str, rng: random.Random, *,
    icon: bool = True, action: str = "",
) -> float:  # fmt: skip
    """A message on a coloured ground or beside a coloured edge; the y below."""
    look, style, since = c.look, c.look.styles["banner"], c.here()
    name = signs.TONES[sign]
    if sign == "warning" and rng.random() < 0.3:
        name = "yellow"
    tone = shade(name, rng)
    filled = style in ("filled", "icon square") and name != "yellow"
    ground = tone if filled else look.card if style in ("bordered", "top edge") else mixed(look.card, tone, 0.14)
    ink = on(tone) if filled else look.ink
    indent = 14.0
    if icon:
        indent = 44.0
    room = wide - indent - 14
    top, size, words = y + 11, look.size * 0.95, []
    if title:
        for line in c.wrap(title, room, size, "bold"):
            c.text(x + indent, top, line, size, weight="bold", colour=ink)
            words.append(line)
            top += size * 1.4
    for line in c.wrap(text, room, size) if text else []:
        c.text(x + indent, top, line, size, colour=ink)
        words.append(line)
        top += size * 1.4
    if action:
        c.text(x + indent, top + 2, action, size, weight="bold", colour=ink if filled else mixed(tone, look.ink, 0.25))
        words.append(action)
        top += size * 1.6
    high = max(top - y + 7, 42 if icon else 30)

    def ground_of() -> None:
        radius = 0 if style in ("strip", "left edge", "top edge") else look.radius
        border = mixed(look.card, tone, 0.55) if style in ("bordered", "shadowed") else None
        c.box(x, y, wide, high, ground, radius=radius, border=border, shadow=0.2 if style == "shadowed" else 0)
        if style == "left edge":
            c.box(x, y, 4, high, tone)
        elif style == "top edge":
            c.box(x, y, wide, 3, tone)

    c.under(since, ground_of)
    if icon:
        own = on(tone) if filled else tone
        signs.sign_icon(c, x + 13, y + 11, 20, sign, title or " ".join(words), rng, own)
    c.mark("banner", x, y, wide, high, colour=name, label=" ".join(words))
    return y + high + 12


def lamp(
    c: Canvas, x: float, middle: float, radius: float, name: str, label: str, rng: random.Random, ground: Colour,
    form: str = "round",
) -> None:  # fmt: skip
    """A light of a colour ("" is off) on a ground: "round", "bar", "square", "ring" or "glow"."""
    tone = shade(name, rng) if name else mixed(ground, (0, 0, 0) if sum(ground) > 380 else WHITE, 0.22)
    wide, high = {"bar": (2.6, 0.8), "tall": (0.8, 2.4)}.get(form, (1.0, 1.0))
    wide, high = 2 * radius * wide, 2 * radius * high
    if name and form == "glow":
        c.glow(x, middle, radius * 2.2, tone, 0.7)
    border = mixed(ground, (0, 0, 0), 0.35) if name in ("white", "yellow") or not name else None
    if form == "ring":
        c.disc(x, middle, radius, None, border=tone, thick=max(1.5, radius * 0.4))
    else:
        turn = 1 if form == "square" else min(wide, high) / 2
        c.box(x - wide / 2, middle - high / 2, wide, high, tone, radius=turn, border=border)
        if name and form in ("round", "glow") and radius > 4:
            c.disc(x - radius * 0.25, middle - radius * 0.25, radius * 0.3, mixed(tone, WHITE, 0.7))
    c.mark("lamp", x - wide / 2, middle - high / 2, wide, high, state="on" if name else "off", colour=name, label=label)


def select(c: Canvas, since: Place, x: float, y: float, wide: float, high: float, label: str) -> Colour:
    """Highlight an area under what came since; the ink its words should have (draw them after asking `ink_on`)."""
    look, style = c.look, c.look.styles["selected"]
    tint = mixed(look.card, look.accent, 0.2 if not look.dark else 0.35)

    def paint() -> None:
        radius = min(look.radius, 8)
        if style == "filled":
            c.box(x, y, wide, high, look.accent, radius=radius)
        elif style == "dark ground":
            c.box(x, y, wide, high, mixed(look.ink, look.accent, 0.15), radius=radius)
        elif style in ("tinted", "bold tint"):
            c.box(x, y, wide, high, tint, radius=radius)
        elif style == "pill":
            c.box(x, y, wide, high, tint, radius=high / 2 if high < 60 else 12)
        elif style == "outlined pill":
            c.box(x, y, wide, high, look.card, radius=high / 2 if high < 60 else 12, border=look.accent, thick=1.6)
        elif style in ("faint", "faint edged"):
            edge = mixed(look.card, look.ink, 0.5) if style == "faint edged" else None
            c.box(x, y, wide, high, mixed(look.card, look.ink, 0.07 if not look.dark else 0.13), border=edge)
        elif style == "grey":
            c.box(x, y, wide, high, mixed(look.card, look.ink, 0.15), radius=radius)
        elif style == "bordered":
            c.box(x, y, wide, high, mixed(look.card, look.accent, 0.07), radius=radius, border=look.accent, thick=2)
        elif style == "left edge":
            c.box(x, y, wide, high, mixed(look.card, look.accent, 0.1))
            c.box(x, y, 3.5, high, look.accent)
        elif style == "top edge":
            c.box(x, y, wide, high, mixed(look.card, look.accent, 0.05))
            c.box(x, y, wide, 3, look.accent)
        else:
            c.box(x, y + high - 3, wide, 3, look.accent)

    c.under(since, paint)
    c.mark("selected", x, y, wide, high, label=label)
    return tint


def ink_on(c: Canvas) -> Colour:
    """The colour of words on a highlighted ground."""
    look, style = c.look, c.look.styles["selected"]
    if style == "filled":
        return on(look.accent)
    if style == "dark ground":
        return on(mixed(look.ink, look.accent, 0.15))
    if style in ("underline", "outlined pill", "top edge"):
        return mixed(look.accent, look.ink, 0.25 if not look.dark else 0.6)
    return look.ink


def search(c: Canvas, x: float, y: float, wide: float, text: str, rng: random.Random, high: float = 28) -> bool:
    """A field to search in, with `text` in it, a hint or nothing; whether something is typed there."""
    typed = rng.random() < 0.55
    if typed and rng.random() < 0.4:
        text = text.lower()
    entry(c, x, y, wide, text if typed else rng.choice(("Search", "Search...", "")), high=high, hint=not typed)
    if typed and c.words and c.words[-1].text == text:
        c.fact("search_text", "", text)
    return typed


def entry(
    c: Canvas,
    x: float,
    y: float,
    wide: float,
    value: str,
    *,
    high: float = 34,
    drop: bool = False,
    hint: bool = False,
    keep: bool = True,
) -> None:
    """A field to type into, or to choose from."""
    look, style = c.look, c.look.styles["field"]
    edge = mixed(look.line, look.ink, 0.2)
    if style == "filled":
        c.box(x, y, wide, high, mixed(look.card, look.ink, 0.08), radius=4)
        c.rule(x, y + high - 1.5, wide, mixed(look.card, look.ink, 0.4), 1.5)
    elif style == "underlined":
        c.rule(x, y + high - 2, wide, edge, 1.5)
    elif style == "rounded":
        c.box(x, y, wide, high, look.card, radius=high / 2, border=edge)
    elif style == "bevel":
        c.box(x, y, wide, high, look.card, border=mixed(look.card, look.ink, 0.5))
    else:
        c.box(x, y, wide, high, look.card, radius=min(6, look.radius), border=edge)
    pad = 12 if style == "rounded" else 8
    colour = mixed(look.card, look.ink, 0.42) if hint else look.ink
    size = min(look.size, high * 0.55)
    shown = c.fit(value, wide - 2 * pad - (16 if drop else 0), size) if value else ""
    if shown:
        c.text(x + pad, y + high / 2, shown, size, colour=colour, anchor="lm", keep=keep)
    if drop:
        signs.chevron(c, x + wide - 13, y + high / 2, 8, look.muted)
