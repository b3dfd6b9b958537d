"""Letters for drawn screens: fonts of packages and of the system, Pillow's own where there are none."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

# family -> (package or "" for the system, folder, regular, medium, bold)
FAMILIES: dict[str, tuple[str, str, str, str, str]] = {
    "roboto": ("font_roboto", "files", "Roboto-Regular.ttf", "Roboto-Medium.ttf", "Roboto-Bold.ttf"),
    "hanken": (
        "font_hanken_grotesk",
        "files",
        "HankenGrotesk-Regular.otf",
        "HankenGrotesk-Medium.otf",
        "HankenGrotesk-Bold.otf",
    ),
    "source": (
        "font_source_sans_pro",
        "files",
        "SourceSansPro-Regular.ttf",
        "SourceSansPro-Semibold.ttf",
        "SourceSansPro-Bold.ttf",
    ),
    "liberation": ("", "", "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "LiberationSans-Bold.ttf"),
    "dejavu": ("", "", "DejaVuSans.ttf", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    "serif": ("", "", "LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf", "LiberationSerif-Bold.ttf"),
    "narrow": ("", "", "DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf", "DejaVuSansCondensed-Bold.ttf"),
    "narrow serif": (
        "",
        "",
        "DejaVuSerifCondensed.ttf",
        "DejaVuSerifCondensed-Bold.ttf",
        "DejaVuSerifCondensed-Bold.ttf",
    ),
    "mono": ("", "", "LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf", "LiberationMono-Bold.ttf"),
    "console": ("", "", "DejaVuSansMono.ttf", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
}
TEXT_FAMILIES = ("roboto", "roboto", "hanken", "source", "liberation", "liberation", "dejavu", "serif")
MONO_FAMILIES = ("mono", "console")
WEIGHTS = {"regular": 2, "medium": 3, "bold": 4}
Face = ImageFont.FreeTypeFont


@lru_cache(maxsize=64)
def _file(family: str, weight: str) -> str:
    """Where the file of a weight is; "" when it is not installed."""
    entry = FAMILIES[family]
    package, folder, name = entry[0], entry[1], entry[WEIGHTS[weight]]
    if not package:
        try:
            return str(ImageFont.truetype(name, 12).path)
        except OSError:
            return ""
    found = find_spec(package)
    places = list(found.submodule_search_locations or ()) if found else []
    path = Path(places[0]) / folder / name if places else None
    return str(path) if path and path.is_file() else ""


@lru_cache(maxsize=1024)
def face(family: str, weight: str, pixels: int) -> Face:
    """The letters of a family at a size in pixels (at least 7)."""
    path = _file(family, weight)
    pixels = max(7, pixels)
    if path:
        return ImageFont.truetype(path, pixels, layout_engine=ImageFont.Layout.BASIC)
    return ImageFont.load_default(pixels)  # type: ignore[return-value]
