"""The workshop as the window sees it: what waits to be learned, the run that goes on apart, the versions it made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent import teaching, versions
from agent.learning import Figures, Line, Run, figures_of, read_run
from agent.settings import Settings
from agent.teaching import Lesson
from agent.versions import Promotion
from index.clean import clean
from index.errors import UserError
from index.store import Store

PROGRESS, STATE, CARD = "progress.jsonl", "run.json", Path("material") / "card.json"
LEARN = (sys.executable, "-m", "agent.cli", "learn")
NICE = 10
LATE = 2.0  # seconds that the log may be older than the last line of the run it belongs to
MOST_SAID = 600  # characters of what a run complained of


@dataclass(frozen=True)
class Made:
    """A version to choose from. `figures` are those of its comparison, `told` is how it stands with the gate."""

    name: str
    at: str
    parts: tuple[str, ...]
    in_use: bool
    accepted: bool
    refusals: tuple[str, ...] = ()
    compared_with: str = ""
    figures: Figures | None = None


@dataclass(frozen=True)
class Waiting:
    """What the next run would read: `lessons` from people's work here, `tickets` imported and solved, `fresh` of them
    new since the last run, and what the last run left out, by why."""

    lessons: tuple[Lesson, ...]
    tickets: int
    fresh: int
    left_out: dict[str, int]


class Workshop:
    """At most one run of a workspace goes on, and it goes on when the window is closed."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self.workspace = settings.workspace
        self.folder = settings.home / "learn" / settings.workspace
        self.log, self._lock, self._pid = (
            self.folder.with_name(f"{self.folder.name}.{end}") for end in ("log", "lock", "pid")
        )
        self._lines: list[Line] = []
        self._read_to = (0, 0)  # which file, and how far
        self._looking = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    # --- the run ------------------------------------------------------------------------------------------

    def look(self) -> Run:
        """Where the last run stands at this moment."""
        with self._looking:  # one reader at a time goes on where the last one was
            child = self._child is not None and self._child.poll() is None
            running = self._running()
            lines, state = self._new_lines(), _json(self.folder / STATE)
            trouble = "" if child or running else self._trouble()
        return read_run(lines, state, starting=child, running=running, trouble=trouble)

    def start(self, *, resume: bool = False) -> None:
        """Begin a run, or go on with the one that stopped, as a process of its own that outlives this one.

        Raises UserError BUSY when one goes on.
        """
        if self.look().alive:
            raise UserError("A run goes on already.\nStop it first, or wait.", "BUSY")
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        command = [*LEARN, "--home", str(self._settings.home), "--workspace", self.workspace, "--json"]
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(
                [*command, *(["--resume"] if resume else [])],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                start_new_session=True,  # a terminal that is closed does not take it along
            )
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, self._child.pid, NICE)  # whoever asks the desk goes first

    def stop(self) -> None:
        """Ask the run to stop at the next step; what is done is kept. Raises UserError EMPTY when none goes on."""
        pid = self._child.pid if self._child is not None and self._child.poll() is None else 0
        if self._running():
            pid = _number(self._pid) or pid
        if not pid:
            raise UserError("No run goes on here.\nStart one: deskside learn", "EMPTY")
        with suppress(ProcessLookupError):  # it ended in this very moment
            os.kill(pid, signal.SIGTERM)

    def _environment(self) -> dict[str, str]:
        """The settings of this process for the other one; a window in a browser is not its business."""
        own = {each: value for each, value in os.environ.items() if not each.startswith("TEXTUAL")}
        chosen = {name: str(getattr(self._settings, name)) for name in self._settings.places}
        chosen["cache"] = str(self._settings.cache)
        return {**own, **{f"DESKSIDE_{name.upper()}": value for name, value in chosen.items() if value}}

    def _running(self) -> bool:
        """Whether a process holds the lock of the run. It is tried only where one has left its number, so that a run
        that is about to begin never meets us in its place."""
        if not self._pid.is_file():
            return False
        from filelock import FileLock, Timeout

        try:
            with FileLock(self._lock, timeout=0):
                self._pid.unlink(missing_ok=True)  # of a run that was killed
                return False
        except Timeout:
            return True

    def _new_lines(self) -> list[Line]:
        """All lines of the run, of which only the new ones are read."""
        file = self.folder / PROGRESS
        try:
            with file.open("rb") as stream:
                which, end = os.fstat(stream.fileno()).st_ino, os.fstat(stream.fileno()).st_size
                if which != self._read_to[0] or end < self._read_to[1]:
                    self._lines, self._read_to = [], (which, 0)  # another run began
                stream.seek(self._read_to[1])
                whole = stream.read().rpartition(b"\n")[0]
        except OSError:
            self._lines, self._read_to = [], (0, 0)
            return []
        if whole:
            self._read_to = which, self._read_to[1] + len(whole) + 1
            self._lines += [line for line in map(_line, whole.split(b"\n")) if line]
        return list(self._lines)

    def _trouble(self) -> str:
        """What the run that was started here complained of when it ended; "" for one that ended well, or elsewhere."""
        try:
            progress = self.folder / PROGRESS
            if progress.is_file() and self.log.stat().st_mtime + LATE < progress.stat().st_mtime:
                return ""  # of an earlier run
            said = [clean(line) for line in self.log.read_text("utf-8", "replace").splitlines()]
        except OSError:
            return ""
        told = [line for line in said if line.strip() and not line.startswith("{")]
        ours = max((at for at, line in enumerate(told) if line.startswith("deskside: ")), default=-1)
        if ours >= 0:
            return "\n".join([told[ours].removeprefix("deskside: "), *told[ours + 1 :]])[:MOST_SAID]
        broke = any(line.startswith("Traceback") for line in told)
        return f"It broke: {told[-1][:MOST_SAID]}\nThe whole of it: {self.log}" if broke else ""

    # --- what it learns from --------------------------------------------------------------------------------

    def waiting(self) -> Waiting:
        """What the next run would read."""
        since = str(_json(self.folder / STATE).get("gathered_at") or "")
        tickets, fresh = teaching.imported(self._store, self.workspace, since)
        dropped = _json(self.folder / CARD).get("dropped")
        left_out = {str(why): int(n) for why, n in dropped.items()} if isinstance(dropped, dict) else {}
        return Waiting(tuple(teaching.lessons(self._store, self.workspace, since)), tickets, fresh, left_out)

    def keep_out(self, conversation: str, out: bool) -> None:
        """Keep a conversation out of training, or let it in again. Raises UserError DENIED for an unknown one."""
        teaching.keep_out(self._store, self.workspace, conversation, out)

    # --- what it made ---------------------------------------------------------------------------------------

    def made(self) -> list[Made]:
        """Every version, the newest first; the last one is as shipped."""
        used = versions.in_use(self._store, self.workspace)[1]
        made = [
            Made(
                each.name, str(each.papers.get("made_at", "")), tuple(sorted(each.parts)), each.name == used,
                each.accepted, tuple(each.refusals), str(each.papers.get("base", {}).get("version", "")),
                figures_of(each.papers.get("scores")),
            )
            for each in versions.list_versions(self._store, self.workspace)
        ]  # fmt: skip
        shipped = Made(versions.AS_SHIPPED, "", (), used == versions.AS_SHIPPED, True)
        return [*reversed(made), shipped]

    def changes(self, last: int = 5) -> list[Promotion]:
        """The last changes of the version in use, the newest first."""
        return versions.promotions(self._store, self.workspace)[: -last - 1 : -1]

    def promote(self, name: str, override: str = "") -> Promotion:
        """As `deskside promote`."""
        return versions.promote(self._store, self.workspace, name, override=override)

    def rollback(self) -> Promotion:
        """As `deskside rollback`."""
        return versions.rollback(self._store, self.workspace)


def _line(raw: bytes) -> Line:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _json(file: Path) -> dict[str, Any]:
    try:
        return _line(file.read_bytes())
    except OSError:
        return {}


def _number(file: Path) -> int:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return 0
