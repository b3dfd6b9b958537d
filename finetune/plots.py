"""Small pictures of a run as SVG, so that a report needs no plotting library (pure)."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, EDGE = 560, 300, 46
COLOURS = ("#8a8a8a", "#0b6e99", "#b3541e", "#3d7a3d")
NAMED = {"before": COLOURS[0], "after": COLOURS[1]}
STEPS = 4
LEFT = 230  # room for the names of figures
Points = Sequence[tuple[float, float]]


def lines(title: str, across: str, up: str, named: Mapping[str, Points], *, up_to_one: bool = True) -> str:
    """An SVG with a line for each name, over shares from 0 to 1; points that are no numbers are left out. `up_to_one`
    says that what is shown is a share too."""
    clean = {name: [each for each in points if all(map(math.isfinite, each))] for name, points in named.items()}
    high = _above(max((y for points in clean.values() for _, y in points), default=1.0))

    def place(x: float, y: float) -> tuple[float, float]:
        wide, tall = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
        return EDGE + wide * x, HEIGHT - EDGE - tall * y / high

    parts = [_axes(title, across, up, high, up_to_one)]
    for at, (name, points) in enumerate(clean.items()):
        colour = NAMED.get(name, COLOURS[at % len(COLOURS)])
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        parts.append(_text(WIDTH - EDGE + 4 - 110, EDGE + 14 * at, name, colour))
    return _whole(parts)


def intervals(title: str, rows: Sequence[tuple[str, float, float, float]]) -> str:
    """An SVG with a bar for each (name, mean, low, high) of a difference, and a line at nothing."""
    tall = EDGE + 20 * len(rows) + 20
    reach = max([0.05, *(abs(each) for row in rows for each in row[1:] if math.isfinite(each))])

    def place(value: float) -> float:
        return LEFT + (WIDTH - LEFT - 20) * (value + reach) / (2 * reach)

    parts = [_text(10, 20, title, "#111", 14), f'<line x1="{place(0):.1f}" x2="{place(0):.1f}" y1="30" y2="{tall - 16}"'
             ' stroke="#999" stroke-dasharray="3 3"/>']  # fmt: skip
    for at, (name, mean, low, high) in enumerate(rows):
        if not all(map(math.isfinite, (mean, low, high))):
            continue
        y = EDGE + 20 * at
        colour = COLOURS[3] if low > 0 else COLOURS[2] if high < 0 else COLOURS[0]
        parts.append(_text(10, y + 4, name, "#333"))
        parts.append(f'<line x1="{place(low):.1f}" x2="{place(high):.1f}" y1="{y}" y2="{y}" stroke="{colour}"'
                     ' stroke-width="3"/>')  # fmt: skip
        parts.append(f'<circle cx="{place(mean):.1f}" cy="{y}" r="4" fill="{colour}"/>')
    parts.append(_text(LEFT, tall - 2, f"{-reach:+.2f}", "#666"))
    parts.append(_text(place(0) - 60, tall - 2, "worse", COLOURS[2]))
    parts.append(_text(place(0) + 30, tall - 2, "better", COLOURS[3]))
    parts.append(_text(WIDTH - 50, tall - 2, f"{reach:+.2f}", "#666"))
    return _whole(parts, tall)


def grid(title: str, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """An SVG of a confusion matrix: a row for each label wanted, the right ones in green, the others in brown, darker
    the larger their share of the row."""
    side, left = 26, 200
    top = EDGE + 120
    parts = [_text(10, 20, title, "#111", 14)]
    for column, label in enumerate(labels):
        x = left + side * column + side / 2
        parts.append(f'<g transform="translate({x:.0f} {top - 8}) rotate(-50)">{_text(0, 0, label[:24], "#333")}</g>')
    for row, label in enumerate(labels):
        y = top + side * row
        parts.append(_text(10, y + side / 2 + 4, label[:30], "#333"))
        whole = max(1, sum(counts[row]))
        for column, count in enumerate(counts[row]):
            x = left + side * column
            colour, depth = COLOURS[3 if row == column else 2], count / whole if count else 0.0
            fill = f'fill="{colour}" opacity="{0.06 + 0.94 * depth:.2f}"'
            parts.append(f'<rect x="{x}" y="{y}" width="{side - 2}" height="{side - 2}" {fill}/>')
            if count:
                parts.append(_text(x + 6, y + side / 2 + 4, str(count), "#fff" if depth > 0.5 else "#111"))
    return _whole(parts, top + side * len(labels) + 20, max(WIDTH, left + side * len(labels) + 90))


def _above(value: float) -> float:
    """The next round number above, so that a quarter of it is round too."""
    if not value > 0 or not math.isfinite(value):
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(each * size for each in (1, 2, 4, 8, 10, 20) if each * size >= value)


def _axes(title: str, across: str, up: str, high: float, up_to_one: bool) -> str:
    """A frame with a line and a number at each quarter."""
    bottom, right = HEIGHT - EDGE, WIDTH - EDGE
    parts = [_text(EDGE, 22, title, "#111", 14)]
    for at in range(STEPS + 1):
        share = at / STEPS
        x, y = EDGE + (right - EDGE) * share, bottom - (bottom - EDGE) * share
        parts.append(f'<line x1="{EDGE}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e4e4e4"/>')
        parts.append(_text(x - 8, bottom + 16, f"{share:.0%}", "#666"))
        parts.append(_text(8, y + 4, f"{share * high:.0%}" if up_to_one else f"{share * high:.3g}", "#666"))
    parts.append(f'<path d="M{EDGE} {EDGE} V{bottom} H{right}" fill="none" stroke="#999"/>')
    parts.append(_text(WIDTH / 2 - 40, bottom + 34, across, "#333"))
    return "".join([*parts, _text(8, EDGE - 14, up, "#333")])


def _text(x: float, y: float, words: str, colour: str, size: int = 11) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}">{html.escape(words)}</text>'


def _whole(parts: Sequence[str], tall: int = HEIGHT, wide: int = WIDTH) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}"'
        f' font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )
