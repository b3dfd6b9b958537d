"""The indexes that are measured beside each other, ours and those of others, behind the same few words.

Each is filled and saved by `build`, opened by `open`, asked through what `search` gives for one of its `steps` (how
hard it looks), and changed by `add` and `remove`. Only numpy and the engine are imported, so that memory is the
engine's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

STEPS = (10, 16, 24, 32, 40, 48, 56, 64, 80, 96, 128, 192, 256, 384, 512, 768, 1024)
BLOCK = 5000

Search = Callable[[np.ndarray], Any]


class Stopped(Exception):
    """Filling was given up: `at` so many vectors."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def blocks(rows: np.ndarray, until: float = float("inf"), size: int = BLOCK) -> Iterator[tuple[int, np.ndarray]]:
    """The rows in memory, some after some, each with the number of its first. Raises Stopped once the processor has
    worked for longer than `until` (seconds of this process)."""
    for start in range(0, len(rows), size):
        if time.process_time() > until:
            raise Stopped(start)
        yield start, np.array(rows[start : start + size])


class BruteForce:
    """numpy over everything, the yardstick of exactness."""

    steps: tuple[int, ...] = (0,)

    def build(self, rows: np.ndarray, folder: Path, until: float) -> None:
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

    def build(self, rows: np.ndarray, folder: Path, until: float) -> None:
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

    def build(self, rows: np.ndarray, folder: Path, until: float) -> None:
        self.index = self._empty()
        self.index.init_index(int(len(rows) * 1.1) + 100, M=16, ef_construction=200, random_seed=0)
        for start, some in blocks(rows, until):
            self.index.add_items(some, np.arange(start, start + len(some)), num_threads=1)
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

    def build(self, rows: np.ndarray, folder: Path, until: float) -> None:
        from usearch.index import Index

        self.index = Index(ndim=384, metric="ip", dtype=self.dtype)
        for start, some in blocks(rows, until):
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

    def build(self, rows: np.ndarray, folder: Path, until: float) -> None:
        client = self._opened(folder)
        self.found = client.create_collection(
            "rows", configuration={"hnsw": {"space": "ip", "num_threads": 1}}, embedding_function=None
        )
        for start, some in blocks(rows, until):
            self.add(np.arange(start, start + len(some)), some)

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        for start, some in blocks(rows):
            self.found.add(ids=[str(each) for each in ids[start : start + len(some)]], embeddings=some)

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

    def build(self, rows: np.ndarray, folder: Path, until: float) -> None:
        import lancedb

        self.folder = folder
        self.table = lancedb.connect(str(folder)).create_table("rows", data=self._batches(0, rows))
        self.table.create_index(metric="dot", vector_column_name="vector")

    def _batches(self, first: int, rows: np.ndarray) -> Any:
        import pyarrow

        def made() -> Iterator[Any]:
            for start, some in blocks(rows):
                flat = some.reshape(-1)
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

    def build(self, rows: np.ndarray, folder: Path, until: float) -> None:
        self.db = self._opened(folder)
        self.db.execute("CREATE VIRTUAL TABLE rows USING vec0(vector float[384] distance_metric=cosine)")
        for start, some in blocks(rows, until):
            self.add(np.arange(start, start + len(some)), some)

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
