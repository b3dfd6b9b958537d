"""Intercom: conversations with their parts, and help articles, as its API and its exports write them.

Layouts: developers.intercom.com, "The conversation object", "The conversation part object", "The article object".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.formats.drafts import Draft, Page, Said, each, files_of, first_text, inner, named, text_of_html, words
from index.formats.gathered import Item
from index.formats.helpdesk import HelpDesk, Person, updated
from index.formats.records import Path_

_CUSTOMERS = ("user", "lead", "contact", "visitor")
_NOTES = ("note", "note_and_reopen", "note_and_close")
_WORST_RATINGS = (1, 2)


def looks_like(inside: Path_, value: dict[str, Any]) -> bool:
    """Whether a record is one of Intercom's."""
    kind = value.get("type") or value.get("object")
    if kind == "conversation":
        return "conversation_parts" in value or "source" in value or "deleted" in value
    return inside == ("data",) and kind in ("article", "contact", "admin")


def sort(inside: Path_, value: dict[str, Any]) -> Iterator[Item]:
    """What one record of an export is."""
    name, last = words(value.get("id")), updated(value, "updated_at", "created_at")
    kind = value.get("type") or value.get("object")
    if kind == "conversation" or inside == ("conversations",) or "conversation_parts" in value:
        yield Item("gone" if value.get("deleted") is True else "ticket", name, value, last)
    elif kind == "article":
        yield Item("gone_article" if value.get("deleted") is True else "article", name, value, last)
    elif kind in ("contact", "user", "lead", "admin", "team", "company"):
        yield Item("person", name, {"name": words(value.get("name")), "agent": kind in ("admin", "team")})


def ticket(name: str, value: dict[str, Any], parts: list[dict[str, Any]], person: Person) -> Draft:
    """A conversation: the message that began it, then its parts."""
    source = value.get("source")
    began: dict[str, Any] = {**(source if isinstance(source, dict) else {}), "created_at": value.get("created_at")}
    messages = [_said(began), *map(_said, each(inner(value, "conversation_parts", "conversation_parts")))]
    author = inner(began, "author") if inner(began, "author", "type") in _CUSTOMERS else None
    contact = author or next(iter(each(inner(value, "contacts", "contacts"))), {})
    asked_by = words(inner(contact, "id"))
    return Draft(
        id=name,
        messages=messages,
        subject=text_of_html(first_text(value.get("title"), inner(began, "subject"))),
        opened_at=value.get("created_at"),
        outcome=_outcome(value),
        customer_id=asked_by,
        customer_name=first_text(inner(contact, "name"), person(asked_by).get("name") if asked_by else ""),
        tags=named(inner(value, "tags", "tags")),
        extra={"status": state} if (state := words(value.get("state"))) else {},
        partial="conversation_parts" not in value,
    )


def _said(part: dict[str, Any]) -> Said:
    who = inner(part, "author", "type")
    role = "note" if part.get("part_type") in _NOTES else "customer" if who in _CUSTOMERS else "agent"
    files = files_of(part.get("attachments"), "name", "url")
    return Said(role, text_of_html(words(part.get("body"))), part.get("created_at"), words(part.get("id")), files)


def _outcome(value: dict[str, Any]) -> str | None:
    if value.get("state") == "closed" or (value.get("open") is False and "state" not in value):
        return "unresolved" if inner(value, "conversation_rating", "rating") in _WORST_RATINGS else "resolved"
    reopens = inner(value, "statistics", "count_reopens")
    return "reopened" if isinstance(reopens, int) and reopens > 0 else None


def article(name: str, value: dict[str, Any]) -> Page:
    """An article of the help centre."""
    return Page(
        id=name,
        title=words(value.get("title")),
        body=words(value.get("body")),
        extra={key: value[key] for key in ("url", "description") if value.get(key)},
        left_out="draft of an article" if value.get("state") == "draft" else "",
    )


INTERCOM = HelpDesk("intercom", frozenset({("conversations",), ("data",)}), sort, ticket, article)
