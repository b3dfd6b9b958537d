"""Chatwoot: conversations, the messages of each, contacts and help articles, as its API writes them.

Layouts: chatwoot.com/developers/api, "Conversations", "Messages", "Help Center".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.formats.drafts import Draft, Page, Said, each, files_of, first_text, in_order_of, inner, named, words
from index.formats.gathered import Item
from index.formats.helpdesk import HelpDesk, Person, updated
from index.formats.records import Path_

_ROLES = {0: "customer", "incoming": "customer", 1: "agent", "outgoing": "agent"}


def looks_like(inside: Path_, value: dict[str, Any]) -> bool:
    """Whether a record is one of Chatwoot's."""
    if "message_type" in value and "conversation_id" in value:
        return True
    if "inbox_id" in value and "status" in value:
        return "messages" in value or "meta" in value or "contact_inbox" in value or "additional_attributes" in value
    return inside == ("payload",) and "content" in value and "title" in value


def sort(inside: Path_, value: dict[str, Any]) -> Iterator[Item]:
    """What one record of an export is. Pages of messages are enough: a conversation need not be told of by itself."""
    name, last = words(value.get("id")), updated(value, "updated_at", "last_activity_at", "timestamp", "created_at")
    if "message_type" in value:
        yield Item("stub", words(value.get("conversation_id")), {})
        yield Item("part", words(value.get("conversation_id")), value)
    elif "status" in value and ("inbox_id" in value or "messages" in value or "meta" in value):
        yield Item("ticket", name, value, last)
    elif "content" in value and "title" in value:
        yield Item("article", name, value, last)
    elif "email" in value or "phone_number" in value or "thumbnail" in value:
        yield Item("person", name, {"name": words(value.get("name"))})


def ticket(name: str, value: dict[str, Any], parts: list[dict[str, Any]], person: Person) -> Draft:
    """A conversation with its messages, those on its own record and those on pages of their own."""
    said = {words(part.get("id")): part for part in [*each(value.get("messages")), *parts]}
    ordered = in_order_of(said.values(), "created_at")
    messages = [message for part in ordered if (message := _said(part))]
    asked = [part["sender"] for part in ordered if _ROLES.get(_kind(part)) == "customer" and inner(part, "sender")]
    sender: Any = inner(value, "meta", "sender") or next(iter(asked), {})
    asked_by = words(inner(sender, "id"))
    return Draft(
        id=name,
        messages=messages,
        subject=first_text(inner(value, "additional_attributes", "mail_subject")),
        opened_at=value.get("created_at") or value.get("timestamp"),
        outcome="resolved" if value.get("status") == "resolved" else None,
        customer_id=asked_by,
        customer_name=first_text(inner(sender, "name"), person(asked_by).get("name") if asked_by else ""),
        tags=named(value.get("labels")),
        extra={"status": status} if (status := words(value.get("status"))) else {},
        partial=not parts and len(ordered) < 2,  # a list of conversations holds the last message of each
    )


def _kind(part: dict[str, Any]) -> Any:
    kind = part.get("message_type")
    return kind if isinstance(kind, str | int) else None


def _said(part: dict[str, Any]) -> Said | None:
    """A message; None for what the system says of itself (activities, greetings, forms)."""
    role = _ROLES.get(_kind(part))
    if role is None or part.get("content_type") == "input_csat" or inner(part, "content_attributes", "deleted"):
        return None
    if part.get("private") is True:
        role = "note"
    files = files_of(part.get("attachments"), "file_name", "data_url")
    return Said(role, words(part.get("content")), part.get("created_at"), words(part.get("id")), files)


def article(name: str, value: dict[str, Any]) -> Page:
    """An article of the help centre."""
    left_out = "draft of an article" if value.get("status") in ("draft", 0) else ""
    if value.get("status") in ("archived", 2):
        left_out = "archived article"
    extra = {key: value[key] for key in ("slug", "locale", "description") if value.get(key)}
    return Page(name, words(value.get("title")), words(value.get("content")), False, extra, left_out)


CHATWOOT = HelpDesk("chatwoot", frozenset({("payload",), ("data", "payload")}), sort, ticket, article)
