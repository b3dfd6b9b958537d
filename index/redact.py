"""Personal data out, placeholders in: the same value gets the same placeholder all through a conversation."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from index.conversation import Conversation, Message, Source
from index.names import Names, given_names, names_in
from index.personal import FINDERS, worth_a_look
from index.secret import Found

_PLACEHOLDER = re.compile(r"<(EMAIL|PHONE|CARD|IBAN|IP|SSN|KEY|LINK|BIRTHDATE|NAME)_([0-9]{1,6})>")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME_FIELDS = (
    "name",
    "full_name",
    "first_name",
    "last_name",
    "agent",
    "agent_name",
    "author",
    "author_name",
    "sender_name",
)
_ASKED_NAME = re.compile(r"\byour (?:full |first |last )?name\b|\bihr(?:en)? name", re.IGNORECASE)
_BARE_NAME = re.compile(r"(?:[^\W\d_a-z][^\W\d_]+[ .]{0,2}){1,3}")


@dataclass
class Redaction:
    """A masked text and how often each kind of personal data was in it ({"email": 1, "phone": 2})."""

    text: str
    counts: dict[str, int] = field(default_factory=dict)


class Redactor:
    """Masks one conversation. `names` are those the ticket carries; `known` are the house's own addresses,
    phone numbers, links and names, which stay."""

    def __init__(self, names: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        self._known = {_squeezed(value) for value in known}
        self._numbers: dict[tuple[str, str], int] = {}
        self._last: Counter[str] = Counter()
        self._names = Names()
        self.counts: Counter[str] = Counter()
        for name in names:
            self._add(name)

    def fingerprints(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """A short hash of each masked value of these kinds ("PHONE", ...): the same value, the same hash, in every
        conversation; the value itself cannot be read from it by looking."""
        wanted = set(kinds)
        return tuple(
            f"{kind}:{hashlib.sha256(f'{kind}:{key}'.encode()).hexdigest()[:16]}"
            for kind, key in self._numbers
            if kind in wanted
        )

    def learn(self, text: str) -> None:
        """Takes note of names and placeholders in `text`, before anything of the conversation is masked."""
        for name in names_in(text):
            self._add(name)
        if "_" in text:
            for kind, number in _PLACEHOLDER.findall(text):
                self._last[kind] = max(self._last[kind], int(number))

    def _add(self, name: str) -> None:
        if _squeezed(name) not in self._known:
            self._names.add(name)

    def redact(self, text: str) -> str:
        """`text` with placeholders; what is a placeholder already stays."""
        self.learn(text)
        return self.mask(text)

    def mask(self, text: str) -> str:
        """As `redact`, for a text that was learnt before."""
        while worth_a_look(text):
            before = text
            for kind, find in FINDERS:
                text = self._masked(text, kind, find(text))
            if text == before:  # else once more: what stood beside a masked number can be seen now
                break
        return self._masked(text, "NAME", self._names.find(text))

    def _masked(self, text: str, kind: str, found: Iterator[Found]) -> str:
        spots = list(found)
        if not spots:
            return text
        spots.sort(key=lambda spot: (spot[0], -spot[1]))
        kept = [match.span() for match in _PLACEHOLDER.finditer(text)] if "<" in text else []
        pieces, position = [], 0
        for start, end, key in spots:
            inside = any(start < stop and begin < end for begin, stop in kept)
            if start < position or inside or self._is_known(text[start:end]):
                continue
            pieces += [text[position:start], self._placeholder(kind, key)]
            position = end
        return "".join([*pieces, text[position:]])

    def _is_known(self, value: str) -> bool:
        if not self._known:
            return False
        value = _squeezed(value)
        return value in self._known or ("@" in value and value.rsplit("@", 1)[1] in self._known)

    def _placeholder(self, kind: str, key: str) -> str:
        if (number := self._numbers.get((kind, key))) is None:
            self._last[kind] += 1
            number = self._numbers[kind, key] = self._last[kind]
        self.counts[kind.lower()] += 1
        return f"<{kind}_{number}>"


def _squeezed(value: str) -> str:
    """For comparing: small letters, without the signs that numbers are grouped by."""
    return re.sub(r"[\s()/.-]", "", value.lower()).removeprefix("https:").removeprefix("www")


def redact(text: str, names: Iterable[str] = ()) -> Redaction:
    """One text on its own, masked."""
    redactor = Redactor(names)
    return Redaction(redactor.redact(text), dict(redactor.counts))


def redact_source(source: Source, known: Iterable[str] = ()) -> tuple[Source, dict[str, int]]:
    """The conversation masked (subject, messages, unknown fields) and the counts by kind.

    Ids stay, the customer's name goes. Articles are published words and stay as they are.
    """
    if not isinstance(source, Conversation):
        return source, {}
    redactor = redactor_for(source, known)
    return mask(source, redactor), dict(redactor.counts)


def redactor_for(conversation: Conversation, known: Iterable[str] = ()) -> Redactor:
    """A redactor that has learnt every name of the conversation."""
    redactor = Redactor(given_names(_fields(conversation)), known)
    redactor.learn(conversation.subject)
    asked = False
    for message in conversation.messages:
        redactor.learn(message.text)
        bare = message.text.strip()
        if asked and message.role == "customer" and len(bare) < 60 and _BARE_NAME.fullmatch(bare):
            redactor.learn(f"my name is {bare}")
        asked = message.role == "agent" and _ASKED_NAME.search(message.text) is not None
    return redactor


def _fields(conversation: Conversation) -> Iterator[Any]:
    yield conversation.customer_name
    customer = conversation.extra.get("customer")
    for holder in (conversation.extra, customer, *(message.extra for message in conversation.messages)):
        if isinstance(holder, dict) and holder:
            yield from (holder[key] for key in _NAME_FIELDS if key in holder)


def mask(conversation: Conversation, redactor: Redactor) -> Conversation:
    """The conversation in the placeholders of `redactor`."""

    def masked(message: Message) -> Message:
        extra = _extra(message.extra, redactor) if message.extra else message.extra
        text = redactor.mask(message.text)
        same = text == message.text and extra == message.extra
        return message if same else replace(message, text=text, extra=extra)

    return replace(
        conversation,
        subject=redactor.mask(conversation.subject),
        messages=tuple([masked(message) for message in conversation.messages]),
        customer_name=None,
        extra=_extra(conversation.extra, redactor),
    )


def _is_sum(key: str, value: str) -> bool:
    """Whether it is the SHA-256 of a picture, which looks like a key."""
    return key == "sha256" and _SHA256.fullmatch(value) is not None


def _extra(value: Any, redactor: Redactor, key: str = "") -> Any:
    """Unknown fields keep their shape; every text in them is masked, but for ids."""
    if isinstance(value, dict):
        return {name: _extra(item, redactor, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_extra(item, redactor, key) for item in value]
    if isinstance(value, str) and key != "id" and not key.endswith("_id") and not _is_sum(key, value):
        return redactor.redact(value) if "<" in value else redactor.mask(value)
    return value
