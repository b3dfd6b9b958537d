"""The versions of a workspace: whole folders with papers, one of them in use, and the way forward and back.

Which one is in use is the last row of `promotions` in the store: promotion is one transaction there, and a kill at
any moment leaves the version before or the new one in use, never a half. Folders are made by the workshop
(`finetune/versions.py`) beside and get their name last.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import UserError
from index.store import Store, now
from index.templates import Template, keep_templates

FORMAT = 1
PAPERS = "papers.json"
TEMPLATES = "templates.jsonl"
SEAL = "seal"
AS_SHIPPED = "v0"  # what Deskside comes with: no folder, always there
NAME = re.compile(r"v[1-9]\d{0,5}")


@dataclass(frozen=True)
class Version:
    """A version as its folder says. `papers` hold base, data, recipe, scores, verdict, parts and file hashes."""

    name: str
    folder: Path
    papers: dict[str, Any]

    @property
    def accepted(self) -> bool:
        """Whether the gate let it through."""
        return bool(self.papers.get("verdict", {}).get("accepted"))

    @property
    def refusals(self) -> list[str]:
        """Why the gate refused it."""
        return [str(each) for each in self.papers.get("verdict", {}).get("refusals", [])]

    @property
    def parts(self) -> dict[str, Any]:
        """What the version brings, by part; what is not named is as shipped."""
        return dict(self.papers.get("parts", {}))


@dataclass(frozen=True)
class Promotion:
    """One change of the version in use. `kind`: "promote", "override" (against the gate) or "rollback"."""

    number: int
    version: str
    before: str
    kind: str
    reason: str
    at: str


def versions_folder(store: Store, workspace: str) -> Path:
    """Where the versions of a workspace lie; precious, like the store."""
    return store.home / "versions" / workspace


def list_versions(store: Store, workspace: str) -> list[Version]:
    """Every version whose papers can be read, oldest first. Folders that are none are passed over."""
    folder = versions_folder(store, workspace)
    names = [each.name for each in folder.iterdir() if NAME.fullmatch(each.name)] if folder.is_dir() else []
    found = []
    for name in sorted(names, key=lambda each: int(each[1:])):
        try:
            found.append(load_version(store, workspace, name))
        except UserError:
            continue
    return found


def load_version(store: Store, workspace: str, name: str) -> Version:
    """A version by its name, its papers checked against their seal. Raises UserError CONFIG for no such version,
    DAMAGED for papers that are not whole."""
    folder = versions_folder(store, workspace) / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise UserError(
            f"There is no version {name} in the workspace {workspace}.\nSee which there are: deskside versions",
            "CONFIG",
        )
    try:
        papers = json.loads((folder / PAPERS).read_text("utf-8"))
        whole = isinstance(papers, dict) and papers["format"] == FORMAT and papers[SEAL] == seal_of(papers)
    except (OSError, ValueError, KeyError, RecursionError):
        whole = False
    if not whole:
        raise UserError(f"The papers of version {name} are not whole.\nMake a new one: deskside learn", "DAMAGED")
    return Version(name, folder, papers)


def seal_of(papers: Mapping[str, Any]) -> str:
    """SHA-256 over papers without their own seal."""
    rest = {key: value for key, value in papers.items() if key != SEAL}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def file_sums(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file below a folder but the papers, by relative path."""
    sums = {}
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = file.relative_to(folder).as_posix()
        if name != PAPERS:
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            sums[name] = {"bytes": file.stat().st_size, "sha256": digest}
    return sums


def check_whole(version: Version, store: Store) -> None:
    """Every file as the papers say, and papers of this very store. Raises UserError DAMAGED or MISMATCH."""
    if version.papers.get("store") != store.fact("id"):
        raise UserError(
            f"Version {version.name} was made from another store.\nMake one from this: deskside learn", "MISMATCH"
        )
    told, there = version.papers["files"], file_sums(version.folder)
    wrong = sorted(name for name in told.keys() | there.keys() if told.get(name) != there.get(name))
    if wrong:
        raise UserError(
            f"Version {version.name} is not whole: {wrong[0]} is missing, cut or changed.\n"
            "Make a new one: deskside learn",
            "DAMAGED",
        )


def promotions(store: Store, workspace: str) -> list[Promotion]:
    """Every change of the version in use, oldest first."""
    rows = store.rows("SELECT * FROM promotions WHERE workspace = ? ORDER BY id", [workspace])
    return [
        Promotion(row["id"], row["version"], row["before"], row["kind"], row["reason"], row["created_at"])
        for row in rows
    ]


def in_use(store: Store, workspace: str) -> tuple[int, str]:
    """(a number that grows with every change, name) of the version in use; (0, AS_SHIPPED) before the first."""
    sql = "SELECT id, version FROM promotions WHERE workspace = ? ORDER BY id DESC LIMIT 1"
    found = store.rows(sql, [workspace])
    return (int(found[0]["id"]), str(found[0]["version"])) if found else (0, AS_SHIPPED)


def promote(store: Store, workspace: str, name: str, *, override: str = "") -> Promotion:
    """Put a version in use, in one transaction. `override` is the reason to do so against the gate; it is kept.

    Raises UserError CONFIG for no such version, DAMAGED or MISMATCH for one that is not whole or of another base,
    REFUSED for one that the gate refused.
    """
    if name == AS_SHIPPED:
        return _put_in_use(store, workspace, AS_SHIPPED, "promote", override, in_use(store, workspace))
    version, seen = load_version(store, workspace, name), in_use(store, workspace)
    check_whole(version, store)
    _check_base(version, seen[1], override)
    if not version.accepted and not override.strip():
        why = "; ".join(version.refusals[:2]) or "it was never compared with the version in use"
        raise UserError(
            f"The gate refused {name}: {why}.\n"
            f'Read {PAPERS} and the report beside it, or: deskside promote {name} --override "REASON"',
            "REFUSED",
        )
    return _put_in_use(store, workspace, name, "promote" if version.accepted else "override", override, seen)


def _check_base(version: Version, used: str, override: str) -> None:
    """The comparison must have been made with the version in use now: else its verdict says nothing about it."""
    compared = str(version.papers.get("base", {}).get("version", ""))
    if version.name != used and compared != used and not override.strip():
        raise UserError(
            f"{version.name} was compared with {compared or 'nothing'}, but {used} is in use.\n"
            f'Compare again: deskside learn, or: deskside promote {version.name} --override "REASON"',
            "MISMATCH",
        )


def rollback(store: Store, workspace: str, reason: str = "") -> Promotion:
    """Put the version before back in use; again for the one before that. Raises UserError CONFIG where there is none,
    DAMAGED where its folder is not whole."""
    seen = in_use(store, workspace)
    came = [each for each in promotions(store, workspace) if each.version == seen[1] and each.kind != "rollback"]
    if not came:
        raise UserError(f"{seen[1]} is in use and nothing was before it.\nSee: deskside versions", "CONFIG")
    before = came[-1].before
    if before != AS_SHIPPED:
        check_whole(load_version(store, workspace, before), store)
    return _put_in_use(store, workspace, before, "rollback", reason, seen)


def _put_in_use(store: Store, workspace: str, name: str, kind: str, reason: str, seen: tuple[int, str]) -> Promotion:
    """The row that changes it. Raises UserError BUSY when somebody else changed it since `seen`."""
    with store.write() as db:
        if in_use(store, workspace) != seen:
            raise UserError("The version in use was changed meanwhile.\nLook: deskside versions", "BUSY")
        at = now()
        number = db.execute(
            "INSERT INTO promotions (workspace, version, before, kind, reason, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            [workspace, name, seen[1], kind, reason.strip(), at],
        ).lastrowid
    return Promotion(int(number), name, seen[1], kind, reason.strip(), at)


def restore_templates(store: Store, workspace: str, change: Promotion) -> int:
    """The approved replies as the version now in use was made with, in place of today's; how many. As shipped they
    stay. Joined to the transaction around it."""
    if change.version == AS_SHIPPED:
        return 0
    file = load_version(store, workspace, change.version).folder / TEMPLATES
    if not file.is_file():
        return 0
    wanted = [Template(each["id"], each["title"], each["text"], tuple(each["questions"])) for each in _lines(file)]
    with store.write() as db:
        kept = json.dumps([each.id for each in wanted])
        db.execute(
            "DELETE FROM templates WHERE workspace = ? AND source_id NOT IN (SELECT value FROM json_each(?))",
            [workspace, kept],
        )
        keep_templates(store, workspace, wanted)
    return len(wanted)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(what, in one, in the other) of everything that differs between two papers, file hashes left out."""
    left, right = _flat(one), _flat(other)
    return [
        (name, left.get(name), right.get(name))
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    ]


def _flat(value: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, each in value.items():
        if not before and name in ("files", SEAL, "format"):
            continue
        if isinstance(each, Mapping):
            flat |= _flat(each, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = each
    return flat
