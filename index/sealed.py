"""Vectors at rest: trained once, searched often, never added to. Inverted lists with 4-bit codes, or a graph.

Both find a few hundred candidates and compare these again with the vectors themselves, which lie beside as 16-bit
floats and may be mapped from the disk. What is removed is only marked; what is new waits in `index/loose.py`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from index.choice import HNSW_LINKS, Choice, Kind, code_parts
from index.nearest import give_coarse, load_faiss, nearest_of_all, viewed

Chunks = Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]

TRAINING_PER_LIST = 64  # vectors k-means sees per list; with 256 recall stayed, building took twice as long
LEAST_TRAINING, MOST_TRAINING = 4096, 262_144
ROUNDS = 10
# Candidates compared again; three times as many as asked for where that is more.
COMPARED = (50, 70, 100, 200, 400, 800)
CODE_COST, ROW_COST = 8e-9, 2e-7  # seconds on an AVX-512 core: to look at a code, to compare a mapped row
RECALL = 0.993  # of the ten nearest, on a sample that is like questions
SAMPLE = 256
MOST_MEASURED = 4_000_000  # above it the sample is not compared with all, the usual share of lists is read
USUAL_SHARE = 1 / 16
HNSW_SEARCH = 128
HNSW_LEAST = 32
HNSW_BUILD = 80
STEPS = (2, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 192, 256)


@dataclass
class Sealed:
    """A trained index over rows (n, dimension) of 16-bit floats and their ascending ids.

    `live` has one bit a row, 0 where it was removed. Not safe from several threads: its owner holds a lock.
    """

    kind: Kind
    inner: Any
    ids: np.ndarray
    rows: np.ndarray
    live: np.ndarray
    reads: int
    compared: int = 0
    recall: float | None = None
    gone: int = 0
    kept_as: dict[str, Any] = field(default_factory=dict)  # files that hold what never changes, once it was saved
    _exact: Any = field(default=None, repr=False)
    _refined: Any = field(default=None, repr=False)
    _wishes: dict[tuple[int, int, int], Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.rest_on(self.rows)

    def __len__(self) -> int:
        return len(self.ids) - self.gone

    def rest_on(self, rows: np.ndarray) -> None:
        """Take the vectors from this array (an equal one, mapped from another file) from now on."""
        faiss = load_faiss()
        self.rows = rows
        self._exact = viewed(rows)
        self._wishes.clear()
        if self.kind == "hnsw":
            _take_storage(self.inner)
            self.inner.storage = self._exact
        else:
            self._refined = faiss.IndexRefine(self.inner, self._exact)

    def live_ids(self) -> np.ndarray:
        """The ids that were not removed, ascending."""
        return self.ids[self.is_live()] if self.gone else self.ids

    def is_live(self) -> np.ndarray:
        """(n,) true where a row was not removed."""
        return np.unpackbits(self.live, count=len(self.ids), bitorder="little").astype(bool)

    def slots(self, ids: np.ndarray) -> np.ndarray:
        """Where the rows of those of these ids lie that are here and live."""
        places = np.searchsorted(self.ids, ids)
        places = places[places < len(self.ids)] if len(ids) else places
        places = np.unique(places[np.isin(self.ids[places], ids)])
        return places[(self.live[places >> 3] >> (places & 7).astype(np.uint8)) & 1 > 0]

    def remove(self, ids: np.ndarray) -> int:
        """Mark the ids as removed; says how many were live."""
        places = self.slots(ids)
        bits = np.left_shift(1, places & 7).astype(np.uint8)
        np.bitwise_and.at(self.live, places >> 3, ~bits)
        self.gone += len(places)
        return len(places)

    def memory(self) -> int:
        """Bytes in memory, without rows that are mapped from the disk."""
        size = self.ids.nbytes + self.live.nbytes
        size += 0 if isinstance(self.rows, np.memmap) else self.rows.nbytes
        if self.kind == "hnsw":
            graph = self.inner.hnsw
            return size + 4 * (graph.neighbors.size() + graph.levels.size()) + 8 * graph.offsets.size()
        size += 4 * self.inner.d * self.inner.nlist
        return size + sum(self.inner.invlists.list_size(at) for at in range(self.inner.nlist)) * (
            8 + self.inner.pq.M // 2
        )

    def search(self, queries: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
        """(q, wanted) cosines and ids, best first; `wanted` is at most the number of live rows."""
        scores, slots = self._nearest(queries, wanted)
        if (slots[:, -1] < 0).any():  # too little stood where it looked: look everywhere
            scores, slots = self._everywhere(queries, wanted)
        return scores, self.ids[slots]

    def _nearest(self, queries: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
        if wanted * 3 > len(self):
            return self._everywhere(queries, wanted)
        index = self.inner if self.kind == "hnsw" else self._refined
        return index.search(queries, wanted, params=self._wish(wanted))

    def _everywhere(self, queries: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
        return self._exact.search(queries, wanted, params=load_faiss().SearchParameters(sel=self._selector()))

    def _selector(self) -> Any:
        return load_faiss().IDSelectorBitmap(self.live)  # looks at this very array, which `remove` changes in place

    def _wish(self, wanted: int) -> Any:
        """What a search asks faiss for, made once: it takes longer to make than a small search."""
        key = (wanted, self.reads, self.compared)
        if key not in self._wishes or (self.gone and not self._wishes[key][1]):
            faiss = load_faiss()
            if len(self._wishes) > 64:
                self._wishes.clear()
            selector = self._selector() if self.gone else None
            if self.kind == "hnsw":
                wish = faiss.SearchParametersHNSW(efSearch=max(self.reads, 2 * wanted), sel=selector)
            else:
                lists = faiss.SearchParametersIVF(nprobe=self.reads, sel=selector)
                factor = max(self.compared, 3 * wanted) / wanted
                wish = faiss.IndexRefineSearchParameters(k_factor=factor, base_index_params=lists)
            self._wishes[key] = wish, selector
        return self._wishes[key][0]


def _take_storage(graph: Any) -> None:
    """Free the vectors that a graph was built with; it is given others."""
    if graph.own_fields:
        built_with = graph.storage
        graph.own_fields = False
        built_with.this.own(True)


def seal(
    chunks: Chunks, sample: np.ndarray, expected: int, choice: Choice, folder: Path | None = None, seed: int = 0
) -> Sealed:
    """A trained index of all (ids, unit rows) that `chunks` gives, ids ascending; trained on `sample` of them.

    The rows go into a nameless file in `folder`, mapped; without one they stay in memory. The same vectors and seed
    give the same answers.
    """
    dimension = sample.shape[1]
    inner = _graph(dimension) if choice.kind == "hnsw" else _trained_lists(sample, expected, choice, seed)
    ids, parts = [np.empty(0, np.int64)], [np.empty((0, dimension), np.float16)]
    with tempfile.TemporaryFile(dir=folder) if folder else tempfile.SpooledTemporaryFile() as file:
        for some, vectors in chunks():
            halves = np.ascontiguousarray(vectors, np.float16)
            inner.add(halves.astype(np.float32))
            ids.append(some)
            if folder:
                file.write(halves.tobytes())
            else:
                parts.append(halves)
        file.flush()
        every = np.concatenate(ids)
        mapped = folder is not None and len(every) > 0
        rows = np.memmap(file, np.float16, "r", shape=(len(every), dimension)) if mapped else np.concatenate(parts)
    live = np.packbits(np.ones(len(every), bool), bitorder="little")
    reads = HNSW_SEARCH if choice.kind == "hnsw" else max(1, round(inner.nlist * USUAL_SHARE))
    made = Sealed(choice.kind, inner, every, rows, live, reads, COMPARED[-1])
    _measure(made, seed)
    return made


def training_places(count: int, seed: int) -> np.ndarray:
    """Which of so many rows an index is trained on, ascending."""
    enough = min(MOST_TRAINING, max(LEAST_TRAINING, TRAINING_PER_LIST * list_count(count)))
    return np.sort(np.random.default_rng(seed).permutation(count)[:enough])


def list_count(count: int) -> int:
    """Inverted lists for so many vectors: the power of two nearest to 2 * sqrt(count), at least 1."""
    return 1 << max(0, round(np.log2(2 * max(1, count) ** 0.5)))


def _graph(dimension: int) -> Any:
    faiss = load_faiss()
    halves = faiss.ScalarQuantizer.QT_fp16
    graph = faiss.IndexHNSWSQ(dimension, halves, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = HNSW_BUILD
    graph.is_trained = True
    return graph


def _trained_lists(sample: np.ndarray, expected: int, choice: Choice, seed: int) -> Any:
    """Empty lists with 4-bit codes of what is left to their centres, trained on at most 64 vectors a list."""
    faiss = load_faiss()
    lists = min(list_count(max(expected, len(sample))), max(1, len(sample) // 4))
    dimension = sample.shape[1]
    coarse = faiss.IndexFlat(dimension, faiss.METRIC_INNER_PRODUCT)
    parts = code_parts(dimension, choice.dimensions_a_code)
    inner = faiss.IndexIVFPQFastScan(coarse, dimension, lists, parts, 4, faiss.METRIC_INNER_PRODUCT)
    give_coarse(inner, coarse)
    inner.by_residual = True
    for training in (inner.cp, inner.pq.cp):
        training.seed, training.niter, training.min_points_per_centroid = seed, ROUNDS, 1
    inner.cp.spherical = True
    inner.train(np.resize(sample, (max(16, len(sample)), dimension)))  # a code has 16 values
    return inner


def _measure(made: Sealed, seed: int) -> None:
    """Set how much a search looks at: the least work that reaches RECALL on a sample of the rows. Keeps the recall."""
    count = len(made.ids)
    if count > MOST_MEASURED or count < 100:
        return
    queries = like_questions(made.rows, seed)
    truth = nearest_of_all(made.rows, queries, 10)
    for reads, compared in _efforts(made):
        made.reads, made.compared = reads, compared
        found = made._nearest(queries, 10)[1]
        made.recall = float(np.mean([len(set(one) & set(other)) for one, other in zip(found, truth, strict=True)]) / 10)
        if made.recall >= RECALL:
            return


def like_questions(rows: np.ndarray, seed: int) -> np.ndarray:
    """(n, dimension) float32 to measure recall with: the middle of two rows drawn. The rows themselves are too
    easy: what is like a row lies in its own list, what answers a new question is scattered over several."""
    chosen = np.random.default_rng(seed).permutation(len(rows))[: 2 * SAMPLE].astype(np.int64)
    some = rows[np.sort(chosen)].astype(np.float32)[np.argsort(np.argsort(chosen))]
    half = len(some) // 2
    mixed = some[:half] + some[half : 2 * half]
    queries: np.ndarray = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    return queries


def _efforts(made: Sealed) -> list[tuple[int, int]]:
    """How many lists to read and how many candidates to compare again (of a graph: how wide to walk), least work first
    by what both were measured to take."""
    if made.kind == "hnsw":
        return [(step, 0) for step in STEPS if step >= HNSW_LEAST]
    lists = made.inner.nlist
    steps = [step for step in STEPS if step < lists] + [lists]
    efforts = [(reads, compared) for reads in steps for compared in COMPARED]
    return sorted(efforts, key=lambda each: each[0] / lists * len(made.ids) * CODE_COST + each[1] * ROW_COST)
