"""Small files of tickets and what became of them: shared by the tests of store, intake, index and command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from index.errors import UserError
from index.intake import FileReport, Intake
from index.pictures import OpenPicture, ReadPicture
from index.store import Store

ROOT = Path(__file__).parent.parent


def ticket(number: int, **more: Any) -> dict[str, Any]:
    """A solved ticket of two messages; its numbers make it unlike any other."""
    return {
        "id": f"T-{number}",
        "opened_at": "2025-01-05T17:10:53Z",
        "outcome": "resolved",
        "subject": f"Error E-{number} on hub {number}",
        "customer": {"id": f"C-{number}", "name": "Ingrid Solberg"},
        "messages": [
            {"role": "customer", "text": f"My hub number {number} shows error E-{number} since this morning."},
            {"role": "agent", "text": f"Hold the reset button of hub {number} for {number} seconds, then restart it."},
        ],
        **more,
    }


def write_lines(file: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """A JSONL file of the rows."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def no_reader() -> Any:
    """For imports without pictures: loading a reader is a failure."""
    raise AssertionError("no picture should be read here")


class SaysWords:
    """A reader of pictures that reads the same words on every one, and counts."""

    def __init__(self, words: str = "Error E-77") -> None:
        self.words = words
        self.count = 0

    def read(self, picture: OpenPicture) -> ReadPicture:
        """The fixed words."""
        self.count += 1
        return ReadPicture(picture.sha256, picture.name, 40, 30, (), self.words, self.words)


def take(store: Store, *paths: Path, workspace: str = "default", **more: Any) -> list[FileReport]:
    """Import the paths."""
    return Intake(store, workspace, more.pop("load_reader", no_reader), **more).run(paths)


def tables(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that means something, for comparing."""
    names = ("conversations", "messages", "articles", "passages", "codes", "pictures", "turns", "ratings", "handovers")
    return {name: [tuple(row.values()) for row in store.rows(f"SELECT * FROM {name} ORDER BY 1, 2")] for name in names}


def counts(store: Store) -> tuple[int, int, int]:
    """How many conversations, messages and passages there are."""
    names = ("conversations", "messages", "passages")
    return tuple(store.rows(f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in names)  # type: ignore[return-value]


def trouble(call: Any) -> UserError:
    """The UserError that a call ends in."""
    with pytest.raises(UserError) as raised:
        call()
    assert len(raised.value.message.splitlines()) <= 2, raised.value.message
    return raised.value


def picture(file: Path, colour: str = "white") -> Path:
    """A small PNG."""
    from PIL import Image

    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 30), colour).save(file)
    return file


def run_python(script: str, *arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
    """A script in a process of its own, in this repository."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, **more)


def start_python(script: str, *arguments: object) -> subprocess.Popen[str]:
    """As `run_python`, not waited for."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class Forked:
    """A function in a process of its own, quick to start; `end` gives what it returned, or the text of its error,
    and "" when it was killed."""

    def __init__(self, work: Callable[..., Any], *arguments: Any) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(writing)
            self._stream = os.fdopen(reading)
            return
        try:
            said = str(work(*arguments))
        except BaseException as error:
            said = repr(error)
        with os.fdopen(writing, "w") as stream:
            stream.write(said)
        os._exit(0)

    def kill(self) -> None:
        """kill -9."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> str:
        """Wait for it."""
        with self._stream as stream:
            said = stream.read()
        os.waitpid(self.pid, 0)
        return said


def deskside(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """The real program in a process of its own; nothing of it may be a traceback."""
    command = [sys.executable, "-m", "agent.cli", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, env={**os.environ, **environ}, input=""
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done
