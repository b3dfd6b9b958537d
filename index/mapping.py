"""The columns of CSV files as they were given or confirmed once, kept in the store for files with the same headers."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

from index.formats.guess import signature_of
from index.formats.parsed import ReadOptions
from index.store import Store


def _name(workspace: str, headers: tuple[str, ...]) -> str:
    return f"columns {workspace} {sha256(signature_of(headers).encode()).hexdigest()[:16]}"


def save_mapping(store: Store, workspace: str, headers: tuple[str, ...], options: ReadOptions) -> None:
    """Keep how a file with these headers is read; what was kept before for them goes."""
    value = {
        "columns": dict(options.columns),
        "delimiter": options.delimiter,
        "encoding": options.encoding,
        "role_map": dict(options.role_map),
    }
    with store.write() as db:
        db.execute(
            "INSERT OR REPLACE INTO facts VALUES (?, ?)",
            [_name(workspace, headers), json.dumps(value, ensure_ascii=False)],
        )


def load_mapping(store: Store, workspace: str, headers: tuple[str, ...], options: ReadOptions) -> ReadOptions | None:
    """`options` completed by what is kept for these headers, flags first; None when nothing is."""
    found = store.rows("SELECT value FROM facts WHERE name = ?", [_name(workspace, headers)])
    if not found:
        return None
    kept: dict[str, Any] = json.loads(found[0]["value"])
    return replace(
        options,
        columns={**kept["columns"], **options.columns},
        delimiter=options.delimiter or kept["delimiter"],
        encoding=options.encoding or kept["encoding"],
        role_map={**kept["role_map"], **options.role_map},
    )
