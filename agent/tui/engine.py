"""The engine: one daemon thread that opens the desk once and answers one question after another (no Textual)."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

from agent.events import Ended, Event, Said

log = logging.getLogger(__name__)
FLUSH_SECONDS = 0.1  # ten pictures a second: faster costs the screen more than a reader sees


class AnsweringDesk(Protocol):
    """What answers: see agent/desk.py."""

    def answer(
        self,
        question: str,
        pictures: Sequence[Path] = (),
        conversation_id: str | None = None,
        cancel: threading.Event | None = None,
        *,
        instead_of: int | None = None,
    ) -> Iterator[Event]:
        """The events of one answer, in order; `instead_of` is the turn it takes the place of."""
        ...


LoadDesk = Callable[[Callable[[str], None]], AnsweringDesk]


@dataclass
class Chat:
    """A conversation in progress; `id` is None until its first answer was kept."""

    id: str | None = None


@dataclass(frozen=True)
class Loading:
    """The desk is being opened; `text` says what is happening."""

    text: str


@dataclass(frozen=True)
class Ready:
    """The desk is open."""

    seconds: float


@dataclass(frozen=True)
class NotOpened:
    """The desk could not be opened; the next question tries again."""

    error: Exception


@dataclass(frozen=True)
class Begun:
    """The turn left the queue."""

    number: int


@dataclass(frozen=True)
class Heard:
    """An event of a turn; neighbouring fragments of Said are joined. After a stop only Ended comes through."""

    number: int
    event: Event


@dataclass(frozen=True)
class Failed:
    """The turn broke off."""

    number: int
    error: Exception


@dataclass(frozen=True)
class Done:
    """The last word about a turn, whatever happened."""

    number: int


Note = Loading | Ready | NotOpened | Begun | Heard | Failed | Done


@dataclass
class _Job:
    number: int
    question: str
    pictures: tuple[Path, ...]
    chat: Chat
    instead_of: int | None = None
    cancel: threading.Event = field(default_factory=threading.Event)


class Engine:
    """Questions in at any time, Notes out through `tell` (called in the engine's thread).

    A daemon thread, because leaving must never wait for a model; a queue, because a person may ask before
    the model is there.
    """

    def __init__(self, load_desk: LoadDesk, tell: Callable[[Note], object]) -> None:
        self._load_desk = load_desk
        self._tell = tell
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._jobs: dict[int, _Job] = {}
        self._numbers = itertools.count(1)
        self._desk: AnsweringDesk | None = None

    def start(self) -> None:
        """Begin to open the desk."""
        threading.Thread(target=self._run, name="desk", daemon=True).start()

    def ask(self, question: str, pictures: Sequence[Path], chat: Chat, instead_of: int | None = None) -> int:
        """Queue a question; the number that its Notes will carry."""
        job = _Job(next(self._numbers), question, tuple(pictures), chat, instead_of)
        self._jobs[job.number] = job
        self._queue.put(job)
        return job.number

    def stop(self, number: int) -> None:
        """Cancel a turn, running or waiting; unknown and finished ones are left alone."""
        if job := self._jobs.get(number):
            job.cancel.set()

    def close(self) -> None:
        """Cancel everything and let the thread end when it can; does not wait."""
        for job in tuple(self._jobs.values()):
            job.cancel.set()
        self._queue.put(None)

    def _run(self) -> None:
        self._open()
        while (job := self._queue.get()) is not None:
            try:
                self._serve(job)
            finally:
                self._jobs.pop(job.number, None)
                self._tell(Done(job.number))

    def _open(self) -> Exception | None:
        """Open the desk if it is not; the reason if that fails."""
        if self._desk:
            return None
        began = time.monotonic()
        try:
            self._desk = self._load_desk(self._note)
        except Exception as error:
            log.exception("the desk could not be opened")
            self._tell(NotOpened(error))
            return error
        self._tell(Ready(time.monotonic() - began))
        return None

    def _note(self, text: str) -> None:
        self._tell(Loading(text))

    def _serve(self, job: _Job) -> None:
        if job.cancel.is_set():
            return
        if error := self._open():
            self._tell(Failed(job.number, error))
            return
        self._tell(Begun(job.number))
        try:
            self._answer(job)
        except Exception as error:
            log.exception("turn %d broke off", job.number)
            self._tell(Failed(job.number, error))

    def _answer(self, job: _Job) -> None:
        assert self._desk is not None
        words = _Words(lambda text: job.cancel.is_set() or self._tell(Heard(job.number, Said(text))))
        try:
            for event in self._desk.answer(
                job.question, job.pictures, job.chat.id, job.cancel, instead_of=job.instead_of
            ):
                if isinstance(event, Said):
                    words.add(event.text)
                    continue
                words.flush()
                if isinstance(event, Ended):
                    # kept here, not in the window: the next question in the queue needs it at once
                    job.chat.id = event.conversation_id
                if isinstance(event, Ended) or not job.cancel.is_set():
                    self._tell(Heard(job.number, event))
        finally:
            words.flush()


class _Words:
    """Fragments joined to about ten a second; what waits is passed on even while the model is silent."""

    def __init__(self, pass_on: Callable[[str], object]) -> None:
        self._pass_on = pass_on
        self._waiting: list[str] = []
        self._flushed = 0.0
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()

    def add(self, text: str) -> None:
        """Take a fragment; pass on what there is if the last time was long enough ago."""
        with self._lock:
            self._waiting.append(text)
            rest = self._flushed + FLUSH_SECONDS - time.monotonic()
            if rest <= 0:
                self.flush()
            elif self._timer is None:
                self._timer = threading.Timer(rest, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Pass on everything that waits."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            if self._waiting:
                text = "".join(self._waiting)
                self._waiting.clear()
                self._flushed = time.monotonic()
                self._pass_on(text)
