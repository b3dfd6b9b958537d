"""Beside the store: what an import has prepared so far, so that a killed import goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.conversation import Article, Conversation, Message, Source
from index.errors import UserError
from index.formats.files import open_regular
from index.store import VERSION, explained

KEPT_SECONDS = 7 * 24 * 3600


class Staging:
    """A small SQLite file per import: (position, hash of what the file said, prepared source)."""

    def __init__(self, db: Any, file: Path) -> None:
        self._db = db
        self._file = file
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS staged (position INTEGER PRIMARY KEY AUTOINCREMENT,"
            " content_hash TEXT UNIQUE, source TEXT, notes TEXT)"
        )

    def __len__(self) -> int:
        return int(next(self._db.query("SELECT count(*) AS n FROM staged"))["n"])

    def has(self, content_hash: str) -> bool:
        """Whether a source with this content was prepared before the last kill."""
        found = self._db.execute("SELECT 1 FROM staged WHERE content_hash = ?", [content_hash])
        return found.fetchone() is not None

    def add(self, rows: list[tuple[str, Source, dict[str, Any]]]) -> None:
        """Keep prepared sources, all of them or none."""
        with explained(self._file), self._db.atomic():
            self._db.conn.executemany(
                "INSERT OR IGNORE INTO staged (content_hash, source, notes) VALUES (?, ?, ?)",
                [(content, _dump(source), json.dumps(notes)) for content, source, notes in rows],
            )

    def rows(self) -> Iterator[tuple[str, Source, dict[str, Any]]]:
        """All that was prepared, in the order of the file."""
        for row in self._db.execute("SELECT content_hash, source, notes FROM staged ORDER BY position"):
            yield row[0], _load(row[1]), json.loads(row[2])

    def close(self) -> None:
        """Close it and leave the file for the next try."""
        self._db.close()

    def remove(self) -> None:
        """Done: nothing of it is needed any more."""
        self.close()
        for suffix in ("", "-journal", "-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)


def open_staging(home: Path, key: str) -> Staging:
    """The staging file of one import; an unreadable one is started afresh, those nobody came back for go.

    Raises UserError FULL or CONFIG.
    """
    from index.database import Database

    folder = home / "staging"
    file = folder / f"{key}.db"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in folder.iterdir():
            if old.name != file.name and time.time() - old.stat().st_mtime > KEPT_SECONDS:
                old.unlink()
    except OSError as error:
        raise UserError("The data folder cannot be written.\nCheck its owner and rights.", "CONFIG") from error
    for attempt in (1, 2):
        db = None
        try:
            with explained(file):
                db = Database(file)
                db.execute("PRAGMA synchronous = NORMAL")
                staging = Staging(db, file)
                len(staging)  # a damaged file shows itself here
                return staging
        except Exception as error:
            if db is not None:
                db.close()
            if attempt == 2 or (isinstance(error, UserError) and error.kind in ("FULL", "CONFIG")):
                raise
            file.unlink(missing_ok=True)
    raise AssertionError("unreachable")


def clear_staging(home: Path) -> None:
    """Forget everything that killed imports have prepared; they start anew."""
    shutil.rmtree(home / "staging", ignore_errors=True)


def staging_key(workspace: str, path: Path, options: object) -> str:
    """What an import is known by: its workspace, its bytes (or its folder's listing) and its options."""
    digest = hashlib.sha256(f"{VERSION}\0{workspace}\0{options!r}\0".encode("utf-8", "replace"))
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            stat = file.lstat()
            digest.update(f"{file.relative_to(path)}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode("utf-8", "replace"))
    else:
        with open_regular(path) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:24]


@contextmanager
def one_import(home: Path) -> Iterator[None]:
    """Only one import at a time in a data folder; the lock goes with its process. Raises UserError BUSY."""
    import fcntl

    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "import.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(
                "Another import is running here.\nWait until it is done, then run this again.", "BUSY"
            ) from error
        yield


def _dump(source: Source) -> str:
    fields = dict(source.__dict__)
    if isinstance(source, Conversation):
        fields["messages"] = [message.__dict__ for message in source.messages]
    return json.dumps([type(source).__name__, fields], ensure_ascii=False)


def _load(text: str) -> Source:
    name, fields = json.loads(text)
    if name == "Article":
        return Article(**{**fields, "attachments": tuple(fields["attachments"]), "pictures": tuple(fields["pictures"])})
    messages = tuple(
        Message(**{**said, "attachments": tuple(said["attachments"]), "pictures": tuple(said["pictures"])})
        for said in fields["messages"]
    )
    return Conversation(**{**fields, "messages": messages, "tags": tuple(fields["tags"])})
