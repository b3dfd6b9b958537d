"""The vector index keeps its promises: exact ids, no crash, and no wrong answer from a damaged file."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from index.choice import KINDS, Kind, choose_kind
from index.vectorfile import (
    CHECK,
    MANIFEST,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    _manifest_hash,
    ids_hash,
    load_index,
    save_index,
)
from index.vectors import FaissIndex, build_index

PAPERS = {"embedder": "hashed-words-16", "store": {"changes": 12}}


def unit_rows(count: int, dimension: int = 16, seed: int = 0, topics: int = 40) -> np.ndarray:
    """Rows of length 1 around a few topics, as real messages are."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(topics, dimension))
    rows = centres[rng.integers(0, topics, count)] + 0.7 * rng.normal(size=(count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def some_index(kind: Kind, count: int = 300) -> FaissIndex:
    return build_index(np.arange(count, dtype=np.int64) * 3, unit_rows(count), kind)


def id_lists(index: FaissIndex, queries: np.ndarray, top: int) -> list[list[int]]:
    return [[found for found, _ in row] for row in index.search(queries, top)]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


def test_flat_gives_what_comparing_everything_gives() -> None:
    rows, queries = unit_rows(500), unit_rows(20, seed=1)
    index = build_index(np.arange(500, dtype=np.int64), rows, "flat")
    cosines = queries @ rows.T
    for found, truth in zip(index.search(queries, 7), cosines, strict=True):
        assert [score for _, score in found] == pytest.approx(np.sort(truth)[:-8:-1].tolist(), abs=1e-3)
        assert [score for _, score in found] == pytest.approx([truth[number] for number, _ in found], abs=1e-3)


@pytest.mark.parametrize("quick", ["ivf", "hnsw"])
def test_quick_kinds_find_nearly_all_that_flat_finds(quick: Kind) -> None:
    rows, queries = unit_rows(5000, 64), unit_rows(100, 64, seed=1)
    ids = np.arange(5000, dtype=np.int64)
    truth, found = (id_lists(build_index(ids, rows, each), queries, 10) for each in ("flat", quick))
    shared = [len(set(a) & set(b)) for a, b in zip(truth, found, strict=True)]
    assert np.mean(shared) / 10 >= 0.95


def test_the_kind_follows_the_size() -> None:
    assert [choose_kind(count, 384) for count in (0, 10_000, 50_000, 50_001, 1_000_000)] == [
        "flat", "flat", "flat", "ivf", "ivf",
    ]  # fmt: skip


def test_a_wrong_dimension_is_refused_without_asserts_too() -> None:
    code = (
        "import numpy as np; from index.vectors import new_index\n"
        "try: new_index(16).search(np.ones((1, 4), np.float32), 3)\n"
        "except ValueError: print('refused')"
    )
    run = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, cwd=Path.cwd())
    assert run.stdout.strip() == "refused", run.stderr


def test_the_same_seed_gives_the_same_answers() -> None:
    rows = unit_rows(3000)
    ids = np.arange(3000, dtype=np.int64)
    one, two = (build_index(ids, rows, "ivf", seed=5).search(rows[:50], 10) for _ in range(2))
    assert one == two


def test_a_graph_with_many_removed_asks_to_be_rebuilt() -> None:
    index = some_index("hnsw")
    assert not index.due("hnsw")
    index.remove(index.ids()[:100])
    assert index.due("hnsw")


def test_saved_and_loaded_is_the_same_index(kind: Kind, tmp_path: Path) -> None:
    index = some_index(kind)
    index.remove(np.array([0, 3, 6], dtype=np.int64))
    save_index(index, tmp_path, PAPERS)
    loaded = load_index(tmp_path, expect={**PAPERS, "dimension": 16, "ids_sha256": ids_hash(index.ids())})
    queries = unit_rows(30, seed=2)
    assert loaded.index.search(queries, 10) == index.search(queries, 10)
    assert loaded.index.kind == kind
    assert loaded.manifest["embedder"] == PAPERS["embedder"]
    loaded.index.add(np.array([3], dtype=np.int64), unit_rows(1))
    assert len(loaded.index) == 298


def test_saving_again_leaves_one_data_file(tmp_path: Path) -> None:
    (tmp_path / "killed-before.tmp").write_bytes(b"half")
    for count in (300, 200):
        save_index(some_index("flat", count), tmp_path, PAPERS)
    assert len(list(tmp_path.iterdir())) == 2
    assert len(load_index(tmp_path, expect={}).index) == 200


@pytest.mark.parametrize(
    ("key", "value"),
    [("embedder", "all-MiniLM-L6-v2@1"), ("dimension", 384), ("store", {"changes": 11}), ("ids_sha256", "0"), ("x", 1)],
)
def test_another_embedder_or_store_is_a_mismatch_that_names_it(tmp_path: Path, key: str, value: object) -> None:
    save_index(some_index("flat"), tmp_path, PAPERS)
    with pytest.raises(IndexMismatch) as trouble:
        load_index(tmp_path, expect={key: value})
    assert trouble.value.key == key


def test_papers_can_not_overwrite_the_checks(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ids_sha256"):
        save_index(some_index("flat"), tmp_path, {"ids_sha256": "0"})


def test_no_index_yet_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        load_index(tmp_path / "nothing", expect={})


@pytest.mark.parametrize("piece", ["manifest", "data"])
@pytest.mark.parametrize("thing", ["folder", "pipe", "zeros", "empty", "loop"])
def test_things_that_are_no_files_are_refused_at_once(tmp_path: Path, piece: str, thing: str) -> None:
    manifest = save_index(some_index("flat"), tmp_path, PAPERS)
    place = tmp_path / (MANIFEST if piece == "manifest" else manifest["files"]["loose"]["name"])
    place.unlink()
    if thing == "folder":
        place.mkdir()
    elif thing == "pipe":
        os.mkfifo(place)
    elif thing == "zeros":
        place.symlink_to("/dev/zero")
    elif thing == "loop":
        place.symlink_to(place)
    else:
        place.touch()
    started = time.monotonic()
    with pytest.raises(IndexDamaged):
        load_index(tmp_path, expect=PAPERS)
    assert time.monotonic() - started < 1


def damaged(whole: bytes, other: bytes, rng: random.Random) -> bytes | None:
    """One of eight ways to spoil a file; None is a lost file."""
    place, length = rng.randrange(len(whole)), rng.randrange(1, 200)
    head = rng.randrange(min(120, len(whole)))
    ways = (
        whole[:place],
        whole[:place] + bytes([whole[place] ^ 1 << rng.randrange(8)]) + whole[place + 1 :],
        rng.randbytes(len(whole)),
        whole[:place] + bytes(len(whole[place : place + length])) + whole[place + length :],
        whole[:head] + b"\xff\xff\xff\xff\xff\xff\xff\x7f" + whole[head + 8 :],
        whole + rng.randbytes(length),
        other,
        None,
    )
    return rng.choices(ways, weights=(15, 40, 5, 15, 15, 5, 3, 2))[0]


def role_of(file: Path) -> str:
    """ "rows" of rows-0123456789abcdef.raw."""
    return file.name.partition("-")[0]


def test_two_hundred_damages_of_each_kind_never_give_a_wrong_index(kind: Kind, tmp_path: Path) -> None:
    rng = random.Random(7)
    index = some_index(kind)
    expect = {**PAPERS, "ids_sha256": ids_hash(index.ids())}
    manifest = save_index(index, tmp_path / "good", PAPERS)
    save_index(some_index(kind, 299), tmp_path / "other", PAPERS)
    others = {role_of(file): file.read_bytes() for file in (tmp_path / "other").iterdir()}
    names = sorted(each["name"] for each in manifest["files"].values())
    queries = unit_rows(5, seed=3)
    truth = index.search(queries, 5)
    refused = 0
    for number in range(200):
        folder = tmp_path / f"bad{number}"
        shutil.copytree(tmp_path / "good", folder)
        place = folder / (MANIFEST if number % 4 == 0 else rng.choice(names))
        spoilt = damaged(place.read_bytes(), others[role_of(place)], rng)
        place.unlink()
        if spoilt is not None:
            place.write_bytes(spoilt)
        try:
            loaded = load_index(folder, expect=expect)
        except (IndexDamaged, IndexMismatch):
            refused += 1
        else:
            assert loaded.index.search(queries, 5) == truth
    assert refused >= 190


def _load_lying_headers(folder: Path) -> None:
    """In a process of its own: damage the header, sign the damage, load; memory must stay flat."""
    load_index(folder, expect={})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused = 0
    lies = (b"\xff\xff\xff\xff\x00\x00\x00\x00", b"\x00\x00\x00\x00\x10\x00\x00\x00")
    for role, told in json.loads((folder / MANIFEST).read_text())["files"].items():
        path = folder / told["name"]
        whole = path.read_bytes()
        for place in range(0, min(160, len(whole) - 8), 1 if role in ("loose", "lists") else 40):
            path.write_bytes(whole[:place] + lies[place % 3 % 2] + whole[place + 8 :])
            sign(folder, role)
            try:
                loaded = load_index(folder, expect={})
            except (IndexDamaged, IndexMismatch):
                refused += 1
            else:
                assert sorted(loaded.index.ids()) == list(range(0, 900, 3))
        path.write_bytes(whole)
        sign(folder, role)
    assert refused > 30
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024, f"{grown} KB"


def sign(folder: Path, role: str) -> None:
    """Make the manifest agree with a changed data file, as a forger would."""
    import hashlib

    manifest = json.loads((folder / MANIFEST).read_text())
    data = folder / manifest["files"][role]["name"]
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    manifest["files"][role].update(sha256=digest, bytes=data.stat().st_size)
    manifest[CHECK] = _manifest_hash(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def spawn(target: object, *args: object) -> multiprocessing.process.BaseProcess:
    """A process started from a small server that has faiss loaded already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["faiss", "index.vectorfile"])
    process = context.Process(target=target, args=args)  # type: ignore[arg-type]
    process.start()
    return process


def test_signed_headers_that_lie_take_no_memory(kind: Kind, tmp_path: Path) -> None:
    save_index(some_index(kind), tmp_path, PAPERS)
    process = spawn(_load_lying_headers, tmp_path)
    process.join(60)
    assert process.exitcode == 0


def _save_for_ever(folder: Path) -> None:
    for version in range(1, 1_000_000):
        save_index(version_of(version), folder, {"version": version})


def version_of(version: int) -> FaissIndex:
    ids = np.arange(200, dtype=np.int64) + version
    return build_index(ids, unit_rows(200, seed=version), "flat")


def killed_while_saving(folder: Path, times: int) -> None:
    rng = random.Random(3)
    for number in range(times):
        place = folder / str(number)
        save_index(version_of(0), place, {"version": 0})
        process = spawn(_save_for_ever, place)
        deadline = time.monotonic() + 20
        while load_index(place, expect={}).manifest["version"] == 0 and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.03))
        process.kill()
        process.join()
        loaded = load_index(place, expect={})
        truth = version_of(loaded.manifest["version"])
        assert loaded.manifest["version"] > 0
        assert loaded.index.search(unit_rows(5), 10) == truth.search(unit_rows(5), 10)
        save_index(truth, place, {"version": -1})
        assert len(list(place.iterdir())) == 2


def test_killed_while_saving_the_old_or_the_new_index_is_there(tmp_path: Path) -> None:
    killed_while_saving(tmp_path, 10)


@pytest.mark.slow
def test_killed_sixty_times_while_saving(tmp_path: Path) -> None:
    killed_while_saving(tmp_path, 60)


def four_threads(index: FaissIndex, seconds: float, folder: Path) -> None:
    """Two add and remove their own ids, one searches, one searches and saves; nothing is lost or doubled."""
    stop, troubles = time.monotonic() + seconds, []
    kept = index.ids().tolist()

    def change(first: int) -> None:
        rng = np.random.default_rng(first)
        while time.monotonic() < stop:
            ids = np.unique(rng.integers(first, first + 500, 20))
            index.add(ids, unit_rows(len(ids), seed=int(rng.integers(1000))))
            index.remove(ids[::2])

    def look(saves: bool) -> None:
        while time.monotonic() < stop:
            for row in id_lists(index, unit_rows(4, seed=8), 10):
                assert len(row) == len(set(row))
            if saves:
                save_index(index, folder, PAPERS)
                load_index(folder, expect=PAPERS)

    def guarded(work: object, *args: object) -> None:
        try:
            work(*args)  # type: ignore[operator]
        except BaseException as trouble:
            troubles.append(trouble)

    works = [(change, 10_000), (change, 20_000), (look, False), (look, True)]
    threads = [threading.Thread(target=guarded, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert set(kept) <= set(index.ids().tolist())
    assert len(index.ids()) == len(set(index.ids().tolist())) == len(index)


def test_four_threads_on_one_index(kind: Kind, tmp_path: Path) -> None:
    four_threads(some_index(kind), 0.7, tmp_path)


@pytest.mark.slow
def test_four_threads_for_long(kind: Kind, tmp_path: Path) -> None:
    four_threads(some_index(kind), 15, tmp_path)
