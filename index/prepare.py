"""The last step before the store: a source cleaned, bared of mail trimmings and masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from index.clean import clean_counted
from index.conversation import Article, Conversation, Message, Source
from index.errors import UserError
from index.mail import strip_mail
from index.redact import mask, redactor_for

PUSHED = ("PHONE", "IBAN", "LINK")


@dataclass(frozen=True)
class Prepared:
    """A source as it may be stored, and what was done to it: personal data masked by kind, control or invisible
    characters removed, messages without visible text dropped."""

    source: Source
    masked: dict[str, int] = field(default_factory=dict)
    removed: int = 0
    dropped: int = 0
    pushed: tuple[str, ...] = ()
    """Fingerprints of the phone numbers, bank accounts and token links that were masked: one that stands in very many
    tickets may have been planted."""


def prepare(source: Source, known: Iterable[str] = ()) -> Prepared:
    """The source as it may be stored, and what was done to it, counted.

    `known` are the house's own names, addresses and numbers, which are not masked. Raises EMPTY when a
    conversation has nothing left to say.
    """
    cleaner = _Cleaner()
    if isinstance(source, Article):
        article = replace(
            source, title=cleaner.text(source.title), text=cleaner.text(source.text), extra=cleaner.value(source.extra)
        )
        return Prepared(article, removed=cleaner.removed)
    conversation = _cleaned(source, cleaner)
    redactor = redactor_for(conversation, known)  # learns names from signatures, before these go
    kept = [message for message in map(_bared, conversation.messages) if _says_something(message)]
    if not kept:
        raise UserError(
            f"Conversation {conversation.id}: no message has visible text.\nLeave it out with --skip-bad.", "EMPTY"
        )
    masked = mask(replace(conversation, messages=tuple(kept)), redactor)
    return Prepared(
        masked,
        dict(redactor.counts),
        cleaner.removed,
        len(source.messages) - len(kept),
        redactor.fingerprints(PUSHED),
    )


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


def _says_something(message: Message) -> bool:
    return bool(message.text.strip() or message.attachments or message.pictures)


def _bared(message: Message) -> Message:
    if message.role == "note":
        return message
    text = strip_mail(message.text)
    return message if text is message.text else replace(message, text=text)
