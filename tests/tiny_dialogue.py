"""A tiny dialogue model for tests: a random language model, a tower of one convolution, a tokenizer trained here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel

from agent.vlm import register  # noqa: F401
from agent.vlm.dialogue import DialogueModel, build_dialogue
from agent.vlm.reading import DialogueProcessor, build_processor
from tests.tiny_models import save_llama, tiny_tokenizer

SIDE = 32  # pixels; the tower sees 2 x 2 places


class TinyTowerConfig(PreTrainedConfig):
    model_type = "deskside_tiny_tower"

    def __init__(self, width: int = 24, **kwargs: Any) -> None:
        self.width = width
        super().__init__(**kwargs)


@dataclass
class Features:
    p4: Tensor
    tokens: Tensor


class TinyTower(PreTrainedModel):
    config_class = TinyTowerConfig

    def __init__(self, config: TinyTowerConfig) -> None:
        super().__init__(config)
        self.patches = nn.Conv2d(3, config.width, SIDE // 2, SIDE // 2)
        self.post_init()

    def forward(self, pixels: Tensor) -> Features:
        seen = self.patches(pixels)
        return Features(seen, seen.flatten(2).transpose(1, 2))


AutoConfig.register(TinyTowerConfig.model_type, TinyTowerConfig, exist_ok=True)
AutoModel.register(TinyTowerConfig, TinyTower, exist_ok=True)
KNOWN = len(tiny_tokenizer())  # ids of the base; ours come after them
SHAPE: dict[str, Any] = {
    "visual_tokens": 3,
    "tower_width": 24,
    "tower_tokens": 4,
    "connector_width": 16,
    "fusion_every": 1,
    "fusion_width": 16,
    "embedding_width": 12,
    "picture_side": SIDE,
}


def tiny_base(folder: Path) -> Path:
    """A language model of two layers with tied words, saved."""
    return save_llama(folder, vocab_size=KNOWN, tie_word_embeddings=True, initializer_range=0.3)


def tiny_pair(base: Path, fusion: str = "concat") -> tuple[DialogueProcessor, DialogueModel]:
    """Processor and model around this base; the fusion writes nothing yet."""
    torch.manual_seed(0)
    model = build_dialogue(base, TinyTower(TinyTowerConfig()), fusion, **SHAPE)
    return build_processor(base, model.config), model


def woken(model: DialogueModel) -> DialogueModel:
    """The same model with its zeros replaced, as after some training: pictures matter now."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, each in model.named_parameters():
            if name.endswith("gate"):
                each.fill_(1.0)
            if name.endswith("enter.weight"):
                each.normal_(std=0.2, generator=generator)
        model.connector.norm.weight.fill_(1.0)
    return model


def drawn(seed: int, size: tuple[int, int] = (40, 24)) -> Any:
    """A picture of coloured noise."""
    from PIL import Image

    pixels = torch.randint(0, 256, (size[1], size[0], 3), generator=torch.Generator().manual_seed(seed))
    return Image.fromarray(pixels.to(torch.uint8).numpy())
