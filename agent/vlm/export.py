"""The trained language model for other programs: merged weights in a stock folder, or the adapter that vLLM loads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch

from agent.vlm import register  # noqa: F401 (the Auto classes must know the model)
from agent.vlm.dialogue import DialogueModel
from agent.vlm.reading import TEMPLATE, DialogueProcessor
from agent.vlm.shipped import ADAPTER, ADAPTER_CONFIG, BASE, load_shipped


def export_merged(
    folder_in: Path, folder_out: Path, *, base: Path | None = None, dtype: torch.dtype = torch.bfloat16
) -> Path:
    """The language part as a stock LlamaForCausalLM folder: safetensors, tokenizer, chat template, no picture token.

    `folder_in` is what `save_pretrained` wrote, or a shipped folder, which needs `base`, the folder of its base.
    """
    if (folder_in / ADAPTER_CONFIG).is_file():
        if base is None:
            raise ValueError("a shipped folder holds no language weights: name the folder of its base")
        processor, model = load_shipped(base, folder_in)
    else:
        processor = DialogueProcessor.from_pretrained(folder_in, local_files_only=True)
        model = DialogueModel.from_pretrained(folder_in, dtype=torch.float32, local_files_only=True)
    known = model.config.base_vocabulary
    text = model.language_model
    text.resize_token_embeddings(known)
    text.generation_config.suppress_tokens = None
    text.to(dtype).save_pretrained(folder_out)
    processor.tokenizer.save_pretrained(folder_out)
    _forget_words(folder_out, known)
    (folder_out / "chat_template.jinja").write_text(TEMPLATE, "utf-8")
    return folder_out


def export_adapter(folder_in: Path, folder_out: Path, *, base: str = BASE) -> Path:
    """The adapter of a shipped folder alone, naming `base`: for peft, and for vLLM's --lora-modules."""
    folder_out.mkdir(parents=True, exist_ok=True)
    settings = json.loads((folder_in / ADAPTER_CONFIG).read_text("utf-8"))
    settings["base_model_name_or_path"] = base
    (folder_out / ADAPTER_CONFIG).write_text(json.dumps(settings, indent=1), "utf-8")
    shutil.copyfile(folder_in / ADAPTER, folder_out / ADAPTER)
    return folder_out


def _forget_words(folder: Path, known: int) -> None:
    """The tokenizer's files without the words whose ids the weights no longer have."""
    path = folder / "tokenizer.json"
    told = json.loads(path.read_text("utf-8"))
    gone = {each["content"] for each in told["added_tokens"] if each["id"] >= known}
    told["added_tokens"] = [each for each in told["added_tokens"] if each["id"] < known]
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text("utf-8"))
    extra = settings.get("extra_special_tokens", [])
    if isinstance(extra, list):
        settings["extra_special_tokens"] = [word for word in extra if word not in gone]
    settings.pop("processor_class", None)
    path.write_text(json.dumps(settings, indent=1, ensure_ascii=False), "utf-8")
