"""How one screen looks: colours, letters and spacing, drawn by lot from the name of its file."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .fonts import TEXT_FAMILIES

Colour = tuple[int, int, int]

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
LIGHT = (
    ("#f4f5f7", "#ffffff", "#1d2430", "#687385", "#dfe3e8"),
    ("#f7f4ef", "#fffdf9", "#2a2520", "#7b7166", "#e6dfd4"),
    ("#eef2f1", "#ffffff", "#13211d", "#5d6f69", "#d5dfdc"),
    ("#ffffff", "#f6f7f9", "#222222", "#6d6d72", "#e2e2e6"),
)
DARK = (
    ("#12151b", "#1d222b", "#eceff4", "#97a1b1", "#303845"),
    ("#000000", "#1c1c1e", "#f2f2f7", "#98989f", "#38383a"),
    ("#191622", "#262233", "#efeaf7", "#a39bb5", "#3b3550"),
    ("#10191a", "#1a2628", "#e6f0f0", "#8fa5a6", "#2d3e41"),
)


def rgb(text: str) -> Colour:
    """The colour behind "#rrggbb"."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


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
