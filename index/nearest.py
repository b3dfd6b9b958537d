"""The door to faiss: the library itself, rows looked through where they lie, and the truth by comparing all."""

from __future__ import annotations

from typing import Any

import numpy as np

CHUNK = 16_384


def load_faiss() -> Any:
    """The library; imported by the first index that is made (0.3 s), untyped because its stubs are incomplete."""
    import faiss

    return faiss


def viewed(rows: np.ndarray) -> Any:
    """A faiss index over rows (n, dimension) of 16-bit floats, without a copy: they stay where they lie."""
    faiss = load_faiss()
    index = faiss.IndexScalarQuantizer(rows.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    owner = index.codes.owner  # an empty pointer: nobody frees the view
    place = faiss.cast_integer_to_void_ptr(rows.ctypes.data)
    index.codes = faiss.MaybeOwnedVectorUInt8.create_view(place, rows.nbytes, owner)
    index.ntotal = len(rows)
    index.referenced_objects = [rows]
    return index


def give_coarse(lists: Any, coarse: Any) -> None:
    """Make lists the owner of what sorts vectors into them; the wrapper of python would free it too early."""
    coarse.this.disown()
    lists.own_fields = True


def nearest_of_all(rows: np.ndarray, queries: np.ndarray, top: int) -> np.ndarray:
    """(q, top) places of the rows nearest to each query, by comparing all: the truth that recall is measured by."""
    faiss = load_faiss()
    heap = faiss.ResultHeap(len(queries), top, keep_max=True)
    for start in range(0, len(rows), CHUNK):
        part = np.ascontiguousarray(rows[start : start + CHUNK], np.float32)
        scores, places = faiss.knn(queries, part, min(top, len(part)), metric=faiss.METRIC_INNER_PRODUCT)
        heap.add_result(scores, places + start)
    heap.finalize()
    return heap.I
