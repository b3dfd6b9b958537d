"""From the tower's tokens to visual tokens in the language model's space: an MLP with places, then learned queries."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from agent.vlm.config import DialogueConfig

HEAD = 64  # channels of one attention head


class Attention(nn.Module):
    """Queries look at what there is; widths may differ. `width` is that of all heads together."""

    def __init__(self, asks: int, shows: int, width: int) -> None:
        super().__init__()
        self.heads = max(1, width // HEAD)
        self.query = nn.Linear(asks, width)
        self.key = nn.Linear(shows, width)
        self.value = nn.Linear(shows, width)
        self.out = nn.Linear(width, asks)

    def forward(self, asks: Tensor, shows: Tensor, mask: Tensor | None = None) -> Tensor:
        """(batch, asked, asks) from (batch, shown, shows); `mask` (batch, shown) is True where there is something.

        A row that is shown nothing gets zeros.
        """
        allowed, seen = None, None
        if mask is not None:
            seen = mask.any(1)[:, None, None]
            allowed = mask[:, None, None] | ~seen[:, None]  # else softmax over nothing is not a number
        parts = (self._split(self.query(asks)), self._split(self.key(shows)), self._split(self.value(shows)))
        mixed = scaled_dot_product_attention(*parts, attn_mask=allowed)
        told = self.out(mixed.transpose(1, 2).flatten(2))
        return told if seen is None else told * seen

    def _split(self, states: Tensor) -> Tensor:
        return states.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class ResamplerLayer(nn.Module):
    """Queries read the picture and each other, then think (Perceiver, Jaegle 2021)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ask_norm = nn.LayerNorm(width)
        self.show_norm = nn.LayerNorm(width)
        self.attention = Attention(width, width, width)
        self.think = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, queries: Tensor, seen: Tensor) -> Tensor:
        asks = self.ask_norm(queries)
        queries = queries + self.attention(asks, torch.cat([self.show_norm(seen), asks], 1))
        return queries + self.think(queries)


class Connector(nn.Module):
    """Tower tokens of single pictures in, visual tokens out."""

    def __init__(self, config: DialogueConfig) -> None:
        super().__init__()
        width = config.connector_width
        self.inward = nn.Sequential(
            nn.LayerNorm(config.tower_width), nn.Linear(config.tower_width, width), nn.GELU(), nn.Linear(width, width)
        )
        self.places = nn.Parameter(torch.zeros(config.tower_tokens, width))
        self.queries = nn.Parameter(torch.zeros(config.visual_tokens, width))
        self.layers = nn.ModuleList(ResamplerLayer(width) for _ in range(config.resampler_depth))
        self.outward = nn.Linear(width, config.text_config.hidden_size)
        self.norm = nn.LayerNorm(config.text_config.hidden_size)

    def forward(self, tokens: Tensor) -> Tensor:
        """(pictures, tower_tokens, tower_width) -> (pictures, visual_tokens, hidden_size)."""
        seen = self.inward(tokens) + self.places
        queries = self.queries.expand(len(seen), -1, -1)
        for layer in self.layers:
            queries = layer(queries, seen)
        return self.norm(self.outward(queries))
