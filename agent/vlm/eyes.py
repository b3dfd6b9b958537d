"""The eyes of the desk: the words of a picture from the reader, and its marks from the tower, named by those words."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import UserError
from index.layout import layout_text, plain_words
from index.marks import Sight, named
from index.pictures import Line, OpenPicture, PictureReader, ReadPicture

if TYPE_CHECKING:
    from agent.vlm.tower import ScreenTower


class MarkedReader:
    """A PictureReader that also sees marks. One picture at a time, as the reader under it."""

    def __init__(self, reader: PictureReader, tower: ScreenTower, threads: int = 1) -> None:
        self._reader = reader
        self._tower = tower
        self._threads = threads
        self._one_at_a_time = threading.Lock()

    def read(self, picture: OpenPicture) -> ReadPicture:
        """The picture's words with their boxes, and what else is to be seen on it."""
        words = self._reader.read(picture)
        return looked_at(words, self._seen(picture), picture)

    def sight(self, picture: OpenPicture, lines: Sequence[Line]) -> Sight:
        """What is seen beside the words; each mark is named by the `lines` next to it."""
        size = picture.image.size
        words = ReadPicture(picture.sha256, picture.name, *size, tuple(lines), "", "")
        return looked_at(words, self._seen(picture), picture).sight

    def _seen(self, picture: OpenPicture) -> Sight:
        """What the tower sees, without names."""
        from agent.decode import tune_thread
        from agent.vlm.seen import see

        with self._one_at_a_time:
            tune_thread(self._threads)
            return see(self._tower, picture.image)


def looked_at(words: ReadPicture, sight: Sight, picture: OpenPicture) -> ReadPicture:
    """A picture that was read, with what the tower saw on it: weighed against the pixels, named by the words; boxes
    and radio buttons that were read as letters are taken off the words."""
    import numpy as np

    from agent.vlm.sign_letters import without_signs
    from agent.vlm.weighed import weighed

    told = weighed(sight, np.asarray(picture.image), words.lines)
    lines = without_signs(words.lines, told.marks)
    told = replace(told, marks=named(told.marks, lines))
    if lines == words.lines:
        return replace(words, sight=told)
    layout = layout_text(lines, (words.width, words.height))
    return replace(words, lines=lines, layout=layout, words=plain_words(lines), sight=told)


def load_tower(folder: Path) -> ScreenTower:
    """The tower saved by itself in `folder` (config.json, model.safetensors), ready to look."""
    from transformers.utils import logging

    from agent.vlm.tower import ScreenTower

    logging.disable_progress_bar()
    return _ready(ScreenTower.from_pretrained(folder))


def shipped_tower(folder: Path) -> ScreenTower:
    """The tower among the shipped weights. Raises UserError DAMAGED or MISMATCH."""
    from safetensors.torch import load_file

    from agent.model_folder import check_folder
    from agent.vlm.config import DialogueConfig
    from agent.vlm.tower import ScreenTower

    check_folder(folder)
    config = DialogueConfig.from_pretrained(folder, local_files_only=True)
    tower = ScreenTower(config.vision_config)
    weights = load_file(folder / "fusion.safetensors")
    try:
        tower.load_state_dict(
            {name.removeprefix("tower."): each for name, each in weights.items() if name.startswith("tower.")}
        )
    except RuntimeError as error:
        raise UserError(f"The tower in {folder.name} does not fit. Install deskside again.", "MISMATCH") from error
    return _ready(tower)


def _ready(tower: ScreenTower) -> ScreenTower:
    import torch

    return tower.eval().to(dtype=torch.float32, memory_format=torch.channels_last)
