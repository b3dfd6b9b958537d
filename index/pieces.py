"""Words compared by meaning, one by one: the word pieces of an embedder and the vectors it begins with (no pass)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

MOST_CHARACTERS = 2000
MOST_PIECES = 256
COMMON = 1990  # vocabularies of BERT hold signs and single letters first, then words from common to rare


class Pieces:
    """The pieces a text is made of, each with its vector before any context and a weight: rarer ones more (Zipf: the
    logarithm of their place in the vocabulary)."""

    def __init__(self, tokenizer: Any, vectors: np.ndarray) -> None:
        self._tokenizer = tokenizer
        self._vectors = vectors
        self._mean = vectors.mean(axis=0)
        self._norms = np.linalg.norm(vectors - self._mean, axis=1).clip(1e-6)
        ranks = np.maximum(np.arange(len(vectors)) - COMMON, 2)
        self._weights = (np.log(ranks) / np.log(ranks[-1])).astype(np.float32)
        self.of = lru_cache(maxsize=16_384)(self._of)

    def _of(self, text: str) -> np.ndarray:
        """The ids of a text's pieces, each once."""
        found = self._tokenizer.encode(text[:MOST_CHARACTERS], add_special_tokens=False).ids
        return np.array(list(dict.fromkeys(found))[:MOST_PIECES], dtype=np.int64)

    def weights(self, ids: np.ndarray) -> np.ndarray:
        """(ids,) 0..1."""
        weights: np.ndarray = self._weights[ids]
        return weights

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """(ids, width) unit rows."""
        rows: np.ndarray = (self._vectors[ids] - self._mean) / self._norms[ids][:, None]
        return rows


def matched(pieces: Pieces, text: str, others: list[str]) -> list[tuple[float, float]]:
    """For each other text (how well each piece of `text` is met in it, how well each of its pieces is met in `text`),
    0..1: the mean over pieces of the best cosine, rare pieces counting more (MaxSim of Khattab and Zaharia 2020, over
    vectors without context)."""
    asked = pieces.of(text)
    held = [pieces.of(each) for each in others]
    if not len(asked) or not any(map(len, held)):
        return [(0.0, 0.0)] * len(others)
    every, places = np.unique(np.concatenate(held), return_inverse=True)
    alike = pieces.vectors(asked) @ pieces.vectors(every).T
    weights = pieces.weights(asked)
    ends = np.cumsum([len(each) for each in held])
    found = []
    for ids, end in zip(held, ends.tolist(), strict=True):
        part = alike[:, places[end - len(ids) : end]]
        if not len(ids):
            found.append((0.0, 0.0))
            continue
        own = pieces.weights(ids)
        there = float(part.max(axis=1) @ weights / weights.sum().clip(1e-6))
        back = float(part.max(axis=0) @ own / own.sum().clip(1e-6))
        found.append((there, back))
    return found


def pieces_of(embedder: Any) -> Pieces | None:
    """The word pieces of an embedder, however it is wrapped; None for one that does not give them."""
    while embedder is not None:
        if hasattr(embedder, "word_pieces"):
            found: Pieces = embedder.word_pieces()
            return found
        embedder = getattr(embedder, "inner", None)
    return None
