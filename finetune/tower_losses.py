"""What the tower is held to: the right cells hot, boxes that fit, and the right state, colour, value and tip."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from agent.vlm.tower import LEVELS, ScreenTower
from finetune.generator import has_half
from finetune.tower_crops import Sample
from index.marks import KINDS

NARROWEST, WIDEST = 0.7, 5.0  # cells: how far around a middle the heat reaches
NEAR = 0.4  # heat from which a cell must also know the box
MOST_LOOKS = 24  # boxes of one sample that are looked at twice
JITTER = 0.07  # of a side: how far the boxes are off, since found ones are off too
WEIGHTS = {
    "heat4": 1.0,
    "box4": 1.5,
    "heat16": 0.7,
    "box16": 1.0,
    "state": 1.0,
    "colour": 0.5,
    "value": 4.0,
    "tip": 2.0,
    "page": 0.4,
    "theme": 0.2,
}


def tower_losses(tower: ScreenTower, samples: Sequence[Sample], seed: int) -> dict[str, Tensor]:
    """Each part's loss over samples of one size, by name (see WEIGHTS); parts without truth here are left out."""
    pixels = torch.stack([sample.pixels for sample in samples]).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16, enabled=has_half("cpu")):  # the heads count in pixels: not they
        features = tower(pixels)
    fine, tokens, coarse = (each.float() for each in features.to_tuple())
    losses: dict[str, Tensor] = {}
    for (cell, kinds, _), (heat, edges) in zip(LEVELS, tower.marks(fine, coarse), strict=True):
        wanted = [heat_wanted(sample, heat.shape[2], heat.shape[3], cell)[list(kinds)] for sample in samples]
        losses[f"heat{cell}"] = _heat_loss(heat, wanted, samples, cell)
        if (box := _box_loss(edges, samples, cell, kinds)) is not None:
            losses[f"box{cell}"] = box
    losses |= _look_losses(tower, fine, pixels, samples, seed)
    pages = torch.tensor([sample.page for sample in samples])
    themes = torch.tensor([sample.theme for sample in samples])
    if (pages >= 0).any() or (themes >= 0).any():
        page, theme = tower.page(tokens)
        if (pages >= 0).any():
            losses["page"] = functional.cross_entropy(page, pages, ignore_index=-1)
        if (themes >= 0).any():
            losses["theme"] = functional.cross_entropy(theme, themes, ignore_index=-1)
    return losses


def total(losses: dict[str, Tensor]) -> Tensor:
    """The weighted sum."""
    return torch.stack([loss * WEIGHTS[name] for name, loss in losses.items()]).sum()


def _bumps(boxes: Tensor, height: int, width: int, cell: int) -> Tensor:
    """(n, height, width): 1 at the middle of each box, falling off with its sides."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2 / cell
    spread = ((boxes[:, 2:] - boxes[:, :2]) / cell * 0.1).clamp(NARROWEST, WIDEST)
    columns, rows = torch.arange(width) + 0.5, torch.arange(height) + 0.5
    # the cell that holds the middle is exactly 1
    at = middle.clamp(min=0).floor() + 0.5
    across = (-((columns[None] - at[:, :1]) ** 2) / (2 * spread[:, :1] ** 2)).exp()
    down = (-((rows[None] - at[:, 1:]) ** 2) / (2 * spread[:, 1:] ** 2)).exp()
    return down[:, :, None] * across[:, None, :]


def heat_wanted(sample: Sample, height: int, width: int, cell: int) -> Tensor:
    """(all kinds, height, width) in 0..1, 1 where a mark has its middle."""
    wanted = torch.zeros(len(KINDS), height, width)
    for kind, bump in zip(sample.kinds.tolist(), _bumps(sample.boxes, height, width, cell), strict=True):
        wanted[kind] = torch.maximum(wanted[kind], bump)
    return wanted


def _heat_loss(heat: Tensor, wanted: list[Tensor], samples: Sequence[Sample], cell: int) -> Tensor:
    """The focal loss of CornerNet, for each mark; what lies under half a mark does not count as wrong."""
    goal = torch.stack(wanted)
    counted = torch.ones_like(goal)
    for number, sample in enumerate(samples):
        for left, top, right, bottom in (sample.ignored / cell).tolist():
            counted[number, :, int(top) : int(bottom) + 1, int(left) : int(right) + 1] = 0
    hit = goal >= 0.999
    counted = counted.masked_fill(hit, 1.0)
    sure = heat.sigmoid()
    right = functional.logsigmoid(heat) * (1 - sure) ** 2 * hit
    wrong = functional.logsigmoid(-heat) * sure**2 * (1 - goal) ** 4 * (~hit)
    return -((right + wrong) * counted).sum() / hit.sum().clamp(min=1)


def _box_loss(edges: Tensor, samples: Sequence[Sample], cell: int, kinds: Sequence[int]) -> Tensor | None:
    """1 - GIoU in the cells around each middle, the surest cells most; of boxes on one spot the smaller counts."""
    losses, weights = [], []
    height, width = edges.shape[2:]
    for number, sample in enumerate(samples):
        bumps = _bumps(sample.boxes, height, width, cell)
        sides = sample.boxes[:, 2:] - sample.boxes[:, :2]
        order = (sides[:, 0] * sides[:, 1]).argsort()
        taken = torch.zeros(height, width, dtype=torch.bool)
        for place in order.tolist():
            if int(sample.kinds[place]) not in kinds:
                continue
            rows, columns = ((bumps[place] >= NEAR) & ~taken).nonzero().unbind(1)
            taken[rows, columns] = True
            far = edges[number, :, rows, columns].T
            at = torch.stack([columns, rows, columns, rows], 1) * cell + cell / 2
            found = at + far * far.new_tensor([-1.0, -1.0, 1.0, 1.0])
            weight = bumps[place][rows, columns]
            losses.append(((1 - _giou(found, sample.boxes[place])) * weight).sum())
            weights.append(weight.sum())
    return torch.stack(losses).sum() / torch.stack(weights).sum().clamp(min=1e-3) if losses else None


def _giou(found: Tensor, box: Tensor) -> Tensor:
    low, high = torch.maximum(found[:, :2], box[:2]), torch.minimum(found[:, 2:], box[2:])
    inner = (high - low).clamp(min=0).prod(1)
    both = (found[:, 2:] - found[:, :2]).prod(1) + (box[2:] - box[:2]).prod() - inner
    hull = (torch.maximum(found[:, 2:], box[2:]) - torch.minimum(found[:, :2], box[:2])).prod(1)
    return inner / both.clamp(min=1e-3) - (hull - both) / hull.clamp(min=1e-3)


def _look_losses(
    tower: ScreenTower, p4: Tensor, pixels: Tensor, samples: Sequence[Sample], seed: int
) -> dict[str, Tensor]:
    """The second look, on the true boxes a little off; the rarer things first when there are too many."""
    chance = torch.Generator().manual_seed(seed)
    picked = [_picked(sample, chance) for sample in samples]
    owners = torch.cat([torch.full((len(mine),), number) for number, mine in enumerate(picked)])
    if not len(owners):
        return {}

    def joined(name: str) -> Tensor:
        return torch.cat([getattr(sample, name)[mine] for sample, mine in zip(samples, picked, strict=True)])

    boxes, kinds, states, colours = joined("boxes"), joined("kinds"), joined("states"), joined("colours")
    values, tips = joined("values"), joined("tips")
    sides = (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2)
    moved = boxes + torch.randn(boxes.shape, generator=chance).clamp(-2, 2) * JITTER * sides
    looks = tower.looks(p4, pixels, moved, kinds, owners)
    losses: dict[str, Tensor] = {}
    if (known := states >= 0).any():
        allowed = _allowed_states()[kinds[known]]
        losses["state"] = functional.cross_entropy(looks.state[known].masked_fill(~allowed, -1e4), states[known])
    if (known := colours >= 0).any():
        losses["colour"] = functional.cross_entropy(looks.colour[known], colours[known])
    if (known := values >= 0).any():
        losses["value"] = (looks.value[known].sigmoid() - values[known]).abs().mean()
    if (known := tips[:, 0] >= 0).any():
        # the tip is told within the box that was looked at
        there = boxes[known, :2] + tips[known] * (boxes[known, 2:] - boxes[known, :2])
        within = (there - moved[known, :2]) / (moved[known, 2:] - moved[known, :2]).clamp(min=1)
        losses["tip"] = functional.smooth_l1_loss(looks.tip[known], within, beta=0.1)
    return losses


def _allowed_states() -> Tensor:
    """(kinds, states): which states a kind can be in."""
    from agent.vlm.tower import STATE_NAMES

    return torch.tensor([[kind == owner for owner, _ in STATE_NAMES] for kind in KINDS])


def _picked(sample: Sample, chance: torch.Generator) -> Tensor:
    telling = (sample.states >= 0) | (sample.colours >= 0) | (sample.values >= 0) | (sample.tips[:, 0] >= 0)
    places = telling.nonzero()[:, 0]
    if len(places) <= MOST_LOOKS:
        return places
    count = torch.bincount(sample.kinds[places], minlength=len(KINDS)).float()
    weight = 1 / count[sample.kinds[places]]
    return places[torch.multinomial(weight, MOST_LOOKS, generator=chance)]
