"""A terminal window: fixed-width words, trouble in red."""

from __future__ import annotations

import random

from PIL import Image

from finetune.screens.colours import mixed, rgb

from . import frames
from .contents import TROUBLE
from .pen import TALL, Pen
from .spec import Spec
from .theme import Theme


def terminal(spec: Spec, theme: Theme, rng: random.Random) -> Image.Image:
    """Fixed-width words on dark (or, in a light theme, on cream)."""
    paper = rng.choice(((18, 20, 26), (30, 30, 46), (12, 12, 12))) if theme.dark else (253, 246, 227)
    ink = (216, 222, 233) if theme.dark else (70, 82, 88)
    pen = Pen(rng.choice((720, 780)), TALL, theme, 1, paper=paper)
    y, size = 18.0, 14.0

    def line(text: str, colour: tuple[int, int, int] = ink) -> None:
        nonlocal y
        y = pen.paragraph(20, y, pen.width - 40, text, size, family="mono", colour=colour, leading=1.55)

    for text in spec.body:
        bad = TROUBLE.search(text)
        line(
            text,
            rgb("#e06c75") if bad else rgb("#98c379" if theme.dark else "#50761a") if text.startswith("$") else ink,
        )
    label_width = max((len(label) for label, _ in spec.fields), default=0) + 3
    for label, value in spec.fields:
        pen.text(20, y, f"{label}:", size, family="mono", colour=mixed(paper, ink, 0.75))
        pen.text(20 + label_width * pen.width_of("0", size, family="mono"), y, value, size, family="mono", colour=ink)
        y += size * 1.55
    wides = [
        max(len(row[place]) if place < len(row) else 0 for row in spec.rows) + 3
        for place in range(max(map(len, spec.rows), default=0))
    ]
    for row in spec.rows:
        left = 20.0
        for cell, wide in zip(row, wides, strict=False):
            pen.text(left, y, cell, size, family="mono", colour=ink)
            left += wide * pen.width_of("0", size, family="mono")
        y += size * 1.55
    for label, on in spec.switches:
        line(f"{label} [{'on' if on else 'off'}]")
    for label, colour_words in spec.lights:
        line(f"{label} {colour_words}")
    if spec.code and not any(spec.code in text for text in spec.strings()[:-1]):
        line(f"error {spec.code}", rgb("#e06c75"))
    for text in spec.buttons:
        line(f"[ {text} ]")
    pen.text(20, y, "$", size, family="mono", colour=ink)
    pen.box(34, y + 1, 8, 16, ink)
    content = pen.cropped(y + 40)
    return frames.window(content, spec.title, theme, rng, on_desktop=rng.random() < 0.5)
