"""Another embedder for a workspace: its vectors and index are made beside those in use, and swapped in when whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from index.build import drop_embedder, drop_index, embed_missing, load_shelf
from index.embed import Embedder
from index.store import Store

ROUNDS = 10
OnCount = Callable[[int, int], None]


@dataclass(frozen=True)
class Changed:
    """What a change did: passages embedded in this run (fewer than there are where one was gone on with), passages
    in the index."""

    embedded: int
    indexed: int


def own_embedder(store: Store, workspace: str) -> str:
    """The embedder that was chosen for this workspace alone, as a setting names it; "" where none was."""
    found = store.rows("SELECT value FROM facts WHERE name = ?", [_fact(workspace)])
    return str(found[0]["value"]) if found else ""


def change_embedder(
    store: Store, workspace: str, ref: str, embedder: Embedder, on_count: OnCount = lambda done, total: None
) -> Changed:
    """Embed the whole workspace with `embedder`, index it, then make `ref` the embedder of the workspace in one step.

    Until that step everything is found with the one in use, and after a kill the next call goes on where this one
    stopped. What is imported meanwhile is embedded too: the step waits until the new index is level with the store.
    """
    embedded = 0
    for round_ in range(ROUNDS):
        embedded += embed_missing(store, workspace, embedder, on_count)
        shelf = load_shelf(store, workspace, embedder)
        mark = _indexed_mark(store, workspace, embedder)
        with store.write() as db:
            if mark is not None and mark != store.mark(workspace) and round_ < ROUNDS - 1:
                continue  # something came in since: level it first; at last the next search does it
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [_fact(workspace), ref])
            return Changed(embedded, len(shelf.index))
    raise AssertionError("the last round always changes over")


def drop_other_embedders(store: Store, workspace: str, kept: str) -> list[str]:
    """Forget the vectors and indexes of this workspace made by others than `kept`; their identities. Vectors that
    another workspace's index is made of stay."""
    head = f"index {workspace} "  # an index on a Milvus server has no folder
    folder, facts = store.home / "index" / workspace, store.rows("SELECT name FROM facts")
    here = {each.name for each in folder.iterdir() if each.is_dir()} if folder.is_dir() else set[str]()
    known = {str(row["name"]) for row in facts if str(row["name"]).startswith("index ")}
    others = sorted((here | {each.removeprefix(head) for each in known if each.startswith(head)}) - {kept})
    for identity in others:
        elsewhere = any(each.parent.name != workspace for each in (store.home / "index").glob(f"*/{identity}"))
        if elsewhere or any(each.endswith(f" {identity}") for each in known - {head + identity}):
            drop_index(store, workspace, identity)
        else:
            drop_embedder(store, workspace, identity)
    return others


def _indexed_mark(store: Store, workspace: str, embedder: Embedder) -> int | None:
    """The mark of the store that the saved index is level with; None where it could not be saved."""
    found = store.rows("SELECT value FROM facts WHERE name = ?", [f"index {workspace} {embedder.identity}"])
    return int(found[0]["value"]) if found else None


def _fact(workspace: str) -> str:
    return f"embedder {workspace}"
