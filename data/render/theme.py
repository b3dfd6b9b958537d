"""How one screen looks: colours, letters and spacing, drawn by lot from the name of its file."""

from __future__ import annotations

import random
from dataclasses import dataclass

from finetune.screens import colours
from finetune.screens.colours import Colour, rgb

from .fonts import TEXT_FAMILIES

# Accents of the house's app and shop over the years, and of partners; the second is for dark screens.
ACCENTS: tuple[tuple[str, str], ...] = (
    ("#1f6f5c", "#5fc2a5"),
    ("#2457a6", "#7fb0ff"),
    ("#7a3b8f", "#c99ae0"),
    ("#b4532a", "#f0a27d"),
    ("#0f6b82", "#62c4dd"),
    ("#8a1f3d", "#ef8fa8"),
    ("#3b4cb8", "#9aa6ff"),
    ("#4a6b1e", "#a9cf72"),
)
LIGHT, DARK = colours.LIGHT[:4], colours.DARK[:4]  # the shop was drawn with these, and stays as it was drawn


@dataclass(frozen=True)
class Theme:
    """Colours by role, the font family, the roundness of corners and the padding of cards (logical pixels)."""

    dark: bool
    paper: Colour
    card: Colour
    ink: Colour
    muted: Colour
    line: Colour
    accent: Colour
    on_accent: Colour
    danger: Colour
    warn: Colour
    good: Colour
    family: str
    radius: int
    pad: int
    label_above: bool
    bordered: bool


def theme_for(dark: bool, rng: random.Random) -> Theme:
    """A theme by lot: no two files get quite the same."""
    paper, card, ink, muted, line = (rgb(text) for text in rng.choice(DARK if dark else LIGHT))
    accent = rgb(rng.choice(ACCENTS)[1 if dark else 0])
    return Theme(
        dark=dark,
        paper=paper,
        card=card,
        ink=ink,
        muted=muted,
        line=line,
        accent=accent,
        on_accent=(16, 20, 24) if dark else (255, 255, 255),
        danger=rgb("#ff6b62") if dark else rgb("#c62828"),
        warn=rgb("#f2b13c") if dark else rgb("#d98200"),
        good=rgb("#57c878") if dark else rgb("#23803d"),
        family=rng.choice(TEXT_FAMILIES),
        radius=rng.choice((4, 8, 12, 16)),
        pad=rng.choice((14, 16, 18, 20)),
        label_above=rng.random() < 0.35,
        bordered=rng.random() < 0.5,
    )
