"""A picture looked at once for every system: words by the reader, marks by the tower, kept by its hash."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.vlm.eyes import looked_at
from index.layout import layout_text, plain_words
from index.marks import Sight, sight_from
from index.pictures import Line, OpenPicture, PictureReader, ReadPicture, open_picture

if TYPE_CHECKING:
    from PIL import Image

    from agent.vlm.tower import ScreenTower

See = Callable[["Image.Image"], Sight]


class Looks:
    """Pictures as they were read and seen; what was looked at before comes from `folder`.

    `see` gives the marks without names, `eyes` its identity; both may be missing: then there are no marks.
    """

    def __init__(self, load_reader: Callable[[], PictureReader], see: See | None, eyes: str, folder: Path) -> None:
        self._load_reader = load_reader
        self._reader: PictureReader | None = None
        self._see = see
        self._eyes = eyes
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, source: Path | bytes) -> ReadPicture:
        """Words and named marks of a picture. Raises the UserErrors of a picture that cannot be opened."""
        return self.of(open_picture(source))

    def of(self, picture: OpenPicture) -> ReadPicture:
        """Words and named marks of a picture that is open."""
        size = picture.image.size
        rows = self._kept(f"{picture.sha256}-words", lambda: [asdict(each) for each in self._read(picture)])
        lines = tuple(Line(row["text"], tuple(row["box"]), row["score"]) for row in rows)
        layout, words = layout_text(lines, size), plain_words(lines)
        read = ReadPicture(picture.sha256, picture.name, *size, lines, layout, words)
        return read if self._see is None else looked_at(read, self.sight(picture), picture)

    def sight(self, picture: OpenPicture) -> Sight:
        """The marks alone, without names; nothing where no tower sees."""
        see = self._see
        if see is None:
            return Sight()
        return sight_from(self._kept(f"{picture.sha256}-{self._eyes}", lambda: asdict(see(picture.image))))

    def _read(self, picture: OpenPicture) -> Sequence[Line]:
        if self._reader is None:
            self._reader = self._load_reader()
        return self._reader.read(picture).lines

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        file = self.folder / f"{name}.json"
        if file.is_file():
            return json.loads(file.read_text("utf-8"))
        made = json.loads(json.dumps(make()))
        beside = file.with_suffix(".part")
        beside.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
        beside.replace(file)
        return made


def load_looks(tower: ScreenTower | None, eyes: str, folder: Path, threads: int) -> Looks:
    """The house's reader (loaded when a picture is new) and this tower."""

    def reader() -> PictureReader:
        from index.pictures import load_reader

        return load_reader(threads)

    return Looks(reader, None if tower is None else lambda image: _seen(tower, image), eyes, folder)


def _seen(tower: ScreenTower, image: Image.Image) -> Sight:
    from agent.vlm.seen import see

    return see(tower, image)


def without_marks(read: ReadPicture) -> str:
    """What a model reads of a picture when nothing but its words is told."""
    return replace(read, sight=Sight()).text


def notes_of(read: ReadPicture) -> tuple[dict[str, Callable[[str], str]], dict[str, Callable[[str], str]]]:
    """What stands beside the things a question names, and what it answers by itself, for each way of
    reading."""
    words = replace(read, sight=Sight())
    return {"words": words.beside, "marks": read.beside}, {"words": words.tells, "marks": read.tells}
