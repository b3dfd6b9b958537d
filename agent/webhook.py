"""A web address that is told by POST: one key at every try, no redirects, nothing secret in any message."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from agent.targets import NotDelivered, Notice, Unreached, first_that_answers, is_near, reachable

KEY = "DESKSIDE_WEBHOOK_KEY"
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 10.0
WHOLE_SECONDS = 15.0
MOST_WAIT = 3600.0


class Webhook:
    """Told by one POST of the page as JSON. The path of the address may be a secret, so only its host is ever named."""

    name = "webhook"

    def __init__(self, url: str) -> None:
        self._url = url
        self._parts = urlsplit(url)
        self.address = self._parts.hostname or ""

    def deliver(self, notice: Notice) -> str:
        """As `Target.deliver`: 2xx is taken; 408, 425, 429 and 5xx are tried again; all else is for good."""
        port = self._parts.port or (443 if self._parts.scheme == "https" else 80)
        addresses = reachable(self.address, port)
        if self._parts.scheme == "http" and not all(map(is_near, addresses)):
            raise NotDelivered(f"{self.address} is told over https only", for_good=True)
        return first_that_answers(addresses, lambda address: self._post(notice, address, port))

    def settled(self, notice: Notice) -> None:
        """As `Target.settled`; nothing is kept."""

    def _post(self, notice: Notice, address: str, port: int) -> str:
        import httpx

        logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole addresses into the log
        url = httpx.URL(self._url).copy_with(host=address, port=port)
        timeout = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
        # the address that was looked at is the one that is asked; its name is for TLS and for the Host line
        asked: dict[str, Any] = {"headers": self._headers(notice), "extensions": {"sni_hostname": self.address}}
        ends_at = time.monotonic() + WHOLE_SECONDS
        try:
            with (
                httpx.Client(follow_redirects=False, trust_env=False, timeout=timeout) as client,
                client.stream("POST", url, content=notice.as_json(), **asked) as response,
            ):
                for _ in response.iter_raw(4096):  # what it says is of no use, but a cut-off answer is no "taken"
                    if time.monotonic() > ends_at or response.num_bytes_downloaded > 1_000_000:
                        break
                return self._taken(response.status_code, response.headers)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            kind = Unreached if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else NotDelivered
            raise kind(f"{self.address} {_trouble(error)}") from error

    def _headers(self, notice: Notice) -> dict[str, str]:
        key = os.environ.get(KEY, "")
        return {
            "Host": self._parts.netloc,
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": notice.key,
            "User-Agent": "deskside",
            **({"Authorization": f"Bearer {key}"} if key else {}),
        }

    def _taken(self, status: int, headers: Mapping[str, str]) -> str:
        if 200 <= status < 300:
            return f"status {status}"
        if 300 <= status < 400:
            raise NotDelivered(f"{self.address} wants to send us elsewhere (status {status})", for_good=True)
        again = status in (408, 425, 429) or status >= 500
        raise NotDelivered(f"{self.address} answered with status {status}", for_good=not again, after=_after(headers))


def _after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header; dates are not read."""
    said = headers.get("retry-after", "")
    return min(float(said), MOST_WAIT) if said.isdecimal() else None


def _trouble(error: BaseException) -> str:
    import httpx

    if isinstance(error, httpx.ConnectError):
        text = str(error).lower()
        return "has no certificate that we trust" if "certificate" in text or "ssl" in text else "cannot be reached"
    if isinstance(error, httpx.TimeoutException):
        return "did not answer in time"
    if isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError)):
        return "broke off the connection"
    return f"could not be told ({type(error).__name__})"
