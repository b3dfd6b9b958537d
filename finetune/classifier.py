"""Training of the issue head: which issue is this question, with the screenshot it came with?

Before: the label whose name means most alike (nothing is learned). After: a head on the same vectors, stopped when
a part kept aside no longer gains, its probabilities calibrated on that part.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from agent.vlm.heads import Asked, IssueConfig, IssueHead, Parts, parts_of, probabilities
from finetune.cases import Case, cases_hash, folds
from index.embed import Embedder
from index.errors import UserError

Tell = Callable[[str, int, int, str], None]
QUIET: Tell = lambda step, done, total, unit: None  # noqa: E731
UNREACHABLE = 1.0  # a threshold for a head that is never sure enough


class Stopped(Exception):
    """The person asked to stop; nothing was written."""


@dataclass(frozen=True)
class HeadRecipe:
    """How an issue head is trained. `parts` it may look at; `hidden` 0 is a linear head; `rate` of AdamW falls along
    a cosine; a part of a case is hidden with the chance `lose_part`, so that one alone is enough; a label of few cases
    weighs up to `balance` (0 none, 1 fully) more; it is `sure` where so large a share of such answers is right."""

    parts: tuple[str, ...] = ("text", "screen", "visual")
    hidden: int = 0
    dropout: float = 0.1
    rate: float = 3e-3
    weight_decay: float = 0.05
    smoothing: float = 0.0
    batch: int = 128
    epochs: int = 60
    patience: int = 6
    held_share: int = 8
    lose_part: float = 0.15
    balance: float = 0.5
    sure: float = 0.95
    refit: bool = True
    seed: int = 0


@dataclass(frozen=True)
class Trained:
    """A head with its config, and how it went: (loss, accuracy on the part kept aside) of the start and every round."""

    config: IssueConfig
    head: IssueHead
    trace: tuple[tuple[float, float], ...]


def asked_of(cases: Sequence[Case]) -> list[Asked]:
    """The cases without what is to be told."""
    return [Asked(case.text, case.screen, case.visual) for case in cases]


def widths_of(cases: Sequence[Case], embedder: Embedder, parts: Sequence[str]) -> dict[str, int]:
    """How wide each part is; a part that no case has is left out."""
    visual = next((int(np.size(case.visual)) for case in cases if case.visual is not None), 0)
    found = {
        "text": embedder.dimension if any(case.text.strip() for case in cases) else 0,
        "screen": embedder.dimension if any(case.screen.strip() for case in cases) else 0,
        "visual": visual,
    }
    return {name: found[name] for name in parts if found[name]}


def train(
    cases: Sequence[Case],
    embedder: Embedder,
    recipe: HeadRecipe = HeadRecipe(),
    *,
    vectors: Parts | None = None,
    on_progress: Tell = QUIET,
    stopping: Callable[[], bool] = lambda: False,
) -> Trained:
    """A head for the labels of these cases. `vectors` are their parts, made before, to save the time.

    Raises UserError EMPTY for fewer than two labels or too few cases, `Stopped` when `stopping` says so.
    """
    labels = tuple(sorted({case.label for case in cases}))
    if len(labels) < 2 or len(cases) < 2 * len(labels):
        told = f"{len(cases)} cases of {len(labels)} labels"
        raise UserError(f"Too little to learn from: {told}. Give two labels or more, with two cases each.", "EMPTY")
    widths = widths_of(cases, embedder, recipe.parts)
    parts = (vectors or parts_of(asked_of(cases), embedder, widths)).only(tuple(widths))
    place = {label: number for number, label in enumerate(labels)}
    truth = torch.tensor([place[case.label] for case in cases])
    learn, held = folds(cases, max(2, min(recipe.held_share, len(cases) // 4)), recipe.seed)[0]
    run = _Run(widths, len(labels), recipe, on_progress, stopping)
    head, trace = run.fit(parts.rows(learn), truth[learn], parts.rows(held), truth[held])
    temperature = calibrated(head, parts.rows(held), truth[held])
    chances = probabilities(head, parts.rows(held), temperature)
    threshold = sure_above(chances.amax(dim=1), chances.argmax(dim=1) == truth[held], recipe.sure)
    if recipe.refit:  # what was kept aside is learned as well, for as long as was best
        head, _ = run.fit(parts, truth, epochs=_best(trace))
    config = IssueConfig(
        labels, widths, recipe.hidden, recipe.dropout, embedder.identity, temperature, threshold, cases_hash(cases)
    )
    return Trained(config, head, tuple(trace))


def predict_labels(trained: Trained, parts: Parts) -> list[str]:
    """The likeliest label of each row."""
    chances = probabilities(trained.head, parts.only(tuple(trained.config.widths)), trained.config.temperature)
    return [trained.config.labels[place] for place in chances.argmax(dim=1).tolist()]


def nearest_name(parts: Parts, labels: Sequence[str], embedder: Embedder) -> list[str]:
    """Before: the label whose name is nearest in meaning to the question (or, without words, to the screen)."""
    names = torch.from_numpy(np.array(embedder.embed([spoken(label) for label in labels])))
    return [labels[place] for place in (_said(parts) @ names.T).argmax(dim=1).tolist()]


def nearest_mean(parts: Parts, learned: Parts, wanted: Sequence[str], labels: Sequence[str]) -> list[str]:
    """The label whose cases lie nearest on average: no training, but the same examples."""
    place = {label: number for number, label in enumerate(labels)}
    rows = torch.tensor([place[label] for label in wanted])
    sums = torch.zeros(len(labels), _said(learned).shape[1]).index_add_(0, rows, _said(learned))
    return [labels[number] for number in (_said(parts) @ F.normalize(sums, dim=-1).T).argmax(dim=1).tolist()]


def spoken(label: str) -> str:
    """A label as words: "card_arrival" and "CardArrival" are "card arrival"."""
    return " ".join(re.sub(r"[_/.:-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)).lower().split())


def _said(parts: Parts) -> torch.Tensor:
    """(asked, width) the mean direction of the words asked and the words on the screen, unit length."""
    texts = [parts.vectors[name] for name in ("text", "screen") if name in parts.vectors]
    if not texts:
        raise UserError("Names are compared with words, and these cases have none.", "EMPTY")
    return F.normalize(torch.stack(texts).sum(dim=0), dim=-1)


def calibrated(head: IssueHead, parts: Parts, truth: torch.Tensor) -> float:
    """The temperature (0.05..20) with the least log loss on a part not learned from (Guo et al. 2017)."""
    with torch.inference_mode():
        logits = head.eval()(parts).double()
    grid = torch.logspace(-1.3, 1.3, 105, dtype=torch.float64)
    losses = torch.stack([F.cross_entropy(logits / temperature, truth) for temperature in grid])
    return float(grid[losses.argmin()])


def sure_above(chances: torch.Tensor, right: torch.Tensor, share: float) -> float:
    """The least probability above which at least `share` of the answers is right; UNREACHABLE when there is none.

    At least 5 answers must lie above it: fewer say nothing.
    """
    order = chances.argsort(descending=True)
    kept = right[order].double().cumsum(0) / torch.arange(1, len(order) + 1)
    good = [place for place in range(4, len(order)) if kept[place] >= share]
    return float(chances[order[good[-1]]]) if good else UNREACHABLE


class _Run:
    """One shape of head, trained as the recipe says."""

    def __init__(
        self, widths: dict[str, int], labels: int, recipe: HeadRecipe, tell: Tell, stopping: Callable[[], bool]
    ) -> None:
        self.widths, self.labels, self.recipe = widths, labels, recipe
        self.tell, self.stopping = tell, stopping

    def fit(
        self,
        parts: Parts,
        truth: torch.Tensor,
        held: Parts | None = None,
        held_truth: torch.Tensor | None = None,
        *,
        epochs: int | None = None,
    ) -> tuple[IssueHead, list[tuple[float, float]]]:
        """A head, and its trace where there is a part to watch; then the weights are those of its best epoch."""
        recipe = self.recipe
        with torch.random.fork_rng():
            torch.manual_seed(recipe.seed)
            head = IssueHead(self.widths, self.labels, recipe.hidden, recipe.dropout)
            steps = recipe.epochs * max(1, -(-len(truth) // recipe.batch))  # one slope, however long it lasts
            optimiser = torch.optim.AdamW(head.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, eta_min=recipe.rate * 0.02)
            weights = class_weights(truth, self.labels, recipe.balance)
            trace: list[tuple[float, float]] = []
            best, best_state = (-1.0, -1.0e9), copy.deepcopy(head.state_dict())
            head.start(parts, truth)
            rounds = recipe.epochs if epochs is None else epochs
            for epoch in range(rounds + 1):
                if epoch:  # before the first one the start itself is watched: it may be the best
                    self._epoch(head, parts, truth, weights, optimiser, schedule)
                    self.tell("Learning", epoch, rounds, "rounds")
                if held is None or held_truth is None:
                    continue
                loss, accuracy = _watched(head, held, held_truth)
                trace.append((loss, accuracy))
                if (accuracy, -loss) > best:
                    best, best_state = (accuracy, -loss), copy.deepcopy(head.state_dict())
                if epoch - _best(trace) >= recipe.patience:
                    break
            if trace:
                head.load_state_dict(best_state)
        return head.eval(), trace

    def _epoch(
        self, head: IssueHead, parts: Parts, truth: torch.Tensor, weights: torch.Tensor, optimiser: Any, schedule: Any
    ) -> None:
        head.train()
        for places in torch.randperm(len(truth)).split(self.recipe.batch):
            if self.stopping():
                raise Stopped
            logits = head(_with_gaps(parts.rows(places), self.recipe.lose_part))
            loss = F.cross_entropy(logits, truth[places], weights, label_smoothing=self.recipe.smoothing)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimiser.step()
            schedule.step()


def _best(trace: Sequence[tuple[float, float]]) -> int:
    """The round with most right, of equals the one with the least loss."""
    return max(range(len(trace)), key=lambda at: (trace[at][1], -trace[at][0]))


def class_weights(truth: torch.Tensor, labels: int, balance: float) -> torch.Tensor:
    """(labels,) weights of mean 1 over the cases: (1 / count) ** balance."""
    counts = torch.bincount(truth, minlength=labels).clamp(min=1).double()
    weights = counts**-balance
    return (weights / weights[truth].mean()).float()


def _with_gaps(parts: Parts, chance: float) -> Parts:
    """Some parts hidden, never all of a row."""
    if chance <= 0 or len(parts.there) < 2:
        return parts
    names = list(parts.there)
    there = torch.stack([parts.there[name] for name in names])
    kept = there & (torch.rand(there.shape) >= chance)
    kept = torch.where(kept.any(dim=0), kept, there)
    return replace(parts, there=dict(zip(names, kept, strict=True)))


def _watched(head: IssueHead, parts: Parts, truth: torch.Tensor) -> tuple[float, float]:
    head.eval()
    with torch.inference_mode():
        logits = head(parts)
        loss = float(F.cross_entropy(logits, truth))
        return loss, float((logits.argmax(dim=1) == truth).double().mean())


def label_counts(cases: Sequence[Case]) -> dict[str, int]:
    """How many cases each label has, most first."""
    return dict(Counter(case.label for case in cases).most_common())
