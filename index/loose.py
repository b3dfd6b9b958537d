"""Vectors on the move: added, replaced and removed at once, compared exactly. All of a small shelf; of a large one what
came since it was trained."""

from __future__ import annotations

from typing import Any

import numpy as np

from index.nearest import give_coarse, load_faiss


class Loose:
    """Ids and unit rows as 16-bit floats: flat, or in the lists of a trained index, `reads` of which a search looks at.

    Not safe from several threads: its owner holds a lock.
    """

    def __init__(self, inner: Any, reads: int = 0) -> None:
        self.inner = inner
        self.reads = reads
        self.ids = _ids_in(inner)
        if reads:
            inner.nprobe = reads

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Put ids that are not here with their rows."""
        self.inner.add_with_ids(vectors, ids)
        self.ids = np.concatenate([self.ids, ids])

    def remove(self, ids: np.ndarray) -> int:
        """Take out those of the ids that are here; says how many."""
        gone = np.isin(self.ids, ids)
        count = int(gone.sum())
        if count:
            self.inner.remove_ids(self.ids[gone])
            self.ids = self.ids[~gone]
        return count

    def search(self, queries: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
        """(q, wanted) cosines and ids, best first; `wanted` is at most the number of vectors."""
        scores, ids = self.inner.search(queries, wanted)
        if (ids < 0).any():  # the lists that were read hold too few: read all of them
            every = load_faiss().SearchParametersIVF(nprobe=self.inner.nlist)
            return self.inner.search(queries, wanted, params=every)
        return scores, ids

    def memory(self) -> int:
        """Bytes in memory."""
        return len(self.ids) * (2 * int(self.inner.d) + 16)

    def everything(self) -> tuple[np.ndarray, np.ndarray]:
        """The ids, ascending, and their rows (n, dimension) of 16-bit floats."""
        faiss = load_faiss()
        dimension = self.inner.d
        if not self.reads:
            codes = faiss.vector_to_array(faiss.downcast_index(self.inner.index).codes)
            ids = faiss.vector_to_array(self.inner.id_map)
        else:
            parts = [_of_list(self.inner, number) for number in range(self.inner.nlist)]
            ids = np.concatenate([part[0] for part in parts])
            codes = np.concatenate([part[1] for part in parts])
        order = np.argsort(ids)
        rows: np.ndarray = codes.view(np.float16).reshape(len(ids), dimension)[order]
        return ids[order], rows


def new_loose(dimension: int, lists: Any = None, reads: int = 0) -> Loose:
    """An empty one; with the trained `lists` of an index new vectors are sorted into the same lists."""
    faiss = load_faiss()
    halves, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    if lists is None:
        return Loose(faiss.IndexIDMap(faiss.IndexScalarQuantizer(dimension, halves, metric)))
    coarse = faiss.clone_index(lists.quantizer)
    inner = faiss.IndexIVFScalarQuantizer(coarse, dimension, lists.nlist, halves, metric, False)
    give_coarse(inner, coarse)
    inner.is_trained = True
    return Loose(inner, reads)


def _ids_in(inner: Any) -> np.ndarray:
    faiss = load_faiss()
    if hasattr(inner, "id_map"):
        return faiss.vector_to_array(inner.id_map)
    parts = [_of_list(inner, number)[0] for number in range(inner.nlist)]
    return np.concatenate(parts) if inner.ntotal else np.empty(0, np.int64)


def _of_list(inner: Any, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The ids and codes of one list, copied."""
    faiss, lists = load_faiss(), inner.invlists
    size = lists.list_size(number)
    if not size:
        return np.empty(0, np.int64), np.empty(0, np.uint8)
    ids = faiss.rev_swig_ptr(lists.get_ids(number), size).copy()
    return ids, faiss.rev_swig_ptr(lists.get_codes(number), size * lists.code_size).copy()
