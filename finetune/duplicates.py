"""Texts that say nearly the same, found without comparing each with each (MinHash, Broder 1997)."""

from __future__ import annotations

import re
from collections.abc import Sequence

NEAR = 0.8  # Jaccard of word triples from which two texts are one
PERMUTATIONS = 128
WORDS = 3  # words in a row that are compared; of shorter texts all of it
_CHANGING = re.compile(r"<[A-Z]+_\d+>|\d{4,}")  # a name, an order number: differs where nothing else does


def near_duplicates(texts: Sequence[str], near: float = NEAR) -> list[int]:
    """For each text the place of the first one it nearly repeats: its own where it is the first.

    MinHash proposes, the exact Jaccard of word triples decides. The same texts give the same answer.
    """
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=max(0.5, near - 0.15), num_perm=PERMUTATIONS)
    sets = [shingles(text) for text in texts]
    first: list[int] = []
    for place, own in enumerate(sets):
        sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update_batch([each.encode("utf-8", "replace") for each in own])
        close = [found for found in sorted(map(int, index.query(sketch))) if jaccard(own, sets[found]) >= near]
        first.append(close[0] if close else place)
        if not close:
            index.insert(str(place), sketch)
    return first


def shingles(text: str) -> frozenset[str]:
    """The word triples of a text, without case, signs, placeholders and long numbers."""
    words = re.findall(r"\w+", _CHANGING.sub(" ", text).lower())
    if len(words) <= WORDS:
        return frozenset([" ".join(words)])
    return frozenset(" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared parts over all parts, 0..1."""
    return len(one & other) / max(1, len(one | other))
