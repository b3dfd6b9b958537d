"""The transcript format: from plain JSON values to a Conversation or an Article, and losslessly back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from index.clean import clean
from index.conversation import OUTCOMES, ROLES, Article, Conversation, Message, Outcome, Role, Source
from index.formats.parsed import MAX_LINE, MAX_MESSAGES, MAX_TEXT, FieldError, shown
from index.formats.times import Times

_WORDS: dict[Role, str] = {
    "customer": "customer user client end-user enduser end_user visitor requester contact consumer guest "
    "inbound incoming kunde kundin cliente",
    "agent": "agent assistant support staff admin operator bot representative advisor outbound outgoing "
    "mitarbeiter mitarbeiterin berater beraterin agente conseiller",
    "note": "note system internal private internal_note private_note comment_internal",
}
_ROLE_OF: dict[str, Role] = {word: role for role, words in _WORDS.items() for word in words.split()}
_TOP = frozenset({"id", "opened_at", "outcome", "subject", "customer", "tags", "messages"})
_MESSAGE = frozenset({"role", "text", "at", "attachments", "pictures"})
_ARTICLE = frozenset({"id", "title", "text", "attachments", "pictures"})
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LEAVE_OUT = "Correct it, or leave the record out with --skip-bad"


def source_from(
    record: Mapping[str, Any], role_map: Mapping[str, str], now: datetime
) -> tuple[Source, tuple[str, ...]]:
    """The conversation or article in one JSON object, and what had to be put right. Raises `FieldError`."""
    if "messages" not in record and "text" in record and "title" in record:
        return _article(record), ()
    if "messages" not in record:
        raise FieldError("messages", "is missing", 'A ticket needs "id" and "messages": [{"role", "text"}]')
    return _conversation(record, role_map, now)


def _conversation(
    record: Mapping[str, Any], role_map: Mapping[str, str], now: datetime
) -> tuple[Conversation, tuple[str, ...]]:
    raw = record["messages"]
    if not isinstance(raw, list) or not raw:
        raise FieldError("messages", "is not a list with something in it", "Give at least one message, or --skip-bad")
    if len(raw) > MAX_MESSAGES:
        reason = f"has more than {MAX_MESSAGES:,} entries"
        raise FieldError("messages", reason, "Split it, or leave it out with --skip-bad", "LIMIT")
    times = Times(now)
    messages = [_message(item, index, role_map, times) for index, item in enumerate(raw)]
    messages, notices = _in_order(*_once(messages))
    customer = _object(record, "customer")
    opened = _time(record, "opened_at", times, None)
    extra = {key: value for key, value in record.items() if key not in _TOP}
    if rest := {key: value for key, value in customer.items() if key not in ("id", "name")}:
        extra["customer"] = rest
    conversation = Conversation(
        id=source_id(record),
        messages=tuple(messages),
        opened_at=opened,
        outcome=_outcome(record),
        subject=_string(record, "subject") or "",
        customer_id=source_id(customer, "customer.id") if customer.get("id") is not None else None,
        customer_name=_string(customer, "name", "customer.name") or None,
        tags=_strings(record, "tags"),
        extra=extra,
    )
    return conversation, (*notices, *times.notices())


def _message(item: Any, index: int, role_map: Mapping[str, str], times: Times) -> Message:
    where = f"messages[{index}]"
    if not isinstance(item, dict):
        raise FieldError(where, "is not an object", 'Write {"role": ..., "text": ...}', message=index)
    try:
        attachments = _strings(item, "attachments") if "attachments" in item else ()
        return Message(
            role=_role(item, role_map),
            text=_text(item, bool(attachments or item.get("pictures"))),
            at=_time(item, "at", times, index) if "at" in item else None,
            attachments=attachments,
            pictures=_pictures(item) if "pictures" in item else (),
            extra={key: value for key, value in item.items() if key not in _MESSAGE},
        )
    except FieldError as error:
        raise FieldError(f"{where}.{error.field}", error.reason, error.step, error.kind, message=index) from None


def role_word(word: str, role_map: Mapping[str, str]) -> Role | None:
    """The role that a word of a file stands for, by `role_map` first; None for a word we do not know."""
    name = role_map.get(word, word).strip().lower()
    name = role_map.get(name, name)
    return _ROLE_OF.get(name.replace(" ", "_"))


def _role(item: Mapping[str, Any], role_map: Mapping[str, str]) -> Role:
    role = item.get("role")
    if isinstance(role, str) and (known := role_word(role, role_map)):
        return known
    reason = "is missing" if role is None else f'is "{shown(role)}"'
    raise FieldError(
        "role", reason, f"Allowed: {', '.join(ROLES)}. Map yours with --role {shown(role or 'WORD', 20)}=agent"
    )


def _text(item: Mapping[str, Any], shows_something: bool) -> str:
    text = item.get("text")
    if isinstance(text, str) and len(text) > MAX_TEXT:
        raise FieldError("text", f"is longer than {MAX_TEXT:,} characters", _LEAVE_OUT, "TOOBIG")
    if isinstance(text, str) and (shows_something or (text and not text.isspace())):
        return text
    if text is None and (found := next((key for key in ("content", "body", "message") if key in item), None)):
        raise FieldError("text", "is missing", f'Rename "{found}" to "text"')
    reason = "is missing" if text is None else "is empty" if isinstance(text, str) else "is not a string"
    raise FieldError("text", reason, _LEAVE_OUT)


def _once(messages: list[Message]) -> tuple[list[Message], list[str]]:
    """Messages with an id that came before are left out."""
    seen: set[str] = set()
    kept: list[Message] = []
    for message in messages:
        if (name := message.extra.get("id")) is not None:
            if repr(name) in seen:
                continue
            seen.add(repr(name))
        kept.append(message)
    gone = len(messages) - len(kept)
    return kept, [f"{gone} messages with an id that came before, left out"] if gone else []


def _in_order(messages: list[Message], notices: list[str]) -> tuple[list[Message], list[str]]:
    """Oldest first, where every message has a time."""
    times = [message.at for message in messages if message.at is not None]
    if len(times) < len(messages) or times == (ordered := sorted(times)):
        return messages, notices
    if times == ordered[::-1]:  # newest first: turn round, so that equal times keep their order too
        return messages[::-1], [*notices, "messages were newest first, turned round"]
    return sorted(messages, key=lambda m: m.at or ""), [*notices, "messages were not in order of time, sorted"]


def _article(record: Mapping[str, Any]) -> Article:
    text = record["text"]
    if not isinstance(text, str) or not text.strip():
        raise FieldError("text", "is empty", _LEAVE_OUT)
    if len(text) > MAX_LINE:
        raise FieldError("text", f"is longer than {MAX_LINE:,} characters", _LEAVE_OUT, "TOOBIG")
    return Article(
        id=source_id(record),
        title=_string(record, "title") or "",
        text=text,
        attachments=_strings(record, "attachments"),
        pictures=_pictures(record),
        extra={key: value for key, value in record.items() if key not in _ARTICLE},
    )


def source_id(record: Mapping[str, Any], name: str = "id") -> str:
    """The id of a record, checked. Raises `FieldError`."""
    value = record.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        reason = "is missing" if value is None else "is neither a string nor a whole number"
        raise FieldError(name, reason, _LEAVE_OUT)
    value = clean(value).strip()
    if not value or len(value) > 200 or "\n" in value:
        raise FieldError(name, "is empty, of several lines or longer than 200 characters", _LEAVE_OUT)
    return value


def _string(record: Mapping[str, Any], key: str, name: str = "") -> str | None:
    value = record.get(key)
    if value is None or isinstance(value, str):
        return value
    raise FieldError(name or key, "is not a string", _LEAVE_OUT)


def _strings(record: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key)
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise FieldError(key, "is not a list of strings", _LEAVE_OUT)


def _pictures(record: Mapping[str, Any]) -> tuple[str, ...]:
    pictures = _strings(record, "pictures")
    if all(_SHA256.fullmatch(name) for name in pictures):
        return pictures
    raise FieldError("pictures", "holds something else than SHA-256 sums", 'Name files under "attachments"')


def _object(record: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = record.get(key)
    if value is None or isinstance(value, dict):
        return value or {}
    raise FieldError(key, "is not an object", f'Write "{key}": {{"id": ..., "name": ...}}')


def _outcome(record: Mapping[str, Any]) -> Outcome | None:
    value = record.get("outcome")
    if value is None or value in get_args(Outcome):
        return value
    raise FieldError("outcome", f'is "{shown(value)}"', f"Allowed: {', '.join(OUTCOMES)}, or leave it away")


def _time(record: Mapping[str, Any], key: str, times: Times, message: int | None) -> str | None:
    value = record.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldError(key, "is not a time", 'Write it like "2025-03-01T09:12:00Z"', message=message)
    return times.utc(value)


def export_conversation(conversation: Conversation) -> dict[str, Any]:
    """The conversation in the transcript format; reading it again gives the same conversation."""
    extra = dict(conversation.extra)
    customer = {"id": conversation.customer_id, "name": conversation.customer_name}
    known = {key: value for key, value in customer.items() if value is not None}
    record = {
        "id": conversation.id,
        "opened_at": conversation.opened_at,
        "outcome": conversation.outcome,
        "subject": conversation.subject,
        "customer": {**known, **extra.pop("customer", {})},
        "tags": list(conversation.tags),
    }
    messages = [_export_message(message) for message in conversation.messages]
    return {**_filled(record), "messages": messages, **extra}


def _export_message(message: Message) -> dict[str, Any]:
    more = {"at": message.at, "attachments": list(message.attachments), "pictures": list(message.pictures)}
    return {"role": message.role, "text": message.text, **_filled(more), **message.extra}


def export_article(article: Article) -> dict[str, Any]:
    """The article as one JSON object; reading it again gives the same article."""
    more = {"attachments": list(article.attachments), "pictures": list(article.pictures)}
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        **_filled(more),
        **article.extra,
    }


def _filled(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value not in (None, "", [], {})}
