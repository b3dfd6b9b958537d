"""Which past conversations answer the same: by the team's own tags, else by how much the replies have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finetune.material import Pair

SAME_REPLY = 0.35  # cosine of TF-IDF: on the demo shop, 6 of 10 such pairs carry the very same three tags
LEAST_TAGS = 2  # one tag ("billing") is a department and not a matter


def alike(asked: Sequence[Pair], known: Sequence[Pair]) -> np.ndarray:
    """(asked, known) True where the known conversation answers what was asked; never itself.

    Nothing here comes from an embedder, so that no embedder is judged by its own opinion. Where both carry tags, equal
    tags decide; else the words of the replies do.
    """
    same = _similar([each.reply for each in asked], [each.reply for each in known]) >= SAME_REPLY
    for row, one in enumerate(asked):
        for column, other in enumerate(known):
            if len(one.label) >= LEAST_TAGS and len(other.label) >= LEAST_TAGS:
                same[row, column] = one.label == other.label
            if one.id == other.id:
                same[row, column] = False
    return same


def likenesses(ones: Sequence[str], others: Sequence[str]) -> list[float]:
    """The cosine of each text with the one in the same place, 0..1; 0 where one is empty."""
    similar = _similar(ones, others)
    return [float(similar[at, at]) for at in range(len(ones))]


def _similar(ones: Sequence[str], others: Sequence[str]) -> np.ndarray:
    """(ones, others) cosines of TF-IDF weighted words."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    if not ones or not others:
        return np.zeros((len(ones), len(others)))
    try:
        weigh = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit([*ones, *others])
    except ValueError:  # no word in any of them
        return np.zeros((len(ones), len(others)))
    similar: np.ndarray = (weigh.transform(ones) @ weigh.transform(others).T).toarray()
    return similar
