"""What a search gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

PassageKind = Literal["problem", "resolution", "section", "screen"]


@dataclass(frozen=True)
class Hit:
    """One source found, with the passage that speaks best for it.

    `score` orders hits (0..1, higher is better); `scores` says where it came from: "dense" is a cosine in [-1, 1],
    "words" a BM25 share in 0..1, "codes" the number of exact codes shared, "screen" the cosine of the words on the
    picture, "lists" the share of what all lists together could give. `lines` are first and last line of the source
    (1-based, inclusive). `why` says for a person why it is here; `similar` are tickets that tell nearly the same.
    """

    passage_id: int
    source_id: str
    source_kind: Literal["ticket", "article"]
    kind: PassageKind
    title: str
    passage: str
    lines: tuple[int, int]
    score: float
    scores: dict[str, float] = field(default_factory=dict)
    outcome: str | None = None
    opened_at: str | None = None
    why: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape of `deskside search --json`."""
        return {
            "source_id": self.source_id,
            "source_kind": self.source_kind,
            "kind": self.kind,
            "title": self.title,
            "passage": self.passage,
            "lines": list(self.lines),
            "score": round(self.score, 4),
            "scores": {name: round(value, 4) for name, value in self.scores.items()},
            "outcome": self.outcome,
            "opened_at": self.opened_at,
            "why": list(self.why),
            "similar": list(self.similar),
        }
