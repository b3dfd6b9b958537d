"""A folder that gets a Markdown and a JSON file for each hand-over: once, whatever is killed in between."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agent.targets import NotDelivered, Notice


class DropFolder:
    """Files appear whole, the JSON last. Written beside first, then a receipt, then put in place: who finds a
    receipt and no file beside knows that they were placed, even if somebody has taken them away since."""

    name = "folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = folder.name

    def deliver(self, notice: Notice) -> str:
        """As `Target.deliver`."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._place(notice)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise NotDelivered(f"the disk of the folder {self.address} is full") from error
            reason = error.strerror or type(error).__name__
            raise NotDelivered(f"the folder {self.address} cannot be written: {reason}") from error

    def _place(self, notice: Notice) -> str:
        stem = f"handover-{notice.number:06}-{notice.key[-8:]}"
        receipt = self._folder / f".{stem}.receipt"
        files = self._files(stem, notice)
        if not receipt.exists():
            for name, write in files.items():
                _write(self._part(name), write)
            _write(receipt, lambda file: file.write_bytes(notice.key.encode()))
            _settle(self._folder)
        for name in files:  # in order: whoever waits for the JSON finds all the others there
            with suppress(FileNotFoundError):  # put in place before we were killed
                self._part(name).replace(self._folder / name)
        _settle(self._folder)
        return f"{stem}.md and .json"

    def settled(self, notice: Notice) -> None:
        """As `Target.settled`: the receipt is of no use any more."""
        with suppress(OSError):
            (self._folder / f".handover-{notice.number:06}-{notice.key[-8:]}.receipt").unlink(missing_ok=True)

    def _files(self, stem: str, notice: Notice) -> dict[str, Callable[[Path], object]]:
        files: dict[str, Callable[[Path], object]] = {}
        for place, picture in enumerate(notice.pictures, 1):
            files[f"{stem}-{place}.png"] = lambda file, picture=picture: shutil.copyfile(picture, file)  # type: ignore[misc]
        files[f"{stem}.md"] = lambda file: file.write_text(notice.markdown, "utf-8")
        files[f"{stem}.json"] = lambda file: file.write_bytes(notice.as_json())
        return files

    def _part(self, name: str) -> Path:
        return self._folder / f".{name}.part"


def _write(file: Path, write: Callable[[Path], object]) -> None:
    """Written and on the disk."""
    write(file)
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def _settle(folder: Path) -> None:
    """The names in the folder are on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
