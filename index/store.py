"""The one precious file: every conversation, article, picture's words and turn, in SQLite, for many threads."""

from __future__ import annotations

import os
import shutil
import sqlite3 as standard_sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.errors import UserError

VERSION = "0.1.0"
BUSY_SECONDS = 120.0  # keeping 100,000 tickets in one transaction takes about a minute; a chat waits for it
# Versions with the WAL-reset fix (sqlite.org, "WAL-reset bug"): elsewhere a rollback journal is used.
_WAL_FIXED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))


def now() -> str:
    """This moment as stored everywhere: ISO 8601, UTC, whole seconds and `Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the fix for the WAL-reset corruption."""
    return version >= _WAL_FIXED[-1] or any(version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_FIXED)


class Store:
    """One SQLite file, one connection per thread, every write in an immediate transaction.

    Constructed by `open_store`. `home` is the folder it lies in, `pictures` the folder of the stored pictures.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.home = file.parent
        self.pictures = self.home / "pictures"
        self._local = threading.local()

    @property
    def db(self) -> Any:
        """This thread's `sqlite_utils.Database`."""
        db = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = _connect(self.file)
        return db

    def close(self) -> None:
        """Close this thread's connection; others close with their threads."""
        db = getattr(self._local, "db", None)
        if db is not None:
            db.close()
            self._local.db = None

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A transaction that starts as a writer (BEGIN IMMEDIATE): all of it is kept or nothing.

        Raises UserError BUSY after two minutes of another writer, FULL on a full disk, STORE when the file is damaged.
        """
        db = self.db
        with explained(self.file):
            if db.conn.in_transaction:  # joined: the outer block commits
                yield db
                return
            db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.conn.execute("COMMIT")
            except BaseException:
                db.rollback()
                raise

    def rows(self, sql: str, values: Any = ()) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries."""
        with explained(self.file):
            return list(self.db.query(sql, values))

    def fold(self) -> None:
        """Move what the journal beside the file holds into the file, and cut the journal; a no-op without WAL."""
        with explained(self.file):
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def fact(self, name: str) -> str:
        """A fact about the store itself: "id" (a UUID), "made_by" (the version that made it)."""
        return str(self.rows("SELECT value FROM facts WHERE name = ?", [name])[0]["value"])

    def mark(self, workspace: str) -> int:
        """A number that grows with every change to the passages of a workspace (0: none yet)."""
        found = self.rows("SELECT mark FROM marks WHERE workspace = ?", [workspace])
        return int(found[0]["mark"]) if found else 0

    def grow_mark(self, workspace: str) -> None:
        """Say, inside a write, that the passages of a workspace have changed."""
        self.db.execute(
            "INSERT INTO marks VALUES (?, 1) ON CONFLICT (workspace) DO UPDATE SET mark = mark + 1", [workspace]
        )


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """Turn SQLite's troubles into a UserError with the next step."""
    engine = _engine()
    try:
        yield
    except (engine.Error, standard_sqlite3.Error) as error:
        text = str(error).lower()
        if "locked" in text or "busy" in text:
            raise UserError(
                "The store is busy: another import or window is writing.\nTry again in a moment.", "BUSY"
            ) from error
        if "is full" in text or ("disk i/o" in text and _is_full(file.parent)):
            raise UserError(
                f"The disk is full; nothing of this step was kept.\nMake room beside {file.name}, then run it again.",
                "FULL",
            ) from error
        if "disk i/o" in text:  # a limit on file sizes, a disk that was pulled, a quota
            raise UserError(
                f"{file.name} could not be read or written; nothing of this step was kept.\n"
                "Check the disk and its limits (ulimit -f), then run it again.",
                "FULL",
            ) from error
        if "malformed" in text or "not a database" in text or "corrupt" in text:
            raise _damaged(file) from error
        if "readonly" in text or "unable to open" in text:
            raise UserError(
                f"The store {file.name} cannot be written.\nCheck its owner and rights, or set DESKSIDE_HOME.",
                "CONFIG",
            ) from error
        raise


def _damaged(file: Path) -> UserError:
    return UserError(
        f"The store {file.name} is damaged and was left untouched.\nPut a backup in its place: deskside restore BACKUP",
        "STORE",
    )


def _is_full(folder: Path) -> bool:
    """Whether less than a megabyte is left, which SQLite may report as an input/output error."""
    try:
        return shutil.disk_usage(folder).free < 1 << 20
    except OSError:
        return False


def open_store(home: Path) -> Store:
    """The store in `home`, made or brought up to date. Raises UserError (CONFIG, STORE, BUSY, FULL)."""
    file = home / "deskside.db"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        there = file.exists()
    except OSError as error:
        raise UserError(
            "The data folder cannot be made or entered.\nSet DESKSIDE_HOME to a folder you can write to.", "CONFIG"
        ) from error
    if there and not file.is_file():
        raise UserError(f"{file.name} in the data folder is not a file.\nMove it away, or set DESKSIDE_HOME.", "CONFIG")
    if there and not file.stat().st_size and _was_in_use(home):
        raise _damaged(file)  # SQLite would take an emptied file for a new one and lose everything without a word
    store = Store(file)
    try:
        with explained(file):
            _migrate(store)
            _choose_journal(store.db)
    except BaseException:
        store.close()
        raise
    return store


def _was_in_use(home: Path) -> bool:
    """Whether the data folder holds what only a store with content leaves beside it."""
    return any((home / "pictures").glob("*.png")) or any((home / "index").glob("*/*/manifest.json"))


def _migrate(store: Store) -> None:
    """Apply the schema steps that are missing; refuse a store from a newer release."""
    from index.schema import NEWEST, steps

    db = store.db
    applied = {step.name for step in steps.applied(db)}
    if any(name > NEWEST for name in applied):
        made_by = store.fact("made_by")
        raise UserError(
            f"This store was made by a newer Deskside ({made_by}).\nUpdate Deskside, or set DESKSIDE_HOME.",
            "CONFIG",
        )
    if not steps.pending(db):
        return
    # Two processes may open a new store at once: the second waits here and finds the work done.
    with store.write():
        if not steps.applied(db) and db.table_names():
            raise UserError(
                f"{store.file.name} in the data folder is a database of another program.\n"
                "Move it away, or set DESKSIDE_HOME.",
                "CONFIG",
            )
        steps.apply(db)
        db.execute("INSERT OR IGNORE INTO facts VALUES ('id', ?)", [uuid.uuid4().hex])
        db.execute("INSERT OR REPLACE INTO facts VALUES ('made_by', ?)", [VERSION])


def _choose_journal(db: Any) -> None:
    """WAL where this SQLite has the fix, else a rollback journal; only once the store is known to be ours."""
    engine = _engine()
    wanted = "wal" if wal_is_safe(engine.sqlite_version_info) else "delete"
    if db.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        with suppress(engine.OperationalError):  # another process is switching or reading: the next start does it
            db.execute(f"PRAGMA journal_mode = {wanted}")


def _engine() -> Any:
    """The sqlite3 module in use: pysqlite3 (current SQLite) where there is one."""
    try:
        import pysqlite3

        return pysqlite3
    except ImportError:
        return standard_sqlite3


def _connect(file: Path) -> Any:
    """A connection set up as every thread needs it."""
    from index.database import Database

    engine = _engine()
    if not file.exists():  # before SQLite makes it: it gives the rights of the file to its -wal and -shm, too
        with suppress(OSError):
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    with explained(file):
        conn = engine.connect(str(file), timeout=BUSY_SECONDS, isolation_level=None)
        db = Database(conn)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only unlinked
        db.execute("PRAGMA synchronous = FULL")
    return db
