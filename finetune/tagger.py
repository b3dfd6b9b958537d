"""Training of the tagger: spans in messages, exact to the character, by a head over the embedder's token states.

The upper layers of the embedder may learn with it; the lower ones stay, and cost no gradient.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.nn import functional as F

from agent.vlm.tagging import Encoder, Tagger, TaggerConfig, TokenHead, Tokens, shapes_of
from finetune.classifier import QUIET, Stopped, Tell
from finetune.report import Span, Tally, report_of, tally_spans
from finetune.tagger_data import Marked, marked_hash
from index.errors import UserError

IGNORED = -100  # special tokens and padding


@dataclass(frozen=True)
class TaggerRecipe:
    """How a tagger is trained: layers from `first_trained` on learn with the head (6 of 6: only the head), at
    `layer_rate`, the head at `head_rate`; both rise for a tenth of the steps and fall along a cosine. A share of 1 /
    `held_share` of the messages decides which round was best, by micro F1."""

    first_trained: int = 4
    hidden: int = 0
    dropout: float = 0.1
    head_rate: float = 3e-3
    layer_rate: float = 2e-4
    weight_decay: float = 0.01
    batch_tokens: int = 512
    epochs: int = 3
    patience: int = 2
    held_share: int = 12
    seed: int = 0


@dataclass(frozen=True)
class _Row:
    """A window of a message with the class and the shape of each token."""

    window: Tokens
    classes: list[int]
    shapes: torch.Tensor


def classes_of(spans: Sequence[Span], places: Sequence[tuple[int, int]], labels: Sequence[str]) -> list[int]:
    """For each token 0 outside, odd where a span begins, even inside, IGNORED for special ones. A token belongs to the
    span it lies in with its first sign."""
    number = {label: 2 * place + 1 for place, label in enumerate(labels)}
    found, before = [], -1
    for start, end in places:
        if start == end:
            found.append(IGNORED)
            continue
        inside = next((place for place, span in enumerate(spans) if span[0] <= start < span[1]), -1)
        found.append(0 if inside < 0 else number[spans[inside][2]] + (inside == before))
        before = inside
    return found


def train_tagger(
    messages: Sequence[Marked],
    encoder: Encoder,
    recipe: TaggerRecipe = TaggerRecipe(),
    *,
    labels: Sequence[str] = (),
    on_progress: Tell = QUIET,
    stopping: Callable[[], bool] = lambda: False,
) -> Tagger:
    """A tagger of the labels in these messages; `encoder` learns in place where the recipe says so.

    Raises UserError EMPTY for no marked spans or too few messages, `Stopped` when `stopping` says so.
    """
    known = tuple(dict.fromkeys((*labels, *sorted({span[2] for each in messages for span in each.spans}))))
    if not known or len(messages) < 4:
        told = f"{len(messages)} messages, {len(known)} labels"
        raise UserError(f"Too little to learn from: {told}. Give some hundred marked messages.", "EMPTY")
    shuffled = random.Random(recipe.seed).sample(list(messages), len(messages))
    held = shuffled[: max(1, len(shuffled) // recipe.held_share)]
    rows = [row for each in shuffled[len(held) :] for row in _rows(each, encoder, known)]
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        head = TokenHead(encoder.width, len(known), recipe.hidden, recipe.dropout)
        first = min(recipe.first_trained, encoder.layers)
        config = TaggerConfig(
            known, encoder.identity, encoder.width, encoder.layers, first, recipe.hidden, recipe.dropout,
            data_hash=marked_hash(messages),
        )  # fmt: skip
        tagger = Tagger(config, encoder, head)
        _Run(tagger, recipe, on_progress, stopping).fit(rows, held)
    return tagger


def with_scores(tagger: Tagger, scores: dict[str, Any]) -> Tagger:
    """The tagger with its scores in its papers."""
    return Tagger(replace(tagger.config, scores=scores), tagger.encoder, tagger.head)


def tally_of(tagger: Tagger, messages: Sequence[Marked]) -> Tally:
    """The tagger's spans against those marked."""
    given = [[(each.start, each.end, each.label) for each in found] for found in tagger.tag([m.text for m in messages])]
    return tally_spans([each.spans for each in messages], given, tagger.config.labels)


def _rows(message: Marked, encoder: Encoder, labels: Sequence[str]) -> list[_Row]:
    windows = encoder.windows(message.text)
    shapes = shapes_of(message.text, windows)
    return [
        _Row(each, classes_of(message.spans, each.places, labels), shapes[row, : len(each.ids)])
        for row, each in enumerate(windows)
    ]


class _Run:
    def __init__(self, tagger: Tagger, recipe: TaggerRecipe, tell: Tell, stopping: Callable[[], bool]) -> None:
        self.tagger, self.recipe, self.tell, self.stopping = tagger, recipe, tell, stopping
        self.encoder, self.head = tagger.encoder, tagger.head
        self.names = self.encoder.names_from(tagger.config.first_trained)

    def fit(self, rows: Sequence[_Row], held: Sequence[Marked]) -> None:
        """Rounds over all rows, the best of them kept; without trained layers the states are computed once."""
        learning = {name: self.encoder.weights[name].clone().requires_grad_() for name in self.names}
        self.encoder.weights.update(learning)
        order = random.Random(self.recipe.seed)
        steps = self.recipe.epochs * len(batches_of(rows, self.recipe.batch_tokens, order))
        optimiser = self._optimiser(list(learning.values()))
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
        best, best_state, since, done = -1.0, self._state(), 0, 0
        kept: dict[int, torch.Tensor] = {}
        for _ in range(self.recipe.epochs):
            self.head.train()
            for batch in batches_of(rows, self.recipe.batch_tokens, order):
                if self.stopping():
                    raise Stopped
                self._step([rows[place] for place in batch], batch, kept, optimiser)
                schedule.step()
                done += 1
                self.tell("Learning", min(done, steps), steps, "steps")
            score = self._watched(held)
            since = 0 if score > best else since + 1
            if score > best:
                best, best_state = score, self._state()
            elif since >= self.recipe.patience:
                break
        self._restore(best_state)

    def _optimiser(self, layers: list[torch.Tensor]) -> torch.optim.Optimizer:
        groups = [{"params": list(self.head.parameters()), "lr": self.recipe.head_rate}]
        if layers:
            groups.append({"params": layers, "lr": self.recipe.layer_rate})
        return torch.optim.AdamW(groups, weight_decay=self.recipe.weight_decay)

    def _step(self, rows: list[_Row], places: list[int], kept: dict[int, torch.Tensor], optimiser: Any) -> None:
        states = self._states(rows, places, kept)
        shapes = torch.nn.utils.rnn.pad_sequence([row.shapes for row in rows], batch_first=True)
        longest = states.shape[1]
        classes = torch.tensor([row.classes + [IGNORED] * (longest - len(row.classes)) for row in rows])
        loss = F.cross_entropy(self.head(states, shapes).flatten(0, 1), classes.flatten(), ignore_index=IGNORED)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        for group in optimiser.param_groups:
            torch.nn.utils.clip_grad_norm_(group["params"], 1.0)
        optimiser.step()

    def _states(self, rows: list[_Row], places: list[int], kept: dict[int, torch.Tensor]) -> torch.Tensor:
        """(rows, longest, width) token states: with a gradient for the layers that learn, or remembered."""
        if self.names:
            return self.encoder.states([row.window for row in rows])[0]
        missing = [number for number, place in enumerate(places) if place not in kept]
        if missing:
            with torch.no_grad():
                made, _ = self.encoder.states([rows[number].window for number in missing])
            for number, states in zip(missing, made, strict=True):
                kept[places[number]] = states[: len(rows[number].classes)].clone()
        return torch.nn.utils.rnn.pad_sequence([kept[place] for place in places], batch_first=True)

    def _watched(self, held: Sequence[Marked]) -> float:
        self.head.eval()
        return report_of(tally_of(self.tagger, held), rounds=1).average("micro").f1

    def _state(self) -> dict[str, torch.Tensor]:
        layers = {name: self.encoder.weights[name].detach().clone() for name in self.names}
        return layers | {f"head.{name}": each.detach().clone() for name, each in self.head.state_dict().items()}

    def _restore(self, state: dict[str, torch.Tensor]) -> None:
        """The best weights, the layers rounded as they are kept on disk."""
        for name in self.names:
            self.encoder.weights[name] = state[name].half().float()
        self.head.load_state_dict({name[5:]: each for name, each in state.items() if name.startswith("head.")})
        self.head.eval()


def _rate(step: int, steps: int) -> float:
    """Share of the learning rate: up for a tenth of the steps, then down along a cosine to a twentieth."""
    up = max(1, steps // 10)
    if step < up:
        return (step + 1) / up
    along = min(1.0, (step - up) / max(1, steps - up))
    return float(0.05 + 0.95 * 0.5 * (1 + torch.cos(torch.tensor(along * torch.pi))))


def batches_of(rows: Sequence[_Row], tokens: int, order: random.Random) -> list[list[int]]:
    """Places of rows of about the same length, at most `tokens` tokens together, in a random order."""
    places = sorted(range(len(rows)), key=lambda place: len(rows[place].classes) + order.random() * 4)
    found: list[list[int]] = [[]]
    for place in places:
        if found[-1] and (len(found[-1]) + 1) * len(rows[place].classes) > tokens:
            found.append([])
        found[-1].append(place)
    order.shuffle(found)
    return found
