"""Where a number comes from: machine, versions, commit, command and seed stand above every report."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = (
    "torch",
    "transformers",
    "sentence-transformers",
    "tokenizers",
    "faiss-cpu",
    "faiss-gpu-cu12",
    "rapidocr",
    "onnxruntime",
    "sqlite-utils",
    "pysqlite3",
    "textual",
)


def describe(command: str, seed: int) -> dict[str, Any]:
    """What a reader needs to repeat the run and to judge its times."""
    return {
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "command": command,
        "seed": seed,
        "commit": commit(),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": memory_gb(),
        "load": busy(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite_version(),
        "libraries": versions(),
    }


def lines(facts: dict[str, Any]) -> list[str]:
    """The facts as a Markdown list; says so when the machine was busy."""
    libraries = ", ".join(f"{name} {number}" for name, number in facts["libraries"].items())
    told = [
        f"- {facts['at']}, commit {facts['commit']}, seed {facts['seed']}, command `{facts['command']}`",
        f"- {facts['processor']}, {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}",
        f"- Python {facts['python']}, SQLite {facts['sqlite']}, {libraries}",
    ]
    if facts["load"] is not None and facts["load"] > 0.5:
        told.append(f"- load when it began: {facts['load']:.1f}; other work ran beside it, so times are upper bounds")
    return told


def versions() -> dict[str, str]:
    """The installed libraries that the numbers depend on."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The commit at hand, with "+" when files were changed since; "unknown" outside a clone."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def processor() -> str:
    """The processor's own name, else its architecture."""
    try:
        listed = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in listed if line.startswith("model name"))
    return next(names, platform.machine())


def memory_gb() -> int | None:
    """Memory of the machine in whole gigabytes, where the system tells."""
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)
    except (ValueError, OSError):
        return None


def busy() -> float | None:
    """Processes that ran beside us in the last minute, where the system tells."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def sqlite_version() -> str:
    """The version of the SQLite that the store uses."""
    try:
        from pysqlite3 import sqlite_version as number  # type: ignore[import-untyped]
    except ImportError:
        from sqlite3 import sqlite_version as number
    return str(number)


def clean_environment() -> dict[str, str]:
    """The environment for a child program: nobody's own Deskside settings leak into a measurement."""
    own = [key for key in os.environ if key.startswith("DESKSIDE_") and key != "DESKSIDE_CACHE"]
    kept = {key: value for key, value in os.environ.items() if key not in own}
    return {**kept, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def program(*arguments: str) -> list[str]:
    """The command line that runs `deskside` of this very environment."""
    beside = Path(sys.executable).with_name("deskside")
    return [str(beside), *arguments] if beside.is_file() else [sys.executable, "-m", "agent.cli", *arguments]


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
