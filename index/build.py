"""Bring the index in step with the store: embed what is new, add it, drop what is gone, repair what is broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Embedder
from index.store import Store
from index.vectors import FaissIndex, IndexDamaged, IndexMismatch, load_index, new_index, save_index

BATCH = 512
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
    mark, notice = store.mark(workspace), ""
    loaded = None
    try:
        loaded = load_index(folder, expect={"embedder": embedder.identity, "store": store.fact("id")})
    except IndexMismatch as reason:
        notice = f"The index did not belong to this store ({reason}) and was rebuilt."
    except IndexDamaged as reason:
        notice = f"The index was damaged ({reason}) and was rebuilt." if folder.exists() else ""
    if loaded is not None and loaded.manifest.get("mark") == mark:
        return Shelf(loaded.index)
    index = loaded.index if loaded is not None else None
    return _sync(store, workspace, embedder, index, notice, on_count)


def rebuild_shelf(
    store: Store, workspace: str, embedder: Embedder, on_count: OnCount = lambda done, total: None
) -> Shelf:
    """The index built from the stored embeddings, whatever was there before."""
    shutil.rmtree(index_folder(store, workspace, embedder), ignore_errors=True)
    return _sync(store, workspace, embedder, None, "", on_count)


def _sync(
    store: Store, workspace: str, embedder: Embedder, index: FaissIndex | None, notice: str, on_count: OnCount
) -> Shelf:
    mark = store.mark(workspace)  # read first: a change during the sync makes the next load sync again
    wanted = _passage_ids(store, workspace)
    have = index.ids() if index is not None else np.empty(0, np.int64)
    gone, new = np.setdiff1d(have, wanted), np.setdiff1d(wanted, have)
    if index is None or len(gone) > len(have) // 2 or len(new) > 2 * len(have):
        index, gone, new = new_index(len(wanted), embedder.dimension), gone[:0], wanted
    if len(gone):
        index.remove(gone)
    embed_missing(store, workspace, embedder, on_count)
    added = 0
    parts = list(_vectors(store, embedder, new))
    if parts:
        ids = np.concatenate([part[0] for part in parts])
        index.add(ids, np.concatenate([part[1] for part in parts]))
        added = len(ids)
    manifest = {"embedder": embedder.identity, "store": store.fact("id"), "mark": mark}
    save_index(index, index_folder(store, workspace, embedder), manifest)
    return Shelf(index, notice, added, len(gone))


def embed_missing(store: Store, workspace: str, embedder: Embedder, on_count: OnCount) -> int:
    """Embed every passage of a workspace that this embedder has not seen; kept batch by batch."""
    missing = store.rows(
        "SELECT min(p.id) AS id FROM passages p LEFT JOIN embeddings e ON e.text_hash = p.text_hash AND e.embedder = ?"
        " WHERE p.workspace = ? AND e.text_hash IS NULL GROUP BY p.text_hash ORDER BY length(p.text)",
        [embedder.identity, workspace],
    )
    total = len(missing)
    for start in range(0, total, BATCH):
        ids = [row["id"] for row in missing[start : start + BATCH]]
        rows = _passage_rows(store, ids)
        vectors = embedder.embed([embedded_text(row) for row in rows])
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


def embedded_text(row: dict[str, Any]) -> str:
    """What was embedded of a stored passage: the same rule as `Passage.embedded`."""
    title, text = str(row["title"]), str(row["text"])
    return text if not title or text.lower().startswith(title.lower()) else f"{title}\n{text}"


def _passage_ids(store: Store, workspace: str) -> np.ndarray:
    cursor = store.db.execute("SELECT id FROM passages WHERE workspace = ? ORDER BY id", [workspace])
    return np.fromiter((row[0] for row in cursor), np.int64)


def _passage_rows(store: Store, ids: Sequence[int]) -> list[dict[str, Any]]:
    marks = ",".join("?" * len(ids))
    return store.rows(f"SELECT id, title, text, text_hash FROM passages WHERE id IN ({marks})", list(ids))


def _vectors(store: Store, embedder: Embedder, ids: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(ids, unit vectors) of stored embeddings, in batches; passages without one are left for the next sync."""
    for start in range(0, len(ids), BATCH):
        batch = [int(each) for each in ids[start : start + BATCH]]
        marks = ",".join("?" * len(batch))
        rows = store.rows(
            "SELECT p.id, e.vector FROM passages p JOIN embeddings e ON e.text_hash = p.text_hash AND e.embedder = ?"
            f" WHERE p.id IN ({marks}) ORDER BY p.id",
            [embedder.identity, *batch],
        )
        if rows:
            vectors = np.stack([np.frombuffer(row["vector"], np.float16) for row in rows]).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-9)
            yield np.array([row["id"] for row in rows], np.int64), vectors


def compare_shelf(store: Store, workspace: str, embedder: Embedder) -> dict[str, Any]:
    """The index on disk against the store: passages missing, extra, or with another vector; changes nothing."""
    wanted = _passage_ids(store, workspace)
    result: dict[str, Any] = {"passages": len(wanted), "indexed": 0, "extra": 0, "different": 0, "notice": ""}
    try:
        expect = {"embedder": embedder.identity, "store": store.fact("id")}
        index = load_index(index_folder(store, workspace, embedder), expect=expect).index
    except (IndexDamaged, IndexMismatch) as reason:
        return {**result, "missing": len(wanted), "notice": f"The index cannot be used: {reason}.", "ok": False}
    have = index.ids()
    different = 0
    for ids, vectors in _vectors(store, embedder, np.intersect1d(have, wanted)):
        scores, found = index.search(vectors, min(8, len(index)))
        for each, row, score in zip(ids, found, scores, strict=True):
            at = np.flatnonzero(row == each)
            different += not ((len(at) and score[at[0]] > 0.98) or (score[-1] > 0.98))  # equal texts may fill the top
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
