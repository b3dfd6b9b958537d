"""Any chat model of the hub learns answers: adapters on its language part, pictures through its own processor."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from finetune.batches import Branch, Tree
from finetune.freezing import freeze
from finetune.generator import half_where_native
from finetune.lora import load_adapter, lora_layers, save_adapter
from finetune.recipe import Recipe
from index.pictures import open_picture

# What a processor says about each token of a text: made again for the text with its answer.
_TOKEN_KINDS = ("mm_token_type_ids", "token_type_ids")


def open_hub(ref: str) -> tuple[Any, Any]:
    """Tokenizer or processor, and model, of a folder or a hub id. Raises the UserErrors of `agent.hub`."""
    from agent import hub
    from agent.model_folder import check_folder

    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    folder = hub.find_folder(ref, offline)
    check_folder(folder)
    return hub.open_folder(folder)


def is_packable(reader: Any, model: Any) -> bool:
    """Whether the model reads packed rows: text only, plain attention in every layer."""
    from agent import hub

    return not hasattr(reader, "tokenizer") and hub.is_quick(model.config)


def shown(path: str) -> Any:
    """The picture at a path, as the desk shows it to a model. Raises the UserErrors of `open_picture`."""
    return open_picture(Path(path)).image


class HubTask:
    """A model of `transformers`, one conversation at a time: every architecture reads its own way."""

    def __init__(self, reader: Any, model: Any, recipe: Recipe, device: str = "cpu") -> None:
        self.reader = reader
        self.model = model.float().to(device)
        self.recipe, self.device = recipe, device
        self.trained = freeze(model, model.get_decoder(), recipe)
        if recipe.start_from:
            from safetensors.torch import load_file

            load_adapter(model, load_file(Path(recipe.start_from) / "adapter_model.safetensors"))

    def losses(self, trees: Sequence[Tree]) -> tuple[Tensor, Tensor]:
        """Next token on the answers, each weighed as `pack` does."""
        total, weights = torch.zeros((), device=self.device), 0.0
        for tree in trees:
            seen = self._seen(tree)
            for branch in tree.branches:
                logits, labels = self._answer(tree, branch, seen)
                weight = len(labels) ** -self.recipe.length_power
                total = total + cross_entropy(logits.float(), labels, reduction="sum") * weight
                weights += len(labels) * weight
        return total, torch.tensor(weights, device=self.device)

    def exact(self, trees: Sequence[Tree]) -> list[tuple[str, bool]]:
        """By one forward over each true answer, see `finetune.packed.exact_asks`."""
        found = []
        with torch.inference_mode():
            for tree in trees:
                seen = self._seen(tree)
                for branch in tree.branches:
                    logits, labels = self._answer(tree, branch, seen)
                    found.append((branch.kind, bool((logits.argmax(-1) == labels).all())))
        return found

    def save(self, folder: Path) -> None:
        """The adapter in peft's layout, its layers named in full; without adapters, the whole model and its reader."""
        if lora_layers(self.model):
            save_adapter(self.model, folder, self.recipe.base, whole_names=True)
        else:
            self.model.save_pretrained(folder)
            self.reader.save_pretrained(folder)

    def _seen(self, tree: Tree) -> dict[str, Any]:
        """What the processor makes of the pictures of a tree, all but the words."""
        if not tree.pictures:
            return {}
        words = str(getattr(self.reader.image_token, "content", self.reader.image_token))
        fed = dict(
            self.reader(text=words * len(tree.pictures), images=[shown(p) for p in tree.pictures], return_tensors="pt")
        )
        fed["places"] = int((fed.pop("input_ids") == self.reader.image_token_id).sum())
        fed.pop("attention_mask", None)
        return fed

    def _answer(self, tree: Tree, branch: Branch, seen: dict[str, Any]) -> tuple[Tensor, Tensor]:
        """Logits (answer tokens, vocabulary) and the answer's ids.

        Raises ValueError when the prompt's image tokens are not those of its pictures.
        """
        ids = torch.from_numpy(numpy.concatenate([tree.prefix, branch.ids]).astype(numpy.int64))[None]
        first = len(tree.prefix) + branch.answer_at
        fed: dict[str, Any] = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        if tree.pictures:
            here = ids == self.reader.image_token_id
            if int(here.sum()) != seen["places"]:
                raise ValueError(
                    f"example {tree.id} has {int(here.sum())} image tokens, its pictures need {seen['places']}"
                )
            fed |= {name: each for name, each in seen.items() if name != "places"}
            fed |= {name: here.long() for name in _TOKEN_KINDS if name in seen}
        fed = {name: each.to(self.device) if isinstance(each, Tensor) else each for name, each in fed.items()}
        at = torch.arange(first - 1, ids.shape[1] - 1, device=self.device)
        with half_where_native(self.device):
            logits = self.model(**fed, use_cache=False, logits_to_keep=at).logits[0]
        if len(logits) != len(at):  # an architecture that computes all of them
            logits = logits[at]
        return logits, ids[0, first:].to(self.device)
