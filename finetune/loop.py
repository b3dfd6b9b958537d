"""The whole road from conversations to a version, as one run that can be stopped, killed and gone on with."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.settings import Settings
from agent.versions import promote
from finetune.stages import PROGRESS, STAGES, LearnRecipe, Outcome, Run, Stopped, Tell, read_state
from index.errors import UserError
from index.store import Store


def learn_folder(store: Store, workspace: str) -> Path:
    """Where the run of a workspace lies; may be deleted when no run goes on."""
    return store.home / "learn" / workspace


def learn(
    store: Store, settings: Settings, recipe: LearnRecipe, *, stages: Sequence[str] = STAGES, resume: bool = False,
    auto_promote: bool = False, tell: Tell = lambda told: None, stopping: Callable[[], bool] = lambda: False,
) -> Outcome:  # fmt: skip
    """Go the road, or the part of it that `stages` names. A version is made of what was learned, whether the gate lets
    it pass or not; only a person promotes it, unless `auto_promote`.

    Raises UserError BUSY when a run goes on, EMPTY for too little data, and what the stages raise.
    """
    folder = learn_folder(store, settings.workspace)
    started = time.perf_counter()
    with _alone(folder):
        run = Run.resumed(store, settings, recipe, folder, tell) if resume else Run.fresh(
            store, settings, recipe, folder, tell
        )  # fmt: skip
        ahead = [each for each in STAGES if each in stages and each not in run.done]
        named = f"{run.state['name']} beside {run.state['base']}"
        run.say("started", named, stages=ahead, done=run.done, resumed=resume)
        try:
            for stage in ahead:
                _go(run, stage, stopping)
        except Stopped:
            run.say("stopped", "kept; go on with: deskside learn --resume")
            return Outcome(folder, finished=False, seconds=time.perf_counter() - started)
        except UserError as trouble:
            run.say("failed", trouble.message, kind=trouble.kind)
            raise
        outcome = run.outcome()
        if auto_promote and outcome.accepted:
            promote(store, settings.workspace, outcome.name)
            outcome.promoted = True
        outcome.seconds = time.perf_counter() - started
        run.say(
            "finished", outcome.name or "no version", accepted=outcome.accepted, promoted=outcome.promoted,
            refusals=outcome.refusals, better=outcome.better, figures=outcome.figures,
            seconds=round(outcome.seconds, 1),
        )  # fmt: skip
        return outcome


def _go(run: Run, stage: str, stopping: Callable[[], bool]) -> None:
    """One stage, told when it begins and when it is done. Raises Stopped."""
    if stopping():
        raise Stopped
    run.say(stage, "begins")
    began = time.perf_counter()
    getattr(run, f"do_{stage}")(stopping)
    run.keep(stage)
    run.say(stage, "done", seconds=round(time.perf_counter() - began, 1))


def new_conversations(store: Store, workspace: str) -> int:
    """Resolved conversations that came in, or were approved, since the last run gathered its material."""
    sql = (
        "SELECT count(*) AS n FROM conversations WHERE workspace = ? AND outcome = 'resolved'"
        " AND trust IN ('imported', 'approved') AND updated_at > ?"
    )
    state = read_state(learn_folder(store, workspace))
    return int(store.rows(sql, [workspace, str(state.get("gathered_at", ""))])[0]["n"])


def broken_off(store: Store, workspace: str) -> bool:
    """Whether a run gathered its material and never came to its end: stopped, killed, or the machine was switched off.
    One that still goes on holds its lock, and to go on with it raises BUSY."""
    done = read_state(learn_folder(store, workspace)).get("done", [])
    return "material" in done and not set(STAGES) <= set(done)


def read_progress(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's progress, oldest first; half-written ones are left out."""
    told = []
    for line in _lines(folder / PROGRESS):
        try:
            told.append(json.loads(line))
        except ValueError:
            continue
    return told


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines() if file.is_file() else []


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One run a workspace. Raises UserError BUSY."""
    from filelock import FileLock, Timeout

    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder.parent / f"{folder.name}.lock", timeout=0):
            number = folder.parent / f"{folder.name}.pid"  # whom the window asks to stop
            number.write_text(str(os.getpid()), "ascii")
            try:
                yield
            finally:
                number.unlink(missing_ok=True)
    except Timeout as error:
        raise UserError("Another run is learning.\nWatch it: deskside learn --follow", "BUSY") from error
