"""Training the tower's heads on drawn screens: stops in time, goes on after a kill, on one process or several."""

from __future__ import annotations

import json
import math
import os
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from finetune.checkpoints import keep, latest, read_state, read_training, write_training
from finetune.tower_crops import Draw, Sample, crop_of, kept_screen, telling_screen, whole_of
from finetune.tower_losses import total, tower_losses

if TYPE_CHECKING:
    from agent.vlm.tower import ScreenTower
    from finetune.screens.truth import Screen, Split

WEIGHTS = "tower"  # a folder as Hugging Face knows it: config.json, model.safetensors
CHECKPOINT = "checkpoint"
STATE = "tower.safetensors"  # all tensors of a checkpoint, those that only count along too
LOG = "log.jsonl"
LOG_STEPS = 20


@dataclass(frozen=True)
class TowerRecipe:
    """How the tower is trained. `batch` is for each process; training ends at `steps` or after `seconds` of it,
    whichever comes first, and the learning rate has fallen to nothing by then."""

    seed: int = 1
    screens: int = 2_500  # different screens, drawn when first wanted
    side: int = 448  # of a crop, in pixels
    batch: int = 4
    whole_every: int = 2  # one step in so many sees one whole picture instead: only there are wide marks whole
    steps: int = 20_000
    seconds: float = 2_100.0
    lr: float = 1.5e-3
    backbone_lr: float = 2e-4
    frozen_stages: int = 1  # of the backbone, its stem with them; 0: all of it learns
    weight_decay: float = 0.02
    warm_up: int = 60  # steps
    clip: float = 5.0
    save_seconds: float = 170.0
    betas: tuple[float, float] = field(default=(0.9, 0.98))


@dataclass(frozen=True)
class Crew:
    """The processes that train together: the gradients of all are averaged."""

    rank: int = 0
    size: int = 1

    def averaged(self, numbers: Tensor) -> Tensor:
        """The mean over all processes."""
        if self.size > 1:
            torch.distributed.all_reduce(numbers)
            numbers /= self.size
        return numbers


def join_crew() -> Crew:
    """This process's place among those that torchrun started; alone without it."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size > 1 and not torch.distributed.is_initialized():
        torch.distributed.init_process_group("gloo")
    return Crew(int(os.environ.get("RANK", "0")), size)


def train_tower(
    recipe: TowerRecipe,
    folder: Path,
    screens: Path | None = None,
    draw: Draw | None = None,
    tower: ScreenTower | None = None,
    stop_after: int | None = None,
) -> ScreenTower:
    """Train in `folder`, going on from its last checkpoint when there is one; the trained tower, also saved in
    `folder/tower`.

    `screens` is where drawn screens are kept (`folder/screens`), `draw` what draws them, `tower` what to start from
    (the ported detector). `stop_after` steps of this call it stops early, as if killed just after saving.
    """
    torch.set_flush_denormal(True)
    crew = join_crew()
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    model = (tower or _ported()).train().to(memory_format=torch.channels_last)
    learning = _Learning(recipe, model, crew)
    learning.resume(folder)
    learning.run(folder, screens or folder / "screens", draw or _draw_screen, stop_after)
    return model.eval()


class _Learning:
    """The state of one training: model, optimiser, steps and seconds so far."""

    def __init__(self, recipe: TowerRecipe, model: ScreenTower, crew: Crew) -> None:
        self.recipe, self.model, self.crew = recipe, model, crew
        freeze(model, recipe.frozen_stages)
        self.optimiser = torch.optim.AdamW(_groups(model, recipe), betas=recipe.betas)
        self.step = 0
        self.elapsed = 0.0  # seconds, over all calls

    def resume(self, folder: Path) -> None:
        """Take over what was saved, if anything was."""
        place = latest(folder, CHECKPOINT)
        if place is not None:
            self.model.load_state_dict(load_file(place / STATE))
            read_training(place, self._trained(), self.optimiser)
            told = read_state(place)
            self.step, self.elapsed = int(told["step"]), float(told["elapsed"])

    def save(self, folder: Path) -> None:
        """Weights that can be used, and all that is needed to go on; written beside and swapped in."""
        if self.crew.rank:
            return

        def write(place: Path) -> None:
            save_file({name: each.contiguous() for name, each in self.model.state_dict().items()}, place / STATE)
            write_training(place, self._trained(), self.optimiser)

        keep(folder, CHECKPOINT, self.step, write, {"elapsed": self.elapsed})
        save_tower(self.model, folder / WEIGHTS)

    def _trained(self) -> dict[str, nn.Parameter]:
        return {name: each for name, each in self.model.named_parameters() if each.requires_grad}

    def progress(self) -> float:
        """0..1, by steps or by seconds, whichever is further."""
        return max(self.step / self.recipe.steps, self.elapsed / self.recipe.seconds)

    def run(self, folder: Path, screens: Path, draw: Draw, stop_after: int | None) -> None:
        """Steps until the end, saved now and then and at the end."""
        saved = time.monotonic()
        heard: list[dict[str, float]] = []
        done = 0
        while self.progress() < 1 and (stop_after is None or done < stop_after):
            started = time.monotonic()
            heard.append(self._one_step(screens, draw))
            done += 1
            # the clock is the crew's, so that all stop at the same step
            took = self.crew.averaged(torch.tensor([time.monotonic() - started], dtype=torch.float64))
            self.elapsed += float(took)
            if self.step % LOG_STEPS == 0:
                self._log(folder, heard)
                heard = []
            if time.monotonic() - saved > self.recipe.save_seconds:
                self.save(folder)
                saved = time.monotonic()
        self.save(folder)

    def _one_step(self, screens: Path, draw: Draw) -> dict[str, float]:
        whole = self.step % self.recipe.whole_every == self.recipe.whole_every - 1
        seed = (self.recipe.seed * 1_000_003 + self.step) * self.crew.size + self.crew.rank
        samples = list(_samples(self.recipe, screens, draw, seed, whole))
        share = warmed(self.step, self.progress(), self.recipe.warm_up)
        for group in self.optimiser.param_groups:
            group["lr"] = group["most"] * share
        self.optimiser.zero_grad()
        losses = tower_losses(self.model, samples, seed)
        total(losses).backward()
        learners = [parameter for group in self.optimiser.param_groups for parameter in group["params"]]
        self._share_gradients(learners)
        norm = nn.utils.clip_grad_norm_(learners, self.recipe.clip)
        if torch.isfinite(norm):
            self.optimiser.step()
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()} | {"norm": float(norm)}

    def _share_gradients(self, learners: list[nn.Parameter]) -> None:
        for parameter in learners:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        if self.crew.size == 1:
            return
        together = self.crew.averaged(
            torch.cat([parameter.grad.flatten() for parameter in learners if parameter.grad is not None])
        )
        places = together.split([parameter.numel() for parameter in learners])
        for parameter, gradient in zip(learners, places, strict=True):
            parameter.grad = gradient.view_as(parameter)

    def _log(self, folder: Path, heard: list[dict[str, float]]) -> None:
        if self.crew.rank:
            return
        told: dict[str, Any] = {"step": self.step, "elapsed": round(self.elapsed, 1)}
        for name in sorted({name for one in heard for name in one}):
            known = [one[name] for one in heard if name in one]
            told[name] = round(sum(known) / len(known), 4)
        with (folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(told) + "\n")


def warmed(step: int, progress: float, warm_up: int) -> float:
    """The share of the learning rate: rising over `warm_up` steps, then falling as a cosine."""
    return min(1.0, (step + 1) / max(1, warm_up)) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def freeze(model: ScreenTower, stages: int) -> None:
    """Keep the stem and the first `stages` of the backbone as they are; 0 lets all of it learn."""
    fixed = [model.backbone.stem, *model.backbone.stages[:stages]] if stages else []
    for part in fixed:
        for parameter in part.parameters():
            parameter.requires_grad_(False)


def _groups(model: ScreenTower, recipe: TowerRecipe) -> list[dict[str, Any]]:
    """Backbone and heads with a rate each; what has one dimension does not decay."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith("backbone."), parameter.dim() > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "most": recipe.backbone_lr if deep else recipe.lr,
            "lr": 0.0,
            "weight_decay": recipe.weight_decay if decays else 0.0,
        }
        for (deep, decays), parameters in groups.items()
    ]


def _samples(recipe: TowerRecipe, screens: Path, draw: Draw, seed: int, whole: bool) -> Iterator[Sample]:
    """One whole picture, or a batch of crops, two of each screen."""
    chance = random.Random(seed)
    if whole:
        image, sight = kept_screen(screens, chance.randrange(recipe.screens), "train", draw)
        yield whole_of(image, sight, chance)
        return
    for place in range(recipe.batch):
        if place % 2 == 0:
            image, sight = telling_screen(screens, recipe.screens, draw, chance)
        yield crop_of(image, sight, recipe.side, chance)


def save_tower(tower: ScreenTower, folder: Path) -> None:
    """The tower as Hugging Face knows it, in single precision, swapped in file by file."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    beside = folder.with_name(f".{folder.name}")
    tower.save_pretrained(beside)
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(beside.iterdir()):
        file.replace(folder / file.name)
    beside.rmdir()


def save_recipe(recipe: TowerRecipe, folder: Path) -> None:
    """The recipe next to what it made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n", "utf-8")


def _ported() -> ScreenTower:
    from finetune.port_tower import ported_tower

    return ported_tower()


def _draw_screen(seed: int, split: Split) -> Screen:
    from finetune.screens.draw import draw_screen

    return draw_screen(seed, split)
