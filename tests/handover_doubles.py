"""Real servers on loopback for the tests of hand-overs: a web server and a mail server that do as they are told."""

from __future__ import annotations

import base64
import json
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from agent.events import Citation, Decision, Ended
from agent.journal import Journal
from index.hits import Hit
from index.store import Store

HIT = Hit(7, "T-1", "ticket", "resolution", "Hub stays white", "Hold reset.", (2, 3), 0.91, {}, "resolved", None)
CITED = Citation(1, "T-1", 7, "Press the button. Hold reset for 10 seconds. It is white.", (2, 3), "Hub stays white")
PERSON = Decision("handover", "a person was asked for", "person.asked", 1.0)
SOLVED = Decision("case", "T-1 answered this before", "evidence.ticket", 0.8)
HELD = Decision("held", "Ana has this conversation", "person.holds", 1.0)


def ended(answer: str = "An answer", decision: Decision = PERSON, chat: str = "chat-1", **more: Any) -> Ended:
    """A turn as the desk ends it."""
    fields: dict[str, Any] = {"citations": (), "hits": (HIT,), "pictures": (), "seconds": {"end": 0.1}, "version": "v1"}
    return Ended(0, chat, answer, decision, **{**fields, **more})


def promise(store: Store, *outlets: str, question: str = "I want a person", chat: str = "chat-1") -> int:
    """A hand-over as `deskside ask` makes it: sent with the answer. Gives its number."""
    journal = Journal(store, "default", outlets=outlets)
    journal.keep_turn(question, ended(chat=chat))
    known = journal.handed_over(chat)
    assert known is not None
    return known[0]


@dataclass
class Asked:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def page(self) -> dict[str, Any]:
        """The JSON in it."""
        return json.loads(self.body)


@dataclass
class WebServer:
    """Answers with the next of its statuses (the last one again and again), after `delay` seconds."""

    statuses: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it is told; the path is what nobody may read in a message."""
        return f"http://127.0.0.1:{self.port}/hooks/s3cret-path"


@contextmanager
def web_server(*statuses: int, delay: float = 0.0, headers: dict[str, str] | None = None) -> Iterator[WebServer]:
    """A running web server."""
    double = WebServer(list(statuses) or [200], headers or {}, delay)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            double.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(double.delay)
            status = double.statuses[min(len(double.asked), len(double.statuses)) - 1]
            try:
                self.send_response(status)
                for name, value in double.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                pass  # who asked did not wait

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    double.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that takes a connection and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield listening.getsockname()[1]


@contextmanager
def dripping_server() -> Iterator[int]:
    """The port of a server that sends its answer one byte at a time, never quite silent and never done."""

    class Drips(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            try:
                for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000:
                    self.request.sendall(bytes([byte]))
                    time.sleep(0.05)
            except OSError:
                pass

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Drips)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as briefly:
        briefly.bind(("127.0.0.1", 0))
        return int(briefly.getsockname()[1])


@dataclass
class MailServer:
    """A mail server: what came in, over which kind of line, with which login.

    `refuse` maps a command (RCPT, DATA, MAIL, AUTH) to the status it gets.
    """

    refuse: dict[str, int] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    safe: list[bool] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address for the settings."""
        return f"smtp://localhost:{self.port}"


@contextmanager
def mail_server(double: MailServer) -> Iterator[MailServer]:
    """A running mail server (RFC 5321, as far as a client needs it; STARTTLS and AUTH PLAIN where set up)."""

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError, ValueError):
                _smtp_session(self, double)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
    server.daemon_threads = True
    double.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()


def _smtp_session(line: socketserver.StreamRequestHandler, double: MailServer) -> None:
    def say(text: str) -> None:
        line.wfile.write(f"{text}\r\n".encode())
        line.wfile.flush()

    safe, to = False, []
    say("220 ready")
    while raw := line.rfile.readline():
        said = raw.decode("utf-8", "replace").strip()
        word = said.split(" ")[0].upper()
        if word in double.refuse:
            say(f"{double.refuse[word]} no")
        elif word in ("EHLO", "HELO"):
            more = [name for name, on in (("STARTTLS", double.tls and not safe), ("AUTH PLAIN", double.login)) if on]
            rows = ["localhost", *more]
            for place, name in enumerate(rows, 1):
                say(f"250{'-' if place < len(rows) else ' '}{name}")
        elif word == "STARTTLS" and double.tls:
            say("220 go on")
            line.request = double.tls.wrap_socket(line.request, server_side=True)
            line.rfile, line.wfile = line.request.makefile("rb"), line.request.makefile("wb")
            safe = True
        elif word == "AUTH":
            _, user, password = base64.b64decode(said.split(" ")[-1]).decode().split("\0")
            double.logins.append((user, password))
            say("235 welcome" if (user, password) == double.login else "535 who are you")
        elif word == "RCPT":
            to.append(said.partition("<")[2].partition(">")[0])
            say("250 ok")
        elif word == "DATA":
            say("354 go on")
            rows = []
            while (row := line.rfile.readline()) not in (b".\r\n", b""):
                rows.append(row[1:] if row.startswith(b"..") else row)
            double.mails.append(message_from_bytes(b"".join(rows), policy=policy.default))  # type: ignore[arg-type]
            double.recipients.append(to)
            double.safe.append(safe)
            to = []
            say("250 taken")
        elif word == "QUIT":
            say("221 bye")
            return
        else:
            say("250 ok")


def certificate(folder: Path) -> Path:
    """A self-signed certificate for localhost with its key, made by openssl."""
    import subprocess

    file = folder / "localhost.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(file) + ".key", "-out", str(file)],
        check=True,
        capture_output=True,
    )
    file.write_bytes(file.read_bytes() + Path(str(file) + ".key").read_bytes())
    return file
