"""Zendesk: the JSON export (a ticket with its comments a line) and pages of its API, also incremental ones.

Layouts: developer.zendesk.com, "Incremental Exports", "Ticket Comments", "Ticket Audits", "Articles".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.formats.drafts import Draft, Page, Said, each, files_of, first_text, inner, named, text_of_html, words
from index.formats.gathered import Item
from index.formats.helpdesk import HelpDesk, Person, updated
from index.formats.records import Path_

_LISTS = "tickets users ticket_events audits deleted_tickets articles"


def looks_like(inside: Path_, value: dict[str, Any]) -> bool:
    """Whether a record is one of Zendesk's."""
    if inside in (("ticket_events",), ("deleted_tickets",), ("audits",)):
        return True
    if inside == ("articles",) or ("section_id" in value and "html_url" in value):
        return "body" in value and "title" in value
    if inside in ((), ("tickets",)) and "id" in value and ("subject" in value or "raw_subject" in value):
        return (
            "submitter_id" in value
            or "submitter" in value
            or "brand_id" in value
            or "zendesk.com" in str(value.get("url"))
            or ("requester_id" in value and isinstance(value.get("comments"), list))  # reduced by a script
        )
    return inside == ("users",) and value.get("role") in ("end-user", "agent", "admin")


def sort(inside: Path_, value: dict[str, Any]) -> Iterator[Item]:
    """What one record of an export is."""
    name, last = words(value.get("id")), updated(value, "updated_at", "created_at")
    if inside == ("ticket_events",):
        for event in each(value.get("child_events")):
            if event.get("event_type") == "Comment" or event.get("type") == "Comment":
                yield Item("part", words(value.get("ticket_id")), _dated(event, value))
        yield Item("other", "", {})
    elif inside == ("audits",):
        for event in each(value.get("events")):
            if event.get("type") == "Comment":
                yield Item("part", words(value.get("ticket_id")), _dated(event, value))
        yield Item("other", "", {})
    elif inside == ("deleted_tickets",):
        yield Item("gone", name, value, updated(value, "deleted_at"))
    elif inside == ("users",) or value.get("role") in ("end-user", "agent", "admin"):
        yield Item("person", name, {"name": words(value.get("name")), "agent": value.get("role") != "end-user"})
    elif inside == ("articles",) or ("section_id" in value and "body" in value):
        yield Item("article", name, value, last)
    elif value.get("status") == "deleted":
        yield Item("gone", name, value, last)
    elif any(key in value for key in ("subject", "raw_subject", "description", "comments", "requester_id")):
        yield Item("ticket", name, value, last)
    elif "domain_names" in value:
        yield Item("other", name, {})  # an organisation


def _dated(event: dict[str, Any], holder: dict[str, Any]) -> dict[str, Any]:
    at = event.get("created_at") or holder.get("created_at") or holder.get("timestamp")
    return {"author_id": holder.get("author_id", holder.get("updater_id")), **event, "created_at": at}


def ticket(name: str, value: dict[str, Any], parts: list[dict[str, Any]], person: Person) -> Draft:
    """A ticket with its comments; without any, its description is the one message."""
    asked_by = words(value.get("requester_id")) or words(inner(value, "requester", "id"))
    asked_by = asked_by or words(value.get("submitter_id")) or words(inner(value, "submitter", "id"))
    comments = {words(part.get("id")): part for part in [*parts, *each(value.get("comments"))]}
    messages = [_said(comment, asked_by, person) for comment in comments.values()]
    if not messages:
        messages = [Said("customer", words(value.get("description")), value.get("created_at"))]
    known = person(asked_by) if asked_by else {}
    return Draft(
        id=name,
        messages=messages,
        subject=first_text(value.get("raw_subject"), value.get("subject")),
        opened_at=value.get("created_at"),
        outcome=_outcome(value),
        customer_id=asked_by,
        customer_name=first_text(inner(value, "requester", "name"), known.get("name")),
        tags=named(value.get("tags")),
        extra={"status": status} if (status := words(value.get("status"))) else {},
        partial=not parts and "comments" not in value,
    )


def _said(comment: dict[str, Any], asked_by: str, person: Person) -> Said:
    author = words(comment.get("author_id")) or words(inner(comment, "author", "id"))
    if comment.get("public") is False:
        role = "note"
    else:
        known = person(author) if author else {}
        by_agent = known["agent"] if "agent" in known else inner(comment, "author", "role") in ("agent", "admin")
        # nobody told who they are: whoever asked is the customer, all others who write are the team
        unknown = not known and not inner(comment, "author", "role")
        role = "customer" if author == asked_by or (not by_agent and not unknown) or not author else "agent"
    plain = first_text(comment.get("plain_body"), comment.get("body"))
    text = plain if plain else text_of_html(words(comment.get("html_body")))
    files = files_of(comment.get("attachments"), "file_name", "content_url")
    return Said(role, text.replace("&nbsp;", " "), comment.get("created_at"), words(comment.get("id")), files)


def _outcome(value: dict[str, Any]) -> str | None:
    if value.get("status") in ("solved", "closed"):
        return "unresolved" if inner(value, "satisfaction_rating", "score") == "bad" else "resolved"
    reopens = inner(value, "metric_set", "reopens")
    return "reopened" if isinstance(reopens, int) and reopens > 0 else None


def article(name: str, value: dict[str, Any]) -> Page:
    """An article of the help centre."""
    return Page(
        id=name,
        title=words(value.get("title")) or words(value.get("name")),
        body=words(value.get("body")),
        extra={key: value[key] for key in ("html_url", "locale", "label_names") if value.get(key)},
        left_out="draft of an article" if value.get("draft") is True else "",
    )


ZENDESK = HelpDesk("zendesk", frozenset((key,) for key in _LISTS.split()), sort, ticket, article)
