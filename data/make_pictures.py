"""The demo shop's screenshots from their specs: `python data/make_pictures.py [--check] [--only NAME]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin
from render import damage, devices, screens
from render.spec import Spec, spec_of
from render.theme import theme_for

SHOP = Path(__file__).parent / "shop"
COLOURS = 160  # screens have few; a photo's bands stay soft enough
VIVID = 70  # of 255: how far apart the channels of a lamp's colour are at least


def specs(folder: Path = SHOP) -> Iterator[Spec]:
    """All specs of the shop, file by file."""
    for path in sorted(folder.glob("specs*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                try:
                    yield spec_of(line)
                except (ValueError, KeyError, TypeError) as trouble:
                    raise SystemExit(f"{path.name}, line {number}: not a spec ({trouble}). Mend the line.") from trouble


def picture_of(spec: Spec) -> Image.Image:
    """The picture a spec describes, drawn the same way every time."""
    rng = spec.rng
    theme = theme_for(spec.theme == "dark" and not spec.is_paper, rng)
    if spec.is_photo:
        image = devices.draw(spec, theme, rng)
        if spec.damage == "photo":
            return damage.handheld(image, rng)
    else:
        image = screens.draw(spec, theme, rng)
    return damage.damaged(image, spec.damage, rng, phone=spec.frame == "phone")


def _palette(image: Image.Image) -> Image.Image:
    """The colours to keep: a lamp of ten pixels must stay red, so vivid pixels count for a third of the picture."""
    pixels = np.asarray(image).reshape(-1, 3)
    spread = pixels.max(axis=1).astype(int) - pixels.min(axis=1)
    vivid = pixels[spread > VIVID]
    if len(vivid):
        pixels = np.concatenate([pixels, np.resize(vivid, (len(pixels) // 2, 3))])
    lesson = Image.fromarray(pixels[np.newaxis])
    return lesson.quantize(COLOURS, method=Image.Quantize.MEDIANCUT)


def save(image: Image.Image, path: Path, mark: str) -> None:
    """An optimised PNG with few colours; `mark` says which spec it was drawn from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    note = PngImagePlugin.PngInfo()
    note.add_text("Spec", mark)
    few = image.quantize(palette=_palette(image), dither=Image.Dither.NONE)
    beside = path.with_suffix(".tmp")
    few.save(beside, "PNG", optimize=True, pnginfo=note)
    beside.replace(path)


def state(spec: Spec, folder: Path = SHOP) -> str:
    """ "fresh", "stale" or "missing"."""
    path = folder / spec.file
    if not path.is_file():
        return "missing"
    with Image.open(path) as image:
        return "fresh" if image.info.get("Spec") == spec.mark else "stale"


def main() -> int:
    """Draw what is missing or stale (`--all` draws everything); with `--check` only say so, and exit 1 if any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="draw nothing, say what is missing or stale")
    parser.add_argument("--all", action="store_true", help="draw fresh pictures again too")
    parser.add_argument("--only", default="", help="only files whose name contains this")
    parser.add_argument("--to", type=Path, default=SHOP, help="the folder to draw into (the shop's own)")
    chosen = parser.parse_args()
    wanted = [spec for spec in specs() if chosen.only in spec.file]
    old = [(spec, state(spec, chosen.to)) for spec in wanted]
    if chosen.check:
        for spec, found in old:
            if found != "fresh":
                print(f"{found}: {spec.file}")
        left = sum(found != "fresh" for _, found in old)
        print(f"{len(old) - left} of {len(old)} pictures are fresh.")
        return 1 if left else 0
    todo = [spec for spec, found in old if chosen.all or found != "fresh"]
    for spec in todo:
        save(picture_of(spec), chosen.to / spec.file, spec.mark)
    total = sum((chosen.to / spec.file).stat().st_size for spec in wanted)
    print(f"{len(todo)} drawn, {len(wanted)} in all, {total / 1e6:.2f} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
