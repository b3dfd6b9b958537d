"""`deskside serve`: the window in a browser."""

from __future__ import annotations

import shlex
import sys

import click

from agent.commands.options import note, opened, with_settings
from agent.settings import Settings
from index.errors import UserError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Another one asks its visitors for a token.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--model", metavar="REF", help="As for deskside chat.")
@click.option("--writes", type=click.Choice(["auto", "always", "never"]), default="auto", help="When the model writes.")
@with_settings
def serve(settings: Settings, host: str, port: int, writes: str) -> None:
    """Open the same window in a browser: http://127.0.0.1:8000/

    Paths of pictures are paths on this machine. Each visitor gets a window of their own over the same store.
    """
    try:
        from agent.tui.serve import DeskServer, is_loopback, new_token
    except ImportError as error:
        told = "The browser needs the extra server.\nInstall it: pip install 'deskside[server]'"
        raise UserError(told, "CONFIG") from error
    opened(settings).close()  # trouble with the store is told here, not in every browser
    words = [sys.executable, "-m", "agent.cli", "chat", "--home", str(settings.home), "-w", settings.workspace]
    words += ["--model", settings.model, "--writes", writes]
    token = None if is_loopback(host) else new_token()
    if token:
        note("Others can reach this address: it asks for a token, but nothing is encrypted on the way.")
    try:
        DeskServer(shlex.join(words), host, port, token, lambda address: note(f"{address}  (Ctrl-C ends it)")).serve()
    except OSError as error:
        told = f"{host} port {port} cannot be used: {error.strerror}.\nTake another: --port"
        raise UserError(told, "CONFIG") from error
