"""What the desk works with: the version in use, opened and checked, or what Deskside comes with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.decide import AS_FITTED, Measures
from agent.settings import Settings
from agent.versions import AS_SHIPPED, Version, check_whole, in_use, load_version
from agent.weights import shipped_folder
from index.errors import UserError
from index.store import Store

if TYPE_CHECKING:
    from agent.deciders import Deciders
    from index.embed import Embedder
    from index.rerank import Reranker

OnNote = Callable[[str], None]
MEASURES = "measures.json"
EMBEDDER = "embedder"
GENERATOR = "generator"
RERANKER = "reranker.json"
CAUTION = next(each.default for each in fields(Settings) if each.name == "caution")


@dataclass(frozen=True)
class InUse:
    """The parts of the version in use. `number` grows with every promotion; `folder` is None as shipped; `caution` is
    None where the version has none of its own; `deciders` likewise."""

    number: int
    name: str
    embedder: Embedder
    folder: Path | None = None
    measures: Measures = AS_FITTED
    caution: float | None = None
    setting: str = ""  # the embedder as it is set, see `of_workspace`
    deciders: Deciders | None = None

    @property
    def generator(self) -> Path | None:
        """The folder of the trained parts of the embedded model: the version's, else the shipped ones, if any."""
        own = self.folder / GENERATOR if self.folder else None
        return own if own and own.is_dir() else shipped_folder()

    @property
    def reranker(self) -> Reranker:
        """What looks at the first sources again: the version's weights, else the shipped ones. Raises UserError DAMAGED
        for a file that is none."""
        from index.rerank import SHIPPED, load_reranker

        own = self.folder / RERANKER if self.folder else None
        return load_reranker(own, self.name) if own and own.is_file() else SHIPPED

    @property
    def own_questions(self) -> bool:
        """Whether questions are embedded otherwise than as shipped."""
        return self.folder is not None and (self.folder / EMBEDDER).is_dir()


def load_in_use(store: Store, settings: Settings, on_note: OnNote = lambda note: None) -> InUse:
    """The version in use in this workspace, every file compared with its papers. One that is not whole is never used:
    then the desk works as shipped, and `on_note` says so. Raises UserError where even that does not load."""
    settings = of_workspace(store, settings)
    return replace(_load_in_use(store, settings, on_note), setting=settings.embedder)


def of_workspace(store: Store, settings: Settings) -> Settings:
    """The settings with the embedder that was chosen for the workspace (`deskside index embedder`). A flag or a
    variable goes before it, it goes before the file."""
    from index.changeover import own_embedder

    place = settings.places.get("embedder", "")
    own = "" if place.startswith(("--", "DESKSIDE_")) else own_embedder(store, settings.workspace)
    return replace(settings, embedder=own) if own else settings


def _load_in_use(store: Store, settings: Settings, on_note: OnNote) -> InUse:
    number, name = in_use(store, settings.workspace)
    if name == AS_SHIPPED:
        return InUse(number, AS_SHIPPED, _shipped_embedder(settings))
    try:
        version = load_version(store, settings.workspace, name)
        check_whole(version, store)
        return open_version(version, settings, number)
    except UserError as trouble:
        reason = trouble.message.partition("\n")[0]
        on_note(f"{reason} The desk works as shipped ({AS_SHIPPED}); go back for good: deskside rollback")
        return InUse(number, AS_SHIPPED, _shipped_embedder(settings))


def open_version(version: Version, settings: Settings, number: int = 0) -> InUse:
    """The parts of a version, also of one that is not in use. Raises UserError DAMAGED or MISMATCH."""
    from agent.deciders import FOLDER as DECIDERS
    from agent.deciders import load_deciders

    wanted = version.parts.get(EMBEDDER, {}).get("setting", settings.embedder)
    if wanted != settings.embedder:
        raise UserError(
            f"Version {version.name} was learned with the embedder {wanted}, but {settings.embedder} is set.\n"
            "Set it back, or learn anew: deskside learn",
            "MISMATCH",
        )
    measures, caution = read_measures(version.folder / MEASURES)
    embedder = version_embedder(version.folder / EMBEDDER, version.name, settings)
    deciders = load_deciders(version.folder / DECIDERS, embedder)
    return InUse(number, version.name, embedder, version.folder, measures, caution, deciders=deciders)


def load_workspace_embedder(store: Store, settings: Settings, on_note: OnNote = lambda note: None) -> Embedder:
    """The embedder that the index of this workspace is to be made with."""
    return load_in_use(store, settings, on_note).embedder


def version_embedder(folder: Path, name: str, settings: Settings) -> Embedder:
    """The embedder of a version's folder: weights of its own, or a turn of the questions over the base; the base
    itself where the folder is not there."""
    from index.embed import RememberingEmbedder, load_embedder
    from index.embed_adapted import CONFIG, load_adapted

    if not folder.is_dir():
        return _shipped_embedder(settings)
    if not (folder / CONFIG).is_file():
        return load_embedder(str(folder), threads=settings.threads or None, name=f"minilm-{name}")
    return RememberingEmbedder(load_adapted(folder, _shipped_embedder(settings), f"minilm-{name}"))


def read_measures(file: Path) -> tuple[Measures, float | None]:
    """What a cosine is worth in a version, and its caution. The shipped ones where there is no file. Raises UserError
    DAMAGED for a file that is none."""
    if not file.is_file():
        return AS_FITTED, None
    try:
        told = json.loads(file.read_text("utf-8"))
        named = {each.name: float(told[each.name]) for each in fields(Measures) if each.name in told}
        caution = told.get("caution")
        return Measures(**named), None if caution is None else float(caution)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UserError(f"{file.name} of the version cannot be read.\nGo back: deskside rollback", "DAMAGED") from error


def caution_of(settings: Settings, used: InUse) -> float:
    """The least confidence for an answer: what the person set, else what the version found."""
    chosen = settings.caution != CAUTION or used.caution is None
    return settings.caution if chosen or used.caution is None else used.caution


def _shipped_embedder(settings: Settings) -> Embedder:
    from index.embed import load_embedder

    return load_embedder(settings.embedder, threads=settings.threads or None)
