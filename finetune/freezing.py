"""What is trained and what stays: four strategies, three groups of parameters with a learning rate each."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from finetune.lora import attach_lora, layer_number
from finetune.recipe import Recipe
from index.errors import UserError

GROUPS = ("vision", "connector", "language")


def group_of(name: str) -> str:
    """The group of a parameter, from its name."""
    parts = name.split(".")
    if any(part in ("tower", "vision_tower", "vision_model", "visual") for part in parts):
        return "vision"
    ours = ("connector", "multi_modal_projector", "heads", "fusion", "resampler", "embedder")
    return (
        "connector"
        if any(part in ours or (part.endswith("_head") and part != "lm_head") for part in parts)
        else "language"
    )


def freeze(model: nn.Module, language: nn.Module, recipe: Recipe) -> dict[str, nn.Parameter]:
    """Freeze the model but for what the recipe trains (adapters are put in); the trained parameters by name.

    `language` is the part that writes. Raises UserError USAGE if the strategy trains nothing here.
    """
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    if recipe.strategy == "lora" and recipe.stage != "align":
        attach_lora(model, language, recipe.targets, recipe.rank, recipe.alpha, recipe.dropout, recipe.first_layer)
    layers = 1 + max(
        (layer_number(name) for name, _ in model.named_parameters() if group_of(name) == "language"), default=0
    )
    for name, parameter in model.named_parameters():
        if _trained(name, recipe, layers):
            parameter.requires_grad_(True)
    trained = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    if not trained:
        raise UserError(
            f"The strategy {recipe.strategy} trains nothing in {recipe.base}: it has no connector. Use --strategy lora",
            "CONFIG",
        )
    return trained


def _trained(name: str, recipe: Recipe, layers: int) -> bool:
    group = group_of(name)
    if group == "connector":
        return recipe.fusion != "native" or recipe.strategy == "connector"
    if group == "vision":
        return recipe.strategy == "full" and recipe.stage == "joint" and recipe.fusion != "native"
    if recipe.stage == "align" or recipe.strategy == "connector":
        return False
    if recipe.strategy == "lora":
        return "lora_" in name
    number = layer_number(name)
    return recipe.strategy == "full" or number >= layers - recipe.top_layers or (number < 0 and ".norm." in name)


def make_optimizer(trained: dict[str, nn.Parameter], recipe: Recipe) -> torch.optim.AdamW:
    """AdamW with a learning rate per group; no decay on what has one dimension (norms, biases, gates)."""
    rates = {"vision": recipe.lr_vision, "connector": recipe.lr_connector, "language": recipe.lr_language}
    groups: list[dict[str, Any]] = []
    for group in GROUPS:
        for decayed in (True, False):
            chosen = [p for name, p in trained.items() if group_of(name) == group and (p.ndim > 1) == decayed]
            if chosen:
                decay = recipe.weight_decay if decayed else 0.0
                groups.append({"params": chosen, "lr": rates[group], "full_lr": rates[group], "weight_decay": decay})
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-8)


def trained_table(model: nn.Module) -> list[tuple[str, int, int]]:
    """(group, trained parameters, all parameters), for the three groups."""
    rows = []
    for group in GROUPS:
        members = [p for name, p in model.named_parameters() if group_of(name) == group]
        rows.append((group, sum(p.numel() for p in members if p.requires_grad), sum(p.numel() for p in members)))
    return rows
