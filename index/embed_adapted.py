"""A learned turn of the question towards the answers of one shop: the passages and their index stay as they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.embed import Embedder
from index.errors import UserError

WEIGHTS = "query.safetensors"
CONFIG = "query.json"


class AdaptedEmbedder:
    """An embedder whose questions are turned by a matrix. Passages are embedded as before, so `identity`, which names
    the vectors of an index, is the same; `name` tells that questions are not."""

    def __init__(self, inner: Embedder, turn: np.ndarray, name: str) -> None:
        self.inner = inner
        self.name, self.identity, self.dimension = name, inner.identity, inner.dimension
        self.turn = turn

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """As `Embedder.embed`."""
        return self.inner.embed(texts)

    def embed_query(self, text: str) -> np.ndarray:
        """(dimension,) float32 of length 1, turned."""
        vector = self.inner.embed_query(text) @ self.turn
        length = float(np.linalg.norm(vector))
        if not np.isfinite(length) or length < 1e-9:
            raise UserError(f"The embedder {self.name} gives no numbers.\nGo back: deskside rollback", "DAMAGED")
        turned: np.ndarray = (vector / length).astype(np.float32)
        return turned


def save_turn(folder: Path, turn: np.ndarray, embedder: Embedder) -> None:
    """Write the matrix and the identity of the embedder it was learned on."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file({"turn": np.ascontiguousarray(turn, dtype=np.float32)}, folder / WEIGHTS)
    (folder / CONFIG).write_text(json.dumps({"embedder": embedder.identity}) + "\n", "utf-8")


def load_adapted(folder: Path, inner: Embedder, name: str) -> AdaptedEmbedder:
    """The embedder with the matrix of a folder on it. Raises UserError MISMATCH when it was learned on another one,
    DAMAGED when it cannot be read."""
    from safetensors.numpy import load_file

    try:
        learned_on = json.loads((folder / CONFIG).read_text("utf-8"))["embedder"]
        turn = load_file(folder / WEIGHTS)["turn"]
    except Exception as error:  # safetensors raises a bare Exception of its own
        raise UserError(
            f"{folder.name} of the version cannot be read.\nGo back: deskside rollback", "DAMAGED"
        ) from error
    if learned_on != inner.identity or turn.shape != (inner.dimension, inner.dimension):
        raise UserError(
            f"The version was learned on {learned_on}, but {inner.identity} is in use.\n"
            "Set the embedder back, or learn anew: deskside learn",
            "MISMATCH",
        )
    if not np.isfinite(turn).all():
        raise UserError(
            f"{folder.name} of the version holds numbers that are not finite.\ndeskside rollback", "DAMAGED"
        )
    return AdaptedEmbedder(inner, turn, name)
