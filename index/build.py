"""Bring the index in step with the store: embed what is new, add it, drop what is gone, repair what is broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Embedder
from index.errors import UserError
from index.passages import embedded_text
from index.store import Store, explained
from index.vectorfile import IndexDamaged, IndexMismatch, IndexMissing, load_index, save_index
from index.vectors import FaissIndex, choose_kind, new_index

BATCH = 2048
SAME = 0.98
SAMPLE = 65_536
OnCount = Callable[[int, int], None]


@dataclass(frozen=True)
class Shelf:
    """A loaded index and what had to be done to get it (`notice` is "" when nothing)."""

    index: FaissIndex
    notice: str = ""
    added: int = 0
    removed: int = 0


def index_folder(store: Store, workspace: str, embedder: Embedder) -> Path:
    """Where the files of one workspace and one embedder lie: an embedder never meets another's index."""
    return store.home / "index" / workspace / embedder.identity


def load_shelf(store: Store, workspace: str, embedder: Embedder, on_count: OnCount = lambda done, total: None) -> Shelf:
    """The index of a workspace equal to the store: loaded, repaired or built, and saved when it changed."""
    folder = index_folder(store, workspace, embedder)
    notice = ""
    try:
        loaded = load_index(folder, expect={"embedder": embedder.identity, "store": store.fact("id")})
    except IndexMissing:
        loaded = None
    except IndexMismatch as reason:
        loaded, notice = None, f"The index did not belong to this store ({reason}) and was rebuilt."
    except IndexDamaged as reason:
        loaded, notice = None, f"The index was damaged ({reason}) and was rebuilt."
    if loaded is not None and loaded.manifest.get("mark") != _saved_mark(store, workspace, embedder):
        # an older copy of the store was put in its place: its passages may carry the ids of others
        loaded, notice = None, "The index was not the one this store saved last and was rebuilt."
    if loaded is None:
        if notice:
            _clear(folder)
        return _sync(store, workspace, embedder, None, notice, on_count)
    if loaded.manifest["mark"] == store.mark(workspace):
        return Shelf(loaded.index)
    return _sync(store, workspace, embedder, loaded.index, notice, on_count)


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
    shutil.rmtree(store.home / "index" / workspace / identity, ignore_errors=True)
    with store.write() as db:
        db.execute("DELETE FROM facts WHERE name = ?", [f"index {workspace} {identity}"])
        db.execute("DELETE FROM embeddings WHERE embedder = ?", [identity])


def _sync(
    store: Store, workspace: str, embedder: Embedder, index: FaissIndex | None, notice: str, on_count: OnCount
) -> Shelf:
    mark = store.mark(workspace)  # read first: a change during the sync makes the next load sync again
    embed_missing(store, workspace, embedder, on_count)
    wanted = _passage_ids(store, workspace)
    have = index.ids() if index is not None else np.empty(0, np.int64)
    gone, new = np.setdiff1d(have, wanted), np.setdiff1d(wanted, have)
    if index is not None and len(gone):
        index.remove(gone)
    if (
        index is None
        or index.wants_rebuild
        or len(new) > 2 * len(have)
        or choose_kind(len(wanted), embedder.dimension) != index.kind
    ):
        index, new = _empty_index(store, embedder, wanted), wanted
    for ids, vectors in _vectors(store, embedder, new):
        index.add(ids, vectors)
    papers = {"embedder": embedder.identity, "store": store.fact("id"), "mark": mark}
    try:
        with store.write() as db:  # one saver at a time, and the store knows which index is its own
            save_index(index, index_folder(store, workspace, embedder), papers)
            name = _fact_name(workspace, embedder)
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [name, str(mark)])
    except (OSError, UserError) as trouble:  # a cache: what was asked can be answered without it
        reason = trouble.strerror if isinstance(trouble, OSError) else trouble.message.partition("\n")[0]
        notice = f"{notice} The index could not be saved and will be built again: {reason}".strip()
    return Shelf(index, notice, len(new), len(gone))


def _empty_index(store: Store, embedder: Embedder, wanted: np.ndarray) -> FaissIndex:
    """An index of the kind that fits so many passages, trained on a sample of them where it must be."""
    kind = choose_kind(len(wanted), embedder.dimension)
    if kind != "ivf":
        return new_index(embedder.dimension, kind)
    chosen = np.sort(np.random.default_rng(0).permutation(wanted)[:SAMPLE])
    sample = np.concatenate([vectors for _, vectors in _vectors(store, embedder, chosen)])
    return new_index(embedder.dimension, kind, sample, len(wanted))


def embed_missing(store: Store, workspace: str, embedder: Embedder, on_count: OnCount) -> int:
    """Embed every passage of a workspace that this embedder has not seen; kept batch by batch."""
    missing = _ids(
        store,
        "SELECT min(p.id) FROM passages p LEFT JOIN embeddings e ON e.text_hash = p.text_hash AND e.embedder = ?"
        " WHERE p.workspace = ? AND e.text_hash IS NULL GROUP BY p.text_hash ORDER BY length(p.text)",
        [embedder.identity, workspace],
    )
    total = len(missing)
    for start in range(0, total, BATCH):
        rows = _passage_rows(store, missing[start : start + BATCH].tolist())
        vectors = embedder.embed([embedded_text(row["title"], row["text"]) for row in rows])
        with store.write() as db:
            db.conn.executemany(
                "INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?)",
                [
                    (row["text_hash"], embedder.identity, vector.astype(np.float16).tobytes())
                    for row, vector in zip(rows, vectors, strict=True)
                ],
            )
        on_count(min(start + BATCH, total), total)
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
        "notice": "",
    }
    try:
        expect = {"embedder": embedder.identity, "store": store.fact("id")}
        index = load_index(index_folder(store, workspace, embedder), expect=expect).index
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
    return {**result, "indexed": len(have), "missing": missing, "extra": extra, "different": different, "ok": ok}


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
    }
