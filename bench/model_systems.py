"""The models side by side: the untrained base, and what was trained, as an adapter or as shipped folders."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.model import ChatMessage, Model
from index.errors import UserError

if TYPE_CHECKING:
    from agent.vlm.tower import ScreenTower

MOST_TOKENS = 48


@dataclass(frozen=True)
class Voice:
    """A model that answers. `language` is its causal language model and `tokenizer` its tokenizer, for perplexity;
    `decoded` is what a Decoder steps with; `dialogue` the whole DialogueModel. All None where there is none."""

    name: str
    model: Model
    language: Any = None
    tokenizer: Any = None
    decoded: Any = None
    dialogue: Any = None

    def say(self, messages: Sequence[ChatMessage], pictures: Sequence[Path] = (), most: int = MOST_TOKENS) -> str:
        """The greedy reply."""
        shown = tuple(pictures) if self.model.reads_pictures else ()
        return "".join(self.model.stream(messages, pictures=shown, max_new_tokens=most)).strip()


@dataclass(frozen=True)
class Systems:
    """What a run compares: the base, the trained voices in the order given, and the tower that sees marks."""

    base: Voice | None = None
    trained: tuple[Voice, ...] = ()
    tower: ScreenTower | None = None
    tower_id: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Base first."""
        return (*((self.base,) if self.base else ()), *self.trained)


def load_systems(asked: argparse.Namespace, cache: Path) -> Systems:
    """The models that the flags name; without any, the shipped weights where this copy has them.

    Raises UserError when a folder does not fit.
    """
    from agent.embedded import convert_base
    from agent.weights import shipped_folder

    folder = convert_base(cache)
    weights = list(asked.weights)
    shipped = shipped_folder()
    if not weights and not asked.adapter and shipped:
        weights = [shipped]
    trained = [_adapted(folder, each, asked.threads) for each in asked.adapter]
    trained += [_shipped(folder, each, asked.threads) for each in weights]
    tower = _tower(asked.tower, trained)
    notes = [f"{each.name}: {fingerprint(each.language)}" for each in trained if each.language is not None]
    notes += [f"tower: {fingerprint(tower)}"] if tower is not None else []
    return Systems(
        _base(folder, asked.threads), tuple(trained), tower, fingerprint(tower) if tower else "", tuple(notes)
    )


def _base(folder: Path, threads: int) -> Voice:
    import torch

    from agent.decode import TextModel
    from agent.embedded import NAME, load_text_weights

    tokenizer, language = load_text_weights(folder, torch.float32)
    return Voice("base", TextModel("base", NAME, tokenizer, language, threads), language, tokenizer, language)


def _adapted(folder: Path, adapter: Path, threads: int) -> Voice:
    """The base with an adapter in peft's layout put onto it."""
    import torch
    from safetensors.torch import load_file

    from agent.decode import TextModel
    from agent.embedded import load_text_weights
    from agent.vlm.shipped import merge_adapter

    tokenizer, language = load_text_weights(folder, torch.float32)
    try:
        settings = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
        merge_adapter(language, load_file(adapter / "adapter_model.safetensors"), settings)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{adapter.name} holds no adapter for this base ({error}).", "MISMATCH") from error
    name = f"trained ({adapter.name})"
    model = TextModel("adapter", name, tokenizer, language, threads)
    model.abstains = True  # as where it ships
    return Voice(name, model, language, tokenizer, language)


def _shipped(folder: Path, weights: Path, threads: int) -> Voice:
    from agent.vlm.shipped import load_shipped
    from agent.vlm.speak import Album, dialogue_voice

    processor, model = load_shipped(folder, weights)
    fusion = model.config.fusion
    name = f"trained ({weights.name}{'' if fusion == 'none' else ', ' + fusion})"
    voice = dialogue_voice("embedded", name, processor, model, threads)
    decoded = Album(model) if fusion in ("none", "concat") else None  # the others see inside of their layers
    return Voice(name, voice, model.language_model, processor.tokenizer, decoded, model)


def _tower(folder: Path | None, trained: Sequence[Voice]) -> ScreenTower | None:
    """The tower of the folder, else that of the first trained model that has one."""
    if folder is not None:
        from agent.vlm.eyes import load_tower

        return load_tower(folder)
    return next((each.dialogue.tower for each in trained if each.dialogue is not None), None)


def fingerprint(module: Any) -> str:
    """Eight letters that change with any weight, so that a table names what it measured."""
    told = hashlib.sha256()
    for name, each in sorted(module.state_dict().items()):
        told.update(name.encode() + each.detach().cpu().contiguous().float().numpy().tobytes())
    return told.hexdigest()[:8]
