"""What a data tool shows of a table: rows with their numbers, heads with icons of their type, a tinted column."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from finetune.screens import phrases, products, signs, values
from finetune.screens.canvas import Canvas, Listed, Written
from finetune.screens.colours import mixed, rgb
from finetune.screens.pages import Stage

Make = Callable[[random.Random], str]
GREY, TINTS = (120, 120, 120), ("#9dd3c7", "#fff0b4", "#cfe3f7", "#e3dcf2")
_ENDS = "Airlines|Traders|Foods|Holding|Imports|Markt|Wines|Tools|Media|Books".split("|")
_WORDS = "Inactive, not executable|Active|Text, any length|Paid, not shipped|Open|On hold, see note|Closed|Draft".split(
    "|"
)
_TITLES = "Sales Manager|Sales Agent|Owner|Accountant|Order Clerk|Marketing Lead|Assistant, part-time|Buyer".split("|")


def _company(rng: random.Random) -> str:
    return f"{values.person(rng).split()[1]} {rng.choice(_ENDS)}"


def _file(rng: random.Random) -> str:
    return values.value_of("file_name", rng)


def _key(rng: random.Random) -> str:
    return values.letters(rng, 5)


def _number(low: int, high: int) -> Make:
    return lambda rng: str(rng.randint(low, high))


def _decimal(rng: random.Random) -> str:
    return f"{rng.uniform(1, 900):.{rng.choice((1, 2, 2, 3))}f}"


# Tables by their columns: the first names the row.
TABLES: tuple[tuple[tuple[str, Make], ...], ...] = (
    (("CustomerID", _key), ("CompanyName", _company), ("ContactName", values.person),
     ("ContactTitle", values.of(*_TITLES)), ("City", lambda r: values.value_of("city", r))),
    (("ProductName", products.product), ("UnitPrice", _decimal), ("UnitsInStock", _number(0, 120)),
     ("QuantityPerUnit", lambda r: f"{r.randint(2, 48)} {r.choice(('boxes', 'bags', 'jars'))}")),
    (("Name", _file), ("Extension", values.of(".csv", ".xlsx", ".txt")), ("Date modified", values.day),
     ("Folder Path", lambda r: values.value_of("path", r))),
    (("Name", lambda r: values.value_of("table", r)), ("Kind", values.of("Table", "View", "Function")),
     ("Status", values.of(*_WORDS)), ("Rows", _number(3, 9000))),
    (("LastName", lambda r: values.person(r).split()[1]), ("FirstName", lambda r: values.person(r).split()[0]),
     ("Title", values.of(*_TITLES)), ("BirthDate", values.day), ("Extension", _number(100, 999))),
    (("OrderID", _number(10248, 11077)), ("Customer", _company), ("OrderDate", values.day),
     ("Freight", _decimal), ("ShipCountry", lambda r: values.value_of("country", r))),
    (("AirlineCode", lambda r: values.letters(r, 2)), ("Name", lambda r: r.choice(phrases.MENU) + " Air"),
     ("Country", lambda r: values.value_of("country", r))),
    (("Product", products.product), ("Price", lambda r: values.money(r, 1, 60)),
     ("Category", values.of(*phrases.TABS))),
    (("Item", products.product), ("Qty", _number(1, 40)), ("Price", lambda r: values.money(r, 1, 60)),
     ("Stock", _number(0, 300))),
    (("Date", values.day), ("Units", _number(1, 400)), ("Account", _number(10, 99)),
     ("Country", values.of("Panama", "USA", "Canada", "Brazil"))),
    (("ProductKey", _number(210, 606)), ("StandardCost", _decimal), ("Color", values.of("Red", "Black", "NA")),
     ("ModelName", products.product)),
)  # fmt: skip


def office(s: Stage) -> None:
    """The quiet look of a desktop tool: small grey words on white, square corners, faint highlights."""
    look, rng = s.c.look, s.rng
    name, code = rng.choice((("green", "#117865"), ("yellow", "#f2c811"), ("green", "#217346"), ("blue", "#0067b8")))
    styles = look.styles | {
        "checkbox": rng.choice(("filled tick", "filled tick", "outlined tick", "classic bevel")),
        "radio": rng.choice(("dot", "dot", "small dot", "thick ring", "classic bevel")),
        "selected": rng.choice(("faint", "faint", "faint edged", "left edge", "grey", "underline")),
        "button": rng.choice(("square", "flat", "square", "outlined", "bevel")),
        "field": rng.choice(("boxed", "boxed", "underlined")), "banner": rng.choice(("strip", "tinted", "bordered")),
    }  # fmt: skip
    white = (255, 255, 255)
    s.c.look = replace(
        look, dark=False, paper=white, card=white, ink=rgb(rng.choice(("#333333", "#252423", "#444444", "#111111"))),
        muted=rgb(rng.choice(("#605e5c", "#777777", "#8a8886"))),
        line=rgb(rng.choice(("#d6d6d6", "#e1dfdd", "#c8c8c8"))),
        accent=rgb(code), accent_name=name, radius=rng.choice((0, 0, 2, 4)), bordered=True, styles=styles,
        family=rng.choice(("source", "source", "hanken", "roboto", "liberation")), size=rng.choice((11.5, 12.0, 13.0)),
        pad=12,
    )  # fmt: skip


def type_icon(c: Canvas, x: float, middle: float, rng: random.Random) -> float:
    """The sign of a column's type, no mark; its width."""
    sign, size = rng.choice(("ABC", "123", "1.2", "ABC", "")), c.look.size * 0.62
    if not sign:
        c.box(x, middle - 5, 10, 10, None, border=GREY)
        c.rule(x, middle - 2, 10, GREY)
        return 14
    if sign == "ABC":
        c.text(x, middle - size * 0.45, "AB", size, colour=GREY, anchor="lm", keep=False)
        c.text(x, middle + size * 0.5, "C", size, colour=GREY, anchor="lm", keep=False)
    else:
        # A reader often takes it for a part of the head.
        c.text(x, middle, sign, size, colour=GREY, anchor="lm", keep=rng.random() < 0.25)
    return c.wide("AB" if sign == "ABC" else sign, size) + 4


def preview(s: Stage, x: float, y: float, wide: float, *, most: int = 12) -> float:
    """Rows of made-up data below their heads; sometimes with numbers, bars of quality, a chosen row or column."""
    c, rng = s.c, s.rng
    look, size = c.look, c.look.size * rng.choice((0.92, 1.0))
    columns = list(rng.choice(TABLES))
    columns = columns[: max(2, min(len(columns), int(wide / 95)))]
    heads, count = [head for head, _ in columns], rng.randint(3, most)
    body, seen = [], set()
    for _ in range(count):
        row = [make(rng) for _, make in columns]
        if row[0] not in seen:
            seen.add(row[0])
            body.append(row)
    numbered, high = s.chance(0.6), size * rng.choice((1.7, 1.9, 2.2))
    lead = 30.0 if numbered else 4.0
    room = wide - lead
    needs = [max(c.wide(row[n], size) for row in [heads, *body]) + 34 for n in range(len(heads))]
    widths = [need * min(1.6, room / sum(needs)) for need in needs]
    typed, bars, chosen = s.chance(0.6), s.chance(0.15), rng.randrange(len(body)) if s.chance(0.25) else -1
    column = rng.randrange(len(heads)) if s.chance(0.3) else -1
    total = high * (len(body) + 1) + (6 if bars else 0)
    lefts = [x + lead + sum(widths[:n]) for n in range(len(widths))]
    c.box(x, y, lead + sum(widths), high, mixed(look.card, look.ink, rng.choice((0.0, 0.05))))
    if column >= 0:
        tint = rgb(rng.choice(TINTS))
        c.box(lefts[column], y, widths[column], high, tint)
        c.box(lefts[column], y + high, widths[column], total - high, mixed(look.card, look.ink, 0.09))
    told: list[list[Written]] = []
    right = {
        n for n in range(1, len(heads)) if all(row[n].replace(".", "").isdigit() for row in body) and s.chance(0.6)
    }
    top = y
    for number, row in enumerate([heads, *body]):
        middle, cells = y + high / 2, []
        if number and number - 1 == chosen:
            c.box(x, y, lead + sum(widths), high, mixed(look.card, look.ink, 0.08))
        if number and numbered:
            c.text(x + lead - 8, middle, str(number), size * 0.9, colour=look.muted, anchor="rm")
        for n, text in enumerate(row):
            at = lefts[n] + 5
            if not number and typed:
                at += type_icon(c, at, middle, rng)
            shown = c.fit(text, lefts[n] + widths[n] - at - (16 if not number else 6), size)
            if number and n in right:
                c.text(lefts[n] + widths[n] - 6, middle, shown, size, anchor="rm")
            else:
                c.text(at, middle, shown, size, anchor="lm", weight="medium" if not number and not typed else "regular")
            cells.append(c.words[-1])
            if not number and typed:
                signs.chevron(c, lefts[n] + widths[n] - 9, middle, 6, look.muted)
        told.append(cells)
        if number and number - 1 == chosen:
            c.mark("selected", x, y, lead + sum(widths), high, label=" ".join(cell.text for cell in cells))
        y += high
        if not number and bars:
            for left, each in zip(lefts, widths, strict=True):
                c.box(left, y, each - 2, 4, rgb("#00b7a8"))
            y += 6
        c.rule(x, y - 0.5, lead + sum(widths))
    for left in lefts:
        c.box(left, top, 1, total, look.line)
    if column >= 0 and chosen < 0:
        c.mark("selected", lefts[column], top, widths[column], high, label=told[0][column].text)
    c.grids.append(Listed("table", told[0], told[1:], numbered))
    return y + 12
