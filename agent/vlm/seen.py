"""A picture in, what is seen on it out: peaks of the tower's heat become marks with their state, value and colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from agent.vlm.boxes import shared
from agent.vlm.gauge import arrow_tip, bar_value
from agent.vlm.tower import LEVELS, STATE_NAMES, STEP, Features, ScreenTower
from index.marks import COLOURED, COLOURS, KINDS, PAGES, STATES, THEMES, Mark, Sight

if TYPE_CHECKING:
    from PIL import Image

LONGEST = 1_280  # the longer side of what is looked at, unless the page was scrolled
SMALL_PIXELS = 600_000  # smaller pictures are enlarged towards this, at most twice, as the reader of words does
SCREEN_RATIO = 2.4  # height over width; taller pages are looked at in parts
OVERLAP = 128  # pixels seen in two parts
MOST = 100  # marks on one part
LEAST_SCORE = 0.3
SURE_PAGE = 0.6  # 0..1; below it nothing is said of the page
DARK_GROUND, LIGHT_GROUND = 70, 170  # of 255: the median tone of a page that is plainly dark, plainly light
GROUND = 0.5  # what the picture is laid on, to sides in multiples of 32
VALUED = frozenset({"slider", "progress", "stars"})
# Kinds that look alike: of two on the same spot only the surer one is there.
ALIKE = (
    ("switch", "checkbox", "radio", "lamp", "icon", "spinner"),
    ("slider", "progress", "stars"),
    ("button", "badge", "banner", "selected"),
)
_FAMILY = {kind: number for number, kinds in enumerate(ALIKE) for kind in kinds}


def look_scale(width: int, height: int) -> float:
    """How much larger (up to 2) or smaller the picture is looked at."""
    if height > width * SCREEN_RATIO:
        return min(1.0, LONGEST / (2 * width))
    area = width * height
    if area * 1.4 < SMALL_PIXELS:
        return min(2.0, (SMALL_PIXELS / area) ** 0.5, LONGEST / max(width, height))
    return min(1.0, LONGEST / max(width, height))


def to_pixels(image: Image.Image, scale: float = 1.0) -> Tensor:
    """(3, H, W) in 0..1, H and W the next multiples of 32, the picture in the upper left."""
    import numpy as np
    from PIL import Image

    size = max(8, round(image.width * scale)), max(8, round(image.height * scale))
    if size != image.size:
        image = image.resize(size, Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).float() / 255
    return functional.pad(pixels, (0, -size[0] % STEP, 0, -size[1] % STEP), value=GROUND)


@torch.inference_mode()
def see(tower: ScreenTower, image: Image.Image, least: float | None = None) -> Sight:
    """Page, theme and marks (without labels) of a picture, boxes in its own pixels, in reading order.

    `least` replaces the tower's own thresholds.
    """
    scale = look_scale(*image.size)
    marks: list[Mark] = []
    page = theme = ""
    for top, bottom in _parts(image.width, image.height, scale):
        part = image if (top, bottom) == (0, image.height) else image.crop((0, top, image.width, bottom))
        pixels = to_pixels(part, scale)[None].to(memory_format=torch.channels_last)
        features = tower(pixels)
        if not page:
            page, theme = _page(tower, features.tokens, image)
        scores, kinds, boxes = peaks(tower, features, least)
        if len(kinds):
            looks = tower.looks(features.p4, pixels, boxes, kinds, torch.zeros_like(kinds))
            size = (image.width, bottom - top)
            found = _marks(scores, kinds, boxes, looks.state, looks.colour, looks.value, looks.tip, scale, size)
            marks += [_lowered(_gauged(mark, part), top) for mark in found]
    kept = without_twins(marks)
    return Sight(page, theme, tuple(sorted(kept, key=lambda mark: (mark.box[1], mark.box[0]))))


def _page(tower: ScreenTower, tokens: Tensor, image: Image.Image) -> tuple[str, str]:
    """What kind of page it is and its theme, "" where the tower is in doubt; a plainly light or dark ground decides
    the theme by itself."""
    pages, themes = (each[0].softmax(-1) for each in tower.page(tokens))
    kind = PAGES[int(pages.argmax())] if float(pages.max()) >= SURE_PAGE else ""
    ground = sorted(image.convert("L").resize((32, 32)).tobytes())[512]
    if not DARK_GROUND < ground < LIGHT_GROUND:
        return kind, "dark" if ground <= DARK_GROUND else "light"
    return kind, THEMES[int(themes.argmax())] if float(themes.max()) >= SURE_PAGE else ""


def _parts(width: int, height: int, scale: float) -> Iterator[tuple[int, int]]:
    """(top, bottom) of each part to look at; one for a picture of one screen."""
    step = height if height <= width * SCREEN_RATIO else max(int(LONGEST / scale), 2 * OVERLAP)
    top = 0
    while top + step < height:
        yield top, top + step
        top += step - OVERLAP
    yield top, height


def peaks(tower: ScreenTower, features: Features, least: float | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Scores (n,), kinds (n,) and boxes (n, 4) in pixels of the first picture's cells that outdo their neighbours."""
    assert features.p4 is not None
    assert features.p16 is not None
    told = tower.marks(features.p4[:1], features.p16[:1])
    found = [_hot(tower, level, heat, edges, least) for level, (heat, edges) in zip(LEVELS, told, strict=True)]
    scores, kinds, boxes = (torch.cat(parts) for parts in zip(*found, strict=True))
    if len(scores) > MOST:
        scores, best = scores.topk(MOST)
        kinds, boxes = kinds[best], boxes[best]
    return scores, kinds, boxes


def _hot(
    tower: ScreenTower, level: tuple[int, tuple[int, ...], float], heat: Tensor, edges: Tensor, least: float | None
) -> tuple[Tensor, Tensor, Tensor]:
    """The peaks of one map, as `peaks`."""
    cell, sought, _ = level
    heat = heat[0].sigmoid()
    floor = [least or tower.config.thresholds.get(KINDS[kind], LEAST_SCORE) for kind in sought]
    places, rows, columns = (heat > heat.new_tensor(floor)[:, None, None]).nonzero().unbind(1)
    around = functional.pad(heat, (1, 1, 1, 1))  # the eight neighbours of the few hot cells, not of all
    beside = [around[places, rows + down, columns + across] for down in range(3) for across in range(3)]
    scores = heat[places, rows, columns]
    peak = scores >= torch.stack(beside).amax(0)
    scores, places, rows, columns = scores[peak], places[peak], rows[peak], columns[peak]
    sides = edges[0, :, rows, columns].T
    middle = torch.stack([columns, rows, columns, rows], 1) * cell + cell / 2
    return scores, torch.tensor(sought, device=heat.device)[places], middle + sides * sides.new_tensor([-1, -1, 1, 1])


def _marks(
    scores: Tensor,
    kinds: Tensor,
    boxes: Tensor,
    states: Tensor,
    colours: Tensor,
    values: Tensor,
    tips: Tensor,
    scale: float,
    size: tuple[int, int],
) -> list[Mark]:
    values = values.sigmoid()
    found = []
    for place, number in enumerate(kinds.tolist()):
        kind = KINDS[number]
        left, top, right, bottom = (edge / scale for edge in boxes[place].tolist())
        box = (_within(left, size[0]), _within(top, size[1]), _within(right, size[0]), _within(bottom, size[1]))
        if box[2] - box[0] < 3 or box[3] - box[1] < 2:
            continue
        tip = None
        if kind == "arrow":
            across, down = tips[place].tolist()
            tip = (_within(left + across * (right - left), size[0]), _within(top + down * (bottom - top), size[1]))
        found.append(
            Mark(
                kind,
                box,
                state=_state(kind, states[place]),
                value=_value(kind, float(values[place])) if kind in VALUED else -1.0,
                colour=COLOURS[int(colours[place].argmax())] if kind in COLOURED else "",
                tip=tip,
                score=float(scores[place]),
            )
        )
    return found


def _within(edge: float, most: int) -> int:
    return min(max(0, round(edge)), most)


def _state(kind: str, logits: Tensor) -> str:
    """The likeliest of the states that the kind can be in."""
    mine = [number for number, (owner, _) in enumerate(STATE_NAMES) if owner == kind]
    return STATES[kind][int(logits[mine].argmax())] if mine else ""


def _value(kind: str, value: float) -> float:
    return round(value * 10) / 10 if kind == "stars" else round(value, 3)


def _gauged(mark: Mark, part: Image.Image) -> Mark:
    """A bar's value and an arrow's tip to the pixel, where their colours tell it."""
    if mark.kind == "progress":
        return replace(mark, value=bar_value(part, mark.box, mark.value))
    return replace(mark, tip=arrow_tip(part, mark.box, mark.colour, mark.tip)) if mark.tip else mark


def _lowered(mark: Mark, top: int) -> Mark:
    """The same mark in pixels of the whole picture."""
    left, upper, right, lower = mark.box
    tip = (mark.tip[0], mark.tip[1] + top) if mark.tip else None
    return replace(mark, box=(left, upper + top, right, lower + top), tip=tip)


def without_twins(marks: list[Mark]) -> list[Mark]:
    """The surest first, without those that stand where a surer one of a like kind stands."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: -mark.score):
        family = _FAMILY.get(mark.kind, mark.kind)
        rivals = [other for other in kept if _FAMILY.get(other.kind, other.kind) == family]
        if all(shared(mark.box, other.box) < (0.4 if other.kind == mark.kind else 0.6) for other in rivals):
            kept.append(mark)
    return kept
