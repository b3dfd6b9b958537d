"""A list of things to draw, in logical pixels, that keeps the truth: words and marks move with what is moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from finetune.screens.colours import Colour, Look, mixed
from finetune.screens.letters import Face, face

SMOOTH = 4  # shapes are drawn so many times larger and made smaller
Place = tuple[int, int, int]
Point = tuple[float, float]
Frame = tuple[float, float, float, float]


@dataclass
class Written:
    """A visual line of words and its box in logical pixels."""

    text: str
    box: Frame


@dataclass
class Seen:
    """A mark in logical pixels; see index.marks.Mark for the fields."""

    kind: str
    box: Frame
    state: str = ""
    value: float = -1.0
    colour: str = ""
    tip: Point | None = None
    label: str = ""


@dataclass
class Listed:
    """A table or a list by its words; see `finetune.screens.truth.Grid`."""

    kind: str
    heads: list[Written]
    rows: list[list[Written]]
    numbered: bool = False
    level: bool = False


@dataclass
class _Step:
    paint: Callable[[Image.Image, float, float], None]
    dx: float = 0
    dy: float = 0


@lru_cache(maxsize=512)
def _corner_mask(width: int, height: int, radius: int) -> Image.Image:
    mask = Image.new("L", (width * SMOOTH, height * SMOOTH), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width * SMOOTH - 1, height * SMOOTH - 1), radius * SMOOTH, fill=255)
    return mask.resize((width, height), Image.Resampling.BOX)


def rounded(image: Image.Image, left: int, top: int, wide: int, high: int, radius: int, fill: Colour) -> None:
    """A filled rectangle with smooth corners, in pixels; only the corners are drawn large."""
    if wide < 1 or high < 1:
        return
    radius = min(radius, wide // 2, high // 2)
    if radius < 1:
        image.paste(fill, (left, top, left + wide, top + high))
        return
    if wide < 80 and high < 80:
        image.paste(fill, (left, top), _corner_mask(wide, high, radius))
        return
    disc = _corner_mask(2 * radius, 2 * radius, radius)
    image.paste(fill, (left + radius, top, left + wide - radius, top + high))
    image.paste(fill, (left, top + radius, left + wide, top + high - radius))
    for x, cut in ((left, 0), (left + wide - radius, radius)):
        for y, low in ((top, 0), (top + high - radius, radius)):
            image.paste(fill, (x, y), disc.crop((cut, low, cut + radius, low + radius)))


class Canvas:
    """What will be drawn. All sizes are logical; `scale` makes them pixels when it is painted."""

    def __init__(self, width: float, look: Look, scale: float) -> None:
        self.width, self.look, self.scale = width, look, scale
        self.steps: list[_Step] = []
        self.words: list[Written] = []
        self.seen: list[Seen] = []
        self.facts: list[tuple[str, str, str]] = []
        self.notes: dict[str, str] = {}
        self.grids: list[Listed] = []
        self.groups: list[tuple[list[Written], float]] = []  # words that belong to a picture so high above them

    # --- order and place ---

    def here(self) -> Place:
        """A place in the order, to come back to."""
        return len(self.steps), len(self.words), len(self.seen)

    def shift(self, since: Place, dx: float, dy: float) -> None:
        """Move all that came since."""
        for step in self.steps[since[0] :]:
            step.dx += dx
            step.dy += dy
        for written in self.words[since[1] :]:
            written.box = _moved(written.box, dx, dy)
        for seen in self.seen[since[2] :]:
            seen.box = _moved(seen.box, dx, dy)
            if seen.tip:
                seen.tip = seen.tip[0] + dx, seen.tip[1] + dy

    def under(self, since: Place, paint: Callable[[], None]) -> None:
        """Draw something (a ground) below all that came since."""
        count = len(self.steps)
        paint()
        fresh = self.steps[count:]
        del self.steps[count:]
        self.steps[since[0] : since[0]] = fresh

    def forget(self, since: Place) -> None:
        """Drop the truth (not the drawing) of all that came since: it is covered now."""
        del self.words[since[1] :]
        del self.seen[since[2] :]

    def add(self, paint: Callable[[Image.Image, float, float], None]) -> None:
        """One more step of the drawing."""
        self.steps.append(_Step(paint))

    def paint(self, height: float, paper: Colour | None = None) -> Image.Image:
        """The picture, down to a height."""
        size = self.px(self.width), max(8, self.px(height))
        image = Image.new("RGB", size, paper or self.look.paper)
        for step in self.steps:
            step.paint(image, step.dx, step.dy)
        return image

    def px(self, value: float) -> int:
        """Pixels of a logical length."""
        return round(value * self.scale)

    # --- words ---

    def face(self, size: float, weight: str = "regular", family: str = "") -> Face:
        """The letters at a logical size."""
        return face(family or self.look.family, weight, self.px(size))

    def wide(self, text: str, size: float, weight: str = "regular", family: str = "") -> float:
        """How wide the words will be."""
        return float(self.face(size, weight, family).getlength(text)) / self.scale

    def wrap(self, text: str, width: float, size: float, weight: str = "regular", family: str = "") -> list[str]:
        """The text in lines no wider than `width`, broken at spaces."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.wide(longer, size, weight, family) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def fit(self, text: str, width: float, size: float, weight: str = "regular") -> str:
        """The text, cut with dots when it is wider than `width`."""
        if self.wide(text, size, weight) <= width:
            return text
        while len(text) > 2 and self.wide(text + "…", size, weight) > width:
            text = text[:-1]
        return text.rstrip() + "…"

    def text(
        self, x: float, y: float, text: str, size: float = 0, *, weight: str = "regular",
        colour: Colour | None = None, anchor: str = "la", family: str = "", keep: bool = True,
    ) -> Frame:  # fmt: skip
        """One line of words (Pillow's anchors); where its ink is. `keep` False: not counted as words to read."""
        size = size or self.look.size
        letters, ink, scale = self.face(size, weight, family), colour or self.look.ink, self.scale
        left, top, right, bottom = letters.getbbox(text, anchor=anchor)
        box = x + left / scale, y + top / scale, x + right / scale, y + bottom / scale

        def paint(image: Image.Image, dx: float, dy: float) -> None:
            spot = round((x + dx) * scale), round((y + dy) * scale)
            ImageDraw.Draw(image).text(spot, text, font=letters, fill=ink, anchor=anchor)

        self.add(paint)
        if keep and text.strip():
            self.words.append(Written(text, box))
        return box

    def para(
        self, x: float, y: float, width: float, text: str, size: float = 0, *, weight: str = "regular",
        colour: Colour | None = None, centre: bool = False, leading: float = 1.4, family: str = "",
    ) -> float:  # fmt: skip
        """Wrapped words; the y below them."""
        size = size or self.look.size
        for line in self.wrap(text, width, size, weight, family):
            spot, anchor = (x + width / 2, "ma") if centre else (x, "la")
            self.text(spot, y, line, size, weight=weight, colour=colour, anchor=anchor, family=family)
            y += size * leading
        return y

    # --- shapes ---

    def box(
        self, x: float, y: float, wide: float, high: float, fill: Colour | None, *, radius: float = 0,
        border: Colour | None = None, thick: float = 1, shadow: float = 0,
    ) -> None:  # fmt: skip
        """A rectangle with smooth corners, a border and a soft shadow, as wished; `fill` None: only the border."""
        px, scale = self.px, self.scale

        def paint(image: Image.Image, dx: float, dy: float) -> None:
            left, top = px(x + dx), px(y + dy)
            width, height, edge = px(x + dx + wide) - left, px(y + dy + high) - top, max(1, px(thick))
            turn = px(radius)
            if shadow:
                _shade(image, left, top, width, height, max(2, round(7 * scale)), shadow)
            if border and fill is None:
                _outline(image, left, top, width, height, turn, edge, border)
                return
            if border:
                rounded(image, left, top, width, height, turn, border)
                left, top, width, height = left + edge, top + edge, width - 2 * edge, height - 2 * edge
                turn = max(0, turn - edge)
            if fill is not None:
                rounded(image, left, top, width, height, turn, fill)

        self.add(paint)

    def disc(self, x: float, y: float, radius: float, fill: Colour | None, border: Colour | None = None,
             thick: float = 1) -> None:  # fmt: skip
        """A disc around a middle."""
        self.box(x - radius, y - radius, 2 * radius, 2 * radius, fill, radius=radius, border=border, thick=thick)

    def shape(
        self, points: Sequence[Point], colour: Colour, *, thick: float = 0, closed: bool = False, share: float = 1
    ) -> None:
        """A smooth line through points (`thick` > 0), or a filled shape; `share` is how much it covers."""
        scale = self.scale
        grow = SMOOTH if len(points) < 40 else 2

        def paint(image: Image.Image, dx: float, dy: float) -> None:
            pad = thick * scale / 2 + 2
            spots = [((a + dx) * scale, (b + dy) * scale) for a, b in points]
            left, top = int(min(a for a, _ in spots) - pad), int(min(b for _, b in spots) - pad)
            wide, high = int(max(a for a, _ in spots) + pad) - left + 1, int(max(b for _, b in spots) + pad) - top + 1
            mask = Image.new("L", (wide * grow, high * grow), 0)
            draw = ImageDraw.Draw(mask)
            large = [((a - left) * grow, (b - top) * grow) for a, b in spots]
            if thick:
                width = max(grow, round(thick * scale * grow))
                draw.line([*large, large[0]] if closed else large, fill=255, width=width, joint="curve")
                for a, b in (large[0], large[-1]):
                    draw.ellipse((a - width / 2, b - width / 2, a + width / 2, b + width / 2), fill=255)
            else:
                draw.polygon(large, fill=255)
            mask = mask.resize((wide, high), Image.Resampling.BOX)
            image.paste(colour, (left, top), mask if share >= 1 else mask.point(lambda value: int(value * share)))

        self.add(paint)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, colour: Colour, thick: float) -> None:
        """A part of a circle from `start` to `end` degrees (0 is right, clockwise)."""
        scale = self.scale

        def paint(image: Image.Image, dx: float, dy: float) -> None:
            reach = round((radius + thick / 2) * scale) + 1
            mask = Image.new("L", (2 * reach * SMOOTH, 2 * reach * SMOOTH), 0)
            inset = (reach - (radius + thick / 2) * scale) * SMOOTH
            far = 2 * reach * SMOOTH - inset
            ImageDraw.Draw(mask).arc(
                (inset, inset, far, far), start, end, fill=255, width=max(SMOOTH, round(thick * scale * SMOOTH))
            )
            spot = round((x + dx) * scale) - reach, round((y + dy) * scale) - reach
            image.paste(colour, spot, mask.resize((2 * reach, 2 * reach), Image.Resampling.BOX))

        self.add(paint)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 0.8) -> None:
        """Light around a lamp, added to what is there."""
        scale = self.scale

        def paint(image: Image.Image, dx: float, dy: float) -> None:
            reach = max(2, round(radius * scale))
            light = Image.new("RGB", (4 * reach, 4 * reach))
            ImageDraw.Draw(light).ellipse((reach, reach, 3 * reach, 3 * reach), fill=mixed((0, 0, 0), colour, strength))
            light = light.filter(ImageFilter.GaussianBlur(reach * 0.55))
            left, top = round((x + dx) * scale) - 2 * reach, round((y + dy) * scale) - 2 * reach
            below = image.crop((left, top, left + 4 * reach, top + 4 * reach))
            image.paste(ImageChops.screen(below, light), (left, top))

        self.add(paint)

    def rule(self, x: float, y: float, wide: float, colour: Colour | None = None, thick: float = 1) -> None:
        """A level hairline."""
        self.box(x, y, wide, thick, colour or self.look.line)

    def picture(self, x: float, y: float, image: Image.Image) -> None:
        """A picture (already in pixels) at a place."""
        scale = self.scale
        self.add(lambda target, dx, dy: target.paste(image, (round((x + dx) * scale), round((y + dy) * scale))))

    def dim(self, colour: Colour, share: float) -> None:
        """Everything so far under a veil."""
        self.add(lambda target, dx, dy: target.paste(Image.blend(target, Image.new("RGB", target.size, colour), share)))

    # --- truth ---

    def mark(
        self, kind: str, x: float, y: float, wide: float, high: float, *, state: str = "", value: float = -1,
        colour: str = "", tip: Point | None = None, label: str = "",
    ) -> None:  # fmt: skip
        """Note something to see."""
        self.seen.append(Seen(kind, (x, y, x + wide, y + high), state, value, colour, tip, label))

    def list_of(self, kind: str, words: list[Written], level: bool = False) -> None:
        """Note a list of single entries."""
        if len(words) > 1:
            self.grids.append(Listed(kind, [], [[word] for word in words], level=level))

    def fact(self, key: str, label: str, value: str) -> None:
        """Note something to ask for."""
        self.facts.append((key, label, value))

    def titled(self, text: str, key: str = "title") -> None:
        """Note the page's heading or, as "window_title", what its window is called: the first one drawn."""
        if text and all(known != key for known, _, _ in self.facts):
            self.fact(key, "", text)


def _moved(box: Frame, dx: float, dy: float) -> Frame:
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def _outline(
    image: Image.Image, left: int, top: int, wide: int, high: int, radius: int, edge: int, colour: Colour
) -> None:
    if radius < 2:
        ImageDraw.Draw(image).rectangle((left, top, left + wide - 1, top + high - 1), outline=colour, width=edge)
        return
    if wide > 400 or high > 400:
        box = (left, top, left + wide - 1, top + high - 1)
        ImageDraw.Draw(image).rounded_rectangle(box, min(radius, wide // 2, high // 2), outline=colour, width=edge)
        return
    mask = _corner_mask(wide, high, min(radius, wide // 2, high // 2)).copy()
    inner = max(0, min(radius, wide // 2, high // 2) - edge)
    if wide > 2 * edge and high > 2 * edge:
        mask.paste(0, (edge, edge), _corner_mask(wide - 2 * edge, high - 2 * edge, inner))
    image.paste(colour, (left, top), mask)


def _shade(image: Image.Image, left: int, top: int, wide: int, high: int, reach: int, strength: float) -> None:
    """A soft shadow: drawn small and made large, which is quick and soft by itself."""
    small = 8
    size = wide // small + 8 * reach // small, high // small + 8 * reach // small
    mask = Image.new("L", size, 0)
    inset = 4 * reach // small
    mask.paste(round(255 * strength), (inset, inset, inset + wide // small, inset + high // small))
    mask = mask.filter(ImageFilter.GaussianBlur(reach / small))
    full = mask.resize((size[0] * small, size[1] * small), Image.Resampling.BILINEAR)
    image.paste((0, 0, 0), (left - inset * small, top - inset * small + reach // 2), full)
