"""One message of mail: who wrote to whom, what it says, what hangs on it; nothing of it is trusted (pure)."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Any

from index.formats.drafts import text_of_html

_ID = re.compile(r"<([^<>\s]{1,400})>")
_REPLY = re.compile(r"^\s*(?:(?:re|aw|sv|antw|fw|fwd|wg|tr|rv|vs|ref)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_SYSTEM = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply\+bounce)@", re.IGNORECASE)
_SAFE = re.compile(r"[^\w.-]+")
_MOST_PARTS = 200
_MOST_TEXT = 1_000_000


@dataclass(frozen=True)
class Letter:
    """What a message is threaded by. `related` are the ids it answers, oldest first."""

    id: str
    related: tuple[str, ...]
    sender: str
    sender_name: str
    to: tuple[str, ...]
    subject: str
    date: str
    automatic: bool = False
    listed: bool = False
    sealed: bool = False

    @property
    def root(self) -> str:
        """The message its thread began with."""
        return self.related[0] if self.related else self.id

    @property
    def topic(self) -> str:
        """The subject without "Re:" and the like."""
        return _REPLY.sub("", self.subject).strip()

    @property
    def is_reply(self) -> bool:
        """Whether the subject says that it answers something."""
        return _REPLY.match(self.subject) is not None


@dataclass(frozen=True)
class Enclosure:
    """A file in a message: a safe name and its bytes."""

    name: str
    data: bytes


def parsed(data: bytes) -> Message:
    """The message as the `email` package understands it; it takes whatever comes. With the older policy, which reads
    headers ten times as fast; ours does the decoding."""
    return email.message_from_bytes(data)


def letter_of(data: bytes) -> Letter:
    """The headers of a message."""
    end = re.search(rb"\r?\n\r?\n", data)
    message = parsed(data[: end.start()] + b"\n\n" if end else data)
    sender = (_addresses(message, "from") or _addresses(message, "sender") or [("", "")])[0]
    own = _ID.findall(_header(message, "message-id"))
    related = _ID.findall(_header(message, "references"))
    related += [each for each in _ID.findall(_header(message, "in-reply-to")) if each not in related]
    kind = _header(message, "content-type").lower()
    date, subject = _header(message, "date"), " ".join(_header(message, "subject").split())
    to = [address for name in ("to", "cc", "delivered-to") for _, address in _addresses(message, name)]
    marks = f"{_header(message, 'auto-submitted')} {_header(message, 'precedence')}".lower()
    return Letter(
        id=own[0] if own else "lost-" + _hash("\0".join([sender[1], date, subject, _hash(data)])),
        related=tuple(each for each in related if each not in own),
        sender=sender[1],
        sender_name=sender[0],
        to=tuple(dict.fromkeys(to)),
        subject=subject,
        date=date,
        automatic="auto-" in marks
        or "auto_reply" in marks
        or bool(_header(message, "x-autoreply") or _header(message, "x-autorespond"))
        or "multipart/report" in kind
        or _SYSTEM.match(sender[1]) is not None,
        listed=bool(_header(message, "list-id") or _header(message, "list-unsubscribe")) or "bulk" in marks,
        sealed="multipart/encrypted" in kind or ("pkcs7-mime" in kind and "signed-data" not in kind),
    )


def _header(message: Message, name: str) -> str:
    """The first header of a name as text; raw bytes in it are taken for UTF-8 or Windows-1252."""
    wanted = name.lower()
    value = next((value for key, value in message.raw_items() if key.lower() == wanted), "")
    return decoded(str(value))


def decoded(value: str) -> str:
    """Header text with its encoded words decoded; what cannot be is left as it stands."""
    if not value.isascii():
        data = value.encode("utf-8", "surrogateescape")
        try:
            value = data.decode("utf-8")
        except UnicodeDecodeError:
            value = data.decode("cp1252", "replace")
    if "=?" not in value:
        return value
    try:
        parts = decode_header(value)
        return "".join(
            part.decode(charset or "ascii", "replace") if isinstance(part, bytes) else part for part, charset in parts
        )
    except (MessageError, LookupError, ValueError):
        return value


def _addresses(message: Message, name: str) -> list[tuple[str, str]]:
    found = getaddresses([_header(message, name)], strict=False) if _STRICT else getaddresses([_header(message, name)])
    return [(" ".join(who.split())[:200], address.strip().lower()[:300]) for who, address in found if "@" in address]


_STRICT = "strict" in getaddresses.__code__.co_varnames


def _hash(value: str | bytes) -> str:
    data = value.encode("utf-8", "replace") if isinstance(value, str) else value
    return blake2b(data, digest_size=6).hexdigest()


def text_of(message: Message) -> str:
    """What a message says: its plain text, else its HTML as a reader sees it."""
    plain, pages = [], []
    for part in _parts(message):
        if part.get_content_disposition() == "attachment" or part.get_filename():
            continue
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.append(_text(part))
        elif kind == "text/html":
            pages.append(_text(part))
    text = "\n\n".join(filter(str.strip, plain))
    return (text or text_of_html("\n".join(pages))).replace("\r\n", "\n")[:_MOST_TEXT].strip()


def enclosures_of(message: Message, owner: str) -> Iterator[Enclosure]:
    """The files of a message, attached or shown in its text; their names lead nowhere."""
    number = 0
    for part in _parts(message):
        if part.get_content_maintype() == "multipart" or part.get_content_type() == "message/rfc822":
            continue
        if not (part.get_content_maintype() == "image" or part.get_content_disposition() == "attachment"):
            continue
        number += 1
        data = part.get_payload(decode=True)
        name = PurePosixPath(
            (decoded(str(part.get_filename() or "")) or f"picture.{part.get_content_subtype()}").replace("\\", "/")
        ).name
        safe = _SAFE.sub("_", name)[-80:].lstrip(".") or "file"
        yield Enclosure(f"{_hash(owner)}-{number}-{safe}", data if isinstance(data, bytes) else b"")


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a message, not those of a message it forwards as a whole."""
    waiting: list[Any] = [message]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting = [*part.get_payload(), *waiting]


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    named = str(part.get_content_charset() or "utf-8")
    for charset in (named, "utf-8"):
        try:
            return data.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", "replace")
