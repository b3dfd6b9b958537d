"""Letters for the drawn screens: open fonts from packages, Pillow's own where they are not installed."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

# family -> package, folder inside it, and the file of each weight (Roboto: Apache-2.0, the others SIL OFL 1.1)
FAMILIES: dict[str, tuple[str, str, dict[str, str]]] = {
    "roboto": (
        "font_roboto",
        "files",
        {"regular": "Roboto-Regular.ttf", "medium": "Roboto-Medium.ttf", "bold": "Roboto-Bold.ttf"},
    ),
    "hanken": (
        "font_hanken_grotesk",
        "files",
        {
            "regular": "HankenGrotesk-Regular.otf",
            "medium": "HankenGrotesk-Medium.otf",
            "bold": "HankenGrotesk-Bold.otf",
        },
    ),
    "source": (
        "font_source_sans_pro",
        "files",
        {
            "regular": "SourceSansPro-Regular.ttf",
            "medium": "SourceSansPro-Semibold.ttf",
            "bold": "SourceSansPro-Bold.ttf",
        },
    ),
    "mono": (
        "textual_serve",
        "static/fonts",
        dict.fromkeys(("regular", "medium", "bold"), "RobotoMono-VariableFont_wght.ttf"),
    ),
}
TEXT_FAMILIES = ("roboto", "hanken", "source")
_INSTEAD = {
    "→": ">",
    "←": "<",
    "✓": "v",
    "✗": "x",
    "☑": "x",
    "●": "•",
    "○": "o",
    "▸": ">",
    "\u202f": " ",
    "\u00a0": " ",
}


@lru_cache(maxsize=512)
def font(family: str, weight: str, pixels: int) -> ImageFont.FreeTypeFont:
    """The font of a family at a size in pixels; Pillow's own when its package is not installed."""
    package, folder, files = FAMILIES[family]
    found = find_spec(package)
    where = Path(next(iter(found.submodule_search_locations))) / folder if found else None
    path = where / files[weight] if where else None
    if path is None or not path.is_file():
        return ImageFont.load_default(pixels)
    loaded = ImageFont.truetype(str(path), pixels)
    if family == "mono":
        loaded.set_variation_by_axes([{"regular": 400, "medium": 500, "bold": 700}[weight]])
    return loaded


@lru_cache(maxsize=4096)
def _has(family: str, letter: str) -> bool:
    face = font(family, "regular", 20)
    missing = face.getmask("\U000e0fff")
    mask = face.getmask(letter)
    return letter.isspace() or (mask.getbbox() is not None and bytes(mask) != bytes(missing))


def drawable(text: str, family: str) -> str:
    """The text with letters the family does not have replaced by plain ones."""
    return "".join(letter if _has(family, letter) else _INSTEAD.get(letter, letter) for letter in text)
