"""The store keeps what it was given, refuses what it cannot read, and never overwrites either."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from index.errors import UserError
from index.store import Store, open_store, wal_is_safe
from tests.ticket_files import Forked, counts, run_python, tables, take, ticket, trouble, write_lines


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(home)


def filled(home: Path, number: int = 20) -> Path:
    """A closed store with tickets in it; gives its file."""
    store = open_store(home)
    take(store, write_lines(home.parent / "some.jsonl", map(ticket, range(number))))
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return home / "deskside.db"


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_a_write_ahead_log_only_where_sqlite_has_the_fix(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_the_journal_is_the_one_this_sqlite_is_safe_with(store: Store) -> None:
    version = tuple(int(part) for part in store.rows("SELECT sqlite_version() AS v")[0]["v"].split("."))
    assert store.rows("PRAGMA journal_mode")[0]["journal_mode"] == ("wal" if wal_is_safe(version) else "delete")


def test_only_its_owner_may_read_the_store(home: Path, store: Store) -> None:
    take(store, write_lines(home.parent / "some.jsonl", [ticket(1)]))
    rights = {file.name: stat.S_IMODE(file.stat().st_mode) for file in home.glob("deskside.db*")}
    assert len(rights) >= 1
    assert set(rights.values()) == {0o600}, rights
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_every_table_is_strict(store: Store) -> None:
    ours = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
    loose = {row["name"] for row in store.rows(ours)}
    assert {name for name in loose if not name.startswith("sqlite_")} == {"_sqlite_migrations"}


def test_words_do_not_land_in_a_number(store: Store) -> None:
    with pytest.raises(Exception, match=r"cannot store TEXT"), store.write() as db:
        db.execute("INSERT INTO marks VALUES ('w', 'many')")
    assert store.mark("w") == 0


def test_a_message_without_its_conversation_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY"), store.write() as db:
        db.execute(
            "INSERT INTO messages (conversation_id, position, role, text, attachments, pictures, extra)"
            " VALUES (99, 0, 'agent', 'x', '[]', '[]', '{}')"
        )


def test_a_write_that_fails_keeps_nothing(store: Store) -> None:
    with pytest.raises(ValueError), store.write() as db:
        db.execute("INSERT INTO marks VALUES ('w', 1)")
        raise ValueError
    assert store.mark("w") == 0


def test_a_write_inside_a_write_goes_with_the_outer_one(store: Store) -> None:
    with pytest.raises(ValueError), store.write():
        with store.write() as inner:
            inner.execute("INSERT INTO marks VALUES ('w', 1)")
        raise ValueError
    assert store.mark("w") == 0


def test_a_store_of_a_newer_release_is_named_and_left_alone(home: Path) -> None:
    file = filled(home)
    with sqlite3.connect(file) as db:
        db.execute("INSERT INTO _sqlite_migrations VALUES (99, 'deskside', '0999_later', 'now')")
        db.execute("UPDATE facts SET value = '9.9.9' WHERE name = 'made_by'")
    db.close()
    before = file.read_bytes()
    error = trouble(lambda: open_store(home))
    assert error.kind == "CONFIG"
    assert "9.9.9" in error.message
    assert file.read_bytes() == before


def damaged(file: Path, how: str) -> None:
    data = file.read_bytes()
    if how == "cut in half":
        file.write_bytes(data[: len(data) // 2])
    elif how == "wrong header":
        file.write_bytes(b"Not SQLite at all" + data[17:])
    elif how == "text":
        file.write_text("these are not the tickets you are looking for\n" * 400)
    elif how == "first pages zeroed":
        file.write_bytes(data[:100] + bytes(2 * 4096 - 100) + data[2 * 4096 :])


@pytest.mark.parametrize("how", ["cut in half", "wrong header", "text", "first pages zeroed"])
def test_a_damaged_store_is_left_untouched(home: Path, how: str) -> None:
    file = filled(home, 200)
    damaged(file, how)
    before = file.read_bytes()

    def use() -> None:
        store = open_store(home)
        for name in tables(store):
            store.rows(f"SELECT * FROM {name}")

    error = trouble(use)
    assert error.kind == "STORE"
    assert "restore" in error.message
    assert file.read_bytes() == before


def test_an_emptied_store_is_not_taken_for_a_new_one(home: Path) -> None:
    file = filled(home)
    (home / "pictures").mkdir()
    (home / "pictures" / f"{'a' * 64}.png").write_bytes(b"x")
    file.write_bytes(b"")
    assert trouble(lambda: open_store(home)).kind == "STORE"
    assert file.read_bytes() == b""


def test_a_first_start_that_was_killed_is_finished(home: Path) -> None:
    home.mkdir()
    (home / "deskside.db").write_bytes(b"")
    assert counts(open_store(home)) == (0, 0, 0)


def test_the_database_of_another_program_is_left_alone(home: Path) -> None:
    home.mkdir()
    db = sqlite3.connect(home / "deskside.db")
    db.execute("CREATE TABLE bookmarks (url TEXT)")
    db.commit()
    db.close()
    before = (home / "deskside.db").read_bytes()
    error = trouble(lambda: open_store(home))
    assert error.kind == "CONFIG"
    assert (home / "deskside.db").read_bytes() == before


def test_a_folder_in_the_place_of_the_store_is_told(home: Path) -> None:
    (home / "deskside.db").mkdir(parents=True)
    assert trouble(lambda: open_store(home)).kind == "CONFIG"


def test_a_data_folder_that_is_a_file_is_told(home: Path) -> None:
    home.write_text("x")
    assert trouble(lambda: open_store(home)).kind == "CONFIG"


AS_NOBODY = """
import os, sys, tempfile
from pathlib import Path
from index.errors import UserError
from index.store import open_store

def write(home):
    store = open_store(home)
    with store.write():
        store.grow_mark("w")
    store.close()

with tempfile.TemporaryDirectory() as folder:  # everything imported while its files may still be read
    write(Path(folder))
os.chdir(sys.argv[1])
if os.getuid() == 0:
    os.setegid(65534); os.seteuid(65534)
try:
    write(Path("."))
except UserError as error:
    print(error.kind)
"""


def test_a_store_that_may_not_be_written_is_told(home: Path) -> None:
    file = filled(home)
    home.chmod(0o555)
    file.chmod(0o444)
    before = file.read_bytes()
    done = run_python(AS_NOBODY, home)
    home.chmod(0o700)
    assert done.stdout.strip() == "CONFIG", done
    assert file.read_bytes() == before


def test_a_store_held_by_another_writer_is_busy(home: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.store.BUSY_SECONDS", 0.2)
    other = Store(store.file)
    with store.write():
        seen: list[UserError] = []

        def write() -> None:
            try:
                with other.write():
                    pass
            except UserError as error:
                seen.append(error)

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert [error.kind for error in seen] == ["BUSY"]


def test_four_threads_on_one_store_lose_nothing(store: Store) -> None:
    troubles: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for _ in range(25):
                with store.write():
                    store.grow_mark(name)
                    store.grow_mark("all")
                assert store.mark(name) >= 1
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert store.mark("all") == 100
    assert [store.mark(f"w{number}") for number in range(4)] == [25] * 4


def grow(home: Path) -> str:
    """Thirty times read, then write: what a deferred transaction would lose."""
    store = open_store(home)
    for _ in range(30):
        with store.write() as db:
            mark = store.mark("all")
            db.execute("INSERT INTO marks VALUES ('all', 1) ON CONFLICT DO UPDATE SET mark = ?", [mark + 1])
    return "done"


def test_four_processes_open_a_new_store_at_once_and_lose_nothing(home: Path) -> None:
    running = [Forked(grow, home) for _ in range(4)]
    assert [process.end() for process in running] == ["done"] * 4
    store = open_store(home)
    assert store.mark("all") == 120
    assert len(store.rows("SELECT 1 FROM facts WHERE name = 'id'")) == 1


def test_a_store_of_an_older_release_is_brought_up_to_date(home: Path) -> None:
    from sqlite_utils import Database

    from index.schema import steps

    home.mkdir()
    old = Database(home / "deskside.db")
    steps.apply(old, stop_before="0002_faster")
    old.execute("INSERT INTO facts VALUES ('id', 'x'), ('made_by', '0.0.1')")
    old.execute("INSERT INTO articles VALUES (1, 'default', 'A-1', 'Reset', 'Hold it.', '[]', '[]', '{}', 'h', 'now')")
    old.execute("INSERT INTO passages VALUES (1, 'default', NULL, 1, 'section', 'Reset', 'Hold it.', 1, 2, 'h')")
    old.conn.commit()
    old.close()
    store = open_store(home)
    assert store.fact("id") == "x"
    take(store, write_lines(home.parent / "new.jsonl", [ticket(1)]))
    found = store.rows("SELECT rowid AS id FROM passages_fts WHERE passages_fts MATCH 'hold' ORDER BY rowid")
    assert [row["id"] for row in found] == [1, 3]
    store.db.execute("INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)")  # raises if unequal


def test_two_stores_have_two_ids(tmp_path: Path) -> None:
    assert open_store(tmp_path / "a").fact("id") != open_store(tmp_path / "b").fact("id")


def test_a_store_moves_with_its_folder(home: Path, tmp_path: Path) -> None:
    filled(home)
    before = tables(open_store(home))
    shutil.move(home, tmp_path / "elsewhere")
    assert tables(open_store(tmp_path / "elsewhere")) == before
