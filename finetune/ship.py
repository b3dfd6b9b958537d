"""The folder that ships: the trained adapter, the tower and the aim together, with their model card."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.weights import AIM, BEARING
from index.answering import PAPERS, WEIGHTS

ANSWERING_CARD = "answering.md"
ANSWERING = (WEIGHTS, PAPERS, ANSWERING_CARD)


def ship(base: Path, adapter: Path, tower: Path, aim: Path, out: Path, card: str, bearing: Path | None = None) -> Path:
    """`out` as agent.weights expects it: `adapter` is the best folder of a run without fusion (peft layout), `tower`
    a folder of finetune.tower, `aim` a file of finetune.aim, `card` the text of the model card, `bearing` a file of
    finetune.fused.

    Raises ValueError when a file would be larger than what may be shipped, or the adapter does not fit.
    """
    from safetensors.torch import load_file

    from agent.vlm.dialogue import build_dialogue
    from agent.vlm.eyes import load_tower
    from agent.vlm.shipped import ADAPTER, ADAPTER_CONFIG, save_shipped, sign

    settings: dict[str, Any] = json.loads((adapter / ADAPTER_CONFIG).read_text("utf-8"))
    model = build_dialogue(base, load_tower(tower), "none")
    tensors = load_file(adapter / ADAPTER)
    save_shipped(out, model, tensors, rank=settings["r"], alpha=settings["lora_alpha"], card=card)
    shutil.copyfile(aim, out / AIM)
    if bearing is not None:
        shutil.copyfile(bearing, out / BEARING)
    return sign(out)


def put_in_place(
    base: Path, adapter: Path, tower: Path, aim: Path, out: Path, card: str, bearing: Path | None = None
) -> Path:
    """As `ship`, built beside `out` and swapped in, so that a desk never opens half of it. What tells whether a passage
    answers stays, for it was trained by itself."""

    def fill(new: Path) -> None:
        ship(base, adapter, tower, aim, new, card, bearing)
        for name in ANSWERING:
            if (out / name).is_file():
                shutil.copyfile(out / name, new / name)

    return _swapped(out, fill)


def put_answering(run: Path, out: Path, card: str) -> Path:
    """What tells whether a passage answers, of a finished run of finetune.answering, beside what is in `out`."""

    def fill(new: Path) -> None:
        shutil.copytree(out, new)
        for name in (WEIGHTS, PAPERS):
            shutil.copyfile(run / name, new / name)
        (new / ANSWERING_CARD).write_text(card, "utf-8")

    return _swapped(out, fill)


def _swapped(out: Path, fill: Callable[[Path], None]) -> Path:
    """`out` as `fill` leaves a new folder, signed."""
    from agent.vlm.shipped import sign

    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".model-", dir=out.parent))
    try:
        fill(fresh / "new")
        sign(fresh / "new")
        if out.exists():
            out.replace(fresh / "old")
        return (fresh / "new").replace(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
