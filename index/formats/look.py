"""A first look at what is to be imported: its name, its first bytes, its first record; nothing is read twice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from index.errors import UserError
from index.formats.files import head_of

JSON_SUFFIXES = (".json", ".ndjson", ".jsonl")
_LISTS = (
    "tickets users ticket_events audits deleted_tickets articles conversations data payload results"  # of all desks
)
_FIRST_RECORDS = 20
_FIRST_NAMES, _FIRST_BYTES = 2_000, 2 * 1024 * 1024


class Look:
    """What a format is recognised by. Every part is found when it is asked for first, and kept."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.is_dir()

    @cached_property
    def suffix(self) -> str:
        """The end of the name, in lower case, without the `.gz` of a packed file; "" for a folder."""
        name = self.path.name.lower().removesuffix(".gz")
        return "" if self.is_folder else Path(name).suffix

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names right inside a folder, sorted, links and hidden ones left out."""
        if not self.is_folder:
            return ()
        found = [each.name for _, each in zip(range(_FIRST_NAMES), self.path.iterdir()) if not each.is_symlink()]  # noqa: B905
        return tuple(sorted(name for name in found if not name.startswith(".")))

    @cached_property
    def head(self) -> bytes:
        """The first bytes of a file; b"" for a folder. Raises UserError where it cannot be read."""
        return b"" if self.is_folder else head_of(self.path)

    @cached_property
    def records(self) -> tuple[tuple[tuple[str, ...], dict[str, Any]], ...]:
        """The first records of a JSON file, or of the JSON files right inside a folder, each with the keys that lead
        to its list; () where it is none."""
        found = []
        for file in self._json():
            found += list(_first(file))
        return tuple(found)

    def _json(self) -> list[Path]:
        if self.is_folder:
            return [self.path / name for name in self.names if name.lower().removesuffix(".gz").endswith(JSON_SUFFIXES)]
        packed = self.head.startswith(b"\x1f\x8b") and not self.path.name.lower().endswith(".tar.gz")
        start = self.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        return [self.path] if packed or start in (b"{", b"[") else []


def _first(file: Path) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    from index.formats.records import read_records

    pages = frozenset({*((name,) for name in _LISTS.split()), ("data", "payload")})
    for lists in (pages, frozenset[tuple[str, ...]]()):  # what is a page of one desk is a ticket of another
        try:
            for _, record in zip(range(_FIRST_RECORDS), read_records(file, lists, most=_FIRST_BYTES)):  # noqa: B905
                if not record.error:
                    yield record.inside, record.value
        except UserError:
            return
