"""A team that is told by e-mail: over TLS, with credentials from the environment and nowhere else."""

from __future__ import annotations

import ipaddress
import os
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any
from urllib.parse import SplitResult

from agent.targets import NotDelivered, Notice, Unreached, first_that_answers, reachable

USER, PASSWORD = "DESKSIDE_MAIL_USER", "DESKSIDE_MAIL_PASSWORD"
SILENCE_SECONDS = 10.0
MOST_PICTURE_BYTES = 10_000_000


class Mailing:
    """`smtps://` speaks TLS from the start, `smtp://` goes over to it; a plain line is used on this machine only."""

    name = "mail"

    def __init__(self, server: SplitResult, sender: str, addresses: Sequence[str]) -> None:
        self._host = server.hostname or ""
        self._port = server.port or (465 if server.scheme == "smtps" else 587)
        self._tls_from_start = server.scheme == "smtps"
        self._sender = sender
        self._addresses = tuple(addresses)
        self.address = self._host

    def deliver(self, notice: Notice) -> str:
        """As `Target.deliver`. The Message-ID is the same at every try, so that a mail program shows it once."""
        return first_that_answers(reachable(self._host, self._port), lambda address: self._send(notice, address))

    def settled(self, notice: Notice) -> None:
        """As `Target.settled`; nothing is kept."""

    def _send(self, notice: Notice, address: str) -> str:
        try:
            with self._connected(address) as server:
                refused = server.send_message(self._message(notice), self._sender, self._addresses)
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refusal(error.recipients) from error
        except smtplib.SMTPAuthenticationError as error:
            raise NotDelivered(f"{self._host} does not take {USER} and {PASSWORD}", for_good=True) from error
        except smtplib.SMTPResponseException as error:
            text = f"{self._host} refused the mail (status {error.smtp_code})"
            raise NotDelivered(text, for_good=500 <= error.smtp_code < 600) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotDelivered(f"{self._host} lacks what is needed for a login or a mail", for_good=True) from error
        except ssl.SSLError as error:
            raise NotDelivered(f"{self._host}: TLS failed, or its certificate is not trusted") from error
        except (smtplib.SMTPException, OSError) as error:
            if isinstance(error, smtplib.SMTPServerDisconnected):
                raise NotDelivered(f"{self._host} broke off the connection") from error
            slow = isinstance(error, TimeoutError)
            raise Unreached(f"{self._host} {'did not answer in time' if slow else 'cannot be reached'}") from error
        taken = [each for each in self._addresses if each not in refused]
        return f"taken for {len(taken)} of {len(self._addresses)}"

    def _connected(self, address: str) -> smtplib.SMTP:
        """A session ready to send; TLS unless the server is on this machine and has none."""
        context = ssl.create_default_context()
        connect = _pinned(smtplib.SMTP_SSL, address) if self._tls_from_start else _pinned(smtplib.SMTP, address)
        more: dict[str, Any] = {"context": context} if self._tls_from_start else {}
        server: smtplib.SMTP = connect(self._host, self._port, timeout=SILENCE_SECONDS, **more)
        try:
            server.ehlo()
            safe = self._tls_from_start
            if not safe and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                safe = True
            if not safe and not _is_here(address):
                raise NotDelivered(
                    f"{self._host} offers no TLS, and a hand-over is not sent in the clear", for_good=True
                )
            user, password = os.environ.get(USER, ""), os.environ.get(PASSWORD, "")
            if user and password:
                server.login(user, password)
            return server
        except BaseException:
            server.close()
            raise

    def _message(self, notice: Notice) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = notice.subject
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._addresses)
        mail["Date"] = formatdate(localtime=False)
        mail["Message-ID"] = f"<{notice.key}@{self._sender.rpartition('@')[2]}>"
        mail["X-Deskside-Key"] = notice.key
        mail.set_content(notice.markdown)
        mail.add_attachment(notice.as_json(), "application", "json", filename=f"handover-{notice.number:06}.json")
        room = MOST_PICTURE_BYTES
        for place, picture in enumerate(notice.pictures, 1):
            data = picture.read_bytes()
            if len(data) <= room:
                room -= len(data)
                mail.add_attachment(data, "image", "png", filename=f"screenshot-{place}.png")
        return mail

    def _refusal(self, refused: Mapping[str, tuple[int, bytes]]) -> NotDelivered:
        codes = sorted({code for code, _ in refused.values()})
        text = f"{self._host} takes no mail for these addresses (status {', '.join(map(str, codes))})"
        return NotDelivered(text, for_good=all(500 <= code < 600 for code in codes))


def _pinned(kind: type[smtplib.SMTP], address: str) -> type[smtplib.SMTP]:
    """The session class, connecting to the address that was looked at; the name stays for the certificate."""

    class Pinned(kind):  # type: ignore[misc, valid-type]
        def _get_socket(self, host: str, port: int, timeout: float) -> Any:
            return super()._get_socket(address, port, timeout)

    return Pinned


def _is_here(address: str) -> bool:
    return ipaddress.ip_address(address.split("%")[0]).is_loopback
