"""The issue head: a question, the words on its picture and its pixels in; one label with its probability out.

Each part is a vector of its own (`index.embed` for the two texts, the pooled tokens of a vision tower for the
pixels) and may be missing. Trained by `finetune/classifier.py`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from agent.model_folder import read_json
from index.embed import Embedder
from index.errors import UserError

PARTS = ("text", "screen", "visual")
WEIGHTS = "head.safetensors"
STEEP = 12.0  # logits of a label in its very direction, before anything is learned
RANKED = 3  # how many labels a prediction names


@dataclass(frozen=True)
class Asked:
    """What came in: the words of the customer, the words read on the picture ("" for none), and a vector of the
    picture itself (None for none), as wide as the head was trained with."""

    text: str
    screen: str = ""
    visual: np.ndarray | None = None


@dataclass(frozen=True)
class Predicted:
    """The likeliest label with its calibrated probability (0..1); `sure` is False below the head's threshold, and
    then a person should say. `ranked` are the first labels with their probabilities, best first."""

    label: str
    probability: float
    sure: bool
    ranked: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class IssueConfig:
    """What a head was made with. `widths` says how wide each part it looks at is; logits are divided by
    `temperature` (Guo et al. 2017); below `threshold` (0..1) it is not sure. `scores` are papers, not used."""

    labels: tuple[str, ...]
    widths: dict[str, int]
    hidden: int = 0
    dropout: float = 0.1
    embedder: str = ""
    temperature: float = 1.0
    threshold: float = 0.0
    data_hash: str = ""
    scores: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """Vectors of many: for each part (asked, width) float32 and (asked,) whether it is there; rows of what is not
    there are zeros."""

    vectors: dict[str, torch.Tensor]
    there: dict[str, torch.Tensor]

    def __len__(self) -> int:
        return len(next(iter(self.vectors.values())))

    def rows(self, places: Sequence[int] | torch.Tensor) -> Parts:
        """Only these rows, in this order."""
        index = torch.as_tensor(places, dtype=torch.long)
        vectors = {name: each[index] for name, each in self.vectors.items()}
        return Parts(vectors, {name: each[index] for name, each in self.there.items()})

    def only(self, names: Sequence[str]) -> Parts:
        """Only these parts."""
        return Parts({name: self.vectors[name] for name in names}, {name: self.there[name] for name in names})


class IssueHead(nn.Module):
    """Question and screen are averaged to one direction, since the embedder puts both in one space; a linear layer over
    it starts as the mean direction of each label (`start`), so few cases are enough. The picture's own vector, and the
    hidden layer if there is one, add to it and start at nothing."""

    def __init__(self, widths: Mapping[str, int], labels: int, hidden: int = 0, dropout: float = 0.1) -> None:
        super().__init__()
        self.spoken = tuple(name for name in ("text", "screen") if name in widths)
        width = max((widths[name] for name in self.spoken), default=0)
        self.scale = float(width) ** 0.5  # so that one number of a direction is about 1
        self.dropout = nn.Dropout(dropout)
        self.words = nn.Linear(width, labels) if width else None
        self.inner = nn.Linear(width, hidden) if width and hidden else None
        self.more = _still(nn.Linear(hidden, labels)) if width and hidden else None
        self.norm = nn.LayerNorm(widths["visual"]) if "visual" in widths else None
        self.pixels = _still(nn.Linear(widths["visual"], labels)) if "visual" in widths else None

    def direction(self, parts: Parts) -> torch.Tensor:
        """(asked, width) the mean of the question's and the screen's vector, length 1; zeros where there is neither."""
        rows = [parts.vectors[name] * parts.there[name][:, None] for name in self.spoken]
        return nn.functional.normalize(torch.stack(rows).sum(dim=0), dim=-1)

    def start(self, parts: Parts, truth: torch.Tensor) -> None:
        """Begin as the mean direction of each label: "nearest mean", before anything is learned."""
        if self.words is None:
            return
        means = torch.zeros_like(self.words.weight).index_add_(0, truth, self.direction(parts))
        with torch.no_grad():
            self.words.weight.copy_(nn.functional.normalize(means, dim=-1) * STEEP / self.scale)
            self.words.bias.zero_()

    def forward(self, parts: Parts) -> torch.Tensor:
        """(asked, labels) logits, not yet divided by the temperature."""
        found: list[torch.Tensor] = []
        if self.words is not None:
            seen = self.dropout(self.direction(parts) * self.scale)
            found.append(self.words(seen))
            if self.inner is not None and self.more is not None:
                found.append(self.more(self.dropout(nn.functional.gelu(self.inner(seen)))))
        if self.norm is not None and self.pixels is not None:
            seen = self.dropout(self.norm(parts.vectors["visual"]))
            looked = self.pixels(seen / seen.shape[1] ** 0.5)  # slow to learn: pictures are few, their numbers many
            found.append(looked * parts.there["visual"][:, None])
        return torch.stack(found).sum(dim=0)


def _still(layer: nn.Linear) -> nn.Linear:
    """The layer, saying nothing yet."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def parts_of(asked: Sequence[Asked], embedder: Embedder, widths: Mapping[str, int]) -> Parts:
    """The vectors of what was asked, for the parts in `widths`.

    Raises UserError (MISMATCH) when a picture's vector has another width than the head was made for.
    """
    vectors: dict[str, torch.Tensor] = {}
    there: dict[str, torch.Tensor] = {}
    for name in widths:
        rows = [_row(each, name) for each in asked]
        there[name] = torch.tensor([row is not None for row in rows], dtype=torch.bool)
        if name == "visual":
            vectors[name] = _visual(rows, widths[name])
        else:
            found = [str(row) for row in rows if row is not None]
            vectors[name] = torch.zeros(len(rows), widths[name])
            if found:
                vectors[name][there[name]] = torch.from_numpy(np.array(embedder.embed(found)))
    return Parts(vectors, there)


def picture_vector(tower: Any, image: Any) -> np.ndarray:
    """(token_width,) float32: the tokens of an `agent.vlm.tower.ScreenTower` over a PIL picture, averaged. A long
    page is looked at as far as one screen goes."""
    from agent.vlm.seen import look_scale, to_pixels

    screen = image.crop((0, 0, image.width, min(image.height, 2 * image.width)))
    with torch.inference_mode():
        tokens = tower.eval()(to_pixels(screen, look_scale(*screen.size))[None]).tokens
    vector: np.ndarray = tokens[0].mean(dim=0).float().numpy()
    return vector


def _row(asked: Asked, name: str) -> str | np.ndarray | None:
    if name == "visual":
        return asked.visual
    text = asked.text if name == "text" else asked.screen
    return text if text.strip() else None


def _visual(rows: Sequence[Any], width: int) -> torch.Tensor:
    vectors = torch.zeros(len(rows), width)
    for place, row in enumerate(rows):
        if row is not None:
            vector = np.asarray(row, dtype=np.float32).reshape(-1)
            if len(vector) != width:
                raise UserError(
                    f"A picture's vector has {len(vector)} numbers, this head was trained with {width}. "
                    "Use the tower it was trained with, or train it again.",
                    "MISMATCH",
                )
            vectors[place] = torch.from_numpy(vector)
    return vectors


class Classifier:
    """A trained head with its embedder: what `load_classifier` gives. Thread-safe: nothing changes after loading."""

    def __init__(self, config: IssueConfig, head: IssueHead, embedder: Embedder) -> None:
        self.config = config
        self.head = head.eval()
        self._embedder = embedder

    def predict(self, asked: Sequence[Asked]) -> list[Predicted]:
        """One prediction each, in order."""
        if not asked:
            return []
        return self.predict_parts(parts_of(asked, self._embedder, self.config.widths))

    def predict_parts(self, parts: Parts) -> list[Predicted]:
        """As `predict`, of vectors made before."""
        return [_predicted(row, self.config) for row in probabilities(self.head, parts, self.config.temperature)]


def probabilities(head: IssueHead, parts: Parts, temperature: float) -> torch.Tensor:
    """(asked, labels) calibrated probabilities, rows summing to 1."""
    head.eval()
    with torch.inference_mode():
        return torch.softmax(head(parts) / temperature, dim=-1)


def _predicted(row: torch.Tensor, config: IssueConfig) -> Predicted:
    best, places = row.topk(min(RANKED, len(config.labels)))
    ranked = tuple((config.labels[place], chance) for chance, place in zip(best.tolist(), places.tolist(), strict=True))
    return Predicted(*ranked[0], sure=ranked[0][1] >= config.threshold, ranked=ranked)


# -- folders --


def save_classifier(folder: Path, config: IssueConfig, head: IssueHead, papers: Mapping[str, str] = {}) -> None:
    """Write the head with its config; `papers` are further texts by file name (the report)."""
    settings = {"kind": "classifier", **asdict(config)}
    write_folder(folder, settings, head.state_dict(), papers)


def load_classifier(folder: Path, embedder: Embedder) -> Classifier:
    """The head in this folder. Raises UserError CONFIG when it is none, DAMAGED when a file is cut, MISMATCH when it
    was trained with another embedder."""
    settings = read_folder(folder, "classifier")
    try:
        kept = {name: settings[name] for name in IssueConfig.__dataclass_fields__ if name in settings}
        config = IssueConfig(**{**kept, "labels": tuple(kept["labels"])})
        head = IssueHead(config.widths, len(config.labels), config.hidden, config.dropout)
        head.load_state_dict(read_weights(folder))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise damaged(folder, error) from error
    check_embedder(folder, config.embedder, embedder.identity)
    return Classifier(config, head, embedder)


def write_folder(
    folder: Path, settings: Mapping[str, Any], weights: Mapping[str, torch.Tensor], papers: Mapping[str, str]
) -> None:
    """All files beside the folder first, then swapped in: a cut run leaves what was there before."""
    from safetensors.torch import save_file

    fresh, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    try:
        fresh.mkdir(parents=True)
        save_file({name: each.detach().contiguous().cpu() for name, each in weights.items()}, fresh / WEIGHTS)
        digest = hashlib.sha256((fresh / WEIGHTS).read_bytes()).hexdigest()
        text = json.dumps({**settings, "sha256": digest}, ensure_ascii=False, indent=2)
        (fresh / "config.json").write_text(text + "\n", encoding="utf-8")
        for name, paper in papers.items():
            (fresh / name).write_text(paper, encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except OSError as error:
        raise UserError(
            f"{folder} can't be written ({error.strerror or error}). Choose another --out.", "FULL"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def read_folder(folder: Path, kind: str) -> dict[str, Any]:
    """The config of a folder written by `write_folder`, its weights checked against their hash."""
    settings = read_json(folder / "config.json")
    if settings.get("kind") != kind:
        raise UserError(f"{folder} is no {kind}. Give the folder that was made with: finetune {kind}", "CONFIG")
    try:
        digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    except OSError as error:
        raise damaged(folder, error) from error
    if digest != settings.get("sha256"):
        raise damaged(folder, f"{WEIGHTS} is not the file that was written")
    return settings


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    """The tensors of a checked folder."""
    from safetensors.torch import load_file

    return load_file(folder / WEIGHTS)


def damaged(folder: Path, why: object) -> UserError:
    """What is said of a folder that can't be read."""
    return UserError(
        f"The head in {folder} can't be read ({str(why)[:120]}). Train it again or copy it anew.", "DAMAGED"
    )


def check_embedder(folder: Path, wanted: str, identity: str) -> None:
    """Raises UserError (MISMATCH) when the head was trained on the vectors of another model."""
    if wanted != identity:
        raise UserError(
            f"The head in {folder} was trained with {wanted}, not with {identity}. Train it again.", "MISMATCH"
        )
