"""A second, closer look at the first few sources found: what speaks for each, weighed into one score (pure)."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.codes import find_codes
from index.errors import UserError
from index.passages import embedded_text
from index.pieces import Pieces, matched
from index.words import content_words, stem

NAMES = (
    "dense",  # cosine of the best passage
    "second",  # ... of the second best, where there is one
    "coverage",  # share of the question's words in the best passage, rare ones counting more
    "whole",  # ... in all passages of the source: problem and resolution belong together
    "title",  # ... in the title
    "precision",  # share of the title's words that were asked
    "phrase",  # share of the question's neighbouring words that stand side by side
    "met",  # how well each word of the question is met by one of the passage, by meaning
    "meets",  # ... and each word of the passage by one of the question
    "code",  # how many codes that were asked about it carries (named by its id: 10); -1: only others
    "unsolved",  # a ticket that ended unresolved or abandoned
    "reopened",  # a ticket that was opened again
    "age",  # years before the newest ticket of the shortlist, 5 at most
)
RERANKED = 50
MOST_MET = 3  # passages of a source whose words are compared by meaning: its nearest ones
OWN_ID, NAMED = 3.0, 10.0  # a source named by its own id has this in "codes"; it stands before all others
PLAIN_SPREAD = 0.12  # of cosines in a shortlist, where the shipped weights were learned (MiniLM)


@dataclass(frozen=True)
class Shown:
    """A passage of a source as it is judged: its title, text and unit vector (None where there is none yet)."""

    title: str
    text: str
    vector: np.ndarray | None
    kind: str = ""


@dataclass(frozen=True)
class Candidate:
    """A source found: its kind, its passages (best first), how many codes of the question it carries, how it ended."""

    kind: str
    passages: Sequence[Shown]
    codes: float = 0.0
    outcome: str | None = None
    opened_at: str | None = None


@dataclass(frozen=True)
class Look:
    """What candidates are judged by: the text, its words with their weights (rarer ones more), neighbouring words, the
    vector, the codes asked for."""

    text: str
    words: Mapping[str, float]
    pairs: frozenset[tuple[str, str]]
    vector: np.ndarray | None
    codes: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Reranker:
    """Weights of NAMES for tickets and for articles (customers speak as customers do, articles do not), and the slope
    that turns their sum into a share 0..1. Linear, so that each part of a score can be told."""

    ticket: Mapping[str, float]
    article: Mapping[str, float]
    slope: float
    name: str = ""

    def sums(self, kinds: Sequence[str], found: np.ndarray) -> np.ndarray:
        """(candidates,) scores of features; any number, more is better."""
        weights = {"ticket": _array(self.ticket), "article": _array(self.article)}
        bias = {"ticket": self.ticket.get("bias", 0.0), "article": self.article.get("bias", 0.0)}
        return np.array([row @ weights[kind] + bias[kind] for kind, row in zip(kinds, found, strict=True)])

    def shares(self, sums: np.ndarray) -> np.ndarray:
        """(candidates,) 0..1, how likely each is to answer, as it was with the questions learned from."""
        shares: np.ndarray = 1 / (1 + np.exp(-np.clip(self.slope * sums, -30, 30)))
        return shares


# Learned as bench/fit_reranker.py tells, from the training side of powerquery, DSTC9 (articles), BANKING77 and CLINC150
# (tickets): listwise softmax over the first 50. Codes, outcome and age occur in none of them and are set by hand. So is
# how an article's sum compares with a ticket's, for no set has both: on the demo shop any bias from -9 to -3 does.
SHIPPED = Reranker(
    {
        "dense": 6.57, "second": 6.54, "coverage": 0.02, "whole": 0.02, "title": -0.4, "precision": -2.99,
        "phrase": 1.12, "met": 8.32, "meets": 6.7, "code": 3.0, "unsolved": -3.0, "reopened": -1.0, "age": -0.1,
        "bias": -8.56,
    },
    {
        "dense": 11.47, "second": 1.72, "coverage": 3.72, "whole": 3.38, "title": -1.93, "precision": 1.47,
        "phrase": 1.28, "met": 9.32, "meets": 3.49, "code": 3.0, "bias": -8.77,
    },
    0.205,
    "shipped",
)  # fmt: skip


def _array(weights: Mapping[str, float]) -> np.ndarray:
    return np.array([weights.get(name, 0.0) for name in NAMES])


def look_for(text: str, rarity: Mapping[str, float], vector: np.ndarray | None) -> Look:
    """What a text looks for. `rarity` weighs its words (as `content_words` gives them)."""
    stems: dict[str, float] = {}
    for word in content_words(text):
        if word in rarity:
            stems[_stem(word)] = max(rarity[word], stems.get(_stem(word), 0.0))
    return Look(text, stems, _pairs(_stems(text)), vector, frozenset(find_codes(text)))


def features(look: Look, candidates: Sequence[Candidate], pieces: Pieces | None) -> np.ndarray:
    """(candidates, NAMES) float: what speaks for each. Without `pieces` the two columns of words met by meaning are
    their shares met as they are, and cosines are spread as those of the embedder the weights were learned with."""
    found = np.array([_row(look, each) for each in candidates], dtype=np.float64).reshape(len(candidates), len(NAMES))
    found[:, NAMES.index("age")] = _ages(candidates)
    at = {name: NAMES.index(name) for name in NAMES}
    if pieces is None:
        found[:, at["met"]], found[:, at["meets"]] = found[:, at["coverage"]], found[:, at["precision"]]
        _spread(found[:, at["dense"]], found[:, at["second"]])
        return found
    texts = [[embedded_text(shown.title, shown.text) for shown in each.passages[:MOST_MET]] for each in candidates]
    both = iter(matched(pieces, look.text, [text for each in texts for text in each]))
    for row, each in zip(found, texts, strict=True):
        best = max((next(both) for _ in each), default=(0.0, 0.0))
        row[at["met"]], row[at["meets"]] = best
    return found


def _spread(dense: np.ndarray, second: np.ndarray) -> None:
    """Cosines of another embedder, with the middle and the spread of those the weights know; in place."""
    middle, width = float(dense.mean()) if len(dense) else 0.0, float(dense.std()) if len(dense) else 0.0
    if width < 1e-3:
        return
    share = PLAIN_SPREAD / max(width, PLAIN_SPREAD / 4)
    for column in (dense, second):
        column[:] = 0.4 + (column - middle) * share


def _row(look: Look, candidate: Candidate) -> list[float]:
    shown = candidate.passages
    known = [each.vector for each in shown if each.vector is not None and look.vector is not None]
    cosines = sorted((float(vector @ look.vector) for vector in known), reverse=True)
    held = [stems_of(each) for each in shown]
    title = _stems(shown[0].title) if shown else ()
    return [
        cosines[0] if cosines else 0.0,
        cosines[min(1, len(cosines) - 1)] if cosines else 0.0,
        max((_share(look.words, each) for each in held), default=0.0),
        _share(look.words, frozenset().union(*held)),
        _share(look.words, frozenset(title)),
        sum(word in look.words for word in title) / len(title) if title else 0.0,
        max((_together(look.pairs, each) for each in shown), default=0.0),
        0.0,
        0.0,
        _code(look.codes, candidate),
        float(candidate.outcome in ("unresolved", "abandoned")),
        float(candidate.outcome == "reopened"),
        0.0,
    ]


def _share(words: Mapping[str, float], held: frozenset[str]) -> float:
    total = sum(words.values())
    return sum(weight for word, weight in words.items() if word in held) / total if total else 0.0


def _together(pairs: frozenset[tuple[str, str]], shown: Shown) -> float:
    return len(pairs & _pairs(_stems(f"{shown.title}\n{shown.text}"))) / len(pairs) if pairs else 0.0


def _code(asked: frozenset[str], candidate: Candidate) -> float:
    if candidate.codes >= OWN_ID:
        return NAMED
    if candidate.codes or not asked:
        return candidate.codes
    return -1.0 if any(find_codes(f"{each.title}\n{each.text}") for each in candidate.passages) else 0.0


def _ages(candidates: Sequence[Candidate]) -> list[float]:
    """Years before the newest of them, 0 where nobody knows."""
    days = [_day(each.opened_at) for each in candidates]
    newest = max((day for day in days if day is not None), default=0.0)
    return [0.0 if day is None else min(5.0, (newest - day) / 365.25) for day in days]


def _day(at: str | None) -> float | None:
    from datetime import datetime

    try:
        return datetime.fromisoformat(at).timestamp() / 86_400 if at else None
    except (ValueError, OverflowError, OSError):
        return None


_stem = lru_cache(maxsize=65_536)(stem)


@lru_cache(maxsize=16_384)
def _stems(text: str) -> tuple[str, ...]:
    """The content words of a text in their order, each once, as stems."""
    return tuple(dict.fromkeys(_stem(word) for word in content_words(text)))


@lru_cache(maxsize=16_384)
def _pairs(stems: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset(itertools.pairwise(stems))


def stems_of(shown: Shown) -> frozenset[str]:
    """The content words of a passage and its title, as stems."""
    return _all_stems(f"{shown.title}\n{shown.text}")


@lru_cache(maxsize=16_384)
def _all_stems(text: str) -> frozenset[str]:
    return frozenset(_stems(text))


# --- on disk ----------------------------------------------------------------------------------------------------


def save_reranker(file: Path, reranker: Reranker) -> None:
    """Write the weights as JSON a person can read."""
    told = {"ticket": dict(reranker.ticket), "article": dict(reranker.article), "slope": reranker.slope}
    file.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def load_reranker(file: Path, name: str = "") -> Reranker:
    """The weights of a file. Raises UserError DAMAGED for a file that is none."""
    try:
        told = json.loads(file.read_text("utf-8"))
        sides = [{str(key): float(value) for key, value in told[kind].items()} for kind in ("ticket", "article")]
        slope = float(told["slope"])
        if not all(math.isfinite(value) for side in sides for value in side.values()) or not 0 < slope < 1e3:
            raise ValueError("not finite")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UserError(f"{file.name} of the version cannot be read.\nGo back: deskside rollback", "DAMAGED") from error
    return Reranker(sides[0], sides[1], slope, name)
