"""`make bench-retrieval`, speed and memory: our index beside those of others, on the same vectors in the same run.

Each engine is filled and asked in processes of its own (`bench/retrieval_peers.py`), one after another, with one thread
each. An engine that is not installed is told as such. `python -m bench.retrieval_speed --sizes 10000 --save out.json`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench import machine
from bench.report import Report, Writer, table

TITLE = "Speed and memory of the index beside others"
DATASETS = machine.ROOT.parent / "shared" / "datasets"
PEERS = Path(__file__).with_name("retrieval_peers.py")
# engine -> the module that must be there, and its package
NEEDS = {
    "deskside": ("faiss", "faiss-cpu"),
    "deskside hnsw": ("faiss", "faiss-cpu"),
    "hnswlib": ("hnswlib", "hnswlib"),
    "usearch": ("usearch", "usearch"),
    "usearch i8": ("usearch", "usearch"),
    "chroma": ("chromadb", "chromadb"),
    "lancedb": ("lancedb", "lancedb"),
    "sqlite-vec": ("sqlite_vec", "sqlite-vec"),
    "brute force": ("numpy", "numpy"),
}
# LanceDB keeps its own threads: held to one it never ends. The processor's seconds are of all threads together.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")}
HEAD = ("engine", "build", "add 1 %", "remove 1 %", "p50 ms", "p99 ms", "recall@10", "bytes", "disk", "open")
FAR = 100_000_000
PATIENCE = 3  # on a busy machine the clock shows so many times what the processor worked


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    asked = parse(arguments)
    facts = machine.describe(" ".join(["python -m bench.retrieval_speed", *(arguments or sys.argv[1:])]), asked.seed)
    print("\n".join([f"# {TITLE}", "", *machine.lines(facts), f"- {told_versions()}", ""]), flush=True)
    report = run(asked)
    print(report.markdown(), flush=True)
    if asked.save:
        asked.save.write_text(json.dumps({"machine": facts, **report.figures}, indent=1) + "\n", "utf-8")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The flags of one run."""
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval_speed", description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="how many vectors (comma between)")
    parser.add_argument("--engines", default=",".join(NEEDS), help=f"of {', '.join(NEEDS)}")
    parser.add_argument("--datasets", type=Path, default=DATASETS, help="folder of the real data sets")
    parser.add_argument(
        "--folder", type=Path, help="where vectors and filled engines are kept for the next run (default: nowhere)"
    )
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the peers installed")
    parser.add_argument(
        "--limit", type=float, default=1800, help="seconds of the processor that filling one engine may take"
    )
    parser.add_argument(
        "--desk",
        type=int,
        default=100_000,
        help="of which size the whole search is asked too, and an import timed (0: neither)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="also write the figures as JSON")
    asked = parser.parse_args(arguments)
    asked.sizes = [int(size) for size in asked.sizes.split(",")]
    asked.engines = [name.strip() for name in asked.engines.split(",")]
    if unknown := set(asked.engines) - set(NEEDS):
        parser.error(f"no engine {', '.join(sorted(unknown))}; there are {', '.join(NEEDS)}")
    return asked


def run(asked: argparse.Namespace) -> Report:
    """Every engine at every size, then what follows for a hundred million."""
    from bench.retrieval_vectors import embedded, make_shelf, messages

    writer = Writer(TITLE)
    if not messages(asked.datasets):
        writer.say(f"Skipped: no data sets in {asked.datasets.name}.")
        return writer.done()
    with tempfile.TemporaryDirectory(prefix="deskside-speed-") as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        real = embedded(asked.datasets, folder / "real.npy", asked.seed)
        for size in asked.sizes:
            shelf = make_shelf(real, size, folder / f"shelf{size}", asked.seed)
            rows = {name: measured(name, shelf, folder, asked) for name in asked.engines}
            writer.figures[str(size)] = rows
            writer.say(f"### {size:,} vectors")
            writer.say(*table(HEAD, [cells(name, row, size) for name, row in rows.items()]))
        writer.say(*projected(writer.figures))
        if asked.desk in asked.sizes:
            from bench.retrieval_desk import run as ask_desk

            shelf = make_shelf(real, asked.desk, folder / f"shelf{asked.desk}", asked.seed)
            desk = ask_desk(shelf, asked.datasets, folder / f"desk{asked.desk}", asked.seed)
            writer.say(f"### {desk.title}", *["", *desk.lines])
            writer.figures["desk"] = desk.figures
            from bench.retrieval_ingest import run as ingest

            taken = ingest(asked.datasets / "star" / "transcripts.jsonl.gz", folder / "ingest")
            writer.say(f"### {taken.title}", *["", *taken.lines])
            writer.figures["ingest"] = taken.figures
    return writer.done()


def measured(name: str, shelf: Any, folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """The figures of one engine, or why there are none."""
    if not installed(asked.python, NEEDS[name][0]):
        return {"absent": f"{NEEDS[name][1]} is not installed"}
    place, note = (folder / f"{shelf.count} {name}{kind}" for kind in ("", ".json"))
    told: dict[str, Any] = {}
    if note.is_file():
        told = json.loads(note.read_text("utf-8")) | {"kept": True}
    else:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        told = part_of(name, "build", shelf, place, asked)
        if "absent" not in told:
            note.write_text(json.dumps(told), "utf-8")
    if "absent" not in told:
        told |= part_of(name, "ask", shelf, place, asked)
    if "absent" not in told:
        with tempfile.TemporaryDirectory(dir=folder) as copy:  # what is kept stays as it was filled
            shutil.copytree(place, copy, dirs_exist_ok=True)
            told |= part_of(name, "change", shelf, Path(copy), asked)
    if not asked.folder or "build" not in told:
        shutil.rmtree(place, ignore_errors=True)
    print(f"({name}, {shelf.count:,}: {json.dumps(told)})", file=sys.stderr, flush=True)
    return told


def part_of(name: str, part: str, shelf: Any, place: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """What one part of one engine told, in a process of its own; "absent" says why it has no end."""
    command = [asked.python, PEERS, name, part, shelf.rows, shelf.asked, shelf.truth, place, asked.limit]
    try:
        done = subprocess.run(
            [str(each) for each in command], env=machine.clean_environment() | ONE_THREAD, capture_output=True,
            text=True, timeout=PATIENCE * asked.limit, check=True,
        )  # fmt: skip
        told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return told
    except subprocess.TimeoutExpired:
        return {"absent": f"not done with {part} after {PATIENCE * asked.limit:,.0f} s of the clock"}
    except (subprocess.CalledProcessError, ValueError, IndexError) as trouble:
        said = getattr(trouble, "stderr", "") or str(trouble)
        return {"absent": f"failed: {said.strip().splitlines()[-1][:120]}"}


def installed(python: str, module: str) -> bool:
    """Whether that interpreter has the module."""
    if python == sys.executable:
        return importlib.util.find_spec(module) is not None
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", code]).returncode == 0


def cells(name: str, row: dict[str, Any], size: int) -> list[str]:
    """One line of the table. Seconds are the processor's."""
    if "processor_ms" not in row:
        return [f"{name}: {row.get('absent', 'not measured')}", *["-"] * (len(HEAD) - 1)]
    seconds = [f"{row[part]['processor']:,.2f} s" for part in ("build", "add", "remove")]
    times = [f"{row['processor_ms'][part]:.3f}" for part in ("p50", "p99")]
    own = row["bytes_each"] if "bytes_each" in row else row["memory"]["own"] / size
    disk, opened = row["disk"] / size, row["open"]["processor"]
    return [name, *seconds, *times, f"{row['recall']:.3f}", f"{own:,.0f}", f"{disk:,.0f}", f"{opened:.2f} s"]


def projected(figures: dict[str, Any]) -> list[str]:
    """A hundred million on paper: the power law through the two largest sizes of our index, carried on."""
    ours = {int(size): rows["deskside"] for size, rows in figures.items() if "processor_ms" in rows.get("deskside", {})}
    trained = {size: row for size, row in ours.items() if row.get("kind") != "flat"}
    if len(trained) < 2:
        return ["Not carried on to 100,000,000: that needs two sizes at which the index is trained."]
    (small, low), (large, high) = sorted(trained.items())[-2:]

    def carried(one: float, other: float) -> float:
        slope = math.log(other / one) / math.log(large / small)
        return float(other * (FAR / large) ** slope)

    p99 = carried(low["processor_ms"]["p99"], high["processor_ms"]["p99"])
    build = carried(low["build"]["processor"], high["build"]["processor"])
    memory = high["bytes_each"] * FAR / 1e9
    disk = high["disk"] / large * FAR / 1e9
    return [
        f"On paper, {FAR:,} vectors on one machine (the slopes from {small:,} to {large:,} carried on): p99 {p99:.1f}"
        f" ms of one core, {memory:,.0f} GB of memory, {disk:,.0f} GB on the disk, {build / 3600:,.1f} h of one core to"
        " build."
        " Beyond that, or for more questions a second than the cores give, Milvus shards the same."
    ]


def told_versions() -> str:
    """The peers that are installed here, with versions."""
    found = []
    for package in dict.fromkeys(package for _, package in NEEDS.values()):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not installed")
    return ", ".join(found)


if __name__ == "__main__":
    sys.exit(main())
