"""A tiny embedded model for tests: a base where the cache keeps the real one, and trained parts as they ship."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from agent.embedded import FORMAT, NAME, _sums
from agent.vlm.shipped import save_shipped
from agent.weights import AIM
from finetune.freezing import freeze
from finetune.lora import adapter_tensors, lora_layers
from finetune.recipe import Recipe
from index.conversation import Article
from tests.learn_doubles import NAMES, THINGS, TROUBLES
from tests.tiny_dialogue import KNOWN, tiny_pair
from tests.tiny_models import save_llama


def tiny_embedded(cache: Path, shipped: Path, rank: int = 4, **config: Any) -> Path:
    """The base in `cache`, so that `convert_base` finds it whole, and an adapter on it in `shipped`; the base."""
    base = save_llama(
        cache / f"base-{NAME.lower()}-bf16", vocab_size=KNOWN, tie_word_embeddings=True, initializer_range=0.3,
        max_position_embeddings=8192, **config,
    )  # fmt: skip
    (base / "manifest.json").write_text(json.dumps({"format": FORMAT, "files": _sums(base)}), "utf-8")
    _, model = tiny_pair(base, "none")
    torch.manual_seed(0)
    language = model.language_model
    freeze(language, language.model, Recipe(rank=rank, alpha=2 * rank))
    for layer in lora_layers(language).values():
        torch.nn.init.normal_(layer.lora_B, std=0.02)
    tensors = adapter_tensors(language)
    for name, layer in lora_layers(language).items():
        parent, _, last = name.rpartition(".")
        setattr(language.get_submodule(parent), last, layer.linear)
    save_shipped(shipped, model, tensors, rank=rank, alpha=2 * rank, card="# Tiny")
    assert not (shipped / AIM).exists()
    return base


def articles() -> list[Article]:
    """What the made-up shop of `learn_doubles` tells everybody, so that replies stand in passages."""
    told = []
    for at, thing in enumerate(THINGS):
        for which, (one, other, fix) in enumerate(TROUBLES):
            title, said = f"The {thing} {one} or {other}", fix.format(thing=NAMES[at], n=which + 3).capitalize()
            told.append(Article(f"A-{at}-{which}", title, f"# {title}\n\nYour {thing} {other}? {said}.\n"))
    return told
