"""The sections of a page: fields, tables, groups of controls, lists. Each gives back the y below itself."""

from __future__ import annotations

import random

from finetune.screens import controls, fields, meters, phrases, pieces, signs, values
from finetune.screens.canvas import Canvas, Listed, Written
from finetune.screens.colours import Colour, mixed

Pair = tuple[str, str, str]  # key, label, value
_AS_BADGE = frozenset({"status", "priority", "plan", "signal"})


def pick_fields(c: Canvas, rng: random.Random, split: str, theme: str, count: int) -> list[Pair]:
    """Fields of a theme whose labels are not yet on the screen, noted as facts."""
    pool = [key for key in fields.THEMES[theme] if key not in {fact[0] for fact in c.facts}]
    used, found = {fact[1].lower() for fact in c.facts}, []
    for key in sorted(rng.sample(pool, min(count, len(pool))), key=pool.index):
        label = fields.label_of(key, rng, split)
        if label.lower() in used:
            continue
        used.add(label.lower())
        found.append((key, label, values.value_of(key, rng)))
    return found


def heading(c: Canvas, x: float, y: float, wide: float, text: str, grow: float = 1.35) -> float:
    """A heading; a large one is the page's."""
    size = c.look.size * grow
    if grow >= 1.3:
        c.titled(text)
    return c.para(x, y, wide, text, size, weight="bold", leading=1.3) + size * 0.35


def rows(c: Canvas, x: float, y: float, wide: float, pairs: list[Pair], manner: str) -> float:
    """Labelled values: "right", "column", "above", "inline" or "grid"."""
    look, size = c.look, c.look.size
    if manner == "grid" and wide > 420:
        half = (wide - 24) / 2
        low = y
        for place, pair in enumerate(pairs):
            low = max(low, rows(c, x + (half + 24) * (place % 2), y, half, [pair], "above"))
            if place % 2:
                y = low
        return low
    column = max([c.wide(label, size) for _, label, _ in pairs], default=0) + 18
    if manner == "column" and column > wide * 0.5:
        manner = "above"
    for key, label, value in pairs:
        if manner == "above":
            c.text(x, y, label, size * 0.84, colour=look.muted)
            shown = c.fit(value, wide, size, "medium")
            c.text(x, y + size * 1.2, shown, size, weight="medium")
            y += size * 3.0
        elif manner == "inline":
            shown = c.fit(value, wide - c.wide(label + ": ", size), size)
            c.text(x, y, f"{label}: {shown}", size)
            y += size * 1.65
        else:
            room = wide - c.wide(label, size) - 16
            shown = c.fit(value, room if manner == "right" else wide - column, size, "medium")
            c.text(x, y, label, size, colour=look.muted)
            lot = random.Random(f"{label} {value}")
            if key in _AS_BADGE and shown == value and lot.random() < 0.5:
                at = x + wide if manner == "right" else x + column
                pieces.badge(c, at, y + size * 0.6, value, lot, right=manner == "right")
                shown = value = c.words[-1].text
            elif manner == "right":
                c.text(x + wide, y, shown, size, weight="medium", anchor="ra")
            else:
                c.text(x + column, y, shown, size, weight="medium")
            y += size * 1.95
        if shown == value:
            c.fact(key, label, value)
        if manner == "right" and look.bordered:
            c.rule(x, y - size * 0.4, wide)
            y += 2
    return y + 4


def fields_card(
    c: Canvas, x: float, y: float, wide: float, pairs: list[Pair], rng: random.Random, manner: str = "", title: str = ""
) -> float:
    """Labelled values on a card."""
    pad, since = c.look.pad, c.here()
    manner = manner or rng.choice(("right", "right", "column", "above", "inline", "grid"))
    top = y + pad
    if title:
        top = heading(c, x + pad, top, wide - 2 * pad, title, 1.1)
    end = rows(c, x + pad, top, wide - 2 * pad, pairs, manner) + pad - 8
    pieces.card(c, since, x, y, wide, end - y)
    return end + 14


def table(
    c: Canvas, x: float, y: float, wide: float, header: list[str], body: list[list[str]], rng: random.Random, *,
    chosen: int = -1, boxes: bool = False, badges: int = -1, size: float = 0, style: str = "",
) -> float:  # fmt: skip
    """A grid with a header; a chosen row is highlighted, `boxes` puts a check box before each row."""
    look, since = c.look, c.here()
    size = size or look.size * 0.92
    style = style or rng.choice(("lines", "zebra", "grid", "plain"))
    lead = size * 2.2 if boxes else 0.0
    each, high = (wide - lead) / len(header), size * rng.choice((2.1, 2.4, 2.8))
    tone, box_size = controls.tone_for(c, rng), max(11.0, size * 1.05)
    shares = [max([len(str(row[n])) for row in [header, *body]] + [4]) for n in range(len(header))]
    widths = [(wide - lead) * share / sum(shares) for share in shares]
    if min(widths) < each * 0.55:
        widths = [0.5 * width + 0.5 * each for width in widths]
    c.box(x, y, wide, high, mixed(look.card, look.ink, 0.07))
    told: list[list[Written]] = []
    for number, row in enumerate([header, *body]):
        before, left, middle = c.here(), x + lead, y + high / 2
        ink = pieces.ink_on(c) if number - 1 == chosen and number else look.ink
        for place, cell in enumerate(row):
            shown = c.fit(cell, widths[place] - 14, size)
            if number and place == badges:
                pieces.badge(c, left + 8, middle, c.fit(cell, widths[place] - 26, size), rng, size=size * 0.85)
            elif number:
                c.text(left + 8, middle, shown, size, colour=ink, anchor="lm")
            else:
                shown = c.fit(cell, widths[place] - 14, size, "medium")
                c.text(left + 8, middle, shown, size, weight="medium", colour=look.muted, anchor="lm")
            left += widths[place]
        told.append(c.words[before[1] :])
        if boxes and number:
            state = rng.choice(("on", "off", "off"))
            controls.checkbox(c, x + 7, middle, box_size, state, c.fit(row[0], widths[0] - 14, size), tone)
        if number and number - 1 == chosen:
            words = " ".join(written.text for written in c.words[before[1] :])
            pieces.select(c, before, x, y, wide, high, words)
        elif number and style == "zebra" and number % 2 == 0:
            spot = y
            c.under(before, lambda spot=spot: c.box(x, spot, wide, high, mixed(look.card, look.ink, 0.03)))  # type: ignore[misc]
        y += high
        if style in ("lines", "grid"):
            c.rule(x, y - 0.5, wide)
    if all(len(row) == len(header) for row in told):
        c.grids.append(Listed("table", told[0], told[1:]))
    total = high * (len(body) + 1)
    if style == "grid":
        left = x + lead
        for width in widths[:-1]:
            left += width
            c.box(left, y - total, 1, total, look.line)
    pieces.card(c, since, x, y - total, wide, total)
    return y + 14


def switches(c: Canvas, x: float, y: float, wide: float, labels: list[str], rng: random.Random) -> float:
    """Settings with a switch each: at the right, or before the words."""
    look, since, top = c.look, c.here(), y
    left = rng.random() < 0.2
    size, pad = look.size, look.pad
    high = rng.choice((15.0, 18.0, 20.0, 24.0, 28.0))
    row, tone = max(high + 16, size * 2.4), controls.tone_for(c, rng)
    below = rng.random() < 0.25
    for label in labels:
        each = row + (size * 1.1 if below else 0)
        span, _ = controls.switch_size(c, high)
        state = rng.random() < 0.5
        label = c.fit(label, wide - 2 * pad - span - 20, size)
        at = x + pad + (span + 12 if left else 0)
        middle = y + row / 2
        c.text(at, middle, label, size, anchor="lm")
        if below:
            note = c.fit(rng.choice(phrases.FILLER), wide - 2 * pad - span - 30, size * 0.82)
            c.text(at, middle + size * 0.8, note, size * 0.82, colour=look.muted)
        controls.switch(
            c,
            x + pad if left else x + wide - pad - span,
            y + each / 2 if not left else middle,
            high,
            state,
            label,
            tone,
        )
        y += each
        if look.bordered:
            c.rule(x + pad, y, wide - 2 * pad)
    pieces.card(c, since, x, top, wide, y - top)
    return y + 14


def boxes(
    c: Canvas, x: float, y: float, wide: float, labels: list[str], rng: random.Random, *, columns: int = 1,
    box: float = 0, size: float = 0, right: bool = False,
) -> float:  # fmt: skip
    """Check boxes with their words, in one column or more."""
    look = c.look
    size, tone = size or look.size, controls.tone_for(c, rng)
    box = box or rng.choice((12.0, 13.0, 15.0, 16.0, 18.0, 20.0, 24.0))
    row, each, first = max(box + 9, size * 1.7), wide / columns, len(c.words)
    for place, label in enumerate(labels):
        column, line = place % columns, place // columns
        left, middle = x + each * column, y + row * line + row / 2
        state = rng.choices(("on", "off", "mixed"), (5, 5, 1))[0]
        grey = rng.random() < 0.06
        label = c.fit(label, each - box - 22, size)
        ink = mixed(look.card, look.ink, 0.4) if grey else look.ink
        c.text(left if right else left + box + 8, middle, label, size, colour=ink, anchor="lm")
        controls.checkbox(c, left + each - box - 8 if right else left, middle, box, state, label, tone, grey)
    if columns == 1:
        c.list_of("boxes", c.words[first:])
    return y + row * -(-len(labels) // columns) + 10


def radios(
    c: Canvas, x: float, y: float, wide: float, rng: random.Random, *, box: float = 0, size: float = 0,
    level: bool = False, count: int = 4, framed: bool = False,
) -> float:  # fmt: skip
    """A question with a radio button before each answer, one of them chosen (or none)."""
    look = c.look
    size, tone = size or look.size, controls.tone_for(c, rng)
    box = box or rng.choice((12.0, 13.0, 15.0, 16.0, 18.0, 20.0, 24.0))
    title, answers = rng.choice(phrases.CHOICES)
    answers = tuple(answers[:count])
    c.text(x, y, title, size, weight="medium")
    y += size * 1.75
    chosen = rng.randrange(len(answers)) if rng.random() < 0.93 else -1
    spot, row, first = x, max(box + 10, size * 1.75), len(c.words)
    grey = rng.randrange(20) if rng.random() < 0.3 else -1
    for place, answer in enumerate(answers):
        need = box + 8 + c.wide(answer, size) + 22
        if level and spot + need > x + wide and spot > x:
            spot, y = x, y + row
        ink = mixed(look.card, look.ink, 0.4) if place == grey else look.ink
        if framed and not level:
            edge = look.accent if place == chosen else look.line
            c.box(x, y, wide, row + 8, look.card, radius=look.radius, border=edge, thick=2 if place == chosen else 1)
            if place == chosen:
                c.mark("selected", x, y, wide, row + 8, label=answer)
        pad, middle = (12.0, y + (row + 8) / 2) if framed and not level else (0.0, y + row / 2)
        c.text(spot + pad + box + 8, middle, answer, size, colour=ink, anchor="lm")
        controls.radio(c, spot + pad, middle, box, place == chosen, answer, tone, place == grey)
        if level:
            spot += need
        else:
            y += row + (14 if framed else 0)
    if not level:
        c.list_of("options", c.words[first:])
    return y + (row if level else 0) + 10


def sliders(c: Canvas, x: float, y: float, wide: float, labels: list[str], rng: random.Random) -> float:
    """Sliders under (or beside) their names; some with their value in words."""
    tone, size = controls.tone_for(c, rng), c.look.size
    beside = rng.random() < 0.4 and wide > 360
    column = max(c.wide(label, size) for label in labels) + 16
    told = rng.random() < 0.35
    for label in labels:
        value = rng.choice((rng.random(), rng.randrange(0, 11) / 10))
        value = round(value, 2)
        room = 48 if told else 0
        if beside:
            c.text(x, y + 14, label, size, anchor="lm")
            meters.slider(c, x + column, y + 14, wide - column - room, value, label, tone)
            middle = y + 14
            y += 36
        else:
            c.text(x, y, label, size)
            middle = y + size * 1.4 + 12
            meters.slider(c, x, middle, wide - room, value, label, tone)
            y += size * 1.4 + 34
        if told:
            c.text(x + wide, middle, f"{round(value * 100)}%", size * 0.9, anchor="rm", colour=c.look.muted)
    return y + 8


def bars(c: Canvas, x: float, y: float, wide: float, labels: list[str], rng: random.Random) -> float:
    """Progress bars under their names; some with their value in words."""
    tone, size = controls.tone_for(c, rng), c.look.size
    ring = c.look.styles["progress"].endswith("ring")
    told = rng.random() < 0.4
    for label in labels:
        value = round(rng.choice((rng.random(), rng.random(), 0.0, 1.0, rng.randrange(0, 11) / 10)), 2)
        shown = f"{round(value * 100)}%"
        if ring:
            meters.progress(c, x, y + 24, wide, value, label, tone)
            c.text(x + 60, y + 24, label, size, anchor="lm")
            if told:
                c.text(x + 24, y + 24, shown, 11, anchor="mm")
            y += 60
            continue
        c.text(x, y, label, size)
        if told and c.look.styles["progress"] not in ("segmented", "worded inside"):
            c.text(x + wide, y, shown, size * 0.95, anchor="ra", colour=c.look.muted)
        meters.progress(c, x, y + size * 1.5 + 8, wide, value, label, tone)
        y += size * 1.5 + 30
    return y + 6


def ratings(c: Canvas, x: float, y: float, wide: float, labels: list[str], rng: random.Random) -> float:
    """Rows of stars with what they are for."""
    size = c.look.size
    star = rng.choice((14.0, 18.0, 22.0, 28.0))
    column = max(c.wide(label, size) for label in labels) + 18
    above = column + star * 9 > wide or rng.random() < 0.3
    for label in labels:
        count = rng.randrange(0, 6)
        if above:
            c.text(x, y, label, size)
            meters.stars(c, x, y + size * 1.5 + star / 2, star, count, label)
            y += size * 1.5 + star + 14
        else:
            middle = y + max(star, size) / 2 + 3
            c.text(x, middle, label, size, anchor="lm")
            meters.stars(c, x + column, middle, star, count, label)
            y += max(star, size) + 14
    return y + 4


def lights(c: Canvas, x: float, y: float, wide: float, labels: list[str], rng: random.Random) -> float:
    """Things with a status dot: at the right, or before their name."""
    look, since, top, size = c.look, c.here(), y, c.look.size
    left, radius = rng.random() < 0.5, rng.choice((4.0, 5.0, 6.0, 8.0))
    form = rng.choice(("round", "round", "round", "square", "ring"))
    row = max(size * 2.3, radius * 2 + 14)
    told = rng.random() < 0.3
    for label in labels:
        middle = y + row / 2
        name = rng.choice((*pieces.LAMP_COLOURS, "", "", "pink"))
        name = "" if name == "white" and not look.dark else name
        at = x + look.pad + radius if left else x + wide - look.pad - radius
        c.text(x + look.pad + (2 * radius + 10 if left else 0), middle, label, size, anchor="lm")
        pieces.lamp(c, at, middle, radius, name, label, rng, look.card, form)
        if told and left:
            word = {"green": "Online", "red": "Offline", "": "Unknown"}.get(name, "Limited")
            c.text(x + wide - look.pad, middle, word, size * 0.9, colour=look.muted, anchor="rm")
        y += row
        if look.bordered:
            c.rule(x + look.pad, y, wide - 2 * look.pad)
    pieces.card(c, since, x, top, wide, y - top)
    return y + 14


def menu(
    c: Canvas, x: float, y: float, wide: float, entries: list[str], chosen: int, rng: random.Random, *,
    icons: bool = False, level: bool = False, size: float = 0, kind: str = "menu",
) -> float:  # fmt: skip
    """Entries one under another (or side by side: tabs); the chosen one is highlighted."""
    look = c.look
    size = size or look.size
    high, spot, top, first = size * 2.35, x, y, len(c.words)
    lead = size * 1.9 if icons else 0.0
    for place, entry in enumerate(entries):
        since = c.here()
        ink: Colour = pieces.ink_on(c) if place == chosen else look.muted if level else look.ink
        weight = "bold" if place == chosen and look.styles["selected"] in ("bold tint", "underline") else "regular"
        width = c.wide(entry, size, weight) + 26 + lead if level else wide
        if level and spot + width > x + wide:
            break
        if icons:
            signs.plain_icon(c, spot + 11, y + high / 2 - size / 2, size, ink, rng)
        shown = entry if level else c.fit(entry, width - lead - 20, size, weight)
        c.text(spot + 13 + lead, y + high / 2, shown, size, weight=weight, colour=ink, anchor="lm")
        if place == chosen:
            pieces.select(c, since, spot, y, width, high, shown)
        spot, y = (spot + width + 2, y) if level else (spot, y + high + 1)
    c.list_of("tabs" if level else kind, c.words[first:], level)
    if level:
        c.rule(x, top + high, wide)
        return top + high + 12
    return y + 8


def form_fields(
    c: Canvas, x: float, y: float, wide: float, pairs: list[Pair], rng: random.Random, high: float = 0
) -> float:
    """Entry fields with their labels above or before; some are empty, some to choose from."""
    look, size = c.look, c.look.size
    high = high or rng.choice((26.0, 30.0, 34.0, 40.0))
    column = max([c.wide(label, size) for _, label, _ in pairs], default=0) + 16
    before = wide > 380 and column < wide * 0.4 and rng.random() < 0.45
    for key, label, value in pairs:
        left, room = (x + column, wide - column) if before else (x, wide)
        empty, drop, extra = rng.random() < 0.12, rng.random() < 0.2, rng.random()
        if before:
            word = c.text(x, y + high / 2, label, size, anchor="lm", colour=look.muted)
        else:
            word = c.text(x, y, label, size * 0.9, colour=look.muted)
        if extra < 0.15 and word[2] + 24 < left + (0 if before else room):
            signs.hint_sign(c, word[2] + 5, (word[1] + word[3]) / 2)
        y += 0 if before else size * 1.35
        pieces.entry(c, left, y, room, "" if empty else value, high=high, drop=drop)
        if not empty and c.wide(value, min(size, high * 0.55)) <= room - 24 - (16 if drop else 0):
            c.fact(key, label, value)
        y += high + 12
    return y + 4
