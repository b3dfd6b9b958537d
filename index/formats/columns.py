"""Which column of a CSV file is which: by the flags given, else by the names that help desks use; and its shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

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
# Looked for only where the rows are no messages: a row is then a whole ticket.
_WHOLE_TICKET: dict[str, str] = {
    "question": "question description request problem inquiry enquiry query customer_message first_message text body "
    "message content frage anfrage beschreibung problembeschreibung pregunta demande",
    "answer": "answer reply response resolution solution agent_message agent_reply last_reply resolution_notes "
    "antwort lösung loesung respuesta réponse reponse",
}
NAMES = (*_SYNONYMS, *_WHOLE_TICKET)
_NEEDED = ("conversation", "role", "text")
Shape = Literal["messages", "tickets", "articles"]
_OURS = frozenset({"role", "text", "at", "attachments", "pictures", "id"})
_SCHEMA_NAMES = {"role": "role", "text": "text", "at": "at", "attachments": "attachments", "id": "conversation"}


@dataclass(frozen=True)
class Columns:
    """`places` says for each of our names in which cell it is; the rest of the cells keep their header."""

    headers: tuple[str, ...]
    places: Mapping[str, int]
    shape: Shape = "messages"

    @property
    def width(self) -> int:
        """How many cells a row must have."""
        return len(self.headers)

    def conversation_of(self, cells: list[str]) -> str:
        """The id of the conversation that a row belongs to; a ticket or article without one is known by its words."""
        if "conversation" in self.places:
            return cells[self.places["conversation"]].strip()
        name = "question" if self.shape == "tickets" else "subject"
        return "row-" + blake2b(cells[self.places[name]].strip().encode(), digest_size=6).hexdigest()

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
    """The columns of a header row and what a row of them is. Raises SCHEMA when the needed ones are not there, naming
    the next step."""
    headers = tuple(cell.strip() for cell in cells)
    if unknown := [name for name in chosen if name not in NAMES]:
        step = f"Known names: {', '.join(NAMES)}"
        raise trouble(path, f'"{shown(unknown[0])}" is no column of ours', step, "CONFIG")
    if len(headers) == 1 and (other := next((sign for sign in ";\t|," if sign in cells[0]), None)):
        name = "tab" if other == "\t" else f'"{other}"'
        raise trouble(path, f"found one column {shown(cells[0], 60)}", f"Use --delimiter {name}", "SCHEMA", line)
    plain = [_plain(header) for header in headers]
    if twice := [name for name in plain if name and plain.count(name) > 1]:
        step = "Give each column its own name"
        raise trouble(path, f'the column "{shown(twice[0])}" is there twice', step, "SCHEMA", line)
    places = {name: _chosen(path, headers, name, header, line) for name, header in chosen.items()}
    whole = {name: place for name, place in places.items() if name in _WHOLE_TICKET}
    _look_for(_SYNONYMS, plain, places)
    if not whole and all(name in places for name in _NEEDED):
        return Columns(headers, places)
    if (shaped := _other_shape(headers, plain, places, set(chosen))) is not None:
        return shaped
    raise _missing(path, [name for name in _NEEDED if name not in places], headers, line)


def _look_for(synonyms: Mapping[str, str], plain: list[str], places: dict[str, int]) -> None:
    """Add to `places` every name that a header stands for, unless it is taken."""
    for name, words in synonyms.items():
        if name not in places:
            free = (plain.index(word) for word in words.split() if word in plain)
            if (place := next((found for found in free if found not in places.values()), None)) is not None:
                places[name] = place


def _other_shape(
    headers: tuple[str, ...], plain: list[str], places: Mapping[str, int], chosen: set[str]
) -> Columns | None:
    """The columns when a row is a whole ticket (question and answer) or an article (title and text), else None."""
    if "role" in chosen or ("role" in places and plain[places["role"]] in ("role", "author_role", "sender_role")):
        return None
    kept = {name: place for name, place in places.items() if name in chosen or name not in ("role", "text")}
    if "text" in chosen and "question" not in kept:
        kept["question"] = kept.pop("text")
    whole = dict(kept)
    _look_for(_WHOLE_TICKET, plain, whole)
    if "question" in whole and ("answer" in whole or "question" in chosen):
        return Columns(headers, whole, "tickets")
    if "subject" in kept and "text" in places and "conversation" not in places:
        return Columns(headers, {**kept, "text": places["text"]}, "articles")
    return None


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
