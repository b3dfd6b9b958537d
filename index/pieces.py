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
        centred = vectors - vectors.mean(axis=0)
        self._units = (centred / np.linalg.norm(centred, axis=1, keepdims=True).clip(1e-6)).astype(np.float32)
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
        rows: np.ndarray = self._units[ids]
        return rows


def matched(pieces: Pieces, text: str, others: list[str]) -> list[tuple[float, float]]:
    """For each other text (how well each piece of `text` is met in it, how well each of its pieces is met in `text`),
    0..1: the mean over pieces of the best cosine, rare pieces counting more (MaxSim of Khattab and Zaharia 2020, over
    vectors without context)."""
    asked, held = pieces.of(text), [pieces.of(each) for each in others]
    full = [at for at, ids in enumerate(held) if len(ids)]
    found = [(0.0, 0.0)] * len(others)
    if not len(asked) or not full:
        return found
    starts = np.cumsum([0, *(len(held[at]) for at in full[:-1])])
    every, places = np.unique(np.concatenate([held[at] for at in full]), return_inverse=True)
    alike = pieces.vectors(asked) @ pieces.vectors(every).T
    wanted, own = pieces.weights(asked), pieces.weights(every)[places]
    there = wanted @ np.maximum.reduceat(alike[:, places], starts, axis=1) / wanted.sum().clip(1e-6)
    back = np.add.reduceat(own * alike.max(axis=0)[places], starts) / np.add.reduceat(own, starts).clip(1e-6)
    for at, one, other in zip(full, there.tolist(), back.tolist(), strict=True):
        found[at] = (one, other)
    return found


def pieces_of(embedder: Any) -> Pieces | None:
    """The word pieces of an embedder, however it is wrapped; None for one that does not give them."""
    while embedder is not None:
        if hasattr(embedder, "word_pieces"):
            found: Pieces = embedder.word_pieces()
            return found
        embedder = getattr(embedder, "inner", None)
    return None
