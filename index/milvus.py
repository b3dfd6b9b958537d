"""Vectors on a Milvus server, for shelves beyond one machine; Milvus Lite (a file) serves the tests.

One collection for each store, workspace and embedder. SQLite stays the truth here too: the collection is a cache that
can be filled again, and which state of the store it holds is kept in the store.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from index.choice import Kind, choose
from index.embed import Embedder
from index.engine import IndexWishes
from index.errors import UserError
from index.vectors import checked_ids, checked_pairs, checked_vectors

TOKEN = "DESKSIDE_MILVUS_TOKEN"  # the name of the variable, not a secret
SOUND = ((2, 5, 27), (2, 6, 10))  # of each line the oldest server without known holes; older lines are refused
BATCH = 2048  # rows in one call: 3 MB of 384 dimensions, a server takes 64 MB
DEEPEST = 16_384  # neighbours that a server gives at the most
BUILDS: dict[Kind, tuple[str, dict[str, int]]] = {
    "flat": ("FLAT", {}),
    "ivf": ("IVF_FLAT", {"nlist": 1024}),
    "hnsw": ("HNSW", {"M": 32, "efConstruction": 200}),
}
SEARCHES: dict[str, dict[str, int]] = {"FLAT": {}, "IVF_FLAT": {"nprobe": 64}, "HNSW": {"ef": 200}}


class MilvusIndex:
    """A `VectorIndex` on a server. Every change is seen by the next search (strong consistency)."""

    def __init__(self, client: Any, name: str, dimension: int, address: str, kind: Kind | None = None) -> None:
        self.dimension = dimension
        self._client, self._name, self._address, self._kind = client, name, address, kind
        with self._told():
            if client.has_collection(name):
                client.load_collection(name)
            else:
                self.clear()

    @property
    def kind(self) -> str:
        """The server's name for its index."""
        with self._told():
            return str(self._client.describe_index(self._name, index_name="vector")["index_type"])

    def __len__(self) -> int:
        with self._told():
            found = self._client.query(self._name, filter="", output_fields=["count(*)"])
        return int(found[0]["count(*)"])

    def ids(self) -> np.ndarray:
        with self._told():
            walk = self._client.query_iterator(self._name, batch_size=DEEPEST, output_fields=["id"])
            every: list[int] = []
            while batch := walk.next():
                every += [row["id"] for row in batch]
            walk.close()
        return np.array(every, np.int64)

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        ids, vectors = checked_pairs(ids, vectors, self.dimension)
        with self._told():
            for start in range(0, len(ids), BATCH):
                some = zip(ids[start : start + BATCH].tolist(), vectors[start : start + BATCH], strict=True)
                self._client.upsert(self._name, [{"id": each, "vector": vector} for each, vector in some])

    def remove(self, ids: np.ndarray) -> int:
        ids, count = np.unique(checked_ids(ids)), 0
        with self._told():
            for start in range(0, len(ids), BATCH):
                some = ids[start : start + BATCH].tolist()
                found = [row["id"] for row in self._client.query(self._name, ids=some, output_fields=["id"])]
                if found:
                    self._client.delete(self._name, ids=found)
                    count += len(found)
        return count

    def search(self, queries: np.ndarray, top: int) -> list[list[tuple[int, float]]]:
        queries = checked_vectors(queries, self.dimension)
        if top < 1:
            raise ValueError(f"top must be at least 1, not {top}")
        count = len(self)
        if not count or not len(queries):
            return [[] for _ in queries]
        limit = min(int(top), count, DEEPEST)
        params = {
            key: max(least, limit) if key == "ef" else least for key, least in SEARCHES.get(self.kind, {}).items()
        }
        with self._told():
            rows = self._client.search(
                self._name, data=list(queries), limit=limit, anns_field="vector", output_fields=["id"],
                search_params={"metric_type": "IP", "params": params},
            )  # fmt: skip
        return [[(int(hit["id"]), float(np.clip(hit["distance"], -1, 1))) for hit in row] for row in rows]

    def clear(self, expected: int = 0) -> None:
        """Empty, with the kind of index that fits so many vectors (or the one that was asked for)."""
        from pymilvus import DataType

        kind = self._kind or ("hnsw" if choose(expected, self.dimension).kind != "flat" else "flat")
        build, params = BUILDS[kind]
        with self._told():
            self._client.drop_collection(self._name)
            schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("id", DataType.INT64, is_primary=True)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self.dimension)
            index = self._client.prepare_index_params()
            index.add_index("vector", index_name="vector", index_type=build, metric_type="IP", params=params)
            self._client.create_collection(self._name, schema=schema, index_params=index, consistency_level="Strong")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The server's troubles as a UserError."""
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except MilvusException as trouble:
            raise _trouble(self._address, str(trouble)) from trouble


def open_milvus(wishes: IndexWishes, store_id: str, workspace: str, embedder: Embedder) -> MilvusIndex:
    """The collection of a workspace and embedder on the server that was set; made where there is none yet.

    UserError: CONFIG without pymilvus or for a server that is too old, BACKEND for one that does not answer.
    """
    client = _client(wishes.address, os.environ.get(TOKEN, ""))
    name = collection_name(store_id, workspace, embedder.identity)
    return MilvusIndex(client, name, embedder.dimension, wishes.address, wishes.kind)


def drop_collection(wishes: IndexWishes, store_id: str, workspace: str, identity: str) -> None:
    """Take the collection of a workspace and embedder from the server, where there is one. UserError as above."""
    from pymilvus.exceptions import MilvusException

    try:
        _client(wishes.address, os.environ.get(TOKEN, "")).drop_collection(
            collection_name(store_id, workspace, identity)
        )
    except MilvusException as trouble:
        raise _trouble(wishes.address, str(trouble)) from trouble


def collection_name(store_id: str, workspace: str, identity: str) -> str:
    """One name for each store, workspace and embedder, of letters that a server allows."""
    named = hashlib.sha256(f"{workspace}\0{identity}".encode()).hexdigest()[:16]
    return f"deskside_{store_id[:8]}_{named}"


@lru_cache(maxsize=4)
def _client(address: str, token: str) -> Any:
    try:
        from pymilvus import MilvusClient
        from pymilvus.exceptions import MilvusException
    except ImportError:
        raise UserError(
            "Milvus needs the library pymilvus.\nInstall it: pip install 'deskside[milvus]'", "CONFIG"
        ) from None
    try:
        client = MilvusClient(address, token=token, timeout=10)
        version = client.get_server_version()
    except (MilvusException, ValueError, OSError) as trouble:
        raise _trouble(address, str(trouble)) from trouble
    if is_unsound(version):
        sound = " or ".join(".".join(map(str, each)) for each in SOUND)
        raise UserError(
            f"The Milvus server is {version}, which has known holes; {sound} is the oldest that will do.\n"
            "Update it, or go back: deskside index set --engine faiss",
            "BACKEND",
        )
    return client


def is_unsound(told: str) -> bool:
    """Whether a version ("v2.5.4", "milvus_lite-3.2.2") is too old; what says nothing of the kind is taken for new."""
    import re

    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", told)
    if not found:
        return False
    version = (int(found[1]), int(found[2]), int(found[3] or 0))
    return version < SOUND[0] or any(each[:2] == version[:2] and version < each for each in SOUND)


def _trouble(address: str, reason: str) -> UserError:
    said = " ".join(reason.split())[:160]
    return UserError(
        f"The Milvus server {address} did not do it ({said}).\nStart it, or go back: deskside index set --engine faiss",
        "BACKEND",
    )
