"""Trained heads over a question's vector: which intent it is, whether it is none of them, whether a person should have
it. Made by `finetune/deciders.py`; without a version that has them nothing here is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Embedder
from index.errors import UserError

FOLDER = "deciders"
CONFIG, WEIGHTS, ENCODER = "deciders.json", "heads.safetensors", "encoder"
FORMAT = 1
NEVER = 2.0  # a threshold that no probability reaches
SIGNALS = ("nearest", "energy", "best", "second")


@dataclass(frozen=True)
class Judged:
    """What the heads say of a question: the likeliest intent with its probability, and whether that is sure enough to
    be named; how likely it is none of the intents; how likely a person has to take it; all 0..1."""

    intent: str
    probability: float
    sure: bool
    outside: float = 0.0
    is_outside: bool = False
    escalate: float = 0.0
    goes_to_person: bool = False


@dataclass(frozen=True)
class Line:
    """A logistic regression with the probability from which it counts."""

    weights: tuple[float, ...]
    bias: float
    threshold: float = NEVER

    def shares(self, rows: np.ndarray) -> np.ndarray:
        """(rows,) probabilities."""
        z = rows @ np.asarray(self.weights) + self.bias
        found: np.ndarray = 1 / (1 + np.exp(-np.clip(z, -60, 60)))
        return found


@dataclass(frozen=True)
class DecidersConfig:
    """What the heads were made with. `embedder` is the identity of the vectors they read, "" where they have an encoder
    of their own; logits are divided by `temperature`; from `sure` on an intent is named; `outside` reads the SIGNALS,
    `escalate` the vector. `scores` are papers."""

    labels: tuple[str, ...]
    embedder: str
    temperature: float = 1.0
    sure: float = 0.0
    outside: Line | None = None
    escalate: Line | None = None
    scores: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Heads:
    """The numbers: a row of `intents` (labels, width) with its `bias` for each label, and `nearby` (points, width), the
    middles of what was learned, unit vectors."""

    intents: np.ndarray
    bias: np.ndarray
    nearby: np.ndarray

    def logits(self, vectors: np.ndarray) -> np.ndarray:
        """(questions, labels)"""
        found: np.ndarray = vectors @ self.intents.T + self.bias
        return found


Judging = Callable[[str, Sequence[str]], Judged]


class Deciders:
    """The heads with the embedder whose vectors they read. Thread-safe: nothing changes after loading."""

    def __init__(self, config: DecidersConfig, heads: Heads, embedder: Embedder) -> None:
        self.config, self.heads = config, heads
        self._embedder = embedder

    def judge(self, question: str, screens: Sequence[str] = ()) -> Judged:
        """What is to be said of a question with the words on its pictures."""
        return self.judge_vectors(vector_of(self._embedder, question, screens)[None])[0]

    def judge_vectors(self, vectors: np.ndarray) -> list[Judged]:
        """As `judge`, of vectors made with `vector_of`."""
        shares = self.shares(vectors)
        outside, escalate = self.outside(vectors), self.escalate(vectors)
        found = []
        for row, each in enumerate(shares):
            best = int(each.argmax())
            found.append(
                Judged(
                    self.config.labels[best], float(each[best]), float(each[best]) >= self.config.sure,
                    float(outside[row]), _reaches(outside[row], self.config.outside),
                    float(escalate[row]), _reaches(escalate[row], self.config.escalate),
                )
            )  # fmt: skip
        return found

    def shares(self, vectors: np.ndarray) -> np.ndarray:
        """(questions, labels) calibrated probabilities."""
        return softmax(self.heads.logits(vectors) / self.config.temperature)

    def outside(self, vectors: np.ndarray) -> np.ndarray:
        """(questions,) how likely each is none of the intents; 0 without such a head."""
        if self.config.outside is None:
            return np.zeros(len(vectors))
        return self.config.outside.shares(signals_of(self.heads, vectors, self.config.temperature))

    def escalate(self, vectors: np.ndarray) -> np.ndarray:
        """(questions,) how likely a person has to take each; 0 without such a head."""
        return np.zeros(len(vectors)) if self.config.escalate is None else self.config.escalate.shares(vectors)


def vector_of(embedder: Embedder, question: str, screens: Sequence[str] = ()) -> np.ndarray:
    """(width,) the mean direction of the question and of the words on its pictures, length 1; zeros for neither."""
    said = [text for text in (question, "\n".join(screens)) if text.strip()]
    total = sum((embedder.embed_query(text) for text in said), np.zeros(embedder.dimension, np.float32))
    length = float(np.linalg.norm(total))
    return total / length if length > 0 else total


def signals_of(heads: Heads, vectors: np.ndarray, temperature: float) -> np.ndarray:
    """(questions, SIGNALS) what tells a question of no intent: how near the nearest middle is, how much all logits say
    together (Liu et al. 2020), and the two best cosines with an intent's direction."""
    logits = heads.logits(vectors) / temperature
    top = logits.max(axis=1, keepdims=True)
    energy = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
    lengths = np.maximum(np.linalg.norm(heads.intents, axis=1), 1e-9)
    towards = np.sort(vectors @ (heads.intents / lengths[:, None]).T, axis=1)
    nearest = (vectors @ heads.nearby.T).max(axis=1)
    second = towards[:, -2] if towards.shape[1] > 1 else towards[:, -1]
    return np.stack([nearest, energy / 10, towards[:, -1], second], axis=1)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Rows of probabilities."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    rows: np.ndarray = shifted / shifted.sum(axis=1, keepdims=True)
    return rows


def _reaches(share: float, line: Line | None) -> bool:
    return line is not None and bool(share >= line.threshold)


# -- folders --


def save_deciders(
    folder: Path, config: DecidersConfig, heads: Heads, papers: Mapping[str, str] = {}
) -> None:  # the encoder, if there is one, lies in the folder already
    """Write the heads into a folder; `papers` are further texts by file name. The config, written last, names the
    hash of the numbers, so half a folder is found out."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: np.ascontiguousarray(each, np.float32) for name, each in vars(heads).items()}
    save_file(tensors, folder / WEIGHTS)
    for name, paper in papers.items():
        (folder / name).write_text(paper, "utf-8")
    told = {"format": FORMAT, **asdict(config), "sha256": _digest(folder / WEIGHTS)}
    (folder / CONFIG).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")


def load_deciders(folder: Path, embedder: Embedder) -> Deciders | None:
    """The heads of a folder over this embedder, or over the encoder beside them; None where there are none. Raises
    UserError DAMAGED where they cannot be read, MISMATCH where they were learned on another embedder's vectors."""
    from safetensors.numpy import load_file

    from index.embed import load_embedder

    if not (folder / CONFIG).is_file():
        return None
    try:
        told = json.loads((folder / CONFIG).read_text("utf-8"))
        whole = told.pop("format") == FORMAT and told.pop("sha256") == _digest(folder / WEIGHTS)
        lines = {name: _line(told[name]) for name in ("outside", "escalate")}
        config = DecidersConfig(**{**told, "labels": tuple(told["labels"]), **lines})
        heads = Heads(**load_file(folder / WEIGHTS))
    except Exception as error:  # safetensors raises a bare Exception of its own
        raise _damaged(folder, str(error)) from error
    if not whole or not all(np.isfinite(each).all() for each in vars(heads).values()):
        raise _damaged(folder, "its numbers are not those that were written")
    if not config.embedder:
        return Deciders(config, heads, load_embedder(str(folder / ENCODER), name="encoder"))
    if config.embedder != embedder.identity:
        raise UserError(
            f"The deciders were learned on {config.embedder}, but {embedder.identity} is in use.\n"
            "Learn anew: deskside learn",
            "MISMATCH",
        )
    return Deciders(config, heads, embedder)


def _line(told: Mapping[str, Any] | None) -> Line | None:
    return None if told is None else Line(tuple(told["weights"]), float(told["bias"]), float(told["threshold"]))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _damaged(folder: Path, why: str) -> UserError:
    return UserError(
        f"The {folder.name} of the version cannot be read ({why[:100]}).\nGo back: deskside rollback", "DAMAGED"
    )
