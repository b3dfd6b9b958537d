"""Low-rank adapters (Hu 2021) on linear layers, kept in peft's layout so that peft and vLLM load them.

Our own few lines rather than peft: training must work with the plain installation, the sums of the two small products
are fused into the big one (the CPU waits for memory), and layers below the first adapter cost no backward pass.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from index.errors import UserError

PEFT = "base_model.model."


class LoraLinear(nn.Module):
    """y = x W' + s (x A') B' with W frozen, s = alpha / rank; B is zero at first, so that y starts unchanged."""

    def __init__(self, linear: nn.Linear, rank: int, alpha: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.linear = linear
        kind: Any = {"device": linear.weight.device, "dtype": torch.float32}
        self.lora_A = nn.Parameter(torch.empty(rank, linear.in_features, **kind))
        self.lora_B = nn.Parameter(torch.zeros(linear.out_features, rank, **kind))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.scale = alpha / rank
        self.dropout = dropout

    @property
    def weight(self) -> torch.Tensor:
        """The frozen weight: code that asks a linear layer for its type or device finds it."""
        return self.linear.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As the linear layer, with the adapter's part added."""
        y = self.linear(x)
        small = functional.dropout(x, self.dropout, self.training) if self.dropout else x
        small = functional.linear(small.to(self.lora_A.dtype), self.lora_A)
        if torch.is_autocast_enabled(y.device.type) or y.dtype != small.dtype:
            return y + functional.linear(small, self.lora_B).to(y.dtype) * self.scale
        flat = torch.addmm(y.flatten(0, -2), small.flatten(0, -2), self.lora_B.t(), alpha=self.scale)
        return flat.view(y.shape)


def layer_number(name: str) -> int:
    """The number of the layer that a module's name stands in; -1 outside of layers."""
    parts = name.split(".")
    return next((int(b) for a, b in pairwise(parts) if a in ("layers", "h") and b.isdigit()), -1)


def attach_lora(
    model: nn.Module,
    inside: nn.Module,
    targets: Sequence[str],
    rank: int,
    alpha: int,
    dropout: float,
    first_layer: int = 0,
) -> list[str]:
    """Put adapters on the linear layers called `targets` inside the part `inside`; their names from `model`.

    Only that part: a name like q_proj also stands in many vision towers. Raises UserError MISMATCH if none is there.
    """
    mine = {id(module) for module in inside.modules()}
    found = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
        and id(module) in mine
        and name.rsplit(".", 1)[-1] in targets
        and (not first_layer or layer_number(name) >= first_layer)
    ]
    if not found:
        raise UserError(
            f"The base model has no layer called {', '.join(targets)} to adapt. Use another base.", "MISMATCH"
        )
    for name in found:
        parent, _, last = name.rpartition(".")
        holder = model.get_submodule(parent)
        setattr(holder, last, LoraLinear(getattr(holder, last), rank, alpha, dropout))
    return found


def lora_layers(model: nn.Module) -> dict[str, LoraLinear]:
    """The adapted layers by name."""
    return {name: module for name, module in model.named_modules() if isinstance(module, LoraLinear)}


def merge_lora(model: nn.Module) -> None:
    """Add every adapter into its weight and take it away: a stock model again."""
    for name, layer in lora_layers(model).items():
        with torch.no_grad():
            layer.linear.weight += (layer.lora_B @ layer.lora_A * layer.scale).to(layer.linear.weight.dtype)
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, layer.linear)


def adapter_tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    """The adapter under peft's names; `model` is the model whose class peft will see."""
    return {
        f"{PEFT}{name}.lora_{side}.weight": getattr(layer, f"lora_{side}").detach().cpu().contiguous()
        for name, layer in lora_layers(model).items()
        for side in "AB"
    }


def save_adapter(model: nn.Module, folder: Path, base: str, *, whole_names: bool = False) -> None:
    """Write adapter_model.safetensors and adapter_config.json, as peft reads them.

    `whole_names` names every layer in full, for models where a short name also stands outside the language part.
    """
    from safetensors.torch import save_file

    layers = lora_layers(model)
    one = next(iter(layers.values()))
    folder.mkdir(parents=True, exist_ok=True)
    save_file(adapter_tensors(model), folder / "adapter_model.safetensors", metadata={"format": "pt"})
    numbers = sorted({layer_number(name) for name in layers})
    config: dict[str, Any] = {
        "peft_type": "LORA",
        "task_type": None if whole_names else "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": one.lora_A.shape[0],
        "lora_alpha": round(one.scale * one.lora_A.shape[0]),
        "lora_dropout": one.dropout,
        "target_modules": sorted(layers if whole_names else {name.rsplit(".", 1)[-1] for name in layers}),
        "layers_to_transform": numbers if not whole_names and numbers and numbers[0] > 0 else None,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "init_lora_weights": True,
        "modules_to_save": None,
        "use_dora": False,
        "use_rslora": False,
    }
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")


def load_adapter(model: nn.Module, tensors: Mapping[str, torch.Tensor]) -> None:
    """Put saved adapter tensors into the adapters of the model. Raises UserError MISMATCH if they do not fit."""
    layers = lora_layers(model)
    wanted = {
        f"{PEFT}{name}.lora_{side}.weight": getattr(layer, f"lora_{side}")
        for name, layer in layers.items()
        for side in "AB"
    }
    if set(wanted) != set(tensors) or any(wanted[name].shape != tensors[name].shape for name in wanted):
        raise UserError(
            "The adapter belongs to another base or another recipe. Start anew without --resume.", "MISMATCH"
        )
    with torch.no_grad():
        for name, parameter in wanted.items():
            parameter.copy_(tensors[name])
