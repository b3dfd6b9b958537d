"""The same window in a browser: textual-serve, with a door in front that lets only the right visitors in."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

MOST_VISITORS = 4  # each has a process of its own, with the search and perhaps a model in it
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_COOKIE = "deskside"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def new_token() -> str:
    """A word that nobody guesses."""
    return secrets.token_urlsafe(24)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server there."""
    return host in LOOPBACK or host.startswith("127.")


class DeskServer(Server):  # type: ignore[misc]
    """Serves `command` (a shell line that opens the window). `token` is asked of every visitor; None asks nobody, and
    is for loopback alone. `tell` gets the address to open."""

    def __init__(self, command: str, host: str, port: int, token: str | None, tell: Callable[[str], object]) -> None:
        super().__init__(command, host=host, port=port, title="Deskside")
        self._token = token
        self._tell = tell
        self._visitors = 0

    def initialize_logging(self) -> None:
        """Nothing but our own line is said."""

    async def on_startup(self, app: web.Application) -> None:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        self._tell(f"http://{shown}:{self.port}/" + (f"?token={self._token}" if self._token else ""))

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()
        app.middlewares.append(self._door)
        return app

    @web.middleware
    async def _door(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        self._check_names(request)
        if self._token and not _same(request.cookies.get(_COOKIE, ""), self._token):
            return self._let_in(request, self._token)
        return await handler(request)

    def _check_names(self, request: web.Request) -> None:
        """Without a token only pages of this very server may talk to it: no other site that the browser has open, and
        no foreign name that was made to point here."""
        name = urlsplit(f"//{request.host}").hostname or ""
        if self._token is None and not is_loopback(name):
            raise web.HTTPForbidden(text="This desk answers to its own address only.")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="Another site may not open this desk.")

    def _let_in(self, request: web.Request, token: str) -> web.StreamResponse:
        """A visitor with the word gets a cookie instead of it, so that it does not stay in the address."""
        if not _same(request.query.get("token", ""), token):
            raise web.HTTPForbidden(text="Open the very address that deskside serve printed.")
        response = web.HTTPSeeOther("/")
        response.set_cookie(_COOKIE, token, httponly=True, samesite="Strict")
        return response

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """The page; its links lead to where the visitor came from."""
        self.public_url = f"{request.scheme}://{request.host}"
        page: web.StreamResponse = await super().handle_index(request)
        return page

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """The window of one visitor, while there is room."""
        if self._visitors >= MOST_VISITORS:
            raise web.HTTPServiceUnavailable(text=f"{MOST_VISITORS} windows are open already.")
        self._visitors += 1
        try:
            socket: web.WebSocketResponse = await super().handle_websocket(request)
            return socket
        finally:
            self._visitors -= 1


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
