"""The fused embedder's training: what was asked and the picture shown find, as one vector, the passage that belongs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from agent.bearing import Bearing
from finetune.fused_data import Material, Shown
from finetune.seen import Captions, Pictures
from index.errors import UserError
from index.measure import mean_of, paired_difference

FEWEST = 12  # pictures to learn from
WEIGHTS = "fused.safetensors"
SCORES = "scores.json"
SAME = 0.9  # a cosine from which a strange passage says the same as a right one: neither right nor wrong


@dataclass(frozen=True)
class FusedRecipe:
    """The choices of one run. `pixels` False: the same vectors without the picture, for comparison."""

    seed: int = 0
    steps: int = 300
    batch: int = 32
    lr: float = 5e-4
    weight_decay: float = 0.1
    warm_up: int = 20
    tokens_out: float = 0.3
    """Share of the picture's places that are not seen in a step."""
    picture_out: float = 0.3
    """Share of the rows that learn without their picture."""
    words_out: float = 0.1
    """Dropout on the sentence vectors."""
    temperature: float = 0.05
    weight_picture: float = 0.5
    """Weight of the loss of the picture's own vector."""
    look_every: int = 15
    patience: int = 8
    """Looks at the held pictures without a better score before the run ends."""
    pixels: bool = True


class Fused(nn.Module):
    """The two parts of a dialogue model that make the vector: its connector and its embedder."""

    def __init__(self, dialogue: Any) -> None:
        super().__init__()
        self.connector, self.embedder = dialogue.connector, dialogue.embedder

    def picture(self, tokens: Tensor) -> Tensor:
        """(rows, width) from tower tokens: the pictures alone."""
        vector: Tensor = self.embedder.picture(self.connector(tokens))
        return vector

    def forward(self, words: Tensor, picture: Tensor | None = None) -> Tensor:
        """(rows, width) from sentence vectors and pictures' vectors; None, or a row of zeros, leaves the picture out
        and what was learned of the words in."""
        shown = torch.zeros_like(words) if picture is None else picture
        fused: Tensor = self.embedder(words, shown, torch.ones(len(words), dtype=torch.bool))
        return fused


def contrast_sources(asked: Tensor, passages: Tensor, right: Tensor, same: Tensor, temperature: float) -> Tensor:
    """InfoNCE with several right passages a row (Miech 2020): any of them may be near, all others are to be far.

    `asked` (rows, width), `passages` (passages, width); `right` and `same` (rows, passages), see `rights`.
    """
    scores = (asked @ passages.T / temperature).masked_fill(same, -torch.inf)
    return (scores.logsumexp(1) - scores.masked_fill(~right, -torch.inf).logsumexp(1)).mean()


@dataclass(frozen=True)
class Features:
    """Pictures as tower tokens and texts as sentence vectors, both computed before."""

    pictures: Pictures
    texts: Captions
    embedder: str = ""
    """Whose vectors the texts have."""

    def words(self, shown: Sequence[Shown]) -> Tensor:
        """(shown, width); a row of zeros where nothing was said."""
        rows = self.texts.vectors[self.texts.rows([each.words for each in shown])].clone()
        rows[torch.tensor([not each.words for each in shown])] = 0
        return rows

    def tokens(self, shown: Sequence[Shown]) -> Tensor:
        """(shown, places, width)"""
        return self.pictures([each.picture for each in shown])

    def passages(self, material: Material) -> Tensor:
        """(passages, width)"""
        return self.texts.vectors[self.texts.rows(material.passages)]


def texts_of(material: Material) -> list[str]:
    """Every text whose vector is needed."""
    return [*material.passages, *(each.words for each in material.shown)]


def train_fused(
    dialogue: Any,
    material: Material,
    features: Features,
    recipe: FusedRecipe,
    on_look: Callable[[int, float], None] = lambda step, score: None,
) -> dict[str, Any]:
    """Train the dialogue model's connector and embedder in place, the best state by the held pictures' MRR; the
    ranks of the held pictures by each way of looking.

    Raises UserError TOO_FEW when there is too little to learn or to hold.
    """
    learned, held = material.parted()
    if len(learned.shown) < FEWEST or not held.shown:
        raise UserError(
            f"{len(learned.shown)} pictures to learn from are too few; at least {FEWEST}, of several customers or "
            "articles.\nImport solved tickets with screenshots, or articles with pictures.",
            "EMPTY",
        )
    torch.manual_seed(recipe.seed)
    model = Fused(dialogue).train()
    passages = features.passages(learned)
    right, same = rights(learned, passages)
    words = features.words(learned.shown)
    optimizer = _optimizer(model, recipe)
    best, best_state, worse = -1.0, copy.deepcopy(model.state_dict()), 0
    order: list[int] = []
    for step in range(recipe.steps):
        if len(order) < min(recipe.batch, len(words)):
            order = torch.randperm(len(words)).tolist()
        chosen, order = order[: recipe.batch], order[recipe.batch :]
        masks, asked = (right[chosen], same[chosen]), dropout(words[chosen], recipe.words_out)
        if recipe.pixels:
            tokens = features.tokens([learned.shown[n] for n in chosen])
            picture = model.picture(tokens * (torch.rand(tokens.shape[:2]) >= recipe.tokens_out)[..., None])
            fused = model(asked, picture * (torch.rand(len(chosen)) >= recipe.picture_out)[:, None])
            alone = contrast_sources(picture, passages, *masks, recipe.temperature)
            loss = contrast_sources(fused, passages, *masks, recipe.temperature) + recipe.weight_picture * alone
        else:
            loss = contrast_sources(model(asked), passages, *masks, recipe.temperature)
        for group in optimizer.param_groups:
            group["lr"] = recipe.lr * min(1.0, (step + 1) / max(1, recipe.warm_up)) * (1 - 0.9 * step / recipe.steps)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if (step + 1) % recipe.look_every == 0 or step + 1 == recipe.steps:
            ranks = rank_held(model, held, features, recipe.pixels)
            score = float(np.mean([1 / rank for rank in ranks["fused" if recipe.pixels else "words, trained"]]))
            on_look(step + 1, score)
            worse = 0 if score > best else worse + 1
            if score > best:
                best, best_state = score, copy.deepcopy(model.state_dict())
            if worse > recipe.patience:
                break
    model.load_state_dict(best_state)
    return rank_held(model.eval(), held, features, recipe.pixels)


def rights(material: Material, passages: Tensor) -> tuple[Tensor, Tensor]:
    """Two masks (shown, passages): what belongs to each picture, and what only says the same as that."""
    places: dict[str, list[int]] = {}
    for number, source in enumerate(material.sources):
        places.setdefault(source, []).append(number)
    right = torch.zeros(len(material.shown), len(material.sources), dtype=torch.bool)
    for row, each in enumerate(material.shown):
        for source in each.sources:
            right[row, places[source]] = True
    near = (passages @ passages.T > SAME).float()
    return right, (right.float() @ near > 0) & ~right


def _optimizer(model: nn.Module, recipe: FusedRecipe) -> torch.optim.AdamW:
    """AdamW; no decay on norms, biases and learned queries."""
    flat = [each for each in model.parameters() if each.ndim < 2]
    deep = [each for each in model.parameters() if each.ndim > 1]
    for each in (*flat, *deep):
        each.requires_grad_(True)
    groups = [{"params": deep, "weight_decay": recipe.weight_decay}, {"params": flat, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.lr, betas=(0.9, 0.98))


@torch.inference_mode()
def rank_held(model: Fused, held: Material, features: Features, pixels: bool = True) -> dict[str, list[int]]:
    """The rank of the right source (from 1) of each held picture: by the words as they are, by the trained words with
    the picture left out, and with `pixels` by those alone and by both as one vector."""
    passages = features.passages(held)
    training = model.training
    model.eval()
    ranks: dict[str, list[int]] = {}
    for start in range(0, len(held.shown), 64):
        part = held.shown[start : start + 64]
        words = features.words(part)
        ways = {"words": words, "words, trained": model(words)}
        if pixels:
            picture = model.picture(features.tokens(part))
            ways |= {"pixels": picture, "fused": model(words, picture)}
        for name, asked in ways.items():
            ranks.setdefault(name, []).extend(
                source_rank(scores, held.sources, each.sources)
                for scores, each in zip((asked @ passages.T).numpy(), part, strict=True)
            )
    model.train(training)
    return ranks


def source_rank(scores: Any, sources: Sequence[str], wanted: frozenset[str]) -> int:
    """The rank of the first wanted source when each counts by its best passage."""
    order = dict.fromkeys(sources[n] for n in np.argsort(-scores, kind="stable"))
    return next(rank for rank, source in enumerate(order, start=1) if source in wanted)


def scored(ranks: dict[str, list[int]], seed: int = 0) -> dict[str, Any]:
    """Hit@1, Hit@5 and MRR with intervals by way, and what fused gains over the words as they are and as trained."""
    ways = {
        way: {
            "hit_1": asdict(mean_of([float(rank <= 1) for rank in listed], seed)),
            "hit_5": asdict(mean_of([float(rank <= 5) for rank in listed], seed)),
            "mrr": asdict(mean_of([1 / rank for rank in listed], seed)),
        }
        for way, listed in ranks.items()
    }
    gains = {way: gain_in_mrr(listed, ranks["fused"], seed) for way, listed in ranks.items() if way != "fused"}
    return {"ways": ways, "gain of fused in MRR over": gains}


def gain_in_mrr(before: Sequence[int], after: Sequence[int], seed: int = 0) -> dict[str, Any]:
    """How much more the ranks `after` are worth than those before, with its interval."""
    return asdict(paired_difference([1 / rank for rank in before], [1 / rank for rank in after], seed))


def bearing_of(embedder: Any, identity: str) -> Bearing:
    """What a trained embedder does with words alone, as the desk's search does it without torch."""
    width = len(embedder.open.bias)
    first = embedder.mix[0]
    parts = {
        "open": embedder.open.weight[:, :width],
        "open_bias": embedder.open.bias,
        "mix": first.weight[:, :width],
        "mix_bias": first.bias,
        "enter": embedder.enter.weight,
    }
    return Bearing(identity, {name: each.detach().cpu().float().numpy() for name, each in parts.items()})


def save_fused(dialogue: Any, folder: Path, recipe: FusedRecipe, scores: dict[str, Any]) -> Path:
    """The trained parts by the names they have in the dialogue model, and their papers."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    parts = {
        name: each.detach().cpu().contiguous()
        for name, each in dialogue.state_dict().items()
        if name.startswith(("connector.", "embedder."))
    }
    save_file(parts, folder / WEIGHTS, metadata={"format": "pt"})
    papers = {"recipe": asdict(recipe), **scores}
    (folder / SCORES).write_text(json.dumps(papers, indent=1) + "\n", "utf-8")
    return folder / WEIGHTS
