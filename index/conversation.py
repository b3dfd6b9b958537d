"""One kind of thing: a past ticket and today's chat are the same conversation; an article is its quieter sister."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["customer", "agent", "note"]
Outcome = Literal["resolved", "unresolved", "reopened", "abandoned"]
ROLES: tuple[Role, ...] = ("customer", "agent", "note")
OUTCOMES: tuple[Outcome, ...] = ("resolved", "unresolved", "reopened", "abandoned")


@dataclass(frozen=True)
class Message:
    """One thing said. `at` is ISO 8601 in UTC ("2025-03-01T09:12:00Z").

    `attachments` are paths as the file names them; `pictures` are the SHA-256 of the stored copies, known
    after the pictures were read. `extra` keeps every key we do not know.
    """

    role: Role
    text: str
    at: str | None = None
    attachments: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Conversation:
    """A ticket or a chat. `id` is the one its source gave it."""

    id: str
    messages: tuple[Message, ...]
    opened_at: str | None = None
    outcome: Outcome | None = None
    subject: str = ""
    customer_id: str | None = None
    customer_name: str | None = None
    tags: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Article:
    """A help article. `text` is Markdown; `attachments` are the pictures it shows, in order, as it names them
    (relative to `folder`, the folder of its file); `pictures` their stored SHA-256."""

    id: str
    title: str
    text: str
    attachments: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


Source = Conversation | Article


def content_hash(source: Source) -> str:
    """SHA-256 of all that a source says, so that the same content is known again (hex, 64 characters)."""

    named = [type(source).__name__, source]
    text = json.dumps(named, sort_keys=True, ensure_ascii=False, default=vars)  # a message becomes its fields
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def source_lines(source: Source) -> list[str]:
    """The source as numbered lines a person can read: what citations point into (line 1 is element 0).

    A ticket gives `Customer: ...` / `Agent: ...` and the further lines of each message as they are; an
    article gives its title and then its Markdown lines.
    """
    if isinstance(source, Article):
        return [source.title, *source.text.splitlines()]
    lines: list[str] = []
    for message in source.messages:
        first, *rest = message.text.splitlines() or [""]
        lines.append(f"{message.role.capitalize()}: {first}")
        lines.extend(rest)
    return lines
