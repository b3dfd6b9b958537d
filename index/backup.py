"""A copy of everything precious in one file, and the way back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3 as standard_sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from index.errors import UserError
from index.store import VERSION, Store, explained, open_store

_MEMBERS = ("deskside.db", "deskside.toml")
_PAPERS = "backup.json"
_VERSION_FILE = re.compile(r"versions/[A-Za-z0-9_-]+/v\d+/[\w./-]+")
BUSY_SECONDS = 2.0


def back_up(store: Store, target: Path) -> int:
    """Write store, settings, pictures and the versions in use to `target` (.tar), there when whole; gives its bytes.

    The store is copied through SQLite's own VACUUM INTO: a plain copy of a database in use may hold no tables.
    Raises UserError FULL or CONFIG.
    """
    if target.is_dir():
        raise UserError(f"{target.name} is a folder.\nName a file: deskside backup {target.name}/desk.tar", "CONFIG")
    with _writable(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            copy = Path(folder) / "deskside.db"
            with explained(store.file):
                store.db.execute("VACUUM INTO ?", [str(copy)])
            whole = Path(folder) / "whole.tar"
            with whole.open("xb") as stream:
                whole.chmod(0o600)
                _write(stream, copy, store)
                stream.flush()
                os.fsync(stream.fileno())
            whole.replace(target)
    return target.stat().st_size


def _write(stream: io.BufferedWriter, copy: Path, store: Store) -> None:
    """All members, and last the papers: the SHA-256 of each, so that a damaged or cut backup shows itself."""
    members = [("deskside.db", copy)]
    if (store.home / "deskside.toml").is_file():
        members.append(("deskside.toml", store.home / "deskside.toml"))
    members += [(f"pictures/{each.name}", each) for each in sorted(store.pictures.glob("*.png"))]
    for version in _versions_in_use(store):
        files = sorted(each for each in version.rglob("*") if each.is_file())
        members += [(each.relative_to(store.home).as_posix(), each) for each in files]
    digests = {}
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, file in members:
            with suppress(FileNotFoundError):  # a picture forgotten meanwhile
                digests[name] = _digest(file)
                archive.add(file, name)
        papers = json.dumps({"made_by": VERSION, "files": digests}).encode()
        entry = tarfile.TarInfo(_PAPERS)
        entry.size = len(papers)
        archive.addfile(entry, io.BytesIO(papers))


def _versions_in_use(store: Store) -> list[Path]:
    """The folder of the version that each workspace has in use; none where it is as shipped."""
    sql = "SELECT workspace, version FROM promotions WHERE id IN (SELECT max(id) FROM promotions GROUP BY workspace)"
    folders = [store.home / "versions" / row["workspace"] / row["version"] for row in store.rows(sql)]
    return [each for each in folders if each.is_dir()]


@contextmanager
def _writable(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        full = "No space" in reason or "too large" in reason
        raise UserError(
            f"{target.name} was not written: {reason}.\nName a file in a folder with room.",
            "FULL" if full else "CONFIG",
        ) from error


def restore(home: Path, source: Path) -> int:
    """Put a backup in place; the store there before is kept as `deskside.db.before-restore`. Gives the
    conversations in it.

    Raises UserError DAMAGED when the file is not a whole backup, CONFIG when it comes from a newer release, BUSY
    when a window is open; nothing is changed then.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        fresh = Path(folder)
        try:
            _unpack(source, fresh)
            count = _conversations(fresh)
        except UserError as error:
            if error.kind in ("CONFIG", "FULL"):
                raise
            raise _not_whole(source) from error
        except (OSError, tarfile.TarError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _not_whole(source) from error
        _release(home / "deskside.db")
        _swap_in(home, fresh)
    return count


def _not_whole(source: Path) -> UserError:
    return UserError(f"{source.name} is not a whole backup; nothing was changed.\nTry an older one.", "DAMAGED")


def _unpack(source: Path, fresh: Path) -> None:
    """The members of a backup, each compared with its SHA-256."""
    with tarfile.open(source) as archive:
        members = [each for each in archive.getmembers() if each.isfile() and _belongs(each.name)]
        papers = archive.extractfile(_PAPERS)
        files = json.loads(papers.read())["files"] if papers else {}
        if {each.name for each in members} != files.keys():
            raise UserError("its list of files does not agree", "DAMAGED")
        archive.extractall(fresh, members, filter="data")
    if any(_digest(fresh / name) != digest for name, digest in files.items()):
        raise UserError("a file in it was changed", "DAMAGED")


def _belongs(name: str) -> bool:
    picture = name.startswith("pictures/") and name.count("/") == 1 and name.endswith(".png")
    version = bool(_VERSION_FILE.fullmatch(name)) and ".." not in name.split("/")
    return name in _MEMBERS or picture or version


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _conversations(folder: Path) -> int:
    """How many there are in the unpacked store, which is checked and brought up to date."""
    store = open_store(folder)
    try:
        if store.rows("PRAGMA integrity_check")[0]["integrity_check"] != "ok":
            raise UserError("its store is damaged", "DAMAGED")
        count = int(store.rows("SELECT count(*) AS n FROM conversations")[0]["n"])
        store.rows("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        return count
    finally:
        store.close()


def _release(file: Path) -> None:
    """Fold the journal of the store there into its file. Raises UserError BUSY while someone else has it open.

    A damaged store cannot be folded: it is set aside as it is.
    """
    if not file.is_file():
        return
    with closing(standard_sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)) as conn:
        try:
            # leaving WAL needs the file for itself, so this also finds windows that only read
            conn.execute("PRAGMA journal_mode = DELETE")
            conn.execute("BEGIN EXCLUSIVE")
            conn.execute("ROLLBACK")
        except standard_sqlite3.DatabaseError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise UserError(
                    "The store is in use by a window or an import.\nClose it, then restore again.", "BUSY"
                ) from error


def _swap_in(home: Path, fresh: Path) -> None:
    """Pictures and versions added to those there; then the old store aside and the new one in its place in one step."""
    (home / "pictures").mkdir(exist_ok=True, mode=0o700)
    for picture in (fresh / "pictures").glob("*.png"):
        picture.replace(home / "pictures" / picture.name)
    for version in (fresh / "versions").glob("*/*"):
        place = home / version.relative_to(fresh)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():  # of the store that is there now
            place.replace(Path(tempfile.mkdtemp(prefix=".before-restore-", dir=place.parent)) / place.name)
        version.replace(place)
    if (fresh / "deskside.toml").is_file():
        (fresh / "deskside.toml").replace(home / "deskside.toml")
    shutil.rmtree(home / "index", ignore_errors=True)  # a cache of the store that was there before
    _set_aside(home)
    (fresh / "deskside.db").chmod(0o600)
    (fresh / "deskside.db").replace(home / "deskside.db")


def _set_aside(home: Path) -> None:
    """Keep the store there as `deskside.db.before-restore`; killed at any moment, one of the two names has it."""
    for suffix in ("", "-wal", "-shm"):
        (home / f"deskside.db.before-restore{suffix}").unlink(missing_ok=True)
    for suffix in ("-wal", "-shm"):  # only a damaged store has them still
        if (home / f"deskside.db{suffix}").exists():
            (home / f"deskside.db{suffix}").replace(home / f"deskside.db.before-restore{suffix}")
    old = home / "deskside.db"
    if not old.is_file():
        return
    try:
        os.link(old, home / "deskside.db.before-restore")
    except OSError:  # a file system without links
        shutil.copyfile(old, home / "deskside.db.before-restore")
