"""Poisoned feedback: phone numbers, links and accounts that customers push and a reply would pass on (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.personal import find_emails, find_ibans, find_phones

PUSHED_BY = 3  # customers who bring the same unknown contact: from here on it is pushed
_HOST = re.compile(
    r"(?:https?://|www\.)([\w.-]+\.[a-z]{2,})|(?<![\w@.])((?:[\w-]+\.)+(?:com|net|org|io|co|info|shop|xyz|top|ru|de|app|link|click|site|online|support|help|example))(?![\w@])",
    re.I,
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What one conversation says: by its customer, and by the side that answers."""

    id: str
    customer: str
    asked: str
    replied: str
    ours: bool  # imported from where a team answered; else a chat of this desk, where anybody may type


def contacts_in(text: str) -> set[str]:
    """The ways to reach or pay somebody that a text names: hosts of links, phone numbers, IBANs, e-mail domains."""
    found = {(one or other).lower().removeprefix("www.").rstrip(".") for one, other in _HOST.findall(text)}
    found |= {f"phone {key}" for _, _, key in find_phones(text)}
    found |= {f"account {key}" for _, _, key in find_ibans(text)}
    found |= {key.rsplit("@", 1)[-1].lower() for _, _, key in find_emails(text)}
    return found


def poisoned(conversations: Sequence[Said], trusted: Iterable[str]) -> dict[str, set[str]]:
    """The conversations that must not be learned from, by id, with the contacts that are not known.

    Known is what articles, approved replies and the house's own names say (`trusted` texts), and what a team wrote
    in imported tickets of its own accord: in a conversation whose customer had not brought it. An unknown contact
    in a reply of a chat is enough; in an imported reply it must also be pushed by several customers.
    """
    known = set().union(*(contacts_in(text) for text in trusted)) if trusted else set()
    asked = {each.id: contacts_in(each.asked) for each in conversations}
    replied = {each.id: contacts_in(each.replied) for each in conversations}
    for each in conversations:
        if each.ours:
            known |= replied[each.id] - asked[each.id]
    pushers: dict[str, set[str]] = defaultdict(set)
    for each in conversations:
        for contact in asked[each.id] | (set() if each.ours else replied[each.id]):
            pushers[contact].add(each.customer or each.id)
    found: dict[str, set[str]] = {}
    for each in conversations:
        strange = replied[each.id] - known
        if each.ours:
            strange = {contact for contact in strange if len(pushers[contact]) >= PUSHED_BY}
        if strange:
            found[each.id] = strange
    return found
