"""What the tower learns from: drawn screens kept on disk, cut into crops and whole pictures with their truth."""

from __future__ import annotations

import json
import math
import os
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from agent.vlm.seen import VALUED, look_scale, to_pixels
from agent.vlm.tower import AROUND, STATE_NAMES
from finetune.screens.truth import Screen, Split
from index.marks import COLOURED, COLOURS, KINDS, PAGES, THEMES, Mark, Sight

Draw = Callable[[int, Split], Screen]

GROUND = (128, 128, 128)
LEAST_SEEN = 0.6  # share of a mark inside the crop for it to count
NEARLY_ALL = 0.97  # share needed to learn its value, its tip and its state
# Few pages have one; of CANDIDATES screens those that do are preferred.
SELDOM = frozenset({"stars", "ring", "lamp", "spinner", "badge", "slider", "progress", "arrow", "banner", "icon"})
CANDIDATES = 3
FARTHEST = 2.4  # times as far as a picture is looked at
ZOOM = 0.22  # the scale is changed by up to e to the power of this, either way


@dataclass(frozen=True)
class Sample:
    """One picture to learn from, `pixels` (3, H, W) in 0..1, with n marks: `boxes` (n, 4) in its pixels; `kinds`,
    `states` (places in STATE_NAMES) and `colours` (n,), -1 where unknown; `values` (n,) in 0..1, -1: none; `tips`
    (n, 2) as shares of the box, -1: none; `ignored` (m, 4): where half a mark is, neither right nor wrong.
    `page` and `theme` are -1 for a part of a picture.
    """

    pixels: Tensor
    boxes: Tensor
    kinds: Tensor
    states: Tensor
    colours: Tensor
    values: Tensor
    tips: Tensor
    ignored: Tensor
    page: int = -1
    theme: int = -1


def kept_screen(folder: Path, seed: int, split: Split, draw: Draw) -> tuple[Image.Image, Sight]:
    """Screen `seed` from `folder`, drawn and kept there when it is wanted for the first time.

    Several processes may ask at once: what they write is the same, and swapped in whole.
    """
    sight = kept_sight(folder, seed, split, draw)
    with Image.open(folder / f"{split}-{seed}.png") as image:
        image.load()
        return image, sight


def kept_sight(folder: Path, seed: int, split: Split, draw: Draw) -> Sight:
    """The truth about screen `seed`; the screen is drawn and kept when it is not there."""
    truth = folder / f"{split}-{seed}.json"
    if not truth.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        screen = draw(seed, split)
        beside = folder / f".{split}-{seed}-{os.getpid()}"
        screen.image.convert("RGB").save(beside, "PNG", compress_level=1)
        beside.replace(truth.with_suffix(".png"))
        beside.write_text(json.dumps(asdict(screen.sight)), "utf-8")
        beside.replace(truth)
    return sight_of(json.loads(truth.read_text("utf-8")))


def telling_screen(folder: Path, screens: int, draw: Draw, chance: random.Random) -> tuple[Image.Image, Sight]:
    """One of `screens` by lot, more often one with kinds that are seldom seen."""
    seeds = [chance.randrange(screens) for _ in range(CANDIDATES)]
    sights = [kept_sight(folder, seed, "train", draw) for seed in seeds]
    weights = [1 + 3 * len({mark.kind for mark in sight.marks} & SELDOM) for sight in sights]
    return kept_screen(folder, chance.choices(seeds, weights)[0], "train", draw)


def sight_of(told: dict[str, Any]) -> Sight:
    """A sight from its JSON."""
    marks = []
    for mark in told["marks"]:
        tip = mark.pop("tip")
        box = mark.pop("box")
        marks.append(Mark(box=(box[0], box[1], box[2], box[3]), tip=(tip[0], tip[1]) if tip else None, **mark))
    return Sight(told["page"], told["theme"], tuple(marks))


def crop_of(image: Image.Image, sight: Sight, side: int, chance: random.Random) -> Sample:
    """A square of `side` pixels around a mark (three in four times) or anywhere, at about the scale of looking."""
    scale = look_scale(*image.size) * math.exp(chance.uniform(-ZOOM, ZOOM))
    reach = side / scale
    if sight.marks and chance.random() < 0.75:
        kind = chance.choice(sorted({mark.kind for mark in sight.marks}))
        mark = chance.choice([mark for mark in sight.marks if mark.kind == kind])
        middle = ((mark.box[0] + mark.box[2]) / 2, (mark.box[1] + mark.box[3]) / 2)
        if kind in AROUND:  # from farther away, so that a wide one is in the crop whole
            longest = 1.2 * max(mark.box[2] - mark.box[0], mark.box[3] - mark.box[1])
            reach = min(max(reach, longest), FARTHEST * reach)
            scale = side / reach
        left, top = (at - reach / 2 + chance.uniform(-0.35, 0.35) * reach for at in middle)
    else:
        left, top = (chance.uniform(-0.1, 1.1) * size - reach / 2 for size in image.size)
    left, top = _held(left, image.width, reach), _held(top, image.height, reach)
    cut = Image.new("RGB", (side, side), GROUND)
    inner = (max(0.0, left), max(0.0, top), min(image.width, left + reach), min(image.height, top + reach))
    size = round((inner[2] - inner[0]) * scale), round((inner[3] - inner[1]) * scale)
    if min(size) > 0:
        part = image.resize(size, Image.Resampling.BILINEAR, box=inner)
        cut.paste(part, (round((inner[0] - left) * scale), round((inner[1] - top) * scale)))
    return _sample(_retouched(to_pixels(cut), chance), sight, scale, (left, top))


def _held(edge: float, size: int, reach: float) -> float:
    """The edge moved so that little of the crop lies outside the picture."""
    slack = 0.1 * reach
    low, high = sorted((-slack, size - reach + slack))
    return min(max(edge, low), high)


def whole_of(image: Image.Image, sight: Sight, chance: random.Random) -> Sample:
    """The whole picture as it is looked at, with what kind of page it is."""
    scale = look_scale(*image.size)
    sample = _sample(_retouched(to_pixels(image, scale), chance), sight, scale, (0.0, 0.0))
    page = PAGES.index(sight.page) if sight.page in PAGES else -1
    theme = THEMES.index(sight.theme) if sight.theme in THEMES else -1
    return Sample(**{**vars(sample), "page": page, "theme": theme})


def _retouched(pixels: Tensor, chance: random.Random) -> Tensor:
    """Now and then a little darker, brighter, paler or noisier."""
    if chance.random() < 0.5:
        pixels = ((pixels - 0.5) * chance.uniform(0.85, 1.12) + 0.5 + chance.uniform(-0.05, 0.05)).clamp(0, 1)
    if chance.random() < 0.2:
        noise = torch.randn(pixels.shape, generator=torch.Generator().manual_seed(chance.getrandbits(32)))
        pixels = (pixels + noise * chance.uniform(0.005, 0.03)).clamp(0, 1)
    return pixels


def _sample(pixels: Tensor, sight: Sight, scale: float, corner: tuple[float, float]) -> Sample:
    height, width = pixels.shape[1:]
    boxes, kinds, states, colours, values, tips, ignored = [], [], [], [], [], [], []
    for mark in sight.marks:
        left, top, right, bottom = (
            (edge - corner[place % 2]) * scale for place, edge in enumerate(float(edge) for edge in mark.box)
        )
        inner = (max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom))
        seen = _area(inner) / max(_area((left, top, right, bottom)), 1e-6)
        if seen <= 0 or inner[2] - inner[0] < 3 or inner[3] - inner[1] < 2:
            continue
        if seen < LEAST_SEEN:
            ignored.append(inner)
            continue
        boxes.append(inner)
        kinds.append(KINDS.index(mark.kind))
        whole = seen >= NEARLY_ALL
        states.append(_state_place(mark) if whole else -1)
        colours.append(_colour_place(mark))
        values.append(mark.value if whole and mark.kind in VALUED and mark.value >= 0 else -1.0)
        tips.append(_tip_share(mark) if whole and mark.tip else (-1.0, -1.0))
    return Sample(
        pixels,
        torch.tensor(boxes).reshape(-1, 4).float(),
        torch.tensor(kinds, dtype=torch.long),
        torch.tensor(states, dtype=torch.long),
        torch.tensor(colours, dtype=torch.long),
        torch.tensor(values).float(),
        torch.tensor(tips).reshape(-1, 2).float(),
        torch.tensor(ignored).reshape(-1, 4).float(),
    )


def _area(box: tuple[float, float, float, float]) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


@lru_cache
def _state_places() -> dict[tuple[str, str], int]:
    return {pair: place for place, pair in enumerate(STATE_NAMES)}


def _state_place(mark: Mark) -> int:
    return _state_places().get((mark.kind, mark.state), -1)


def _colour_place(mark: Mark) -> int:
    return COLOURS.index(mark.colour) if mark.kind in COLOURED and mark.colour in COLOURS else -1


def _tip_share(mark: Mark) -> tuple[float, float]:
    assert mark.tip is not None
    left, top, right, bottom = mark.box
    return (mark.tip[0] - left) / max(1, right - left), (mark.tip[1] - top) / max(1, bottom - top)
