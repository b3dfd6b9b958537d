"""What was said at the desk: conversations kept, turns reopened, ratings given, sources read line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from agent.events import Citation, Decision
from index.conversation import Conversation, Source
from index.hits import Hit
from index.passages import Passage
from index.pictures import ReadPicture

Rating = Literal["good", "bad"]


@dataclass(frozen=True)
class ConversationSummary:
    """One line of the conversations list. `updated_at` is ISO 8601 in UTC."""

    id: str
    title: str
    updated_at: str
    turns: int
    status: str = ""
    """`open`, `waiting` (for a person), `approved`; of an imported ticket its outcome."""
    rating: Rating | None = None
    """The last one given in it."""
    pictures: bool = False
    origin: Literal["chat", "import"] = "chat"
    snippet: str = ""
    """Where the words looked for stand, on one line."""


@dataclass(frozen=True)
class StoredTurn:
    """A question and its answer as kept. Without a question it is something that a person or the desk had to say."""

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
    reason: str = ""
    """Why it was rated so."""
    chosen: str = ""
    """What a person put in the place of the answer; "" when nobody did."""
    training: bool = True
    """Whether the correction may be learnt from."""
    position: int | None = None
    """Of the question among the messages of the conversation."""
    shown: bool = True
    """Whether this is the answer that counts, where the question was answered several times."""
    variant: tuple[int, int] = (1, 1)
    """Which one of how many answers to this question."""
    author: str = ""
    """The person who wrote the answer; "" for the desk."""

    @property
    def said(self) -> str:
        """What the customer was told: the correction, else the answer."""
        return self.chosen or self.answer


@dataclass(frozen=True)
class Approval:
    """A conversation as evidence: what it says to the next customer (masked), and the passages it can be found by."""

    conversation: Conversation
    passages: tuple[Passage, ...]
    masked: int = 0
    """How many pieces of personal data were masked."""


def as_heard(turns: Sequence[StoredTurn]) -> tuple[list[StoredTurn], list[StoredTurn]]:
    """(what was asked and answered, what nobody has answered yet) of a chat, oldest first, for going on with it.

    A person's reply becomes the answer to the question before it; what was told about a hand-over is left out.
    """
    heard: list[StoredTurn] = []
    unanswered: list[StoredTurn] = []
    for turn in turns:
        if turn.decision.act == "held":
            unanswered.append(turn)
        elif turn.author:
            heard += unanswered
            unanswered = []
            before = heard.pop() if heard else turn
            answer = f"{before.said}\n{turn.said}" if before.author and before is not turn else turn.said
            heard.append(replace(before, answer=answer, chosen="", author=turn.author))
        elif turn.decision.act != "told":
            heard += unanswered  # the desk has read them since
            unanswered = []
            heard.append(turn)
    return heard, unanswered


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

    def variants(self, turn_id: int) -> list[StoredTurn]:
        """Every answer given in the place of this one, itself among them, oldest first."""
        ...

    def choose(self, turn_id: int) -> None:
        """Let this answer count among its variants."""
        ...

    def correct(self, turn_id: int, text: str, reason: str = "", training: bool = True) -> None:
        """Put a person's words in the place of an answer; the very words of the answer take that back."""
        ...

    def veto(self, turn_id: int, training: bool) -> None:
        """Say whether a correction may be learnt from."""
        ...

    def evidence(self, conversation_id: str) -> Approval:
        """What `approve` would put on the shelf."""
        ...

    def approve(self, conversation_id: str) -> Approval:
        """Close a conversation as solved and put it on the shelf."""
        ...

    def make_template(self, turn_id: int, title: str = "") -> str:
        """Make an answer an approved reply; gives its id."""
        ...

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        ...

    def remove(self, conversation_id: str) -> None:
        """Delete a conversation with everything of it."""
        ...

    def export(self, conversation_id: str, kind: Literal["md", "json"]) -> str:
        """A conversation as a text to read, or as a line that can be imported again."""
        ...
