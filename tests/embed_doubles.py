"""A small real embedder for tests: hashed words, no weights, the same vectors on every machine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

WORD = re.compile(r"\w+", re.UNICODE)


class HashedWords:
    """Texts that share words are close. Every row has length 1; a text without words points along the first axis."""

    def __init__(self, dimension: int = 64) -> None:
        self.name = "hashed-words"
        self.dimension = dimension
        self.identity = f"hashed-words-{dimension}"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, dimension) float32."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in WORD.findall(text.lower()):
                digest = hashlib.sha256(word.encode("utf-8", "replace")).digest()
                row[int.from_bytes(digest[:4], "little") % self.dimension] += 1 if digest[4] % 2 else -1
            if not row.any():
                row[0] = 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_query(self, text: str) -> np.ndarray:
        """(dimension,) float32."""
        return self.embed([text])[0]
