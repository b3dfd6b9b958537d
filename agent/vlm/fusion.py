"""Where pictures meet words: inside the language model's layers, at its words, or in one vector for search.

Every way starts at zero: until it is trained, the language model writes exactly what it wrote without pictures.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from agent.vlm.config import DialogueConfig
from agent.vlm.connector import Attention


class CrossAttention(nn.Module):
    """h + tanh(gate) * attention(h, picture), before a layer (Flamingo, Alayrac 2022)."""

    def __init__(self, hidden: int, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.attention = Attention(hidden, hidden, width)
        self.gate = nn.Parameter(torch.zeros(1))

    def forward(self, states: Tensor, visual: Tensor, mask: Tensor) -> Tensor:
        """(batch, length, hidden) with the visual tokens (batch, shown, hidden) let in where `mask` says so."""
        return states + self.gate.tanh() * self.attention(self.norm(states), visual, mask)


class GatedWords(nn.Module):
    """e + sigmoid(W[e; a]) * U a with a = attention(e, picture), at the embedding of each word."""

    def __init__(self, hidden: int, width: int) -> None:
        super().__init__()
        self.attention = Attention(hidden, hidden, width)
        self.open = nn.Linear(2 * hidden, hidden)
        self.enter = nn.Linear(hidden, hidden, bias=False)

    def forward(self, states: Tensor, visual: Tensor, mask: Tensor) -> Tensor:
        """As CrossAttention.forward, for the embeddings of the words."""
        seen = self.attention(states, visual, mask)
        return states + self.open(torch.cat([states, seen], -1)).sigmoid() * self.enter(seen)


class Before:
    """What runs before one decoder layer: takes the picture out of its arguments and lets the input see it.

    The picture travels as an argument, never as state of a module, so batches and threads cannot mix.
    """

    def __init__(self, block: nn.Module | None) -> None:
        self.block = block

    def __call__(self, layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        visual, mask = kwargs.pop("visual", None), kwargs.pop("visual_mask", None)
        if visual is not None and self.block is not None:
            args = (self.block(args[0], visual, mask), *args[1:])
        return args, kwargs


def fusion_blocks(config: DialogueConfig) -> nn.ModuleDict:
    """The modules of this fusion: by layer number for cross_attention, `words` for gated, else none."""
    hidden, width = config.text_config.hidden_size, config.fusion_width
    if config.fusion == "cross_attention":
        layers = range(config.fusion_every - 1, config.text_config.num_hidden_layers, config.fusion_every)
        return nn.ModuleDict({str(layer): CrossAttention(hidden, width) for layer in layers})
    if config.fusion == "gated":
        return nn.ModuleDict({"words": GatedWords(hidden, width)})
    return nn.ModuleDict()


class FusedEmbedder(nn.Module):
    """A question's sentence vector and the pictures seen -> one unit vector in the sentence vectors' space."""

    def __init__(self, config: DialogueConfig) -> None:
        super().__init__()
        width, size = config.connector_width, config.embedding_width
        hidden = config.text_config.hidden_size
        self.asked = nn.Parameter(torch.zeros(1, width))
        self.norm = nn.LayerNorm(hidden)
        self.attention = Attention(width, hidden, width)
        self.project = nn.Linear(width, size)
        self.mix = nn.Sequential(nn.Linear(3 * size, size), nn.GELU())
        self.open = nn.Linear(3 * size, size)
        self.enter = nn.Linear(size, size, bias=False)

    def picture(self, visual: Tensor, mask: Tensor | None = None) -> Tensor:
        """Visual tokens (rows, shown, hidden) -> (rows, embedding_width), unit length; `mask` (rows, shown)."""
        asked = self.asked.expand(len(visual), -1, -1)
        return normalize(self.project(self.attention(asked, self.norm(visual), mask)[:, 0]), dim=-1)

    def forward(self, text: Tensor, picture: Tensor, there: Tensor) -> Tensor:
        """(rows, embedding_width) of unit length. `there` (rows,) says which rows have a picture: the others keep
        their text vector to the bit. A row without words (zeros) gets its picture's vector."""
        both = torch.cat([text, picture, text * picture], -1)
        fused = normalize(text + self.open(both).sigmoid() * self.enter(self.mix(both)), dim=-1)
        worded = text.abs().sum(-1, keepdim=True) > 0
        return torch.where(there[:, None], torch.where(worded, fused, picture), text)
