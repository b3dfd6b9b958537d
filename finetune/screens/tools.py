"""Dense windows of data tools and options, a terminal, and photographed devices with lamps."""

from __future__ import annotations

import random

from finetune.screens import blocks, controls, fields, pages, phrases, pieces, previews, signs, values
from finetune.screens.canvas import Canvas
from finetune.screens.colours import Colour, mixed, rgb, shade
from finetune.screens.pages import Stage


def toolbar(s: Stage, x: float, y: float, wide: float) -> float:
    """Small pictures with words, no marks; the y below."""
    c, rng = s.c, s.rng
    c.box(x, y, wide, 56, mixed(c.look.card, c.look.ink, 0.03))
    spot = x + 12
    for name in s.some(phrases.BUTTONS, 4, 9):
        width = max(34.0, c.wide(name, 10.5)) + 12
        if spot + width > x + wide:
            break
        signs.plain_icon(c, spot + width / 2 - 9, y + 8, 18, mixed(c.look.ink, c.look.accent, rng.random()), rng)
        c.text(spot + width / 2, y + 42, name, 10.5, anchor="mm")
        spot += width + 4
    c.rule(x, y + 56, wide)
    return y + 64


def tree(s: Stage, x: float, y: float, wide: float, *, boxes: bool) -> float:
    """A tree of tables with check boxes or without, one entry highlighted; the y below."""
    c, rng = s.c, s.rng
    size, top = c.look.size * 0.92, y
    box, row = rng.choice((11.0, 12.0, 13.0, 14.0)), rng.choice((20.0, 22.0, 24.0))
    tone, words = controls.tone_for(c, rng), []
    for _ in range(rng.randint(1, 3)):
        words.append((0, values.value_of("database", rng)))
        words += [(1, values.value_of("table", rng)) for _ in range(rng.randint(2, 5))]
    chosen = rng.randrange(len(words)) if s.chance(0.7) else -1
    seen: set[str] = set()
    first = len(c.words)
    for place, (deep, word) in enumerate(words):
        if word in seen:
            continue
        seen.add(word)
        since, left, middle = c.here(), x + 8 + 20 * deep, y + row / 2
        if not deep:
            signs.chevron(c, left + 5, middle, 7, c.look.muted)
        ink = pieces.ink_on(c) if place == chosen else c.look.ink
        at = left + 16
        if boxes:
            state = rng.choice(("on", "off", "off")) if deep else rng.choice(("mixed", "off", "on"))
            controls.checkbox(c, at, middle, box, state, word, tone)
            at += box + 6
        signs.plain_icon(c, at, middle - 6, 12, mixed(c.look.muted, c.look.accent, 0.4), rng)
        shown = c.fit(word, x + wide - at - 24, size)
        c.text(at + 18, middle, shown, size, colour=ink, anchor="lm")
        if place == chosen:
            pieces.select(c, since, x + 2, y, wide - 4, row, shown)
        y += row
    c.list_of("tree", c.words[first:])
    c.box(x, top - 4, wide, y - top + 8, None, border=c.look.line)
    return y + 12


def grid(s: Stage, x: float, y: float, wide: float) -> float:
    """A preview of a table with a chosen row perhaps."""
    c, rng = s.c, s.rng
    if s.chance(0.5):
        return previews.preview(s, x, y, wide)
    columns = rng.choice(previews.TABLES)[: 4 if wide > 380 else 3]
    heads = [head for head, _ in columns]
    body = [[make(rng) for _, make in columns] for _ in range(rng.randint(3, 9))]
    chosen = rng.randrange(len(body)) if s.chance(0.5) else -1
    return blocks.table(c, x, y, wide, heads, body, rng, chosen=chosen, size=c.look.size * 0.85, style="grid")


def import_dialog(s: Stage, x: float, y: float, wide: float) -> float:
    """A data-import window: tree, preview, drop-downs, small boxes, buttons at the right."""
    c, rng = s.c, s.rng
    y = blocks.heading(
        c, x, y, wide, rng.choice(("Navigator", "Import data", "Preview", "Select tables", "Combine files")), 1.3
    )
    third = (wide - 36) / 3
    for place, (_, label, value) in enumerate(pairs := s.fields("data", 3, 3)):
        left = x + place * (third + 18)
        c.text(left, y, c.fit(label, third, c.look.size * 0.85), c.look.size * 0.85, colour=c.look.muted)
        pieces.entry(c, left, y + 18, third, value, high=26, drop=s.chance(0.6))
        if c.wide(value, 14) < third - 50:
            c.fact(*pairs[place])
    y += 60
    side = wide * rng.uniform(0.3, 0.4)
    low = tree(s, x, y, side, boxes=s.chance(0.7))
    right = grid(s, x + side + 18, y, wide - side - 18)
    y = max(low, right)
    y = small_controls(s, x, y, wide)
    return pieces.buttons(
        c, x, y, wide, s.some(phrases.BUTTONS, 2, 4), rng, right=True, size=c.look.size * 0.95, high=28
    )


def small_controls(s: Stage, x: float, y: float, wide: float) -> float:
    """Small boxes at the left, small radio buttons at the right."""
    c, rng = s.c, s.rng
    box, half = rng.choice((12.0, 13.0, 14.0, 16.0)), wide / 2 - 10
    low = blocks.boxes(c, x, y, half, s.some(phrases.BOXES, 2, 6), rng, box=box, size=c.look.size * 0.92)
    right = blocks.radios(c, x + half + 20, y, half, rng, box=box, size=c.look.size * 0.92)
    return max(low, right)


def editor(s: Stage, x: float, y: float, wide: float) -> float:
    """A query editor: tabs, toolbar, list of queries, grid, list of steps with the present one highlighted."""
    c, rng = s.c, s.rng
    tabs = s.some(phrases.TABS, 4, 7)
    y = blocks.menu(c, x, y, wide, tabs, rng.randrange(3), rng, level=True, size=c.look.size * 0.95)
    y = toolbar(s, x, y - 8, wide)
    if s.chance(0.4):
        y = pages.maybe_banner(s, x, y, wide, 1)
    left, right = max(130.0, wide * 0.19), max(150.0, wide * 0.22)
    names = list(dict.fromkeys(values.value_of("table", rng) for _ in range(rng.randint(3, 7))))
    one = blocks.menu(
        c, x, y, left, names, rng.randrange(len(names)), rng, icons=True, size=c.look.size * 0.9, kind="queries"
    )
    two = grid(s, x + left + 14, y, wide - left - right - 28)
    spot = x + wide - right
    c.text(spot, y, "Applied steps", weight="bold")
    steps = s.some(phrases.STEPS, 3, 8)
    three = blocks.menu(
        c,
        spot,
        y + 24,
        right,
        steps,
        rng.randrange(len(steps)) if s.chance(0.85) else -1,
        rng,
        size=c.look.size * 0.9,
        kind="steps",
    )
    y = max(one, two, three)
    if s.chance(0.4):
        y = small_controls(s, x, y, wide)
    return y


def options(s: Stage, x: float, y: float, wide: float) -> float:
    """Options: a menu at the left, many small controls at the right, buttons below."""
    c, rng = s.c, s.rng
    side = max(140.0, wide * 0.25)
    entries = s.some(phrases.MENU, 5, 11)
    low = blocks.menu(
        c, x, y, side, entries, rng.randrange(len(entries)), rng, icons=s.chance(0.3), size=c.look.size * 0.95
    )
    left, room, box = x + side + 24, wide - side - 24, rng.choice((12.0, 13.0, 14.0, 16.0))
    spot = pages.maybe_banner(s, left, y, room, 0.2)
    for kind in rng.sample(("boxes", "radios", "boxes", "form", "sliders", "switches", "bars"), rng.randint(2, 4)):
        if s.chance(0.6):
            c.text(left, spot, rng.choice(phrases.MENU), weight="bold")
            spot += c.look.size * 1.9
        if kind == "boxes":
            spot = blocks.boxes(
                c,
                left,
                spot,
                room,
                s.some(phrases.BOXES, 2, 7),
                rng,
                box=box,
                columns=2 if room > 420 and s.chance(0.4) else 1,
            )
        elif kind == "radios":
            spot = blocks.radios(c, left, spot, room, rng, box=box, level=s.chance(0.3))
        elif kind == "form":
            spot = blocks.form_fields(
                c, left, spot, min(room, 420), s.fields(rng.choice(("data", "software")), 1, 3), rng, 26
            )
        elif kind == "switches":
            spot = blocks.switches(c, left, spot, room, s.some(phrases.SWITCHES, 2, 4), rng)
        elif kind == "bars":
            spot = blocks.bars(c, left, spot, room, s.some(phrases.PROGRESS, 1, 2), rng)
        else:
            spot = blocks.sliders(c, left, spot, room, s.some(phrases.SLIDERS, 1, 2), rng)
    y = max(low, spot) + 6
    return pieces.buttons(c, x, y, wide, s.some(phrases.BUTTONS, 2, 3), rng, right=True, high=28)


def terminal(s: Stage, x: float, y: float, wide: float) -> float:
    """Lines of a command and its trouble."""
    c, rng, size = s.c, s.rng, s.rng.choice((12.0, 13.0, 14.0))
    said = phrases.message(rng, error=True)
    pages.note_message(s, said, advice=True)
    command = rng.choice(
        ("deploy --prod", "sync --all", "pip install report", "dbload orders.csv", "ping gateway", "backup start")
    )
    lines = [f"$ {command}", f"{values.clock(rng)} INFO  Starting {values.version(rng)}"]
    lines += [f"{values.clock(rng)} INFO  {rng.choice(phrases.PROGRESS)} ... ok" for _ in range(rng.randint(1, 5))]
    lines += [f"{values.clock(rng)} ERROR {said.title}", said.what, f"hint: {said.advice}"]
    for pair in s.fields(rng.choice(("data", "software")), 1, 3):
        lines.insert(rng.randrange(2, len(lines) - 2), f"{pair[1]}: {pair[2]}")
        c.fact(*pair)
    label = fields.label_of("error_code", rng, s.split)
    lines.append(f"{label}: {said.code}")
    c.fact("error_code", label, said.code)
    for line in lines:
        ink = rgb("#ff6b6b") if "ERROR" in line else rgb("#7ee787") if line.startswith("$") else c.look.ink
        for part in c.wrap(line, wide, size, family=c.look.mono):
            c.text(x, y, part, size, colour=ink, family=c.look.mono)
            y += size * 1.5
    c.text(x, y, "$", size, colour=rgb("#7ee787"), family=c.look.mono, keep=False)
    c.box(x + 16, y + 1, 8, size, c.look.ink)
    return y + 24


# --- devices ----------------------------------------------------------------------------------------------------

TABLES = ("#b58b62", "#8a6a4c", "#d8cfc2", "#5d5348", "#c7b299", "#7d8388", "#3d3f45")
WALLS = ("#d9d4cb", "#bcc4c6", "#e6e0d2", "#a9b0a4", "#c9bfb8", "#8f9aa3")


def _room(s: Stage, wide: float, high: float) -> None:
    c, rng = s.c, s.rng
    wall, table = rgb(rng.choice(WALLS)), rgb(rng.choice(TABLES))
    if c.look.dark:
        wall, table = mixed(wall, (10, 12, 18), 0.65), mixed(table, (10, 10, 14), 0.6)
    level = high * rng.uniform(0.3, 0.5)
    for part in range(16):
        c.box(0, level * part / 16, wide, level / 16 + 1, mixed(wall, (0, 0, 0), 0.15 * part / 16))
        y = level + (high - level) * part / 16
        c.box(0, y, wide, (high - level) / 16 + 1, mixed(table, (0, 0, 0), 0.22 * (1 - part / 16)))
    for _ in range(rng.randint(0, 3)):
        x, y = rng.uniform(0, wide), rng.uniform(level, high)
        c.box(
            x,
            y,
            rng.uniform(30, 140),
            rng.uniform(8, 30),
            mixed(table, shade(rng.choice(("grey", "white")), rng), 0.4),
            radius=4,
        )


def _lamp_states(rng: random.Random, count: int) -> list[str]:
    return [rng.choice((*pieces.LAMP_COLOURS, "", "")) for _ in range(count)]


def _case(s: Stage) -> tuple[Colour, Colour]:
    if s.chance(0.5):
        case = mixed(rgb("#26282e"), rgb("#000000"), s.rng.random() * 0.6)
        return case, rgb("#c9ccd2")
    return mixed(rgb("#f2f2ee"), rgb("#c9cbd0"), s.rng.random()), rgb("#55585e")


def device_front(s: Stage, wide: float, high: float, *, columns: bool = False) -> None:
    """A router, camera or hub on a table: labelled lamps in a row (or a column), its name, some ports."""
    c, rng = s.c, s.rng
    _room(s, wide, high)
    case, print_ink = _case(s)
    width, height = (
        wide * rng.uniform(0.62, 0.86),
        high * rng.uniform(0.26, 0.42) if not columns else high * rng.uniform(0.6, 0.78),
    )
    if columns:
        width = wide * rng.uniform(0.36, 0.5)
    x, y = (wide - width) / 2, (high - height) * rng.uniform(0.4, 0.75)
    c.box(x, y, width, height, case, radius=rng.choice((8, 18, 30)), shadow=0.5)
    c.box(x + 6, y + 4, width - 12, 3, mixed(case, (255, 255, 255), 0.25))
    c.text(x + 24, y + 16, s.brand, rng.choice((16, 20, 24)), weight="bold", colour=print_ink)
    if s.chance(0.5):
        model = values.value_of("model", rng)
        c.text(x + width - 22, y + 20, model, 13, colour=print_ink, anchor="ra")
    names = s.some(phrases.LAMPS, 1, 6)
    radius, form = rng.choice((3.5, 5.0, 7.0, 9.0)), rng.choice(("round", "glow", "glow", "bar", "square", "ring"))
    size = rng.choice((11.0, 12.0, 14.0))
    states = _lamp_states(rng, len(names))
    below = s.chance(0.75)
    for place, (name, colour) in enumerate(zip(names, states, strict=True)):
        if columns:
            at, middle = x + width * 0.3, y + 70 + (height - 100) * (place + 0.5) / len(names)
            c.text(at + 30, middle, name, size, colour=print_ink, anchor="lm")
        else:
            at, middle = x + width * (place + 0.5) / len(names), y + height * 0.6
            c.text(at, middle + (radius + 14) * (1 if below else -1), name, size, colour=print_ink, anchor="mm")
        pieces.lamp(c, at, middle, radius, colour, name, rng, case, form)
    if not columns and s.chance(0.5):  # ports and feet, no marks
        for n in range(rng.randint(2, 4)):
            c.box(x + 30 + n * 40, y + height - 30, 26, 16, mixed(case, (0, 0, 0), 0.5), radius=2)
    if s.chance(0.35):
        label = c.here()
        pairs = s.fields("device", 2, 4)
        c.box(wide * 0.08, high - 20 - 22 * len(pairs) - 8, 260, 22 * len(pairs) + 14, (248, 248, 244), radius=3)
        top = high - 20 - 22 * len(pairs)
        for key, name, value in pairs:
            shown = f"{name}: {value}"
            if c.wide(shown, 13) < 244:
                c.text(wide * 0.08 + 10, top, shown, 13, colour=(30, 30, 34))
                c.fact(key, name, value)
                top += 22
        del label


def appliance(s: Stage, wide: float, high: float) -> None:
    """A machine's panel: a small display with words, lamps beside their names, round knobs that are no marks."""
    c, rng = s.c, s.rng
    case, print_ink = _case(s)
    for part in range(12):
        c.box(0, high * part / 12, wide, high / 12 + 1, mixed(case, (0, 0, 0), 0.2 * part / 12))
    c.text(wide * 0.07, high * 0.08, s.brand, 22, weight="bold", colour=print_ink)
    c.box(
        wide * 0.07, high * 0.22, wide * 0.4, high * 0.3, rgb("#0d1a14"), radius=6, border=mixed(case, (0, 0, 0), 0.4)
    )
    said = phrases.message(rng, error=True)
    c.text(wide * 0.27, high * 0.33, said.code, 26, colour=rgb("#7dffb0"), anchor="mm", family=c.look.mono)
    c.text(wide * 0.27, high * 0.44, c.fit(said.title, wide * 0.36, 14), 14, colour=rgb("#7dffb0"), anchor="mm")
    c.fact("error_code", "", said.code)
    names = s.some(phrases.LAMPS, 2, 6)
    form, radius = rng.choice(("round", "glow", "tall", "square")), rng.choice((4.0, 6.0, 8.0))
    for place, (name, colour) in enumerate(zip(names, _lamp_states(rng, len(names)), strict=True)):
        middle = high * (0.2 + 0.7 * (place + 0.5) / len(names))
        c.text(wide * 0.66, middle, name, 15, colour=print_ink, anchor="lm")
        pieces.lamp(c, wide * 0.6, middle, radius, colour, name, rng, case, form)
    for n in range(3):
        c.disc(
            wide * (0.14 + 0.13 * n), high * 0.74, 24, mixed(case, (0, 0, 0), 0.25), border=mixed(case, (0, 0, 0), 0.5)
        )
        c.box(wide * (0.14 + 0.13 * n) - 1.5, high * 0.74 - 22, 3, 14, print_ink)


def skeleton(c: Canvas, wide: float, high: float, rng: random.Random) -> None:
    """A page behind a dialog: cards and grey bars, no words and no marks."""
    grey = mixed(c.look.card, c.look.ink, 0.14)
    c.box(20, 30, rng.uniform(110, 220), 18, mixed(c.look.paper, c.look.ink, 0.3), radius=4)
    y = 70.0
    while y < high - 50:
        each = rng.choice((70, 96, 130))
        c.box(16, y, wide - 32, each, c.look.card, radius=c.look.radius)
        c.disc(48, y + each / 2, 18, mixed(c.look.card, c.look.accent, 0.5))
        for row in range(int(each // 40)):
            c.box(80, y + 20 + 26 * row, rng.uniform(0.2, 0.6) * wide, 10, grey, radius=5)
        y += each + 14
