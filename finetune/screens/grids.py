"""What can be asked about the tables and lists of a screen, each with its answer as it was read."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from finetune.screens import phrases, products, values
from finetune.screens.misread import Reading
from finetune.screens.topics import NOT_SHOWN, folded
from finetune.screens.truth import Grid, Screen
from index.marks import Box

MOST_ROWS = 12  # that anybody counts
MOST_ALL = 6  # entries or columns in one answer
NAME_LENGTH = 48
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
# What one entry of a list is called, and the list: kinds that are not here are not asked for.
NOUNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "menu": (("entry", "menu entry", "item"), ("menu", "list")),
    "tabs": (("tab",), ("row of tabs", "bar")),
    "steps": (("step", "applied step"), ("list of steps", "list")),
    "tree": (("entry", "table"), ("tree", "list")),
    "queries": (("query", "entry"), ("list of queries", "list")),
    "options": (("option", "choice"), ("list of options", "list")),
    "boxes": (("option", "box", "check box"), ("list", "list of boxes")),
    "buttons": (("button",), ("row of buttons",)),
    "files": (("file", "entry"), ("list", "list of files")),
    "panes": (("category", "entry"), ("side panel", "list")),
    "connectors": (("connector", "entry"), ("list",)),
    "header": (("link", "entry"), ("header",)),
    "sub menu": (("entry",), ("sub menu",)),
}
# Lists that may go on elsewhere on the screen: as many of these marks must be there, to count them.
_MARKS = {"boxes": "checkbox", "options": "radio", "buttons": "button"}
# Facts that belong to one line of goods, and the wordings to ask for them by its name.
OF_ITEMS = {
    "item_price": "cell money", "item_total": "line total", "item_unit_price": "one of them",
    "item_quantity": "cell count",
}  # fmt: skip
PER_LIST = 8  # questions of one list that are taken into the lot, of small ones fewer
# What a row is by the head of its first column.
_ROWS = (
    ("item|article", ("item", "article")), ("product|goods|dish", ("product",)), ("order", ("order",)),
    ("invoice|bill", ("invoice",)), ("file|document", ("file",)), ("ticket|case", ("ticket",)),
    ("customer|client", ("customer",)), ("name|person|employee|recipient", ("name", "person")),
    ("booking|reservation", ("booking",)), ("city", ("city",)), ("country", ("country",)), ("sku", ("SKU",)),
)  # fmt: skip
# Columns that people ask for in their own words.
_ASKED = (
    ("cell money", r"price|cost|amount|total|sum\b|fee"),
    ("cell count", r"qty|quantity|pieces|units|in stock"),
    ("cell date", r"date|\bday\b|when|issued"),
    ("cell who", r"agent|owner|customer$|client|employee|contact|clerk|assigned"),
    ("cell place", r"^city$|^country$|^town$|region"),
)
# Columns that a table may lack.
LACKED = tuple(
    "Colour|Weight|Size|Supplier|Phone|Email|Country|City|Discount|Rating|Price|Quantity|Status|Department|"
    "Calories|Delivery date|Postcode|Birthday|Title|Manager|Currency|Owner|Port|Version|Language|"
    "Serial number|Tax|Stock|Duration|Salary|Address|Unit|Barcode|Warranty|Author|Expires|Street".split("|")
)


@dataclass(frozen=True)
class Cell:
    """A question about a table or a list: `words` is a key of `grid_words`, `slots` fills gaps, `kind` as in Ask."""

    words: str
    answer: str
    slots: dict[str, str]
    kind: str = "value"


class Seen:
    """A grid as it was drawn and as it was read; `usable` tells whether the text shows it as it is."""

    def __init__(self, grid: Grid, screen: Screen, reading: Reading, block: str) -> None:
        self.grid = grid
        self.heads = [screen.lines[n].text for n in grid.columns]
        self.rows = [[screen.lines[n].text for n in row] for row in grid.rows]
        self.read_heads = [_read(reading, n) for n in grid.columns]
        self.read = [[_read(reading, n) for n in row] for row in grid.rows]
        self.whole, self.framed = grid.whole, _framed(grid, screen)
        marked = {folded(mark.label) for mark in reading.sight.marks if mark.kind == "selected"}
        drawn = [mark.label for mark in screen.sight.marks if mark.kind == "selected"]
        self.chosen = [head for head in self.heads if head in drawn and folded(head) in marked]
        if not grid.columns:
            self.usable = self._in_order(block)
            return
        lines = block.splitlines()
        self.usable = any(_holds(line, self.read_heads) for line in lines)
        found = [any(_holds(line, row) for line in lines) for row in self.read]
        self.whole = grid.whole and all(found)
        self.numbers = [number for number, there in enumerate(found, start=1) if there]

    def _in_order(self, block: str) -> bool:
        at = 0
        for row in self.read:
            at = block.find(row[0], at) if row[0] else -1
            if at < 0:
                return False
            at += len(row[0])
        return True


def _framed(grid: Grid, screen: Screen) -> list[int]:
    """The column that the only ring goes around, if it does."""
    rings = [mark.box for mark in screen.sight.marks if mark.kind == "ring"]
    found = [
        place
        for place in range(len(grid.columns))
        if len(rings) == 1
        and all(_lies_in(screen.lines[n].box, rings[0]) for n in (grid.columns[place], *(r[place] for r in grid.rows)))
    ]
    return found if len(found) == 1 and len(grid.rows) > 1 else []


def _lies_in(box: Box, around: Box) -> bool:
    return box[0] >= around[0] - 2 and box[1] >= around[1] - 2 and box[2] <= around[2] + 2 and box[3] <= around[3] + 2


def _read(reading: Reading, number: int) -> str:
    pieces = reading.pieces[number]
    return " ".join("".join(pieces).split()) if pieces is not None else ""


def _holds(line: str, cells: list[str]) -> bool:
    at = 0
    for cell in cells:
        at = line.find(cell, at) if cell else -1
        if at < 0:
            return False
        at += len(cell)
    return True


def grid_cells(screen: Screen, reading: Reading, block: str, rng: random.Random) -> tuple[list[Cell], list[Cell]]:
    """What the tables and the lists of a screen answer, in two lists; none that two of them could answer."""
    seen = [Seen(grid, screen, reading, block) for grid in screen.grids]
    tables = [one for one in seen if one.grid.columns]
    cells = list(_table(tables[0], rng, len(seen) > 1)) if len(tables) == 1 and tables[0].usable else []
    lists: list[Cell] = []
    kinds = Counter(one.grid.kind for one in seen)
    entries = Counter(folded(row[0]) for one in seen for row in one.rows)
    for one in seen:
        kind = one.grid.kind
        if kind == "fields":
            cells += [Cell("filled", read[1], {"r": row[0]}) for row, read in zip(one.rows, one.read, strict=True)] * 2
        if not one.grid.columns and one.usable and kind in NOUNS and kinds[kind] == 1:
            nouns, wholes = NOUNS[kind]
            own = [noun for noun in nouns if not any(noun in NOUNS[other][0] for other in kinds if other != kind and
                                                     other in NOUNS)]  # fmt: skip
            marks = [mark for mark in screen.sight.marks if mark.kind == _MARKS.get(kind)]
            alone = bool(own) and one.whole and kind != "header" and (kind not in _MARKS or len(marks) == len(one.rows))
            found = list(_list(one, rng, tuple(own), wholes, entries, alone, len(seen) > 1))
            lists += [cell for words in ("selected", "ring") for cell in _marked(one, words, own, screen, reading)]
            lists += rng.sample(
                found, min(len(found), 1 if kind in ("buttons", "header") else 3 if kind in _MARKS else PER_LIST)
            )
    return cells, lists


def item_cells(screen: Screen, reading: Reading) -> Iterator[Cell]:
    """Questions for a figure of one of several things bought, asked for by the name of the thing."""
    times = Counter((fact.key, folded(fact.label)) for fact in screen.facts)
    for fact in screen.facts:
        if fact.key in OF_ITEMS and _good(fact.label) and times[fact.key, folded(fact.label)] == 1:
            value = reading.value(fact, screen)
            if value:
                yield Cell(OF_ITEMS[fact.key], value, {"r": fact.label})


def grid_lacks(screen: Screen, rng: random.Random) -> list[Cell]:
    """Questions that a table of the screen does not answer: for a column, a row or an entry that is not there."""
    words = folded(" ".join(line.text for line in screen.lines))
    tables = [grid for grid in screen.grids if grid.columns]
    lacks: list[Cell] = []
    if screen.notes.get("empty"):
        lacks += [Cell("filled", NOT_SHOWN, {"r": screen.notes["empty"]})] * 4
    for grid in tables[:1] if len(tables) == 1 else []:
        heads = [screen.lines[n].text for n in grid.columns]
        names = [name for row in grid.rows if _good(name := screen.lines[row[0]].text)]
        for column in rng.sample(LACKED, 3):
            if names and folded(column) not in words and not _column_like(column, heads):
                slots = {"r": rng.choice(names), "c": _spoken(column, rng)}
                lacks.append(Cell(_natural([*heads[1:], column], len(heads), rng), NOT_SHOWN, slots))
        for name in _strangers(heads[0], names, rng):
            if len(heads) > 1 and folded(name) not in words:
                place = rng.randrange(1, len(heads))
                slots = {"r": name, "c": _spoken(heads[place], rng)}
                lacks.append(Cell(_natural(heads[1:], place, rng), NOT_SHOWN, slots))
        number = len(grid.rows) + rng.randint(3, 30)
        if grid.whole and str(number) not in words:
            slots = {"n": str(number), "t": _row_noun(heads[0], rng), "c": _spoken(rng.choice(heads), rng)}
            lacks.append(Cell(rng.choice(("cell number", "name number")), NOT_SHOWN, slots))
    for grid in screen.grids:
        if grid.kind in NOUNS:
            name, (nouns, wholes) = rng.choice(_OTHERS.get(grid.kind, phrases.MENU)), NOUNS[grid.kind]
            if folded(name) not in words:
                slots = {"r": name, "t": rng.choice(nouns), "g": rng.choice(wholes)}
                lacks.append(Cell(rng.choice(_ways(grid.level)), NOT_SHOWN, slots))
    return lacks


_OTHERS: dict[str, tuple[str, ...]] = {
    "tabs": phrases.TABS, "steps": phrases.STEPS, "boxes": phrases.BOXES, "buttons": phrases.BUTTONS,
}  # fmt: skip


# --- tables ------------------------------------------------------------------------------------------------------


def _table(seen: Seen, rng: random.Random, several: bool) -> Iterator[Cell]:
    heads, noun = seen.heads, _row_noun(seen.heads[0], rng)
    noun = "row" if several and noun in ("entry", "value") else noun
    names, wide = Counter(folded(row[0]) for row in seen.rows), len(heads)
    columns = Counter(folded(head) for head in heads)
    for number in seen.numbers:
        row, read = seen.rows[number - 1], seen.read[number - 1]
        named = names[folded(row[0])] == 1 and _good(row[0])
        for place in range(1, wide):
            if not _good(row[place]) or columns[folded(heads[place])] > 1:
                continue
            slots = {"r": row[0], "c": _spoken(heads[place], rng), "v": row[place], "t": noun, "n": str(number)}
            if named:
                words = "cell" if re.search("date|day", heads[0], re.I) else _natural(heads[1:], place, rng)
                yield Cell(words, read[place], slots)
                if sum(folded(row[place]) == folded(other[place]) for other in seen.rows) == 1 and rng.random() < 0.4:
                    yield Cell("row of", read[0], slots)
            if (seen.whole or (seen.grid.numbered and seen.grid.whole)) and rng.random() < 0.4:
                yield Cell("cell number", read[place], slots)
        if (seen.whole or (seen.grid.numbered and seen.grid.whole)) and _good(row[0]):
            yield Cell("name number", read[0], {"n": str(number), "t": noun})
    for place, head in enumerate(heads):
        if columns[folded(head)] == 1 and seen.chosen == [head]:
            yield from [Cell("selected column", seen.read_heads[place], {})] * 4
    for place in seen.framed:
        for _ in range(4):
            yield Cell("framed column", seen.read_heads[place], {"c": ""})
    if seen.whole:
        yield from _heads(seen)
        for cell in _order(seen, rng, (noun,), ("table",), names, "row count"):
            only = several and "r" not in cell.slots and cell.words != "row count"
            yield replace(cell, slots=cell.slots | {"named": "t"}) if only else cell


def _heads(seen: Seen) -> Iterator[Cell]:
    heads = seen.read_heads
    if not all(_good(head) for head in seen.heads):
        return
    if len(heads) <= MOST_ALL:
        yield Cell("columns", ", ".join(heads), {})
        yield Cell("columns", ", ".join(heads), {})
    for place, head in enumerate(heads[: len(ORDINALS)]):
        yield Cell("nth column", head, {"o": ORDINALS[place]})
    yield Cell("last column", heads[-1], {})
    yield Cell("column count", str(len(heads)), {}, "count")


def _natural(heads: list[str], place: int, rng: random.Random) -> str:
    """The wordings for the cells of a column (counted from 1 without the first): its own where only it has them."""
    for words, pattern in _ASKED:
        if re.search(pattern, heads[place - 1], re.I) and sum(bool(re.search(pattern, h, re.I)) for h in heads) == 1:
            return rng.choice((words, words, "cell"))
    return "cell"


def _row_noun(head: str, rng: random.Random) -> str:
    for pattern, nouns in _ROWS:
        if re.search(pattern, head, re.I) and rng.random() < 0.75:
            return rng.choice(nouns)
    return rng.choice(("entry", "row", "value"))


def _spoken(head: str, rng: random.Random) -> str:
    """The name of a column as one says it."""
    plain = all(word.islower() or word.istitle() for word in re.findall(r"[A-Za-z]+", head))
    return head.lower() if plain and rng.random() < 0.7 else head


def _column_like(column: str, heads: list[str]) -> bool:
    """Could one of the heads mean the same?"""
    for _, pattern in _ASKED:
        if re.search(pattern, column, re.I) and any(re.search(pattern, head, re.I) for head in heads):
            return True
    return any(folded(column) in folded(head) or folded(head) in folded(column) for head in heads)


def _strangers(head: str, names: list[str], rng: random.Random) -> list[str]:
    """Names of rows like those that are there."""
    if re.search("item|product|article|dish", head, re.I):
        return [products.product(rng)]
    if re.search("name|customer|client|employee", head, re.I):
        return [values.person(rng)]
    numbers = [name for name in names if sum(letter.isdigit() for letter in name) >= 3]
    return [re.sub(r"\d", lambda _: str(rng.randrange(10)), rng.choice(numbers))] if numbers else []


# --- lists -------------------------------------------------------------------------------------------------------


def _list(
    seen: Seen, rng: random.Random, own: tuple[str, ...], wholes: tuple[str, ...], times: Counter[str], alone: bool,
    several: bool,
) -> Iterator[Cell]:  # fmt: skip
    """Without a noun of its own ("entry" of two lists) only neighbours are asked for."""
    nouns = own or ("entry",)
    cells = list(_order(seen, rng, nouns, wholes, times, "list count" if alone else ""))
    if alone and len(seen.rows) <= MOST_ALL:
        slots = {"t": rng.choice(nouns), "g": rng.choice(wholes)}
        cells += [Cell("list all", ", ".join(row[0] for row in seen.read), slots)] * 2
    for cell in cells:
        yield replace(cell, slots=cell.slots | {"named": "t"}) if several and "r" not in cell.slots else cell


def _marked(seen: Seen, kind: str, nouns: list[str], screen: Screen, reading: Reading) -> Iterator[Cell]:
    """Which entry is highlighted or framed, where just one is and the eyes found it."""
    drawn = [folded(mark.label) for mark in screen.sight.marks if mark.kind == kind]
    found = {folded(mark.label) for mark in reading.sight.marks if mark.kind == kind}
    told = [read[0] for row, read in zip(seen.rows, seen.read, strict=True) if drawn.count(folded(row[0])) == 1]
    if nouns and len(told) == 1 and folded(told[0]) in found:
        words = "selected entry" if kind == "selected" else "framed entry"
        yield from [Cell(words, told[0], {"t": noun}) for noun in (nouns * 4)[:4]]


def _ways(level: bool) -> tuple[str, str]:
    return ("right", "left") if level else ("below", "above")


def _order(
    seen: Seen, rng: random.Random, nouns: tuple[str, ...], wholes: tuple[str, ...], times: Counter[str], count: str
) -> Iterator[Cell]:
    """First, last, next, between and how many; `count` is the wordings to count with, "" where the ends are open."""
    names, read = [row[0] for row in seen.rows], [row[0] for row in seen.read]
    after, before = _ways(seen.grid.level)
    clear = [times[folded(name)] == 1 and _good(name) for name in names]

    def cell(words: str, answer: str, kind: str = "value", **slots: str) -> Cell:
        return Cell(words, answer, {"t": rng.choice(nouns), "g": rng.choice(wholes), **slots}, kind)

    if count:
        for words, place in (("first", 0), ("last", -1), ("last", -1)):
            if _good(names[place]):
                yield cell(words, read[place])
        for place in range(1, min(len(names), len(ORDINALS))):
            if _good(names[place]):
                yield cell("nth", read[place], o=ORDINALS[place])
        if 1 < len(names) <= MOST_ROWS:
            for _ in range(2):
                yield cell(count, str(len(names)), "count")
    for place, name in enumerate(names):
        if not clear[place] or not seen.whole:
            continue
        if place + 1 < len(names) and _good(names[place + 1]):
            yield cell(after, read[place + 1], r=name)
        if place and _good(names[place - 1]):
            yield cell(before, read[place - 1], r=name)
        if place + 2 < len(names) and clear[place + 2] and _good(names[place + 1]):
            one, two = (name, names[place + 2]) if rng.random() < 0.75 else (names[place + 2], name)
            yield cell("between", read[place + 1], r=one, s=two)


def _good(text: str) -> bool:
    """Whole words, that may stand in a question."""
    return 0 < len(text) <= NAME_LENGTH and not text.endswith("…")
