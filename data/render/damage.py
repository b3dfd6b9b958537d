"""What happens to pictures on their way: squeezed, photographed from a screen, blurred, cut."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw, ImageFilter

from finetune.screens.colours import mixed, rgb

DESKS = ("#8a6a4c", "#3d3f45", "#c9b79c", "#6d7378", "#a88f72")


def damaged(image: Image.Image, damage: str, rng: random.Random, *, phone: bool = False) -> Image.Image:
    """The picture after its way; the screen of a `phone` is photographed with the phone around it."""
    if damage == "jpeg":
        return _jpeg(image, rng.randrange(22, 34))
    if damage == "blur":
        return image.filter(ImageFilter.GaussianBlur(min(image.size) / 720 * rng.uniform(0.9, 1.3)))
    if damage == "crop":
        return _crop(image, rng)
    if damage == "photo":
        return _photo(_in_its_case(image) if phone else image, rng)
    return image


def handheld(image: Image.Image, rng: random.Random) -> Image.Image:
    """A photo not held quite straight."""
    turned = image.rotate(rng.uniform(1, 3) * rng.choice((-1, 1)), Image.Resampling.BICUBIC)
    wide, high = image.size
    return turned.crop((round(wide * 0.035), round(high * 0.045), round(wide * 0.965), round(high * 0.955)))


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Sent through a messenger: smaller, then squeezed."""
    share = min(1.0, (520 if image.height > image.width else 800) / image.width)
    small = image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


def _crop(image: Image.Image, rng: random.Random) -> Image.Image:
    """Cut by hand: the bars at top and bottom are gone, an edge a little."""
    wide, high = image.size
    top = round(high * rng.uniform(0.035, 0.05))
    return image.crop((round(wide * rng.uniform(0, 0.02)), top, wide, round(high * rng.uniform(0.955, 0.985))))


def _in_its_case(image: Image.Image) -> Image.Image:
    """The phone itself: a dark rim with round corners."""
    rim = 16
    wide, high = image.width + 2 * rim, image.height + 2 * rim
    phone = Image.new("RGBA", (wide, high))
    draw = ImageDraw.Draw(phone)
    draw.rounded_rectangle((0, 0, wide - 1, high - 1), 62, fill=(92, 94, 100, 255))
    draw.rounded_rectangle((3, 3, wide - 4, high - 4), 59, fill=(14, 14, 16, 255))
    corners = Image.new("L", image.size, 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, image.width - 1, image.height - 1), 46, fill=255)
    phone.paste(image, (rim, rim), corners)
    return phone


def _photo(image: Image.Image, rng: random.Random) -> Image.Image:
    """Photographed: the screen or sheet at a slight angle on a desk, light from one side."""
    share = min(1.0, 900 / max(image.size))
    image = image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.LANCZOS)
    wide, high = image.size
    edge = round(max(wide, high) * 0.06)
    size = wide + 2 * edge, high + 2 * edge
    desk = rgb(rng.choice(DESKS))
    back = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        back.putpixel((0, y), mixed(desk, (0, 0, 0), 0.35 * (y // 10 * 10) / size[1]))
    back = back.resize(size)
    shift = [rng.uniform(-0.35, 0.35) * edge for _ in range(8)]
    corners = [(edge, edge), (edge + wide, edge), (edge + wide, edge + high), (edge, edge + high)]
    seen = [(x + shift[2 * n], y + shift[2 * n + 1]) for n, (x, y) in enumerate(corners)]
    shadow = Image.new("L", size, 0)
    ImageDraw.Draw(shadow).polygon([(x + edge * 0.15, y + edge * 0.25) for x, y in seen], fill=130)
    back.paste((0, 0, 0), (0, 0), shadow.filter(ImageFilter.GaussianBlur(edge * 0.25)))
    sheet = Image.new("RGB", size, desk)
    sheet.paste(image.convert("RGB"), (edge, edge))
    mask = Image.new("L", size, 0)
    mask.paste(image.getchannel("A") if image.mode == "RGBA" else 255, (edge, edge, edge + wide, edge + high))
    factors = _perspective(seen, corners)
    for layer in (sheet, mask):
        turned = layer.transform(size, Image.Transform.PERSPECTIVE, factors, Image.Resampling.BICUBIC)
        layer.paste(turned)
    back.paste(sheet, (0, 0), mask)
    light = Image.new("L", (size[0], 1))
    way = rng.random() < 0.5
    for x in range(size[0]):
        light.putpixel((x, 0), round(62 * ((x if way else size[0] - x) // 16 * 16) / size[0]))
    back.paste((20, 16, 10), (0, 0), light.resize(size))
    return back.filter(ImageFilter.GaussianBlur(0.5))


def _perspective(source: list[tuple[float, float]], target: list[tuple[float, float]]) -> list[float]:
    """Pillow's eight factors that bring the target's corners to the source's."""
    import numpy as np

    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(right))]
