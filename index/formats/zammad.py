"""Zammad: tickets and their articles as its API writes them, plain, expanded or as "assets"; answers of its knowledge
base.

Layouts: docs.zammad.org, "Ticket", "Articles", "Knowledge Base".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.formats.drafts import (
    Draft,
    Page,
    Said,
    each,
    files_of,
    first_text,
    in_order_of,
    inner,
    named,
    text_of_html,
    words,
)
from index.formats.gathered import Item
from index.formats.helpdesk import HelpDesk, Person, updated
from index.formats.records import Path_

# as a new Zammad is set up; the names, where they are written, count first
_STATES = {1: "new", 2: "open", 3: "pending reminder", 4: "closed", 5: "merged", 7: "pending close"}
_SENDERS = {1: "Agent", 2: "Customer", 3: "System"}
_AGENT_ROLES = (1, 2)
_ANSWER, _CONTENT = "KnowledgeBaseAnswerTranslation", "KnowledgeBaseAnswerTranslationContent"


def looks_like(inside: Path_, value: dict[str, Any]) -> bool:
    """Whether a record is one of Zammad's."""
    if isinstance(value.get("assets"), dict):
        return any(name in value["assets"] for name in ("Ticket", "TicketArticle", _ANSWER))
    if "number" in value and "title" in value:
        return any(name in value for name in ("state_id", "state", "article_ids", "article_count", "customer_id"))
    return "ticket_id" in value and "body" in value and ("content_type" in value or "sender" in value)


def sort(inside: Path_, value: dict[str, Any]) -> Iterator[Item]:
    """What one record of an export is; "assets" hold many."""
    if isinstance(value.get("assets"), dict):
        yield from _assets(value["assets"])
    elif "ticket_id" in value and "body" in value:
        yield Item("part", words(value.get("ticket_id")), value)
    elif "number" in value and "title" in value:
        gone = _state(value) == "removed"
        yield Item("gone" if gone else "ticket", words(value.get("id")), value, updated(value, "updated_at"))
    elif "login" in value or "firstname" in value:
        listed = value.get("role_ids")
        roles: list[Any] = listed if isinstance(listed, list) else []
        name = f"{words(value.get('firstname'))} {words(value.get('lastname'))}".strip()
        yield Item(
            "person", words(value.get("id")), {"name": name, "agent": any(role in roles for role in _AGENT_ROLES)}
        )


def _assets(assets: dict[str, Any]) -> Iterator[Item]:
    states = {words(row.get("id")): row.get("name") for row in _rows(assets, "TicketState")}
    for row in _rows(assets, "Ticket"):
        yield from sort((), {**row, "state": row.get("state") or states.get(words(row.get("state_id")))})
    for name in ("TicketArticle", "User"):
        for row in _rows(assets, name):
            yield from sort((), row)
    bodies = {words(row.get("id")): row for row in _rows(assets, _CONTENT)}
    for row in _rows(assets, _ANSWER):
        content = bodies.get(words(row.get("content_id")), {})
        yield Item("article", f"answer-{words(row.get('id'))}", {**content, **row}, updated(row, "updated_at"))
    yield Item("other", "", {})


def _rows(assets: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = assets.get(name)
    return each(list(found.values())) if isinstance(found, dict) else []


def ticket(name: str, value: dict[str, Any], parts: list[dict[str, Any]], person: Person) -> Draft:
    """A ticket with its articles, under the number that people know it by."""
    told = {words(part.get("id")): part for part in [*each(value.get("articles")), *parts]}
    messages = [message for part in in_order_of(told.values(), "created_at") if (message := _said(part))]
    asked_by = words(value.get("customer_id"))
    state = _state(value)
    return Draft(
        id=words(value.get("number")) or name,
        messages=messages,
        subject=words(value.get("title")),
        opened_at=value.get("created_at"),
        outcome="resolved" if state.startswith("closed") else None,
        customer_id=asked_by,
        customer_name=first_text(person(asked_by).get("name") if asked_by else ""),
        tags=named(value.get("tags")),
        extra={"status": state} if state else {},
        left_out="merged into another ticket" if state == "merged" else "",
    )


def _state(value: dict[str, Any]) -> str:
    state = value.get("state")
    number = value.get("state_id")
    return first_text(state, inner(state, "name")) or (_STATES.get(number, "") if isinstance(number, int) else "")


def _said(part: dict[str, Any]) -> Said | None:
    number = part.get("sender_id")
    sender = first_text(part.get("sender")) or (_SENDERS.get(number, "") if isinstance(number, int) else "")
    if sender == "System":
        return None  # confirmations of receipt and the like
    internal = part.get("internal") is True or (part.get("type") == "note" and "internal" not in part)
    role = "note" if internal else "customer" if sender == "Customer" else "agent"
    body = words(part.get("body"))
    text = body if part.get("content_type") == "text/plain" else text_of_html(body)
    files = files_of(part.get("attachments"), "filename", "store_file_name")
    return Said(role, text, part.get("created_at"), words(part.get("id")), files)


def article(name: str, value: dict[str, Any]) -> Page:
    """An answer of the knowledge base."""
    return Page(name, words(value.get("title")), words(value.get("body")))


ZAMMAD = HelpDesk("zammad", frozenset({("record",)}), sort, ticket, article)
