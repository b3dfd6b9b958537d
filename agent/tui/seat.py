"""The seat at the desk: what every group of commands of the window may reach, whichever of them a person uses."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from textual.screen import Screen

from agent.records import Records
from agent.tui.asking import Composer
from agent.tui.commands import Command
from agent.tui.composer import PromptArea
from agent.tui.engine import Chat, Engine
from agent.tui.transcript import Transcript
from agent.tui.turn import Turn
from agent.tui.words import Entry
from agent.variants import title_of


class Seat(Screen[None]):
    """One conversation at a time. Each command of the registry is a method `do_<name>(argument)` of one of the groups
    that are a seat: composing, reading, steering, finding."""

    records: Records
    pictures_home: Path
    engine: Engine
    chat: Chat
    subject: str
    edited: Turn | None
    """The last turn, while its question is in the box to be asked in other words."""
    commands: tuple[Command, ...]
    """The table of commands, with the person's own keys."""

    @property
    def transcript(self) -> Transcript:
        """Where the turns are."""
        return self.query_one(Transcript)

    @property
    def composer(self) -> Composer:
        """What will be sent."""
        return self.query_one(Composer)

    @property
    def prompt(self) -> PromptArea:
        """Where the next question is written."""
        return self.query_one(PromptArea)

    @property
    def active(self) -> list[Turn]:
        """The turns that are not finished, oldest first."""
        return [turn for turn in self.transcript.turns if not turn.finished]

    def follow_title(self, before: Turn, question: str) -> None:
        """The title at the top follows the first question asked in other words, unless a person gave it another."""
        first = next(iter(self.transcript.turns), None)
        if first is before and title_of(self.subject) == title_of(before.question):
            self.subject = question or self.subject

    def _entries(self) -> list[Entry]:
        turn = self.transcript.selected
        return turn.sources if turn else []

    @abstractmethod
    async def send(self, question: str, instead_of: Turn | None = None) -> None:
        """Put a question into the queue and a turn into the transcript; `instead_of` is the turn it replaces."""

    @abstractmethod
    def stop_all(self) -> None:
        """Cancel everything that was asked and not finished."""

    @abstractmethod
    def redraw(self) -> None:
        """Draw anew what depends on the chosen turn and on what is going on."""
