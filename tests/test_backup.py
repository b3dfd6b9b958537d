"""A backup holds everything precious; what is not a whole backup changes nothing."""

from __future__ import annotations

import random
import stat
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from index.backup import back_up, restore
from index.build import compare_shelf, load_shelf
from index.store import Store, open_store
from tests.embed_doubles import HashedWords
from tests.ticket_files import Forked, SaysWords, counts, picture, tables, take, ticket, trouble, write_lines


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(home: Path, tmp_path: Path) -> Store:
    store = open_store(home)
    first = ticket(1)
    first["messages"][0]["attachments"] = ["s.png"]
    picture(tmp_path / "s.png")
    file = write_lines(tmp_path / "t.jsonl", [first, *map(ticket, range(2, 40))])
    take(store, file, load_reader=SaysWords)
    (home / "deskside.toml").write_text("top = 7\n")
    return store


@pytest.fixture
def backup(store: Store, tmp_path: Path) -> Path:
    back_up(store, tmp_path / "desk.tar")
    return tmp_path / "desk.tar"


def test_a_backup_comes_back_in_another_home(store: Store, backup: Path, tmp_path: Path) -> None:
    assert restore(tmp_path / "new", backup) == 39
    other = open_store(tmp_path / "new")
    assert tables(other) == tables(store)
    assert other.fact("id") == store.fact("id")
    assert (tmp_path / "new" / "deskside.toml").read_text() == "top = 7\n"
    assert [each.name for each in other.pictures.iterdir()] == [each.name for each in store.pictures.iterdir()]
    assert stat.S_IMODE((tmp_path / "new" / "deskside.db").stat().st_mode) == 0o600


def test_only_its_owner_may_read_a_backup(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_the_store_before_is_kept_beside_and_the_index_made_anew(
    store: Store, backup: Path, tmp_path: Path, home: Path
) -> None:
    take(store, write_lines(tmp_path / "more.jsonl", [ticket(99)]))
    load_shelf(store, "default", HashedWords())
    later = tables(store)
    store.close()
    restore(home, backup)
    restored = open_store(home)
    assert counts(restored)[0] == 39
    load_shelf(restored, "default", HashedWords())
    assert compare_shelf(restored, "default", HashedWords())["ok"]
    restored.close()
    aside = tmp_path / "aside"
    aside.mkdir()
    (home / "deskside.db.before-restore").rename(aside / "deskside.db")
    assert tables(open_store(aside)) == later


def test_a_backup_may_be_made_while_others_write(store: Store, home: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with store.write() as db:  # two rows that belong together
                db.execute("INSERT INTO marks VALUES ('a', 1) ON CONFLICT DO UPDATE SET mark = mark + 1")
                db.execute("INSERT INTO marks VALUES ('b', 1) ON CONFLICT DO UPDATE SET mark = mark + 1")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(4):
            back_up(Store(store.file), tmp_path / f"{number}.tar")
    finally:
        stop.set()
        thread.join()
    for number in range(4):
        restore(tmp_path / f"home{number}", tmp_path / f"{number}.tar")
        copy = open_store(tmp_path / f"home{number}")
        assert copy.mark("a") == copy.mark("b")
        assert counts(copy)[0] == 39


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    with tarfile.open(file) as archive:
        member = archive.getmember("deskside.db")
    data[member.offset_data + random.Random(3).randrange(member.size)] ^= 1
    file.write_bytes(data)


def drop(file: Path, name: str, *more: str) -> None:
    """The archive without some member, otherwise sound."""
    with tarfile.open(file) as old, tarfile.open(file.with_suffix(".new"), "w") as new:
        for member in old.getmembers():
            if not member.name.startswith(name):
                new.addfile(member, old.extractfile(member))
    file.with_suffix(".new").replace(file)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut": cut,
    "one bit of the store": flip,
    "without the store": lambda file: drop(file, "deskside.db"),
    "without a picture": lambda file: drop(file, "pictures/"),
    "without its list": lambda file: drop(file, "backup.json"),
    "text": lambda file: file.write_text("not a backup"),
    "zeros": lambda file: file.write_bytes(bytes(20_000)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_changes_nothing(store: Store, backup: Path, home: Path, damage: str) -> None:
    DAMAGES[damage](backup)
    before, names = tables(store), sorted(each.name for each in home.iterdir())
    store.close()
    error = trouble(lambda: restore(home, backup))
    assert error.kind == "DAMAGED"
    assert str(home.parent) not in error.message
    assert tables(open_store(home)) == before
    assert sorted(each.name for each in home.iterdir() if not each.name.endswith(("-wal", "-shm"))) == [
        name for name in names if not name.endswith(("-wal", "-shm"))
    ]


def test_a_backup_that_reaches_outside_is_not_unpacked(home: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil.tar"
    with tarfile.open(evil, "w") as archive:
        for name in ("../outside.txt", "pictures/../../outside.png", "/tmp/outside"):
            archive.addfile(tarfile.TarInfo(name))
    assert trouble(lambda: restore(home, evil)).kind == "DAMAGED"
    assert not list(tmp_path.glob("outside*"))


def test_a_backup_of_a_newer_release_says_so(store: Store, tmp_path: Path) -> None:
    with store.write() as db:
        db.execute("INSERT INTO _sqlite_migrations VALUES (99, 'deskside', '0999_later', 'now')")
    back_up(store, tmp_path / "newer.tar")
    error = trouble(lambda: restore(tmp_path / "new", tmp_path / "newer.tar"))
    assert (error.kind, "newer" in error.message) == ("CONFIG", True)
    assert not (tmp_path / "new" / "deskside.db").exists()


def test_a_damaged_store_is_replaced(store: Store, backup: Path, home: Path) -> None:
    store.close()
    (home / "deskside.db").write_bytes(b"rubbish" * 5000)
    assert restore(home, backup) == 39
    assert counts(open_store(home))[0] == 39
    assert (home / "deskside.db.before-restore").read_bytes().startswith(b"rubbish")


def test_nothing_is_restored_under_an_open_window(
    store: Store, backup: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its later answers would go into a file that nobody opens again."""
    monkeypatch.setattr("index.backup.BUSY_SECONDS", 0.1)
    before = tables(store)  # an open connection, as every window has one
    said = Forked(lambda: trouble(lambda: restore(home, backup)).kind).end()
    assert said == "BUSY"
    assert tables(store) == before


@pytest.mark.parametrize("place", ["folder", "nowhere"])
def test_a_backup_that_cannot_be_written_is_told(store: Store, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    target = tmp_path if place == "folder" else tmp_path / "file" / "x.tar"
    assert trouble(lambda: back_up(store, target)).kind == "CONFIG"
    assert (tmp_path / "file").read_text() == "x"
