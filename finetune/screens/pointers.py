"""What a customer draws on a screenshot: arrows that point at something and rings around, under or over it."""

from __future__ import annotations

import math
import random

from finetune.screens.canvas import Canvas, Frame, Point, Seen, Written
from finetune.screens.colours import Colour, shade

NAMES = ("red", "red", "red", "blue", "green", "orange", "yellow", "purple", "pink", "black")
RINGS = ("ellipse", "ellipse", "frame", "frame", "scribble", "underline", "marker", "rounded frame")
ARROWS = ("line", "line", "curved", "block", "open", "hand")


def point_out(c: Canvas, height: float, rng: random.Random, limit: int = 2) -> None:
    """One or two drawn signs at words of the screen."""
    spots = [
        word for word in c.words if word.box[3] - word.box[1] > 5 and 12 < word.box[2] - word.box[0] < c.width * 0.7
    ]
    if not spots:
        return
    rows = [_row(c, seen) for seen in c.seen if seen.kind in _ROWS and seen.label]
    if rows and rng.random() < 0.4:
        spots = rows
    framed = rng.random() < 0.5
    if framed:
        spots = _framed(c, spots, rows, rng)
    taken: list[Frame] = []
    for word in rng.sample(spots, min(len(spots), rng.choice((1, 1, 1, 2, 3) if framed else (1, 1, limit)))):
        if any(_near(word.box, other) for other in taken):
            continue
        taken.append(word.box)
        if framed:
            _frame(c, word, height, rng)
            continue
        name = rng.choice(NAMES if not c.look.dark else NAMES[:-1])
        if rng.random() < 0.55:
            _arrow(c, word.box, word.text, name, height, rng)
        else:
            _ring(c, word.box, word.text, name, rng)


REDS = ((237, 28, 36), (237, 28, 36), (237, 28, 36), (252, 66, 66), (255, 0, 0), (209, 52, 56))


def _framed(c: Canvas, words: list[Written], rows: list[Written], rng: random.Random) -> list[Written]:
    """What the red frames of help pages go around: words, a widget with its words, a button below its picture, a whole
    column, or an entry of a list."""
    groups = []
    for lines, above in c.groups:
        left, top, right, bottom = _around(lines)
        groups.append(Written(" ".join(line.text for line in lines), (left, top - above, right, bottom)))
    entries = [row[0] for grid in c.grids for row in grid.rows]
    columns = [
        Written(head.text, _around([head, *(row[n] for row in grid.rows)]))
        for grid in c.grids
        for n, head in enumerate(grid.heads)
        if len(grid.rows) < 12
    ]
    kinds = [kind for kind in (words, rows, rows, groups, groups, columns, entries, entries) if kind]
    alive = {id(word) for word in c.words}
    kinds = [kind for kind in kinds if kind is not entries or all(id(word) in alive for word in kind)]
    return rng.choice(kinds)


def _around(words: list[Written]) -> Frame:
    boxes = [word.box for word in words]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _frame(c: Canvas, word: Written, height: float, rng: random.Random) -> None:
    """A red rectangle as help pages have it, so many pixels thick at any size."""
    left, top, right, bottom = word.box
    thick = rng.choice((5, 5, 5, 3, 3, 4, 2)) / c.scale
    across, down = rng.uniform(2, 10) + thick, rng.uniform(1, 5) + thick
    across, down = min(across, left - 1, c.width - right - 1), min(down, top - 1, height - bottom - 1)
    if min(across, down) < 0:
        return
    x, y, wide, high = left - across, top - down, right - left + 2 * across, bottom - top + 2 * down
    c.box(x, y, wide, high, None, border=rng.choice(REDS), thick=thick, shadow=0.2 if rng.random() < 0.1 else 0)
    c.mark("ring", x, y, wide, high, colour="red", label=word.text)


_ROWS = frozenset({"switch", "checkbox", "radio", "lamp", "button", "stars", "badge", "selected"})


def _row(c: Canvas, seen: Seen) -> Written:
    """A widget and the words that name it as one target, when they stand close; else the widget."""
    left, top, right, bottom = seen.box
    for word in c.words:
        if word.text == seen.label and abs((word.box[1] + word.box[3]) - (top + bottom)) < 16:
            gap = max(left, word.box[0]) - min(right, word.box[2])
            if gap < 40:
                left, right = min(left, word.box[0]), max(right, word.box[2])
                top, bottom = min(top, word.box[1]), max(bottom, word.box[3])
                break
    return Written(seen.label, (left, top, right, bottom))


def _near(one: Frame, other: Frame) -> bool:
    return abs(one[1] - other[1]) < 60 and abs(one[0] - other[0]) < 200


def _arrow(c: Canvas, box: Frame, text: str, name: str, height: float, rng: random.Random) -> None:
    """An arrow whose tip touches the words' edge."""
    left, top, right, bottom = box
    tone, long = shade(name, rng), rng.uniform(50, 150)
    high, wide = bottom - top, right - left
    side = rng.choice(("right", "left", "below", "above", "right"))
    turn = rng.uniform(-0.6, 0.6)
    if side in ("right", "left"):
        way = 1 if side == "right" else -1
        tip = ((right + 4 if way > 0 else left - 4), (top + bottom) / 2 + rng.uniform(-0.15, 0.15) * high)
        start = tip[0] + way * long * math.cos(turn), tip[1] + long * math.sin(turn)
    else:
        way = 1 if side == "below" else -1
        tip = left + wide * rng.uniform(0.25, 0.75), (bottom + 3 if way > 0 else top - 3)
        start = tip[0] + long * math.sin(turn), tip[1] + way * long * math.cos(turn)
    start = min(max(start[0], 6), c.width - 6), min(max(start[1], 6), height - 6)
    if math.dist(start, tip) < 24 or not (4 < tip[0] < c.width - 4 and 4 < tip[1] < height - 4):
        return _ring(c, box, text, name, rng)
    points = _draw_arrow(c, start, tip, tone, rng)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    c.mark("arrow", min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys), colour=name, tip=tip, label=text)
    return None


def _draw_arrow(c: Canvas, start: Point, tip: Point, tone: Colour, rng: random.Random) -> list[Point]:
    """The points an arrow covers."""
    style, thick = rng.choice(ARROWS), rng.choice((2.0, 3.0, 4.0, 5.0, 6.0))
    bend = {"curved": 0.28, "hand": 0.1}.get(style, 0) * rng.choice((-1, 1))
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    middle = start[0] + dx / 2 - dy * bend * 1.4, start[1] + dy / 2 + dx * bend * 1.4
    path = []
    for step in range(13):
        t = step / 12
        shake = rng.uniform(-1.3, 1.3) if style == "hand" and 0 < step < 12 else 0
        path.append(tuple((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * d + shake
                          for a, b, d in zip(start, middle, tip, strict=True)))  # fmt: skip
    curve: list[Point] = [(x, y) for x, y in path]
    angle = math.atan2(tip[1] - curve[-3][1], tip[0] - curve[-3][0])
    reach = max(9.0, thick * rng.uniform(2.8, 4.2))
    if style == "block":
        return _block(c, start, tip, tone, max(6.0, thick * 1.6))
    wings = [(tip[0] - reach * math.cos(angle + turn), tip[1] - reach * math.sin(angle + turn)) for turn in (-0.5, 0.5)]
    if style in ("open", "hand"):
        c.shape(curve, tone, thick=thick)
        c.shape([wings[0], tip, wings[1]], tone, thick=thick)
    else:
        base = tip[0] - reach * 0.7 * math.cos(angle), tip[1] - reach * 0.7 * math.sin(angle)
        c.shape([*curve[:-2], base] if len(curve) > 3 else [start, base], tone, thick=thick)
        c.shape([wings[0], tip, wings[1]], tone)
    pad = thick / 2
    return [point for x, y in (*curve, *wings) for point in ((x - pad, y - pad), (x + pad, y + pad))]


def _block(c: Canvas, start: Point, tip: Point, tone: Colour, half: float) -> list[Point]:
    """A thick arrow with straight edges."""
    long = math.dist(start, tip)
    along = (tip[0] - start[0]) / long, (tip[1] - start[1]) / long
    across = -along[1], along[0]
    head = min(long * 0.5, half * 2.6)

    def at(far: float, side: float) -> Point:
        return start[0] + along[0] * far + across[0] * side, start[1] + along[1] * far + across[1] * side

    points = [at(0, -half * 0.55), at(long - head, -half * 0.55), at(long - head, -half * 1.4), tip,
              at(long - head, half * 1.4), at(long - head, half * 0.55), at(0, half * 0.55)]  # fmt: skip
    c.shape(points, tone)
    return points


def _ring(c: Canvas, box: Frame, text: str, name: str, rng: random.Random) -> None:
    """A sign around, under or over the words."""
    left, top, right, bottom = box
    style, thick, tone = rng.choice(RINGS), rng.choice((2.0, 2.5, 3.0, 4.0)), shade(name, rng)
    pad_x, pad_y = rng.uniform(6, 14), rng.uniform(5, 10)
    if style == "marker":
        name = rng.choice(("yellow", "green", "pink", "orange", "blue"))
        x, y, wide, high = left - 3, top - 2, right - left + 6, bottom - top + 4
        c.shape([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], shade(name, rng), share=0.42)
    elif style == "underline":
        x, y, wide, high = left - 2, bottom + 1, right - left + 4, thick + 3
        points = [(x + wide * n / 8, y + high / 2 + rng.uniform(-1, 1)) for n in range(9)]
        c.shape(points, tone, thick=thick)
        y, high = y - thick / 2, high + thick
    elif "frame" in style:
        x, y, wide, high = left - pad_x, top - pad_y, right - left + 2 * pad_x, bottom - top + 2 * pad_y
        c.box(x, y, wide, high, None, border=tone, thick=thick, radius=8 if style == "rounded frame" else 0)
    else:
        grow = 1.32
        wide, high = (right - left) / 2 * grow + 6, (bottom - top) / 2 + pad_y + 5
        middle = (left + right) / 2, (top + bottom) / 2
        rounds = 1.06 if style == "ellipse" else rng.choice((1.15, 2.1))
        wobble = 0.02 if style == "ellipse" else 0.08
        turn, points = rng.uniform(0, 6.28), []
        for n in range(int(34 * rounds)):
            angle = turn + 2 * math.pi * n / 33
            far = 1 + rng.uniform(-wobble, wobble)
            points.append((middle[0] + math.cos(angle) * wide * far, middle[1] + math.sin(angle) * high * far))
        c.shape(points, tone, thick=thick)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        x, y = min(xs) - thick / 2, min(ys) - thick / 2
        wide, high = max(xs) + thick / 2 - x, max(ys) + thick / 2 - y
    c.mark("ring", x, y, wide, high, colour=name, label=text)
