"""What several commands share: the options for data folder and workspace, and the open store."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agent.settings import Settings, load_settings
from index.errors import UserError

if TYPE_CHECKING:
    from index.store import Store

F = TypeVar("F", bound=Callable[..., Any])


def with_settings(function: F) -> F:
    """Give a command `--home` and `--workspace` and pass it the `settings` read from everywhere."""

    @click.option("--home", type=click.Path(path_type=Path), help="Data folder (default: DESKSIDE_HOME).")
    @click.option("--workspace", "-w", help="Workspace; nothing crosses workspaces.")
    @functools.wraps(function)
    def command(home: Path | None, workspace: str | None, **rest: Any) -> Any:
        flags = {"home": home, "workspace": workspace}
        own = {
            name: rest[name]
            for name in ("model", "top", "caution", "max_new_tokens", "threads", "house")
            if name in rest
        }
        for name in own:
            rest.pop(name)
        return function(settings=load_settings({**flags, **own}), **rest)

    return command  # type: ignore[return-value]


def opened(settings: Settings) -> Store:
    """The store of the settings' data folder."""
    from index.store import open_store

    return open_store(settings.home)


def say(value: Any) -> None:
    """Print one JSON value on a line."""
    click.echo(json.dumps(value, ensure_ascii=False))


def note(text: str) -> None:
    """A remark for a person: on stderr, so that piped results stay clean."""
    click.echo(text, err=True)


def batch_lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of a JSONL file; a bad line becomes {"error": ...} so that one in stays one out."""
    try:
        stream = file.open(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"There is no file {file.name} to read.\nCheck the path.", "TYPE") from error
    with stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                row = {"id": None, "error": f"{file.name} line {number}: not a JSON object."}
            yield number, row


def question_of(row: dict[str, Any], names: Iterable[str] = ("question", "query", "text", "q")) -> str:
    """The question of a batch line, by any of its usual names."""
    return next((str(row[name]) for name in names if row.get(name)), "")


def image_of(row: dict[str, Any], folder: Path) -> list[Path]:
    """The pictures of a batch line ("image": one path or a list), relative to the batch file."""
    value = row.get("image") or row.get("images") or []
    names = value if isinstance(value, list) else [value]
    return [folder / str(name) for name in names if name]


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int, str], None]]:
    """A callable (step, done, total, unit) that draws a bar with rate and time left on stderr; silent in a pipe."""
    import sys

    if not sys.stderr.isatty():
        yield lambda step, done, total, unit: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, total: int, unit: str) -> None:
            if step not in tasks:
                for old in tasks.values():
                    progress.update(old, visible=False)
                tasks[step] = progress.add_task(step, total=total or None, rate="")
            speed = progress.tasks[progress.task_ids.index(tasks[step])].speed
            rate = f"{speed:,.0f} {unit}/s" if speed else ""
            progress.update(tasks[step], completed=done, total=total or None, rate=rate)

        yield show
