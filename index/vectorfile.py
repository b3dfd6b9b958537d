"""Vectors on disk: written beside and swapped in, read back only when every check agrees.

A folder holds `manifest.json` (the papers, replaced last) and the one data file it names. Whatever is wrong with
them, `load_index` raises `IndexDamaged` or `IndexMismatch`, and the caller builds the index again from SQLite.
Faiss itself loads about half of all damaged files without a word, which is why the SHA-256 is checked first.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import stat
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from index.errors import UserError
from index.vectors import FaissIndex, Kind, load_faiss

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_LIMIT = 1_000_000  # bytes; a real one has about 700
DATA_NAME = re.compile(r"vectors-[0-9a-f]{16}\.faiss")
OWN_KEYS = frozenset({"format", "file", "bytes", "sha256", "kind", "dimension", "count", "ids_sha256", "faiss"})
CHECK = "manifest_sha256"

_limit_lock = threading.Lock()  # faiss has one byte limit for the whole process


class IndexDamaged(Exception):
    """The files are incomplete, changed or unreadable: build the index again."""


class IndexMissing(IndexDamaged):
    """There is no index in the folder yet."""


class IndexMismatch(Exception):
    """A sound index of something else (another embedder, another state of the store); `key` names the difference."""

    def __init__(self, reason: str, key: str) -> None:
        super().__init__(reason)
        self.key = key


@dataclass(frozen=True)
class LoadedIndex:
    """An index that passed every check, and its papers."""

    index: FaissIndex
    manifest: dict[str, Any]


def ids_hash(ids: np.ndarray) -> str:
    """A fingerprint of a set of ids, whatever their order: SHA-256 over the sorted little-endian int64."""
    return hashlib.sha256(np.sort(ids).astype("<i8").tobytes()).hexdigest()


def save_index(index: FaissIndex, folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Write the index with the caller's papers (embedder, store mark ...) and give back the whole manifest.

    Killed at any moment, the folder holds the old index or the new one. Adding while it is saved waits.
    UserError (FULL) when the disk is full; the old index stays.
    """
    if clash := (OWN_KEYS | {CHECK}) & set(manifest):
        raise ValueError(f"these keys are written by save_index itself: {', '.join(sorted(clash))}")
    papers = _as_json(manifest)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _only_saver(folder):
            return _write_all(index, folder, papers)
    except OSError as trouble:
        if trouble.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise UserError(f"The disk of {folder} is full. Make room, then run: deskside index build", "FULL") from None


def load_index(folder: Path, *, expect: Mapping[str, Any]) -> LoadedIndex:
    """The index in the folder; each entry of `expect` must stand in its manifest with the same value.

    Raises IndexMissing, IndexDamaged or IndexMismatch; nothing else for any content of the folder.
    """
    for _ in range(3):  # a saver may swap the files between our two opens
        manifest = _read_manifest(folder)
        _check_papers(manifest, expect)
        try:
            index = _read_data(folder / manifest["file"], manifest)
        except IndexDamaged:
            if _read_manifest(folder) == manifest:
                raise
            continue
        return LoadedIndex(index, manifest)
    raise IndexDamaged(f"{folder} keeps changing while it is read")


def _write_all(index: FaissIndex, folder: Path, papers: Mapping[str, Any]) -> dict[str, Any]:
    faiss = load_faiss()
    for leftover in folder.glob("*.tmp"):  # of a save that was killed
        leftover.unlink(missing_ok=True)
    digest = hashlib.sha256()
    with _beside(folder) as (file, temporary), index.frozen():

        def write(piece: bytes) -> int:
            digest.update(piece)
            return file.write(piece)

        index.write_to(write)
        name = f"vectors-{digest.hexdigest()[:16]}.faiss"
        manifest = {
            **papers,
            "format": FORMAT,
            "file": name,
            "bytes": file.tell(),
            "sha256": digest.hexdigest(),
            "kind": index.kind,
            "dimension": index.dimension,
            "count": len(index),
            "ids_sha256": ids_hash(index.ids()),
            "faiss": faiss.__version__,
        }
        _swap_in(file, temporary, folder / name)
    manifest[CHECK] = _manifest_hash(manifest)
    with _beside(folder) as (file, temporary):
        file.write(json.dumps(manifest, indent=1, sort_keys=True).encode())
        _swap_in(file, temporary, folder / MANIFEST)
    for other in folder.glob("vectors-*.faiss"):
        if other.name != name:
            other.unlink(missing_ok=True)
    return manifest


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        with _open_regular(folder / MANIFEST) as file:
            raw = file.read(MANIFEST_LIMIT + 1)
    except FileNotFoundError:
        raise IndexMissing(f"there is no {MANIFEST} in {folder}") from None
    except OSError as trouble:
        raise IndexDamaged(f"{MANIFEST} can't be read: {trouble.strerror}") from trouble
    try:
        manifest = json.loads(raw) if len(raw) <= MANIFEST_LIMIT else None
        seal = _manifest_hash(manifest) if isinstance(manifest, dict) else None
    except (ValueError, RecursionError):
        manifest, seal = None, None
    if not isinstance(manifest, dict) or manifest.get(CHECK) != seal:
        raise IndexDamaged(f"{MANIFEST} was changed or is incomplete")
    if manifest.get("format") != FORMAT:
        raise IndexMismatch(f"the index has format {manifest.get('format')}, this version reads {FORMAT}", "format")
    if not DATA_NAME.fullmatch(str(manifest.get("file"))) or not set(manifest) >= OWN_KEYS:
        raise IndexDamaged(f"{MANIFEST} lacks what an index needs")
    return manifest


def _check_papers(manifest: Mapping[str, Any], expect: Mapping[str, Any]) -> None:
    for key, wanted in _as_json(expect).items():
        if manifest.get(key) != wanted:
            raise IndexMismatch(f"the index was built with {key} {manifest.get(key)!r}, in use is {wanted!r}", key)


def _read_data(path: Path, manifest: Mapping[str, Any]) -> FaissIndex:
    """The index in the file, after size, SHA-256, type, counts and ids all agree with the manifest."""
    try:
        with _open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size != manifest["bytes"]:
                raise IndexDamaged(f"{path.name} has {size} bytes, not {manifest['bytes']}")
            if hashlib.file_digest(file, "sha256").hexdigest() != manifest["sha256"]:
                raise IndexDamaged(f"{path.name} was changed after it was written")
            file.seek(0)
            inner = _deserialized(file, size)
    except FileNotFoundError:
        raise IndexDamaged(f"{path.name} is missing") from None
    except OSError as trouble:
        raise IndexDamaged(f"{path.name} can't be read: {trouble.strerror}") from trouble
    kind = _kind_of(inner)
    facts = {"kind": kind, "dimension": int(inner.d)}
    if kind is None or not inner.is_trained or any(manifest[key] != facts[key] for key in facts):
        raise IndexDamaged(f"{path.name} holds another type of index than its manifest says")
    index = FaissIndex(inner, kind)
    ids = index.ids()
    if len(ids) != manifest["count"] or len(np.unique(ids)) != len(ids) or ids_hash(ids) != manifest["ids_sha256"]:
        raise IndexDamaged(f"{path.name} holds other ids than its manifest says")
    return index


def _deserialized(file: BufferedReader, size: int) -> Any:
    """The faiss object in the open file; a header that lies about its sizes can't take more than the file has."""
    faiss = load_faiss()
    with _limit_lock:
        limits = faiss.get_deserialization_vector_byte_limit(), faiss.get_deserialization_loop_limit()
        faiss.set_deserialization_vector_byte_limit(size)
        faiss.set_deserialization_loop_limit(size)
        try:
            return faiss.read_index(faiss.PyCallbackIOReader(file.read))
        except Exception as trouble:  # whatever C++ threw arrives here as one of several types
            raise IndexDamaged(f"faiss can't read the file: {str(trouble)[:200]}") from trouble
        finally:
            faiss.set_deserialization_vector_byte_limit(limits[0])
            faiss.set_deserialization_loop_limit(limits[1])


def _kind_of(inner: Any) -> Kind | None:
    """The kind of a faiss object, None for any type that we never write."""
    faiss = load_faiss()
    if inner.metric_type != faiss.METRIC_INNER_PRODUCT:
        return None
    if type(inner) is faiss.IndexIVFScalarQuantizer:
        sound = inner.sq.qtype == faiss.ScalarQuantizer.QT_8bit and inner.quantizer.ntotal == inner.nlist
        return "ivf" if sound else None
    if type(inner) is not faiss.IndexIDMap or not inner.id_map.size() == inner.ntotal == inner.index.ntotal:
        return None
    held = faiss.downcast_index(inner.index)
    if type(held) is faiss.IndexHNSWFlat:
        return "hnsw"
    halves = type(held) is faiss.IndexScalarQuantizer and held.sq.qtype == faiss.ScalarQuantizer.QT_fp16
    return "flat" if halves and held.metric_type == faiss.METRIC_INNER_PRODUCT else None


def _open_regular(path: Path) -> BufferedReader:
    """The file opened for reading; a folder, pipe, device or link is IndexDamaged, and none of them can block."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as trouble:
        raise IndexDamaged(f"{path.name} can't be opened: {trouble.strerror}") from trouble
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IndexDamaged(f"{path.name} is not a file")
    return os.fdopen(descriptor, "rb")


def _as_json(papers: Mapping[str, Any]) -> dict[str, Any]:
    """The papers as they will be read back (a tuple becomes a list)."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(papers)))
    return plain


def _manifest_hash(manifest: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != CHECK}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


@contextlib.contextmanager
def _only_saver(folder: Path) -> Iterator[None]:
    """One process writes in the folder at a time; a killed one lets go by itself."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new temporary file in the folder, gone afterwards unless it was swapped in."""
    descriptor, name = tempfile.mkstemp(suffix=".tmp", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _swap_in(file: BinaryIO, temporary: Path, final: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    temporary.replace(final)
    descriptor = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
