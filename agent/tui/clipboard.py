"""The picture on the system's clipboard, by whatever tool the system has for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agent.tui.paths import paths_in_paste
from index.errors import UserError

SECONDS = 4.0
MOST_BYTES = 40_000_000
_POWERSHELL = (
    "Add-Type -AssemblyName System.Windows.Forms; $i = [Windows.Forms.Clipboard]::GetImage();"
    " if ($i) { $i.Save('{file}', [Drawing.Imaging.ImageFormat]::Png) }"
)
_OSASCRIPT = (
    'set f to open for access POSIX file "{file}" with write permission\n'
    "write (the clipboard as «class PNGf») to f\nclose access f"
)


def clipboard_pictures(environ: Mapping[str, str] = os.environ, system: str = sys.platform) -> list[Path]:
    """Files with what is on the clipboard: a picture, or files of pictures that were copied; [] when it holds none.

    Raises UserError CONFIG, with what to do instead, over ssh and where no tool for it is there.
    """
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        raise UserError(
            "Over ssh the clipboard is that of the other machine, and its pictures do not come through.\n"
            "Copy the file here and attach it: /attach PATH",
            "CONFIG",
        )
    if system == "darwin":
        return _into_file(["pngpaste", "{file}"] if shutil.which("pngpaste") else ["osascript", "-e", _OSASCRIPT])
    if system == "win32" or _is_wsl(environ):
        program = shutil.which("powershell.exe") or shutil.which("powershell")
        if program:
            return _into_file([program, "-NoProfile", "-Command", _POWERSHELL])
    if environ.get("WAYLAND_DISPLAY") and shutil.which("wl-paste"):
        listing = _output(["wl-paste", "--list-types"]).decode("utf-8", "replace").split()
        return _from_types(listing, lambda kind: ["wl-paste", "--no-newline", "--type", kind])
    if environ.get("DISPLAY") and shutil.which("xclip"):
        asked = ["xclip", "-selection", "clipboard", "-o", "-t"]
        return _from_types(_output([*asked, "TARGETS"]).decode("utf-8", "replace").split(), lambda kind: [*asked, kind])
    if environ.get("WAYLAND_DISPLAY") or environ.get("DISPLAY"):
        tool = "wl-paste (package wl-clipboard)" if environ.get("WAYLAND_DISPLAY") else "xclip"
        raise UserError(f"Pictures on the clipboard need {tool}.\nInstall it, or attach a file: /attach PATH", "CONFIG")
    raise UserError("There is no clipboard with pictures here.\nAttach a file: /attach PATH", "CONFIG")


def _from_types(types: Sequence[str], command: Callable[[str], list[str]]) -> list[Path]:
    """What a Linux clipboard offers, as files."""
    if "text/uri-list" in types:
        return paths_in_paste(_output(command("text/uri-list")).decode("utf-8", "replace"))
    for kind in ("image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif"):
        if kind in types:
            data = _output(command(kind))
            return [_kept(data, kind.partition("/")[2])] if data else []
    return []


def _into_file(command: Sequence[str]) -> list[Path]:
    """A tool that writes a PNG file itself."""
    file = _new_file("png")
    try:
        _output([part.replace("{file}", str(file)) for part in command])
    finally:
        there = file.is_file() and file.stat().st_size > 0
        if not there:
            file.unlink(missing_ok=True)
    return [file] if there else []


def _kept(data: bytes, suffix: str) -> Path:
    file = _new_file(suffix)
    file.write_bytes(data)
    return file


def _new_file(suffix: str) -> Path:
    handle, name = tempfile.mkstemp(prefix="clipboard-", suffix=f".{suffix}")
    os.close(handle)
    return Path(name)


def _output(command: Sequence[str]) -> bytes:
    """What a tool prints; nothing when it fails, hangs or prints too much."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 and len(done.stdout) <= MOST_BYTES else b""


def _is_wsl(environ: Mapping[str, str]) -> bool:
    return "WSL_DISTRO_NAME" in environ
