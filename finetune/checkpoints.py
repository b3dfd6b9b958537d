"""Where a run stands, on disk: written beside and swapped in, so that a kill at any moment leaves a whole one."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UserError

if TYPE_CHECKING:
    import torch

STATE = "state.json"


def keep(folder: Path, kind: str, step: int, write: Callable[[Path], None], state: Mapping[str, Any]) -> Path:
    """A new folder `<kind>-<step>` filled by `write`, with `state` beside; older ones of the kind go after.

    The folder gets its name last: before, it is a hidden folder that nobody reads.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f".{kind}-*"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{kind}-", dir=folder))
    write(fresh)
    (fresh / STATE).write_text(json.dumps({**state, "step": step}, indent=1) + "\n", "utf-8")
    for path in fresh.iterdir():
        _flush(path)
    place = folder / f"{kind}-{step:06d}"
    if place.exists():  # written by a run that was resumed from before it
        place.replace(Path(tempfile.mkdtemp(prefix=f".{kind}-", dir=folder)) / "old")
    fresh.replace(place)
    _flush(folder)
    for other in _all(folder, kind):
        if other != place:
            shutil.rmtree(other, ignore_errors=True)
    for left in folder.glob(f".{kind}-*"):  # what was put aside above
        shutil.rmtree(left, ignore_errors=True)
    return place


def latest(folder: Path, kind: str) -> Path | None:
    """The newest whole folder of a kind, if there is one."""
    found = _all(folder, kind)
    return found[-1] if found else None


def read_state(place: Path) -> dict[str, Any]:
    """The state kept with a folder. Raises UserError DAMAGED when it cannot be read."""
    try:
        state: dict[str, Any] = json.loads((place / STATE).read_text("utf-8"))
        return state
    except (OSError, ValueError) as error:
        raise UserError(
            f"The checkpoint {place.name} cannot be read. Start anew without --resume.", "DAMAGED"
        ) from error


def write_training(place: Path, trained: Mapping[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer) -> None:
    """The trained tensors and the optimizer's memory of each."""
    from safetensors.torch import save_file

    tensors = {name: parameter.detach().cpu().contiguous() for name, parameter in trained.items()}
    for name, parameter in trained.items():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer.{key}.{name}"] = value.detach().cpu().contiguous()
    save_file(tensors, place / "training.safetensors")


def read_training(place: Path, trained: Mapping[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer) -> None:
    """Put a checkpoint back where it was taken from. Raises UserError MISMATCH if it is of another model."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(place / "training.safetensors")
    except (OSError, SafetensorError) as error:
        raise UserError(f"The checkpoint {place.name} is damaged. Start anew without --resume.", "DAMAGED") from error
    names = {name for name in tensors if not name.startswith("optimizer.")}
    if names != set(trained) or any(tensors[name].shape != trained[name].shape for name in names):
        raise UserError("The checkpoint is of another base or recipe. Start anew without --resume.", "MISMATCH")
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(tensors[name])
            memory = {}
            for key in ("step", "exp_avg", "exp_avg_sq"):
                value = tensors.get(f"optimizer.{key}.{name}")
                if value is not None:
                    memory[key] = value if key == "step" else value.to(parameter.device)
            if memory:
                optimizer.state[parameter] = memory


def _all(folder: Path, kind: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"{kind}-*") if re.fullmatch(rf"{kind}-\d+", path.name))


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
