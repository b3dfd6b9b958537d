"""A picture in, checked, upright and RGB; the words and boxes on it out: for a past ticket and today's question."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import stat
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from index.beside import beside
from index.clean import clean
from index.errors import Kind, UserError
from index.layout import OPTIONS, layout_text
from index.marked import marked
from index.marks import Sight, sight_text, words_room
from index.picture_bytes import READABLE, advice, png_is_whole, sniff
from index.placed import placed

if TYPE_CHECKING:
    from PIL import Image

MAX_PICTURES = 4  # in one message
MAX_BYTES = 10_000_000
MAX_PIXELS = 25_000_000
MAX_SIDE = 10_000
MIN_SIDE = 8
MAX_RATIO = 20
# A scrolled screenshot is taller than any photo: at least this wide, at most this tall, it is cut instead of refused.
LONG_WIDTH = 200
LONG_HEIGHT = 40_000
LONG_RATIO = 10
# More than a 4K screen needs; a 12-megapixel photo of a router is kept at this size.
KEPT_PIXELS = 6_000_000
NAME_LENGTH = 60


@dataclass(frozen=True)
class Line:
    """One line of words on a picture. `box` is (left, top, right, bottom) in pixels of the stored copy; `score`
    in 0..1 is how sure the reader is."""

    text: str
    box: tuple[int, int, int, int]
    score: float


@dataclass(frozen=True)
class ReadPicture:
    """A picture that was read. `layout` is the words with their geometry as text for a prompt (`label: value`
    lines, table rows joined by ` | `), `words` the same words as plain running text for search; both are ""
    when no text was found. `name` is the cleaned file name; `notices` what the reader should be told; `sight` what
    is to be seen beside the words."""

    sha256: str
    name: str
    width: int
    height: int
    lines: tuple[Line, ...]
    layout: str
    words: str
    notices: tuple[str, ...] = ()
    sight: Sight = field(default_factory=Sight)

    @property
    def text(self) -> str:
        """What a model reads of it: the words with their geometry, then the marks as tags; short enough for a
        small model."""
        tags = sight_text(self.sight)
        room = words_room(tags)
        fits = len(self.layout) <= room and not any(mark.kind in OPTIONS for mark in self.sight.marks)
        size, marks = (self.width, self.height), self.sight.marks
        words = self.layout if fits else layout_text(self.lines, size, room, marks)
        return "\n".join(filter(None, (words or self.layout[:room], tags)))

    def beside(self, question: str) -> str:
        """What stands beside the words that a question names, "" when it names none here (index.beside)."""
        return beside(question, self.lines, self.sight.marks)

    def tells(self, question: str) -> str:
        """What the picture answers by itself, without a model: the words at the place that is asked for ("right below
        Duplicate"), or the state of one thing seen ("is Paste greyed out?"); "" for any other question."""
        return placed(question, self.lines) or marked(question, self.sight.marks)


@dataclass(frozen=True, eq=False)
class OpenPicture:
    """A picture that passed every check. `image` is RGB and upright; `png` the copy to keep (pixels only: no EXIF,
    GPS, profile or comment), `sha256` the hash of `png`; `name` the cleaned file name."""

    image: Image.Image
    name: str
    sha256: str
    png: bytes
    notices: tuple[str, ...] = ()


class PictureReader(Protocol):
    """Whatever can read the words on a picture."""

    def read(self, picture: OpenPicture) -> ReadPicture:
        """The picture's words with their boxes."""
        ...


def open_picture(source: Path | bytes, name: str | None = None) -> OpenPicture:
    """The picture in a file or in memory, checked before a pixel is decoded, upright, RGB on white.

    Only the first frame is taken, and of a very long page the first part; `notices` says so. Raises UserError
    TYPE (not a picture we read), EMPTY, DAMAGED, TOOBIG (also too small) or DENIED.
    """
    shown = _shown_name(name or (source.name if isinstance(source, Path) else "picture"))
    data = _read_regular(source, shown) if isinstance(source, Path) else source
    kind = _checked_kind(data, shown)
    try:
        image, notices = _decode(data, kind, shown)
        image = _to_kept_size(image)
        png = _encode(image)
    except UserError:
        raise
    except Exception as trouble:  # decoders raise SyntaxError, struct.error, zlib.error, OSError and more
        raise _damaged(shown) from trouble
    return OpenPicture(image, shown, hashlib.sha256(png).hexdigest(), png, notices)


def save_picture(picture: OpenPicture, folder: Path) -> Path:
    """`folder/<sha256>.png`, written beside and swapped in; nothing is written when it is already there."""
    target = folder / f"{picture.sha256}.png"
    if target.exists():
        return target
    try:
        _write_beside(target, picture.png)
    except OSError as trouble:
        kind: Kind = "FULL" if trouble.errno == errno.ENOSPC else "STORE"
        message = f"{picture.name}: the copy could not be written.\nCheck free space and rights, then try again."
        raise UserError(message, kind) from trouble
    return target


def _write_beside(target: Path, data: bytes) -> None:
    """`data` at `target`, whole or not at all: written beside it, flushed to the disk, swapped in."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _shown_name(name: str) -> str:
    """The file name as it may be shown: one line, nothing that acts on a terminal, not longer than a line."""
    plain = " ".join(clean(name).split()) or "picture"
    if len(plain) <= NAME_LENGTH:
        return plain
    return f"{plain[: NAME_LENGTH - 11]}…{plain[-10:]}"


def _refuse(shown: str, reason: str, next_step: str, kind: Kind) -> NoReturn:
    raise UserError(f"{shown} {reason}.\n{next_step}", kind)


def _damaged(shown: str) -> UserError:
    return UserError(f"{shown} is damaged: it cannot be decoded.\nSave or send it again.", "DAMAGED")


def _read_regular(path: Path, shown: str) -> bytes:
    """The bytes of a regular file, never more than one above the limit; links, pipes and devices are refused."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except PermissionError:
        _refuse(shown, "may not be read", "Check the rights of the file.", "DENIED")
    except FileNotFoundError:
        _refuse(shown, "is not there", "Check the path.", "DAMAGED")
    except (OSError, ValueError):
        _refuse(shown, "is not a regular file", "Attach the picture file itself.", "TYPE")
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        _refuse(shown, "is not a regular file", "Attach the picture file itself.", "TYPE")
    with os.fdopen(handle, "rb") as file:
        if facts.st_size > MAX_BYTES:
            _too_big_file(shown)
        data = file.read(MAX_BYTES + 1)
    if len(data) != facts.st_size:
        _refuse(shown, "changed while it was read", "Wait until it is written, then try again.", "DAMAGED")
    return data


def _too_big_file(shown: str) -> NoReturn:
    _refuse(shown, f"is larger than {MAX_BYTES // 1_000_000} MB", "Crop it or save it as JPEG.", "TOOBIG")


def _checked_kind(data: bytes, shown: str) -> str:
    if not data:
        _refuse(shown, "is empty", "Save or send it again.", "EMPTY")
    if len(data) > MAX_BYTES:
        _too_big_file(shown)
    kind = sniff(data)
    if kind not in READABLE:
        _refuse(shown, *advice(kind), "TYPE")
    return kind


def _decode(data: bytes, kind: str, shown: str) -> tuple[Image.Image, tuple[str, ...]]:
    """The first frame, upright, 8-bit RGB on white, with what the reader should know."""
    from PIL import Image

    notices: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns on stderr; our limits are far below the ones it warns at
        try:
            image: Image.Image = Image.open(io.BytesIO(data), formats=[kind])
        except Image.DecompressionBombError:
            _refuse(
                shown, f"has more than {MAX_PIXELS // 1_000_000} megapixels", "Crop it or make it smaller.", "TOOBIG"
            )
        _checked_cut(image.size, shown)
        if kind == "PNG" and not png_is_whole(data):
            raise _damaged(shown)
        if kind != "JPEG" and getattr(image, "is_animated", False):  # a phone's JPEG may carry a second view
            image.seek(0)
            notices.append(f"{shown}: only the first frame was used.")
        image.load()
        image = _flat_rgb(_upright(image))
    if cut := _checked_cut(image.size, shown):
        notices.append(f"{shown}: a very long page; only the first {cut} of {image.height} pixels were used.")
        image = image.crop((0, 0, image.width, cut))
    return image, tuple(notices)


def _checked_cut(size: tuple[int, int], shown: str) -> int:
    """0 for a picture within the limits, the height to keep for a long page; raises TOOBIG for the others."""
    width, height = size
    small, large = sorted(size)
    if small < MIN_SIDE and large <= MIN_SIDE * MAX_RATIO:
        _refuse(shown, f"is too small: {width}x{height} pixels", "Attach a larger picture.", "TOOBIG")
    if width * height > MAX_PIXELS:
        reason = f"is {width}x{height}: more than {MAX_PIXELS // 1_000_000} megapixels"
        _refuse(shown, reason, "Crop it or make it smaller.", "TOOBIG")
    fits = large <= MAX_SIDE and large <= small * MAX_RATIO
    if fits:
        return 0
    if width >= LONG_WIDTH and width < height <= LONG_HEIGHT:
        return min(width * LONG_RATIO, MAX_SIDE)
    limit = (
        f"longer than {MAX_SIDE} pixels"
        if large > MAX_SIDE
        else f"more than {MAX_RATIO} times as long as the other side"
    )
    _refuse(shown, f"is {width}x{height}: {limit}", "Crop it to the part that matters.", "TOOBIG")


def _upright(image: Image.Image) -> Image.Image:
    """Turned and mirrored as its EXIF says; a picture with unreadable EXIF is taken as it is."""
    from PIL import ImageOps

    with contextlib.suppress(Exception):
        return ImageOps.exif_transpose(image)
    return image


def _flat_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB, with white where the picture is transparent (the OCR reads nothing in 16 bits or CMYK)."""
    import numpy as np
    from PIL import Image

    if image.mode.startswith("I"):
        deep = np.asarray(image).astype(np.int64)
        image = Image.fromarray((deep >> 8).clip(0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        seen = image.convert("RGBA")
        white = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(white, seen).convert("RGB")
    return image.convert("RGB")


def _to_kept_size(image: Image.Image) -> Image.Image:
    """The picture at no more than `KEPT_PIXELS`."""
    share = (KEPT_PIXELS / (image.width * image.height)) ** 0.5
    if share >= 1:
        return image
    size = max(1, int(image.width * share)), max(1, int(image.height * share))
    from PIL import Image

    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _encode(image: Image.Image) -> bytes:
    """The pixels as PNG and nothing else: pasted into a new picture, what the file carried stays behind."""
    from PIL import Image

    bare = Image.new("RGB", image.size)
    bare.paste(image)
    stream = io.BytesIO()
    bare.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def load_reader(threads: int = 2) -> PictureReader:
    """The house's reader (RapidOCR, seconds to load, offline and silent); use one for the whole program."""
    from index.reader import RapidReader

    return RapidReader.load(threads)
