"""Every engine keeps the same promises: faiss of each kind on this machine, Milvus beyond it."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from index.choice import KINDS
from index.engine import IndexWishes
from index.errors import UserError
from index.milvus import is_unsound, open_milvus
from index.vectors import VectorIndex, build_index, new_index
from tests.embed_doubles import HashedWords

Filled = Callable[[np.ndarray, np.ndarray], VectorIndex]
LITE = pytest.mark.skipif(
    not (importlib.util.find_spec("pymilvus") and importlib.util.find_spec("milvus_lite")),
    reason="pymilvus and milvus-lite are not installed: pip install 'deskside[milvus]' milvus-lite",
)
ENGINES = [*KINDS, "flat+ivf", pytest.param("milvus", marks=[LITE, pytest.mark.xdist_group("milvus")])]


def unit_rows(count: int, dimension: int = 16, seed: int = 0, topics: int = 40) -> np.ndarray:
    """Rows of length 1 around a few topics, as real messages are."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(topics, dimension))
    rows = centres[rng.integers(0, topics, count)] + 0.7 * rng.normal(size=(count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def found_ids(index: VectorIndex, queries: np.ndarray, top: int) -> list[list[int]]:
    return [[found for found, _ in row] for row in index.search(queries, top)]


class Sixteen(HashedWords):
    """An embedder whose collections have 16 dimensions; each name has one of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(16)
        self.identity = name


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a Milvus that is a file, in a short path: it listens on a socket beside it."""
    return f"milvus:{tmp_path_factory.mktemp('m')}/m.db"


@pytest.fixture(params=ENGINES)
def filled(request: pytest.FixtureRequest) -> Filled:
    """Makes an index of ids and rows on the engine."""

    def on_milvus(ids: np.ndarray, rows: np.ndarray) -> VectorIndex:
        address = request.getfixturevalue("server")
        index = open_milvus(IndexWishes(address), "0123456789", request.node.name, Sixteen(request.node.name))
        index.add(ids, rows)
        return index

    def half_trained(ids: np.ndarray, rows: np.ndarray) -> VectorIndex:
        half = len(ids) // 2
        index = build_index(ids[:half], rows[:half], "ivf")
        index.add(ids[half:], rows[half:])
        return index

    if request.param == "milvus":
        return on_milvus
    if request.param == "flat+ivf":
        return half_trained
    return lambda ids, rows: build_index(ids, rows, request.param)


@pytest.fixture
def index(filled: Filled) -> VectorIndex:
    return filled(np.arange(300, dtype=np.int64) * 3, unit_rows(300))


def test_the_nearest_come_first_with_their_cosines(index: VectorIndex) -> None:
    rows, queries = unit_rows(300), unit_rows(20, seed=1)
    cosines = queries @ rows.T
    assert len(index) == 300
    for found, truth in zip(index.search(queries, 7), cosines, strict=True):
        scores = [score for _, score in found]
        assert scores == sorted(scores, reverse=True)
        assert scores == pytest.approx([truth[number // 3] for number, _ in found], abs=2e-3)
        assert scores[0] == pytest.approx(truth.max(), abs=2e-3)
        assert scores[:5] == pytest.approx(np.sort(truth)[:-6:-1].tolist(), abs=0.05)  # nearly all of the nearest


def test_scores_stay_cosines(index: VectorIndex) -> None:
    for row in index.search(unit_rows(300), 20):
        assert max(score for _, score in row) <= 1
        assert min(score for _, score in row) >= -1


def test_what_was_removed_is_never_found(index: VectorIndex) -> None:
    gone = np.arange(0, 450, 3, dtype=np.int64)
    assert index.remove(gone) == 150
    assert index.remove(gone) == 0
    assert len(index) == 150
    found = {number for row in found_ids(index, unit_rows(300), 150) for number in row}
    assert found == set(index.ids().tolist()) == set(range(450, 900, 3))


def test_what_is_added_is_found_at_once(index: VectorIndex) -> None:
    rows = unit_rows(50, seed=5)
    index.add(np.arange(10_000, 10_050, dtype=np.int64), rows)
    assert len(index) == 350
    assert [row[0] for row in found_ids(index, rows, 1)] == list(range(10_000, 10_050))


def test_an_id_added_again_is_replaced(index: VectorIndex) -> None:
    new = -unit_rows(300)[5:6]
    index.add(np.array([15], dtype=np.int64), new)
    assert len(index) == 300
    (row,) = found_ids(index, new, 300)
    assert row[0] == 15
    assert row.count(15) == 1


def test_top_is_clamped_and_no_placeholder_comes_back(filled: Filled) -> None:
    index = filled(np.arange(40, dtype=np.int64) * 3, unit_rows(40))
    started = time.monotonic()
    for row in found_ids(index, unit_rows(3, seed=4), 1_000_000_000):
        assert sorted(row) == sorted(index.ids().tolist())
    assert time.monotonic() - started < 2


def test_an_index_emptied_finds_nothing_and_can_be_filled_again(index: VectorIndex) -> None:
    index.remove(index.ids())
    assert (len(index), len(index.ids())) == (0, 0)
    assert index.search(unit_rows(2), 5) == [[], []]
    index.add(np.array([4], dtype=np.int64), unit_rows(1))
    assert found_ids(index, unit_rows(1), 5) == [[4]]


def test_no_query_finds_nothing(index: VectorIndex) -> None:
    assert index.search(np.empty((0, 16), np.float32), 5) == []


BAD_VECTORS = {
    "other dimension": unit_rows(1, 17),
    "one dimension": unit_rows(1)[0],
    "float64": unit_rows(1).astype(np.float64),
    "not a number": np.full((1, 16), np.nan, np.float32),
    "infinite": np.full((1, 16), np.inf, np.float32),
    "zero": np.zeros((1, 16), np.float32),
    "too long": unit_rows(1) * 2,
    "a list": unit_rows(1).tolist(),
}
BAD_IDS = [
    np.array([-1]),
    np.array([1.0]),
    np.array([1], np.int32),
    np.array([[1]]),
    np.array([1, 2]),
    np.array([], int),
]


def test_vectors_and_ids_that_do_not_fit_are_refused(index: VectorIndex) -> None:
    for bad in BAD_VECTORS.values():
        with pytest.raises(ValueError):
            index.search(bad, 3)
        with pytest.raises(ValueError):
            index.add(np.array([1], dtype=np.int64), bad)
    for ids in BAD_IDS:
        with pytest.raises(ValueError):
            index.add(ids, unit_rows(1))
    with pytest.raises(ValueError):
        index.add(np.array([7, 7]), unit_rows(2))
    with pytest.raises(ValueError):
        index.search(unit_rows(1), 0)
    assert len(index) == 300


def test_an_index_without_dimensions_is_refused() -> None:
    with pytest.raises(ValueError):
        new_index(0)
    assert new_index(16).search(unit_rows(2), 5) == [[], []]


# --- trained again while it answers ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ivf", "hnsw", "flat"])
def test_changes_made_while_it_is_trained_again_are_kept(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change is made at the very moment when the fresh part is ready and not yet in its place."""
    import index.vectors as module

    made = build_index(np.arange(300, dtype=np.int64), unit_rows(300), "ivf")
    fresh, train = unit_rows(10, seed=9), module._trained

    def changed_meanwhile(*given: Any) -> Any:
        trained = train(*given)
        made.remove(np.arange(5, dtype=np.int64))
        made.add(np.arange(295, 305, dtype=np.int64), fresh)
        return trained

    monkeypatch.setattr(module, "_trained", changed_meanwhile)
    assert made.retrain(made.choice(kind))
    assert made.kind == kind
    assert sorted(made.ids().tolist()) == list(range(5, 305))
    assert [row[0] for row in found_ids(made, fresh, 1)] == list(range(295, 305))
    assert found_ids(made, unit_rows(300)[5:295], 1) == [[number] for number in range(5, 295)]


def test_it_answers_while_it_is_trained_again() -> None:
    rows = unit_rows(6000, 64)
    made = build_index(np.arange(6000, dtype=np.int64), rows, "flat")
    answered, stop, wrong = [0], threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            if found_ids(made, rows[7:9], 1) != [[7], [8]]:
                wrong.append(answered[0])
            answered[0] += 1

    thread = threading.Thread(target=ask)
    thread.start()
    for kind in ("ivf", "hnsw", "flat", "ivf"):
        assert made.retrain(made.choice(kind))
    before = answered[0]
    stop.set()
    thread.join()
    assert before > 8
    assert not wrong


def test_one_training_at_a_time() -> None:
    made = build_index(np.arange(300, dtype=np.int64), unit_rows(300), "flat")
    made._retraining.acquire()
    assert not made.retrain(made.choice("ivf"))
    assert made.kind == "flat"


def test_it_says_when_it_should_be_trained_again() -> None:
    made = build_index(np.arange(300, dtype=np.int64), unit_rows(300), "ivf")
    assert "flat fits" in made.due()
    assert made.due("ivf") == ""
    made.remove(np.arange(100, dtype=np.int64))
    assert "removed" in made.due("ivf")
    made.retrain(made.choice("ivf"))
    made.add(np.arange(1000, 3500, dtype=np.int64), unit_rows(2500, seed=3))
    assert "came since" in made.due("ivf")
    assert made.wants_rebuild


# --- Milvus ---------------------------------------------------------------------------------------------------


@LITE
@pytest.mark.xdist_group("milvus")
def test_a_collection_is_there_again_and_belongs_to_one_embedder(server: str) -> None:
    wishes = IndexWishes(server)
    open_milvus(wishes, "0123456789", "w", Sixteen("one")).add(np.array([3], dtype=np.int64), unit_rows(1))
    assert open_milvus(wishes, "0123456789", "w", Sixteen("one")).ids().tolist() == [3]
    assert len(open_milvus(wishes, "0123456789", "w", Sixteen("two"))) == 0
    assert len(open_milvus(wishes, "0123456789", "v", Sixteen("one"))) == 0
    assert len(open_milvus(wishes, "9999999999", "w", Sixteen("one"))) == 0


@LITE
def test_a_server_that_is_not_there_is_told_with_what_to_do() -> None:
    with pytest.raises(UserError) as trouble:
        open_milvus(IndexWishes("milvus:http://127.0.0.1:1"), "0", "w", Sixteen("one"))
    assert trouble.value.kind == "BACKEND"
    assert "deskside index set --engine faiss" in trouble.value.message


def test_the_version_floor_reads_what_servers_say() -> None:
    old, sound = ("v2.5.26", "2.4.0-rc.1", "v2.6.9", "2.6"), ("v2.5.27", "2.6.10", "v2.7.0", "milvus_lite-3.2.2", "dev")
    assert [is_unsound(said) for said in (*old, *sound)] == [True] * 4 + [False] * 5
