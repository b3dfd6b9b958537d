"""The index is a cache: whatever becomes of its files, a search gives what the store holds."""

from __future__ import annotations

import os
import random
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.build import compare_shelf, describe_shelf, index_folder, load_shelf, rebuild_shelf
from index.search import Query, Searcher
from index.store import Store, open_store
from tests.embed_doubles import HashedWords
from tests.ticket_files import Forked, take, ticket, write_lines


class CountingWords(HashedWords):
    """Counts the texts it was given for embedding (questions apart)."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.count = 0

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.count += len(texts)
        return super().embed(texts)

    def embed_query(self, text: str) -> np.ndarray:
        return HashedWords.embed(self, [text])[0]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(home: Path, tmp_path: Path) -> Store:
    store = open_store(home)
    take(store, write_lines(tmp_path / "first.jsonl", map(ticket, range(100, 120))))
    return store


def searcher(store: Store, notes: list[str] | None = None, workspace: str = "default") -> Searcher:
    def load():  # type: ignore[no-untyped-def]
        shelf = load_shelf(store, workspace, HashedWords())
        if shelf.notice and notes is not None:
            notes.append(shelf.notice)
        return shelf

    return Searcher(store, workspace, HashedWords(), load)


def finds(search: Searcher, number: int) -> bool:
    hits = search.search(Query(f"My hub number {number} shows error E-{number} since this morning."), 1)
    return bool(hits) and hits[0].source_id == f"T-{number}"


def test_the_index_holds_what_the_store_holds(store: Store) -> None:
    shelf = load_shelf(store, "default", HashedWords())
    assert len(shelf.index) == shelf.added == len(store.rows("SELECT id FROM passages"))
    assert compare_shelf(store, "default", HashedWords())["ok"]
    assert finds(searcher(store), 107)


def test_a_second_build_embeds_nothing(store: Store) -> None:
    embedder = CountingWords()
    load_shelf(store, "default", embedder)
    assert embedder.count == len(store.rows("SELECT DISTINCT text_hash FROM passages"))
    embedder.count = 0
    rebuild_shelf(store, "default", embedder)
    load_shelf(store, "default", embedder)
    assert embedder.count == 0


def test_only_new_passages_are_embedded(store: Store, tmp_path: Path) -> None:
    embedder = CountingWords()
    load_shelf(store, "default", embedder)
    embedder.count = 0
    take(store, write_lines(tmp_path / "more.jsonl", [ticket(500)]))
    shelf = load_shelf(store, "default", embedder)
    assert embedder.count == shelf.added == 2


def test_the_same_text_in_another_workspace_is_embedded_once(store: Store, tmp_path: Path) -> None:
    embedder = CountingWords()
    load_shelf(store, "default", embedder)
    take(store, tmp_path / "first.jsonl", workspace="other")
    embedder.count = 0
    assert len(load_shelf(store, "other", embedder).index) == 40
    assert embedder.count == 0


def test_what_is_gone_from_the_store_is_gone_from_the_index(store: Store) -> None:
    load_shelf(store, "default", HashedWords())
    with store.write() as db:
        db.execute("DELETE FROM conversations WHERE source_id = 'T-107'")
        store.grow_mark("default")
    shelf = load_shelf(store, "default", HashedWords())
    assert shelf.removed == 2
    assert compare_shelf(store, "default", HashedWords())["ok"]
    assert not finds(searcher(store), 107)


def test_a_workspace_never_sees_the_passages_of_another(store: Store, tmp_path: Path) -> None:
    take(store, write_lines(tmp_path / "other.jsonl", [ticket(700)]), workspace="other")
    ours, theirs = searcher(store), searcher(store, workspace="other")
    asked = Query("My hub number 700 shows error E-700 since this morning.", ("Error E-107",))
    assert {hit.source_id for hit in theirs.search(asked, 50)} == {"T-700"}
    assert "T-700" not in {hit.source_id for hit in ours.search(asked, 50)}
    assert len(theirs.search(asked, 50)) == 1


def test_a_running_search_sees_what_another_process_imports(store: Store, home: Path, tmp_path: Path) -> None:
    running = searcher(store)
    assert not finds(running, 900)
    file = write_lines(tmp_path / "later.jsonl", [ticket(900)])
    assert Forked(lambda: take(open_store(home), file)[0].imported).end() == "1"
    assert finds(running, 900)
    assert finds(running, 107)


def test_four_threads_search_while_tickets_come_in(store: Store, tmp_path: Path) -> None:
    running, troubles, stop = searcher(store), [], threading.Event()

    def look(number: int) -> None:
        try:
            while not stop.is_set():
                assert finds(running, number)
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(101, 105)]
    for thread in threads:
        thread.start()
    for number in range(900, 908):
        take(store, write_lines(tmp_path / f"{number}.jsonl", [ticket(number)]))
        assert finds(running, number)
    stop.set()
    for thread in threads:
        thread.join()
    assert not troubles
    assert compare_shelf(store, "default", HashedWords())["ok"]


def test_an_embedder_never_meets_the_index_of_another(store: Store) -> None:
    small, large = HashedWords(64), HashedWords(128)
    assert load_shelf(store, "default", small).index.dimension == 64
    assert load_shelf(store, "default", large).index.dimension == 128
    assert index_folder(store, "default", small) != index_folder(store, "default", large)


# --- damage ---------------------------------------------------------------------------------------------------


def _data(folder: Path) -> Path:
    return next(folder.glob("loose-*.faiss"))


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[random.Random(len(data)).randrange(len(data))] ^= 4
    file.write_bytes(data)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _device(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _huge(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[8:24] = b"\xff\xff\xff\xff\xff\xff\xff\x0f" * 2
    file.write_bytes(data)


DAMAGES = {
    "gone": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "cut": _cut,
    "one bit": _flip,
    "random": lambda file: file.write_bytes(random.Random(1).randbytes(9000)),
    "text": lambda file: file.write_text("{}"),
    "folder": _folder,
    "link to a device": _device,
    "pipe": _pipe,
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"more"),
    "huge counts": _huge,
    "endless": lambda file: file.write_bytes(b"[" * 200_000),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("which", ["manifest.json", "vectors"])
def test_a_damaged_file_is_told_and_the_search_is_right_afterwards(store: Store, damage: str, which: str) -> None:
    load_shelf(store, "default", HashedWords())
    folder = index_folder(store, "default", HashedWords())
    DAMAGES[damage](_data(folder) if which == "vectors" else folder / which)
    notes: list[str] = []
    assert finds(searcher(store, notes), 113)
    silent = damage == "gone" and which == "manifest.json"  # that is: no index yet
    assert bool(notes) is not silent
    assert all("rebuilt" in note and str(folder) not in note for note in notes), notes
    assert compare_shelf(store, "default", HashedWords())["ok"]
    assert not load_shelf(store, "default", HashedWords()).notice


@pytest.mark.parametrize("place", ["folder", "workspace", "index"])
def test_a_file_in_the_place_of_the_folder_is_put_right(store: Store, home: Path, place: str) -> None:
    load_shelf(store, "default", HashedWords())
    folder = {
        "folder": index_folder(store, "default", HashedWords()),
        "workspace": home / "index" / "default",
        "index": home / "index",
    }[place]
    shutil.rmtree(folder)
    folder.write_text("in the way")
    notes: list[str] = []
    assert finds(searcher(store, notes), 113)
    assert len(notes) == 1
    assert compare_shelf(store, "default", HashedWords())["ok"]


def test_the_index_of_another_store_is_not_used(store: Store, tmp_path: Path, home: Path) -> None:
    other = open_store(tmp_path / "other")
    take(other, write_lines(tmp_path / "x.jsonl", map(ticket, range(300, 320))))
    load_shelf(other, "default", HashedWords())
    shutil.copytree(tmp_path / "other" / "index", home / "index")
    notes: list[str] = []
    assert finds(searcher(store, notes), 107)
    assert "store" in notes[0]


def test_the_index_of_an_embedder_with_other_weights_is_not_used(store: Store) -> None:
    load_shelf(store, "default", HashedWords())
    changed = HashedWords()
    changed.identity = "hashed-words-retrained"
    folder = index_folder(store, "default", HashedWords())
    shutil.copytree(folder, index_folder(store, "default", changed))
    assert "embedder" in load_shelf(store, "default", changed).notice


def test_an_index_newer_than_a_store_put_back_by_hand_is_rebuilt(store: Store, home: Path, tmp_path: Path) -> None:
    """The ids that the index knows belong to other passages in the older store."""
    load_shelf(store, "default", HashedWords())
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    shutil.copyfile(home / "deskside.db", tmp_path / "copy.db")
    take(store, write_lines(tmp_path / "a.jsonl", map(ticket, range(200, 210))))
    load_shelf(store, "default", HashedWords())
    store.close()
    for suffix in ("", "-wal", "-shm"):
        (home / f"deskside.db{suffix}").unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "copy.db", home / "deskside.db")
    older = open_store(home)
    take(older, write_lines(tmp_path / "b.jsonl", map(ticket, range(300, 310))))  # the same ids, other words
    notes: list[str] = []
    assert finds(searcher(older, notes), 305)
    assert len(notes) == 1
    assert compare_shelf(older, "default", HashedWords())["ok"]


def test_the_comparison_finds_what_is_missing_extra_and_different(store: Store, tmp_path: Path) -> None:
    empty = compare_shelf(store, "default", HashedWords())
    assert (empty["ok"], empty["missing"]) == (False, 40)
    load_shelf(store, "default", HashedWords())
    with store.write() as db:
        db.execute("DELETE FROM passages WHERE id IN (SELECT id FROM passages LIMIT 3)")
    take(store, write_lines(tmp_path / "m.jsonl", [ticket(500)]))
    result = compare_shelf(store, "default", HashedWords())
    assert (result["ok"], result["missing"], result["extra"]) == (False, 2, 3)
    load_shelf(store, "default", HashedWords())
    turned = HashedWords().embed(["something else entirely"])[0].astype(np.float16).tobytes()
    with store.write() as db:
        db.execute("UPDATE embeddings SET vector = ?", [turned])
    assert compare_shelf(store, "default", HashedWords())["different"] > 0


def test_an_index_that_cannot_be_saved_still_answers(store: Store, home: Path) -> None:
    (home / "index").symlink_to("/proc/nowhere")
    notes: list[str] = []
    assert finds(searcher(store, notes), 107)
    assert "could not be saved" in notes[0]


def test_a_store_without_tickets_has_an_empty_index(tmp_path: Path) -> None:
    store = open_store(tmp_path / "empty")
    assert len(load_shelf(store, "default", HashedWords()).index) == 0
    assert compare_shelf(store, "default", HashedWords())["ok"]
    assert searcher(store).search(Query("E-1"), 5) == []
    assert describe_shelf(store, "default", HashedWords())["passages"] == {}
