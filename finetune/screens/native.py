"""Dialogs as operating systems draw them: title bars, group frames, tabs, default and greyed buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from finetune.screens import controls, pieces, signs
from finetune.screens import native_words as words
from finetune.screens.canvas import Canvas
from finetune.screens.colours import Colour, mixed, on, rgb
from finetune.screens.pages import Stage

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
Fill = Callable[[float, float, float], float]  # draws at x, y in a width; gives the y below


@dataclass(frozen=True)
class Skin:
    """How one system draws its dialogs; what is not told here stays as the lot has it."""

    bar: str
    button: str
    grounds: tuple[str, ...] = ()  # of light dialogs; none: as the lot has it, dark ones too
    styles: dict[str, str] = field(default_factory=dict)
    default_last: bool = False  # the default button stands at the right end
    families: tuple[str, ...] = ("roboto", "source", "liberation")
    radius: float = 0


_BEVELS = {"checkbox": "classic bevel", "radio": "classic bevel", "field": "bevel", "progress": "segmented"}
CLASSIC = Skin("classic", "bevel", ("#d4d0c8", "#c0c0c0", "#ece9d8"), _BEVELS, families=("liberation", "dejavu"))
LUNA = Skin("luna", "ten", ("#ece9d8", "#f0f0f0"), {"checkbox": "outlined tick", "radio": "dot", "field": "boxed"})
TEN = Skin("ten", "ten", ("#f0f0f0", "#ffffff"), {"checkbox": "outlined tick", "radio": "dot", "field": "boxed"})
ELEVEN = Skin("ten", "look", (), {"checkbox": "filled tick", "radio": "thick ring", "field": "boxed"}, radius=5)
MAC = Skin("mac", "look", (), {"checkbox": "filled tick", "radio": "filled hole", "button": "filled"}, True,
           ("hanken", "roboto"), 6)  # fmt: skip
GNOME = Skin("gnome", "look", (), {"checkbox": "bold tick", "radio": "filled hole", "button": "flat"}, True,
             ("dejavu", "source"), 7)  # fmt: skip
PLASMA = Skin("plasma", "look", ("#eff0f1", "#e3e5e7"), {"button": "gradient"}, families=("narrow", "hanken"), radius=3)
MOTIF = Skin("motif", "motif", ("#aeb2c3", "#b8b8b0", "#c9c1b6"), {}, families=("narrow", "dejavu"))
TRAINED, HELD = (CLASSIC, CLASSIC, LUNA, TEN, TEN, ELEVEN, MAC, GNOME), (PLASMA, MOTIF)
HIGH = {"classic": 22.0, "luna": 28.0, "ten": 30.0, "mac": 28.0, "gnome": 40.0, "plasma": 30.0, "motif": 24.0}


def skin_of(s: Stage) -> Skin:
    """A system by lot, and the screen's look as that system has it."""
    rng = s.rng
    skin = rng.choice(HELD if s.split == "test" else TRAINED)
    look = s.c.look
    if skin.grounds:
        ground, ink = rgb(rng.choice(skin.grounds)), rgb(rng.choice(("#000000", "#000000", "#1b1b1b")))
        line = mixed(ground, BLACK, 0.22)
        look = replace(look, dark=False, card=ground, ink=ink, muted=mixed(ground, ink, 0.75), line=line)
    desk = rgb(rng.choice(("#3a6ea5", "#008080", "#20303f", "#5a7a54", "#e8e8ea", "#7a4a6a", "#ffffff")))
    size = rng.choice((11.0, 11.5, 12.0, 13.0))
    s.c.look = replace(look, paper=desk, family=rng.choice(skin.families), radius=skin.radius, size=size,
                       styles=look.styles | skin.styles)  # fmt: skip
    return skin


def filled(s: Stage, text: str) -> str:
    """A text with a file, a program, a number and a device by lot in its gaps."""
    from finetune.screens import values

    programs = words.TEST_PROGRAMS if s.split == "test" else words.PROGRAMS
    for gap, told in (("{f}", values.value_of("file_name", s.rng)), ("{b}", s.rng.choice(programs)),
                      ("{n}", str(s.rng.randrange(2, 60))), ("{d}", s.rng.choice(words.DRIVES)),
                      ("{p}", s.rng.choice(words.PRINTERS))):  # fmt: skip
        text = text.replace(gap, told)
    return text


# --- windows -----------------------------------------------------------------------------------------------------


def window(s: Stage, skin: Skin, title: str, fill: Fill, pad: float = 14) -> float:
    """A dialog with its title bar, on a bit of desktop or cut out at its edges."""
    c, rng = s.c, s.rng
    edge, high, since = rng.choice((0.0, 0.0, 6.0, 18.0, 34.0)), HIGH[skin.bar], c.here()
    wide = c.width - 2 * edge
    y = fill(edge + pad, edge + high + pad, wide - 2 * pad) + pad
    border = mixed(c.look.card, BLACK, 0.45 if skin.bar in ("classic", "motif") else 0.28)
    radius = 9.0 if skin.bar in ("mac", "gnome") and edge else 0.0
    shadow = 0.35 if edge > 6 and skin.bar not in ("classic", "motif") else 0.0
    c.under(since, lambda: c.box(edge, edge, wide, y - edge, c.look.card, radius=radius, border=border, shadow=shadow))
    _bar(s, skin, edge, edge, wide, high, title)
    return y + edge


def _bar(s: Stage, skin: Skin, x: float, y: float, wide: float, high: float, title: str) -> None:
    c, look, middle = s.c, s.c.look, y + high / 2
    size = look.size * 1.02
    shown = c.fit(title, wide - 110, size, "bold")
    c.titled(shown, "window_title")
    if skin.bar == "mac":
        for place, code in enumerate(("#ff5f57", "#febc2e", "#28c840")):
            c.disc(x + 16 + 19 * place, middle, 5.8, rgb(code))
        c.text(x + wide / 2, middle, shown, size, weight="medium", anchor="mm", colour=look.muted)
    elif skin.bar == "gnome":
        c.rule(x, y + high - 1, wide)
        c.text(x + wide / 2, middle, shown, size * 1.05, weight="bold", anchor="mm")
        c.disc(x + wide - 22, middle, 10, mixed(look.card, look.ink, 0.12))
        controls.cross(c, x + wide - 26, middle - 4, 8, look.ink, 1.2)
    elif skin.bar == "ten":
        ground = mixed(look.card, WHITE, 0.6) if not look.dark else look.card
        c.box(x + 1, y + 1, wide - 2, high - 1, ground)
        c.text(x + 11, middle, shown, size, anchor="lm")
        controls.cross(c, x + wide - 25, middle - 5, 10, look.ink, 1.1)
    else:
        tones = {"classic": ("#0a246a", "#000080"), "luna": ("#0054e3", "#245edb"), "plasma": ("#475057", "#dee0e2"),
                 "motif": ("#4d7a97", "#5f4f8f")}[skin.bar]  # fmt: skip
        ground = rgb(s.rng.choice(tones))
        c.box(x + 2, y + 2, wide - 4, high - 2, ground)
        if skin.bar == "classic" and s.chance(0.5):  # paler towards the right
            for step in range(8):
                c.box(
                    x + wide * (0.4 + 0.07 * step),
                    y + 2,
                    wide * 0.07 + 1,
                    high - 2,
                    mixed(ground, rgb("#a6caf0"), step / 8),
                )
        centre = skin.bar in ("plasma", "motif")
        spot, anchor = (x + wide / 2, "mm") if centre else (x + 8, "lm")
        c.text(spot, middle, shown, size, weight="bold", anchor=anchor, colour=on(ground))
        face = look.card if skin.bar in ("classic", "motif") else rgb("#d0452c") if skin.bar == "luna" else ground
        c.box(x + wide - high + 2, y + 5, high - 7, high - 8, face, border=mixed(face, WHITE, 0.5))
        controls.cross(c, x + wide - high / 2 - 5, middle - 3, 7, on(face), 1.4)


# --- buttons -----------------------------------------------------------------------------------------------------


def button(s: Stage, skin: Skin, x: float, y: float, wide: float, text: str, state: str, high: float = 0) -> None:
    """A button of a system: the default one has a heavier edge, a greyed one pale words."""
    c, look = s.c, s.c.look
    high = high or max(23.0, look.size * 1.9)
    if skin.button == "look":
        pieces.button(c, x, y, wide, text, state, high=high + 3)
        return
    ink = look.ink if state != "disabled" else mixed(look.card, look.ink, 0.42)
    if skin.button in ("bevel", "motif"):
        face = look.card if skin.button == "bevel" else mixed(look.card, WHITE, 0.12)
        if state == "primary":
            c.box(x - 1, y - 1, wide + 2, high + 2, BLACK)
        c.box(x, y, wide, high, mixed(look.card, BLACK, 0.5))
        c.box(x, y, wide - 1, high - 1, WHITE)
        c.box(x + 1, y + 1, wide - 2, high - 2, mixed(look.card, BLACK, 0.25))
        c.box(x + 1, y + 1, wide - 3, high - 3, face)
        if state == "primary" and skin.button == "bevel" and s.chance(0.6):
            c.box(x + 4, y + 4, wide - 8, high - 8, None, border=mixed(look.card, BLACK, 0.45))
        if state == "disabled":  # etched: a white edge at the lower right
            c.text(x + wide / 2 + 1, y + high / 2 + 1, text, colour=WHITE, anchor="mm", keep=False)
    else:
        grounds = {"primary": ("#e1e1e1", "#0078d7", 2), "disabled": ("#d5d5d5", "#bfbfbf", 1)}
        ground, edge, thick = grounds.get(state, ("#e1e1e1", "#adadad", 1))
        c.box(x, y, wide, high, rgb(ground), border=rgb(edge), thick=thick, radius=3 if skin.bar == "luna" else 0)
    c.text(x + wide / 2, y + high / 2, text, colour=ink, anchor="mm")
    c.mark("button", x, y, wide, high, state=state, label=text)


def buttons(s: Stage, skin: Skin, x: float, y: float, wide: float, texts: list[str], *, default: int = 0,
            grey: tuple[int, ...] = (), place: str = "right") -> float:  # fmt: skip
    """Buttons along the bottom as the system orders them; `default` -1: none has the focus."""
    c, rng = s.c, s.rng
    states = ["disabled" if at in grey else "primary" if at == default else "plain" for at in range(len(texts))]
    order = list(zip(texts, states, strict=True))
    if skin.default_last:
        order.reverse()
    least, gap = rng.choice((66.0, 74.0, 82.0)), rng.choice((6.0, 8.0, 10.0))
    widths = [max(least, c.wide(text.upper(), c.look.size, "medium") + 22) for text, _ in order]
    total = sum(widths) + gap * (len(widths) - 1)
    if total > wide:
        for text, state in order:
            button(s, skin, x, y, wide, text, state)
            y += max(23.0, c.look.size * 1.9) + 9
        return y
    spot, first = {"right": x + wide - total, "centre": x + (wide - total) / 2}.get(place, x), len(c.words)
    for (text, state), each in zip(order, widths, strict=True):
        button(s, skin, spot, y, each, text, state)
        spot += each + gap
    c.list_of("buttons", c.words[first:], True)
    return y + max(23.0, c.look.size * 1.9) + 3


def worded(c: Canvas, x: float, y: float, wide: float, text: str, tone: Colour, *, bold: bool = False,
           right: bool = False, high: float = 38) -> None:  # fmt: skip
    """A button of words alone, as phones have them."""
    spot, anchor = (x + wide, "rm") if right else (x + wide / 2, "mm")
    box = c.text(spot, y + high / 2, text, weight="bold" if bold else "medium", colour=tone, anchor=anchor)
    left = box[0] - 8 if right else x
    c.mark("button", left, y, x + wide - left + (8 if right else 0), high, state="plain", label=text)


# --- parts -------------------------------------------------------------------------------------------------------


def choices(s: Stage, x: float, y: float, wide: float, answers: tuple[str, ...], kind: str, *, level: bool = False,
            none: float = 0.05) -> tuple[float, int]:  # fmt: skip
    """Radio buttons ("radio") or check boxes ("checkbox") in a group; the y below and which radio is chosen."""
    c, rng, look = s.c, s.rng, s.c.look
    tone, box = controls.tone_for(c, rng), rng.choice((12.0, 13.0, 13.0, 14.0))
    row, chosen = max(box + 7, look.size * 1.7), -1 if s.chance(none) else rng.randrange(len(answers))
    grey = rng.randrange(len(answers)) if s.chance(0.15) else -1
    spot, first = x, len(c.words)
    for place, answer in enumerate(answers):
        need = box + 7 + c.wide(answer, look.size) + 20
        if level and spot > x and spot + need > x + wide:
            spot, y = x, y + row
        pale = place == grey and place != chosen
        shown = c.fit(answer, wide - box - 8, look.size)
        ink = mixed(look.card, look.ink, 0.42) if pale else look.ink
        c.text(spot + box + 7, y + row / 2, shown, colour=ink, anchor="lm")
        if kind == "radio":
            controls.radio(c, spot, y + row / 2, box, place == chosen, shown, tone, pale)
        else:
            state = rng.choices(("on", "off", "mixed"), (5, 5, 0.5))[0]
            controls.checkbox(c, spot, y + row / 2, box, state, shown, tone, pale)
        spot, y = (spot + need, y) if level else (spot, y + row)
    if not level:
        c.list_of("options" if kind == "radio" else "boxes", c.words[first:])
    return y + (row if level else 0) + 4, chosen


def group(s: Stage, x: float, y: float, wide: float, name: str, fill: Fill) -> float:
    """A thin frame with its name in the upper edge (or a bold name alone) around what `fill` draws."""
    c, size, since = s.c, s.c.look.size, s.c.here()
    if s.chance(0.2):
        c.text(x, y, name, weight="bold")
        return fill(x + 10, y + size * 1.6, wide - 10) + 8
    end = fill(x + 12, y + size * 1.5, wide - 24) + 6
    c.under(since, lambda: c.box(x, y + size * 0.5, wide, end - y - size * 0.5, None, border=c.look.line))
    c.box(x + 9, y, c.wide(name, size) + 6, size, c.look.card)
    c.text(x + 12, y, name)
    return end + 10


def tabs(s: Stage, skin: Skin, x: float, y: float, wide: float, fill: Fill) -> float:
    """A row of tabs, one of them raised, over the page that it opens."""
    c, look, rng = s.c, s.c.look, s.rng
    names = rng.sample(words.TEST_TABS if s.split == "test" else words.TABS, rng.randint(2, 7))
    high, spot, shown = look.size * 2, x + 2, []
    for name in names:
        need = c.wide(name, look.size) + 18
        if spot + need > x + wide:
            break
        shown.append((name, spot, need))
        spot += need + (0 if skin.bar in ("classic", "luna", "ten") else 2)
    chosen = rng.randrange(len(shown))
    face = mixed(look.card, WHITE, 0.06 if look.dark else 0.5)
    face = look.card if skin.bar in ("classic", "motif") else face
    since, c.look = c.here(), replace(look, card=face)
    end = fill(x + 12, y + high + 12, wide - 24) + 10
    c.look = look
    c.under(since, lambda: c.box(x, y + high, wide, end - y - high, face, border=look.line))
    first = len(c.words)
    for place, (name, left, need) in enumerate(shown):
        raised = place == chosen
        top = y - 2 if raised else y + 1
        ground = face if raised else mixed(look.card, look.ink, 0.07)
        c.box(left, top, need, y + high - top + (1 if raised else 0), ground, border=look.line)
        if raised:
            c.box(left + 1, y + high - 1, need - 2, 3, face)
            if skin.bar in ("luna", "plasma"):
                c.box(left, top, need, 2.5, rgb("#e5972d") if skin.bar == "luna" else look.accent)
            c.mark("selected", left, top, need, high, label=name)
        c.text(left + need / 2, y + high / 2, name, anchor="mm")
    c.list_of("tabs", c.words[first:], True)
    return end + 10


def signed(s: Stage, x: float, y: float, wide: float, alert: words.Alert, title: str) -> float:
    """The sign of a message with its words beside it."""
    c, rng, size = s.c, s.rng, s.c.look.size
    icon = rng.choice((28.0, 32.0, 32.0, 40.0, 48.0))
    what = filled(s, alert.what)
    c.notes["error" if alert.sign in ("error", "warning") else "message"] = what
    left = x + icon + 14
    top = y + (4 if not title else 0)
    if title:
        top = c.para(left, top, wide - icon - 14, title, size * 1.1, weight="bold") + 3
    top = c.para(left, top, wide - icon - 14, what, size)
    signs.sign_icon(c, x, y, icon, alert.sign, title or c.words[-1].text, rng)
    return max(top, y + icon) + 12
