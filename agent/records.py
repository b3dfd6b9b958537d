"""What was said at the desk: conversations kept, turns reopened, ratings given, sources read line by line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from agent.events import Citation, Decision
from index.conversation import Source
from index.hits import Hit
from index.pictures import ReadPicture

Rating = Literal["good", "bad"]


@dataclass(frozen=True)
class ConversationSummary:
    """One line of the conversations list. `updated_at` is ISO 8601 in UTC."""

    id: str
    title: str
    updated_at: str
    turns: int


@dataclass(frozen=True)
class StoredTurn:
    """A question and its answer as kept."""

    turn_id: int
    question: str
    answer: str
    pictures: tuple[ReadPicture, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    decision: Decision
    seconds: dict[str, float]
    version: str
    asked_at: str
    stopped: bool = False
    rating: Rating | None = None


class Records(Protocol):
    """What the window may ask at any time and from any thread, long before a model is loaded."""

    def conversations(self, limit: int = 50, words: str = "") -> list[ConversationSummary]:
        """The newest chats first; with `words` those that contain all of them."""
        ...

    def turns(self, conversation_id: str, last: int = 20) -> list[StoredTurn]:
        """The last turns of a chat, oldest first."""
        ...

    def rate(self, turn_id: int, value: Rating | None, reason: str = "") -> None:
        """Keep a rating; None takes it back."""
        ...

    def source(self, source_id: str) -> Source | None:
        """A ticket or article as it was imported (masked), for reading the cited lines."""
        ...

    def examples(self) -> tuple[str, ...]:
        """Up to three things customers asked about, to start with; () when nothing was imported yet."""
        ...

    def picture_path(self, sha256: str) -> Path | None:
        """The stored copy of a picture, if it is there."""
        ...
