"""Putting a desk together: each part loaded late, in the order a person waits for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from agent.bearing import load_bearing
from agent.desk import Desk, Wishes
from agent.events import Event
from agent.evidence import Library
from agent.in_use import InUse, caution_of, load_in_use, of_workspace
from agent.journal import Journal
from agent.model import ChatMessage, Model, load_model
from agent.picture_answer import Judge as Aimed
from agent.picture_answer import load_aim
from agent.settings import Settings, house_names, named
from agent.targets import targets_from
from agent.versions import in_use
from agent.weights import AIM, BEARING, shipped_folder, weights_id
from index.answering import WEIGHTS as ANSWERING
from index.answering import Judge, LateAnswering
from index.build import Shelf, load_shelf
from index.embed import PACKAGED, Embedder, find_model
from index.errors import UserError
from index.intake import masked_picture
from index.pictures import PictureReader, ReadPicture, load_reader, open_picture, save_picture
from index.rerank import SHIPPED, Reranker
from index.search import Searcher
from index.sources import keep_picture, load_picture
from index.store import Store
from index.templates import TemplateShelf

OnNote = Callable[[str], None]


def load_desk(
    store: Store,
    settings: Settings,
    on_note: OnNote = lambda note: None,
    writes: str = "auto",
    *,
    proposes: bool = False,
) -> FollowingDesk:
    """A desk ready to answer, with the version in use. Slow the first time (weights are converted once); `on_note`
    tells what is happening. With `proposes` somebody looks a hand-over over before it is sent; without, it is sent at
    once. Raises UserError when a part is missing or does not fit.
    """
    looker = Looker(store, settings.threads or 2)

    def make(used: InUse) -> Desk:
        return make_desk(store, settings, used, looker, on_note, writes, proposes)

    return FollowingDesk(store, settings, make, on_note)


class FollowingDesk:
    """The desk of the version in use: what was promoted or rolled back meanwhile is picked up between two turns."""

    def __init__(self, store: Store, settings: Settings, make: Callable[[InUse], Desk], on_note: OnNote) -> None:
        self._store, self._settings, self._make, self._on_note = store, settings, make, on_note
        on_note("loading the search")
        self.used = load_in_use(store, settings, on_note)
        self._desk = make(self.used)
        self.journal = self._desk.journal

    def answer(
        self,
        question: str,
        pictures: Sequence[Path] = (),
        conversation_id: str | None = None,
        cancel: threading.Event | None = None,
        customer: str | None = None,
        instead_of: int | None = None,
    ) -> Iterator[Event]:
        """As `Desk.answer`."""
        self._follow()
        yield from self._desk.answer(question, pictures, conversation_id, cancel, customer, instead_of)

    def close(self) -> None:
        """Let the model go."""
        self._desk.close()

    def _follow(self) -> None:
        """Change over to the version in use when it is another; the one before goes on where that one does not load."""
        number, name = in_use(self._store, self._settings.workspace)
        setting = of_workspace(self._store, self._settings).embedder
        if (number, setting) == (self.used.number, self.used.setting):
            return
        self._on_note(f"changing over to {name if number != self.used.number else f'the embedder {setting}'}")
        try:
            used = load_in_use(self._store, self._settings, self._on_note)
            desk = self._make(used)
        except UserError as trouble:
            self._on_note(f"{name} could not be loaded, {self.used.name} goes on: {trouble.message}")
            self.used = replace(self.used, number=number, setting=setting)  # not tried again at every question
            return
        self._desk.close()
        self.used, self._desk = used, desk


def make_desk(
    store: Store, settings: Settings, used: InUse, looker: Looker, on_note: OnNote = lambda note: None,
    writes: str = "auto", proposes: bool = False,
) -> Desk:  # fmt: skip
    """A desk of one version's parts."""
    searcher = load_searcher(store, settings, used.embedder, on_note, used.reranker)
    model = None if settings.model == "none" else LateModel(settings, on_note, used.generator)
    if model is not None and (writes == "always" or (writes == "auto" and settings.model != "embedded")):
        model.ready()  # it will write: trouble with it is told now, not in the middle of an answer
    name = _name_of(model, used)

    def version() -> str:
        return f"{used.name}+{name}+{used.embedder.identity}+index{store.mark(settings.workspace)}"

    return Desk(
        Journal(
            store, settings.workspace, house_names(settings), outlets=tuple(targets_from(settings)), proposes=proposes
        ),
        searcher,
        Library(store, settings.workspace, used.embedder, load_judge(used.setting or settings.embedder)),
        TemplateShelf(store, settings.workspace, used.embedder),
        looker.look,
        model,
        version,
        Wishes(
            settings.top,
            caution_of(settings, used),
            settings.max_new_tokens,
            writes,
            used.measures,
            named(settings.handover_words),
        ),
        _aim(used),
        used.deciders.judge if used.deciders else None,
    )


def _name_of(model: LateModel | None, used: InUse) -> str:
    if model is None:
        return "quotes"
    trained = used.generator
    return f"{model.name}-{weights_id(trained)}" if trained and model.ref == "embedded" else model.name


def _aim(used: InUse) -> Aimed | None:
    """What tells questions about a picture from questions about a problem; None where nothing was fitted."""
    place = used.folder if used.own_questions else shipped_folder()
    aim = load_aim(place / AIM, used.embedder.identity) if place else None
    return (lambda question: aim.share(used.embedder.embed_query(question))) if aim else None


def load_judge(embedder: str) -> Judge | None:
    """What tells whether a passage answers, opened with the first question; None where this copy has no weights for it,
    and beside another embedder than the packaged one: it reads English only."""
    shipped = shipped_folder()
    if embedder != PACKAGED or shipped is None or not (shipped / ANSWERING).is_file():
        return None
    return _late_judge(shipped)


@cache
def _late_judge(folder: Path) -> Judge:
    return LateAnswering(folder, find_model(PACKAGED)[0])


def load_eyes(threads: int) -> PictureReader:
    """The reader of words; with the shipped tower it also sees marks."""
    reader, shipped = load_reader(threads), shipped_folder()
    if shipped is None:
        return reader
    from agent.vlm.eyes import MarkedReader, shipped_tower

    return MarkedReader(reader, shipped_tower(shipped), threads)


def load_searcher(
    store: Store,
    settings: Settings,
    embedder: Embedder,
    on_note: OnNote = lambda note: None,
    reranker: Reranker | None = SHIPPED,
) -> Searcher:
    """Search over the workspace; says so when the index had to be rebuilt."""

    held: list[Shelf] = []

    def load() -> Shelf:
        shelf = load_shelf(store, settings.workspace, embedder, held=held[0] if held else None, later=True)
        held[:] = [shelf]
        if shelf.notice:
            on_note(shelf.notice)
        return shelf

    shipped = shipped_folder()
    return Searcher(
        store,
        settings.workspace,
        embedder,
        load,
        load_bearing(shipped / BEARING, embedder.identity) if shipped else None,
        reranker,
    )


class LateModel:
    """A model that loads when the first word is asked of it, so that quoting never waits for weights."""

    def __init__(self, settings: Settings, on_note: OnNote, trained: Path | None = None) -> None:
        self.ref = settings.model
        self._trained = trained
        self.name = settings.model if settings.model == "embedded" else settings.model.rsplit("#", 1)[-1]
        self._settings = settings
        self._on_note = on_note
        self._lock = threading.Lock()
        self._model: Model | None = None

    @property
    def abstains(self) -> bool:
        """Whether the embedded model was trained to say when the passages do not answer."""
        return self.ref == "embedded" and self._trained is not None

    @property
    def sureness(self) -> float | None:
        """As `Model.sureness`."""
        return self._model.sureness if self._model else None

    @property
    def reads_pictures(self) -> bool:
        """Whether the model takes pictures itself."""
        return self.ready().reads_pictures

    def ready(self) -> Model:
        """The loaded model. Raises UserError when it cannot be loaded."""
        with self._lock:
            if self._model is None:
                self._on_note("loading the model")
                threads = self._settings.threads or None
                offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
                try:
                    self._model = load_model(
                        self.ref, cache=self._settings.cache, threads=threads, offline=offline, on_note=self._on_note,
                        trained=self._trained,
                    )  # fmt: skip
                except UserError as trouble:
                    self._on_note(trouble.message)  # a desk that only wanted it to read on goes on without it
                    raise
            return self._model

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        pictures: Sequence[Path] = (),
        max_new_tokens: int = 160,
        cancel: threading.Event | None = None,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """As `Model.stream`."""
        yield from self.ready().stream(
            messages, pictures=pictures, max_new_tokens=max_new_tokens, cancel=cancel, stop=stop
        )

    def count_tokens(self, text: str) -> int:
        """As `Model.count_tokens`."""
        return self.ready().count_tokens(text)

    def close(self) -> None:
        """Let the weights go, if they were loaded."""
        if self._model is not None:
            self._model.close()


class Looker:
    """Reads today's pictures: checked, kept by hash; the reader loads at the first. The store keeps masked words
    only, the turn under way sees them as they are."""

    REMEMBERED = 32

    def __init__(self, store: Store, threads: int) -> None:
        self._store = store
        self._threads = threads
        self._lock = threading.Lock()
        self._reader: PictureReader | None = None
        self._seen: dict[str, ReadPicture] = {}

    def look(self, path: Path) -> ReadPicture:
        """The picture at a path with its words. Raises the UserErrors of `open_picture`."""
        picture = open_picture(path)
        save_picture(picture, self._store.pictures)
        with self._lock:
            if picture.sha256 not in self._seen:
                self._reader = self._reader or load_eyes(self._threads)
                read = self._reader.read(picture)
                while len(self._seen) >= self.REMEMBERED:
                    self._seen.pop(next(iter(self._seen)))
                self._seen[picture.sha256] = read
            seen = self._seen[picture.sha256]
            if load_picture(self._store, picture.sha256) is None:  # new, or forgotten since it was read
                keep_picture(self._store, masked_picture(seen))
            return replace(seen, name=picture.name, notices=picture.notices)
