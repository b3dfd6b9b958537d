"""How long `deskside --help` lets a person wait, beside another click program and the bare interpreter."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.machine import clean_environment, program
from bench.report import Report, Writer, table
from index.measure import median

TITLE = "Starting"
ROUNDS = 10
MOST_SECONDS = 0.3


def run() -> Report:
    """The median of 10 starts each, taken in turns so that a busy moment hits all of them."""
    peers = {"deskside --help": program("--help"), "python -c pass": [sys.executable, "-c", "pass"]}
    neighbour = Path(sys.executable).with_name("sqlite-utils")
    if neighbour.is_file():
        peers["sqlite-utils --help"] = [str(neighbour), "--help"]
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(ROUNDS + 1):
        for name, command in peers.items():
            seconds[name].append(start_seconds(command))
    writer = Writer(TITLE)
    rows = []
    for name, taken in seconds.items():
        warm = taken[1:]  # the first fills the file cache
        writer.figures[name] = median(warm)
        rows.append([name, f"{median(warm):.2f}", f"{min(warm):.2f}", f"{max(warm):.2f}"])
    writer.say(*table((f"{ROUNDS} starts, warm", "median s", "fastest", "slowest"), rows))
    writer.say(f"Target: {MOST_SECONDS} s.")
    return writer.done()


def start_seconds(command: Sequence[str]) -> float:
    """Seconds from start to exit of a program that must succeed."""
    started = time.perf_counter()
    subprocess.run(command, env=clean_environment(), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started
