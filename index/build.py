"""Bring the index in step with the store: embed what is new, add it, drop what is gone, repair what is broken."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.bulk import many_hands
from index.choice import choose
from index.embed import Embedder
from index.engine import IndexWishes, index_wishes
from index.errors import UserError
from index.milvus import MilvusIndex, drop_collection, open_milvus
from index.passages import embedded_text
from index.sealed import seal, training_places
from index.store import Store, explained
from index.vectorfile import IndexDamaged, IndexMismatch, IndexMissing, load_index, save_index
from index.vectors import FaissIndex, VectorIndex, new_index

BATCH = 2048
SAME = 0.98
TRAINING = "index training"  # the name of the thread
OnCount = Callable[[int, int], None]


@dataclass(frozen=True)
class Shelf:
    """A loaded index and what had to be done to get it (`notice` is "" when nothing)."""

    index: VectorIndex
    notice: str = ""
    added: int = 0
    removed: int = 0


def index_folder(store: Store, workspace: str, embedder: Embedder) -> Path:
    """Where the files of one workspace and one embedder lie: an embedder never meets another's index."""
    return store.home / "index" / workspace / embedder.identity


def load_shelf(
    store: Store,
    workspace: str,
    embedder: Embedder,
    on_count: OnCount = lambda done, total: None,
    held: Shelf | None = None,
    later: bool = False,
) -> Shelf:
    """The index of a workspace equal to the store: loaded, repaired or built, and saved when it changed.

    `held` is the one in use: it is brought in step where nobody saved another meanwhile. With `later` it is trained
    again in the background where that is due, and goes on answering; without, before it is given back.
    """
    wishes = index_wishes(store, workspace)
    index, notice = _opened(store, workspace, embedder, wishes, held)
    if index is not None and _saved_mark(store, workspace, embedder) == store.mark(workspace):
        return Shelf(index)
    return _sync(store, workspace, embedder, index, notice, on_count, later)


def _opened(
    store: Store, workspace: str, embedder: Embedder, wishes: IndexWishes, held: Shelf | None
) -> tuple[VectorIndex | None, str]:
    """The index that this store saved last, or None and why it cannot be used (then it is cleared away)."""
    saved = _saved_mark(store, workspace, embedder)
    kept = held.index if held and not wishes.address else None
    if isinstance(kept, FaissIndex) and kept.mark == saved and not kept.damaged:
        return kept, ""
    if saved is None and wishes.address:
        return None, ""
    try:
        index = _loaded(store, workspace, embedder, wishes)
        if saved is None or (isinstance(index, FaissIndex) and index.mark != saved):
            # an older copy of the store was put in its place: its passages may carry the ids of others
            raise IndexMismatch("it is not the one this store saved last", "mark")
        return index, ""
    except IndexMissing:
        return None, ""
    except IndexMismatch as reason:
        notice = f"The index did not belong to this store ({reason}) and was rebuilt."
    except IndexDamaged as reason:
        notice = f"The index was damaged ({reason}) and was rebuilt."
    _clear(index_folder(store, workspace, embedder))
    return None, notice


def _loaded(store: Store, workspace: str, embedder: Embedder, wishes: IndexWishes) -> VectorIndex:
    """The index as it lies there. Raises IndexMissing, IndexDamaged or IndexMismatch."""
    if wishes.address:
        return open_milvus(wishes, store.fact("id"), workspace, embedder)
    expect = {"embedder": embedder.identity, "store": store.fact("id")}
    loaded = load_index(index_folder(store, workspace, embedder), expect=expect)
    loaded.index.mark = int(loaded.manifest.get("mark", -1))
    return loaded.index


def _fact_name(workspace: str, embedder: Embedder) -> str:
    return f"index {workspace} {embedder.identity}"


def _saved_mark(store: Store, workspace: str, embedder: Embedder) -> int | None:
    """The mark of the index that this very store saved last; None when it saved none."""
    found = store.rows("SELECT value FROM facts WHERE name = ?", [_fact_name(workspace, embedder)])
    return int(found[0]["value"]) if found else None


def _clear(folder: Path) -> None:
    """Take away whatever lies where an index belongs: a folder, a file, a link."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
        return
    for place in (folder, folder.parent, folder.parent.parent):  # a file in the place of a folder
        if place.is_symlink() or place.is_file():
            place.unlink()


def rebuild_shelf(
    store: Store, workspace: str, embedder: Embedder, on_count: OnCount = lambda done, total: None
) -> Shelf:
    """The index built from the stored embeddings, whatever was there before."""
    _clear(index_folder(store, workspace, embedder))
    return _sync(store, workspace, embedder, None, "", on_count)


def drop_embedder(store: Store, workspace: str, identity: str) -> None:
    """Forget what an embedder made: its index of this workspace, and its vectors. All of it can be made again."""
    drop_index(store, workspace, identity)
    with store.write() as db:
        db.execute("DELETE FROM embeddings WHERE embedder = ?", [identity])


def drop_index(store: Store, workspace: str, identity: str) -> None:
    """Forget the index of a workspace and embedder, on this machine and on the Milvus server that is set. Raises
    UserError BACKEND, before anything is forgotten, where the server does not answer."""
    wishes = index_wishes(store, workspace)
    if wishes.address:
        drop_collection(wishes, store.fact("id"), workspace, identity)
    shutil.rmtree(store.home / "index" / workspace / identity, ignore_errors=True)
    with store.write() as db:
        db.execute("DELETE FROM facts WHERE name = ?", [f"index {workspace} {identity}"])


def _sync(
    store: Store,
    workspace: str,
    embedder: Embedder,
    index: VectorIndex | None,
    notice: str,
    on_count: OnCount,
    later: bool = False,
) -> Shelf:
    mark = store.mark(workspace)  # read first: a change during the sync makes the next load sync again
    wishes = index_wishes(store, workspace)
    embed_missing(store, workspace, embedder, on_count)
    wanted = _passage_ids(store, workspace)
    have = index.ids() if index is not None else np.empty(0, np.int64)
    gone, new = np.setdiff1d(have, wanted), np.setdiff1d(wanted, have)
    if index is None or (len(new) > 2 * len(have) and not wishes.address):
        index, new = _built(store, workspace, embedder, wanted, wishes), wanted
    else:
        if len(gone):
            index.remove(gone)
        for ids, vectors in _vectors(store, embedder, new):
            index.add(ids, vectors)
    if isinstance(index, FaissIndex):
        index.mark = mark
    keep = _Keeping(store, workspace, embedder, mark)
    due = isinstance(index, FaissIndex) and bool(index.due(wishes.kind, wishes.memory_mb))
    if due and not later:
        keep.retrain(index, wishes)
    trouble = keep.save(index)
    if due and later:
        threading.Thread(target=keep.retrain_and_save, args=(index, wishes), daemon=True, name=TRAINING).start()
    return Shelf(index, f"{notice} {trouble}".strip(), len(new), len(gone))


def _built(store: Store, workspace: str, embedder: Embedder, wanted: np.ndarray, wishes: IndexWishes) -> VectorIndex:
    """An index of all passages, of the kind that fits so many, streamed from the store."""
    if wishes.address:
        server = open_milvus(wishes, store.fact("id"), workspace, embedder)
        server.clear(len(wanted))
        index: VectorIndex = server
    else:
        choice = choose(len(wanted), embedder.dimension, wishes.kind, wishes.memory_mb)
        if choice.kind != "flat" and len(wanted):
            folder = index_folder(store, workspace, embedder)
            folder.mkdir(parents=True, exist_ok=True)
            chosen = wanted[training_places(len(wanted), 0)]
            sample = np.concatenate([vectors for _, vectors in _vectors(store, embedder, chosen)])
            chunks = lambda: _vectors(store, embedder, wanted)  # noqa: E731
            return FaissIndex(embedder.dimension, seal(chunks, sample, len(wanted), choice, folder))
        index = new_index(embedder.dimension)
    for ids, vectors in _vectors(store, embedder, wanted):
        index.add(ids, vectors)
    return index


@dataclass(frozen=True)
class _Keeping:
    """Saves an index that agrees with the store at a mark, also from a thread of its own."""

    store: Store
    workspace: str
    embedder: Embedder
    mark: int

    def retrain_and_save(self, index: VectorIndex, wishes: IndexWishes) -> None:
        """In a thread of its own; one that is killed leaves the files as they were."""
        if self.retrain(index, wishes):
            self.save(index)

    def retrain(self, index: VectorIndex, wishes: IndexWishes) -> bool:
        """Train it again as it fits by now; False when that is going on already."""
        if not isinstance(index, FaissIndex):
            return False
        folder = index_folder(self.store, self.workspace, self.embedder)
        folder.mkdir(parents=True, exist_ok=True)
        return index.retrain(index.choice(wishes.kind, wishes.memory_mb), folder)

    def save(self, index: VectorIndex) -> str:
        """Keep it and its mark; says why where that failed: it is a cache, what was asked is answered without it."""
        store, embedder, mark = self.store, self.embedder, self.mark
        try:
            with store.write() as db:  # one saver at a time, and the store knows which index is its own
                if isinstance(index, FaissIndex):
                    mark = index.mark
                    papers = {"embedder": embedder.identity, "store": store.fact("id"), "mark": mark}
                    save_index(index, index_folder(store, self.workspace, embedder), papers)
                db.execute(
                    "INSERT OR REPLACE INTO facts VALUES (?, ?)", [_fact_name(self.workspace, embedder), str(mark)]
                )
        except (OSError, UserError) as trouble:
            reason = trouble.strerror if isinstance(trouble, OSError) else trouble.message.partition("\n")[0]
            return f"The index could not be saved and will be built again: {reason}"
        return ""


def embed_missing(store: Store, workspace: str, embedder: Embedder, on_count: OnCount) -> int:
    """Embed every passage of a workspace that this embedder has not seen; kept batch by batch."""
    missing = _ids(
        store,
        "SELECT min(p.id) FROM passages p LEFT JOIN embeddings e ON e.text_hash = p.text_hash AND e.embedder = ?"
        " WHERE p.workspace = ? AND e.text_hash IS NULL GROUP BY p.text_hash ORDER BY length(p.text)",
        [embedder.identity, workspace],
    )
    total = len(missing)
    with many_hands(embedder, total) as hands:
        batch = BATCH if hands is embedder else 4 * BATCH
        for start in range(0, total, batch):
            rows = _passage_rows(store, missing[start : start + batch].tolist())
            vectors = hands.embed([embedded_text(row["title"], row["text"]) for row in rows])
            with store.write() as db:
                db.conn.executemany(
                    "INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?)",
                    [
                        (row["text_hash"], embedder.identity, vector.astype(np.float16).tobytes())
                        for row, vector in zip(rows, vectors, strict=True)
                    ],
                )
            on_count(min(start + batch, total), total)
    return total


def _passage_ids(store: Store, workspace: str) -> np.ndarray:
    return _ids(store, "SELECT id FROM passages WHERE workspace = ? ORDER BY id", [workspace])


def _ids(store: Store, sql: str, values: Sequence[Any]) -> np.ndarray:
    """The first column of a query, eight bytes a row."""
    with explained(store.file):
        return np.fromiter((row[0] for row in store.db.execute(sql, values)), np.int64)


def _passage_rows(store: Store, ids: Sequence[int]) -> list[dict[str, Any]]:
    return store.rows(
        "SELECT id, title, text, text_hash FROM passages WHERE id IN (SELECT value FROM json_each(?))", [str(list(ids))]
    )


def _vectors(store: Store, embedder: Embedder, ids: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(ids, unit vectors) of stored embeddings, in batches; passages without one are left for the next sync."""
    for start in range(0, len(ids), BATCH):
        rows = store.rows(
            "SELECT p.id, e.vector FROM passages p JOIN embeddings e ON e.text_hash = p.text_hash AND e.embedder = ?"
            " WHERE p.id IN (SELECT value FROM json_each(?)) ORDER BY p.id",
            [embedder.identity, str(ids[start : start + BATCH].tolist())],
        )
        if rows:
            vectors = np.stack([np.frombuffer(row["vector"], np.float16) for row in rows]).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-9)
            yield np.array([row["id"] for row in rows], np.int64), vectors


def compare_shelf(store: Store, workspace: str, embedder: Embedder) -> dict[str, Any]:
    """The index on disk against the store: passages missing, extra, or with another vector; changes nothing."""
    wanted = _passage_ids(store, workspace)
    result: dict[str, Any] = {
        "passages": len(wanted),
        "indexed": 0,
        "extra": 0,
        "different": 0,
        "absent": False,
        "kept": "",
        "notice": "",
    }
    try:
        index = _loaded(store, workspace, embedder, index_wishes(store, workspace))
    except (IndexDamaged, IndexMismatch) as reason:
        absent = isinstance(reason, IndexMissing)
        notice = "There is no index yet." if absent else f"The index cannot be used: {reason}."
        return {**result, "missing": len(wanted), "absent": absent, "notice": notice, "ok": False}
    have = index.ids()
    different = 0
    for ids, vectors in _vectors(store, embedder, np.intersect1d(have, wanted)):
        for each, near in zip(ids.tolist(), index.search(vectors, min(8, len(index))), strict=True):
            own = dict(near).get(each, 0.0)
            different += not (own > SAME or near[-1][1] > SAME)  # equal texts may fill the whole top
    missing, extra = len(np.setdiff1d(wanted, have)), len(np.setdiff1d(have, wanted))
    ok = not (missing or extra or different)
    kept = f"{kind_of(index)}"
    if isinstance(index, FaissIndex):
        recall = "" if index.recall is None else f", recall@10 {index.recall:.3f}"
        kept += f", {index.bytes_each():,.0f} bytes of memory a vector{recall}"
    found = {"indexed": len(have), "missing": missing, "extra": extra, "different": different}
    return {**result, **found, "kept": kept, "ok": ok}


def describe_shelf(store: Store, workspace: str, embedder: Embedder) -> dict[str, Any]:
    """Counts of what a workspace holds, and the file of its index."""

    def count(sql: str) -> int:
        return int(store.rows(sql, [workspace])[0]["n"])

    kinds = store.rows(
        "SELECT kind, count(*) AS n FROM passages WHERE workspace = ? GROUP BY kind ORDER BY kind", [workspace]
    )
    folder = index_folder(store, workspace, embedder)
    size = sum(file.stat().st_size for file in folder.glob("*")) if folder.is_dir() else 0
    return {
        "tickets": count("SELECT count(*) AS n FROM conversations WHERE workspace = ? AND origin = 'import'"),
        "chats": count("SELECT count(*) AS n FROM conversations WHERE workspace = ? AND origin = 'chat'"),
        "articles": count("SELECT count(*) AS n FROM articles WHERE workspace = ?"),
        "templates": count("SELECT count(*) AS n FROM templates WHERE workspace = ?"),
        "passages": {row["kind"]: row["n"] for row in kinds},
        "embedder": embedder.identity,
        "index_bytes": size,
        **_described(store, workspace, embedder),
    }


def kind_of(index: VectorIndex) -> str:
    """ "ivf": how an index keeps its vectors, in its engine's own word."""
    return index.kind if isinstance(index, FaissIndex | MilvusIndex) else type(index).__name__


def _described(store: Store, workspace: str, embedder: Embedder) -> dict[str, Any]:
    """Where and how the vectors are kept and why; of an index on this machine also memory and recall."""
    wishes = index_wishes(store, workspace)
    told: dict[str, Any] = {"engine": wishes.engine}
    try:
        index = _loaded(store, workspace, embedder, wishes)
    except (IndexDamaged, IndexMismatch):
        return told
    told["kind"] = kind_of(index)
    if isinstance(index, FaissIndex):
        told["why"] = index.choice(wishes.kind, wishes.memory_mb).reason
        told["due"] = index.due(wishes.kind, wishes.memory_mb)
        told["bytes_a_vector"] = round(index.bytes_each(), 1)
        told["recall_at_10"] = index.recall
    return told
