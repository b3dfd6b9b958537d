"""The question, or a draft, in the person's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from index.errors import UserError


def editor_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """$VISUAL, else $EDITOR, as words. Raises UserError CONFIG when neither is set."""
    named = environ.get("VISUAL") or environ.get("EDITOR") or ""
    try:
        command = shlex.split(named)
    except ValueError:
        command = []
    if not command:
        raise UserError("No editor is set.\nSet one before you start, for instance: export EDITOR=nano", "CONFIG")
    return command


def edit_file(file: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Open a file in the editor and wait for it; the terminal must be free. Raises UserError CONFIG when it fails."""
    command = editor_command(environ)
    try:
        # past the log that our own output goes to (see agent/tui/terminal.py), straight to the terminal
        with open("/dev/tty", "r+b", buffering=0) as tty:  # noqa: PTH123
            status = subprocess.run([*command, str(file)], stdin=tty, stdout=tty, stderr=tty, check=False).returncode
    except OSError as error:
        raise UserError(
            f"The editor {command[0]} does not start.\nSet another one: export EDITOR=nano", "CONFIG"
        ) from error
    if status:
        raise UserError(f"The editor {command[0]} ended with status {status}; nothing was taken over.", "CONFIG")


def edited(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """A text after the person has edited it."""
    with tempfile.TemporaryDirectory(prefix="deskside-") as folder:
        file = Path(folder) / "question.md"
        file.write_text(text, "utf-8")
        edit_file(file, environ)
        return file.read_text("utf-8", errors="replace").rstrip("\n")
