"""May this model folder be loaded? Checked before any library opens it: no code, no pickle, nothing cut or torn."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from index.errors import UserError

PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.joblib", "*.h5")
# What is fetched from a hub: weights and words, no code.
WANTED = ["*.safetensors", "*.json", "*.jinja", "*.txt", "*.model"]


def check_folder(folder: Path) -> dict[str, Any]:
    """The folder's config (that of the adapter for an adapter folder) after all checks.

    Raises UserError UNTRUSTED for code or pickles, DAMAGED for cut or changed files, CONFIG for no model.
    """
    adapter = (folder / "adapter_config.json").is_file()
    config = read_json(folder / ("adapter_config.json" if adapter else "config.json"))
    _no_code(folder)
    _check_weights(folder, "adapter_model" if adapter else "model")
    _check_tokenizer(folder)
    _check_manifest(folder)
    return config


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file of the model."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise UserError(
            f"{path.parent} is no model folder: {path.name} is missing. Check --model.", "CONFIG"
        ) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "is not whole JSON") from error
    if not isinstance(value, dict):
        raise _damaged(path, "is not a JSON object")
    return value


def _no_code(folder: Path) -> None:
    code = next((path for path in sorted(folder.rglob("*.py"))), None)
    if code is not None:
        raise UserError(
            f"The model folder brings Python code ({code.name}), which is never run. Use a model without code.",
            "UNTRUSTED",
        )
    for path in sorted(folder.glob("*.json")):
        if path.name.endswith("config.json") and _mentions_code(read_json(path)):
            raise UserError(
                f"{path.name} asks for foreign code (auto_map), which is never run. Use a model without it.",
                "UNTRUSTED",
            )


def _mentions_code(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value.get("auto_map")) or any(map(_mentions_code, value.values()))
    return isinstance(value, list) and any(map(_mentions_code, value))


def _check_weights(folder: Path, name: str) -> None:
    files = sorted(folder.glob("*.safetensors"))
    listing = folder / f"{name}.safetensors.index.json"
    if listing.is_file():
        shards = read_json(listing).get("weight_map")
        if not isinstance(shards, dict):
            raise _damaged(listing, "lists no weights")
        missing = sorted({str(shard) for shard in shards.values()} - {path.name for path in files})
        if missing:
            raise _damaged(folder / missing[0], "is missing")
    elif not (folder / f"{name}.safetensors").is_file():
        if any(path for kind in PICKLES for path in folder.glob(kind)):
            raise UserError(
                f"{folder.name} holds its weights as a pickle, which can run code. Use a safetensors version.",
                "UNTRUSTED",
            )
        raise UserError(f"{folder} has no weights ({name}.safetensors). Check --model.", "CONFIG")
    for path in files:
        _open_weights(path)


def _open_weights(path: Path) -> None:
    """Reads the header: lengths and offsets must fit the file."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as weights:
            weights.keys()
    except (SafetensorError, OSError, ValueError) as error:
        raise _damaged(path, f"cannot be read ({error})") from error


def _check_tokenizer(folder: Path) -> None:
    path = folder / "tokenizer.json"
    if not path.is_file():
        return
    from tokenizers import Tokenizer

    try:
        Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        raise _damaged(path, "cannot be read") from error


def _check_manifest(folder: Path) -> None:
    """A folder that this program wrote names the SHA-256 of its files; any other is taken as it is."""
    path = folder / "manifest.json"
    files = read_json(path).get("files") if path.is_file() else None
    for name, told in files.items() if isinstance(files, dict) else ():
        wanted = told.get("sha256") if isinstance(told, dict) else told
        try:
            with (folder / Path(name).name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _damaged(folder / name, "is missing") from error
        if found != wanted:
            raise _damaged(folder / name, "is not the file that was written")


def _damaged(path: Path, what: str) -> UserError:
    return UserError(f"{path.name} in {path.parent.name} {what}. Fetch or copy the model again.", "DAMAGED")
