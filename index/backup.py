"""A copy of everything precious in one file, and the way back."""

from __future__ import annotations

import shutil
import sqlite3 as standard_sqlite3
import tarfile
import tempfile
from pathlib import Path

from index.errors import UserError
from index.store import Store, open_store

_MEMBERS = ("deskside.db", "deskside.toml")


def back_up(store: Store, target: Path) -> int:
    """Write store, settings and pictures to `target` (.tar); it appears only when it is whole. Gives its bytes.

    The store is copied through SQLite's own VACUUM INTO: a plain copy of a database in use may hold no tables.
    """
    beside = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder) / "deskside.db"
        store.db.execute("VACUUM INTO ?", [str(copy)])
        with tarfile.open(beside, "w") as archive:
            archive.add(copy, "deskside.db")
            if (store.home / "deskside.toml").is_file():
                archive.add(store.home / "deskside.toml", "deskside.toml")
            for picture in sorted(store.pictures.glob("*.png")):
                archive.add(picture, f"pictures/{picture.name}")
    beside.replace(target)
    return target.stat().st_size


def restore(home: Path, source: Path) -> int:
    """Put a backup in place; the store there before is kept as `deskside.db.before-restore`. Gives the tickets in it.

    Raises UserError DAMAGED when the file is not a whole backup; nothing is changed then.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        fresh = Path(folder)
        try:
            with tarfile.open(source) as archive:
                members = [each for each in archive.getmembers() if each.isfile() and _belongs(each.name)]
                archive.extractall(fresh, members, filter="data")
            count = _conversations(fresh)
        except (OSError, tarfile.TarError, EOFError, standard_sqlite3.Error, UserError) as error:
            raise UserError(
                f"{source.name} is not a whole backup; nothing was changed.\nTry an older one.", "DAMAGED"
            ) from error
        _swap_in(home, fresh)
    return count


def _belongs(name: str) -> bool:
    return name in _MEMBERS or (name.startswith("pictures/") and name.count("/") == 1 and name.endswith(".png"))


def _conversations(folder: Path) -> int:
    if not (folder / "deskside.db").is_file():
        raise UserError("no store in it", "DAMAGED")
    store = open_store(folder)
    try:
        if store.db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise UserError("its store is damaged", "DAMAGED")
        return int(store.rows("SELECT count(*) AS n FROM conversations")[0]["n"])
    finally:
        store.close()


def _swap_in(home: Path, fresh: Path) -> None:
    """The old store aside with its journal, the new one in its place; pictures are added to those there."""
    for suffix in ("", "-wal", "-shm"):
        old = home / f"deskside.db{suffix}"
        if old.exists():
            old.replace(home / f"deskside.db.before-restore{suffix}")
    (home / "pictures").mkdir(exist_ok=True, mode=0o700)
    for picture in (fresh / "pictures").glob("*.png"):
        picture.replace(home / "pictures" / picture.name)
    if (fresh / "deskside.toml").is_file():
        (fresh / "deskside.toml").replace(home / "deskside.toml")
    for suffix in ("-wal", "-shm"):
        (fresh / f"deskside.db{suffix}").unlink(missing_ok=True)
    (fresh / "deskside.db").replace(home / "deskside.db")
    shutil.rmtree(home / "index", ignore_errors=True)  # a cache of the store that was there before
