"""Training of the text embedder: a question nearer to the reply that solved it than to the replies of other questions.

The loss is sentence-transformers' own; its trainer is not used, because it needs the package `datasets` with pyarrow
and pandas for a loop of a few dozen steps, and its checkpoints are written in place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from finetune.checkpoints import keep, latest, read_state, read_training, write_training
from index.errors import UserError

Tell = Callable[[dict[str, Any]], None]
CHECKPOINT = "embedder"
NEAR_POSITIVE = 0.95


@dataclass(frozen=True)
class EmbedderRecipe:
    """AdamW over all weights, linear warm-up and a cosine; `scale` is 1 / temperature of the loss. A batch never has
    two questions of one matter. Ends early when `patience` rounds bring nothing on the pairs kept to check. What is
    judged and kept is the mean of the weights before and after, `mix` of them new: with few pairs better on both sides
    of the split than either end (WiSE-FT, Wortsman et al. 2022; on the demo shop MRR 0.706, 0.714 and 0.726)."""

    epochs: int = 4
    batch: int = 24
    rate: float = 5e-5
    weight_decay: float = 0.01
    warmup: float = 0.1
    scale: float = 20.0
    most_tokens: int = 128
    hard_negatives: bool = False
    mix: float = 0.6
    patience: int = 2
    seed: int = 0


@dataclass(frozen=True)
class Triple:
    """A question, a passage that answers it and one that only looks as if; `matter` is equal for questions that must
    not stand in one batch."""

    question: str
    answer: str
    beside: str
    matter: int


@dataclass(frozen=True)
class Outcome:
    """How a training went: the scores on the kept pairs after each round (first: before it), and the loss by step."""

    folder: Path
    scores: tuple[float, ...]
    losses: tuple[float, ...]
    finished: bool


def mine(
    questions: np.ndarray, passages: np.ndarray, own: Sequence[int], near: np.ndarray, owners: Sequence[int],
    fixes: Mapping[int, Sequence[int]],
) -> list[int]:  # fmt: skip
    """For each question the place of a hard negative: the nearest passage, by the embedder before training, of a
    conversation of another matter; -1 where there is none.

    What scores above NEAR_POSITIVE of the question's own fix is left out: it is more often an answer that nobody
    marked than a wrong one (positive-aware mining, Moreira et al. 2024). `own[q]` is the question's conversation,
    `owners[p]` a passage's, `near` (conversations, conversations) True where one is no wrong answer to the other,
    `fixes` the places of a conversation's own fixes.
    """
    scores = questions @ passages.T
    found = []
    for row, conversation in enumerate(own):
        right = [scores[row, at] for at in fixes.get(conversation, [])]
        most = NEAR_POSITIVE * max(right) if right else 1.0
        strange = (
            int(at)
            for at in np.argsort(-scores[row])
            if owners[at] != conversation and not near[conversation, owners[at]] and scores[row, at] < most
        )
        found.append(next(strange, -1))
    return found


def train_embedder(
    base: Path, triples: Sequence[Triple], judge: Callable[[Any], float], folder: Path, recipe: EmbedderRecipe, *,
    tell: Tell = lambda told: None, stopping: Callable[[], bool] = lambda: False,
) -> Outcome:  # fmt: skip
    """Train the sentence-transformers model in `base`; the best round is written to `folder`/best. `judge` scores a
    model, more is better. Goes on where a run in `folder` was killed; the same arguments give the same weights.

    Raises UserError DAMAGED where the loss is not finite three times.
    """
    import torch
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    from index.embed import load_sentence_transformer

    torch.manual_seed(recipe.seed)
    model = load_sentence_transformer(base)
    longest, model.max_seq_length = model.max_seq_length, min(recipe.most_tokens, model.max_seq_length)
    loss_of = MultipleNegativesRankingLoss(model, scale=recipe.scale)
    parameters = dict(model.named_parameters())
    before = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    optimiser = torch.optim.AdamW(parameters.values(), lr=recipe.rate, weight_decay=recipe.weight_decay)
    per_round = len(list(batches(triples, recipe.batch, recipe.seed, 0)))
    run = _Run(folder, recipe, max(1, per_round * recipe.epochs))
    if (place := latest(folder, CHECKPOINT)) is not None:
        read_training(place, parameters, optimiser)
        run.resume(read_state(place))
    else:
        run.judged(judge(model.eval()), model, longest)
    while run.epoch < recipe.epochs and not run.is_over:
        model.train()
        torch.manual_seed(recipe.seed * 1000 + run.epoch)  # dropout of a round is the same after a kill
        for batch in batches(triples, recipe.batch, recipe.seed, run.epoch):
            if stopping():
                return run.outcome(finished=False)
            for group in optimiser.param_groups:
                group["lr"] = recipe.rate * slope(run.step, run.total, recipe.warmup)
            loss = _step(model, loss_of, optimiser, batch)
            run.stepped(loss)
            tell({"step": run.step, "of": run.total, "loss": round(loss, 4), "best": max(run.scores)})
        run.epoch += 1
        with _mixed(parameters, before, recipe.mix):
            run.judged(judge(model.eval()), model, longest)
        keep(folder, CHECKPOINT, run.step, lambda fresh: write_training(fresh, parameters, optimiser), run.state())
    return run.outcome(finished=True)


@contextmanager
def _mixed(parameters: Mapping[str, Any], before: Mapping[str, Any], mix: float) -> Iterator[None]:
    """The weights between those before and those learned, for as long as this lasts."""
    import torch

    learned = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.lerp_(before[name], 1 - mix)
    yield
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(learned[name])


def _step(model: Any, loss_of: Any, optimiser: Any, batch: Sequence[Triple]) -> float:
    """One step of the optimiser; the loss. A loss that is not finite changes nothing."""
    import torch

    columns = [[each.question for each in batch], [each.answer for each in batch]]
    if all(each.beside for each in batch):
        columns.append([each.beside for each in batch])
    loss = loss_of([model.preprocess(column) for column in columns], None)
    optimiser.zero_grad(set_to_none=True)
    if torch.isfinite(loss):
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return float(loss.detach())


def batches(triples: Sequence[Triple], size: int, seed: int, epoch: int) -> Iterator[list[Triple]]:
    """One round in random order; no two of one matter together, for each is a negative of the others. A rest smaller
    than a third of a batch waits for the next round."""
    waiting = np.random.default_rng([seed, epoch]).permutation(len(triples)).tolist()
    while waiting:
        chosen: list[int] = []
        matters: set[int] = set()
        left: list[int] = []
        for place in waiting:
            if len(chosen) < size and triples[place].matter not in matters:
                chosen.append(place)
                matters.add(triples[place].matter)
            else:
                left.append(place)
        if len(chosen) < max(2, size // 3):
            return
        yield [triples[place] for place in chosen]
        waiting = left


def slope(step: int, total: int, warmup: float) -> float:
    """The share of the rate at a step: up in a line, then down along a cosine."""
    up = max(1, round(total * warmup))
    if step < up:
        return (step + 1) / up
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - up) / max(1, total - up))))


class _Run:
    """Where a run stands."""

    def __init__(self, folder: Path, recipe: EmbedderRecipe, total: int) -> None:
        self.folder, self.recipe, self.total = folder, recipe, total
        self.epoch, self.step = 0, 0
        self.scores: list[float] = []
        self.losses: list[float] = []
        self._broken = 0

    @property
    def best(self) -> int:
        """The round with the best score; of equals the first."""
        return int(np.argmax(self.scores))

    @property
    def is_over(self) -> bool:
        """Whether further rounds brought nothing."""
        return len(self.scores) - 1 - self.best >= self.recipe.patience

    def stepped(self, loss: float) -> None:
        """Count a step. Raises UserError when losses stay broken."""
        self.step += 1
        self.losses.append(loss)
        self._broken = 0 if math.isfinite(loss) else self._broken + 1
        if self._broken >= 3:
            raise UserError("The loss is no number any more.\nTry a smaller rate: --rate 2e-5", "DAMAGED")

    def judged(self, score: float, model: Any, longest: int) -> None:
        """Keep a score; the best model so far is written."""
        self.scores.append(score)
        if self.best == len(self.scores) - 1 and self.epoch:
            short, model.max_seq_length = model.max_seq_length, longest
            keep(self.folder, "best", self.step, lambda fresh: _save(model, fresh), {"score": score})
            model.max_seq_length = short

    def state(self) -> dict[str, Any]:
        """As it is kept beside the weights."""
        return {
            "epoch": self.epoch, "scores": self.scores, "losses": self.losses, "recipe": asdict(self.recipe),
        }  # fmt: skip

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a kept state. Raises UserError MISMATCH when it is of another recipe."""
        if state["recipe"] != asdict(self.recipe):
            raise UserError("The run was started with another recipe.\nStart anew: deskside learn", "MISMATCH")
        self.epoch, self.step = int(state["epoch"]), int(state["step"])
        self.scores, self.losses = list(state["scores"]), list(state["losses"])

    def outcome(self, *, finished: bool) -> Outcome:
        """What came out; the folder of the best round, or of nothing where no round was better than the start."""
        best = latest(self.folder, "best")
        return Outcome(best or self.folder, tuple(self.scores), tuple(self.losses), finished)


def _save(model: Any, folder: Path) -> None:
    model.save_pretrained(str(folder), create_model_card=False, safe_serialization=True)
