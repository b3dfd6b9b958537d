"""Colours by the name a person would give them, and how one screen looks: drawn by lot."""

from __future__ import annotations

import random
from dataclasses import dataclass

from finetune.screens.letters import MONO_FAMILIES, TEXT_FAMILIES

Colour = tuple[int, int, int]
SHADES: dict[str, tuple[str, ...]] = {
    "red": ("#d32f2f", "#e53935", "#c62828", "#ff3b30", "#b91c1c", "#dc2626", "#f44336", "#cc1f1a"),
    "orange": ("#f57c00", "#fb8c00", "#ff9500", "#ea7a0c", "#f97316", "#e8730c"),
    "yellow": ("#fdd835", "#ffd60a", "#f6c90e", "#ffcc00", "#facc15", "#ffe03d"),
    "green": ("#2e7d32", "#34c759", "#43a047", "#16a34a", "#15803d", "#22c55e", "#1b8a5a", "#4caf50"),
    "blue": ("#1976d2", "#0a84ff", "#2563eb", "#1e5fbf", "#3b82f6", "#0b63ce", "#0067c0", "#2196f3"),
    "purple": ("#7b1fa2", "#6d28d9", "#8e24aa", "#7c3aed", "#5e35b1", "#9333ea"),
    "pink": ("#e91e63", "#ec4899", "#d81b60", "#f06292", "#db2777"),
    "white": ("#ffffff", "#fafafa", "#f4f6fa"),
    "grey": ("#757575", "#6b7280", "#8e8e93", "#9e9e9e", "#808890", "#5f6b7a"),
    "black": ("#111111", "#000000", "#1a1a1a", "#16181d"),
}
ACCENTS = ("blue", "blue", "blue", "green", "purple", "orange", "red", "pink", "black", "green", "blue")
LIGHT = (
    ("#f4f5f7", "#ffffff", "#1d2430", "#687385", "#dfe3e8"),
    ("#f7f4ef", "#fffdf9", "#2a2520", "#7b7166", "#e6dfd4"),
    ("#eef2f1", "#ffffff", "#13211d", "#5d6f69", "#d5dfdc"),
    ("#ffffff", "#f6f7f9", "#222222", "#6d6d72", "#e2e2e6"),
    ("#ffffff", "#ffffff", "#111111", "#666666", "#cccccc"),
    ("#f0f0f0", "#ffffff", "#000000", "#5a5a5a", "#adadad"),
    ("#f3f3f3", "#fbfbfb", "#1b1b1b", "#5f5f5f", "#e5e5e5"),
    ("#e9eef6", "#ffffff", "#1f2937", "#64748b", "#cbd5e1"),
)
DARK = (
    ("#12151b", "#1d222b", "#eceff4", "#97a1b1", "#303845"),
    ("#000000", "#1c1c1e", "#f2f2f7", "#98989f", "#38383a"),
    ("#191622", "#262233", "#efeaf7", "#a39bb5", "#3b3550"),
    ("#10191a", "#1a2628", "#e6f0f0", "#8fa5a6", "#2d3e41"),
    ("#202020", "#2b2b2b", "#ffffff", "#a8a8a8", "#454545"),
    ("#0f172a", "#1e293b", "#e2e8f0", "#94a3b8", "#334155"),
)


def rgb(code: str) -> Colour:
    """The colour behind "#rrggbb"."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def shade(name: str, rng: random.Random) -> Colour:
    """One of the tones that go by this name."""
    return rgb(rng.choice(SHADES[name]))


def bright(colour: Colour) -> bool:
    """Whether dark letters read better on it."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2] > 160


def on(colour: Colour) -> Colour:
    """The letters for a ground."""
    return (22, 24, 28) if bright(colour) else (255, 255, 255)


@dataclass(frozen=True)
class Look:
    """Colours by role, letters, roundness and sizes of one screen (logical pixels), and its way to draw each widget."""

    dark: bool
    paper: Colour
    card: Colour
    ink: Colour
    muted: Colour
    line: Colour
    accent: Colour
    accent_name: str
    family: str
    mono: str
    radius: float
    size: float
    pad: float
    bordered: bool
    styles: dict[str, str]
    held_out: bool


STYLES: dict[str, tuple[str, ...]] = {
    "switch": (
        "ios", "ios thin", "material 2", "material 3", "windows", "squared", "ticked", "worded", "outline", "inset",
        "bar knob", "two halves", "fluent ring", "worded square",
    ),
    "checkbox": (
        "filled tick", "outlined tick", "cross", "filled square", "classic bevel", "round tick", "bold tick",
        "tinted tick", "heavy border", "flat grey", "overshooting tick", "inverse",
    ),
    "radio": (
        "dot", "thick ring", "filled tick", "small dot", "classic bevel", "filled hole", "tinted dot", "double ring",
        "flat grey", "ringed dot", "big dot", "glow dot",
    ),
    "slider": (
        "round knob", "material", "fluent", "thick", "square knob", "thin knob", "ticked", "ringed", "classic",
        "no rest", "pill", "bubble",
    ),
    "progress": (
        "bar", "thin", "striped", "segmented", "pill", "glossy", "outlined", "worded inside", "square", "ring",
        "thick ring", "gradient",
    ),
    "stars": (
        "filled gold", "accent", "outlined rest", "grey rest", "boxed", "round", "thin", "orange", "red", "shadowed",
        "wide", "small",
    ),
    "icon": (
        "filled disc", "outlined disc", "triangle", "octagon", "square", "tinted disc", "bare sign", "round square",
        "outlined triangle", "outlined octagon", "shield",
    ),
    "selected": (
        "filled", "tinted", "left edge", "underline", "bordered", "pill", "grey", "dark ground", "faint",
        "faint edged", "bold tint",
        "top edge", "outlined pill",
    ),
    "button": (
        "filled", "outlined", "pill", "bevel", "soft", "square", "gradient", "flat",
        "upper", "shadowed", "thick border",
    ),
    "badge": ("pill", "square", "tinted pill", "tinted square", "outlined", "dotted", "upper", "soft border", "tag"),
    "banner": ("tinted", "filled", "left edge", "bordered", "top edge", "icon square", "strip", "shadowed"),
    "spinner": ("arc", "dots", "spokes", "two arcs", "thick arc", "fading ring"),
    "field": ("boxed", "filled", "underlined", "bevel", "rounded", "floating"),
}  # fmt: skip
HELD_STYLES = 2  # the last so many of each list are drawn for the test alone


def styles_for(rng: random.Random, split: str) -> dict[str, str]:
    """A way to draw each widget: for the test one of the last of its list half of the time."""
    chosen = {}
    for kind, names in STYLES.items():
        held = split == "test" and rng.random() < 0.5
        chosen[kind] = rng.choice(names[-HELD_STYLES:] if held else names[:-HELD_STYLES])
    return chosen


def look_for(rng: random.Random, split: str, dark: bool | None = None) -> Look:
    """How one screen looks, by lot."""
    dark = rng.random() < 0.32 if dark is None else dark
    paper, card, ink, muted, line = (rgb(code) for code in rng.choice(DARK if dark else LIGHT))
    name = rng.choice(ACCENTS)
    if dark and name == "black":
        name = "blue"
    accent = shade(name, rng)
    size = rng.choice((12.0, 13.0, 13.5, 14.0, 15.0, 16.0))
    return Look(
        dark=dark, paper=paper, card=card, ink=ink, muted=muted, line=line, accent=accent, accent_name=name,
        family=rng.choice(TEXT_FAMILIES), mono=rng.choice(MONO_FAMILIES), radius=rng.choice((0, 2, 4, 6, 8, 12, 16)),
        size=size, pad=rng.choice((12, 14, 16, 20)), bordered=rng.random() < 0.6, styles=styles_for(rng, split),
        held_out=split == "test",
    )  # fmt: skip
