"""What tells "which box is ticked?" from "how do I fix this?": a line between sentence vectors, fitted on wordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from finetune.screens.aims import aim_questions

if TYPE_CHECKING:
    from index.embed import Embedder

STRENGTH = 10.0  # of the fit; more follows the wordings more closely


def fit_aim(embedder: Embedder, file: Path) -> dict[str, Any]:
    """Fit on the training wordings, write `file` (read by agent.picture_answer.load_aim), score on the held-out ones.

    The scores: how many wordings, the share told right, and of each of the two sorts.
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    vectors, truth = _vectors(embedder, aim_questions("train"))
    line = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000).fit(vectors, truth)
    unseen, expected = _vectors(embedder, aim_questions("test"))
    told = line.predict(unseen)
    scores = {
        "trained on": len(truth),
        "tested on": len(expected),
        "right": round(float((told == expected).mean()), 4),
        "right about the picture": round(float(told[expected].mean()), 4),
        "right about support": round(float(1 - told[~expected].mean()), 4),
    }
    weights = [round(float(each), 5) for each in line.coef_[0]]
    fields = {"embedder": embedder.identity, "bias": float(line.intercept_[0]), "scores": scores, "weights": weights}
    file.write_text(json.dumps(fields, indent=1) + "\n", "utf-8")
    return scores


def _vectors(embedder: Embedder, asked: list[tuple[str, bool]]) -> tuple[np.ndarray, np.ndarray]:
    texts, truth = zip(*asked, strict=True)
    return np.stack([embedder.embed_query(text) for text in texts]), np.array(truth)
