"""Forgetting a customer: their words leave the store, its free pages, the index, the pictures and the staging."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

from index.staging import clear_staging, one_import
from index.store import Store

GONE = "(removed)"
# A picture that nobody names may belong to a question under way: only older ones are swept.
UNDER_WAY_SECONDS = 3600


def forget_customer(store: Store, workspace: str, customer_id: str) -> dict[str, int]:
    """Remove every conversation of a customer with its passages, turns, ratings, embeddings and pictures.

    What other chats quote from them is blanked; their index is built again at the next search. Gives the counts
    removed. Raises UserError BUSY while an import runs.
    """
    return _forget(store, workspace, "customer_id", customer_id)


def forget_conversation(store: Store, workspace: str, source_id: str) -> dict[str, int]:
    """The same for one conversation, whoever its customer is."""
    return _forget(store, workspace, "source_id", source_id)


def _forget(store: Store, workspace: str, column: str, value: str) -> dict[str, int]:
    with one_import(store.home):
        with store.write() as db:
            found = db.execute(
                f"SELECT id, source_id FROM conversations WHERE workspace = ? AND {column} = ?", [workspace, value]
            ).fetchall()
            shown = {sha for row, _ in found for sha in pictures_in(db, "messages WHERE conversation_id = ?", [row])}
            for row, source_id in found:
                _blank_quotes(db, workspace, source_id)
                _blank_packets(db, workspace, source_id)
                db.execute("DELETE FROM conversations WHERE id = ?", [row])
            left = f"departed WHERE workspace = ? AND kind = 'ticket' AND {column} = ?"
            shown |= pictures_in(db, left, [workspace, value])
            gone_before = db.execute(f"DELETE FROM {left}", [workspace, value]).rowcount
            db.execute("DELETE FROM embeddings WHERE text_hash NOT IN (SELECT text_hash FROM passages)")
            gone = sweep_pictures(db, store.pictures, shown)
            # deleted rows live on in the full-text index until its parts are merged
            for table in ("passages_fts", "passages_any", "messages_fts"):
                db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
            store.grow_mark(workspace)
        # after the commit: a crash in between leaves files nobody names, never a name without its file
        for sha256 in gone:
            (store.pictures / f"{sha256}.png").unlink(missing_ok=True)
        shutil.rmtree(store.home / "index" / workspace, ignore_errors=True)
        clear_staging(store.home)
        store.fold()
    return {"conversations": len(found) + gone_before, "pictures": len(shown & gone)}


def _blank_quotes(db: Any, workspace: str, source_id: str) -> None:
    """Take the words of a forgotten conversation out of the hits and citations of other turns."""
    turns = db.execute(
        "SELECT t.id, t.hits, t.citations FROM turns t JOIN conversations c ON c.id = t.conversation_id"
        " WHERE c.workspace = ? AND (instr(t.hits, ?) OR instr(t.citations, ?))",
        [workspace, *[json.dumps(source_id, ensure_ascii=False)] * 2],
    ).fetchall()
    for turn, hits, citations in turns:
        blanked = [json.dumps(_blanked(json.loads(text), source_id), ensure_ascii=False) for text in (hits, citations)]
        db.execute("UPDATE turns SET hits = ?, citations = ? WHERE id = ?", [*blanked, turn])


def _blank_packets(db: Any, workspace: str, source_id: str) -> None:
    """Take the words of a forgotten conversation out of what other hand-overs say was tried and found."""
    rows = db.execute(
        "SELECT h.id, h.packet FROM handovers h JOIN conversations c ON c.id = h.conversation_id"
        " WHERE c.workspace = ? AND instr(h.packet, ?)",
        [workspace, json.dumps(source_id, ensure_ascii=False)],
    ).fetchall()
    for handover, text in rows:
        packet = json.loads(text)
        for name, gone in (("tried", {"title": GONE, "steps": []}), ("cases", {"title": GONE})):
            kept = packet.get(name, [])
            packet[name] = [{**each, **gone} if each["source_id"] == source_id else each for each in kept]
        db.execute("UPDATE handovers SET packet = ? WHERE id = ?", [json.dumps(packet, ensure_ascii=False), handover])


def _blanked(quotes: list[dict[str, Any]], source_id: str) -> list[dict[str, Any]]:
    return [{**each, "title": GONE, "passage": GONE} if each["source_id"] == source_id else each for each in quotes]


def sweep_pictures(db: Any, folder: Path, shown: set[str]) -> set[str]:
    """Remove the rows of pictures that no message and no article shows any more, nor one that may be taken back; gives
    their hashes."""
    tables = ("messages", "articles", "departed")
    used = {sha for table in tables for sha in pictures_in(db, f"{table} WHERE pictures <> '[]'")}
    stored = {row[0] for row in db.execute("SELECT sha256 FROM pictures")} | {
        file.stem for file in folder.glob("*.png")
    }
    gone = {sha for sha in (stored | shown) - used if sha in shown or _is_old(folder / f"{sha}.png")}
    db.conn.executemany("DELETE FROM pictures WHERE sha256 = ?", [(sha,) for sha in gone])
    return gone


def _is_old(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime > UNDER_WAY_SECONDS
    except OSError:
        return True


def pictures_in(db: Any, where: str, values: list[Any] | None = None) -> set[str]:
    """The hashes that the rows of a table name."""
    rows = db.execute(f"SELECT pictures FROM {where}", values or [])
    return {sha for row in rows for sha in json.loads(row[0]) if sha}
