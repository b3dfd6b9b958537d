"""A question about the picture itself: is it one, and does the picture hold what was answered?"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from agent.prompts import NOT_SHOWN
from index.errors import UserError

# What may be said of a picture without standing on it.
_FREE = frozenset(("yes", "no", "none", "on", "off", "light", "dark", "it", "is", "of", "and", "the", "not"))
_LARGEST_COUNT = 12
_LONG = 10  # letters; shorter answers that differ are other answers
_ALIKE = 0.88  # difflib ratio, 0..1


@dataclass(frozen=True)
class Aim:
    """How likely a question asks what a picture shows (and not what to do about it), from its sentence vector.

    A logistic regression: `weights` (384,), `bias`; `embedder` is the identity of the vectors it was fitted on.
    """

    weights: np.ndarray
    bias: float
    embedder: str

    def share(self, vector: np.ndarray) -> float:
        """0..1 for the unit vector of a question."""
        return 1 / (1 + math.exp(-float(self.weights @ vector + self.bias)))


def load_aim(file: Path, embedder: str) -> Aim | None:
    """The fitted aim; None when there is none for this embedder. Raises UserError DAMAGED."""
    try:
        fields = json.loads(file.read_text("utf-8"))
        aim = Aim(np.asarray(fields["weights"], dtype=np.float32), float(fields["bias"]), str(fields["embedder"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{file.name} is damaged.\nInstall Deskside again.", "DAMAGED") from error
    return aim if aim.embedder == embedder else None


Judge = Callable[[str], float]


def is_absent(answer: str) -> bool:
    """Whether the model said that the picture does not show it."""
    return not _plain(answer) or _plain(answer) == _plain(NOT_SHOWN)


def is_held(answer: str, pictures: Sequence[str]) -> bool:
    """Whether each part of the answer stands on the pictures (their words and tags): copied, not made up."""
    text = " \n ".join(_plain(each) for each in pictures)
    return all(_part_held(part, text) for part in re.split(r"[;\n]|,\s", answer) if _plain(part))


def as_held(answer: str, pictures: Sequence[str]) -> str:
    """The answer, put right where it is a slip in copying something long off the pictures: a small model loses a
    letter of a URL or a path now and then. What is unlike everything there stays as it is."""
    if len(answer) < _LONG or is_held(answer, pictures):
        return answer
    best = max(_pieces(pictures), key=lambda piece: _likeness(answer, piece), default="")
    return best if _likeness(answer, best) >= _ALIKE else answer


def _pieces(pictures: Sequence[str]) -> set[str]:
    """What can be copied: lines, cells, the values behind labels, the names in tags."""
    lines = [line for text in pictures for line in text.splitlines()]
    cells = [cell.strip() for line in lines for cell in line.split(" | ")]
    values = [cell.partition(": ")[2] for cell in cells]
    return {piece for piece in [*lines, *cells, *values, *re.findall(r'"([^"]+)"', "\n".join(lines))] if piece}


def _likeness(answer: str, piece: str) -> float:
    if not 0.8 < len(piece) / max(1, len(answer)) < 1.25:
        return 0.0
    return SequenceMatcher(None, answer.casefold(), piece.casefold(), autojunk=False).ratio()


def _part_held(part: str, text: str) -> bool:
    plain = _plain(part)
    if f" {plain} " in f" {text} ":
        return True
    words = plain.split()
    known = set(text.split())
    return all(word in _FREE or _is_count(word) or (len(words) <= 4 and word in known) for word in words)


def _is_count(word: str) -> bool:
    return word.isdecimal() and int(word) <= _LARGEST_COUNT


def _plain(text: str) -> str:
    """Lower case, one space between, signs at the edges of words gone: what reading aloud would keep."""
    words = (word.strip("\"'“”‘’[](){}<>.,:;!?|") for word in text.casefold().split())
    return " ".join(word for word in words if word)
