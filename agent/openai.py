"""Any OpenAI-compatible server as the desk's Model: one streamed request a reply, limits on all that comes back."""

from __future__ import annotations

import base64
import json
import mimetypes
import os
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from agent.model import ChatMessage
from agent.stream import Outflow, break_control
from index.clean import clean
from index.errors import UserError

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 60.0  # between two pieces of the stream
REPLY_SECONDS = 600.0
LINE_BYTES = 1_000_000
REPLY_CHARACTERS = 1_000_000
PICTURE_BYTES = 10_000_000
KEY = "DESKSIDE_OPENAI_KEY"


@dataclass(frozen=True)
class Address:
    """Where the server is and which of its models to ask. `url` ends in `/v1` or the like, without a slash."""

    url: str
    name: str
    vision: bool = False

    @property
    def host(self) -> str:
        """`host:port` for messages."""
        return urlsplit(self.url).netloc


def parse_ref(ref: str) -> Address:
    """The address in `openai:http://host:port/v1#name` or `...#name?vision=1`; UserError CONFIG if it is none."""
    url, _, rest = ref.removeprefix("openai:").partition("#")
    name, _, query = rest.partition("?")
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, fine = urlsplit(""), False
    if parts.username is not None or parts.password is not None or parts.query:
        raise UserError(f"The server address holds a key or a query. Put the key into {KEY} instead.", "CONFIG")
    if not fine or not name:
        raise UserError(
            "A server is written openai:http://host:port/v1#name, for example "
            "openai:http://127.0.0.1:8000/v1#my-model (add ?vision=1 if it reads pictures)",
            "CONFIG",
        )
    vision = parse_qs(query).get("vision", ["0"])[-1]
    return Address(url.rstrip("/"), name, vision.lower() in ("1", "true", "yes"))


def connect(ref: str, *, silence_seconds: float = SILENCE_SECONDS, reply_seconds: float = REPLY_SECONDS) -> ServerModel:
    """The model behind this ref. Nothing is sent before the first question."""
    import httpx

    address = parse_ref(ref)
    host = urlsplit(address.url).hostname or ""
    client = httpx.Client(
        follow_redirects=False,  # an answer must not send the question somewhere else
        timeout=httpx.Timeout(silence_seconds, connect=CONNECT_SECONDS),
        trust_env=not (host == "localhost" or host.startswith("127.") or host == "::1"),  # no proxy to ourselves
    )
    return ServerModel(ref, address, client, reply_seconds)


class ServerModel:
    """A model on an OpenAI-compatible server (vLLM, SGLang, llama.cpp server, ...)."""

    def __init__(self, ref: str, address: Address, client: httpx.Client, reply_seconds: float) -> None:
        self.ref = ref
        self.name = address.name
        self.reads_pictures = address.vision
        self.abstains = False
        self.sureness: float | None = None
        self._address = address
        self._client = client
        self._reply_seconds = reply_seconds

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        pictures: Sequence[Path] = (),
        max_new_tokens: int = 160,
        cancel: threading.Event | None = None,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """See Model.stream. Trouble in mid-reply is raised after the fragments that had come."""
        asked = {
            "model": self.name,
            "messages": chat_payload(messages, pictures if self.reads_pictures else ()),
            "max_tokens": max_new_tokens,
            "temperature": 0,
            "stream": True,
            **({"stop": list(stop)[:4]} if stop else {}),
        }
        outflow = Outflow(stop)
        length = 0
        for text in self._fragments(asked, cancel or threading.Event()):
            length += len(text)
            if length > REPLY_CHARACTERS:
                raise UserError(f"{self._address.host} never ends its reply: stopped after 1 MB.", "LIMIT")
            fragment = outflow.push(_printable(text))
            if fragment:
                yield fragment
            if outflow.ended:
                return
        rest = outflow.end()
        if rest and not (cancel is not None and cancel.is_set()):
            yield rest

    def count_tokens(self, text: str) -> int:
        """An estimate on the safe side: only the server has the tokenizer."""
        return -(-len(text.encode("utf-8", "replace")) // 3)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _fragments(self, asked: dict[str, Any], cancel: threading.Event) -> Iterator[str]:
        """What the server says, read by a thread of its own so that a cancel need not wait for the network."""
        told: queue.Queue[str | UserError | None] = queue.Queue()
        request = _Request(self._client, self._address, asked, told.put)
        threading.Thread(target=request.run, name="server reply", daemon=True).start()
        ends_at = time.monotonic() + self._reply_seconds
        try:
            while not cancel.is_set():
                if time.monotonic() > ends_at:
                    raise UserError(f"{self._address.host} did not end its reply in time. Ask again.", "BACKEND")
                try:
                    said = told.get(timeout=0.05)
                except queue.Empty:
                    continue
                if isinstance(said, UserError):
                    raise said
                if said is None or cancel.is_set():
                    return
                yield said
        finally:
            request.abandon()


class _Request:
    """One POST and its event stream, told piece by piece: texts, then None or the UserError that ended it."""

    def __init__(
        self,
        client: httpx.Client,
        address: Address,
        asked: dict[str, Any],
        tell: Callable[[str | UserError | None], None],
    ) -> None:
        self._client = client
        self._address = address
        self._asked = asked
        self._tell = tell
        self._response: httpx.Response | None = None
        self._abandoned = False

    def run(self) -> None:
        """Ask, and tell everything that comes; whatever happens, the last thing told is the end."""
        import httpx

        host, key = self._address.host, os.environ.get(KEY, "")
        try:
            headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {})
            url = f"{self._address.url}/chat/completions"
            with self._client.stream("POST", url, json=self._asked, headers=headers) as response:
                self._response = response
                if response.status_code != 200:
                    raise refusal(response.status_code, self._address, _reason(response, key))
                for text in texts_of(response.iter_raw(), host):
                    if self._abandoned:
                        break
                    self._tell(text)
            self._tell(None)
        except UserError as error:
            self._tell(error)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            self._tell(network_trouble(error, host))
        except BaseException as error:
            self._tell(UserError(f"The connection to {host} broke ({type(error).__name__}). Ask again.", "BACKEND"))
            raise

    def abandon(self) -> None:
        """No more is wanted: wakes the reading thread and lets the server stop writing."""
        self._abandoned = True
        if self._response is not None and not self._response.is_closed:
            stream = self._response.extensions.get("network_stream")
            with suppress(OSError, AttributeError):
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def chat_payload(messages: Sequence[ChatMessage], pictures: Sequence[Path]) -> list[dict[str, Any]]:
    """The messages as JSON, control tokens broken, the pictures as data URLs in the last user message."""
    rows: list[dict[str, Any]] = [{"role": m.role, "content": break_control(m.text)} for m in messages]
    asked = [row for row in rows if row["role"] == "user"]
    if pictures and asked:
        shown = [{"type": "image_url", "image_url": {"url": data_url(path)}} for path in pictures]
        asked[-1]["content"] = [*shown, {"type": "text", "text": asked[-1]["content"]}]
    return rows


def data_url(path: Path) -> str:
    """The picture file as a data URL."""
    if path.stat().st_size > PICTURE_BYTES:
        raise UserError(f"{path.name} is larger than 10 MB. Attach a smaller picture.", "TOOBIG")
    kind = mimetypes.guess_type(path.name)[0] or "image/png"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def texts_of(pieces: Iterator[bytes], host: str) -> Iterator[str]:
    """The texts of a chat completion stream; also of a whole completion from a server that does not stream.

    Raises UserError BACKEND for what is not JSON, an error event or a stream that ends before its end.
    """
    ended = False
    for line in lines_of(pieces, host):
        data = line[5:].strip() if line.startswith("data:") else line if line.startswith("{") else ""
        if data == "[DONE]":
            return
        if not data:
            continue  # comments, event names, empty lines
        text, last = _choice(data, host)
        ended = ended or last
        if text:
            yield text
    if not ended:
        raise UserError(f"The connection to {host} ended in the middle of the reply. Ask again.", "BACKEND")


def lines_of(pieces: Iterator[bytes], host: str) -> Iterator[str]:
    """Lines of text from pieces of bytes; a line longer than 1 MB is refused, not kept."""
    held = bytearray()
    for piece in pieces:
        held += piece
        *whole, rest = held.split(b"\n")
        if len(rest) > LINE_BYTES or any(len(line) > LINE_BYTES for line in whole):
            raise UserError(f"{host} sent a line of more than 1 MB: is it a chat server?", "BACKEND")
        for line in whole:
            yield line.decode("utf-8", "replace").strip()
        held = bytearray(rest)
    yield held.decode("utf-8", "replace").strip()


def _choice(data: str, host: str) -> tuple[str, bool]:
    """The text of one event and whether the server called it the last."""
    try:
        event = json.loads(data)
        if event.get("error"):
            raise UserError(f"{host} reports: {_message(event)}", "BACKEND")
        choices = event.get("choices") or []
        if not choices:
            return "", False  # token counts
        said = choices[0].get("delta") or choices[0].get("message") or {}
        text = said.get("content") or ""
        if not isinstance(text, str):
            raise TypeError
        return text, choices[0].get("finish_reason") is not None
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError) as error:
        raise UserError(
            f"{host} sent something that is not a chat completion. Is the address right, with /v1 at its end?",
            "BACKEND",
        ) from error


def refusal(status: int, address: Address, reason: str) -> UserError:
    """The error for a status code other than 200, with its next step."""
    host, said = address.host, f" It says: {reason}" if reason else ""
    if 300 <= status < 400:
        text = f"{host} wants to send us elsewhere (status {status}); we do not follow. Check the address.{said}"
    elif status == 401:
        text = f"{host} wants a key (status 401). Set {KEY} to a valid one.{said}"
    elif status == 403:
        text = f"{host} forbids this key to use {address.name} (status 403). Ask its owner for access.{said}"
    elif status == 404:
        text = f"{host} has no model {address.name} there (status 404). See its list: {address.url}/models{said}"
    elif status == 429:
        text = f"{host} has too much to do or your quota is used up (status 429). Ask again in a minute.{said}"
    elif status in (400, 413, 422):
        text = f"{host} does not accept the request (status {status}). Try a shorter question.{said}"
    elif status >= 500:
        text = f"{host} is in trouble (status {status}). Look at its log, then ask again.{said}"
    else:
        text = f"{host} answered with status {status}. Check the address.{said}"
    return UserError(text, "BACKEND")


def network_trouble(error: BaseException, host: str) -> UserError:
    """The error for a request that did not get through, with its next step."""
    import httpx

    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        text = f"No machine is known as {host}. Check the name in --model."
    elif any(isinstance(cause, ssl.SSLError) for cause in causes):
        text = f"No safe connection to {host}: TLS failed. Check its certificate, or http instead of https."
    elif isinstance(error, httpx.ConnectTimeout):
        text = f"{host} does not answer within {CONNECT_SECONDS:.0f} s: is it running at {host}?"
    elif isinstance(error, httpx.ConnectError):
        text = f"Cannot reach {host}: is it running at {host}? Start it, or use --model embedded"
    elif isinstance(error, httpx.TimeoutException):
        text = f"{host} fell silent in the middle. Look at its log, then ask again."
    elif isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError)):
        text = f"The connection to {host} ended in the middle of the reply. Ask again."
    else:
        text = f"The request to {host} failed ({type(error).__name__}). Check the address in --model."
    return UserError(text, "BACKEND")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reason(response: httpx.Response, key: str) -> str:
    """What the server says about its refusal: at most 200 characters, without the key."""
    body = b""
    for piece in response.iter_raw():
        body += piece
        if len(body) > 16_384:
            break
    try:
        said = _message(json.loads(body))
    except (ValueError, RecursionError):
        return ""
    return said.replace(key, "...") if key else said


def _message(event: Any) -> str:
    """The message inside an error object, on one line, safe to show."""
    error = event.get("error", event) if isinstance(event, dict) else event
    said = error.get("message", "") if isinstance(error, dict) else error
    return re.sub(r"\s+", " ", clean(str(said)))[:200]


def _printable(text: str) -> str:
    """Text that can be written as UTF-8: halves of characters become the replacement sign."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
