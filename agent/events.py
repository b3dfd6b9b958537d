"""What happens between a question and its answer, in order: one frozen event each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from index.hits import Hit
from index.pictures import ReadPicture

# "person": a person replied; "held": a person has the conversation, so the desk keeps silent; "told": what became of a
# hand-over, said to the customer
Act = Literal["template", "read", "case", "generate", "ask", "handover", "person", "held", "told"]


@dataclass(frozen=True)
class Citation:
    """`[n]` in a reply, bound by code to a passage. `lines` are the first and last line (1-based, inclusive) of
    `index.conversation.source_lines` of the source."""

    n: int
    source_id: str
    passage_id: int
    passage: str
    lines: tuple[int, int]
    title: str = ""


@dataclass(frozen=True)
class Decision:
    """What to do and why. `rule` is the id of the rule that decided; `confidence` in 0..1 that the evidence
    answers the question; `intent` is what a trained head calls the question ("" where it is not sure, or there is
    none), with its probability `intent_share`."""

    act: Act
    reason: str
    rule: str
    confidence: float
    intent: str = ""
    intent_share: float = 0.0


@dataclass(frozen=True)
class Looked:
    """The pictures were read; empty when there were none."""

    pictures: tuple[ReadPicture, ...]


@dataclass(frozen=True)
class Found:
    """The sources, best first: shown at once."""

    hits: tuple[Hit, ...]
    seconds: float


@dataclass(frozen=True)
class Decided:
    """What the desk will do."""

    decision: Decision


@dataclass(frozen=True)
class Said:
    """A fragment of the reply as it is written. All fragments joined are the draft."""

    text: str


@dataclass(frozen=True)
class Checked:
    """The reply after its claims were checked: `text` replaces what was streamed when `repaired`."""

    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]
    repaired: bool


@dataclass(frozen=True)
class Ended:
    """The turn as it was kept. `turn_id` is 0 when nothing was stored; `stopped` when a person cancelled."""

    turn_id: int
    conversation_id: str
    answer: str
    decision: Decision
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    pictures: tuple[ReadPicture, ...]
    seconds: dict[str, float]
    version: str
    stopped: bool = False
    author: str = ""


Event = Looked | Found | Decided | Said | Checked | Ended
