"""A picture in any terminal: two pixels in a cell, by the upper half block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = (600, 380)  # of the picture kept beside its blocks: more than a thumbnail's place on any terminal


class Pixels(list[list[tuple[int, int, int]]]):
    """Rows of (red, green, blue), an even number of rows; `image` is the picture that terminals with graphics get."""

    image: Image | None = None


def shrink(image: Image, columns: int, rows: int) -> Pixels:
    """The picture in at most `columns` x `rows` cells, its shape kept."""
    kept = image.convert("RGB")
    kept.thumbnail(LARGEST)
    small = kept.copy()
    small.thumbnail((columns, rows * 2))
    width, height = small.size
    raw = small.tobytes()
    pixels = Pixels(
        [(raw[i], raw[i + 1], raw[i + 2]) for i in range(y * width * 3, (y + 1) * width * 3, 3)] for y in range(height)
    )
    if height % 2:
        pixels.append(pixels[-1])
    pixels.image = kept
    return pixels


class HalfBlock(Widget):
    """A preview; without colours (NO_COLOR) it takes no room, because blocks alone show nothing."""

    def __init__(self, pixels: Pixels | None = None) -> None:
        super().__init__()
        self._strips: list[Strip] = []
        self._columns = 0
        if pixels:
            self.show(pixels)

    def show(self, pixels: list[list[tuple[int, int, int]]]) -> None:
        """Draw other pixels; an empty list draws nothing."""
        self._strips = [
            Strip([Segment("▀", _cell(top, bottom)) for top, bottom in zip(upper, lower, strict=True)])
            for upper, lower in zip(pixels[::2], pixels[1::2], strict=True)
        ]
        self._columns = len(pixels[0]) if pixels else 0
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return self._columns

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 0 if self.app.no_color else len(self._strips)

    def render_line(self, y: int) -> Strip:
        if y >= len(self._strips):
            return Strip.blank(self.size.width)
        return self._strips[y].adjust_cell_length(self.size.width)


def _cell(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Style:
    return Style(color=Color.from_rgb(*top), bgcolor=Color.from_rgb(*bottom))
