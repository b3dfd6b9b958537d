"""A picture with its own pixels, where the terminal takes them: the door to textual-image (the extra `images`)."""

from __future__ import annotations

import functools
import io
import logging
import sys
from typing import Any

from textual.widget import Widget

from agent.drawing import Way
from agent.tui.halfblock import HalfBlock, Pixels

log = logging.getLogger(__name__)
CELL = (10, 20)  # pixels of a character, where the terminal does not tell


def picture_widget(way: Way, pixels: Pixels) -> Widget:
    """The picture, as large as its half blocks would be. Where the library fails, half blocks."""
    if way in ("kitty", "sixel") and pixels and pixels.image is not None:
        try:
            widget: Widget = _widgets()[way](pixels.image, classes="pixels")
            widget.styles.width, widget.styles.height = len(pixels[0]), len(pixels) // 2
            return widget
        except Exception:  # a library that is newer, older or broken must not cost the picture
            log.exception("pictures are drawn with half blocks")
    return HalfBlock(pixels)


@functools.cache
def _widgets() -> dict[str, Any]:
    """The library's widgets by way. At its import it asks the terminal what it can and takes the answer from the keys;
    so it is told that there is none, and the size of a character comes from the system instead."""
    kept = sys.__stdout__
    sys.__stdout__ = io.StringIO()  # type: ignore[misc, assignment]
    try:
        from textual_image import _terminal
        from textual_image.widget import SixelImage, TGPImage
    finally:
        sys.__stdout__ = kept  # type: ignore[misc]
    _terminal.get_cell_size._result = _terminal.CellSize(*_cell())  # type: ignore[attr-defined]
    return {"kitty": TGPImage, "sixel": SixelImage}


def _cell() -> tuple[int, int]:
    """Width and height of a character in pixels, as the terminal told the system (over ssh too)."""
    try:
        import fcntl
        import struct
        import termios

        told = fcntl.ioctl(sys.__stdout__ or sys.stdout, termios.TIOCGWINSZ, b"\0" * 8)
        rows, columns, width, height = struct.unpack("HHHH", told)
        if rows and columns and width >= columns and height >= rows:
            return width // columns, height // rows
    except (ImportError, OSError, ValueError):
        pass
    return CELL
