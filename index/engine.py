"""Where a workspace keeps its vectors: faiss on this machine or a Milvus server, of which kind, in how much memory."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from index.choice import KINDS, Kind
from index.errors import UserError
from index.store import Store

FAISS = "faiss"
MILVUS = "milvus:"


@dataclass(frozen=True)
class IndexWishes:
    """What was set for a workspace. `kind` None lets the size choose; `memory_mb` 0 is any."""

    engine: str = FAISS
    kind: Kind | None = None
    memory_mb: int = 0

    @property
    def address(self) -> str:
        """Of the Milvus server (or the file of Milvus Lite); "" for faiss."""
        return self.engine.removeprefix(MILVUS) if self.engine.startswith(MILVUS) else ""


def index_wishes(store: Store, workspace: str) -> IndexWishes:
    """What is set for the workspace, or the defaults."""
    found = store.rows("SELECT value FROM facts WHERE name = ?", [_name(workspace)])
    return _checked(json.loads(found[0]["value"])) if found else IndexWishes()


def set_index_wishes(
    store: Store, workspace: str, engine: str | None = None, kind: str | None = None, memory_mb: int | None = None
) -> IndexWishes:
    """Change what is given and keep it; `kind` "auto" lets the size choose again. Raises UserError CONFIG."""
    given = {"engine": engine, "kind": kind, "memory_mb": memory_mb}
    before = index_wishes(store, workspace)
    wishes = _checked(asdict(before) | {key: each for key, each in given.items() if each is not None})
    with store.write() as db:
        db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [_name(workspace), json.dumps(asdict(wishes))])
        if wishes.engine != before.engine:  # what the other engine holds is of no known state of the store
            head = f"index {workspace} "
            db.execute("DELETE FROM facts WHERE substr(name, 1, ?) = ?", [len(head), head])
    return wishes


def _name(workspace: str) -> str:
    return f"index-wishes {workspace}"


def _checked(told: dict[str, Any]) -> IndexWishes:
    meant: dict[str, Any] = {key: None if each == "auto" else each for key, each in told.items()}
    wishes = replace(IndexWishes(), **meant)
    if wishes.engine != FAISS and not wishes.address:
        raise UserError(
            f'There is no engine "{wishes.engine}".\nTake faiss, or milvus:http://host:19530 for a Milvus server.',
            "CONFIG",
        )
    if wishes.kind is not None and wishes.kind not in KINDS:
        raise UserError(f'There is no kind "{wishes.kind}".\nTake auto, {", ".join(KINDS)}.', "CONFIG")
    if wishes.memory_mb < 0:
        raise UserError("Memory cannot be negative.\nGive megabytes, or 0 for as much as it takes.", "CONFIG")
    return wishes
