"""How pictures are drawn in this terminal: with their own pixels where it can, else as half blocks."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

Way = Literal["kitty", "sixel", "blocks", "none"]
TOLD: dict[Way, str] = {
    "kitty": "real pixels (kitty graphics)",
    "sixel": "real pixels (sixel)",
    "blocks": "half blocks",
    "none": "not drawn",
}
# Who is known to take which graphics. Nobody is asked: the answer of a terminal comes in as if it was typed, over ssh
# it comes late, and then it stands in the question. (variable, what it holds, way)
_KNOWN: tuple[tuple[str, str, Way], ...] = (
    ("KITTY_WINDOW_ID", r"\d+", "kitty"),
    ("TERM", r"xterm-kitty|xterm-ghostty", "kitty"),
    ("TERM_PROGRAM", r"ghostty", "kitty"),
    ("TERM", r"foot.*|mlterm.*|contour.*|yaft.*", "sixel"),
    ("TERM_PROGRAM", r"WezTerm|iTerm\.app|mlterm|contour|rio", "sixel"),
    ("KONSOLE_VERSION", r"2[2-9]\d{4}|[3-9]\d{5}", "sixel"),
)


@dataclass(frozen=True)
class Drawing:
    """The way in use, and why it is that one."""

    way: Way
    why: str

    def __str__(self) -> str:
        return f"{TOLD[self.way]}: {self.why}"


def drawing(wanted: str = "auto", environ: Mapping[str, str] = os.environ, installed: bool | None = None) -> Drawing:
    """What pictures are drawn with. `wanted` is the setting `images`; `installed` whether the extra is there."""
    if "NO_COLOR" in environ:
        return Drawing("none", "NO_COLOR is set, and without colours blocks show nothing")
    if wanted == "blocks":
        return Drawing("blocks", "the setting images wants them")
    if "web_driver" in environ.get("TEXTUAL_DRIVER", ""):
        return Drawing("blocks", "the page in the browser takes no graphics")
    way = _known(environ) if wanted == "auto" else wanted
    if wanted == "auto" and (environ.get("TMUX") or environ.get("STY") or _between(environ)):
        return Drawing("blocks", "tmux or screen stands between, and does not pass graphics on by itself")
    if way not in ("kitty", "sixel"):
        return Drawing("blocks", "this terminal is not known for graphics; the setting images can say so")
    if not (find_spec("textual_image") is not None if installed is None else installed):
        return Drawing("blocks", f"{way} graphics need the extra: pip install 'deskside[images]'")
    return Drawing("kitty" if way == "kitty" else "sixel", "this terminal takes them" if wanted == "auto" else "as set")


def _known(environ: Mapping[str, str]) -> str:
    return next((way for name, held, way in _KNOWN if re.fullmatch(held, environ.get(name, ""))), "")


def _between(environ: Mapping[str, str]) -> bool:
    return environ.get("TERM", "").startswith(("tmux", "screen"))
