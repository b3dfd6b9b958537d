"""Whether a passage answers a question: both read together, word beside word, by a small cross-encoder.

Vectors tell what a text is about; they hardly tell an article that says how long the guarantee lasts from one that
says what it costs. A cross-encoder (Nogueira and Cho, 2019) of the packaged MiniLM's shape tells more of that, and
reads a passage in some ten milliseconds. Its word vectors are those of the packaged embedder, so only its layers ship.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import UserError

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

WEIGHTS, PAPERS = "answering.safetensors", "answering.json"
MOST_TOKENS = 256  # of question and passage together; a longer passage is read in parts
LONGEST_QUESTION = 96
OVERLAP = 32  # tokens that two parts of a passage share
BATCH_TOKENS = 2048
HEAD = "answers"

Judge = Callable[[str, Sequence[tuple[str, str]]], np.ndarray]


@dataclass(frozen=True)
class Scale:
    """What a score is worth: the share is 1 / (1 + exp(-(slope * score + bias))), fitted on questions that were not
    trained on, half of them without an answer."""

    slope: float = 1.0
    bias: float = 0.0


class Answering:
    """The cross-encoder. Thread-safe: nothing changes after loading."""

    def __init__(
        self, weights: dict[str, torch.Tensor], config: dict[str, Any], tokenizer: Tokenizer, scale: Scale
    ) -> None:
        self.scale = scale
        self._weights, self._config, self._tokenizer = weights, config, tokenizer

    def shares(self, question: str, passages: Sequence[tuple[str, str]]) -> np.ndarray:
        """(passages,) 0..1: how likely each (title, text) answers the question."""
        scores = self.scores(question, passages)
        return np.asarray(1 / (1 + np.exp(-np.clip(self.scale.slope * scores + self.scale.bias, -30, 30))))

    def scores(self, question: str, passages: Sequence[tuple[str, str]]) -> np.ndarray:
        """(passages,) any number, more is better: the best part of each passage."""
        rows: list[list[int]] = []
        owners: list[int] = []
        for owner, (title, text) in enumerate(passages):
            parts = read_together(self._tokenizer, question, title, text)
            rows += parts
            owners += [owner] * len(parts)
        scores = np.full(len(passages), -np.inf)
        np.maximum.at(scores, owners, self._forward(rows))
        return scores

    def _forward(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        """(rows,) float, rows of about one length together."""
        import torch

        from index.embed_light import batches, bert_states, padded

        found = np.zeros(len(rows))
        for places in batches([len(row) for row in rows], BATCH_TOKENS):
            tokens, mask = padded([rows[at] for at in places])
            with torch.inference_mode():
                states = bert_states(self._weights, self._config, tokens, mask).float()
                head, bias = (self._weights[f"{HEAD}.{name}"][0].float() for name in ("weight", "bias"))
                score = pool(states, mask) @ head + bias
            found[places] = score.numpy()
        return found


def pool(states: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """(rows, tokens, width) states -> (rows, width): the first token's plus the mean of all."""
    if mask is None:
        return states[:, 0] + states.mean(dim=1)
    real = mask[..., None].to(states.dtype)
    return states[:, 0] + (states * real).sum(dim=1) / real.sum(dim=1)


def read_together(tokenizer: Tokenizer, question: str, title: str, text: str) -> list[list[int]]:
    """Rows of at most MOST_TOKENS ids: the question, then the passage below its title; a long passage in parts that
    overlap, each below the title."""
    first, last = _ends(tokenizer)
    asked = _ids(tokenizer, question)[:LONGEST_QUESTION]
    head = _ids(tokenizer, title)[:LONGEST_QUESTION] if title else []
    body = _ids(tokenizer, text)
    room = MOST_TOKENS - len(asked) - len(head) - 3
    starts = range(0, max(1, len(body) - OVERLAP), room - OVERLAP) if len(body) > room else (0,)
    return [[first, *asked, last, *head, *body[at : at + room], last] for at in starts]


def load_answering(folder: Path, base: Path, bf16: bool | None = None) -> Answering:
    """The cross-encoder in a folder over the word vectors of the embedder in `base`; in bfloat16 where the processor
    multiplies it, unless `bf16` says otherwise. Raises UserError DAMAGED for files that are missing or cannot be read.
    """
    from safetensors import safe_open
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    from index.embed_light import fused, quick_bf16

    try:
        papers = json.loads((folder / PAPERS).read_text("utf-8"))
        config = json.loads((base / "config.json").read_text("utf-8"))
        own = load_file(folder / WEIGHTS)
        with safe_open(base / "model.safetensors", "pt") as whole:  # its layers stay on the disk
            words = {key: whole.get_tensor(key) for key in whole.keys() if "embeddings." in key}  # noqa: SIM118
        weights = fused({**words, **own}, int(config["num_hidden_layers"]))
        if quick_bf16() if bf16 is None else bf16:
            weights = {key: value.bfloat16() for key, value in weights.items()}
        tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
        scale = Scale(float(papers["slope"]), float(papers["bias"]))
    except Exception as trouble:  # tokenizers and safetensors raise bare Exceptions of their own
        raise UserError(f"{WEIGHTS} can't be read ({trouble}). Install Deskside again.", "DAMAGED") from trouble
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return Answering(weights, config, tokenizer, scale)


class LateAnswering:
    """The cross-encoder of a folder, opened with the first question. Raises what `load_answering` raises."""

    def __init__(self, folder: Path, base: Path) -> None:
        self._folder, self._base, self._lock = folder, base, threading.Lock()
        self._opened: Answering | None = None

    def __call__(self, question: str, passages: Sequence[tuple[str, str]]) -> np.ndarray:
        """As `Answering.shares`."""
        with self._lock:
            if self._opened is None:
                self._opened = load_answering(self._folder, self._base)
        return self._opened.shares(question, passages)


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    found: list[int] = tokenizer.encode(text[:20_000], add_special_tokens=False).ids
    return found


def _ends(tokenizer: Tokenizer) -> tuple[int, int]:
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    if first is None or last is None:
        raise UserError("The tokeniser has no [CLS] and [SEP]: it is no BERT's.", "MISMATCH")
    return first, last
