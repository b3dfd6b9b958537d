"""A workspace says where its vectors are kept; the shelf follows, and goes on answering while it is trained again."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path

import numpy as np
import pytest

from index import build as sync
from index.build import compare_shelf, describe_shelf, drop_embedder, load_shelf, rebuild_shelf
from index.changeover import change_embedder, drop_other_embedders
from index.choice import choose
from index.engine import IndexWishes, index_wishes, set_index_wishes
from index.errors import UserError
from index.milvus import collection_name
from index.store import Store, open_store
from index.vectors import FaissIndex
from tests.embed_doubles import HashedWords
from tests.ticket_files import take, ticket, write_lines

LITE = pytest.mark.skipif(
    not (importlib.util.find_spec("pymilvus") and importlib.util.find_spec("milvus_lite")),
    reason="pymilvus and milvus-lite are not installed: pip install 'deskside[milvus]' milvus-lite",
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "data")
    take(opened, write_lines(tmp_path / "first.jsonl", map(ticket, range(1, 41))))
    return opened


def more(store: Store, tmp_path: Path, numbers: range) -> None:
    take(store, write_lines(tmp_path / f"{numbers.start}.jsonl", map(ticket, numbers)))


# --- what fits ------------------------------------------------------------------------------------------------


def test_the_kind_follows_size_and_memory() -> None:
    assert [choose(count, 384).kind for count in (0, 10_000, 50_000, 50_001)] == ["flat", "flat", "flat", "ivf"]
    assert choose(50_000, 384, memory_mb=10).kind == "ivf"
    fine, coarse = choose(1_000_000, 384, memory_mb=120), choose(1_000_000, 384, memory_mb=50)
    assert (fine.kind, coarse.kind) == ("ivf", "ivf")
    assert coarse.bytes_each < 50 < fine.bytes_each <= 120
    assert ("50 MB" in coarse.reason, "MB" in fine.reason) == (True, False)
    assert choose(10, 384, "hnsw").kind == "hnsw"


@pytest.mark.parametrize("dimension", [16, 100, 384, 512, 768, 1024])
def test_codes_divide_every_usual_dimension(dimension: int) -> None:
    for memory in (0, 1):
        choice = choose(1_000_000, dimension, "ivf", memory)
        assert choice.bytes_each <= dimension / 4 + 17


# --- what was set ---------------------------------------------------------------------------------------------


def test_what_is_set_holds_for_one_workspace(store: Store) -> None:
    assert index_wishes(store, "default") == IndexWishes()
    set_index_wishes(store, "default", kind="ivf", memory_mb=500)
    set_index_wishes(store, "default", engine="milvus:http://host:19530")
    assert index_wishes(store, "default") == IndexWishes("milvus:http://host:19530", "ivf", 500)
    assert index_wishes(store, "default").address == "http://host:19530"
    assert set_index_wishes(store, "default", engine="faiss", kind="auto", memory_mb=0) == IndexWishes()
    assert index_wishes(store, "other") == IndexWishes()


@pytest.mark.parametrize("wrong", [{"engine": "chroma"}, {"engine": "milvus:"}, {"kind": "tree"}, {"memory_mb": -1}])
def test_what_cannot_be_set_is_refused_and_nothing_changes(store: Store, wrong: dict[str, str]) -> None:
    with pytest.raises(UserError):
        set_index_wishes(store, "default", **wrong)  # type: ignore[arg-type]
    assert index_wishes(store, "default") == IndexWishes()


@pytest.mark.parametrize("kind", ["ivf", "hnsw"])
def test_the_kind_that_was_set_is_built_loaded_and_described(store: Store, kind: str) -> None:
    set_index_wishes(store, "default", kind=kind)
    shelf = rebuild_shelf(store, "default", HashedWords())
    loaded = load_shelf(store, "default", HashedWords())
    assert isinstance(loaded.index, FaissIndex)
    assert loaded.index.kind == kind
    assert not loaded.notice
    assert sorted(loaded.index.ids()) == sorted(shelf.index.ids())
    told = describe_shelf(store, "default", HashedWords())
    assert (told["engine"], told["kind"], told["due"]) == ("faiss", kind, "")
    assert told["why"].startswith("asked for")
    result = compare_shelf(store, "default", HashedWords())
    assert result["ok"]
    assert result["kept"].startswith(f"{kind}, ")


# --- in use ---------------------------------------------------------------------------------------------------


def test_the_index_in_use_follows_the_store_without_being_read_again(store: Store, tmp_path: Path) -> None:
    held = load_shelf(store, "default", HashedWords())
    more(store, tmp_path, range(100, 110))
    after = load_shelf(store, "default", HashedWords(), held=held)
    assert after.index is held.index
    assert compare_shelf(store, "default", HashedWords())["ok"]


def test_an_index_that_another_program_saved_meanwhile_is_taken(store: Store, tmp_path: Path) -> None:
    held = load_shelf(store, "default", HashedWords())
    more(store, tmp_path, range(100, 110))
    load_shelf(store, "default", HashedWords())  # the other program
    after = load_shelf(store, "default", HashedWords(), held=held)
    assert after.index is not held.index
    assert len(after.index) == len(load_shelf(store, "default", HashedWords()).index)


def test_damaged_rows_are_left_for_an_index_built_anew(store: Store) -> None:
    held = load_shelf(store, "default", HashedWords())
    assert isinstance(held.index, FaissIndex)
    held.index.damaged = True
    assert load_shelf(store, "default", HashedWords(), held=held).index is not held.index


def test_training_that_is_due_runs_beside_the_answers(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_index_wishes(store, "default", kind="flat")
    held = load_shelf(store, "default", HashedWords())
    set_index_wishes(store, "default", kind="ivf")
    may_train, asked = threading.Event(), HashedWords().embed(["the lamp blinks"])
    train = sync.FaissIndex.retrain

    def waits(self: FaissIndex, *given: object) -> bool:
        may_train.wait(20)
        return train(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(sync.FaissIndex, "retrain", waits)
    more(store, tmp_path, range(100, 110))
    shelf = load_shelf(store, "default", HashedWords(), held=held, later=True)
    before = shelf.index.search(asked, 3)
    assert isinstance(shelf.index, FaissIndex)
    assert shelf.index.kind == "flat"
    may_train.set()
    for thread in threading.enumerate():
        if thread.name == sync.TRAINING:
            thread.join(20)
    assert shelf.index.kind == "ivf"
    assert np.allclose(
        [score for _, score in shelf.index.search(asked, 3)[0]], [score for _, score in before[0]], atol=1e-3
    )
    again = load_shelf(store, "default", HashedWords())
    assert isinstance(again.index, FaissIndex)
    assert (again.index.kind, again.notice, again.added) == ("ivf", "", 0)


# --- Milvus ---------------------------------------------------------------------------------------------------


@LITE
def test_a_workspace_moves_to_milvus_and_back(
    store: Store, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    here = load_shelf(store, "default", HashedWords())
    set_index_wishes(store, "default", engine=f"milvus:{tmp_path_factory.mktemp('m')}/m.db")
    there = load_shelf(store, "default", HashedWords())
    assert sorted(there.index.ids()) == sorted(here.index.ids())
    asked = HashedWords().embed(["the lamp blinks red", "a code that is not known"])
    for one, other in zip(here.index.search(asked, 5), there.index.search(asked, 5), strict=True):
        assert [score for _, score in one] == pytest.approx([score for _, score in other], abs=1e-3)
    more(store, tmp_path, range(100, 110))
    with store.write() as db:
        db.execute("DELETE FROM passages WHERE id IN (SELECT id FROM passages LIMIT 3)")
        store.grow_mark("default")
    shelf = load_shelf(store, "default", HashedWords())
    assert (shelf.added > 0, shelf.removed) == (True, 3)
    assert compare_shelf(store, "default", HashedWords())["ok"]
    assert describe_shelf(store, "default", HashedWords())["engine"].startswith("milvus:")
    set_index_wishes(store, "default", engine="faiss")
    assert len(load_shelf(store, "default", HashedWords()).index) == len(shelf.index)


@LITE
def test_a_dropped_embedder_leaves_no_collection_on_the_server(
    store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from pymilvus import MilvusClient

    address = f"{tmp_path_factory.mktemp('m')}/m.db"
    set_index_wishes(store, "default", engine=f"milvus:{address}")
    old, new = HashedWords(64), HashedWords(32)
    load_shelf(store, "default", old)
    change_embedder(store, "default", "new", new)
    server = MilvusClient(address)
    assert len(server.list_collections()) == 2
    assert drop_other_embedders(store, "default", new.identity) == [old.identity]
    assert server.list_collections() == [collection_name(store.fact("id"), "default", new.identity)]
    assert not store.rows("SELECT 1 FROM embeddings WHERE embedder = ?", [old.identity])
    assert len(load_shelf(store, "default", new).index) > 0


def test_an_embedder_is_not_forgotten_while_its_server_does_not_answer(store: Store) -> None:
    pytest.importorskip("pymilvus")
    load_shelf(store, "default", HashedWords())
    set_index_wishes(store, "default", engine="milvus:http://127.0.0.1:9")
    count = "SELECT count(*) AS n FROM embeddings"
    before = store.rows(count)
    with pytest.raises(UserError) as told:
        drop_embedder(store, "default", HashedWords().identity)
    assert told.value.kind == "BACKEND"
    assert store.rows(count) == before
