"""The trained parts in a small folder: saved with their papers, checked, and put onto the base's weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import LlamaForCausalLM

from agent.model_folder import check_folder
from agent.vlm import register  # noqa: F401 (the Auto classes must know the model)
from agent.vlm.config import DialogueConfig
from agent.vlm.dialogue import DialogueModel, grow_vocabulary, load_language_model
from agent.vlm.reading import DialogueProcessor, build_processor
from index.errors import UserError

BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"
ADAPTER = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"
FUSION = "fusion.safetensors"
MANIFEST = "manifest.json"
FORMAT = 1
MOST_BYTES = 40_000_000  # a file
PREFIX = "base_model.model."  # before the model's own names in an adapter file


def save_shipped(
    folder: Path,
    model: DialogueModel,
    adapter: Mapping[str, Tensor],
    *,
    rank: int,
    alpha: float,
    card: str,
    base: str = BASE,
    dtype: torch.dtype = torch.float16,
) -> Path:
    """The folder with the adapter, all else that was trained, the config, a model card, and the SHA-256 of each.

    `adapter` has peft's names over LlamaForCausalLM ("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
    what peft puts before or into them is taken off). The model's language weights are not saved; they may be wrapped
    by peft. Raises ValueError for a file of more than 40 MB, and for an adapter that does not fit the model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    language_model = model.language_model
    if hasattr(language_model, "get_base_model"):
        language_model = language_model.get_base_model()
    tensors = _without_words({_plain_name(name): each for name, each in adapter.items()}, language_model)
    targets = sorted({name.split(".")[-1] for name in _pairs(tensors, language_model)})
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "target_modules": targets,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
    }
    _write_tensors(folder / ADAPTER, {PREFIX + name: each for name, each in tensors.items()}, dtype)
    untrained = _unused(model.config)
    own = {name: each for name, each in model.own_state() if not name.startswith(untrained)}
    _write_tensors(folder / FUSION, own, dtype)
    (folder / ADAPTER_CONFIG).write_text(json.dumps(settings, indent=1), "utf-8")
    model.config.save_pretrained(folder)
    _without_places(folder / "config.json")
    (folder / "README.md").write_text(card, "utf-8")
    return sign(folder)


def sign(folder: Path) -> Path:
    """The folder with a manifest of all files that are in it now; for whoever adds a file after save_shipped."""
    sums = {}
    for path in sorted(folder.iterdir()):
        if path.name == MANIFEST or not path.is_file():
            continue
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"{path.name} has {path.stat().st_size} bytes, the most is {MOST_BYTES}")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        sums[path.name] = {"bytes": path.stat().st_size, "sha256": digest}
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, "files": sums}, indent=1), "utf-8")
    return folder


def load_shipped(
    base_folder: Path, shipped_folder: Path, dtype: torch.dtype = torch.float32
) -> tuple[DialogueProcessor, DialogueModel]:
    """Processor and model, on the CPU and ready to answer, the adapter merged into the base's weights.

    Raises UserError DAMAGED for a folder that is not as it was written, MISMATCH when it belongs to another base.
    """
    settings = check_folder(shipped_folder)
    language_model = load_language_model(base_folder, torch.float32)
    try:
        merge_adapter(language_model, load_file(shipped_folder / ADAPTER), settings)
        known = grow_vocabulary(language_model)
        config = DialogueConfig.from_pretrained(shipped_folder, local_files_only=True)
        if (known, language_model.config.vocab_size) != (config.base_vocabulary, config.text_config.vocab_size):
            raise ValueError("another vocabulary")
        model = DialogueModel.around(config, language_model, _tower(config))
        told = model.load_state_dict(load_file(shipped_folder / FUSION), strict=False)
        elsewhere = ("language_model.", *_unused(config))
        if told.unexpected_keys or any(not name.startswith(elsewhere) for name in told.missing_keys):
            raise ValueError("other parts")
        processor = build_processor(base_folder, config)
    except (RuntimeError, ValueError, KeyError) as error:
        message = f"The parts in {shipped_folder.name} do not belong to the model in {base_folder.name}."
        raise UserError(f"{message} Install deskside again.", "MISMATCH") from error
    return processor, model.to(dtype).eval()


@torch.no_grad()
def merge_adapter(model: LlamaForCausalLM, adapter: Mapping[str, Tensor], settings: Mapping[str, Any]) -> None:
    """W + alpha / rank * B A for each pair of the adapter, in place and in float32.

    Raises ValueError when a pair fits no weight, or for kinds of adapters that this arithmetic does not know.
    """
    unknown = [key for key in ("use_dora", "rank_pattern", "alpha_pattern", "fan_in_fan_out") if settings.get(key)]
    if unknown or settings.get("bias", "none") != "none":
        raise ValueError(f"an adapter of another kind ({', '.join(unknown) or 'bias'})")
    rank = int(settings["r"])
    scale = float(settings["lora_alpha"]) / (rank**0.5 if settings.get("use_rslora") else rank)
    tensors = {_plain_name(name): each for name, each in adapter.items()}
    for place, (down, up) in _pairs(tensors, model).items():
        weight = model.get_submodule(place).weight
        weight.copy_((weight.float() + scale * (up.float() @ down.float())).to(weight.dtype))


def _pairs(tensors: Mapping[str, Tensor], model: LlamaForCausalLM) -> dict[str, tuple[Tensor, Tensor]]:
    """Module name -> (A, B), each fitting its weight; ValueError for anything else among the tensors."""
    places = [name.removesuffix(".lora_A.weight") for name in tensors if name.endswith(".lora_A.weight")]
    if not places or len(tensors) != 2 * len(places):
        raise ValueError("not a whole LoRA adapter")
    pairs = {place: (tensors[f"{place}.lora_A.weight"], tensors[f"{place}.lora_B.weight"]) for place in places}
    for place, (down, up) in pairs.items():
        shape = model.get_submodule(place).weight.shape
        if (up.shape[0], down.shape[1]) != tuple(shape) or up.shape[1] != down.shape[0]:
            raise ValueError(f"{place} has another shape")
    return pairs


def _without_words(tensors: Mapping[str, Tensor], model: LlamaForCausalLM) -> dict[str, Tensor]:
    """The adapter without the word vectors that peft adds of its own accord when a vocabulary has grown; ValueError
    if they were trained, for then they would be lost."""
    kept = dict(tensors)
    words = model.get_input_embeddings().weight.detach().cpu()
    for name in [name for name in kept if name.endswith(("embed_tokens.weight", "lm_head.weight"))]:
        if not torch.equal(kept.pop(name).detach().cpu(), words):
            raise ValueError(f"{name} was trained, which an adapter does not carry")
    return kept


def _unused(config: DialogueConfig) -> tuple[str, ...]:
    """The parts that do nothing where no pixels reach the language model: not worth their bytes."""
    return ("connector.", "fusion.", "embedder.") if config.fusion == "none" else ()


def _without_places(file: Path) -> None:
    """Take out of a config where on this machine its parts were loaded from."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items() if name != "_name_or_path"}
        return value

    file.write_text(json.dumps(plain(json.loads(file.read_text("utf-8"))), indent=2) + "\n", "utf-8")


def _plain_name(name: str) -> str:
    return name.removeprefix(PREFIX).replace(".lora_A.default.", ".lora_A.").replace(".lora_B.default.", ".lora_B.")


def _write_tensors(path: Path, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> None:
    """Floating tensors as `dtype`, the others as they are; ValueError if one cannot be written so."""
    kept = {}
    for name, each in tensors.items():
        told = each.detach().cpu()
        kept[name] = (told.to(dtype) if told.is_floating_point() else told).contiguous()
        if told.is_floating_point() and bool(told.isfinite().all()) and not bool(kept[name].isfinite().all()):
            raise ValueError(f"{name} has values beyond {dtype}")
    save_file(kept, path, metadata={"format": "pt"})


def _tower(config: DialogueConfig) -> torch.nn.Module:
    from transformers import AutoModel

    return AutoModel.from_config(config.vision_config)
