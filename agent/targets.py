"""Where a hand-over is told: what a target gets, what it may answer, and which targets the settings name."""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from agent.settings import Settings
from index.errors import UserError


@dataclass(frozen=True)
class Notice:
    """One hand-over as every target gets it. `key` is the same at every try."""

    key: str
    number: int
    subject: str
    page: dict[str, Any]
    markdown: str
    pictures: tuple[Path, ...]

    def as_json(self) -> bytes:
        """The page as UTF-8 JSON, the same bytes for the same page."""
        return json.dumps(self.page, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8") + b"\n"


class NotDelivered(Exception):
    """A target did not take the notice. `for_good`: trying again will not help before somebody puts it right;
    `after`: seconds the target asked us to wait."""

    def __init__(self, reason: str, *, for_good: bool = False, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good
        self.after = after


class Unreached(NotDelivered):
    """No connection to one of a host's addresses; another may do."""


class Target(Protocol):
    """A place that is told. `name` is what lists and audits call it, `address` where it is, without its secrets."""

    name: str
    address: str

    def deliver(self, notice: Notice) -> str:
        """Take the notice; a remark for the audit ("" for none). Raises NotDelivered."""
        ...

    def settled(self, notice: Notice) -> None:
        """The delivery is written down: it is never asked for again."""
        ...


def targets_from(settings: Settings) -> dict[str, Target]:
    """The targets that are set up, by name. Raises UserError CONFIG for one that could never work."""
    found: list[Target] = []
    if settings.handover_folder:
        from agent.dropfolder import DropFolder

        found.append(DropFolder(Path(settings.handover_folder).expanduser()))
    if settings.handover_mail:
        from agent.mailing import Mailing

        addresses = _mail_addresses(settings.handover_mail)
        (sender,) = _mail_addresses(settings.mail_from or addresses[0])[:1]
        found.append(Mailing(checked_url(settings.mail_server, "mail_server", ("smtp", "smtps")), sender, addresses))
    if settings.handover_webhook:
        from agent.webhook import Webhook

        checked_url(settings.handover_webhook, "handover_webhook", ("http", "https"))
        found.append(Webhook(settings.handover_webhook))
    return {each.name: each for each in found}


def checked_url(url: str, setting: str, schemes: Sequence[str]) -> SplitResult:
    """The parts of an address of one of these schemes. Raises UserError CONFIG, without the address."""
    example = {"smtp": "smtp://mail.example:587", "http": "https://desk.example/handovers"}[schemes[0]]
    try:
        parts = urlsplit(url)
        fine = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, fine = urlsplit(""), False
    if not fine:
        raise UserError(f"{setting} must be an address like {example}.\nCorrect it.", "CONFIG")
    if parts.username is not None or parts.password is not None:
        raise UserError(f"{setting} holds a password.\nPut it into {_KEY_OF[schemes[0]]} instead.", "CONFIG")
    return parts


_KEY_OF = {"smtp": "DESKSIDE_MAIL_USER and DESKSIDE_MAIL_PASSWORD", "http": "DESKSIDE_WEBHOOK_KEY"}
_ADDRESS = re.compile(r"[^\s@,;<>\"()]+@[^\s@,;<>\"()]+")


def _mail_addresses(text: str) -> list[str]:
    addresses = [each.strip() for each in text.split(",") if each.strip()]
    if not addresses or not all(_ADDRESS.fullmatch(each) for each in addresses):
        raise UserError("handover_mail and mail_from hold mail addresses, comma between.\nCorrect them.", "CONFIG")
    return addresses


def reachable(host: str, port: int) -> list[str]:
    """The IP addresses of a host that may be told. Raises NotDelivered when there is none, or one that a notice must
    never be sent to: link-local (cloud machines keep their keys at one), multicast, unspecified.

    The caller connects to what this gives, so that a name cannot point elsewhere a moment later.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotDelivered(f"no machine is known as {host}") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    for address in addresses:
        if _forbidden(address):
            raise NotDelivered(f"{host} is an address that no notice is sent to", for_good=True)
    return addresses


_KEYS_OF_CLOUDS = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200")))


def _forbidden(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip in _KEYS_OF_CLOUDS


def first_that_answers(addresses: Sequence[str], tell: Callable[[str], str]) -> str:
    """Tell the first address that can be reached. Raises NotDelivered."""
    for address in addresses[:-1]:
        with suppress(Unreached):
            return tell(address)
    return tell(addresses[-1])


def is_near(address: str) -> bool:
    """Whether an address is this machine or a private network: there a plain connection may do."""
    ip = ipaddress.ip_address(address.split("%")[0])
    return ip.is_loopback or ip.is_private
