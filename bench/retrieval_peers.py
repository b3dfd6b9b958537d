"""One engine on the same vectors as all others, in a process of its own: `python bench/retrieval_peers.py NAME ...`.

`build` fills it and saves it, `ask` opens what was saved and is asked, `change` opens it and adds and removes some.
Each prints one JSON object. Only numpy and the engine are imported, so that memory is the engine's own. All libraries
are held to one thread by the environment that bench/retrieval_speed.py gives. Seconds of the processor are told beside
those of the clock: where other work runs beside, only the former can be compared.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
WANTED_RECALL = 0.98
ROUNDS = 5
LIMIT_SECONDS = 40.0  # of asking; slow engines are asked fewer questions
CHANGED_SHARE = 0.01

from bench.retrieval_engines import ENGINES, Search, Stopped  # noqa: E402


def build(engine: Any, rows: np.ndarray, folder: Path, limit: float = float("inf")) -> dict[str, Any]:
    """Seconds to fill and save it; bytes on the disk. Where that takes the processor longer
    than `limit`, how far it came."""
    try:
        report: dict[str, Any] = {"build": timed(lambda: engine.build(rows, folder, limit))}
    except Stopped as stopped:
        return {"absent": f"stopped after {time.process_time():,.0f} s of the processor at {stopped.at:,} vectors"}
    report["disk"] = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return report


def change(engine: Any, rows: np.ndarray, folder: Path) -> dict[str, Any]:
    """Seconds to add one vector in a hundred to what was saved, and to remove as many."""
    engine.open(folder)
    report: dict[str, Any] = {}
    some = max(1, int(len(rows) * CHANGED_SHARE))
    fresh = np.ascontiguousarray(rows[:some] + 0.01)
    fresh /= np.linalg.norm(fresh, axis=1, keepdims=True)
    report["add"] = timed(lambda: engine.add(np.arange(len(rows), len(rows) + some), fresh))
    report["remove"] = timed(lambda: engine.remove(np.arange(0, some)))
    return report | {"changed": some}


def ask(engine: Any, asked: np.ndarray, truth: np.ndarray, folder: Path) -> dict[str, Any]:
    """Seconds to open it and answer once, memory it takes, and seconds and recall of questions one after another."""
    before = memory()

    def first() -> None:
        engine.open(folder)
        engine.search(engine.steps[0])(asked[0])

    report: dict[str, Any] = {"open": timed(first)}
    find = engine.search(engine.steps[0])
    slow = min(timed(lambda: find(asked[1]))["clock"] for _ in range(5))
    count = int(min(len(asked), max(30, LIMIT_SECONDS / ROUNDS / max(slow, 1e-6))))
    rounds = max(1, min(ROUNDS, int(LIMIT_SECONDS / (slow * count))))
    for step in engine.steps:
        find = engine.search(step)
        found = recall(find, asked[:count], truth[:count])
        if found >= WANTED_RECALL:
            break
    processor, clock = np.empty((rounds, count)), np.empty((rounds, count))
    for turn in range(rounds):
        for place in range(count):
            started, ticks = time.perf_counter(), time.process_time()
            find(asked[place])
            processor[turn, place], clock[turn, place] = time.process_time() - ticks, time.perf_counter() - started
    report |= {
        "questions": count,
        "rounds": rounds,
        "step": step,
        "recall": found,
        "processor_ms": percentiles(np.min(processor, axis=0)),
        "clock_ms": percentiles(np.min(clock, axis=0)),
    }
    after = memory()
    return report | {"memory": {key: after[key] - before[key] for key in after}, **getattr(engine, "told", dict)()}


def recall(find: Search, asked: np.ndarray, truth: np.ndarray) -> float:
    """The share of the true ten nearest among the ten found."""
    shared = [
        len(set(np.asarray(find(query)).tolist()) & set(best.tolist()))
        for query, best in zip(asked, truth, strict=True)
    ]
    return float(np.mean(shared) / 10)


def percentiles(seconds: np.ndarray) -> dict[str, float]:
    """p50 and p99 in milliseconds."""
    return {"p50": 1000 * float(np.percentile(seconds, 50)), "p99": 1000 * float(np.percentile(seconds, 99))}


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Seconds of the clock and of the processor, all threads together."""
    started, ticks = time.perf_counter(), time.process_time()
    work()
    return {"clock": time.perf_counter() - started, "processor": time.process_time() - ticks}


def memory() -> dict[str, int]:
    """Bytes of this process: its own, and files it has mapped and looked at (Linux; elsewhere its peak)."""
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        import resource

        return {"own": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "mapped": 0}
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith("Rss")}
    return {"own": sizes["RssAnon"], "mapped": sizes["RssFile"]}


def main(name: str, part: str, rows: str, asked: str, truth: str, folder: str, limit: str) -> None:
    """One part of one engine; prints its JSON."""
    engine = ENGINES[name]()
    warm = np.ones(4, np.float32) @ np.ones(4, np.float32)  # numpy's own buffers are there before memory is measured
    if part == "build":
        report = build(engine, np.load(rows, mmap_mode="r"), Path(folder), float(limit))
    elif part == "change":
        report = change(engine, np.load(rows, mmap_mode="r"), Path(folder))
    else:
        report = ask(engine, np.load(asked), np.load(truth), Path(folder))
    print(json.dumps(report | {"warm": float(warm)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
