"""Training of what tells whether a passage answers a question: the layers of the packaged embedder, both texts at once.

Each pair is its own row (binary cross-entropy): the score must mean the same over one passage and over many, for the
desk asks "does this answer it at all". The word vectors stay as they are, so that only the layers need to ship.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from finetune.answering_data import Ground, Pair, shelf
from finetune.checkpoints import keep, latest, read_state, read_training, write_training
from finetune.embedder import slope
from finetune.encoder import POOL, groups, padded, quick_layers
from index.answering import HEAD, PAPERS, WEIGHTS, Answering, Scale, load_answering, pool, read_together
from index.embed import Embedder, find_model, load_embedder, load_sentence_transformer
from index.embed_light import quick_bf16
from index.errors import UserError

Tell = Callable[[dict[str, Any]], None]
CHECKPOINT = "answering"
TOP = 4  # passages of a shelf that the measuring looks at
HELD_SHELVES = 12
MADE = ("recipe", "steps", "sources", "before")  # what the papers tell of a run


@dataclass(frozen=True)
class AnsweringRecipe:
    """AdamW over all layers, linear warm-up and a cosine, one time through the pairs."""

    pairs: int = 64_000
    batch: int = 32
    rate: float = 1e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.05
    keep_every: int = 200
    start_from: str = ""  # a finished run whose weights this one begins with
    bf16: bool | None = None
    seed: int = 0


@dataclass(frozen=True)
class Trained:
    """Where the weights lie, the losses, and whether the run came to its end."""

    folder: Path
    losses: tuple[float, ...]
    finished: bool


class Reader(nn.Module):
    """A BERT that reads question and passage together, and one number of it."""

    def __init__(self, bert: nn.Module, width: int) -> None:
        super().__init__()
        self.words: list[Any] = [bert.embeddings]  # a plain list: not trained
        self.layers = quick_layers(bert)
        self.answers = nn.Linear(width, 1)
        nn.init.normal_(self.answers.weight, std=0.02)
        nn.init.zeros_(self.answers.bias)

    def forward(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """(rows,) scores."""
        ids, mask = padded(rows)
        with torch.no_grad():
            states = self.words[0].eval()(input_ids=ids)
        for layer in self.layers:
            states = layer(states, mask[:, None, None, :].bool())
        scores: torch.Tensor = self.answers(pool(states.float(), mask)).squeeze(-1)
        return scores


def train_answering(
    pairs: Sequence[Pair], folder: Path, recipe: AnsweringRecipe = AnsweringRecipe(), *, base: str = "minilm",
    tell: Tell = lambda told: None, stopping: Callable[[], bool] = lambda: False,
) -> Trained:  # fmt: skip
    """Train on the pairs; written to `folder`. Goes on where a run in `folder` was killed, with the same pairs. Raises
    UserError EMPTY without pairs, DAMAGED for a loss that is not finite."""
    if not pairs:
        raise UserError("There is nothing to learn whether passages answer from.", "EMPTY")
    run = _Run(pairs, folder, recipe, find_model(base)[0])
    for places in run.ahead():
        if stopping():
            run.keep()
            return Trained(folder, tuple(run.losses), finished=False)
        loss = run.learn(places)
        tell({"step": run.step, "of": run.total, "loss": loss})
        if run.step % recipe.keep_every == 0:
            run.keep()
    run.keep()
    run.write()
    return Trained(folder, tuple(run.losses), finished=True)


class _Run:
    """One training: the model, the optimiser, and where it stands."""

    def __init__(self, pairs: Sequence[Pair], folder: Path, recipe: AnsweringRecipe, base: Path) -> None:
        from tokenizers import Tokenizer

        torch.manual_seed(recipe.seed)
        self.folder, self.recipe = folder, recipe
        library = load_sentence_transformer(base)
        bert = library[0].model
        self.model = Reader(bert, int(bert.config.hidden_size)).train()
        tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.rows = [read_together(tokenizer, each.question, each.title, each.text)[0] for each in pairs]
        self.truth = [float(each.answers) for each in pairs]
        self.sources = [each.source for each in pairs]
        self.bf16 = quick_bf16() if recipe.bf16 is None else recipe.bf16
        if recipe.start_from:
            _begin_with(self.model, Path(recipe.start_from))
        self.trained = dict(self.model.named_parameters())
        self.optimiser = torch.optim.AdamW(
            groups(self.trained, recipe.rate, recipe.head_rate, recipe.weight_decay), fused=True
        )
        self.order = list(_batched([len(row) for row in self.rows], recipe))
        self.total, self.step, self.losses = len(self.order), 0, list[float]()
        if (place := latest(folder, CHECKPOINT)) is not None:
            state = read_state(place)
            self.step, self.losses = int(state["step"]), list(state["losses"])
            read_training(place, self.trained, self.optimiser)

    def ahead(self) -> Iterator[list[int]]:
        """The batches that are still to be learned from."""
        yield from self.order[self.step :]

    def learn(self, places: Sequence[int]) -> float:
        """One step; its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = group["full_rate"] * slope(self.step, self.total, self.recipe.warmup)
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.step)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            scores = self.model([self.rows[at] for at in places]).float()
        loss = F.binary_cross_entropy_with_logits(scores, torch.tensor([self.truth[at] for at in places]))
        if not torch.isfinite(loss):
            raise UserError("The loss of the answering is not finite. Lower the rate.", "DAMAGED")
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.trained.values(), 1.0)
        self.optimiser.step()
        self.step += 1
        self.losses.append(round(float(loss.detach()), 4))
        return self.losses[-1]

    def keep(self) -> None:
        """Where it stands, on disk."""
        state = {"losses": self.losses, "recipe": asdict(self.recipe)}
        keep(
            self.folder, CHECKPOINT, self.step, lambda fresh: write_training(fresh, self.trained, self.optimiser), state
        )

    def write(self) -> None:
        """The weights that ship, in half precision, and their papers with a scale still to be fitted."""
        from safetensors.torch import save_file

        named = {
            (
                f"{HEAD}.{name.removeprefix('answers.')}"
                if name.startswith("answers.")
                else f"encoder.layer.{name[7:]}"
            ): at
            for name, at in self.trained.items()
        }
        save_file({name: each.detach().half().contiguous() for name, each in named.items()}, self.folder / WEIGHTS)
        write_papers(self.folder, Scale(), self._made())

    def _made(self) -> dict[str, Any]:
        """How the weights came about, with the run that they began with; nobody's folders."""
        recipe = {name: value for name, value in asdict(self.recipe).items() if name != "start_from"}
        made: dict[str, Any] = {
            "recipe": recipe,
            "steps": self.step,
            "sources": dict(sorted(Counter(self.sources).items())),
        }
        if self.recipe.start_from:
            before = json.loads((Path(self.recipe.start_from) / PAPERS).read_text("utf-8"))
            made["before"] = {name: before[name] for name in MADE if name in before}
        return made


def _begin_with(model: Reader, folder: Path) -> None:
    """The weights of a finished run. Raises UserError EMPTY where there are none."""
    from safetensors.torch import load_file

    if not (folder / WEIGHTS).is_file():
        raise UserError(f"There are no weights in {folder}.\nName the folder of a finished run.", "EMPTY")
    own = load_file(folder / WEIGHTS)
    model.load_state_dict({name.replace("encoder.layer.", "layers."): each.float() for name, each in own.items()})


def write_papers(folder: Path, scale: Scale, more: dict[str, Any]) -> None:
    """What the weights are and what their score is worth."""
    papers = {"slope": scale.slope, "bias": scale.bias, **more}
    (folder / PAPERS).write_text(json.dumps(papers, indent=1) + "\n", "utf-8")


@dataclass(frozen=True)
class Looked:
    """One question of a shelf: scores of the passages nearest to it, which is right (None: none), and the cosine of
    the nearest, for comparison."""

    scores: np.ndarray
    right: int | None
    covered: bool
    cosine: float


def look(answering: Answering, embedder: Embedder, grounds: Sequence[Ground]) -> list[Looked]:
    """What is scored where nothing was trained on."""
    found = []
    for ground in grounds:
        shelf = embedder.embed([f"{title}\n{text}" for title, text in ground.passages])
        asked = embedder.embed([text for text, _ in ground.questions])
        for (text, right), row in zip(ground.questions, asked @ shelf.T, strict=True):
            near = np.argsort(-row)[:TOP].tolist()
            scores = answering.scores(text, [ground.passages[at] for at in near])
            place = near.index(right) if right in near else None
            found.append(Looked(scores, place, right is not None, float(row[near[0]])))
    return found


def fit_scale(looked: Sequence[Looked]) -> Scale:
    """What a score is worth, from the best passage of each question: is it one that answers? (Platt, 1999)"""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    best = np.array([[each.scores.max()] for each in looked])
    right = np.array([each.right is not None and int(each.scores.argmax()) == each.right for each in looked])
    fitted = LogisticRegression(C=1e3).fit(best, right)
    return Scale(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))


def scores_of(looked: Sequence[Looked]) -> dict[str, float]:
    """Area under the curve of covered against uncovered questions, by the best score and by the nearest cosine; how
    often the right passage is scored best; uncovered questions left alone where 4 % of the covered are refused."""
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

    covered = np.array([each.covered for each in looked])
    best, cosine = np.array([each.scores.max() for each in looked]), np.array([each.cosine for each in looked])
    first = [int(each.scores.argmax()) == each.right for each in looked if each.covered]
    left = {
        name: float((by[~covered] < np.quantile(by[covered], 0.04)).mean())
        for name, by in (("left alone at 0.04 refused", best), ("by the cosine", cosine))
    }
    return {
        "area": float(roc_auc_score(covered, best)),
        "area by the cosine": float(roc_auc_score(covered, cosine)),
        "right first": float(np.mean(first)),
        **left,
        "questions": float(len(looked)),
    }


def scaled(folder: Path) -> dict[str, float]:
    """Fit what a score of the trained weights is worth, on shelves of the kinds of business that were held out: half of
    the shelves for the scale, the other half for the scores that are told and written to the papers."""
    answering, embedder = open_trained(folder), load_embedder()
    looked = [
        look(answering, embedder, [shelf(random.Random(f"held {number}"), "train", held=True)])
        for number in range(HELD_SHELVES)
    ]
    scale = fit_scale([each for one in looked[::2] for each in one])
    scores = scores_of([each for one in looked[1::2] for each in one])
    told = json.loads((folder / PAPERS).read_text("utf-8"))
    write_papers(folder, scale, {key: told[key] for key in MADE if key in told} | {"held out": scores})
    return scores


def open_trained(folder: Path, base: str = "minilm") -> Answering:
    """The trained weights of a folder. Raises UserError EMPTY where there are none."""
    if not (folder / WEIGHTS).is_file():
        raise UserError(f"There are no weights in {folder.name}. Train them: deskside finetune answering", "EMPTY")
    return load_answering(folder, find_model(base)[0])


def _batched(lengths: Sequence[int], recipe: AnsweringRecipe) -> Iterator[list[int]]:
    """Places in a seeded order, rows of about one length together."""
    generator = np.random.default_rng(recipe.seed)
    order = generator.permutation(len(lengths)).tolist()
    found: list[list[int]] = []
    for start in range(0, len(order), recipe.batch * POOL):
        near = sorted(order[start : start + recipe.batch * POOL], key=lambda at: lengths[at])
        batches = [near[at : at + recipe.batch] for at in range(0, len(near), recipe.batch)]
        found += [batches[at] for at in generator.permutation(len(batches)).tolist()]
    yield from found
