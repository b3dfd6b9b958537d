"""Why a source is among those found, in a few words for the person who reads it (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.rerank import Candidate, Look, stems_of
from index.words import content_words, stem

NEAR, ALIKE = 0.55, 0.35  # cosines of MiniLM
MOST_WORDS = 4
NAMED = 3.0  # in codes: the source was named by its own id
_ENDED = {"resolved": "solved", "unresolved": "not solved", "abandoned": "given up", "reopened": "opened again"}


def reasons(look: Look, screens: Sequence[str], candidate: Candidate, scores: Mapping[str, float]) -> tuple[str, ...]:
    """What speaks for a source, the strongest first; how a ticket ended, last."""
    found = []
    if scores.get("codes", 0.0) >= NAMED:
        found.append("named by its id")
    elif scores.get("codes", 0.0) > 0:
        found.append("carries the same code")
    if held := _held(look.text, look.words, candidate):
        found.append(f"says {', '.join(held)}")
    dense = max(scores.get("dense", 0.0), scores.get("screen", 0.0) if not look.text else 0.0)
    if dense >= ALIKE:
        found.append("means nearly the same" if dense >= NEAR else "means something alike")
    if screens and max(scores.get("screen", 0.0), scores.get("seen", 0.0)) >= ALIKE:
        found.append("speaks of what stands on the picture")
    if any(each.kind == "screen" for each in candidate.passages) and screens:
        found.append("has a picture of its own")
    if not found:
        found.append("the next nearest")
    if candidate.outcome in _ENDED:
        found.append(_ENDED[candidate.outcome])
    return tuple(found)


def _held(text: str, words: Mapping[str, float], candidate: Candidate) -> list[str]:
    """The rarest words of the question that the source says too, as they were asked."""
    shown = frozenset[str]().union(*(stems_of(each) for each in candidate.passages))
    asked = [word for word in content_words(text) if stem(word) in shown and stem(word) in words]
    order = sorted(asked, key=lambda word: -words[stem(word)])[:MOST_WORDS]
    return [f"“{word}”" for word in asked if word in order]
