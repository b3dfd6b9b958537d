"""Making a version: its parts gathered beside, its papers written last, its name given when all of it is on disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.in_use import RERANKER
from agent.versions import FORMAT, NAME, PAPERS, SEAL, TEMPLATES, Version, file_sums, load_version, promotions, seal_of
from agent.versions import versions_folder as _folder
from index.errors import UserError
from index.rerank import load_reranker
from index.store import VERSION, Store, now
from index.templates import load_templates

KEPT = 3  # versions that were never in use: older ones make room


def make_version(
    store: Store, workspace: str, parts: Mapping[str, Path], papers: Mapping[str, Any], beside: Mapping[str, Path] = {}
) -> Version:
    """A new version of these parts (a folder or file each, under its own name) with its papers; `beside` are reports
    and cards that go with it. Killed at any moment there is a whole version or none.

    `papers` tell base, data, recipe, scores, verdict and parts; when and by what it was made, the approved replies of
    this moment and the hash of every file are added.
    """
    home = _folder(store, workspace)
    home.mkdir(parents=True, exist_ok=True)
    for left in home.glob(".draft-*"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home))
    for name, source in {**beside, **parts}.items():
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        copy(source, draft / name)
    _write_templates(store, workspace, draft / TEMPLATES)
    name = next_name(store, workspace)
    told: dict[str, Any] = {
        **json.loads(json.dumps(dict(papers), default=str)),
        "format": FORMAT,
        "name": name,
        "workspace": workspace,
        "store": store.fact("id"),
        "made_at": now(),
        "made_by": VERSION,
        "commit": commit(),
        "files": file_sums(draft),
    }
    told[SEAL] = seal_of(told)
    (draft / PAPERS).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    _flush_all(draft)
    draft.rename(home / name)
    _flush(home)
    _make_room(store, workspace)
    return load_version(store, workspace, name)


def next_name(store: Store, workspace: str) -> str:
    """A name that no version has or ever had in use."""
    home = _folder(store, workspace)
    there = [each.name for each in home.iterdir()] if home.is_dir() else []
    used = [each.version for each in promotions(store, workspace)]
    numbers = [int(each[1:]) for each in [*there, *used] if NAME.fullmatch(each)]
    return f"v{max(numbers, default=0) + 1}"


def commit() -> str:
    """The commit of the working copy that this runs from; "" elsewhere."""
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return ""
    try:
        told = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip()


def broken_parts(parts: Path) -> list[str]:
    """What is wrong with the files of a candidate: cut, or holding numbers that are not finite."""
    import numpy as np
    from safetensors.numpy import load_file

    found = []
    for file in sorted(parts.rglob("*.safetensors")):
        try:
            tensors = load_file(file)
        except Exception as trouble:  # safetensors raises a bare Exception of its own
            found.append(f"{file.name} cannot be read ({str(trouble)[:60]})")
            continue
        if not all(np.isfinite(each).all() for each in tensors.values()):
            found.append(f"{file.name} holds numbers that are not finite")
        elif not any(each.any() for each in tensors.values()):
            found.append(f"{file.name} holds nothing but zeros")
    if (weights := parts / RERANKER).is_file():
        try:
            load_reranker(weights)
        except UserError:
            found.append(f"{RERANKER} cannot be read")
    return found


def _write_templates(store: Store, workspace: str, file: Path) -> None:
    rows = [json.dumps(asdict(each), ensure_ascii=False) for each in load_templates(store, workspace)]
    file.write_text("".join(f"{row}\n" for row in rows), "utf-8")


def _make_room(store: Store, workspace: str) -> None:
    """Take away the oldest versions that were never in use; weights of 90 MB each are not kept for ever."""
    used = {name for each in promotions(store, workspace) for name in (each.version, each.before)}
    home = _folder(store, workspace)
    idle = [each for each in home.iterdir() if NAME.fullmatch(each.name) and each.name not in used]
    for old in sorted(idle, key=lambda each: int(each.name[1:]))[:-KEPT]:
        gone = Path(tempfile.mkdtemp(prefix=".draft-", dir=home)) / "old"
        old.rename(gone)  # first out of sight, so that a kill leaves no half of it under its name
        shutil.rmtree(gone.parent, ignore_errors=True)


def _flush_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        _flush(path)
    _flush(folder)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
