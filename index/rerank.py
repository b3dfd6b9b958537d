"""A second, closer look at the first few sources found: what speaks for each, weighed into one score (pure)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from index.codes import find_codes
from index.words import content_words, stem

NAMES = (
    "dense",  # cosine of the best passage
    "second",  # ... of the second best, where there is one
    "fused",  # the score that the lists together gave, 0..1
    "coverage",  # share of the question's words in the best passage, rare ones counting more
    "whole",  # ... in all passages of the source: problem and resolution belong together
    "title",  # ... in the title
    "precision",  # share of the title's words that were asked
    "phrase",  # share of the question's neighbouring words that stand side by side
    "support",  # how much the source resembles the others found
    "code",  # it speaks of a code that was asked about (1) or of others only (-1)
)


@dataclass(frozen=True)
class Shown:
    """A passage of a source as it is judged: its title, text and unit vector (None where there is none yet)."""

    title: str
    text: str
    vector: np.ndarray | None


@dataclass(frozen=True)
class Candidate:
    """A source found, its passages, the score of the lists, and how it ended."""

    passages: Sequence[Shown]
    fused: float
    outcome: str | None = None
    opened_at: str | None = None


@dataclass(frozen=True)
class Look:
    """What candidates are judged by: words with their weights (rarer ones more), the vector, the codes asked for."""

    words: Mapping[str, float]
    pairs: frozenset[tuple[str, str]]
    vector: np.ndarray | None
    codes: frozenset[str] = field(default_factory=frozenset)


def look_for(text: str, rarity: Mapping[str, float], vector: np.ndarray | None) -> Look:
    """What a text looks for. `rarity` weighs its words (as `content_words` gives them)."""
    stems: dict[str, float] = {}
    for word in content_words(text):
        if word in rarity:
            stems[_stem(word)] = max(rarity[word], stems.get(_stem(word), 0.0))
    return Look(stems, frozenset(_pairs(_stems(text))), vector, frozenset(find_codes(text)))


def features(look: Look, candidates: Sequence[Candidate]) -> np.ndarray:
    """(candidates, NAMES) float: what speaks for each; every column is about 0..1."""
    rows = [_row(look, each) for each in candidates]
    found = np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES))
    found[:, NAMES.index("support")] = _support(candidates, found[:, 0], found[:, 2])
    return found


def _row(look: Look, candidate: Candidate) -> list[float]:
    cosines = sorted(
        (float(each.vector @ look.vector) for each in candidate.passages if each.vector is not None),
        reverse=True,
    ) if look.vector is not None else []  # fmt: skip
    total = sum(look.words.values()) or 1.0
    held = [frozenset(_stems(f"{each.title}\n{each.text}")) for each in candidate.passages]
    shares = [sum(weight for word, weight in look.words.items() if word in words) / total for words in held]
    every: frozenset[str] = frozenset().union(*held)
    title = _stems(candidate.passages[0].title) if candidate.passages else ()
    asked = sum(weight for word, weight in look.words.items() if word in title) / total
    known = sum(word in look.words for word in title) / len(title) if title else 0.0
    phrases = [_shared(look.pairs, each) for each in candidate.passages] if look.pairs else []
    return [
        cosines[0] if cosines else 0.0,
        cosines[1] if len(cosines) > 1 else (cosines[0] if cosines else 0.0),
        candidate.fused,
        max(shares, default=0.0),
        sum(weight for word, weight in look.words.items() if word in every) / total,
        asked,
        known,
        max(phrases, default=0.0),
        0.0,
        _code(look.codes, candidate),
    ]


def _shared(pairs: frozenset[tuple[str, str]], shown: Shown) -> float:
    return len(pairs & _pairs(_stems(f"{shown.title}\n{shown.text}"))) / len(pairs)


def _code(asked: frozenset[str], candidate: Candidate) -> float:
    if not asked:
        return 0.0
    held = {code for each in candidate.passages for code in find_codes(f"{each.title}\n{each.text}")}
    return 0.0 if not held else 1.0 if held & asked else -1.0


def _support(candidates: Sequence[Candidate], dense: np.ndarray, fused: np.ndarray) -> np.ndarray:
    """For each the mean cosine to the others found, the better ones counting more: what many good ones resemble is
    likelier what was asked for (van Rijsbergen 1979, the cluster hypothesis)."""
    best = [_best(each) for each in candidates]
    places = [at for at, vector in enumerate(best) if vector is not None]
    support = np.zeros(len(candidates))
    if len(places) < 2:
        return support
    vectors = np.stack([best[at] for at in places])  # type: ignore[misc]
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, 0.0)
    weights = np.exp((dense[places] - dense[places].max()) / 0.05)
    sums = weights.sum() - weights
    support[places] = (alike @ weights) / np.maximum(sums, 1e-9)
    return support


def _best(candidate: Candidate) -> np.ndarray | None:
    return next((each.vector for each in candidate.passages if each.vector is not None), None)


_stem = lru_cache(maxsize=65_536)(stem)


@lru_cache(maxsize=4096)
def _stems(text: str) -> tuple[str, ...]:
    """The content words of a text in their order, each once, as stems."""
    return tuple(dict.fromkeys(_stem(word) for word in content_words(text)))


@lru_cache(maxsize=4096)
def _pairs(stems: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset(itertools.pairwise(stems))
