"""Vectors on disk: written beside and swapped in, read back only when every check agrees.

A folder holds `manifest.json` (the papers, replaced last) and the files it names by the beginning of their SHA-256:
`loose` and, of a trained index, `lists`, `rows` and `ids`. Whatever is wrong with them, `load_index` raises
`IndexDamaged` or `IndexMismatch`, and the caller builds the index again from SQLite. Faiss itself loads about half of
all damaged files without a word, which is why the SHA-256 is checked first. Nothing is ever unpickled.

Rows are mapped, not read. Up to ROWS_READ bytes their SHA-256 is checked at once; beyond it in the background, so that
a million vectors open within a second: damaged rows can spoil scores, never ids, and `FaissIndex.damaged` tells.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import UserError
from index.loose import Loose
from index.nearest import load_faiss
from index.sealed import Sealed
from index.swapped import beside, only_saver, open_regular, swap_in
from index.vectors import FaissIndex

FORMAT = 2
MANIFEST = "manifest.json"
MANIFEST_LIMIT = 1_000_000  # bytes; a real one has about 1,200
ROLES = ("loose", "lists", "rows", "ids")
DATA_NAME = re.compile(r"(loose|lists|rows|ids)-[0-9a-f]{16}\.(faiss|raw)")
OWN_KEYS = frozenset(
    {"format", "files", "kind", "dimension", "count", "ids_sha256", "reads", "compared", "recall", "faiss"}
)
CHECK = "manifest_sha256"
ROWS_READ = 256 << 20

_limit_lock = threading.Lock()  # faiss has one byte limit for the whole process
Write = Callable[[Callable[[bytes], int]], None]


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
        with only_saver(folder):
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
            index = _read_data(folder, manifest)
        except IndexDamaged:
            if _read_manifest(folder) == manifest:
                raise
            continue
        return LoadedIndex(index, manifest)
    raise IndexDamaged(f"{folder} keeps changing while it is read")


def _write_all(index: FaissIndex, folder: Path, papers: Mapping[str, Any]) -> dict[str, Any]:
    for leftover in folder.glob("*.tmp"):  # of a save that was killed
        leftover.unlink(missing_ok=True)
    with index.frozen():
        sealed, loose = index.halves()
        files = {"loose": _kept(folder, "loose", _faiss_writer(loose.inner))}
        if sealed:
            files |= _kept_sealed(folder, sealed)
        manifest = {
            **papers,
            "format": FORMAT,
            "files": files,
            "kind": index.kind,
            "dimension": index.dimension,
            "count": len(index),
            "ids_sha256": ids_hash(index.ids()),
            "reads": sealed.reads if sealed else 0,
            "compared": sealed.compared if sealed else 0,
            "recall": index.recall,
            "faiss": load_faiss().__version__,
        }
    manifest[CHECK] = _manifest_hash(manifest)
    with beside(folder) as (file, temporary):
        file.write(json.dumps(manifest, indent=1, sort_keys=True).encode())
        swap_in(file, temporary, folder / MANIFEST)
    named = {each["name"] for each in files.values()}
    for other in folder.iterdir():
        if DATA_NAME.fullmatch(other.name) and other.name not in named:
            other.unlink(missing_ok=True)
    return manifest


def _kept_sealed(folder: Path, sealed: Sealed) -> dict[str, Any]:
    """The files of the part at rest. Its lists and rows never change: they are written once and stay."""
    for role in ("lists", "rows"):
        held = sealed.kept_as.get(role)
        if held is None or not _is_there(folder, held):
            skip = load_faiss().IO_FLAG_SKIP_STORAGE if sealed.kind == "hnsw" else 0
            writer = _faiss_writer(sealed.inner, skip) if role == "lists" else _array_writer(sealed.rows)
            sealed.kept_as[role] = held = _kept(folder, role, writer)
            if role == "rows" and isinstance(sealed.rows, np.memmap):  # let the nameless file go that it was built in
                sealed.rest_on(np.memmap(folder / held["name"], np.float16, "r", shape=sealed.rows.shape))
    marked = np.where(sealed.is_live(), sealed.ids, ~sealed.ids).astype("<i8")
    return {**sealed.kept_as, "ids": _kept(folder, "ids", _array_writer(marked))}


def _is_there(folder: Path, held: Mapping[str, Any]) -> bool:
    place = folder / held["name"]
    return place.is_file() and not place.is_symlink() and place.stat().st_size == held["bytes"]


def _kept(folder: Path, role: str, writer: Write) -> dict[str, Any]:
    """What the writer writes, in a file of its own that is named by its hash."""
    digest = hashlib.sha256()
    with beside(folder) as (file, temporary):

        def write(piece: bytes) -> int:
            digest.update(piece)
            return file.write(piece)

        writer(write)
        name = f"{role}-{digest.hexdigest()[:16]}.{'raw' if role in ('rows', 'ids') else 'faiss'}"
        size = file.tell()
        swap_in(file, temporary, folder / name)
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}


def _faiss_writer(inner: Any, flags: int = 0) -> Write:
    faiss = load_faiss()
    return lambda write: faiss.write_index(inner, faiss.PyCallbackIOWriter(write), flags)


def _array_writer(array: np.ndarray) -> Write:
    def pieces(write: Callable[[bytes], int]) -> None:
        for start in range(0, len(array), 65_536):
            write(array[start : start + 65_536].tobytes())

    return pieces


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        with open_regular(folder / MANIFEST) as file:
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
    files = manifest.get("files")
    if (
        not set(manifest) >= OWN_KEYS
        or not isinstance(files, dict)
        or not all(_is_named(*each) for each in files.items())
    ):
        raise IndexDamaged(f"{MANIFEST} lacks what an index needs")
    return manifest


def _is_named(role: str, file: Any) -> bool:
    """Whether an entry of the manifest names a file of ours."""
    if not isinstance(file, dict) or not isinstance(file.get("bytes"), int) or len(str(file.get("sha256"))) != 64:
        return False
    named = DATA_NAME.fullmatch(str(file.get("name")))
    return named is not None and named[1] == role


def _check_papers(manifest: Mapping[str, Any], expect: Mapping[str, Any]) -> None:
    for key, wanted in _as_json(expect).items():
        if manifest.get(key) != wanted:
            raise IndexMismatch(f"the index was built with {key} {manifest.get(key)!r}, in use is {wanted!r}", key)


def _read_data(folder: Path, manifest: Mapping[str, Any]) -> FaissIndex:
    """The index of the files, after sizes, SHA-256, types, counts and ids all agree with the manifest."""
    kind, dimension, files = manifest["kind"], manifest["dimension"], manifest["files"]
    if set(files) != (set(ROLES) if kind in ("ivf", "hnsw") else {"loose"}):
        raise IndexDamaged(f"{MANIFEST} names other files than its kind has")
    with _checked_file(folder, files["loose"]) as file:
        inner = _deserialized(file, files["loose"]["bytes"])
    beside_lists = kind == "ivf"
    if not _is_loose(inner, beside_lists) or inner.d != dimension:
        raise IndexDamaged(f"{files['loose']['name']} holds another type of index than its manifest says")
    sealed = None if kind == "flat" else _read_sealed(folder, manifest)
    index = FaissIndex(dimension, sealed, Loose(inner, sealed.reads if sealed and beside_lists else 0))
    ids = np.sort(index.ids())  # np.unique would take most of a second for a million
    if len(ids) != manifest["count"] or (ids[1:] == ids[:-1]).any() or ids_hash(ids) != manifest["ids_sha256"]:
        raise IndexDamaged(f"the files of {folder.name} hold other ids than their manifest says")
    if sealed and files["rows"]["bytes"] > ROWS_READ:
        threading.Thread(target=_watch_rows, args=(index, folder, files["rows"]), daemon=True).start()
    return index


def _read_sealed(folder: Path, manifest: Mapping[str, Any]) -> Sealed:
    kind, dimension, files = manifest["kind"], manifest["dimension"], manifest["files"]
    with _checked_file(folder, files["ids"]) as file:
        marked = np.frombuffer(file.read(files["ids"]["bytes"]), "<i8").astype(np.int64)
    with _checked_file(folder, files["lists"]) as file:
        inner = _deserialized(file, files["lists"]["bytes"])
    ids = np.where(marked < 0, ~marked, marked)
    sound = _is_lists(inner) if kind == "ivf" else _is_graph(inner)
    if not sound or inner.d != dimension or inner.ntotal != len(ids) or not (np.diff(ids) > 0).all():
        raise IndexDamaged(f"{files['lists']['name']} holds another index than its manifest says")
    if files["rows"]["bytes"] != len(ids) * dimension * 2:
        raise IndexDamaged(f"{files['rows']['name']} does not have as many rows as there are ids")
    with _checked_file(folder, files["rows"], whole=files["rows"]["bytes"] <= ROWS_READ) as file:
        rows = np.memmap(file, np.float16, "r", shape=(len(ids), dimension))
    live = np.packbits(marked >= 0, bitorder="little")
    recall = manifest["recall"] if isinstance(manifest["recall"], float) else None
    kept_as = {role: files[role] for role in ("lists", "rows")}
    reads, compared = (max(1, int(manifest[key])) for key in ("reads", "compared"))
    gone = int((marked < 0).sum())
    return Sealed(kind, inner, ids, rows, live, reads, compared, recall, gone, kept_as)


@contextlib.contextmanager
def _checked_file(folder: Path, told: Mapping[str, Any], whole: bool = True) -> Iterator[BufferedReader]:
    """The file opened after its size and, if `whole`, its SHA-256 agree with what is told of it."""
    name = told["name"]
    try:
        with open_regular(folder / name) as file:
            size = os.fstat(file.fileno()).st_size
            if size != told["bytes"]:
                raise IndexDamaged(f"{name} has {size} bytes, not {told['bytes']}")
            if whole and hashlib.file_digest(file, "sha256").hexdigest() != told["sha256"]:
                raise IndexDamaged(f"{name} was changed after it was written")
            file.seek(0)
            yield file
    except FileNotFoundError:
        raise IndexDamaged(f"{name} is missing") from None
    except OSError as trouble:
        raise IndexDamaged(f"{name} can't be read: {trouble.strerror}") from trouble


def _watch_rows(index: FaissIndex, folder: Path, told: Mapping[str, Any]) -> None:
    """Compare the rows with their SHA-256 while answers are given already."""
    try:
        with _checked_file(folder, told):
            pass
    except IndexDamaged:
        index.damaged = (folder / told["name"]).exists()  # else it was replaced by a newer one meanwhile


def _deserialized(file: BufferedReader, size: int) -> Any:
    """The faiss object in the open file; a header that lies about its sizes can't take much more than the file has.

    Faiss counts a table of lists with codes in, which it makes for other metrics only: hence the factor.
    """
    faiss = load_faiss()
    with _limit_lock:
        limits = faiss.get_deserialization_vector_byte_limit(), faiss.get_deserialization_loop_limit()
        faiss.set_deserialization_vector_byte_limit(8 * size)
        faiss.set_deserialization_loop_limit(size)
        try:
            return faiss.read_index(faiss.PyCallbackIOReader(file.read))
        except Exception as trouble:  # whatever C++ threw arrives here as one of several types
            raise IndexDamaged(f"faiss can't read the file: {str(trouble)[:200]}") from trouble
        finally:
            faiss.set_deserialization_vector_byte_limit(limits[0])
            faiss.set_deserialization_loop_limit(limits[1])


def _is_loose(inner: Any, beside_lists: bool) -> bool:
    """Whether a faiss object is what `index/loose.py` makes; all others are refused."""
    faiss = load_faiss()
    held = inner
    if not beside_lists:
        if type(inner) is not faiss.IndexIDMap or not inner.id_map.size() == inner.ntotal == inner.index.ntotal:
            return False
        held = faiss.downcast_index(inner.index)
    wanted = faiss.IndexIVFScalarQuantizer if beside_lists else faiss.IndexScalarQuantizer
    sound = type(held) is wanted and held.sq.qtype == faiss.ScalarQuantizer.QT_fp16 and held.is_trained
    inner_product = inner.metric_type == held.metric_type == faiss.METRIC_INNER_PRODUCT
    return bool(sound and inner_product and (not beside_lists or inner.quantizer.ntotal == inner.nlist))


def _is_lists(inner: Any) -> bool:
    faiss = load_faiss()
    sound = type(inner) is faiss.IndexIVFPQFastScan and inner.is_trained and inner.quantizer.ntotal == inner.nlist
    return bool(sound and inner.metric_type == faiss.METRIC_INNER_PRODUCT)


def _is_graph(inner: Any) -> bool:
    faiss = load_faiss()
    sound = type(inner) is faiss.IndexHNSWSQ and inner.hnsw.levels.size() == inner.ntotal
    return bool(sound and inner.metric_type == faiss.METRIC_INNER_PRODUCT)


def _as_json(papers: Mapping[str, Any]) -> dict[str, Any]:
    """The papers as they will be read back (a tuple becomes a list)."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(papers)))
    return plain


def _manifest_hash(manifest: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != CHECK}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
