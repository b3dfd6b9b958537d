"""The shelf's vectors: added and removed by passage id, searched by cosine, safe to use from several threads.

SQLite is the truth; what is here is a cache that may be thrown away and built again (see `index/vectorfile.py`
for the files). Faiss crashes the process when two threads add and search, answers -1 for "nothing" and reads
foreign memory at a wrong dimension, so every call is checked (no `assert`: they vanish under `python -O`) and
holds one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np

from index.card import CardCopy, copy_on_card
from index.choice import Choice, Kind, choose
from index.loose import Loose, new_loose
from index.sealed import Sealed, seal, training_places

Gather = Callable[[np.ndarray], np.ndarray]  # places in an order of ids -> their rows, float32

CHUNK = 8192
LOOSE_SHARE = {"ivf": 0.2, "hnsw": 0.05}  # of a trained index that may have come since, before it is trained again
STALE_SHARE = 0.2  # share of removed vectors still inside a trained index from which it is
LOOSE_LEAST = 2000
HYSTERESIS = 2  # a flat index grows to twice its limit before it is trained, and back at half


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

        A list is shorter than `top` only when fewer vectors are kept; there are no placeholder ids.
        """
        ...


class FaissIndex:
    """A `VectorIndex` on this machine: a trained part at rest where there are many vectors, and a loose part that
    takes every change at once. Make one with `new_index` or `build_index`."""

    def __init__(self, dimension: int, sealed: Sealed | None = None, loose: Loose | None = None) -> None:
        self.dimension = dimension
        self.mark = -1  # of the store it agrees with, for whoever keeps them in step
        self.damaged = False  # set by whoever finds that the rows on the disk are not what was written
        self._lock = threading.RLock()
        self._retraining = threading.Lock()
        self._sealed = sealed
        self._loose = loose or _loose_beside(sealed, dimension)
        self._touched: list[np.ndarray] | None = None  # ids changed while it is trained again
        self._card: CardCopy | None = None

    @property
    def kind(self) -> Kind:
        """Of the trained part; "flat" where there is none."""
        return self._sealed.kind if self._sealed else "flat"

    @property
    def recall(self) -> float | None:
        """Of the ten nearest, the share found on a sample of the vectors when it was trained; 1.0 compares all."""
        return self._sealed.recall if self._sealed else 1.0

    def __len__(self) -> int:
        with self._lock:
            return (len(self._sealed) if self._sealed else 0) + len(self._loose)

    def ids(self) -> np.ndarray:
        with self._lock:
            resting = self._sealed.live_ids() if self._sealed else np.empty(0, np.int64)
            return np.concatenate([resting, self._loose.ids])

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        ids, vectors = checked_pairs(ids, vectors, self.dimension)
        if not len(ids):
            return
        with self._lock:
            self.remove(ids)
            self._loose.add(ids, vectors)
            self._note(ids)

    def remove(self, ids: np.ndarray) -> int:
        ids = checked_ids(ids)
        with self._lock:
            count = self._loose.remove(ids) + (self._sealed.remove(ids) if self._sealed else 0)
            if count:
                self._note(ids)
            return count

    def search(self, queries: np.ndarray, top: int) -> list[list[tuple[int, float]]]:
        queries = checked_vectors(queries, self.dimension)
        if top < 1:
            raise ValueError(f"top must be at least 1, not {top}")
        with self._lock:
            parts = self._parts(queries, int(top))
        if not parts or not len(queries):
            return [[] for _ in queries]
        scores, ids = parts[0] if len(parts) == 1 else _merged(parts, top)
        rows = zip(ids.tolist(), scores.clip(-1, 1).tolist(), strict=True)  # 16 bits overshoot a little
        return [[(found, score) for found, score in zip(*row, strict=True) if found >= 0] for row in rows]

    def choice(self, kind: Kind | None = None, memory_mb: int = 0) -> Choice:
        """What its vectors should be kept in by now."""
        return choose(len(self), self.dimension, kind, memory_mb)

    def due(self, kind: Kind | None = None, memory_mb: int = 0) -> str:
        """Why it should be trained again; "" while it is well as it is."""
        with self._lock:
            count, sealed, loose = len(self), self._sealed, len(self._loose)
            fits = {choose(round(count * many), self.dimension, kind, memory_mb).kind for many in _around(kind)}
            if self.kind not in fits:
                return f"{choose(count, self.dimension, kind, memory_mb).kind} fits {count:,} vectors better"
            if sealed is None:
                return ""
            if sealed.gone > STALE_SHARE * len(sealed.ids):
                return f"{sealed.gone:,} of {len(sealed.ids):,} vectors were removed since it was trained"
            if loose > max(LOOSE_LEAST, LOOSE_SHARE[sealed.kind] * len(sealed)):
                return f"{loose:,} vectors came since it was trained"
            return ""

    @property
    def wants_rebuild(self) -> bool:
        """True when another kind fits the size by now, or much has changed since it was trained."""
        return bool(self.due())

    def retrain(self, choice: Choice, folder: Path | None = None, seed: int = 0) -> bool:
        """Train it anew on what it holds, while it goes on answering and changing; then the new part takes the place of
        the old. False when another thread is at it already."""
        if not self._retraining.acquire(blocking=False):
            return False
        try:
            with self._lock:
                ids, gather = _snapshot(self._sealed, self._loose)
                self._touched = []
            fresh = _trained(ids, gather, self.dimension, choice, folder, seed)
            with self._lock:
                self._take_over(fresh, ids, gather)
        finally:
            self._touched = None
            self._retraining.release()
        return True

    def frozen(self) -> AbstractContextManager[object]:
        """While this is entered, other threads wait with every call."""
        return self._lock

    def halves(self) -> tuple[Sealed | None, Loose]:
        """The part at rest and the loose one; only while `frozen`."""
        return self._sealed, self._loose

    def bytes_each(self) -> float:
        """Memory a vector takes, without what is mapped from the disk."""
        with self._lock:
            resting = self._sealed.memory() if self._sealed else 0
            return (resting + self._loose.memory()) / max(1, len(self))

    def _parts(self, queries: np.ndarray, top: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """(scores, ids) of both parts, those that hold anything."""
        parts = []
        if self._sealed and len(self._sealed):
            wanted = min(top, len(self._sealed))
            self._card = copy_on_card(self._sealed, self._card)
            found = self._card.search(queries, wanted) if self._card else None
            parts.append(found or self._sealed.search(queries, wanted))
        if len(self._loose):
            parts.append(self._loose.search(queries, min(top, len(self._loose))))
        return parts

    def _note(self, ids: np.ndarray) -> None:
        if self._touched is not None:
            self._touched.append(ids)

    def _take_over(self, fresh: Sealed | None, ids: np.ndarray, gather: Gather) -> None:
        """The fresh part in place of the old; what changed since the snapshot stays loose."""
        touched = np.unique(np.concatenate(self._touched or [np.empty(0, np.int64)]))
        now_ids, now_rows = self._loose.everything()
        loose = _loose_beside(fresh, self.dimension)
        if fresh:
            fresh.remove(touched)
        else:
            kept = np.flatnonzero(~np.isin(ids, touched))
            loose.add(ids[kept], gather(kept))
        late = np.isin(now_ids, touched)
        loose.add(now_ids[late], np.ascontiguousarray(now_rows[late], np.float32))
        self._sealed, self._loose, self._card = fresh, loose, None


def new_index(dimension: int) -> FaissIndex:
    """An empty index, flat until it is trained."""
    if dimension < 1:
        raise ValueError(f"no index of dimension {dimension}")
    return FaissIndex(dimension)


def build_index(
    ids: np.ndarray, vectors: np.ndarray, kind: Kind | None = None, seed: int = 0, folder: Path | None = None
) -> FaissIndex:
    """An index of the (n,) ids and (n, dimension) unit rows, of the kind that fits their number.

    The same vectors and seed give the same answers. With a folder the rows are mapped from a file there.
    """
    if vectors.ndim != 2:
        raise ValueError(f"vectors must be (n, dimension), not {vectors.shape}")
    index = new_index(vectors.shape[1])
    choice = choose(len(vectors), index.dimension, kind)
    if choice.kind == "flat" or not len(ids):
        index.add(ids, vectors)
        return index
    ids, vectors = checked_pairs(ids, vectors, index.dimension)
    order = np.argsort(ids)
    trained = _trained(ids[order], lambda places: vectors[order[places]], index.dimension, choice, folder, seed)
    return FaissIndex(index.dimension, trained)


def _snapshot(sealed: Sealed | None, loose: Loose) -> tuple[np.ndarray, Gather]:
    """All ids, ascending, and what gives the rows at places of this order, whatever becomes of the index."""
    loose_ids, loose_rows = loose.everything()
    slots = np.flatnonzero(sealed.is_live()) if sealed else np.empty(0, np.int64)
    resting = sealed.ids[slots] if sealed else slots
    every = np.concatenate([resting, loose_ids])
    order = np.argsort(every)

    def gather(places: np.ndarray) -> np.ndarray:
        at = order[places]
        found = np.empty((len(at), loose_rows.shape[1]), np.float32)
        old = at < len(resting)
        if sealed:
            found[old] = sealed.rows[slots[at[old]]]
        found[~old] = loose_rows[at[~old] - len(resting)]
        return found

    return every[order], gather


def _trained(
    ids: np.ndarray, gather: Gather, dimension: int, choice: Choice, folder: Path | None, seed: int
) -> Sealed | None:
    """The trained part for ascending ids; None for a flat index, which has none."""
    if choice.kind == "flat" or not len(ids):
        return None
    sample = gather(training_places(len(ids), seed))

    def chunks() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(ids), CHUNK):
            places = np.arange(start, min(start + CHUNK, len(ids)))
            yield ids[places], gather(places)

    return seal(chunks, sample, len(ids), choice, folder, seed)


def _loose_beside(sealed: Sealed | None, dimension: int) -> Loose:
    if sealed is None or sealed.kind != "ivf":
        return new_loose(dimension)
    return new_loose(dimension, sealed.inner, sealed.reads)


def _around(kind: Kind | None) -> tuple[float, ...]:
    """Sizes, as multiples of the present one, of which none may want the index as it is before it is changed."""
    return (1.0,) if kind else (1 / HYSTERESIS, 1.0, HYSTERESIS)


def _merged(parts: list[tuple[np.ndarray, np.ndarray]], top: int) -> tuple[np.ndarray, np.ndarray]:
    """The best `top` of both parts; what was not found (id -1) last."""
    scores, ids = (np.concatenate(each, axis=1) for each in zip(*parts, strict=True))
    scores = np.where(ids < 0, -np.inf, scores)
    order = np.argsort(-scores, axis=1, kind="stable")[:, : int(top)]
    return np.take_along_axis(scores, order, axis=1), np.take_along_axis(ids, order, axis=1)


def checked_pairs(ids: np.ndarray, vectors: np.ndarray, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    ids, vectors = checked_ids(ids), checked_vectors(vectors, dimension)
    if len(ids) != len(vectors):
        raise ValueError(f"{len(ids)} ids for {len(vectors)} vectors")
    if len(np.unique(ids)) != len(ids):
        raise ValueError("the same id twice in one call")
    return ids, vectors


def checked_ids(ids: np.ndarray) -> np.ndarray:
    """The ids as faiss takes them. Raises ValueError."""
    if not isinstance(ids, np.ndarray) or ids.dtype != np.int64 or ids.ndim != 1:
        raise ValueError("ids must be a one-dimensional numpy array of int64")
    if len(ids) and ids.min() < 0:
        raise ValueError(f"ids must not be negative: {ids.min()}")
    return np.ascontiguousarray(ids)


def checked_vectors(vectors: np.ndarray, dimension: int) -> np.ndarray:
    """The rows as faiss takes them. Raises ValueError."""
    if not isinstance(vectors, np.ndarray) or vectors.dtype != np.float32 or vectors.ndim != 2:
        raise ValueError("vectors must be a two-dimensional numpy array of float32")
    if vectors.shape[1] != dimension:
        raise ValueError(f"vectors of dimension {vectors.shape[1]} do not fit an index of dimension {dimension}")
    if len(vectors) == 1:  # a question; half the time of the general way, which counts beside a search of 0.1 ms
        unit = abs(float(vectors[0] @ vectors[0]) - 1) <= 0.02
    else:
        unit = bool((np.abs(np.einsum("ij,ij->i", vectors, vectors) - 1) <= 0.02).all())
    if not unit:
        finite = np.isfinite(vectors).all()
        raise ValueError("vectors must have length 1" if finite else "vectors must be finite numbers")
    return np.ascontiguousarray(vectors)
