"""What became of what was imported, counted: the shape of the report of one path."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_NOTES = 20
PUSHED_LEAST = 20
PUSHED_SHARE = 0.1


@dataclass
class FileReport:
    """What became of one path: `read` = imported + duplicate + deleted + skipped.

    `imported` are new or `changed`; `duplicate` are as they were, on the shelf or in the file; `deleted` left because
    the file says that they are gone; `skipped` are errors and what is `left_out`, counted by its reason. `vanished`
    left with --mirror because no file names them: they were not read.
    """

    name: str
    read: int = 0
    imported: int = 0
    changed: int = 0
    skipped: int = 0
    duplicate: int = 0
    deleted: int = 0
    vanished: int = 0
    pictures: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    characters_removed: int = 0
    messages_dropped: int = 0
    notices: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    more_notices: int = 0
    seconds: float = 0.0

    def note(self, text: str) -> None:
        """Add a notice; beyond the first 20 they are only counted."""
        if text in self.notices:
            return
        if len(self.notices) < MOST_NOTES:
            self.notices.append(text)
        else:
            self.more_notices += 1

    def count(self, notes: dict[str, Any]) -> None:
        """One more source was imported; `notes` say what was done to it."""
        self.imported += 1
        self.masked.update(notes["masked"])
        self.pictures += notes["pictures"]
        self.characters_removed += notes["removed"]
        self.messages_dropped += notes["dropped"]
        for notice in notes["notices"]:
            self.note(notice)

    def note_pushed(self, pushed: Counter[str]) -> None:
        """Tell of a value that stands in suspiciously many tickets: masked everywhere, but a person should look."""
        for value, count in pushed.most_common(3):
            if count >= PUSHED_LEAST and count >= PUSHED_SHARE * self.imported:
                what = {"PHONE": "phone number", "IBAN": "bank account", "LINK": "link"}[value.split(":")[0]]
                self.note(
                    f"The same {what} stands in {count} of {self.imported} tickets; it is masked in all of them. "
                    "Is it yours? Name it with --house. If not, somebody may be pushing it: look at these tickets."
                )

    def as_json(self) -> dict[str, Any]:
        """The shape of `deskside import --json`."""
        counted = {"left_out": dict(self.left_out), "masked": dict(self.masked)}
        return {**asdict(self), **counted, "new": self.imported - self.changed, "seconds": round(self.seconds, 2)}
