"""The pages of the generator: what stands on each kind, composed of blocks by lot."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from finetune.screens import blocks, fields, meters, phrases, pieces, products, signs, values
from finetune.screens.canvas import Canvas
from finetune.screens.colours import mixed, on


@dataclass
class Stage:
    """What a page is drawn on: the list of things to draw, the lot, the split, the company and the height there is."""

    c: Canvas
    rng: random.Random
    split: str
    brand: str
    limit: float

    def fields(self, theme: str, low: int, high: int) -> list[blocks.Pair]:
        """Some fields of a theme."""
        return blocks.pick_fields(self.c, self.rng, self.split, theme, self.rng.randint(low, high))

    def some(self, words: tuple[str, ...], low: int, high: int) -> list[str]:
        """Some different words."""
        return phrases.some(self.rng, words, self.rng.randint(low, high))

    def chance(self, share: float) -> bool:
        """True that often."""
        return self.rng.random() < share


Body = Callable[[Stage, float, float, float], float]


def maybe_banner(s: Stage, x: float, y: float, wide: float, share: float = 0.3) -> float:
    """A banner on top, sometimes."""
    if not s.chance(share):
        return y
    said = phrases.message(s.rng, error=s.chance(0.4))
    long = s.chance(0.3)
    note_message(s, said, advice=long)
    title, text = said.title if s.chance(0.6) else "", f"{said.what} {said.advice}" if long else said.what
    action = "" if s.chance(0.7) else s.rng.choice(("Learn more", "Details", "Show me", "Fix now"))
    return pieces.banner(s.c, x, y, wide, said.sign, title, text, s.rng, icon=s.chance(0.75), action=action)


def note_message(s: Stage, said: phrases.Message, advice: bool = False) -> None:
    """Keep what a message says."""
    key = "error" if said.sign in ("error", "warning") else "message"
    s.c.notes.setdefault(key, said.what)
    if advice:
        s.c.notes.setdefault("advice", said.advice)


def order(s: Stage, x: float, y: float, wide: float) -> float:
    """One order with its fields, items and sums."""
    c, rng = s.c, s.rng
    y = maybe_banner(s, x, y, wide, 0.25)
    if s.chance(0.5):
        pieces.badge(c, x, y + 10, rng.choice(phrases.BADGES), rng)
        y += 30
    y = blocks.fields_card(c, x, y, wide, s.fields("order", 4, 8), rng)
    if s.chance(0.7):
        y = items(s, x, y, wide)
    if s.chance(0.5) and y < s.limit - 150:
        y = blocks.fields_card(c, x, y, wide, s.fields("shop", 2, 4), rng, "right")
    return pieces.buttons(c, x, y, wide, s.some(phrases.BUTTONS, 1, 3), rng)


def items(s: Stage, x: float, y: float, wide: float) -> float:
    """What was bought, in a grid."""
    rng = s.rng
    heads = rng.choice((["Item", "Qty", "Price"], ["Product", "SKU", "Price"], ["Article", "Quantity", "Total"]))
    body = []
    for _ in range(rng.randint(1, 4)):
        second = values.value_of("sku", rng) if heads[1] == "SKU" else str(rng.randint(1, 9))
        body.append([products.product(rng), second, values.money(rng, 2, 300)])
    return blocks.table(s.c, x, y, wide, heads, body, rng)


def orders(s: Stage, x: float, y: float, wide: float) -> float:
    """A list of orders or tickets in a grid, perhaps with a chosen row and boxes."""
    c, rng = s.c, s.rng
    if s.chance(0.6):
        tabs = s.some(phrases.TABS, 3, 6)
        y = blocks.menu(c, x, y, wide, tabs, rng.randrange(min(3, len(tabs))), rng, level=True)
    y = maybe_banner(s, x, y, wide, 0.15)
    kinds: tuple[str, ...] = (
        "order_number date status total",
        "invoice_number due_date amount_due status",
        "file_name file_size date",
    )
    kinds += ("ticket_number subject priority agent", "booking_reference customer_name date total")
    keys = rng.choice(kinds).split()
    shown = keys[: 3 if wide < 420 else 4]
    heads = [fields.label_of(key, rng, s.split) for key in shown]
    body = [[values.value_of(key, rng) for key in shown] for _ in range(rng.randint(3, 9))]
    badges = len(shown) - 1 if shown[-1] in ("status", "priority") and s.chance(0.6) else -1
    chosen = rng.randrange(len(body)) if s.chance(0.5) else -1
    y = blocks.table(c, x, y, wide, heads, body, rng, chosen=chosen, boxes=s.chance(0.4), badges=badges)
    return pieces.buttons(c, x, y, wide, s.some(phrases.BUTTONS, 1, 4), rng, right=s.chance(0.4))


def invoice(s: Stage, x: float, y: float, wide: float) -> float:
    """A bill: who, when, what and how much."""
    c, rng = s.c, s.rng
    y = blocks.heading(c, x, y, wide, s.brand, 1.8)
    c.text(
        x + wide,
        y - 30,
        rng.choice(("INVOICE", "Invoice", "Receipt", "RECEIPT", "Bill")),
        c.look.size * 1.4,
        anchor="ra",
    )
    if s.chance(0.4):
        pieces.badge(c, x + wide, y + 6, rng.choice(("Paid", "Overdue", "Open", "Draft", "PAID")), rng, right=True)
        y += 22
    y = blocks.rows(c, x, y, wide, s.fields("invoice", 4, 8), rng.choice(("column", "grid", "right", "inline")))
    y = items(s, x, y + 6, wide)
    low = y
    half = wide * 0.5 if wide > 400 else wide
    sums = [pair for pair in s.fields("shop", 8, 11) if pair[0] in ("subtotal", "tax", "shipping", "discount", "total")]
    y = blocks.rows(c, x + wide - half, low, half, sums, "right")
    return c.para(x, y + 8, wide, phrases.filler(rng, 1), c.look.size * 0.85, colour=c.look.muted)


def tracking(s: Stage, x: float, y: float, wide: float) -> float:
    """A parcel on its way: fields and a line of steps; the present one is told in words."""
    c, rng = s.c, s.rng
    y = maybe_banner(s, x, y, wide, 0.25)
    y = blocks.fields_card(c, x, y, wide, s.fields("parcel", 3, 6), rng)
    if s.chance(0.4):
        y = blocks.bars(c, x, y, wide, ["Delivery progress"], rng)
    steps = (
        "Order received",
        "Packed",
        "Handed to carrier",
        "In transit",
        "At the depot",
        "Out for delivery",
        "Delivered",
    )
    count, since, top = rng.randint(3, 7), c.here(), y
    now = rng.randrange(count)
    y += 14
    for place, step in enumerate(steps[:count]):
        tone = c.look.accent if place <= now else mixed(c.look.card, c.look.ink, 0.25)
        if place < count - 1:
            c.box(x + 23, y + 8, 2, 38, tone if place < now else mixed(c.look.card, c.look.ink, 0.2))
        c.box(x + 18, y + 3, 12, 12, tone, radius=rng.choice((2, 6)) if place == 0 else 2)
        c.text(x + 44, y, step, weight="bold" if place == now else "regular")
        if place <= now:
            c.text(
                x + 44,
                y + c.look.size * 1.35,
                f"{values.day(rng)}, {values.clock(rng)}",
                c.look.size * 0.8,
                colour=c.look.muted,
            )
        y += 46
    pieces.card(c, since, x, top, wide, y - top)
    c.notes["step"] = steps[now]
    return pieces.buttons(c, x, y + 14, wide, s.some(phrases.BUTTONS, 0, 2), rng)


def settings(s: Stage, x: float, y: float, wide: float) -> float:
    """Groups of switches, boxes, radio buttons, sliders and fields in any order."""
    c, rng = s.c, s.rng
    y = maybe_banner(s, x, y, wide, 0.2)
    kinds = ["switches", "radios", "boxes", "sliders", "switches", "fields", "form", "bars"]
    rng.shuffle(kinds)
    for kind in kinds[: rng.randint(2, 4)]:
        if y > s.limit - 140:
            break
        if s.chance(0.5):
            y = blocks.heading(c, x, y, wide, rng.choice(phrases.MENU), 1.1)
        if kind == "switches":
            y = blocks.switches(c, x, y, wide, s.some(phrases.SWITCHES, 2, 6), rng)
        elif kind == "radios":
            y = blocks.radios(c, x, y, wide, rng, level=s.chance(0.25), framed=s.chance(0.2))
        elif kind == "boxes":
            y = blocks.boxes(
                c,
                x,
                y,
                wide,
                s.some(phrases.BOXES, 2, 6),
                rng,
                columns=2 if wide >= 460 and s.chance(0.5) else 1,
                right=wide < 460 and s.chance(0.2),
            )
        elif kind == "sliders":
            y = blocks.sliders(c, x, y, wide, s.some(phrases.SLIDERS, 1, 3), rng)
        elif kind == "bars":
            y = blocks.bars(c, x, y, wide, s.some(phrases.PROGRESS, 1, 2), rng)
        elif kind == "fields":
            y = blocks.fields_card(c, x, y, wide, s.fields(rng.choice(("device", "account", "software")), 2, 4), rng)
        else:
            y = blocks.form_fields(
                c, x, y, min(wide, 520), s.fields(rng.choice(("account", "device", "data")), 1, 3), rng
            )
    return pieces.buttons(c, x, y + 4, wide, s.some(phrases.BUTTONS, 0, 3), rng, right=s.chance(0.4))


def form(s: Stage, x: float, y: float, wide: float) -> float:
    """Fields to fill in, some choices and a button."""
    c, rng = s.c, s.rng
    y = maybe_banner(s, x, y, wide, 0.3)
    y = blocks.form_fields(
        c, x, y, wide, s.fields(rng.choice(("account", "ticket", "order", "travel", "data")), 2, 6), rng
    )
    if s.chance(0.4):
        y = blocks.radios(c, x, y, wide, rng, level=s.chance(0.5))
    if s.chance(0.6):
        y = blocks.boxes(c, x, y, wide, s.some(phrases.BOXES, 1, 3), rng)
    return pieces.buttons(c, x, y + 4, wide, s.some(phrases.BUTTONS, 1, 3), rng, right=s.chance(0.3))


def update(s: Stage, x: float, y: float, wide: float) -> float:
    """Software that is being brought up to date."""
    c, rng = s.c, s.rng
    if s.chance(0.5):
        meters.spinner(c, x, y, rng.choice((20, 28, 40)), "", rng)
        c.seen[-1].label = (
            c.text(
                x + 54,
                y + 14,
                rng.choice(("Please wait...", "Loading...", "Working on it", "Checking for updates")),
                anchor="lm",
            )
            and c.words[-1].text
        )
        y += 54
    y = blocks.fields_card(c, x, y, wide, s.fields("software", 2, 5), rng)
    y = blocks.bars(c, x, y, wide, s.some(phrases.PROGRESS, 1, 3), rng)
    y = c.para(x, y, wide, phrases.filler(rng, 2), colour=c.look.muted) + 10
    if s.chance(0.5):
        y = blocks.switches(c, x, y, wide, s.some(phrases.SWITCHES, 1, 2), rng)
    return pieces.buttons(c, x, y, wide, s.some(phrases.BUTTONS, 1, 3), rng)


def rating(s: Stage, x: float, y: float, wide: float) -> float:
    """Stars for a thing or a service."""
    c, rng = s.c, s.rng
    y = blocks.heading(c, x, y, wide, products.product(rng), 1.2)
    y = blocks.ratings(c, x, y, wide, s.some(phrases.RATED, 1, 5), rng)
    y = c.para(x, y + 4, wide, phrases.filler(rng, 2), colour=c.look.muted) + 10
    if s.chance(0.4):
        y = blocks.fields_card(c, x, y, wide, s.fields("shop", 2, 3), rng)
    return pieces.buttons(c, x, y, wide, s.some(phrases.BUTTONS, 1, 2), rng)


def devices(s: Stage, x: float, y: float, wide: float) -> float:
    """Devices or services with a dot of their state."""
    c, rng = s.c, s.rng
    y = maybe_banner(s, x, y, wide, 0.25)
    y = blocks.lights(c, x, y, wide, s.some(phrases.DEVICES if s.chance(0.5) else phrases.SERVICES, 2, 7), rng)
    if s.chance(0.5) and y < s.limit - 150:
        y = blocks.switches(c, x, y, wide, s.some(phrases.SWITCHES, 1, 3), rng)
    if s.chance(0.4) and y < s.limit - 150:
        y = blocks.fields_card(c, x, y, wide, s.fields("device", 2, 4), rng)
    return pieces.buttons(c, x, y, wide, s.some(phrases.BUTTONS, 0, 2), rng)


def device_page(s: Stage, x: float, y: float, wide: float) -> float:
    """One device: its fields and controls."""
    c, rng = s.c, s.rng
    if s.chance(0.4):
        y = blocks.lights(c, x, y, wide, s.some(phrases.LAMPS, 1, 4), rng)
    y = blocks.fields_card(c, x, y, wide, s.fields("device", 4, 9), rng)
    if s.chance(0.4):
        y = blocks.sliders(c, x, y, wide, s.some(phrases.SLIDERS, 1, 2), rng)
    if s.chance(0.5):
        y = blocks.switches(c, x, y, wide, s.some(phrases.SWITCHES, 1, 4), rng)
    return pieces.buttons(c, x, y, wide, s.some(phrases.BUTTONS, 0, 2), rng)


def chat(s: Stage, x: float, y: float, wide: float) -> float:
    """Two people writing, in bubbles."""
    c, rng = s.c, s.rng
    start = rng.randrange(len(phrases.CHAT) - 8)
    ours, size = c.look.accent, c.look.size
    for place, line in enumerate(phrases.CHAT[start : start + rng.randint(4, 8)]):
        mine = place % 2 == rng.randrange(2)
        lines = c.wrap(line, wide * 0.66, size)
        width = max(c.wide(part, size) for part in lines) + 24
        high = len(lines) * size * 1.35 + 16
        left = x + wide - width if mine else x + 34
        ground = ours if mine else mixed(c.look.card, c.look.ink, 0.1)
        if not mine:
            c.disc(x + 13, y + 14, 13, mixed(c.look.card, c.look.accent, 0.45))
        c.box(left, y, width, high, ground, radius=12)
        c.para(left + 12, y + 8, wide, "", size)
        top = y + 8
        for part in lines:
            c.text(left + 12, top, part, size, colour=on(ground) if mine else c.look.ink)
            top += size * 1.35
        y += high + 5
        if s.chance(0.4):
            c.text(
                left + width if mine else left,
                y,
                values.clock(rng),
                size * 0.72,
                colour=c.look.muted,
                anchor="ra" if mine else "la",
            )
            y += size
        y += 6
    pieces.entry(c, x, y, wide - 90, "Write a message", hint=True)
    pieces.button(c, x + wide - 80, y, 80, "Send", "primary" if s.chance(0.5) else "disabled")
    return y + 46


def mail(s: Stage, x: float, y: float, wide: float) -> float:
    """A letter by mail: head, fields, sentences, a button."""
    c, rng = s.c, s.rng
    y = blocks.heading(c, x, y, wide, values.value_of("subject", rng))
    c.disc(x + 16, y + 16, 16, mixed(c.look.card, c.look.accent, 0.55))
    c.text(x + 42, y, s.brand, weight="bold")
    c.text(
        x + 42,
        y + c.look.size * 1.35,
        f"noreply@{s.brand.lower().replace('&', '')}.example",
        c.look.size * 0.84,
        colour=c.look.muted,
    )
    y += 52
    y = c.para(x, y, wide, f"Hello {values.person(rng)},") + 6
    y = c.para(x, y, wide, phrases.filler(rng, rng.randint(2, 4))) + 10
    theme = rng.choice(("order", "parcel", "invoice", "ticket", "travel", "money"))
    y = blocks.fields_card(c, x, y, wide, s.fields(theme, 3, 6), rng)
    y = c.para(x, y, wide, phrases.filler(rng, 2)) + 8
    return pieces.buttons(c, x, y, wide, s.some(phrases.BUTTONS, 0, 2), rng)


def plans(s: Stage, x: float, y: float, wide: float) -> float:
    """Plans side by side (or stacked); the chosen card is highlighted."""
    c, rng = s.c, s.rng
    names = phrases.some(rng, ("Basic", "Free", "Plus", "Pro", "Business", "Premium", "Team", "Starter", "Family"), 3)
    stacked, chosen = wide < 500, rng.randrange(3) if s.chance(0.75) else -1
    each, best = (wide if stacked else (wide - 28) / 3), rng.randrange(3) if s.chance(0.4) else -1
    low = top = y
    for place, name in enumerate(names):
        since = c.here()
        left, spot = (x, low) if stacked else (x + place * (each + 14), top)
        inner, at = each - 28, spot + 16
        ink = pieces.ink_on(c) if place == chosen else c.look.ink
        c.text(left + 14, at, name, c.look.size * 1.15, weight="bold", colour=ink)
        words = [name, f"{values.money(rng, 2, 60)} / month"]
        if place == best:
            pieces.badge(
                c, left + each - 12, at + 8, rng.choice(("Popular", "Best value", "Recommended")), rng, right=True
            )
        at += c.look.size * 1.8
        c.text(left + 14, at, words[1], c.look.size, colour=ink)
        at += c.look.size * 1.8
        for thing in phrases.some(rng, phrases.SWITCHES, 1 if stacked else 3):
            c.disc(left + 18, at + c.look.size * 0.6, 2.2, ink)
            shown = c.fit(thing, inner - 16, c.look.size * 0.9)
            c.text(left + 28, at, shown, c.look.size * 0.9, colour=ink)
            words.append(shown)
            at += c.look.size * 1.5
        high = at + 12 - spot
        if place == chosen:
            pieces.select(c, since, left, spot, each, high, name)
        else:
            pieces.card(c, since, left, spot, each, high)
        low = max(low, spot + high + (12 if stacked else 0))
    y = low + 14
    return pieces.buttons(c, x, y, wide, s.some(phrases.BUTTONS, 1, 2), rng)


def message_body(s: Stage, x: float, y: float, wide: float, said: phrases.Message, *, centre: bool = False,
                 icon: float = 36, beside: bool = True, code: bool = True) -> float:  # fmt: skip
    """The sign, title, words and code of a message."""
    c, rng = s.c, s.rng
    note_message(s, said, advice=True)
    left, room = x, wide
    if icon and centre:
        signs.sign_icon(c, x + wide / 2 - icon / 2, y, icon, said.sign, said.title, rng)
        y += icon + 14
    elif icon and beside:
        signs.sign_icon(c, x, y, icon, said.sign, said.title, rng)
        left, room = x + icon + 16, wide - icon - 16
    top = c.para(left, y, room, said.title, c.look.size * 1.2, weight="bold", centre=centre)
    top = c.para(left, top + 6, room, said.what, centre=centre)
    top = c.para(left, top + 3, room, said.advice, centre=centre)
    if said.code and code and s.chance(0.75):
        label = fields.label_of("error_code", rng, s.split)
        spot = (x + wide / 2, "ma") if centre else (left, "la")
        c.text(spot[0], top + 5, f"{label}: {said.code}", c.look.size * 0.88, colour=c.look.muted, anchor=spot[1])
        c.fact("error_code", label, said.code)
        top += c.look.size * 1.8
    return max(top, y + (icon if beside and not centre else 0)) + 14
