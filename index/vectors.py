"""The shelf's vectors: added and removed by passage id, searched by cosine, safe to use from several threads.

SQLite is the truth; what is here is a cache that may be thrown away and built again (see `index/vectorfile.py`
for the files). Faiss crashes the process when two threads add and search, answers -1 for "nothing" and reads
foreign memory at a wrong dimension, so every call is checked (no `assert`: they vanish under `python -O`) and
holds one lock.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, get_args

import numpy as np

Kind = Literal["flat", "ivf", "hnsw"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Measured with faiss 1.15 on MiniLM vectors of 10,000 STAR messages and neighbours mixed from them, one query on one
# AVX2 core, p50 ms / recall@10. 10,000: flat 0.50 / 1.000. 100,000: flat 11 / 1.000; 512 lists, 64 of them read,
# 1.0 / .987, trained and filled in 10 s; HNSW32 0.30 / .968, filled in 28 s, 4 times the memory, no removing.
FLAT_NUMBERS = 50_000 * 384  # up to here every vector is compared, as 16-bit floats; nothing to train
GPU_LIMIT = 200_000  # from here a copy on the graphics card is worth its memory
TRAINING_PER_LIST = 64  # vectors k-means sees per list; with 256 recall stayed, building took twice as long
NPROBE_SHARE = 16  # one list in so many is read by a search ...
NPROBE_LEAST = 64  # ... but never fewer than these
HNSW_LINKS = 32
HNSW_SEARCH = 128
STALE_SHARE = 0.2  # share of removed vectors still inside an HNSW graph from which rebuilding is due


class VectorIndex(Protocol):
    """Unit vectors by id. Raises ValueError for a wrong shape, type, id or a number that is not finite."""

    dimension: int

    def __len__(self) -> int: ...

    def ids(self) -> np.ndarray:
        """(n,) int64 in no particular order."""
        ...

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Put (n,) int64 ids with (n, dimension) float32 unit rows; an id already there is replaced."""
        ...

    def remove(self, ids: np.ndarray) -> int:
        """Take out the (n,) int64 ids; says how many were there."""
        ...

    def search(self, queries: np.ndarray, top: int) -> list[list[tuple[int, float]]]:
        """For each of (q, dimension) float32 unit rows the `top` nearest as (id, cosine), best first.

        A list is shorter than `top` only when fewer vectors are kept (an HNSW graph with many removed vectors
        may miss some too); there are no placeholder ids.
        """
        ...


def load_faiss() -> Any:
    """The library; imported by the first index that is made (0.3 s), untyped because its stubs are incomplete."""
    import faiss

    return faiss


def choose_kind(count: int, dimension: int) -> Kind:
    """The kind of index for so many vectors: exact while that is quick, then inverted lists.

    HNSW is offered by name only: at the same recall it was no faster, it cannot remove, and it is slow to build.
    """
    return "flat" if count * dimension <= FLAT_NUMBERS else "ivf"


class FaissIndex:
    """A `VectorIndex` in memory, on top of faiss. Make one with `new_index` or `build_index`."""

    def __init__(self, inner: Any, kind: Kind) -> None:
        self.dimension = int(inner.d)
        self.kind: Kind = kind
        self._inner = inner
        self._lock = threading.RLock()
        self._ids = _stored_ids(inner, kind)
        self._on_gpu: Any = None
        if kind == "ivf":
            inner.nprobe = lists_read(inner.nlist)

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self) -> np.ndarray:
        with self._lock:
            return self._ids.copy()

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        ids, vectors = _checked_ids(ids), _checked_vectors(vectors, self.dimension)
        if len(ids) != len(vectors):
            raise ValueError(f"{len(ids)} ids for {len(vectors)} vectors")
        if len(np.unique(ids)) != len(ids):
            raise ValueError("the same id twice in one call")
        if not len(ids):
            return
        with self._lock:
            self.remove(ids)
            self._inner.add_with_ids(vectors, ids)
            self._ids = np.concatenate([self._ids, ids])
            self._on_gpu = None

    def remove(self, ids: np.ndarray) -> int:
        ids = _checked_ids(ids)
        with self._lock:
            gone = np.isin(self._ids, ids)
            count = int(gone.sum())
            if count:
                self._take_out(self._ids[gone])
                self._ids = self._ids[~gone]
                self._on_gpu = None
            return count

    def search(self, queries: np.ndarray, top: int) -> list[list[tuple[int, float]]]:
        queries = _checked_vectors(queries, self.dimension)
        if top < 1:
            raise ValueError(f"top must be at least 1, not {top}")
        with self._lock:
            wanted = min(int(top), len(self._ids))
            if not wanted or not len(queries):
                return [[] for _ in queries]
            scores, ids = self._nearest(queries, wanted)
        return [
            [(found, score) for found, score in zip(*row, strict=True) if found >= 0]
            for row in zip(ids.tolist(), scores.clip(-1, 1).tolist(), strict=True)  # 8 bits overshoot a little
        ]

    @property
    def wants_rebuild(self) -> bool:
        """True when another kind fits the size by now, or a graph carries too many removed vectors."""
        with self._lock:
            if self.kind == "hnsw":
                return int(self._inner.ntotal) - len(self) > STALE_SHARE * int(self._inner.ntotal)
            numbers = len(self) * self.dimension
            outgrown = self.kind == "flat" and numbers > 2 * FLAT_NUMBERS
            return outgrown or (self.kind == "ivf" and numbers < FLAT_NUMBERS // 4)

    def frozen(self) -> AbstractContextManager[Any]:
        """While this is entered, other threads wait with every call."""
        return self._lock

    def write_to(self, write: Any) -> None:
        """Hand the whole index to `write(bytes) -> int` piece by piece, nothing changing meanwhile."""
        faiss = load_faiss()
        with self._lock:
            faiss.write_index(self._inner, faiss.PyCallbackIOWriter(write))

    def _nearest(self, queries: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
        """(q, wanted) scores and ids, id -1 where faiss found too few."""
        faiss = load_faiss()
        if self.kind == "hnsw":
            live = faiss.IDSelectorRange(0, np.iinfo(np.int64).max)
            depth = max(HNSW_SEARCH, 2 * wanted)
            return self._inner.search(queries, wanted, params=faiss.SearchParametersHNSW(sel=live, efSearch=depth))
        inner = self._gpu_copy() if wanted <= 2048 else None
        scores, ids = (inner or self._inner).search(queries, wanted)
        if self.kind == "ivf" and (ids < 0).any():  # the lists that were read hold too few: read all of them
            return self._inner.search(queries, wanted, params=faiss.SearchParametersIVF(nprobe=self._inner.nlist))
        return scores, ids

    def _take_out(self, present: np.ndarray) -> None:
        """Remove ids that are there; in a graph, which can't, their slots get the id -1 and are never found."""
        faiss = load_faiss()
        if self.kind != "hnsw":
            self._inner.remove_ids(present)
            return
        slots = faiss.rev_swig_ptr(self._inner.id_map.data(), self._inner.ntotal)
        slots[np.isin(slots, present)] = -1

    def _gpu_copy(self) -> Any:
        """The copy on the graphics cards, made anew after a change; None without a card or for a small index.

        Written from the documentation of faiss-gpu; no machine with a card was at hand to run it.
        """
        faiss = load_faiss()
        if len(self._ids) < GPU_LIMIT or not getattr(faiss, "get_num_gpus", int)():
            return None
        if self._on_gpu is None:
            self._on_gpu = faiss.index_cpu_to_all_gpus(self._inner)
        return self._on_gpu


def new_index(
    dimension: int, kind: Kind = "flat", sample: np.ndarray | None = None, expected: int = 0, seed: int = 0
) -> FaissIndex:
    """An empty index. "ivf" needs a `sample` (n, dimension) of what will come, and how many are `expected`."""
    faiss = load_faiss()
    if dimension < 1 or kind not in KINDS:
        raise ValueError(f"no index of dimension {dimension} and kind {kind!r}; kinds: {', '.join(KINDS)}")
    metric = faiss.METRIC_INNER_PRODUCT
    if kind == "flat":
        halves = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, metric)
        return FaissIndex(faiss.IndexIDMap(halves), kind)
    if kind == "hnsw":
        return FaissIndex(faiss.IndexIDMap(faiss.IndexHNSWFlat(dimension, HNSW_LINKS, metric)), kind)
    if sample is None or not len(sample):
        raise ValueError("an ivf index is trained on a sample of its vectors")
    return FaissIndex(_trained_lists(_checked_vectors(sample, dimension), max(expected, len(sample)), seed), kind)


def build_index(ids: np.ndarray, vectors: np.ndarray, kind: Kind | None = None, seed: int = 0) -> FaissIndex:
    """An index of the (n,) ids and (n, dimension) unit rows, of the kind that fits their number.

    The same vectors and seed give the same answers.
    """
    if vectors.ndim != 2:
        raise ValueError(f"vectors must be (n, dimension), not {vectors.shape}")
    kind = kind or choose_kind(*vectors.shape)
    index = new_index(vectors.shape[1], kind, vectors if kind == "ivf" else None, len(vectors), seed)
    index.add(ids, vectors)
    return index


def list_count(count: int) -> int:
    """Inverted lists for so many vectors: the power of two nearest to 2 * sqrt(count), at least 1."""
    return 1 << max(0, round(np.log2(2 * max(1, count) ** 0.5)))


def lists_read(lists: int) -> int:
    """How many of the lists one search reads."""
    return min(lists, max(NPROBE_LEAST, lists // NPROBE_SHARE))


def _trained_lists(sample: np.ndarray, expected: int, seed: int) -> Any:
    """An empty IVF index with 8 bits a dimension, its lists found by k-means on at most 64 vectors a list."""
    faiss = load_faiss()
    lists = min(list_count(expected), len(sample))
    chosen = np.random.default_rng(seed).permutation(len(sample))[: TRAINING_PER_LIST * lists]
    dimension = sample.shape[1]
    coarse = faiss.IndexFlat(dimension, faiss.METRIC_INNER_PRODUCT)
    inner = faiss.IndexIVFScalarQuantizer(
        coarse, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    inner.cp.seed = seed
    inner.cp.min_points_per_centroid = 1  # no warning for small samples
    inner.train(np.ascontiguousarray(sample[np.sort(chosen)]))
    return inner


def _stored_ids(inner: Any, kind: Kind) -> np.ndarray:
    """The live ids inside a faiss index."""
    faiss = load_faiss()
    if kind != "ivf":
        slots = faiss.vector_to_array(inner.id_map)
        return slots[slots >= 0]
    lists = inner.invlists
    parts = [
        faiss.rev_swig_ptr(lists.get_ids(number), lists.list_size(number)).copy()
        for number in range(inner.nlist)
        if lists.list_size(number)
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _checked_ids(ids: np.ndarray) -> np.ndarray:
    if not isinstance(ids, np.ndarray) or ids.dtype != np.int64 or ids.ndim != 1:
        raise ValueError("ids must be a one-dimensional numpy array of int64")
    if len(ids) and ids.min() < 0:
        raise ValueError(f"ids must not be negative: {ids.min()}")
    return np.ascontiguousarray(ids)


def _checked_vectors(vectors: np.ndarray, dimension: int) -> np.ndarray:
    if not isinstance(vectors, np.ndarray) or vectors.dtype != np.float32 or vectors.ndim != 2:
        raise ValueError("vectors must be a two-dimensional numpy array of float32")
    if vectors.shape[1] != dimension:
        raise ValueError(f"vectors of dimension {vectors.shape[1]} do not fit an index of dimension {dimension}")
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.isfinite(lengths).all():
        raise ValueError("vectors must be finite numbers")
    if len(lengths) and np.abs(lengths - 1).max() > 0.01:
        raise ValueError("vectors must have length 1")
    return np.ascontiguousarray(vectors)
