"""Runs to look at without a training: the lines one writes, and a small process that behaves as one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from agent.workshop import Workshop
from index.errors import UserError

FIGURES = {
    "hit@1": {"before": 0.549, "after": 0.541, "low": -0.03, "high": 0.012},
    "hit@5": {"before": 0.7, "after": 0.836, "low": 0.05, "high": 0.21},
    "strangers left alone": {"before": 0.8, "after": 0.6, "low": -0.313, "high": -0.013},
    "supported": {"before": None, "after": None, "low": None, "high": None},
}
# A process that takes the lock, tells its number, trains until it is asked to stop, and can be gone on with.
RUNS = """
import json, os, pathlib, signal, sys, time
from filelock import FileLock
home, workspace = (sys.argv[sys.argv.index(flag) + 1] for flag in ("--home", "--workspace"))
folder = pathlib.Path(home) / "learn" / workspace
folder.mkdir(parents=True, exist_ok=True)
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
resume = "--resume" in sys.argv
with FileLock(folder.parent / f"{workspace}.lock", timeout=0):
    number = folder.parent / f"{workspace}.pid"
    number.write_text(str(os.getpid()))
    stream = (folder / "progress.jsonl").open("a" if resume else "w")
    def say(stage, text="", **more):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        stream.write(json.dumps({"at": at, "stage": stage, "text": text, **more}) + "\\n")
        stream.flush()
    say("started", "v1 beside v0", stages=["embedder", "gate"], done=["material"], resumed=resume)
    say("embedder", "begins")
    step = 0
    while not asked:
        step += 1
        say("embedder", step=step, of=1000, loss=1.0 / step, nobody="knows this key")
        time.sleep(0.05)
    say("stopped", "kept; go on with: deskside learn --resume")
    number.unlink()
"""


def lines(*told: tuple[str, str, dict[str, Any]], start: int = 0) -> list[dict[str, Any]]:
    """Lines of progress, ten seconds apart."""
    return [
        {"at": f"2026-01-05T10:{at // 6:02}:{at % 6}0Z", "stage": stage, "text": text, **more}
        for at, (stage, text, more) in enumerate(told, start)
    ]


STARTED = (
    ("started", "v3 beside v2", {"stages": ["material", "embedder", "measures", "compare", "gate"], "done": []}),
)
LEARNED = (
    *STARTED,
    ("material", "begins", {}),
    ("material", "312 of 346 conversations", {}),
    ("material", "done", {"seconds": 12.4}),
    ("embedder", "begins", {}),
    *(("embedder", "", {"step": n, "of": 40, "loss": 1.2 / (1 + n / 8)}) for n in range(1, 21)),
)
FINISHED = (
    *LEARNED,
    ("embedder", "done", {"seconds": 402.0}),
    *((stage, text, {}) for stage in ("measures", "compare", "gate") for text in ("begins", "done")),
    ("finished", "v3", {"accepted": True, "figures": FIGURES, "seconds": 500.0}),
)


def end_runs(shop: Workshop) -> None:
    """No process outlives its test."""
    for _ in range(200):
        if not shop.look().alive:
            return
        with suppress(UserError):
            shop.stop()
        time.sleep(0.1)


def write_run(folder: Path, told: Iterable[dict[str, Any]], state: dict[str, Any] | None = None) -> None:
    """The files of a run as they lie in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "progress.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in told), "utf-8")
    if state is not None:
        (folder / "run.json").write_text(json.dumps(state), "utf-8")
