"""One screen by its number: drawn, worn, and told what stands on it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

from PIL import Image

from finetune.screens import fields, pointers, products, wear
from finetune.screens.atlas import LAYOUTS, Layout
from finetune.screens.canvas import Canvas, Frame, Listed, Seen
from finetune.screens.colours import look_for
from finetune.screens.pages import Stage
from finetune.screens.truth import Fact, Grid, Screen, Split
from index.marks import Box, Mark, Sight
from index.pictures import Line

VISIBLE = 0.6  # a mark of which less is left after a cut is dropped
MOST_HIGH = 1500  # pixels of a page before it is worn


def layouts(split: Split) -> tuple[Layout, ...]:
    """The layouts of a split; training and test have none in common."""
    return tuple(layout for layout in LAYOUTS if layout.test == (split == "test"))


def draw_screen(seed: int, split: Split) -> Screen:
    """The screen of this number: the same bytes and the same truth on every call.

    Pictures are 320 to 1,400 pixels wide or a little more after a photo; boxes lie inside of the picture.
    """
    rng = random.Random(f"{split} {seed}")
    choice = layouts(split)
    layout = rng.choices(choice, [each.weight for each in choice])[0]
    look = look_for(rng, split, layout.dark)
    width = rng.randint(*layout.width)
    low, most = max(0.75, 320 / width, min(1.0, 10.5 / look.size)), min(2.0, 1400 / width)
    scale = rng.choice((1.0, 1.0, rng.uniform(low, most), min(most, 1.25), min(most, 1.5)))
    canvas = Canvas(width, look, max(low, min(scale, most)))
    stage = Stage(canvas, rng, split, products.brand(rng, split), rng.uniform(700, 1000))
    height = min(layout.draw(stage), MOST_HIGH / canvas.scale)
    if rng.random() < 0.33:
        pointers.point_out(canvas, height, rng)
    image, turn, area = wear.worn(canvas.paint(height), rng, layout.paper)
    return _screen(canvas, image, _Way(turn, area, image.size), layout, stage.brand, rng)


@dataclass(frozen=True)
class _Way:
    """From pixels as drawn to pixels of the picture that is left: `area` is what was not cut off."""

    turn: wear.Turn
    area: wear.Area
    size: tuple[int, int]

    def box(self, frame: Frame, scale: float) -> tuple[Box, float]:
        """The box on the picture, and how much of it is left (0..1)."""
        left, top, right, bottom = (value * scale for value in frame)
        full = max(1e-6, (right - left) * (bottom - top))
        left, top = max(left, self.area[0]), max(top, self.area[1])
        right, bottom = min(right, self.area[2]), min(bottom, self.area[3])
        if right <= left or bottom <= top:
            return (0, 0, 1, 1), 0.0
        points = [self.turn(x, y) for x in (left, right) for y in (top, bottom)]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        wide, high = self.size
        inside = max(0.0, min(xs)), max(0.0, min(ys)), min(float(wide), max(xs)), min(float(high), max(ys))
        shown = max(0.0, inside[2] - inside[0]) * max(0.0, inside[3] - inside[1])
        share = (right - left) * (bottom - top) / full * shown / max(1e-6, (max(xs) - min(xs)) * (max(ys) - min(ys)))
        right, bottom = min(wide, round(inside[2] + 0.49)), min(high, round(inside[3] + 0.49))
        return (int(inside[0]), int(inside[1]), int(right), int(bottom)), share

    def point(self, point: tuple[float, float], scale: float) -> tuple[int, int] | None:
        """The point on the picture; None when it was cut off."""
        x, y = point[0] * scale, point[1] * scale
        if not (self.area[0] <= x < self.area[2] and self.area[1] <= y < self.area[3]):
            return None
        x, y = self.turn(x, y)
        return (int(x), int(y)) if 0 <= x < self.size[0] and 0 <= y < self.size[1] else None


def _screen(canvas: Canvas, image: Image.Image, way: _Way, layout: Layout, brand: str, rng: random.Random) -> Screen:
    lines: list[Line] = []
    places: dict[int, int] = {}
    for written in canvas.words:
        box, left = way.box(written.box, canvas.scale)
        if left > 0.85:
            places[id(written)] = len(lines)
            lines.append(Line(written.text, box, 1.0))
    told = " ".join(line.text for line in lines)
    marks = [mark for mark in (_mark(seen, canvas.scale, way, told) for seen in canvas.seen) if mark]
    marks.sort(key=lambda mark: (mark.box[1], mark.box[0]))
    facts = tuple(Fact(*fact) for fact in canvas.facts if _told(fact[2], told) and _told(fact[1], told))
    sight = Sight(layout.page, "dark" if canvas.look.dark else "light", tuple(marks))
    notes = {key: text for key, text in canvas.notes.items() if _told(text, told)}
    grids = tuple(grid for listed in canvas.grids if (grid := _grid(listed, places)))
    absent = _absent(canvas, told, layout.page, rng)
    return Screen(image, tuple(lines), sight, facts, absent, layout.name, brand, notes, grids)


def _grid(listed: Listed, places: dict[int, int]) -> Grid | None:
    """What is left of a table or a list: the columns and rows of which all words are there; None for less than two."""
    kept = [n for n, head in enumerate(listed.heads) if id(head) in places]
    if listed.heads and (not kept or kept[0] != 0):
        return None
    rows = [[row[n] for n in kept] if listed.heads else row for row in listed.rows]
    shown = tuple(tuple(places[id(cell)] for cell in row) for row in rows if all(id(cell) in places for cell in row))
    if len(shown) < (1 if listed.heads or listed.kind == "fields" else 2):
        return None
    columns = tuple(places[id(listed.heads[n])] for n in kept)
    whole = len(shown) == len(rows) and len(kept) == len(listed.heads)
    return Grid(listed.kind, columns, shown, whole, listed.numbered, listed.level)


def _mark(seen: Seen, scale: float, way: _Way, told: str) -> Mark | None:
    """What was drawn as it is seen on the picture; None when too little of it is left."""
    box, left = way.box(seen.box, scale)
    tip = way.point(seen.tip, scale) if seen.tip else None
    if left < VISIBLE or box[2] - box[0] < 3 or box[3] - box[1] < 2 or (seen.tip and not tip):
        return None
    label = seen.label if _told(seen.label, told) else ""
    return Mark(seen.kind, box, seen.state, seen.value, seen.colour, tip, label)


def _told(text: str, words: str) -> bool:
    """Whether every word of the text stands among the words."""
    return all(word in words for word in text.split())


SEARCH_ABSENT = 0.15  # of the screens where nothing was searched for are asked for it

# Words that may be taken for a kind of fact although nobody noted it: such kinds are never called absent.
_DATES = "date order_date invoice_date due_date delivery_date ship_date renewal_date expiry_date last_login"
_MONEY = "total subtotal tax shipping discount amount_due refund_amount balance monthly_price unit_price"
_HINTS = (
    (r"\d:\d\d", "time duration last_login mac_address"),
    (r"@", "email username"),
    (r"[€$£]|EUR|CHF", _MONEY),
    (r"\d\d?[./]\d\d[./]\d\d|\d{4}-\d\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b", _DATES),
    (r"\d ?[%°]", "battery humidity temperature signal storage_used discount"),
    (r"\d [GMK]B|Space|space", "file_size storage_used storage_total speed"),
    (r"\d\.\d", "version new_version build ip_address gateway dns"),
    (r"\.(?:csv|pdf|xlsx|jpg|zip|docx|json|txt)\b", "file_name"),
    (r"[/\\]", "path server"),
    (r"\d{4}", "error_code build port request_id reference card_last4"),
    (r"\bmin|\bhour|\bdays|\bs\b", "duration uptime last_login time"),
)
_ON_PAGE = {
    "mail": "customer_name recipient username email agent subject",
    "menu": "customer_name username email status",
    "chat": "customer_name agent status",
    "table": "customer_name recipient agent item quantity sku status table database column priority subject city",
    "settings": "language table database column server plan status",
    "order": "item quantity sku status address city",
    "invoice": "item quantity sku customer_name address city unit_price reference agent transaction_id phone",
    "rating": "item",
    "tracking": "status city carrier",
    "devices": "device_name status room",
    "photo": "model device_name error_code status ssid",
    "plans": "plan",
    "update": "version status",
    "terminal": "version path file_name database server status",
}


def _absent(canvas: Canvas, told: str, page: str, rng: random.Random) -> tuple[str, ...]:
    """Up to six kinds of fact that are certainly not there: not noted, not named, and nothing looks like them."""
    maybe = {key for key, _, _ in canvas.facts} | {
        "company",
        "supplier",
        "store",
        "device_name",
        "title",
        *_ON_PAGE.get(page, "").split(),
    }
    for pattern, keys in _HINTS:
        if re.search(pattern, told):
            maybe.update(keys.split())
    low = told.lower()
    pool = [key for key in fields.every() if key not in maybe and not _names(key).search(low)]
    if "search_text" not in maybe and rng.random() < SEARCH_ABSENT:
        pool = [*rng.sample(pool, min(5, len(pool))), "search_text"]
    return tuple(rng.sample(pool, min(6, len(pool))))


@cache
def _names(key: str) -> re.Pattern[str]:
    """Any label of a kind of fact, as whole words."""
    names = (*fields.labels(key, held=False), *fields.labels(key, held=True))
    return re.compile("|".join(rf"(?<!\w){re.escape(name.lower())}(?!\w)" for name in names))
