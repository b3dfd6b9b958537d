"""One line of data/shop/specs.jsonl: what a screen shows, before anyone thinks of pixels."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field
from typing import Any

VERSION = 3  # raise it when the drawing changes, and every picture counts as stale


@dataclass(frozen=True)
class Spec:
    """The words and states on one picture. `lights` are (label, colour words), `rows` start with their header."""

    file: str
    kind: str
    frame: str = "none"
    theme: str = "light"
    title: str = ""
    body: list[str] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    switches: list[tuple[str, bool]] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    lights: list[tuple[str, str]] = field(default_factory=list)
    code: str = ""
    damage: str = "none"
    mark: str = ""

    @property
    def rng(self) -> random.Random:
        """The lot of this file: the same numbers on every run."""
        return random.Random(hashlib.sha256(self.file.encode()).digest())

    @property
    def is_photo(self) -> bool:
        """A thing with lamps that was photographed, not a page about it."""
        return self.kind in ("router", "device") and self.frame == "none"

    @property
    def is_paper(self) -> bool:
        """A printed sheet, which is light whatever theme is asked for."""
        return self.frame == "none" and not self.is_photo and (self.kind == "invoice" or self.damage == "photo")

    def strings(self) -> list[str]:
        """Every piece of text that must be readable on the picture."""
        cells = [cell for row in self.rows for cell in row]
        pairs = [text for pair in self.fields for text in pair]
        named = [label for label, _ in [*self.switches, *self.lights]]
        found = [self.title, *self.body, *pairs, *cells, *named, *self.buttons, self.code]
        return [text for text in found if text.strip()]


def spec_of(line: str) -> Spec:
    """The spec in one JSON line; `mark` is a hash of it and of the way we draw."""
    raw: dict[str, Any] = json.loads(line)
    mark = hashlib.sha256(f"{VERSION} {json.dumps(raw, sort_keys=True)}".encode()).hexdigest()[:16]

    def texts(key: str) -> list[str]:
        value = raw.get(key) or []
        return [str(item) for item in ([value] if isinstance(value, str) else value)]

    return Spec(
        file=str(raw["file"]),
        kind=str(raw.get("kind") or "page"),
        frame=str(raw.get("frame") or "none"),
        theme=str(raw.get("theme") or "light"),
        title=str(raw.get("title") or ""),
        body=texts("body"),
        fields=[(str(label), str(value)) for label, value in raw.get("fields") or []],
        rows=[[str(cell) for cell in row] for row in raw.get("rows") or []],
        switches=[(str(label), bool(on)) for label, on in raw.get("switches") or []],
        buttons=texts("buttons"),
        lights=[(str(label), str(colour)) for label, colour in raw.get("lights") or []],
        code=str(raw.get("code") or ""),
        damage=str(raw.get("damage") or "none"),
        mark=mark,
    )
