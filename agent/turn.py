"""What is known of the turn under way, filled in step by step by the desk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile

from agent.decide import Asked, hear
from agent.events import Decision
from agent.evidence import Evidence
from agent.matter import matter_of
from agent.prompts import with_notes
from agent.records import StoredTurn
from agent.replies import Reply
from index.hits import Hit
from index.pictures import ReadPicture
from index.templates import TemplateMatch


@dataclass
class Turn:
    """What is known of the turn under way. `said` is the part of the question that is new to the chat: the rest came
    while a person held it."""

    question: str
    conversation_id: str
    cancel: threading.Event
    asked: Asked
    history: list[StoredTurn]
    said: str = ""
    shown: tuple[ReadPicture, ...] = ()
    pictures: tuple[ReadPicture, ...] = ()
    hits: tuple[Hit, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    template: TemplateMatch | None = None
    holder: str = ""
    decision: Decision = field(default_factory=lambda: Decision("handover", "not decided", "none", 0.0))
    otherwise: Decision | None = None  # when the picture turns out not to show what was asked
    reply: Reply = field(default_factory=lambda: Reply("", ()))
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)
    instead_of: int | None = None
    refused: frozenset[str] = frozenset()  # sources of the answers that this one is to take the place of
    stands: Callable[[str], bool] = lambda line: True  # whether a line speaks for itself

    @property
    def screens(self) -> tuple[str, ...]:
        """The words on the pictures asked about."""
        return tuple(picture.words for picture in self._shown if picture.words.strip())

    @cached_property
    def seen(self) -> tuple[str, ...]:
        """The same pictures as a model reads them: words with their geometry, and marks. Laid out once, when the
        pictures have been looked at."""
        return tuple(text for picture in self._shown if (text := picture.text).strip())

    @cached_property
    def asked_there(self) -> str:
        """The question for a model that reads the pictures, with what stands beside the things it names."""
        return with_notes(self.question, self.notes)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What stands on the pictures beside the things the question names."""
        return tuple(note for picture in self._shown if (note := picture.beside(self.question)))

    @cached_property
    def told(self) -> str:
        """What the one picture answers by itself; "" where a model has to read it, or several."""
        return self._shown[0].tells(self.question) if len(self._shown) == 1 else ""

    @property
    def _shown(self) -> tuple[ReadPicture, ...]:
        """The pictures asked about: those of the question before where this one points back to it."""
        return self.history[-1].pictures if self.points_back else self.pictures

    @property
    def points_back(self) -> bool:
        """Whether the question goes on with the one before; a new picture is a subject of its own."""
        return bool(self.history) and not self.pictures and (self.asked.points_back or self.asked.failed)

    @property
    def complaints(self) -> int:
        """How often before this the customer said in this chat that it did not help; since a person replied, if so."""
        since = takewhile(lambda past: not past.author, reversed(self.history))
        return sum(hear(past.question, True, advised=True).failed for past in since)

    @cached_property
    def looked_for(self) -> str:
        """The matter of the whole talk; of the question alone where it comes with a picture."""
        if self.pictures:
            return self.question
        said = [past.question for past in self.history if not _is_aside(past.question)]
        return matter_of([*said, self.question], lambda line: not _is_aside(line) and self.stands(line))

    @property
    def goes_on(self) -> bool:
        """Whether earlier lines of the talk say what this one is about."""
        return self.points_back or self.looked_for != self.question

    def clock(self, name: str) -> float:
        """Seconds since the question, kept under a name the first time."""
        return self.seconds.setdefault(name, round(time.perf_counter() - self.started, 4))


def _is_aside(line: str) -> bool:
    """A greeting, thanks, or "that did not work": it has no matter of its own."""
    heard = hear(line, True)
    return heard.failed or heard.greets or heard.thanks
