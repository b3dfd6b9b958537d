"""Small real doubles for the window: a desk that says what it was told, records kept in memory."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

from textual import constants
from textual.pilot import Pilot

from agent.events import Checked, Citation, Decided, Decision, Ended, Event, Found, Looked, Said
from agent.journal import Journal
from agent.records import ConversationSummary, Rating, StoredTurn
from agent.tui.app import DeskApp
from index.conversation import Conversation, Message, Source
from index.errors import UserError
from index.hits import Hit
from index.pictures import Line, ReadPicture
from index.store import open_store

constants.TEXTUAL_ANIMATIONS = "none"  # read when an app is made
ANSWER = "A white light means **set-up mode** [1]. Hold *reset* for 10 s, then wait until it turns blue [2]."
TICKET = Conversation(
    "T-1042",
    (
        Message("customer", "Hello,\nmy hub shows a white light.\nThe app does not find it."),
        Message("agent", "A white light means set-up mode.\nHold reset for 10 s.\nWait until it turns blue."),
        Message("customer", "Thanks, it works."),
    ),
    opened_at="2025-03-01T09:12:00Z",
    outcome="resolved",
    subject="Hub stays white",
)


def hit(n: int = 1, source_id: str = "T-1042", title: str = "Hub stays white", **more: object) -> Hit:
    """A hit about the hub; its lines are those of the agent's message."""
    fields: dict = {
        "passage_id": n,
        "source_id": source_id,
        "source_kind": "ticket",
        "kind": "resolution",
        "title": title,
        "passage": "A white light means set-up mode. Hold reset for 10 s.",
        "lines": (4, 6),
        "score": 1.0 - n / 10,
        "outcome": "resolved",
        "opened_at": "2025-03-01T09:12:00Z",
    }
    return Hit(**{**fields, **more})


def citation(n: int = 1, source_id: str = "T-1042", **more: object) -> Citation:
    """A citation of the agent's message of TICKET."""
    fields: dict = {"passage_id": n, "passage": "Hold reset", "lines": (4, 6), "title": "Hub stays white"}
    return Citation(n, source_id, **{**fields, **more})


def read_picture(name: str = "hub.png", words: str = "Error 42") -> ReadPicture:
    """A picture with one line of words on it, or with none."""
    lines = (Line(words, (0, 0, 10, 10), 0.9),) if words else ()
    return ReadPicture("0" * 64, name, 64, 48, lines, words, words)


def pieces(text: str, size: int = 5) -> list[str]:
    """A text as fragments."""
    return [text[start : start + size] for start in range(0, len(text), size)]


class ScriptedDesk:
    """Answers each question with the next answer of its script, as real events, `delay` seconds a fragment.

    An answer may be a UserError (raised at once, or after the text in `before`), or a text. With a `gate` each
    fragment waits until the test lets it through; a `deaf` desk does not look at `cancel`. A `keeper` keeps the
    turns, as the real desk's journal does.
    """

    def __init__(self, *answers: str | Exception, delay: float = 0.0, **parts: object) -> None:
        self.answers = list(answers) or [ANSWER]
        self.delay = delay
        self.hits: tuple[Hit, ...] = parts.get("hits", (hit(1), hit(2, "T-0999"), hit(3, "KB-17")))  # type: ignore[assignment]
        self.citations: tuple[Citation, ...] = parts.get("citations", (citation(1), citation(2, "T-0999")))  # type: ignore[assignment]
        self.decision: Decision = parts.get("decision", Decision("case", "", "case-1", 0.9))  # type: ignore[assignment]
        self.repaired: str = parts.get("repaired", "")  # type: ignore[assignment]
        self.words: str = parts.get("words", "Error 42")  # type: ignore[assignment]
        self.before: str = parts.get("before", "")  # type: ignore[assignment]
        self.deaf: bool = parts.get("deaf", False)  # type: ignore[assignment]
        self.gate: threading.Semaphore | None = parts.get("gate")  # type: ignore[assignment]
        self.keeper: Journal | None = parts.get("keeper")  # type: ignore[assignment]
        self.asked: list[tuple[str, tuple[Path, ...], str | None]] = []
        self.finished = 0

    def answer(
        self,
        question: str,
        pictures: Sequence[Path] = (),
        conversation_id: str | None = None,
        cancel: threading.Event | None = None,
        *,
        instead_of: int | None = None,
    ) -> Iterator[Event]:
        self.asked.append((question, tuple(pictures), conversation_id))
        self.instead_of = instead_of
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        read = tuple(read_picture(path.name, self.words) for path in pictures)
        yield Looked(read)
        yield Found(self.hits, 0.05)
        yield Decided(self.decision)
        if isinstance(answer, Exception):
            if self.before:  # the real desk keeps the partial answer before it tells of the trouble
                yield Said(self.before)
                yield self._ended(conversation_id, self.before, read, (), stopped=True)
            raise answer
        said = ""
        for fragment in pieces(answer):
            time.sleep(self.delay)
            if self.gate:
                self.gate.acquire(timeout=20)
            if cancel and cancel.is_set() and not self.deaf:
                break
            said += fragment
            yield Said(fragment)
        stopped = said != answer or bool(cancel and cancel.is_set())
        final = said if stopped else self.repaired or answer
        if not stopped:
            yield Checked(final, self.citations, (), bool(self.repaired))
        self.finished += 1
        yield self._ended(conversation_id, final, read, () if stopped else self.citations, stopped)

    def _ended(
        self,
        conversation_id: str | None,
        answer: str,
        read: tuple[ReadPicture, ...],
        cited: tuple[Citation, ...],
        stopped: bool,
    ) -> Ended:
        n = len(self.asked)
        seconds = {"looked": 0.01, "sources": 0.1, "first": 0.4, "end": 1.9}
        if conversation_id is None:
            conversation_id = self.keeper.new_conversation_id() if self.keeper else f"C-{n}"
        ended = Ended(n, conversation_id, answer, self.decision, cited, self.hits, read, seconds, "v1", stopped)
        if self.keeper:
            question = self.asked[-1][0]
            return replace(ended, turn_id=self.keeper.keep_turn(question, ended, None, self.instead_of))
        return ended


class MemoryRecords(Journal):
    """Chats, ratings and sources in memory; all else over an empty store that lives as long as the test."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="desk-records-")
        super().__init__(open_store(Path(self._folder.name)), "default")
        self.sources: dict[str, Source] = {"T-1042": TICKET}
        self.chats: dict[str, tuple[str, list[StoredTurn]]] = {}
        self.ratings: dict[int, tuple[Rating, str]] = {}
        self.picture_files: dict[str, Path] = {}
        self.trouble: UserError | None = None

    def examples(self) -> tuple[str, ...]:
        return ("My hub shows a white light, what now?", "Where is my money?")

    def add_chat(self, identity: str, title: str, count: int, question: str = "Question") -> None:
        """A chat of `count` turns, ids from 1."""
        decision = Decision("case", "", "case-1", 0.9)
        turns = [
            StoredTurn(
                n, f"{question} {n}", f"Answer {n} [1]", (), (citation(1),), (hit(1),), decision, {"say": 1.0}, "v1", ""
            )
            for n in range(1, count + 1)
        ]
        self.chats[identity] = (title, turns)

    def conversations(self, limit: int = 50, words: str = "") -> list[ConversationSummary]:
        if self.trouble:
            raise self.trouble
        found = [
            ConversationSummary(identity, title, "2025-03-01T09:12:00Z", len(turns))
            for identity, (title, turns) in self.chats.items()
            if all(word.lower() in title.lower() for word in words.split())
        ]
        return found[:limit]

    def turns(self, conversation_id: str, last: int = 20, every: bool = False) -> list[StoredTurn]:
        return self.chats[conversation_id][1][-last:] if conversation_id in self.chats else []

    def rate(self, turn_id: int, value: Rating | None, reason: str = "") -> None:
        if value is None:
            self.ratings.pop(turn_id, None)
        else:
            self.ratings[turn_id] = (value, reason)

    def source(self, source_id: str) -> Source | None:
        return self.sources.get(source_id)

    def picture_path(self, sha256: str) -> Path | None:
        return self.picture_files.get(sha256)


def window(desk: ScriptedDesk | None = None, records: MemoryRecords | None = None, **more: object) -> DeskApp:
    """The real window around the doubles."""
    ready = desk or ScriptedDesk()
    load = more.pop("load", lambda on_note: ready)
    return DeskApp(records or MemoryRecords(), load, title="Deskside", **more)  # type: ignore[arg-type]


def screen_text(app: DeskApp) -> str:
    """What a person sees, line by line (the one place that leans on Textual's compositor)."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def wait_until(pilot: Pilot, predicate: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something to become true; an AssertionError if it does not."""
    end = time.monotonic() + seconds
    while not predicate():
        assert time.monotonic() < end, f"waited in vain; the screen shows:\n{screen_text(pilot.app)}"  # type: ignore[arg-type]
        await pilot.pause(0.03)
    await pilot.pause()


async def ask(pilot: Pilot, question: str) -> None:
    """Put a question into the box and press Enter."""
    from agent.tui.composer import PromptArea

    pilot.app.screen.query_one(PromptArea).put(question)
    await pilot.press("enter")


async def asked_and_answered(pilot: Pilot, question: str = "My hub shows a white light") -> None:
    """A question, and its answer finished and kept."""
    from agent.tui.transcript import Transcript

    before = len(pilot.app.screen.query_one(Transcript).turns)
    await ask(pilot, question)

    def answered() -> bool:
        turns = pilot.app.screen.query_one(Transcript).turns
        return len(turns) > before and all(turn.finished and turn.turn_id for turn in turns)

    await wait_until(pilot, answered)


def running(app: DeskApp, size: tuple[int, int] = (100, 30)) -> AbstractAsyncContextManager[Pilot]:
    """The window running without a terminal, its notices shown."""
    return app.run_test(size=size, notifications=True)
