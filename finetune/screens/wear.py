"""What happens to screenshots on their way, as a mapping of points: the truth is bent with the picture."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from finetune.screens.colours import mixed, rgb

Turn = Callable[[float, float], tuple[float, float]]
Area = tuple[int, int, int, int]
DESKS = ("#8a6a4c", "#3d3f45", "#c9b79c", "#6d7378", "#a88f72", "#20242a")


def worn(image: Image.Image, rng: random.Random, paper: bool = False) -> tuple[Image.Image, Turn, Area]:
    """The picture after its way (half of them stay as they are), where each of its points went, and the part of the
    first picture (left, top, right, bottom) that is still there."""
    area: Area = (0, 0, *image.size)
    if rng.random() < (0.15 if paper else 0.5):
        return image, lambda x, y: (x, y), area
    turns: list[Turn] = []
    if rng.random() < 0.3:
        image, turn, area = _cut(image, rng)
        turns.append(turn)
    if paper and rng.random() < 0.75:
        image, turn = _creased(image, rng)
        turns.append(turn)
    if rng.random() < (0.6 if paper else 0.22):
        image, turn = _photo(image, rng, paper)
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


def _creased(image: Image.Image, rng: random.Random) -> tuple[Image.Image, Turn]:
    """Paper that was folded and does not lie flat: soft shadows, creases, lines that rise and fall a little."""
    import numpy as np

    wide, high = image.size
    rise, waves, start = rng.uniform(0, 0.005) * wide, rng.uniform(0.4, 1.6), rng.uniform(0, 6.28)
    shifts = np.rint(rise * np.sin(np.arange(wide) / wide * waves * 6.28 + start)).astype(int)
    bent, at = image.copy(), 0
    for end in [*(np.flatnonzero(np.diff(shifts)) + 1), wide]:
        bent.paste(image.crop((at, 0, end, high)), (at, int(shifts[at])))
        at = int(end)
    lot = np.random.default_rng(rng.randrange(2**31))
    soft = Image.fromarray(lot.integers(0, 256, (rng.randint(3, 9), rng.randint(2, 6)), dtype=np.uint8))
    size = wide // 4, max(1, high // 4)  # shadows are soft: drawn small
    depth = rng.uniform(0.03, 0.16)
    light = 1 - depth * np.asarray(soft.resize(size, Image.Resampling.BICUBIC), dtype=np.float32) / 255
    ys, xs = np.arange(size[1], dtype=np.float32)[:, None], np.arange(size[0], dtype=np.float32)[None, :]
    for _ in range(rng.randint(0, 4)):  # a fold: dark on one side, bright on the other
        across = rng.random() < 0.6
        place, lean = rng.uniform(0.1, 0.9) * size[across], rng.uniform(-0.12, 0.12)
        far = (ys - place - lean * xs if across else xs - place - lean * ys) / (0.02 * size[0])
        light -= rng.uniform(0.02, 0.12) * far * np.exp(-far * far)
    veil = Image.fromarray((light * 255).clip(0, 255).astype(np.uint8)).resize((wide, high))
    image = ImageChops.multiply(bent, Image.merge("RGB", (veil, veil, veil)))
    return image, lambda x, y: (x, y + float(shifts[int(min(max(x, 0), wide - 1))]))


def _photo(image: Image.Image, rng: random.Random, paper: bool = False) -> tuple[Image.Image, Turn]:
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
    calm = 0.4 if paper else 1.0  # receipts are laid straight; rows that mix answer nothing
    lean = rng.uniform(-0.035, 0.035) * calm
    middle = size[0] / 2, size[1] / 2
    reach = edge * 0.45 * calm
    seen: list[tuple[float, float]] = []
    for x, y in corners:
        dx, dy = x - middle[0], y - middle[1]
        x, y = middle[0] + (dx - lean * dy) * 0.985, middle[1] + (dy + lean * dx) * 0.985
        seen.append((x + rng.uniform(-reach, reach), y + rng.uniform(-reach, reach)))
    desk = rgb(rng.choice(DESKS))
    sheet = Image.new("RGB", size, desk)
    rim = 0 if paper else rng.choice((0, edge // 3, edge // 2))
    if rim:
        ImageDraw.Draw(sheet).rectangle(
            (edge - rim, edge - rim, edge + wide + rim, edge + high + rim), fill=(18, 18, 20)
        )
    sheet.paste(image, (edge, edge))
    back = _factors(seen, corners)
    sheet = sheet.transform(size, Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC, fillcolor=desk)
    if not paper and rng.random() < 0.5:  # stripes of pixels against pixels
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
