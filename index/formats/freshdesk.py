"""Freshdesk: the account export (`helpdesk_ticket` with its notes) and the tickets, conversations and solutions of
its API.

Layouts: developers.freshdesk.com/api, "Tickets", "Conversations", "Solutions"; the export as API version 1 writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.formats.drafts import Draft, Page, Said, each, files_of, first_text, inner, named, text_of_html, words
from index.formats.gathered import Item
from index.formats.helpdesk import HelpDesk, Person, updated
from index.formats.records import Path_

_WRAPPED = ("helpdesk_ticket", "ticket", "note", "user", "article", "solution_article", "contact")
_DONE = (4, 5, "4", "5", "resolved", "closed")
_META_NOTE = 4  # `source` of notes that the system writes
_FILES = ("name", "content_file_name", "attachment_url")


def looks_like(inside: Path_, value: dict[str, Any]) -> bool:
    """Whether a record is one of Freshdesk's."""
    if "helpdesk_ticket" in value or "solution_article" in value:
        return True
    if "requester_id" in value and "subject" in value and "status" in value:
        return "description_text" in value or "fr_escalated" in value or "responder_id" in value or "spam" in value
    if "ticket_id" in value and "body_text" in value and "incoming" in value:
        return True
    return "description_text" in value and "title" in value and "folder_id" in value


def sort(inside: Path_, value: dict[str, Any]) -> Iterator[Item]:
    """What one record of an export is."""
    value = next((value[key] for key in _WRAPPED if len(value) == 1 and isinstance(value.get(key), dict)), value)
    name = words(value.get("display_id")) or words(value.get("id"))
    last = updated(value, "updated_at", "created_at")
    if "ticket_id" in value and ("body" in value or "body_text" in value):
        yield Item("part", words(value.get("ticket_id")), value)
    elif "title" in value and "description" in value and "subject" not in value:
        yield Item("article", words(value.get("id")), value, last)
    elif "subject" in value or "requester_id" in value or ("deleted" in value and "email" not in value):
        yield Item("gone" if value.get("deleted") is True else "ticket", name, value, last)
    elif "email" in value or isinstance(value.get("contact"), dict):
        agent = isinstance(value.get("contact"), dict) or value.get("helpdesk_agent") is True
        who = first_text(value.get("name"), inner(value, "contact", "name"))
        yield Item("person", words(value.get("id")), {"name": who, "agent": agent})


def ticket(name: str, value: dict[str, Any], parts: list[dict[str, Any]], person: Person) -> Draft:
    """A ticket: its description, then its notes or conversations."""
    asked_by = words(value.get("requester_id")) or words(inner(value, "requester", "id"))
    text = first_text(value.get("description_text")) or _plain(value.get("description"), value.get("description_html"))
    first = Said("customer", text, value.get("created_at"), files=files_of(value.get("attachments"), *_FILES))
    listed = [*each(value.get("notes")), *each(value.get("conversations"))]
    notes = [inner(note, "note") or inner(note, "helpdesk_note") or note for note in listed]
    unique = {words(note.get("id")): note for note in [*parts, *notes]}
    known = person(asked_by) if asked_by else {}
    status = first_text(value.get("status_name"), words(value.get("status")))
    return Draft(
        id=name,
        messages=[first, *(message for note in unique.values() if (message := _said(note, asked_by)))],
        subject=words(value.get("subject")),
        opened_at=value.get("created_at"),
        outcome=_outcome(value),
        customer_id=asked_by,
        customer_name=first_text(inner(value, "requester", "name"), value.get("requester_name"), known.get("name")),
        tags=named(value.get("tags")),
        extra={"status": status} if status else {},
        left_out="spam" if value.get("spam") is True else "",
        partial=not parts and "notes" not in value and "conversations" not in value,
    )


def _plain(text: Any, page: Any) -> str:
    """Version 1 writes plain text beside `..._html`, version 2 HTML alone."""
    if isinstance(page, str) and isinstance(text, str) and text.strip():
        return text
    return text_of_html(first_text(page, text))


def _said(note: dict[str, Any], asked_by: str) -> Said | None:
    if note.get("deleted") is True or note.get("source") == _META_NOTE:
        return None
    by_customer = note.get("incoming") is True or ("incoming" not in note and words(note.get("user_id")) == asked_by)
    role = "note" if note.get("private") is True else "customer" if by_customer else "agent"
    text = first_text(note.get("body_text")) or _plain(note.get("body"), note.get("body_html"))
    files = files_of(note.get("attachments"), *_FILES)
    return Said(role, text, note.get("created_at"), words(note.get("id")), files)


def _outcome(value: dict[str, Any]) -> str | None:
    done = value.get("status") in _DONE or words(value.get("status_name")).lower() in _DONE
    if done:
        return "resolved"
    return "reopened" if inner(value, "stats", "reopened_at") else None


def article(name: str, value: dict[str, Any]) -> Page:
    """An article of the solutions."""
    return Page(
        id=name,
        title=words(value.get("title")),
        body=words(value.get("description")),
        left_out="draft of an article" if value.get("status") == 1 else "",
    )


FRESHDESK = HelpDesk("freshdesk", frozenset({("tickets",), ("results",)}), sort, ticket, article)
