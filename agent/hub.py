"""Any chat model from a folder or a hub id: found, checked, opened without its code, adapters merged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.decode import TextModel, number_type
from agent.generate import HubModel
from agent.model import ChatMessage, Model
from agent.model_folder import WANTED, check_folder, read_json
from agent.stream import control_pattern
from agent.template import encode_chat
from index.errors import UserError

# Plain attention in every layer: their caches can be cut, so the quick decoder serves them.
QUICK = {"llama", "qwen2", "qwen3"}
OUR_KIND = "deskside_dialogue"


def load_hub(
    ref: str,
    *,
    cache: Path,
    threads: int | None = None,
    offline: bool = True,
    on_note: Callable[[str], None] | None = None,
) -> Model:
    """The model in a folder or of a hub id; an adapter folder is merged into the base it names.

    Never runs the folder's code and never opens a pickle. Raises UserError with the next step for a folder that
    cannot be trusted, is damaged, does not fit its base or is not on this machine.
    """
    folder = find_folder(ref, offline)
    papers = check_folder(folder)
    name = Path(ref).name if Path(ref).is_dir() else ref
    adapter: Path | None = None
    if (folder / "adapter_config.json").is_file():
        adapter, folder = folder, _base_of(folder, papers, cache, offline, on_note)
    reader, model = open_folder(folder)
    if adapter is not None:
        model = _merged(model, adapter, folder)
    _try_template(reader)
    if model.config.model_type == OUR_KIND:
        from agent.vlm.speak import dialogue_voice

        return dialogue_voice(ref, name, reader, model, threads)
    if not hasattr(reader, "tokenizer") and is_quick(model.config):
        return TextModel(ref, name, reader, model, threads)
    return HubModel(ref, name, reader, model, threads)


def find_folder(ref: str, offline: bool = True) -> Path:
    """The folder of this ref: as given, or the local copy of a hub id (fetched first unless `offline`)."""
    path = Path(ref).expanduser()
    if path.is_dir():
        return path
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", ref) or path.exists():
        raise UserError(f"No model folder at {ref}. Give a folder, a hub id (owner/name) or: embedded", "CONFIG")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(ref, allow_patterns=WANTED, local_files_only=offline))
    except HFValidationError as error:
        raise UserError(f"{ref} is neither a folder nor a hub id (owner/name). Check --model.", "CONFIG") from error
    except LocalEntryNotFoundError as error:
        if offline:
            raise UserError(
                f"{ref} is not on this machine. Fetch it once: hf download {ref} (or use --model embedded)", "CONFIG"
            ) from error
        raise UserError(f"{ref} cannot be fetched: no way to the hub. Check the network.", "BACKEND") from error
    except Exception as error:  # network, rights, disk: the hub's client lets many kinds through
        raise UserError(
            f"{ref} cannot be fetched ({type(error).__name__}). Check its name and your access to it.", "BACKEND"
        ) from error


def image_only(processor_class: type) -> type:
    """The processor class without its video part, which is loaded eagerly and needs torchvision.

    `__init__` stays as it is: loading looks at its arguments to sort the settings (transformers #48558).
    """
    from transformers import ProcessorMixin

    parts = processor_class.get_attributes()  # type: ignore[attr-defined]
    if "video_processor" not in parts:
        return processor_class

    class ImageOnly(processor_class):  # type: ignore[misc, valid-type]
        @classmethod
        def get_attributes(cls) -> list[str]:
            return [part for part in parts if part != "video_processor"]

        @classmethod
        def _get_arguments_from_pretrained(cls, *args: Any, **kwargs: Any) -> list[Any]:
            loaded = super()._get_arguments_from_pretrained(*args, **kwargs)
            by_name = dict(zip(cls.get_attributes(), loaded, strict=True))
            return [by_name.get(part) for part in parts]  # None where the video part stood

        def apply_chat_template(self, *args: Any, **kwargs: Any) -> Any:
            return ProcessorMixin.apply_chat_template(self, *args, **kwargs)  # SmolVLM's asks the video part

    ImageOnly.__name__ = processor_class.__name__  # it is saved as processor_class
    return ImageOnly


def open_folder(folder: Path) -> tuple[Any, Any]:
    """Processor (or tokenizer) and model of a checked folder."""
    import torch
    from transformers import AutoConfig, AutoTokenizer
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING,
        MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING,
    )
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    local = {"trust_remote_code": False, "local_files_only": True}
    if read_json(folder / "config.json").get("model_type") == OUR_KIND:
        from agent.vlm import register  # noqa: F401 (the Auto classes must know our model)
    with _trouble(folder, "config.json"):
        config = AutoConfig.from_pretrained(folder, **local)
    sees = type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    if not sees and type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise UserError(f"{folder.name} is a {config.model_type}, which writes no replies. Use a chat model.", "CONFIG")
    with _trouble(folder, "its tokenizer or processor"):
        reader = _processor(folder, config, local) if sees else AutoTokenizer.from_pretrained(folder, **local)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    kind = (MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING if sees else MODEL_FOR_CAUSAL_LM_MAPPING)[type(config)]
    kind = kind[0] if isinstance(kind, tuple) else kind
    with _trouble(folder, "its weights"):
        model, told = kind.from_pretrained(
            folder, dtype=number_type(device), use_safetensors=True, output_loading_info=True, **local
        )
        if told["missing_keys"]:
            raise ValueError(f"{len(told['missing_keys'])} weights are missing")
    return reader, model.to(device).eval()


def _processor(folder: Path, config: Any, local: dict[str, Any]) -> Any:
    """The processor; without torchvision, its image half only."""
    import transformers
    from transformers import AutoProcessor, ProcessorMixin
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING
    from transformers.utils import is_torchvision_available

    if is_torchvision_available():
        return AutoProcessor.from_pretrained(folder, **local)
    name = ProcessorMixin.get_processor_dict(folder, **local)[0].get("processor_class")
    kind = getattr(transformers, name or "", None) or PROCESSOR_MAPPING[type(config)]
    if not (isinstance(kind, type) and issubclass(kind, ProcessorMixin)):
        raise ValueError(f"no processor {name}")
    return image_only(kind).from_pretrained(folder, **local)  # type: ignore[attr-defined]


@contextmanager
def _trouble(folder: Path, part: str) -> Iterator[None]:
    """Whatever a library raises about a foreign folder is trouble with that folder."""
    try:
        yield
    except UserError:
        raise
    except ImportError as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else "a package is missing"
        raise UserError(
            f"{folder.name} needs more packages: {first} Try: pip install 'deskside[hub]'", "CONFIG"
        ) from error
    except Exception as error:
        first = str(error).strip().splitlines()[0][:150] if str(error).strip() else type(error).__name__
        raise UserError(f"{part} in {folder.name} cannot be used: {first} Fetch the model again.", "DAMAGED") from error


def _try_template(reader: Any) -> None:
    """Renders one small conversation, so that a hostile template is found now and not in front of a customer."""
    chat = [ChatMessage("system", "Be kind."), ChatMessage("user", "Hello"), ChatMessage("assistant", "Hi")]
    pattern = control_pattern()
    encode_chat(reader, [*chat, ChatMessage("user", "Where is my order?")], pattern)


def is_quick(config: Any) -> bool:
    layers = set(getattr(config, "layer_types", None) or ["full_attention"])
    return config.model_type in QUICK and layers == {"full_attention"}


def _base_of(
    adapter: Path, papers: dict[str, Any], cache: Path, offline: bool, on_note: Callable[[str], None] | None
) -> Path:
    """The checked folder of the base that an adapter names."""
    base = papers.get("base_model_name_or_path")
    if not isinstance(base, str) or not base or papers.get("megatron_config"):
        raise UserError(f"{adapter.name} does not say which base it belongs to. Train it again.", "MISMATCH")
    if base == "embedded":
        from agent.embedded import convert_base

        return convert_base(cache, on_note=on_note)
    folder = find_folder(base, offline)
    check_folder(folder)
    return folder


def _merged(model: Any, adapter: Path, base: Path) -> Any:
    """The base with the adapter's changes in its weights; UserError MISMATCH if they do not belong together."""
    try:
        from peft import PeftModel, get_peft_model_state_dict
    except ImportError as error:
        raise UserError("Adapters need peft: pip install 'deskside[hub]'", "CONFIG") from error
    from safetensors import safe_open

    try:
        tuned = PeftModel.from_pretrained(model, adapter, local_files_only=True)
        with safe_open(adapter / "adapter_model.safetensors", framework="numpy") as weights:
            there = set(weights.keys())
        if there != set(get_peft_model_state_dict(tuned)):
            raise ValueError("other layers")
        return tuned.merge_and_unload().eval()
    except (RuntimeError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"The adapter {adapter.name} was not trained on {base.name}. Use it with its own base.", "MISMATCH"
        ) from error
