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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
WANTED_RECALL = 0.98
ROUNDS = 5
LIMIT_SECONDS = 40.0  # of asking; slow engines are asked fewer questions
CHANGED_SHARE = 0.01
STEPS = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)

Search = Callable[[np.ndarray], Any]


class BruteForce:
    """numpy over everything, the yardstick of exactness."""

    steps: tuple[int, ...] = (0,)

    def build(self, rows: np.ndarray, folder: Path) -> None:
        self.rows = np.array(rows)
        np.save(folder / "rows.npy", self.rows)

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        self.rows = np.concatenate([self.rows, rows])

    def remove(self, ids: np.ndarray) -> None:
        self.rows = np.delete(self.rows, ids, axis=0)

    def open(self, folder: Path) -> None:
        self.rows = np.load(folder / "rows.npy")

    def search(self, step: int) -> Search:
        def find(query: np.ndarray) -> np.ndarray:
            scores = self.rows @ query
            best = np.argpartition(scores, -10)[-10:]
            found: np.ndarray = best[np.argsort(-scores[best])]
            return found

        return find


class Deskside:
    """The index as Deskside chooses it for so many vectors, with the lists it found it must read."""

    steps: tuple[int, ...] = (0,)
    kind: Any = None
    memory_mb = 0

    def build(self, rows: np.ndarray, folder: Path) -> None:
        from index.vectorfile import save_index
        from index.vectors import build_index

        self.index = build_index(np.arange(len(rows), dtype=np.int64), rows, self.kind, folder=folder)
        save_index(self.index, folder, {})

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        self.index.add(ids, rows)

    def remove(self, ids: np.ndarray) -> None:
        self.index.remove(ids)

    def open(self, folder: Path) -> None:
        from index.vectorfile import load_index

        self.index = load_index(folder, expect={}).index

    def search(self, step: int) -> Search:
        index = self.index
        return lambda query: [found for found, _ in index.search(query[None], 10)[0]]

    def told(self) -> dict[str, Any]:
        sealed = self.index.halves()[0]
        return {
            "kind": self.index.kind,
            "reads": sealed.reads if sealed else 0,
            "compared": sealed.compared if sealed else 0,
            "own_recall": self.index.recall,
            "bytes_each": self.index.bytes_each(),
        }


class DesksideGraph(Deskside):
    """Deskside's HNSW, which is never chosen by itself."""

    kind = "hnsw"


class Hnswlib:
    """hnswlib with its usual M 16 and ef_construction 200."""

    steps = STEPS

    def _empty(self) -> Any:
        import hnswlib

        index = hnswlib.Index("ip", 384)
        index.set_num_threads(1)
        return index

    def build(self, rows: np.ndarray, folder: Path) -> None:
        self.index = self._empty()
        self.index.init_index(int(len(rows) * 1.1) + 100, M=16, ef_construction=200, random_seed=0)
        self.index.add_items(rows, np.arange(len(rows)), num_threads=1)
        self.index.save_index(str(folder / "hnswlib.bin"))

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        self.index.add_items(rows, ids, num_threads=1)

    def remove(self, ids: np.ndarray) -> None:
        for each in ids.tolist():
            self.index.mark_deleted(each)

    def open(self, folder: Path) -> None:
        self.index = self._empty()
        self.index.load_index(str(folder / "hnswlib.bin"), max_elements=0)
        self.index.resize_index(int(self.index.get_current_count() * 1.1) + 100)

    def search(self, step: int) -> Search:
        self.index.set_ef(step)
        return lambda query: self.index.knn_query(query, 10, num_threads=1)[0][0]


class Usearch:
    """usearch with its usual connectivity and numbers."""

    steps = STEPS
    dtype: Any = None

    def build(self, rows: np.ndarray, folder: Path) -> None:
        from usearch.index import Index

        self.index = Index(ndim=384, metric="ip", dtype=self.dtype)
        for start in range(0, len(rows), 10_000):
            some = np.array(rows[start : start + 10_000])
            self.index.add(np.arange(start, start + len(some)), some, threads=1)
        self.index.save(str(folder / "usearch.bin"))

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        self.index.add(ids, rows, threads=1)

    def remove(self, ids: np.ndarray) -> None:
        self.index.remove(ids)

    def open(self, folder: Path) -> None:
        from usearch.index import Index

        self.index = Index(ndim=384, metric="ip", dtype=self.dtype)
        self.index.load(str(folder / "usearch.bin"))

    def search(self, step: int) -> Search:
        self.index.expansion_search = step
        return lambda query: self.index.search(query, 10, threads=1).keys

    def told(self) -> dict[str, Any]:
        return {"kind": str(self.index.dtype)}


class UsearchBytes(Usearch):
    """usearch with 8 bits a dimension."""

    dtype = "i8"


class Chroma:
    """Chroma's persistent client, its usual HNSW."""

    steps = STEPS

    def _opened(self, folder: Path) -> Any:
        import chromadb
        from chromadb.config import Settings

        return chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))

    def build(self, rows: np.ndarray, folder: Path) -> None:
        client = self._opened(folder)
        self.found = client.create_collection(
            "rows", configuration={"hnsw": {"space": "ip", "num_threads": 1}}, embedding_function=None
        )
        self.add(np.arange(len(rows)), rows)

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        for start in range(0, len(ids), 5000):
            some = ids[start : start + 5000]
            self.found.add(ids=[str(each) for each in some], embeddings=np.array(rows[start : start + 5000]))

    def remove(self, ids: np.ndarray) -> None:
        for start in range(0, len(ids), 5000):
            self.found.delete(ids=[str(each) for each in ids[start : start + 5000]])

    def open(self, folder: Path) -> None:
        self.folder = folder
        self.found = self._opened(folder).get_collection("rows", embedding_function=None)

    def search(self, step: int) -> Search:
        from chromadb.api.client import SharedSystemClient

        self.found.modify(configuration={"hnsw": {"ef_search": step}})
        SharedSystemClient.clear_system_cache()  # the graph in memory keeps the number that it was opened with
        self.open(self.folder)

        def find(query: np.ndarray) -> np.ndarray:
            ids = self.found.query(query_embeddings=[query], n_results=10, include=[])["ids"][0]
            return np.array([int(each) for each in ids])

        return find


class Lance:
    """LanceDB's usual index, IVF with product codes; `steps` are the lists read, ten times the hits compared again."""

    steps = (5, 10, 20, 40, 80, 160, 320)

    def build(self, rows: np.ndarray, folder: Path) -> None:
        import lancedb

        self.folder = folder
        self.table = lancedb.connect(str(folder)).create_table("rows", data=self._batches(0, rows))
        self.table.create_index(metric="dot", vector_column_name="vector")

    def _batches(self, first: int, rows: np.ndarray) -> Any:
        import pyarrow

        def made() -> Iterator[Any]:
            for start in range(0, len(rows), 10_000):
                flat = np.array(rows[start : start + 10_000]).reshape(-1)
                count = len(flat) // rows.shape[1]
                vectors = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(flat), rows.shape[1])
                numbers = pyarrow.array(np.arange(first + start, first + start + count))
                yield pyarrow.RecordBatch.from_arrays([numbers, vectors], ["id", "vector"])

        batches = list(made())
        return pyarrow.Table.from_batches(batches)

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        self.table.add(self._batches(int(ids[0]), rows))

    def remove(self, ids: np.ndarray) -> None:
        self.table.delete(f"id IN ({','.join(map(str, ids.tolist()))})")

    def open(self, folder: Path) -> None:
        import lancedb

        self.table = lancedb.connect(str(folder)).open_table("rows")

    def search(self, step: int) -> Search:
        def find(query: np.ndarray) -> np.ndarray:
            asked = self.table.search(query).distance_type("dot").nprobes(step).refine_factor(10)
            found: np.ndarray = asked.select(["id"]).limit(10).to_arrow()["id"].to_numpy()
            return found

        return find


class SqliteVec:
    """sqlite-vec compares everything."""

    steps: tuple[int, ...] = (0,)

    def _opened(self, folder: Path) -> Any:
        import sqlite_vec

        try:
            import pysqlite3 as sqlite3  # type: ignore[import-untyped]
        except ImportError:
            import sqlite3
        db = sqlite3.connect(str(folder / "rows.db"))
        db.enable_load_extension(True)
        sqlite_vec.load(db)
        return db

    def build(self, rows: np.ndarray, folder: Path) -> None:
        self.db = self._opened(folder)
        self.db.execute("CREATE VIRTUAL TABLE rows USING vec0(vector float[384] distance_metric=cosine)")
        self.add(np.arange(len(rows)), rows)

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        pairs = ((each, row.tobytes()) for each, row in zip(ids.tolist(), rows, strict=True))
        self.db.executemany("INSERT INTO rows (rowid, vector) VALUES (?, ?)", pairs)
        self.db.commit()

    def remove(self, ids: np.ndarray) -> None:
        self.db.executemany("DELETE FROM rows WHERE rowid = ?", ((each,) for each in ids.tolist()))
        self.db.commit()

    def open(self, folder: Path) -> None:
        self.db = self._opened(folder)

    def search(self, step: int) -> Search:
        sql = "SELECT rowid FROM rows WHERE vector MATCH ? AND k = 10 ORDER BY distance"
        return lambda query: np.array([row[0] for row in self.db.execute(sql, [query.tobytes()])])


ENGINES: dict[str, Callable[[], Any]] = {
    "deskside": Deskside,
    "deskside hnsw": DesksideGraph,
    "hnswlib": Hnswlib,
    "usearch": Usearch,
    "usearch i8": UsearchBytes,
    "chroma": Chroma,
    "lancedb": Lance,
    "sqlite-vec": SqliteVec,
    "brute force": BruteForce,
}


def build(engine: Any, rows: np.ndarray, folder: Path) -> dict[str, Any]:
    """Seconds to fill and save it; bytes on the disk."""
    report: dict[str, Any] = {"build": timed(lambda: engine.build(rows, folder))}
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


def main(name: str, part: str, rows: str, asked: str, truth: str, folder: str) -> None:
    """One part of one engine; prints its JSON."""
    engine = ENGINES[name]()
    warm = np.ones(4, np.float32) @ np.ones(4, np.float32)  # numpy's own buffers are there before memory is measured
    if part == "build":
        report = build(engine, np.load(rows, mmap_mode="r"), Path(folder))
    elif part == "change":
        report = change(engine, np.load(rows, mmap_mode="r"), Path(folder))
    else:
        report = ask(engine, np.load(asked), np.load(truth), Path(folder))
    print(json.dumps(report | {"warm": float(warm)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
