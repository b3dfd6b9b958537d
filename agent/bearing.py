"""Where a picture's words lead: their sentence vector, turned towards what such pictures are asked about."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import UserError

SHAPES = {"open": 2, "open_bias": 1, "mix": 2, "mix_bias": 1, "enter": 2}  # the arrays, and their dimensions


@dataclass(frozen=True)
class Bearing:
    """The fused embedder (agent.vlm.fusion.FusedEmbedder) with its picture left out, for one sentence embedder.
    `parts` are the arrays named in SHAPES, (width, width) or (width,)."""

    embedder: str
    parts: Mapping[str, np.ndarray]

    def __call__(self, vector: np.ndarray) -> np.ndarray:
        """A unit vector (width,) in, a unit vector out."""
        parts = self.parts
        share = 1 / (1 + np.exp(-(parts["open"] @ vector + parts["open_bias"])))
        mixed = parts["mix"] @ vector + parts["mix_bias"]
        mixed = 0.5 * mixed * (1 + _erf(mixed / math.sqrt(2)))
        turned = vector + share * (parts["enter"] @ mixed)
        return (turned / max(float(np.linalg.norm(turned)), 1e-12)).astype(np.float32)


def _erf(values: np.ndarray) -> np.ndarray:
    return np.array([math.erf(each) for each in values.tolist()], dtype=np.float32)


def save_bearing(file: Path, bearing: Bearing) -> None:
    """Write it with half the digits, which change no ranking."""
    parts: dict[str, Any] = {name: bearing.parts[name].astype(np.float16) for name in SHAPES}
    with file.open("wb") as stream:
        np.savez_compressed(stream, embedder=np.frombuffer(bearing.embedder.encode(), np.uint8), **parts)


def load_bearing(file: Path, embedder: str) -> Bearing | None:
    """The bearing in a file; None when there is none for this embedder. Raises UserError DAMAGED."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            bearing = Bearing(
                kept["embedder"].tobytes().decode(), {name: kept[name].astype(np.float32) for name in SHAPES}
            )
        width = len(bearing.parts["open_bias"])
        if any(bearing.parts[name].shape != (width,) * rank for name, rank in SHAPES.items()):
            raise ValueError("other shapes")
        if not all(np.isfinite(each).all() for each in bearing.parts.values()):
            raise ValueError("not finite")
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{file.name} is damaged.\nInstall Deskside again.", "DAMAGED") from error
    return bearing if bearing.embedder == embedder else None
