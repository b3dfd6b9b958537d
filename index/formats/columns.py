"""Which column of a CSV file is which: by the flags given, else by the names that help desks use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index.errors import UserError
from index.formats.parsed import shown, trouble

# Best name first. Written the way headers are compared: lower case, words joined by "_".
_SYNONYMS: dict[str, str] = {
    "conversation": "conversation conversation_id ticket ticket_id case case_id case_number ticket_number chat_id "
    "thread_id thread id",
    "role": "role author_role sender_role author_type sender_type from_type speaker sender author from direction",
    "text": "text message body content message_text message_body comment plain_body utterance",
    "at": "at created_at sent_at timestamp date time datetime created date_time message_time",
    "subject": "subject title topic",
    "outcome": "outcome resolution_status",
    "customer_id": "customer_id user_id requester_id contact_id client_id",
    "customer_name": "customer_name requester_name contact_name client_name customer",
    "attachments": "attachments attachment files screenshots images",
    "message_id": "message_id comment_id msg_id",
    "tags": "tags labels",
    "opened_at": "opened_at ticket_created_at conversation_created_at",
}
_NEEDED = ("conversation", "role", "text")
_OURS = frozenset({"role", "text", "at", "attachments", "pictures", "id"})
_SCHEMA_NAMES = {"role": "role", "text": "text", "at": "at", "attachments": "attachments", "id": "conversation"}


@dataclass(frozen=True)
class Columns:
    """`places` says for each of our names in which cell it is; the rest of the cells keep their header."""

    headers: tuple[str, ...]
    places: Mapping[str, int]

    @property
    def width(self) -> int:
        """How many cells a row must have."""
        return len(self.headers)

    def conversation_of(self, cells: list[str]) -> str:
        """The id of the conversation that a row belongs to."""
        return cells[self.places["conversation"]].strip()

    def split(self, cells: list[str]) -> tuple[dict[str, str], dict[str, str]]:
        """The cells that are filled: those we know by our names, the rest by their headers."""
        known = {name: cells[place] for name, place in self.places.items() if cells[place].strip()}
        taken = set(self.places.values())
        rest = {
            f"{header}_column" if header in _OURS else header: cells[place]
            for place, header in enumerate(self.headers)
            if place not in taken and cells[place].strip()
        }
        return known, rest

    def header_of(self, field: str) -> str:
        """The header behind a field of the transcript format ("messages[2].role" -> "role")."""
        name = field.rsplit(".", 1)[-1]
        name = {"customer.id": "customer_id", "customer.name": "customer_name"}.get(
            field, _SCHEMA_NAMES.get(name, name)
        )
        return f"column {shown(self.headers[self.places[name]])}" if name in self.places else field


def find_columns(path: Path, cells: list[str], delimiter: str, chosen: Mapping[str, str], line: int) -> Columns:
    """The columns of a header row. Raises SCHEMA when the needed ones are not there, naming the next step."""
    headers = tuple(cell.strip() for cell in cells)
    if unknown := [name for name in chosen if name not in _SYNONYMS]:
        step = f"Known names: {', '.join(_SYNONYMS)}"
        raise trouble(path, f'"{shown(unknown[0])}" is no column of ours', step, "CONFIG")
    if len(headers) == 1 and (other := next((sign for sign in ";\t|," if sign in cells[0]), None)):
        name = "tab" if other == "\t" else f'"{other}"'
        raise trouble(path, f"found one column {shown(cells[0], 60)}", f"Use --delimiter {name}", "SCHEMA", line)
    plain = [_plain(header) for header in headers]
    if twice := [name for name in plain if name and plain.count(name) > 1]:
        step = "Give each column its own name"
        raise trouble(path, f'the column "{shown(twice[0])}" is there twice', step, "SCHEMA", line)
    places = {name: _chosen(path, headers, name, header, line) for name, header in chosen.items()}
    for name, words in _SYNONYMS.items():
        if name not in places:
            free = (plain.index(word) for word in words.split() if word in plain)
            if (place := next((found for found in free if found not in places.values()), None)) is not None:
                places[name] = place
    if missing := [name for name in _NEEDED if name not in places]:
        raise _missing(path, missing, headers, line)
    return Columns(headers, places)


def _plain(header: str) -> str:
    return "_".join(header.lower().replace("-", " ").replace("_", " ").replace(".", " ").split())


def _chosen(path: Path, headers: tuple[str, ...], name: str, header: str, line: int) -> int:
    for place, own in enumerate(headers):
        if own == header or _plain(own) == _plain(header):
            return place
    step = f"The file has: {shown(', '.join(headers), 100)}"
    raise trouble(path, f'no column "{shown(header)}" for {name}', step, "SCHEMA", line)


def _missing(path: Path, missing: list[str], headers: tuple[str, ...], line: int) -> UserError:
    reason = f"no header names {' and '.join(missing)} (found: {shown(', '.join(headers), 60)})"
    step = f"Put a header row first, or map yours: --column {missing[0]}=HEADER"
    return trouble(path, reason, step, "SCHEMA", line)
