"""A picture on its way into a question: checked, measured and made small, off the window's thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.tui.halfblock import Pixels, shrink

PREVIEW = (30, 9)  # columns and rows of a thumbnail in the transcript


@dataclass(frozen=True)
class Attachment:
    """A picture that passed the checks. `pixels` is its preview, `notices` what should be known."""

    path: Path
    name: str
    width: int
    height: int
    pixels: Pixels
    notices: tuple[str, ...] = ()


def check(path: Path, size: tuple[int, int] = PREVIEW) -> Attachment:
    """Open and check a picture (slow: not in the window's thread). Raises UserError with the reason it is refused."""
    from index.pictures import open_picture

    picture = open_picture(path)
    image = picture.image
    return Attachment(path, picture.name, image.width, image.height, shrink(image, *size), picture.notices)
