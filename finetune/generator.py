"""The generator's training: examples in, an adapter out; stopped at any moment, it goes on from there."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file

from finetune.batches import Tree, common_length, endless, pack
from finetune.checkpoints import keep, latest, read_state, read_training, write_training
from finetune.freezing import freeze, make_optimizer
from finetune.lora import load_adapter, lora_layers, save_adapter
from finetune.packed import answer_loss, exact_asks, supervised_logits, to_device, use_packed_attention
from finetune.recipe import Recipe, save_recipe
from finetune.world import World
from index.errors import UserError

FEWEST_EXAMPLES = 8
FINDS = "picture finds its text"  # what is asked in the stage `align`
PREFERS = "preferred"  # what is asked of preferences: whether the chosen reply gained on the rejected one


@dataclass(frozen=True)
class Progress:
    """Where a run stands. `share` of the run in 0..1, `rate` in tokens a second over all processes since the last
    told, `eta` seconds, `score` the last share of held-out asks answered exactly (None: not asked yet)."""

    step: int
    share: float
    loss: float
    lr: float
    tokens: int
    rate: float
    eta: float
    score: float | None = None
    best: float | None = None
    skipped: int = 0


@dataclass(frozen=True)
class Outcome:
    """What a run came to. `finished` is False when it was stopped and can be resumed."""

    folder: Path
    finished: bool
    step: int
    tokens: int
    seconds: float
    best: float | None
    skipped: int


class Task(Protocol):
    """What is learned from a list of trees, and how well it is done."""

    model: torch.nn.Module
    trained: dict[str, torch.nn.Parameter]

    def losses(self, trees: Sequence[Tree]) -> tuple[torch.Tensor, torch.Tensor]:
        """The sum of the losses, and the weight it is to be divided by."""

    def exact(self, trees: Sequence[Tree]) -> list[tuple[str, bool]]:
        """For each ask its kind, and whether the model would answer it exactly."""

    def save(self, folder: Path) -> None:
        """Write what was trained, as it is used later."""


class TextTask:
    """A causal language model that learns the answers."""

    def __init__(self, model: Any, recipe: Recipe, device: str = "cpu") -> None:
        self.model = model.float().to(device)
        use_packed_attention(model)
        self.recipe = recipe
        self.device = device
        self.trained = freeze(model, model.model, recipe)
        if recipe.start_from:
            load_adapter(model, load_file(Path(recipe.start_from) / "adapter_model.safetensors"))

    def losses(self, trees: Sequence[Tree]) -> tuple[torch.Tensor, torch.Tensor]:
        """Next token on the answers."""
        row = to_device(pack(trees, self.recipe.length_power), self.device)
        with half_where_native(self.device):
            logits = supervised_logits(self.model, row)
        return answer_loss(logits, row)

    def exact(self, trees: Sequence[Tree]) -> list[tuple[str, bool]]:
        """By one forward over the true answers, see `exact_asks`."""
        row = to_device(pack(trees), self.device)
        with torch.inference_mode(), half_where_native(self.device):
            return list(zip(row.kinds, exact_asks(supervised_logits(self.model, row), row), strict=True))

    def save(self, folder: Path) -> None:
        """An adapter in peft's layout; without adapters, the whole model."""
        if lora_layers(self.model):
            save_adapter(self.model, folder, self.recipe.base)
        else:
            self.model.save_pretrained(folder)


def half_where_native(device: str) -> Any:
    """bf16 for the products where the hardware has it; the weights and their updates stay fp32."""
    return torch.autocast(device, dtype=torch.bfloat16) if has_half(device) else nullcontext()


def has_half(device: str) -> bool:
    """Whether the hardware multiplies in bf16."""
    return device == "cuda" or (device == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported())


@dataclass
class Stand:
    """What a checkpoint remembers besides tensors."""

    step: int = 0
    rows: int = 0
    tokens: int = 0
    seconds: float = 0.0
    skipped: int = 0
    best: float | None = None
    best_step: int = 0
    looks: int = 0
    worse: int = 0
    score: float | None = None
    best_loss: float | None = None
    asked_at: float = 0.0
    saved_at: float = 0.0
    losses: list[float] = field(default_factory=list)


def train_generator(
    task: Task,
    trees: Sequence[Tree],
    held_out: Sequence[Tree],
    recipe: Recipe,
    folder: Path,
    *,
    world: World | None = None,
    resume: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Train until the recipe's end, or until `stopping` says so; everything lies in `folder`.

    Every process of the world calls this with the same trees. Raises UserError TOO_FEW for too little data, EXISTS
    when the folder already holds a run and `resume` is False.
    """
    return Trainer(task, trees, held_out, recipe, folder, world or World()).run(resume, on_progress, stopping)


class Trainer:
    """One run: the loop, its clock and its papers."""

    def __init__(
        self, task: Task, trees: Sequence[Tree], held_out: Sequence[Tree], recipe: Recipe, folder: Path, world: World
    ) -> None:
        if len(trees) < FEWEST_EXAMPLES:
            text = f"{len(trees)} examples are too few to learn from; give at least {FEWEST_EXAMPLES}."
            raise UserError(text, "CONFIG")
        self.task, self.trees, self.held_out = task, trees, held_out
        self.recipe, self.folder, self.world = recipe, folder, world
        self.optimizer = make_optimizer(task.trained, recipe)
        self.common = common_length(trees)
        self.lengths = [len(tree) - self.common for tree in trees]
        self.stand = Stand()
        self._began = 0.0
        tokens = sum(self.lengths)
        rows = max(1, math.ceil(tokens / recipe.tokens_per_batch))
        self._epoch_steps = max(1, math.ceil(rows / (world.size * recipe.accumulation)))

    def run(self, resume: bool, on_progress: Callable[[Progress], None], stopping: Callable[[], bool]) -> Outcome:
        """See `train_generator`."""
        self._open(resume)
        self.task.model.train()
        rows = islice(endless(self.lengths, self.recipe.tokens_per_batch, self.recipe.seed), self.stand.rows, None)
        before = time.monotonic() - self.stand.seconds
        self._began = before
        if self.recipe.start_from and not self.stand.looks:
            self._look()  # what it starts from is the first best: a run never leaves something worse
        told_at, told_tokens = time.monotonic(), self.stand.tokens
        finished = False
        while True:
            share, stop = self.world.agreed([self._share(time.monotonic() - before), float(stopping())])
            finished = share >= 1 or self._out_of_patience()
            if finished or stop:
                break
            loss, lr = self._step(rows, share)
            self.stand.seconds = time.monotonic() - before
            if self._due(self.recipe.ask_every, self.stand.asked_at):
                self._look()
            if self._due(self.recipe.save_every, self.stand.saved_at):
                self._save()
            now = time.monotonic()
            rate = (self.stand.tokens - told_tokens) / max(now - told_at, 1e-9)
            told_at, told_tokens = now, self.stand.tokens
            self._tell(Progress(
                self.stand.step, share, loss, lr, self.stand.tokens, rate,
                self.stand.seconds / share * (1 - share) if share > 0 else math.inf,
                self.stand.score, self.stand.best, self.stand.skipped,
            ), on_progress)  # fmt: skip
        self.stand.seconds = time.monotonic() - before
        if finished:
            self._look()
        self._save()
        told = self.stand
        return Outcome(self.folder, finished, told.step, told.tokens, told.seconds, told.best, told.skipped)

    def _open(self, resume: bool) -> None:
        place = latest(self.folder, "checkpoint")
        if place and not resume:
            raise UserError(f"{self.folder} already holds a run. Go on with --resume, or give another --out.", "CONFIG")
        if place:
            read_training(place, self.task.trained, self.optimizer)
            known = Stand.__dataclass_fields__
            self.stand = Stand(**{name: value for name, value in read_state(place).items() if name in known})
        elif self.world.first:
            self.folder.mkdir(parents=True, exist_ok=True)
            save_recipe(self.recipe, self.folder / "recipe.json")
        # all weights start equal: the adapters were drawn with the same seed in every process
        self.stand.asked_at = self.stand.saved_at = self.stand.seconds

    def _share(self, seconds: float) -> float:
        """How much of the run is behind us, 0..1, by whichever end comes first."""
        recipe = self.recipe
        parts = []
        if recipe.minutes:
            parts.append(seconds / (60 * recipe.minutes))
        if recipe.max_steps:
            parts.append(self.stand.step / recipe.max_steps)
        if not parts:
            parts.append(self.stand.step / max(1, round(recipe.epochs * self._epoch_steps)))
        return min(1.0, max(parts))

    def _step(self, rows: Iterator[list[int]], share: float) -> tuple[float, float]:
        """One update from `accumulation` rows in every process; the loss a token weight, and the language lr."""
        stand, world = self.stand, self.world
        device = next(iter(self.task.trained.values())).device
        total = torch.zeros(3, device=device)  # losses, weights, tokens
        self.optimizer.zero_grad(set_to_none=True)
        for turn in range(self.recipe.accumulation * world.size):
            numbers = next(rows)
            chosen = [self.trees[number] for number in numbers]
            size = self.common + sum(self.lengths[number] for number in numbers)
            stand.rows += 1
            if turn % world.size == world.rank:
                torch.manual_seed(self.recipe.seed * 1_000_003 + stand.rows)  # dropout, however the work is shared
                loss, weight = self.task.losses(chosen)
                loss.backward()
                total += torch.stack([loss.detach(), weight, weight.new_tensor(size)])
        factor = rate_at(share, self.recipe.warm_up, self.recipe.last_lr)
        for group in self.optimizer.param_groups:
            group["lr"] = group["full_lr"] * factor
        trained = list(self.task.trained.values())
        for parameter in trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        world.add_up([total, *(parameter.grad for parameter in trained if parameter.grad is not None)])
        loss, weight, tokens = total.tolist()
        for parameter in trained:
            parameter.grad /= weight
        norm = torch.nn.utils.clip_grad_norm_(trained, self.recipe.clip)
        stand.step += 1
        stand.tokens += round(tokens)
        if torch.isfinite(norm) and math.isfinite(loss):
            self.optimizer.step()
        else:
            stand.skipped += 1
        return loss / weight, self.optimizer.param_groups[-1]["lr"]

    def _due(self, minutes: float, last: float) -> bool:
        return bool(self.world.agreed([float(self.stand.seconds - last >= 60 * minutes)])[0])

    def _look(self) -> None:
        """Ask the held-out asks; keep what is best so far."""
        score, kinds = ask_all(self.task, self.held_out, self.world)
        stand = self.stand
        stand.looks += 1
        stand.asked_at = time.monotonic() - self._began
        stand.score = score
        better = score is None or stand.best is None or score > stand.best
        settled = self.recipe.settle_by_loss and (better or score == stand.best)
        loss = held_out_loss(self.task, self.held_out, self.world) if settled else None
        if loss is not None and stand.best_loss is not None and score == stand.best:
            better = loss < stand.best_loss
        stand.worse = 0 if better else stand.worse + 1
        if better:
            stand.best, stand.best_step, stand.best_loss = score, stand.step, loss
            if self.world.first:
                keep(self.folder, "best", stand.step, self.task.save, {"score": score, "kinds": kinds})
        self._log({"step": stand.step, "seconds": round(stand.asked_at, 1), "held_out": score, "kinds": kinds})

    def _out_of_patience(self) -> bool:
        return bool(self.recipe.patience) and self.stand.worse >= self.recipe.patience

    def _save(self) -> None:
        self.stand.saved_at = time.monotonic() - self._began
        if self.world.first:
            state = vars(self.stand)

            def write(place: Path) -> None:
                write_training(place, self.task.trained, self.optimizer)

            keep(self.folder, "checkpoint", self.stand.step, write, state)

    def _tell(self, progress: Progress, on_progress: Callable[[Progress], None]) -> None:
        if self.world.first:
            eta = None if math.isinf(progress.eta) else round(progress.eta)
            self._log({
                "step": progress.step, "loss": round(progress.loss, 5), "lr": progress.lr, "tokens": progress.tokens,
                "tokens_a_second": round(progress.rate, 1), "eta": eta, "skipped": progress.skipped,
            })  # fmt: skip
            on_progress(progress)

    def _log(self, line: dict[str, Any]) -> None:
        if self.world.first:
            with (self.folder / "log.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")


def rate_at(share: float, warm_up: float, last: float) -> float:
    """The learning rate as a part of the full one: a straight rise, then a half cosine down to `last`."""
    if share < warm_up:
        return max(share / warm_up, 0.02)
    through = (share - warm_up) / (1 - warm_up)
    return last + (1 - last) * (1 + math.cos(math.pi * through)) / 2


def held_out_loss(task: Task, trees: Sequence[Tree], world: World | None = None) -> float | None:
    """The mean loss of the held-out asks (None without any), shared out over the processes of the world."""
    world = world or World()
    total = torch.zeros(2, dtype=torch.float64)
    was_training = task.model.training
    task.model.eval()
    for tree in trees[world.rank :: world.size]:
        with torch.inference_mode():
            loss, weight = task.losses([tree])
        total += torch.tensor([float(loss), float(weight)], dtype=torch.float64)
    task.model.train(was_training)
    world.add_up([total])
    return float(total[0] / total[1]) if total[1] > 0 else None


def ask_all(task: Task, trees: Sequence[Tree], world: World | None = None) -> tuple[float | None, dict[str, list[int]]]:
    """The share of asks answered exactly (None without asks), and for each kind (exact, asked). Shared out over
    the processes of the world."""
    world = world or World()
    kinds = sorted({FINDS, PREFERS, *(branch.kind for tree in trees for branch in tree.branches)})
    counts = torch.zeros(len(kinds), 2, dtype=torch.float64)
    was_training = task.model.training
    task.model.eval()
    for tree in trees[world.rank :: world.size]:
        for kind, right in task.exact([tree]):
            counts[kinds.index(kind)] += torch.tensor([float(right), 1.0], dtype=torch.float64)
    task.model.train(was_training)
    world.add_up([counts])
    right, asked = counts.sum(0).tolist()
    told = {kind: [round(n) for n in row] for kind, row in zip(kinds, counts.tolist(), strict=True) if row[1]}
    return (right / asked if asked else None), told
