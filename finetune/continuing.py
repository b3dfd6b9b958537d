"""The generator goes on learning: from the adapter in use, on the examples of a run, into a folder the desk opens."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.examples import Example, save_examples
from finetune.recipe import Recipe
from index.errors import UserError

if TYPE_CHECKING:
    from finetune.generator import Progress

Tell = Callable[[dict[str, Any]], None]
LOOKS = 6  # at the held-out asks during a run, besides the first and the last
RATE = 2e-4  # a fifth of what the shipped weights were trained with: few examples, and much that must stay
LEARNED, HELD, CARD = "learned.jsonl", "held.jsonl", "card.json"
_ADAPTER, _CONFIG = "adapter_model.safetensors", "adapter_config.json"


@dataclass(frozen=True)
class Continued:
    """What came of it: the share of held-out asks that were exact before and after, the adapter that is best (None
    when nothing was better than the start), the loss by step, tokens learned from, seconds."""

    adapter: Path | None
    before: float | None
    after: float | None
    losses: tuple[float, ...]
    tokens: int
    seconds: float
    finished: bool

    def as_json(self) -> dict[str, Any]:
        """As it stands in the run's state and the papers."""
        told = asdict(self)
        del told["losses"], told["finished"]
        return told | {"adapter": self.adapter.name if self.adapter else ""}


def recipe_from(start: Path, minutes: float, seed: int, chosen: Recipe | None = None) -> Recipe:
    """The recipe that goes on from the adapter in `start`: its rank and layers, for the rest `chosen` or the usual.

    Raises UserError DAMAGED where the adapter cannot be read.
    """
    from safetensors import safe_open

    from finetune.lora import layer_number

    try:
        told = json.loads((start / _CONFIG).read_text("utf-8"))
        with safe_open(start / _ADAPTER, "pt") as tensors:
            layers = [layer_number(name) for name in tensors.keys()]  # noqa: SIM118 (it is no dict)
        shape = {
            "rank": int(told["r"]), "alpha": round(told["lora_alpha"]), "targets": tuple(told["target_modules"]),
            "first_layer": max(0, min(layers)),
        }  # fmt: skip
    except Exception as error:  # safetensors raises a bare Exception of its own
        message = f"The weights in {start.name} cannot be read.\nGo back: deskside rollback"
        raise UserError(message, "DAMAGED") from error
    usual = Recipe(lr_language=RATE, patience=3, tokens_per_batch=1024, settle_by_loss=True)
    made = replace(chosen or usual, **shape, strategy="lora", fusion="none", base="embedded", start_from=str(start))
    pace = minutes / (LOOKS + 1)
    ends = {} if made.max_steps else {"minutes": minutes}
    return replace(made, seed=seed, ask_every=pace, save_every=min(2.0, pace), **ends)  # type: ignore[arg-type]


def keep_examples(
    folder: Path, learned: Sequence[Example], held: Sequence[Example], data: Mapping[str, Any]
) -> None:  # fmt: skip
    """The examples of a stage, and last the card that says they are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    save_examples(learned, folder / LEARNED)
    save_examples(held, folder / HELD)
    fresh = folder / f".{CARD}"
    fresh.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    fresh.replace(folder / CARD)


def kept_card(folder: Path) -> dict[str, Any] | None:
    """The card of the examples that a run before it was stopped made; None where they are not whole."""
    try:
        told: dict[str, Any] = json.loads((folder / CARD).read_text("utf-8"))
        return told
    except (OSError, ValueError):
        return None


def continue_generator(
    recipe: Recipe, folder: Path, cache: Path, *,
    tell: Tell = lambda told: None, stopping: Callable[[], bool] = lambda: False,
) -> Continued:  # fmt: skip
    """Train on the examples kept in `folder` until the recipe's end. What is kept is the best on the held-out asks, and
    nothing where that is the start. Goes on where a run in `folder` was stopped or killed."""
    from finetune.checkpoints import latest, read_state
    from finetune.run import start

    recipe = replace(recipe, data=(str(folder / LEARNED),), held_out_data=(str(folder / HELD),))

    def show(progress: Progress) -> None:
        eta = None if progress.eta > 1e8 else round(progress.eta)
        tell({
            "step": progress.step, "share": round(progress.share, 4), "loss": round(progress.loss, 4),
            "best": progress.best, "rate": round(progress.rate, 1), "eta": eta,
        })  # fmt: skip

    run = folder / "run"
    outcome = start(
        recipe, run, cache, resume=latest(run, "checkpoint") is not None,
        on_note=lambda text: tell({"text": text}), on_progress=show, stopping=stopping,
    )  # fmt: skip
    losses, looks = read_log(run)
    best = latest(run, "best")
    better = best is not None and read_state(best)["step"] > 0
    return Continued(
        best if better else None, looks[0] if looks else None, outcome.best, losses, outcome.tokens,
        round(outcome.seconds, 1), outcome.finished,
    )  # fmt: skip


def read_log(run: Path) -> tuple[tuple[float, ...], list[float]]:
    """(loss by step, held-out scores) of a run, in their order; steps done twice after a kill count once."""
    losses: dict[int, float] = {}
    looks: dict[int, float] = {}
    file = run / "log.jsonl"
    for line in file.read_text("utf-8").splitlines() if file.is_file() else []:
        try:
            told = json.loads(line)
        except ValueError:  # the run was killed while it wrote
            continue
        if "loss" in told:
            losses[told["step"]] = told["loss"]
        elif told.get("held_out") is not None:
            looks[told["step"]] = told["held_out"]
    return tuple(losses[step] for step in sorted(losses)), [looks[step] for step in sorted(looks)]


def place(start: Path, adapter: Path, out: Path, card: str) -> Path:
    """`out` as the desk opens it: all that is in `start` with another adapter and card, signed. Swapped in whole."""
    import torch
    from safetensors.torch import load_file, save_file

    from agent.vlm.shipped import sign

    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".generator-", dir=out.parent))
    try:
        new = fresh / "new"
        shutil.copytree(start, new)
        tensors = {name: each.to(torch.float16).contiguous() for name, each in load_file(adapter / _ADAPTER).items()}
        save_file(tensors, new / _ADAPTER, metadata={"format": "pt"})
        (new / "README.md").write_text(card, "utf-8")
        sign(new)
        if out.exists():
            out.replace(fresh / "old")
        return new.replace(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def card_of(name: str, base: str, recipe: Mapping[str, Any], data: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """The card of a version's generator (pure): from what, on what, how, and what the held-out asks said."""
    shown = {key: recipe[key] for key in ("rank", "alpha", "lr_language", "length_power", "seed") if key in recipe}
    return "\n".join([
        f"# The generator of version {name}", "",
        f"The adapter of {base} went on learning from this workspace's own resolved conversations. It reads passages"
        " and screenshots, and must not be used as a source of facts.", "",
        "## Data", "", *(f"- {key}: {value}" for key, value in data.items()), "",
        "## Recipe", "", *(f"- {key}: {value}" for key, value in shown.items()), "",
        "## Held-out asks", "", *(f"- {key}: {value}" for key, value in told.items()), "",
    ])  # fmt: skip
