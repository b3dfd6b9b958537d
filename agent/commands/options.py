"""What several commands share: the options for data folder and workspace, and the open store."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from agent.settings import Settings, load_settings
from index.clean import clean
from index.errors import UserError

if TYPE_CHECKING:
    from index.store import Store

_SETTINGS = {"model", "top", "caution", "max_new_tokens", "threads", "house"}
F = TypeVar("F", bound=Callable[..., Any])


def with_settings(function: F) -> F:
    """Give a command `--home` and `--workspace` and pass it the `settings` read from everywhere."""

    @click.option("--home", type=click.Path(path_type=Path), help="Data folder (default: DESKSIDE_HOME).")
    @click.option("--workspace", "-w", help="Workspace; nothing crosses workspaces.")
    @functools.wraps(function)
    def command(home: Path | None, workspace: str | None, **rest: Any) -> Any:
        flags = {"home": home, "workspace": workspace}
        given: dict[str, Any] = {}
        defaults: dict[str, Any] = {}
        for name in _SETTINGS & rest.keys():
            kind = click.get_current_context().get_parameter_source(name)
            (defaults if kind == ParameterSource.DEFAULT else given)[name] = rest.pop(name)
        defaults = {name: value for name, value in defaults.items() if value is not None}
        return function(settings=load_settings({**flags, **given}, defaults=defaults), **rest)

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


def batch_answers(file: Path, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One answer for each line of a JSONL file, with its "id"; a line that cannot be read or answered says so in
    its "error" and stops nobody else. Empty lines are no lines."""
    try:
        stream = file.open("rb")
    except OSError as error:
        raise UserError(f"There is no file {file.name} to read.\nCheck the path.", "TYPE") from error
    with stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip(b" \t\r\n\xef\xbb\xbf"):
                continue
            try:
                row = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                yield {"id": None, "error": f"{file.name} line {number}: not a JSON object.", "kind": "SCHEMA"}
                continue
            try:
                yield {"id": row.get("id"), **answer(row)}
            except UserError as error:
                yield {"id": row.get("id"), "error": error.message, "kind": error.kind}


def question_of(row: dict[str, Any], names: Iterable[str] = ("question", "query", "text", "q")) -> str:
    """The question of a batch line, by any of its usual names."""
    return next((clean(str(row[name])) for name in names if row.get(name)), "")


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
