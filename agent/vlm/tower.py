"""The tower: the OCR detector's backbone, with heads that see switches, lamps and arrows, and tokens for fusion."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel
from transformers.utils import ModelOutput

from index.marks import COLOURS, KINDS, PAGES, STATES, THEMES

STEP = 32  # heights and widths are multiples of it
CELL = 4  # pixels of a picture in one cell of `p4`
WIDE_CELL = 16  # and of `p16`
STATE_NAMES = tuple((kind, state) for kind in KINDS for state in STATES[kind])
# Kinds that lie around or over others, often as wide as the page: they are sought on the coarser map, where their
# middle is but a few cells away from anything, and apart from what stands in their middle.
AROUND = ("arrow", "ring", "selected", "banner")
# For each map: pixels of a cell, the kinds sought on it (places in KINDS), half the side of a usual one in pixels.
LEVELS = (
    (CELL, tuple(place for place, kind in enumerate(KINDS) if kind not in AROUND), 16.0),
    (WIDE_CELL, tuple(place for place, kind in enumerate(KINDS) if kind in AROUND), 64.0),
)
MARGIN = 0.15  # of a box's side, seen around it on each side
LEAST_MARGIN = 3.0  # pixels
# Seen of each box: cells of p4 (high, wide) and of the picture itself. Wide, since a slider tells along its length.
LOOK_CELLS = (6, 18)
LOOK_PIXELS = (8, 48)


class ScreenTowerConfig(PreTrainedConfig):  # type: ignore[misc]
    """The sizes of a tower; the standard ones are those of the PP-OCRv6 small detector's backbone.

    `squeezed` has a letter for each block of each stage: S squeezes and excites, - does not. `thresholds` says from
    which score (0..1) a kind is believed; the others are believed from `seen.LEAST_SCORE`.
    """

    model_type = "deskside_screen_tower"

    def __init__(
        self,
        stem: tuple[int, int] = (24, 48),
        widths: tuple[int, ...] = (48, 96, 192, 384),
        squeezed: tuple[str, ...] = ("S-", "-S-", "-S-S-", "-S-"),
        neck: int = 64,
        look: int = 128,
        thresholds: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        self.stem = tuple(stem)
        self.widths = tuple(widths)
        self.squeezed = tuple(squeezed)
        self.neck = neck
        self.look = look
        self.thresholds = dict(thresholds or {})
        super().__init__(**kwargs)

    @property
    def token_width(self) -> int:
        """Numbers in one token: the three deepest maps side by side (672 in the standard tower)."""
        return sum(self.widths[1:])


@dataclass
class Features(ModelOutput):  # type: ignore[misc]
    """`p4` (batch, neck, H/4, W/4) and `p16` (batch, neck, H/16, W/16) for the heads; `tokens` (batch, 64,
    token_width), an 8x8 grid row by row."""

    p4: Tensor | None = None
    tokens: Tensor | None = None
    p16: Tensor | None = None


@dataclass
class Looks(ModelOutput):  # type: ignore[misc]
    """What a second look at n boxes tells: logits over STATE_NAMES and COLOURS, `value` (n,) in 0..1 as a logit,
    `tip` (n, 2) as shares of the box's width and height."""

    state: Tensor | None = None
    colour: Tensor | None = None
    value: Tensor | None = None
    tip: Tensor | None = None


class Pointwise(nn.Conv2d):
    """A 1x1 convolution as a matrix product: on one thread torch's own takes a slow way round."""

    def forward(self, seen: Tensor) -> Tensor:
        """(batch, channels in, h, w) to (batch, channels out, h, w)."""
        return functional.linear(seen.permute(0, 2, 3, 1), self.weight.flatten(1), self.bias).permute(0, 3, 1, 2)


def conv(wide_in: int, wide_out: int, size: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """A convolution that keeps the picture's size (divided by `stride`) for odd sizes."""
    if size == stride == groups == 1:
        return Pointwise(wide_in, wide_out, 1)
    return nn.Conv2d(wide_in, wide_out, size, stride, padding=(size - 1) // 2, groups=groups)


class Faint(Pointwise):
    """A last layer that tells nearly the same, `start`, of everything until it has learned better."""

    def __init__(self, wide_in: int, wide_out: int, start: float) -> None:
        super().__init__(wide_in, wide_out, 1)
        self.start = start


class Stem(nn.Module):
    """Pixels to the first features at a quarter of the size."""

    def __init__(self, narrow: int, wide: int) -> None:
        super().__init__()
        self.first = conv(3, narrow, 3, 2)
        self.thin = conv(narrow, narrow // 2, 2)
        self.back = conv(narrow // 2, narrow, 2)
        self.down = conv(2 * narrow, narrow, 3, 2)
        self.out = conv(narrow, wide)

    def forward(self, pixels: Tensor) -> Tensor:
        """(batch, 3, H, W) to (batch, wide, H/4, W/4)."""
        seen = functional.pad(functional.relu(self.first(pixels)), (0, 1, 0, 1))
        fine = functional.pad(functional.relu(self.thin(seen)), (0, 1, 0, 1))
        rows = torch.maximum(seen[:, :, 1:], seen[:, :, :-1])  # a pool of 2x2, quicker than torch's own on one thread
        pooled = torch.maximum(rows[..., 1:], rows[..., :-1])
        both = torch.cat([pooled, functional.relu(self.back(fine))], 1)
        return functional.relu(self.out(functional.relu(self.down(both))))


class Block(nn.Module):
    """Each channel's neighbourhood, then the channels among themselves."""

    def __init__(self, wide_in: int, wide_out: int, stride: int, squeezed: bool) -> None:
        super().__init__()
        self.near = conv(wide_in, wide_in, 3, stride, groups=wide_in)
        self.squeeze = nn.ModuleList([conv(wide_in, wide_in // 4), conv(wide_in // 4, wide_in)] if squeezed else [])
        self.widen = conv(wide_in, 2 * wide_in)
        self.narrow = conv(2 * wide_in, wide_out)
        self.adds = wide_in == wide_out and stride == 1

    def forward(self, seen: Tensor) -> Tensor:
        """(batch, wide_in, h, w) to (batch, wide_out, h/stride, w/stride)."""
        seen = self.near(seen)
        if self.squeeze:
            weight = functional.relu(self.squeeze[0](seen.mean((2, 3), keepdim=True)))
            seen = seen * functional.hardsigmoid(self.squeeze[1](weight))
        told = self.narrow(functional.gelu(self.widen(seen)))
        return seen + told if self.adds else told


class Backbone(nn.Module):
    """PP-LCNetV4 as the detector of PP-OCRv6 uses it, its norms folded into the convolutions.

    Written out here so that a folder of weights does not depend on one version of transformers.
    """

    def __init__(self, config: ScreenTowerConfig) -> None:
        super().__init__()
        self.stem = Stem(*config.stem)
        stages = []
        wide = config.stem[1]
        for number, (width, letters) in enumerate(zip(config.widths, config.squeezed, strict=True)):
            blocks = []
            for place, letter in enumerate(letters):
                stride = 2 if number and not place else 1
                blocks.append(Block(wide, width, stride, letter == "S"))
                wide = width
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """RGB (batch, 3, H, W) in 0..1 to the maps of strides 4, 8, 16 and 32."""
        seen = self.stem(pixels.flip(1) * 2 - 1)  # the detector was trained on BGR in -1..1
        maps = []
        for stage in self.stages:
            seen = stage(seen)
            maps.append(seen)
        return maps


class Apart(nn.Sequential):
    """A wide look at little cost: each channel by itself, then all together."""

    def __init__(self, wide: int, size: int) -> None:
        super().__init__(conv(wide, wide, size, groups=wide), conv(wide, wide), nn.GELU())


class Pyramid(nn.Module):
    """The four maps joined from far to near; two coarser ones see whole rows and banners."""

    def __init__(self, widths: tuple[int, ...], wide: int) -> None:
        super().__init__()
        # the detector's maps differ much in size; normed, none drowns the others
        self.across = nn.ModuleList(conv(width, wide) for width in widths)
        self.norms = nn.ModuleList(nn.GroupNorm(8, wide) for _ in widths)
        self.far = nn.ModuleList(Apart(wide, 5) for _ in range(2))
        self.smooth = nn.ModuleList(Apart(wide, 5 if place else 3) for place in range(len(widths)))

    def forward(self, maps: list[Tensor]) -> tuple[Tensor, Tensor]:
        """The maps of strides 4, 8, 16, 32 to two joined ones, of strides 4 and 16."""
        levels = [norm(across(one)) for norm, across, one in zip(self.norms, self.across, maps, strict=True)]
        for far in self.far:
            levels.append(far(functional.avg_pool2d(levels[-1], 2, ceil_mode=True)))
        joined = coarse = levels[-1]
        for place in range(len(levels) - 2, -1, -1):
            joined = levels[place] + functional.interpolate(joined, size=levels[place].shape[2:])
            if place < len(self.smooth):
                joined = joined + self.smooth[place](joined)
            if place == 2:
                coarse = joined
        return joined, coarse


class MarkHead(nn.Module):
    """Where marks are: how likely each kind has its middle in a cell, and how far the four edges are from there."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        rare = -math.log(99.0)  # one cell in a hundred
        self.heat = nn.ModuleList(
            nn.Sequential(Apart(wide, 5 if place else 3), Faint(wide, len(kinds), rare))
            for place, (_, kinds, _) in enumerate(LEVELS)
        )
        self.edges = nn.ModuleList(
            nn.Sequential(Apart(wide, 5), Faint(wide, 4, math.log(usual / cell))) for cell, _, usual in LEVELS
        )

    def forward(self, p4: Tensor, p16: Tensor) -> list[tuple[Tensor, Tensor]]:
        """For each of LEVELS: heat logits (batch, its kinds, h, w), and from each cell's middle to left, top, right
        and bottom in pixels (batch, 4, h, w)."""
        return [
            (self.heat[place](seen), self.edges[place](seen).clamp(-3, 6).exp() * LEVELS[place][0])
            for place, seen in enumerate((p4, p16))
        ]


class LookHead(nn.Module):
    """A second look at each box, from the features and from the pixels themselves: state, colour, value, tip."""

    def __init__(self, wide: int, look: int) -> None:
        super().__init__()
        self.fine = nn.Sequential(conv(3, 16, 3), nn.GELU(), conv(16, 24, 3, 2), nn.GELU())
        self.slim = conv(wide, 32)
        self.from_pixels = nn.Linear(24 * (LOOK_PIXELS[0] // 2) * (LOOK_PIXELS[1] // 2), look)
        self.from_cells = nn.Linear(32 * LOOK_CELLS[0] * LOOK_CELLS[1], look)
        self.kinds = nn.Embedding(len(KINDS), look)
        self.sides = nn.Linear(2, look)
        self.mixed = nn.Sequential(nn.LayerNorm(look), nn.Linear(look, look), nn.GELU())
        self.told = nn.Linear(look, len(STATE_NAMES) + len(COLOURS) + 1 + 2)

    def forward(self, p4: Tensor, pixels: Tensor, boxes: Tensor, kinds: Tensor, owners: Tensor) -> Looks:
        """`boxes` (n, 4) in pixels, `kinds` (n,) and `owners` (n,): which picture of the batch each box is on."""
        size = (pixels.shape[3], pixels.shape[2])
        cells = functional.gelu(self.slim(_sampled(p4, boxes, owners, LOOK_CELLS, size)))
        fine = self.fine(_sampled(pixels, boxes, owners, LOOK_PIXELS, size) * 2 - 1)
        sides = ((boxes[:, 2:] - boxes[:, :2]).clamp(min=1) / 32).log()
        seen = self.from_cells(cells.flatten(1)) + self.from_pixels(fine.flatten(1)) + self.sides(sides)
        seen = functional.gelu(seen + self.kinds(kinds))
        told = self.told(seen + self.mixed(seen))
        state, colour, value, tip = told.split([len(STATE_NAMES), len(COLOURS), 1, 2], 1)
        return Looks(state=state, colour=colour, value=value[:, 0], tip=tip + 0.5)


def _sampled(maps: Tensor, boxes: Tensor, owners: Tensor, grid: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """(n, channels, *grid): each box with its margin, laid over `grid` points of the map of its picture."""
    sides = boxes[:, 2:] - boxes[:, :2]
    margin = (sides * MARGIN).clamp(min=LEAST_MARGIN)
    low, high = boxes[:, :2] - margin, boxes[:, 2:] + margin
    rows = (torch.arange(grid[0], device=maps.device) + 0.5) / grid[0]
    columns = (torch.arange(grid[1], device=maps.device) + 0.5) / grid[1]
    xs = low[:, :1] + (high - low)[:, :1] * columns
    ys = low[:, 1:] + (high - low)[:, 1:] * rows
    places = torch.stack(
        [
            (xs / size[0] * 2 - 1)[:, None, :].expand(-1, *grid),
            (ys / size[1] * 2 - 1)[:, :, None].expand(-1, *grid),
        ],
        -1,
    )
    found = maps.new_zeros((len(boxes), maps.shape[1], *grid))
    for owner in owners.unique().tolist():  # all boxes of one picture at once: the map is not copied for each
        mine = (owners == owner).nonzero()[:, 0]
        strip = places[mine].reshape(1, -1, grid[1], 2).to(maps.dtype)
        seen = functional.grid_sample(maps[owner : owner + 1], strip, align_corners=False, padding_mode="border")
        found = found.index_copy(0, mine, seen[0].unflatten(1, (len(mine), grid[0])).transpose(0, 1))
    return found


class PageHead(nn.Module):
    """What kind of page it is and whether it is dark: the tokens, weighed by how much each one tells."""

    def __init__(self, width: int, look: int) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, look))
        self.places = nn.Parameter(torch.zeros(64, look))
        self.weigh = nn.Linear(look, 1)
        self.told = nn.Linear(2 * look, len(PAGES) + len(THEMES))

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Logits over PAGES and over THEMES."""
        seen = functional.gelu(self.read(tokens) + self.places)
        chosen = (self.weigh(seen).softmax(1) * seen).sum(1)
        told = self.told(torch.cat([chosen, seen.mean(1)], 1))
        return told[:, : len(PAGES)], told[:, len(PAGES) :]


class ScreenTower(PreTrainedModel):  # type: ignore[misc]
    """A picture in, features and tokens out; the heads are asked by name (`marks`, `looks`, `page`)."""

    config_class = ScreenTowerConfig
    base_model_prefix = "tower"
    main_input_name = "pixels"

    def __init__(self, config: ScreenTowerConfig) -> None:
        super().__init__(config)
        self.backbone = Backbone(config)
        self.pyramid = Pyramid(config.widths, config.neck)
        self.marks = MarkHead(config.neck)
        self.looks = LookHead(config.neck, config.look)
        self.page = PageHead(config.token_width, config.look)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        from transformers import initialization as init

        if isinstance(module, Faint):
            init.normal_(module.weight, std=0.003)
            init.constant_(module.bias, module.start)
        elif isinstance(module, nn.Conv2d | nn.Linear):
            init.kaiming_normal_(module.weight, nonlinearity="linear")
            if module.bias is not None:
                init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            init.normal_(module.weight, std=0.02)
        elif isinstance(module, nn.GroupNorm | nn.LayerNorm):
            init.ones_(module.weight)
            init.zeros_(module.bias)
        elif isinstance(module, PageHead):
            init.zeros_(module.places)

    def forward(self, pixels: Tensor) -> Features:
        """RGB (batch, 3, H, W) in 0..1, H and W multiples of 32, to its features.

        Raises ValueError for other shapes.
        """
        if pixels.dim() != 4 or pixels.shape[1] != 3 or pixels.shape[2] % STEP or pixels.shape[3] % STEP:
            raise ValueError(f"pixels must be (batch, 3, H, W) in multiples of {STEP}, not {tuple(pixels.shape)}")
        maps = self.backbone(pixels)
        grids = [functional.adaptive_avg_pool2d(one, 8) for one in reversed(maps[1:])]
        fine, coarse = self.pyramid(maps)
        return Features(p4=fine, tokens=torch.cat(grids, 1).flatten(2).transpose(1, 2), p16=coarse)


AutoConfig.register(ScreenTowerConfig.model_type, ScreenTowerConfig)
AutoModel.register(ScreenTowerConfig, ScreenTower)
