"""The vectors on a graphics card: all compared, exactly, where faiss was built for one (`faiss-gpu`).

Written from the documentation of faiss-gpu; no machine with a card was at hand to run it. The answers keep the promise
of `VectorIndex.search`: they are those of comparing all, so never worse than what the lists on the processor find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.nearest import CHUNK, load_faiss

if TYPE_CHECKING:
    from index.sealed import Sealed

LEAST = 200_000  # vectors from which a copy on the card is worth its memory
DEEPEST = 2048  # the most neighbours that faiss finds on a card


@dataclass
class CardCopy:
    """A copy of the rows of one trained part."""

    sealed: Sealed
    index: Any

    def search(self, queries: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray] | None:
        """As `Sealed.search`; None where that finds more than a card can."""
        depth = wanted + self.sealed.gone
        if depth > DEEPEST:
            return None
        scores, slots = self.index.search(queries, depth)
        if not self.sealed.gone:
            return scores, self.sealed.ids[slots]
        dead = ~self.sealed.is_live()[slots]
        order = np.argsort(dead, axis=1, kind="stable")[:, :wanted]  # what was removed goes last
        return np.take_along_axis(scores, order, axis=1), self.sealed.ids[np.take_along_axis(slots, order, axis=1)]


def copy_on_card(sealed: Sealed, held: CardCopy | None) -> CardCopy | None:
    """The copy that is held where it is still of these rows, else a new one; None without a card or for few vectors."""
    if held and held.sealed is sealed:
        return held
    if len(sealed) < LEAST:
        return None
    faiss = load_faiss()
    cards = getattr(faiss, "get_num_gpus", int)()
    if not cards:
        return None
    dimension = sealed.rows.shape[1]
    index = faiss.IndexShards(dimension, True, True)
    for card in range(cards):
        config = faiss.GpuIndexFlatConfig()
        config.device, config.useFloat16 = card, True
        index.add_shard(faiss.GpuIndexFlatIP(faiss.StandardGpuResources(), dimension, config))
    for start in range(0, len(sealed.rows), cards * CHUNK):
        index.add(np.ascontiguousarray(sealed.rows[start : start + cards * CHUNK], np.float32))
    return CardCopy(sealed, index)
