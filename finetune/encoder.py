"""Training of an encoder on intents: its upper layers, so that questions of one lie together, of others apart.

One encoder may learn several sets of intents at once, each with a head of its own: what one teaches helps the others.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from finetune.checkpoints import keep, latest, read_state, read_training, write_training
from finetune.embedder import slope
from index import embed_light
from index.embed_light import quick_bf16
from index.errors import UserError

Tell = Callable[[dict[str, Any]], None]
CHECKPOINT = "encoder"
STEEP = 16.0  # logits of an intent in its very direction, when training begins
PASS = 128  # texts in one pass without gradients
FOR_A_MEAN = 16  # questions of an intent
POOL = 16  # batches sorted by length together: little padding, and still mixed
EMPTY = -100  # the truth of a question of no intent of the set


@dataclass(frozen=True)
class EncoderRecipe:
    """AdamW, linear warm-up and a cosine. Layers below `first_layer` and the word vectors stay as they are: a round
    then costs a third, which on a CPU is worth more than what they would learn. What is kept is the mean of the weights
    over the last steps (`average` is how much of the mean stays at each). `smoothing` of the labels. Questions of no
    intent are pushed away from all of them with the weight `outside`."""

    first_layer: int = 4
    epochs: int = 6
    batch: int = 64
    rate: float = 1.5e-4
    head_rate: float = 2e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    smoothing: float = 0.1
    average: float = 0.99
    outside: float = 0.3
    most_tokens: int = 64
    bf16: bool | None = None
    seed: int = 0


@dataclass(frozen=True)
class Lesson:
    """A set of questions with the number of the intent of each; EMPTY for one that has none of them."""

    name: str
    texts: tuple[str, ...]
    truth: tuple[int, ...]
    intents: int


@dataclass(frozen=True)
class Tuned:
    """The folder of the trained encoder, each lesson's head (intents, width) without bias, how it went, and the
    vectors of each lesson's texts."""

    folder: Path
    heads: dict[str, np.ndarray]
    losses: tuple[float, ...]
    finished: bool
    vectors: dict[str, np.ndarray] = field(default_factory=dict)


class Encoder(nn.Module):
    """The upper layers of a BERT with mean pooling, as the packaged embedder is one, and a head a lesson: cosines
    times a scale. What the layers below make of a text never changes, so it is computed once (`below`)."""

    def __init__(self, bert: nn.Module, width: int, lessons: Sequence[Lesson], first: int) -> None:
        super().__init__()
        layers = quick_layers(bert)
        self.lower = [bert.embeddings, *layers[:first]]  # a plain list: nothing of them is trained or moved
        self.layers = layers[first:]
        self.heads = nn.ParameterDict({each.name: nn.Parameter(torch.zeros(each.intents, width)) for each in lessons})
        self.scale = nn.Parameter(torch.tensor(math.log(STEEP)))

    @torch.inference_mode()
    def below(self, rows: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        """The (tokens, width) states of each text below the layers that learn."""
        ids, mask = padded(rows)
        states = self.lower[0].eval()(input_ids=ids)
        for layer in self.lower[1:]:
            states = layer.eval()(states, mask[:, None, None, :].bool())
        return [states[at, : len(row)] for at, row in enumerate(rows)]

    def embed(self, rows: Sequence[torch.Tensor]) -> torch.Tensor:
        """(texts, width) of length 1, from what `below` gave."""
        states = nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
        mask = torch.arange(states.shape[1])[None] < torch.tensor([len(row) for row in rows])[:, None]
        for layer in self.layers:
            states = layer(states, mask[:, None, None, :])
        states = states.float()
        weights = mask.unsqueeze(-1).float()
        return F.normalize((states * weights).sum(dim=1) / weights.sum(dim=1), dim=-1)

    def logits(self, name: str, vectors: torch.Tensor) -> torch.Tensor:
        """(texts, intents)"""
        return self.scale.exp() * vectors @ F.normalize(self.heads[name], dim=-1).T


def tune_encoder(
    base: Path, lessons: Sequence[Lesson], folder: Path, recipe: EncoderRecipe = EncoderRecipe(), *,
    tell: Tell = lambda told: None, stopping: Callable[[], bool] = lambda: False,
) -> Tuned:  # fmt: skip
    """Train the sentence-transformers model in `base` on the lessons; written to `folder`/encoder. Goes on where a run
    in `folder` was killed. Raises UserError TYPE for another architecture, DAMAGED for a loss that is not finite."""
    from index.embed import load_sentence_transformer, plain_pipeline

    if plain_pipeline(base) is None:
        raise UserError(f"{base.name} is no BERT with mean pooling. Use the packaged embedder for intents.", "TYPE")
    library = load_sentence_transformer(base)
    run = _Run(library, lessons, folder, recipe)
    while run.epoch < recipe.epochs:
        if not run.round(tell, stopping):
            return Tuned(folder, {}, tuple(run.losses), finished=False)
    return run.written(library)


class _Run:
    """One training: the model, the optimiser, the mean of the weights, and where it stands."""

    def __init__(self, library: Any, lessons: Sequence[Lesson], folder: Path, recipe: EncoderRecipe) -> None:
        torch.manual_seed(recipe.seed)
        self.lessons, self.folder, self.recipe = {each.name: each for each in lessons}, folder, recipe
        self.tokens = {each.name: _tokens(library.tokenizer, each.texts, recipe.most_tokens) for each in lessons}
        bert = library[0].model
        first = min(recipe.first_layer, len(bert.encoder.layer) - 1)
        self.model = Encoder(bert, int(bert.config.hidden_size), lessons, first)
        self.bf16 = quick_bf16() if recipe.bf16 is None else recipe.bf16
        self.states = {each.name: self._below(each.name) for each in lessons}
        self.trained = {name: each for name, each in self.model.named_parameters() if each.requires_grad}
        self.optimiser = torch.optim.AdamW(
            groups(self.trained, recipe.rate, recipe.head_rate, recipe.weight_decay), fused=True
        )
        self.step, self.epoch, self.losses = 0, 0, list[float]()
        self.total = recipe.epochs * sum(1 for _ in self.batches(0))
        self.averaged = {name: each.detach().clone() for name, each in self.trained.items()}
        if (place := latest(folder, CHECKPOINT)) is not None:
            self._resume(place)
        else:
            self._start()

    def batches(self, epoch: int) -> Iterator[tuple[str, list[int]]]:
        """(lesson, places) in a new order each round, texts of about one length together."""
        generator = np.random.default_rng([self.recipe.seed, epoch])
        found: list[tuple[str, list[int]]] = []
        for name, tokens in self.tokens.items():
            order = generator.permutation(len(tokens))
            wide = self.recipe.batch * POOL
            for start in range(0, len(order), wide):
                long = {at: len(tokens[at]) for at in order[start : start + wide].tolist()}
                pool = sorted(long, key=long.__getitem__)
                found += [(name, pool[at : at + self.recipe.batch]) for at in range(0, len(pool), self.recipe.batch)]
        for at in generator.permutation(len(found)).tolist():
            yield found[at]

    def round(self, tell: Tell, stopping: Callable[[], bool]) -> bool:
        """One time through all lessons; False where it was stopped."""
        self.model.train()
        torch.manual_seed(self.recipe.seed * 1000 + self.epoch)
        for name, places in self.batches(self.epoch):
            if stopping():
                return False
            self.losses.append(round(self._learn(name, places), 4))
            tell({"step": self.step, "of": self.total, "loss": self.losses[-1]})
        self.epoch += 1
        state = {"epoch": self.epoch, "losses": self.losses, "recipe": asdict(self.recipe)}
        both = {**self.trained, **{f"mean.{name}": nn.Parameter(each) for name, each in self.averaged.items()}}
        keep(self.folder, CHECKPOINT, self.step, lambda fresh: write_training(fresh, both, self.optimiser), state)
        return True

    def _learn(self, name: str, places: Sequence[int]) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = group["full_rate"] * slope(self.step, self.total, self.recipe.warmup)
        loss = self._loss(name, places)
        if not torch.isfinite(loss):
            raise UserError("The loss of the encoder is not finite. Lower the rate.", "DAMAGED")
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.trained.values(), 1.0)
        self.optimiser.step()
        self.step += 1
        keeps = min(self.recipe.average, self.step / (self.step + 10))
        with torch.no_grad():
            for key, parameter in self.trained.items():
                self.averaged[key].lerp_(parameter, 1 - keeps)
        return float(loss.detach())

    def _loss(self, name: str, places: Sequence[int]) -> torch.Tensor:
        """Cross-entropy of the questions with an intent; those with none should be like none of them."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            vectors = self.model.embed([self.states[name][at] for at in places])
        logits = self.model.logits(name, vectors)
        truth = torch.tensor([self.lessons[name].truth[at] for at in places])
        inside = truth != EMPTY
        loss = logits.new_zeros(())
        if inside.any():
            loss = loss + F.cross_entropy(logits[inside], truth[inside], label_smoothing=self.recipe.smoothing)
        if not inside.all():
            even = -F.log_softmax(logits[~inside], dim=-1).mean(dim=-1).mean() - math.log(logits.shape[1])
            loss = loss + self.recipe.outside * even
        return loss

    def _start(self) -> None:
        """Each head begins as the mean direction of some questions of its intents."""
        for name, lesson in self.lessons.items():
            known, counts = list[int](), Counter[int]()
            for at, truth in enumerate(lesson.truth):
                if truth != EMPTY and counts[truth] < FOR_A_MEAN:
                    known.append(at)
                    counts[truth] += 1
            sums = torch.zeros_like(self.model.heads[name])
            sums.index_add_(0, torch.tensor([lesson.truth[at] for at in known]), self.vectors(name, known))
            with torch.no_grad():
                self.model.heads[name].copy_(F.normalize(sums, dim=-1))
            self.averaged[f"heads.{name}"].copy_(self.model.heads[name])

    def vectors(self, name: str, chosen: Sequence[int]) -> torch.Tensor:
        """(chosen, width) of some texts of a lesson, in order."""
        found = torch.zeros(len(chosen), self.model.heads[name].shape[1])
        self.model.eval()
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            for start in range(0, len(chosen), PASS):
                places = chosen[start : start + PASS]
                found[start : start + PASS] = self.model.embed([self.states[name][at] for at in places])
        return found

    def _below(self, name: str) -> list[torch.Tensor]:
        """The states of every text of a lesson, texts of one length together."""
        tokens = self.tokens[name]
        order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]))
        kind = torch.bfloat16 if self.bf16 else torch.float32
        found: dict[int, torch.Tensor] = {}
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            for start in range(0, len(order), PASS):
                places = order[start : start + PASS]
                states = self.model.below([tokens[at] for at in places])
                found |= {at: each.to(kind).clone() for at, each in zip(places, states, strict=True)}
        return [found[at] for at in range(len(tokens))]

    def _resume(self, place: Path) -> None:
        state = read_state(place)
        self.epoch, self.step, self.losses = int(state["epoch"]), int(state["step"]), list(state["losses"])
        means = {f"mean.{name}": nn.Parameter(each) for name, each in self.averaged.items()}
        read_training(place, {**self.trained, **means}, self.optimiser)
        self.averaged = {name: means[f"mean.{name}"].detach() for name in self.averaged}

    def written(self, library: Any) -> Tuned:
        """The mean of the weights as a sentence-transformers folder, and the heads."""
        with torch.no_grad():
            for name, parameter in self.trained.items():
                parameter.copy_(self.averaged[name])
        place = self.folder / "encoder"
        library.eval().save(str(place), create_model_card=False)
        scale = float(self.model.scale.detach().exp())
        heads = {name: scale * F.normalize(each.detach(), dim=-1).numpy() for name, each in self.model.heads.items()}
        vectors = {
            name: self.vectors(name, range(len(each.texts))).numpy().copy() for name, each in self.lessons.items()
        }
        return Tuned(place, heads, tuple(self.losses), True, vectors)


def quick_layers(bert: nn.Module) -> Any:
    """The layers of a BERT, to be trained: masked attention with dropout has no quick road on a CPU, so that one is
    off; the other dropouts stay."""
    layers: Any = bert.encoder.layer  # type: ignore[union-attr]
    for layer in layers:
        layer.attention.self.dropout.p = 0.0
    return layers


def padded(rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """(texts, longest) ids and mask, of ones where nothing is padded."""
    ids, mask = embed_light.padded(rows)
    return ids, torch.ones_like(ids) if mask is None else mask.long()


def _tokens(tokenizer: Any, texts: Sequence[str], most: int) -> list[list[int]]:
    found: list[list[int]] = tokenizer(list(texts), truncation=True, max_length=most)["input_ids"]
    return found


def groups(
    trained: Mapping[str, nn.Parameter], rate: float, head_rate: float, weight_decay: float
) -> list[dict[str, Any]]:
    """Parameters for the optimiser: heads learn faster than layers; what has one dimension (biases, norms) does not
    decay."""
    found: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in trained.items():
        own = rate if name.startswith("layers.") else head_rate
        found.setdefault((own, weight_decay if parameter.dim() > 1 else 0.0), []).append(parameter)
    return [
        {"params": each, "lr": own, "full_rate": own, "weight_decay": decay} for (own, decay), each in found.items()
    ]
