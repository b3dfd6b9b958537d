"""The last step before the store: a source cleaned, bared of mail trimmings and masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from index.clean import clean_counted
from index.conversation import Article, Conversation, Message, Source
from index.errors import UserError
from index.mail import strip_mail
from index.redact import mask, redactor_for


def prepare(source: Source, known: Iterable[str] = ()) -> tuple[Source, tuple[str, ...]]:
    """The source as it may be stored, and what was done to it, counted.

    `known` are the house's own names, addresses and numbers, which are not masked. Raises EMPTY when a
    conversation has nothing left to say.
    """
    cleaner = _Cleaner()
    if isinstance(source, Article):
        article = replace(
            source, title=cleaner.text(source.title), text=cleaner.text(source.text), extra=cleaner.value(source.extra)
        )
        return article, cleaner.notices()
    conversation = _cleaned(source, cleaner)
    redactor = redactor_for(conversation, known)  # learns names from signatures, before these go
    kept = [message for message in map(_bared, conversation.messages) if message.text.strip() or message.attachments]
    if not kept:
        raise UserError(
            f"Conversation {conversation.id}: no message has visible text.\nLeave it out with --skip-bad.", "EMPTY"
        )
    conversation = mask(replace(conversation, messages=tuple(kept)), redactor)
    dropped = len(source.messages) - len(kept)
    masked = ", ".join(f"{count} {kind}" for kind, count in sorted(redactor.counts.items()))
    notices = [
        *cleaner.notices(),
        *([f"{dropped} message{_s(dropped)} without visible text left out"] if dropped else []),
        *([f"masked: {masked}"] if masked else []),
    ]
    return conversation, tuple(notices)


def _s(count: int) -> str:
    return "" if count == 1 else "s"


class _Cleaner:
    """`clean` over every string of a source, with one count."""

    def __init__(self) -> None:
        self.removed = 0

    def text(self, text: str) -> str:
        """The text, cleaned and counted."""
        text, removed = clean_counted(text)
        self.removed += removed
        return text

    def value(self, value: Any) -> Any:
        """Every string in a JSON value, keys too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return value

    def notices(self) -> tuple[str, ...]:
        """What was removed, if anything."""
        return (f"{self.removed} control character{_s(self.removed)} removed",) if self.removed else ()


def _cleaned(source: Conversation, cleaner: _Cleaner) -> Conversation:
    def message(old: Message) -> Message:
        text, extra = cleaner.text(old.text), cleaner.value(old.extra) if old.extra else old.extra
        return old if text == old.text and extra == old.extra else replace(old, text=text, extra=extra)

    return replace(
        source,
        messages=tuple([message(old) for old in source.messages]),
        subject=cleaner.text(source.subject),
        customer_id=cleaner.text(source.customer_id) if source.customer_id else None,
        customer_name=cleaner.text(source.customer_name) if source.customer_name else None,
        tags=tuple(map(cleaner.text, source.tags)),
        extra=cleaner.value(source.extra),
    )


def _bared(message: Message) -> Message:
    if message.role == "note":
        return message
    text = strip_mail(message.text)
    return message if text is message.text else replace(message, text=text)
