"""A whole screen: its content drawn tall, cut to size and put into a phone, a window, a browser or nothing."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from finetune.screens.colours import mixed

from . import contents, frames, icons
from .pen import TALL, Pen
from .spec import Spec
from .terminal import terminal
from .theme import Theme


def draw(spec: Spec, theme: Theme, rng: random.Random) -> Image.Image:
    """The whole screen in its frame."""
    if spec.frame == "phone":
        return _phone(spec, theme, rng)
    if spec.frame == "browser":
        return _browser(spec, theme, rng)
    if spec.frame == "desktop":
        return _desktop(spec, theme, rng)
    return _bare(spec, theme, rng)


# --- frames -----------------------------------------------------------------------------------------------------


def _phone(spec: Spec, theme: Theme, rng: random.Random) -> Image.Image:
    if spec.kind in ("dialog", "toast"):
        return _phone_overlay(spec, theme, rng)
    pen = Pen(frames.PHONE_WIDTH, TALL, theme, 2)
    frames.status_bar(pen, rng)
    y = (
        contents.chat_head(pen, spec)
        if spec.kind == "chat"
        else frames.app_bar(pen, frames.STATUS_HEIGHT, spec.title, rng)
    )
    y = contents.content(pen, spec, 16, y, frames.PHONE_WIDTH - 32, rng)
    bottom = max(y + 8, rng.randrange(560, 660))
    if spec.kind == "chat":
        pen.box(14, bottom, pen.width - 70, 38, theme.card, radius=19, border=theme.line)
        pen.circle(pen.width - 33, bottom + 19, 19, theme.accent)
        icons.chevron(pen, pen.width - 32, bottom + 19, 13, theme.on_accent)
        bottom += 48
    elif rng.random() < 0.6:
        frames.tab_bar(pen, bottom)
        bottom += 50
        pen.box(0, bottom, pen.width, frames.NAVIGATION_HEIGHT, theme.card)
    frames.navigation_bar(pen, bottom, rng.choice(("line", "buttons")))
    return pen.cropped(bottom + frames.NAVIGATION_HEIGHT)


def _phone_overlay(spec: Spec, theme: Theme, rng: random.Random) -> Image.Image:
    """A dialog over the dimmed app, or a message at its lower edge."""
    high = rng.randrange(600, 700)
    back = Pen(frames.PHONE_WIDTH, high, theme, 2)
    _skeleton(back, rng)
    if spec.kind == "toast":
        return _toast(_pen_on(back), spec, rng)
    back.image = Image.blend(back.image, Image.new("RGB", back.image.size, (0, 0, 0)), 0.45 if not theme.dark else 0.55)
    pen = _pen_on(back)
    sheet = rng.random() < 0.4
    wide = frames.PHONE_WIDTH if sheet else frames.PHONE_WIDTH - 2 * rng.choice((20, 26, 30))
    inside = Pen(wide, TALL, theme, 2, paper=theme.card)
    end = contents.dialog(inside, spec, 22, 24, wide - 44, rng, centre=rng.random() < 0.55) + 6
    pad = 18 if sheet else 0
    x = (frames.PHONE_WIDTH - wide) / 2
    y = high - end - pad if sheet else max(60, (high - end) / 2)
    pen.box(x, y, wide, end + pad + (20 if sheet else 0), theme.card, radius=max(10, theme.radius), shadow=0.35)
    words = inside.cropped(end)
    inset = round(theme.radius * 2)
    pen.image.paste(words.crop((0, inset, words.width, words.height - inset)), (round(x * 2), round(y * 2) + inset))
    frames.status_bar(pen, rng, (235, 235, 238))
    if sheet:
        frames.navigation_bar(pen, high - 24, "line")
    return pen.image


def _toast(pen: Pen, spec: Spec, rng: random.Random) -> Image.Image:
    """A notification sliding in at the top of the app."""
    theme = pen.theme
    frames.status_bar(pen, rng)
    inside = Pen(pen.width - 20, TALL, theme, 2, paper=theme.card)
    end = contents.notification(inside, spec, 16, 14, pen.width - 52) + 6
    pen.box(10, 40, pen.width - 20, end, theme.card, radius=14, shadow=0.4, border=theme.line)
    words = inside.cropped(end)
    pen.image.paste(words.crop((8, 20, words.width - 8, words.height - 20)), (28, 100))
    frames.navigation_bar(pen, pen.height - 26, "line")
    return pen.image


def _pen_on(other: Pen) -> Pen:
    """A pen that draws on the same picture again after it was replaced."""
    pen = Pen(1, 1, other.theme, other.scale)
    pen.image, pen.width, pen.height = other.image, other.width, other.height
    pen.draw = ImageDraw.Draw(pen.image)
    return pen


def _skeleton(pen: Pen, rng: random.Random) -> None:
    """An app behind a dialog: cards and grey bars, no words."""
    theme = pen.theme
    grey = mixed(theme.card, theme.ink, 0.14)
    pen.box(20, 52, rng.randrange(110, 200), 20, mixed(theme.paper, theme.ink, 0.35), radius=4)
    y = 100.0
    while y < pen.height - 60:
        high = rng.choice((70, 96, 130))
        pen.box(16, y, pen.width - 32, high, theme.card, radius=theme.radius)
        pen.circle(44, y + 35, 16, mixed(theme.card, theme.accent, 0.6))
        for row in range(int(high // 40)):
            pen.box(74, y + 22 + 26 * row, rng.randrange(90, 220), 10, grey, radius=5)
        y += high + 14


def _desktop(spec: Spec, theme: Theme, rng: random.Random) -> Image.Image:
    wide = rng.choice((460, 500, 540)) if spec.kind == "dialog" else rng.choice((640, 700, 760))
    if spec.kind == "terminal":
        return terminal(spec, theme, rng)
    paper = theme.card if spec.kind == "dialog" else theme.paper
    pen = Pen(wide, TALL, theme, 1, paper=paper)
    if spec.kind == "dialog":
        y = contents.dialog(pen, spec, 26, 26, wide - 52, rng, centre=False)
        return frames.window(
            pen.cropped(y + 8), rng.choice(("Wrenhouse", "Wrenhouse for Desktop", "Sign in")), theme, rng
        )
    y = contents.heading(pen, spec, 30, 26, wide - 60)
    y = contents.content(pen, spec, 30, y, wide - 60, rng)
    name = spec.title if rng.random() < 0.3 else "Wrenhouse"
    return frames.window(pen.cropped(y + 14), name, theme, rng, on_desktop=rng.random() < 0.7)


_PATHS = {
    "order": "shop.wrenhouse.example/account/orders",
    "invoice": "shop.wrenhouse.example/account/invoices",
    "form": "shop.wrenhouse.example/checkout",
    "settings": "my.wrenhouse.example/settings",
    "status": "status.wrenhouse.example",
    "dialog": "my.wrenhouse.example/account",
}


def _site(spec: Spec) -> tuple[str, str]:
    """Whose page it is and its address: the house's own, a carrier's or the router's."""
    carrier = spec.title.split()[0].lower() if spec.kind == "tracking" and spec.title else ""
    if carrier in ("postbote", "rapidship"):
        return carrier, f"www.{carrier}.example/track"
    if spec.kind == "router":
        return "", "192.168.1.1/network"
    return "wrenhouse", _PATHS.get(spec.kind, "my.wrenhouse.example/home")


def _browser(spec: Spec, theme: Theme, rng: random.Random) -> Image.Image:
    wide = rng.choice((860, 920, 980))
    pen = Pen(wide, TALL, theme, 1)
    pen.box(0, 0, wide, 52, theme.card)
    pen.rule(0, 52, wide)
    brand, address = _site(spec)
    if brand == "wrenhouse":
        icons.bird(pen, 28, 13, 26, theme.accent)
    else:
        pen.box(28, 15, 22, 22, theme.accent, radius=6)
    pen.text(62, 26, brand, 18, weight="bold", anchor="lm", colour=theme.accent)
    for place in range(3):
        pen.box(wide - 300 + 80 * place, 22, 52, 8, mixed(theme.card, theme.ink, 0.18), radius=4)
    pen.circle(wide - 40, 26, 13, mixed(theme.card, theme.accent, 0.5))
    inner = min(wide - 80, rng.choice((640, 720, 800)))
    x = (wide - inner) / 2
    if spec.kind in ("dialog", "toast"):
        inner = 520
        x, top = (wide - inner) / 2, 52 + rng.randrange(40, 70)
        inside = Pen(inner, TALL, theme, 1, paper=theme.card)
        end = contents.dialog(inside, spec, 30, 28, inner - 60, rng, centre=False) + 8
        pen.box(x, top, inner, end, theme.card, radius=theme.radius, shadow=0.25, border=theme.line)
        pen.image.paste(inside.image.crop((2, 16, inner - 2, round(end) - 16)), (round(x) + 2, top + 16))
        y = top + end + 30
    else:
        y = contents.heading(pen, spec, x, 80, inner)
        y = contents.content(pen, spec, x, y, inner, rng) + 10
    page = pen.cropped(y + rng.randrange(10, 50))
    return frames.browser(page, spec.title, address, theme, rng)


def _bare(spec: Spec, theme: Theme, rng: random.Random) -> Image.Image:
    if spec.kind == "terminal":
        return terminal(spec, theme, rng)
    wide = rng.choice((600, 640, 700))
    paper = (252, 251, 248) if spec.is_paper else theme.paper
    pen = Pen(wide, TALL, theme, 1.15, paper=paper)
    if spec.kind == "dialog":
        y = contents.dialog(pen, spec, 30, 30, wide - 60, rng, centre=False)
    elif spec.kind == "invoice":
        y = contents.invoice(pen, spec, 48, 48, wide - 96)
    elif spec.damage == "photo" and spec.kind in ("page", "form", "email"):
        y = contents.letter(pen, spec, 56, 60, wide - 112)
    else:
        y = contents.content(pen, spec, 30, contents.heading(pen, spec, 30, 30, wide - 60), wide - 60, rng)
    return pen.cropped(y + 24)
