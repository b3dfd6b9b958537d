"""The eyes: RapidOCR finds the words on a picture and where they stand; long pages are read in tiles."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from index.clean import clean
from index.layout import layout_text, order_lines, plain_words
from index.pictures import Line, OpenPicture, ReadPicture

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

# The reader's time goes with the pixels it sees; words of 10 to 40 pixels read best.
READ_WIDTH = 1_600  # wider scrolled pages are made smaller
READ_PIXELS = 1_600_000  # at most so many at once: one screen is made smaller, a long page goes in tiles
SMALL_PIXELS = 600_000  # smaller pictures are enlarged towards this, at most twice
SCREEN_RATIO = 2.4  # height over width; what is taller was scrolled
TILE_OVERLAP = 64  # pixels seen twice, so that no line is cut between two tiles
FAINT_RANGE = 96  # of 255: what spans fewer tones is stretched before reading

# The recogniser also knows Chinese: its wide signs become the ones a keyboard has.
_PLAIN_SIGNS: dict[int, int | str] = {0x2103: "°C", 0x2109: "°F"}
_PLAIN_SIGNS |= {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}

_SETTINGS: dict[str, Any] = {
    "Global.log_level": "critical",
    "Global.use_cls": False,  # pictures are upright here; the turn classifier costs time and guesses wrong
    "Global.max_side_len": 10_000,
    "Det.limit_type": "max",  # sizes are chosen here, by `_scale`
    "Det.limit_side_len": 10_000,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class RapidReader:
    """Words and boxes by RapidOCR. One picture at a time: the engine keeps state between its steps."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._one_at_a_time = threading.Lock()

    @classmethod
    def load(cls, threads: int = 2) -> RapidReader:
        """RapidOCR with the models inside its own package, silent, on `threads` threads."""
        from rapidocr import RapidOCR

        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        return cls(RapidOCR(params=_SETTINGS | {"EngineConfig.onnxruntime.intra_op_num_threads": threads}))

    def read(self, picture: OpenPicture) -> ReadPicture:
        """The picture's lines in reading order, as layout text and as plain words."""
        size = picture.image.size
        with self._one_at_a_time:
            lines = order_lines(self._lines(picture.image), size)
        return ReadPicture(
            sha256=picture.sha256,
            name=picture.name,
            width=size[0],
            height=size[1],
            lines=tuple(lines),
            layout=layout_text(lines, size),
            words=plain_words(lines),
            notices=picture.notices,
        )

    def _lines(self, image: Image.Image) -> list[Line]:
        import numpy as np

        scale = _scale(*image.size)
        pixels = np.asarray(_seen(image, scale))[:, :, ::-1]  # the engine wants BGR
        found: list[Line] = []
        for top, bottom in _tiles(pixels.shape[1], pixels.shape[0]):
            tile = self._tile_lines(np.ascontiguousarray(pixels[top:bottom]), top, scale)
            found = _joined(found, tile, round(top / scale))
        return found

    def _tile_lines(self, tile: np.ndarray, top: int, scale: float) -> list[Line]:
        result = self._engine(tile)
        if result.txts is None or result.boxes is None:
            return []
        lines: list[Line] = []
        for text, box, score in zip(result.txts, result.boxes, result.scores, strict=True):
            text = " ".join(clean(text).translate(_PLAIN_SIGNS).split())
            if text and not _is_icon(text, float(score)):
                xs, ys = box[:, 0] / scale, (box[:, 1] + top) / scale
                edges = (round(xs.min()), round(ys.min()), round(xs.max()), round(ys.max()))
                lines.append(Line(text, (max(0, edges[0]), max(0, edges[1]), edges[2], edges[3]), float(score)))
        return lines


def _is_icon(text: str, score: float) -> bool:
    """Signs the recogniser takes for writing: a ring for an O, a closing cross for an X, a dot, an arrow."""
    if len(text) <= 3 and not any(sign.isalnum() and sign != "ı" for sign in text):
        return True
    return text in ("O", "o", "X", "x") or (len(text) == 1 and score < 0.85) or (len(text) == 2 and score < 0.7)


def _scale(width: int, height: int) -> float:
    """How much larger (up to 2) or smaller the picture is read; the boxes are given back in its own pixels."""
    one_screen = height <= width * SCREEN_RATIO
    area = width * height
    if one_screen and area * 1.4 < SMALL_PIXELS:
        return min(2.0, (SMALL_PIXELS / area) ** 0.5)
    return min(1.0, (READ_PIXELS / area) ** 0.5 if one_screen else READ_WIDTH / width)


def _seen(image: Image.Image, scale: float) -> Image.Image:
    """The picture at reading size, its tones stretched when it is faint."""
    import numpy as np
    from PIL import Image, ImageOps

    if scale != 1:
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(size, Image.Resampling.LANCZOS)
    tones = np.asarray(image.convert("L"))
    if int(tones.max()) - int(tones.min()) < FAINT_RANGE:
        image = ImageOps.autocontrast(image)
    return image


def _tiles(width: int, height: int) -> Iterator[tuple[int, int]]:
    """(top, bottom) of each part to read; one for a picture of one screen."""
    step = height if height <= width * SCREEN_RATIO else max(READ_PIXELS // width, 2 * TILE_OVERLAP)
    top = 0
    while top + step < height:
        yield top, top + step
        top += step - TILE_OVERLAP
    yield top, height


def _joined(before: list[Line], after: list[Line], seam: int) -> list[Line]:
    """Both tiles' lines, each once: where two overlap at the seam, the taller box (the whole line) stays."""
    kept = list(before)
    for line in after:
        twins = [other for other in kept if other.box[3] > seam and _overlap(other, line) > 0.5]
        if all(_height(line) > _height(twin) for twin in twins):
            kept = [other for other in kept if other not in twins]
            kept.append(line)
    return kept


def _height(line: Line) -> int:
    return line.box[3] - line.box[1]


def _overlap(one: Line, other: Line) -> float:
    """Shared area over the smaller box's area."""
    wide = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    high = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = [(line.box[2] - line.box[0]) * _height(line) for line in (one, other)]
    return wide * high / max(1, min(areas))
