"""Paths of pictures as people give them: typed, quoted, escaped, as file:// links, several at once (pure but
for asking whether a file is there)."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Also the kinds we cannot read: dragging one in must say why it is refused, not paste its path as a question.
PICTURE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".svg", ".eps")
)
MAX_PASTE = 8_000
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]")


def one_path(text: str) -> Path:
    """The path a person typed: quotes, escapes, `~` and file:// undone."""
    text = text.strip()
    if text.lower().startswith("file://"):
        return Path(unquote(urlsplit(text).path))
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif "\\" in text and not _WINDOWS.match(text):
        text = re.sub(r"\\(.)", r"\1", text)
    return _home(Path(text))


def paths_in_paste(text: str) -> list[Path]:
    """The pictures of a paste that is nothing but paths of pictures that exist; else none.

    Prose that happens to hold a path, relative paths and long texts stay text.
    """
    text = text.strip()
    if not text or len(text) > MAX_PASTE:
        return []
    for found in (_whole(text), _by_lines(text), _by_words(text)):
        if found and all(_is_picture(path) for path in found):
            return found
    return []


def no_picture(text: str) -> Path | None:
    """The path that a text is when it is no picture that could be attached: a folder, or a picture that is not there.
    None for anything else, prose above all."""
    text = text.strip()
    if not text or "\n" in text or len(text) > 1_000:
        return None
    path = one_path(text)
    try:
        lost = path.suffix.lower() in PICTURE_SUFFIXES and not path.exists()
        return path if path.is_absolute() and len(path.parts) > 2 and (lost or path.is_dir()) else None
    except (OSError, ValueError):
        return None


def _whole(text: str) -> list[Path]:
    return [one_path(text)] if "\n" not in text else []


def _by_lines(text: str) -> list[Path]:
    return [one_path(line) for line in text.splitlines() if line.strip()]


def _by_words(text: str) -> list[Path]:
    try:
        return [one_path(word) if word.startswith("file:") else _home(Path(word)) for word in shlex.split(text)]
    except ValueError:
        return []


def _home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def _is_picture(path: Path) -> bool:
    try:
        return path.suffix.lower() in PICTURE_SUFFIXES and path.is_absolute() and path.is_file()
    except (OSError, ValueError):
        return False
