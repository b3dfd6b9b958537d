"""What happens to screenshots on their way, as a mapping of points: the truth is bent with the picture."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from finetune.screens.colours import mixed, rgb

Turn = Callable[[float, float], tuple[float, float]]
Area = tuple[int, int, int, int]
DESKS = ("#8a6a4c", "#3d3f45", "#c9b79c", "#6d7378", "#a88f72", "#20242a")


def worn(image: Image.Image, rng: random.Random) -> tuple[Image.Image, Turn, Area]:
    """The picture after its way (half of them stay as they are), where each of its points went, and the part of the
    first picture (left, top, right, bottom) that is still there."""
    area: Area = (0, 0, *image.size)
    if rng.random() < 0.5:
        return image, lambda x, y: (x, y), area
    turns: list[Turn] = []
    if rng.random() < 0.3:
        image, turn, area = _cut(image, rng)
        turns.append(turn)
    if rng.random() < 0.22:
        image, turn = _photo(image, rng)
        turns.append(turn)
    if rng.random() < 0.35:
        image, turn = _resized(image, rng)
        turns.append(turn)
    image = _pixels(image, rng)

    def all_turns(x: float, y: float) -> tuple[float, float]:
        for turn in turns:
            x, y = turn(x, y)
        return x, y

    return image, all_turns, area


def _cut(image: Image.Image, rng: random.Random) -> tuple[Image.Image, Turn, Area]:
    wide, high = image.size
    left, right = (round(wide * rng.uniform(0, 0.12)) if rng.random() < 0.4 else 0 for _ in range(2))
    top, bottom = (round(high * rng.uniform(0, 0.2)) if rng.random() < 0.6 else 0 for _ in range(2))
    if rng.random() < 0.3:  # a part of a window, as help pages show them
        right, bottom = right + round(wide * rng.uniform(0, 0.25)), bottom + round(high * rng.uniform(0, 0.3))
    if wide - left - right < 320:
        left = right = 0
    area = left, top, wide - right, high - bottom
    return image.crop(area), lambda x, y: (x - left, y - top), area


def _resized(image: Image.Image, rng: random.Random) -> tuple[Image.Image, Turn]:
    wide, high = image.size
    low, most = max(0.7, 320 / wide), min(1.5, 1400 / wide)
    share = rng.uniform(low, most) if low < most else 1.0
    size = max(8, round(wide * share)), max(8, round(high * share))
    way = rng.choice((Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS))
    across, down = size[0] / wide, size[1] / high
    return image.resize(size, way), lambda x, y: (x * across, y * down)


def _photo(image: Image.Image, rng: random.Random) -> tuple[Image.Image, Turn]:
    """Photographed at a slight angle: the edge of the screen, a desk, light and fine stripes."""
    import numpy as np

    wide, high = image.size
    edge = round(max(wide, high) * rng.uniform(0.03, 0.08))
    size = wide + 2 * edge, high + 2 * edge
    corners: list[tuple[float, float]] = [
        (edge, edge),
        (edge + wide, edge),
        (edge + wide, edge + high),
        (edge, edge + high),
    ]
    lean = rng.uniform(-0.035, 0.035)
    middle = size[0] / 2, size[1] / 2
    reach = edge * 0.45
    seen: list[tuple[float, float]] = []
    for x, y in corners:
        dx, dy = x - middle[0], y - middle[1]
        x, y = middle[0] + (dx - lean * dy) * 0.985, middle[1] + (dy + lean * dx) * 0.985
        seen.append((x + rng.uniform(-reach, reach), y + rng.uniform(-reach, reach)))
    desk = rgb(rng.choice(DESKS))
    sheet = Image.new("RGB", size, desk)
    rim = rng.choice((0, edge // 3, edge // 2))
    if rim:
        ImageDraw.Draw(sheet).rectangle(
            (edge - rim, edge - rim, edge + wide + rim, edge + high + rim), fill=(18, 18, 20)
        )
    sheet.paste(image, (edge, edge))
    back = _factors(seen, corners)
    sheet = sheet.transform(size, Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC, fillcolor=desk)
    if rng.random() < 0.5:  # stripes of pixels against pixels
        ys, xs = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
        wave = np.sin(xs * rng.uniform(0.6, 2.2) + ys * rng.uniform(-0.8, 0.8)) * rng.uniform(2, 7)
        pixels = np.asarray(sheet, dtype=np.float32) + wave[..., None]
        sheet = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.6:  # light from one side, or a spot of it
        glare = Image.new("L", (32, 32), 0)
        u, v = rng.uniform(0, 32), rng.uniform(0, 32)
        ImageDraw.Draw(glare).ellipse((u - 9, v - 9, u + 9, v + 9), fill=rng.randrange(25, 90))
        glare = glare.filter(ImageFilter.GaussianBlur(5)).resize(size)
        sheet.paste(rng.choice(((255, 255, 255), (0, 0, 0), mixed(desk, (0, 0, 0), 0.5))), (0, 0), glare)
    there = _factors(corners, seen)
    a, b, e, d, f, g, h, i = there
    return sheet, lambda x, y: (
        (a * (x + edge) + b * (y + edge) + e) / (h * (x + edge) + i * (y + edge) + 1),
        (d * (x + edge) + f * (y + edge) + g) / (h * (x + edge) + i * (y + edge) + 1),
    )


def _factors(source: list[tuple[float, float]], target: list[tuple[float, float]]) -> list[float]:
    """Pillow's eight factors that bring the source's points to the target's."""
    import numpy as np

    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(right))]


def _pixels(image: Image.Image, rng: random.Random) -> Image.Image:
    """What leaves every point where it is: light, blur, noise, JPEG."""
    if rng.random() < 0.3:
        image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.75, 1.2))
        image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.75, 1.25))
    if rng.random() < 0.25:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.1)))
    if rng.random() < 0.2:
        import numpy as np

        lot = np.random.default_rng(rng.randrange(2**31))
        pixels = np.asarray(image, dtype=np.int16) + lot.integers(
            -9, 10, (image.height, image.width, 1), dtype=np.int16
        )
        image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.7:
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=rng.randrange(30, 91))
        image = Image.open(stream).convert("RGB")
    return image
