"""`deskside export`: what was said, in the format it can be imported from again."""

from __future__ import annotations

import errno
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from agent.commands.options import note, opened, with_settings
from agent.settings import Settings
from index.errors import UserError


@click.group()
def export() -> None:
    """Write conversations or ratings as JSON Lines that `deskside import` takes back."""


@export.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; its pictures lie beside it.")
@click.option("--origin", type=click.Choice(["all", "chat", "import"]), default="all", show_default=True)
@with_settings
def conversations(settings: Settings, output: Path | None, origin: str) -> None:
    """Every conversation with its turns, ratings of answers apart."""
    from agent.exporting import conversation_lines

    store = opened(settings)
    count = 0
    pictures = output.parent / f"{output.stem}-pictures" if output else None
    with _target(output) as stream:
        for line, shown in conversation_lines(
            store, settings.workspace, None if origin == "all" else origin, pictures.name if pictures else None
        ):
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
            for sha256 in shown if pictures else ():
                _copy(store.pictures / f"{sha256}.png", pictures)
    _tell(count, "conversations", output)


@export.command()
@click.option("-o", "--output", type=click.Path(path_type=Path))
@with_settings
def ratings(settings: Settings, output: Path | None) -> None:
    """Every rated answer: conversation, turn, question, answer, good or bad, reason."""
    from agent.exporting import rating_lines

    count = 0
    with _target(output) as stream:
        for line in rating_lines(opened(settings), settings.workspace):
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
    _tell(count, "ratings", output)


def _tell(count: int, what: str, output: Path | None) -> None:
    """Say how many lines were written; a file of none is not left behind: it could not be imported again."""
    if not count and output is not None:
        output.unlink(missing_ok=True)
    note(f"{count} {what} written" if count else f"There are no {what}; nothing was written.")


@contextmanager
def _target(output: Path | None) -> Iterator[IO[str]]:
    """stdout, or a file that appears only when it is whole."""
    if output is None:
        yield sys.stdout
        return
    beside = output.with_name(output.name + ".part")
    try:
        with beside.open("w", encoding="utf-8") as stream:
            yield stream
        beside.replace(output)
    except OSError as error:
        raise UserError(
            f"{output.name} was not written: {error.strerror}.\nName a file in a folder that exists and has room.",
            "FULL" if error.errno == errno.ENOSPC else "CONFIG",
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def _copy(picture: Path, folder: Any) -> None:
    target = folder / picture.name
    if picture.is_file() and not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, target)
