"""What the first bytes of a file say it is, before any decoder sees it, and whether a PNG is whole (pure)."""

from __future__ import annotations

import zlib

# Formats the house reads, by Pillow's names.
READABLE = ("PNG", "JPEG", "WEBP", "GIF", "BMP")

_PNG = b"\x89PNG\r\n\x1a\n"
_STARTS: tuple[tuple[bytes, str], ...] = (
    (_PNG, "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"%PDF", "PDF"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"\x7fELF", "PROGRAM"),
    (b"MZ", "PROGRAM"),
    (b"PK\x03\x04", "ARCHIVE"),
    (b"PK\x05\x06", "ARCHIVE"),
    (b"\x1f\x8b", "ARCHIVE"),
    (b"7z\xbc\xaf", "ARCHIVE"),
    (b"8BPS", "PHOTOSHOP"),
)
# Adam7: first column, first row, step across, step down of each pass (PNG specification 8.2).
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def sniff(data: bytes) -> str:
    """The kind of file these bytes start like: one of `READABLE`, a word of `advice`, "TEXT" or "UNKNOWN"."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return "AVIF" if brand in (b"avif", b"avis") else "HEIC" if brand in _HEIC else "VIDEO"
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    return _sniff_text(data[:2048])


def _sniff_text(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in text:
        return "SVG"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "HTML"
    if head and b"\x00" not in head and sum(byte < 32 and byte not in (9, 10, 13) for byte in head) == 0:
        return "TEXT"
    return "UNKNOWN"


_ADVICE: dict[str, tuple[str, str]] = {
    "HTML": ("looks like a web page", "Save the picture itself, or take a screenshot of the page."),
    "SVG": ("is an SVG drawing", "Export it as PNG, or take a screenshot."),
    "PDF": ("is a PDF", "Export the page as PNG, or take a screenshot."),
    "HEIC": ("is a HEIC photo", "HEIC: save as JPEG and attach that."),
    "AVIF": ("is an AVIF picture", "Save it as PNG or JPEG and attach that."),
    "EPS": ("is an EPS drawing", "Export it as PNG and attach that."),
    "TIFF": ("is a TIFF", "Save it as PNG and attach that."),
    "PHOTOSHOP": ("is a Photoshop file", "Export it as PNG and attach that."),
    "PROGRAM": ("is a program", "Attach a picture: PNG, JPEG, WebP, GIF or BMP."),
    "ARCHIVE": ("is an archive", "Unpack it and attach the picture inside."),
    "VIDEO": ("looks like a video", "Take a screenshot of the moment that matters."),
    "TEXT": ("is text", "Paste it into the question, or attach a picture."),
}


def advice(kind: str) -> tuple[str, str]:
    """Why a file of this kind is not a picture, and what to do instead."""
    return _ADVICE.get(kind, ("is not a picture we can read", "Attach PNG, JPEG, WebP, GIF or BMP."))


def png_is_whole(data: bytes) -> bool:
    """True when every part a PNG cannot do without is there, unbroken (CRC-32), with all of its rows, and closed.

    Pillow decodes what it can and forgives the rest; a support desk must not read half a screen as all of it.
    """
    at, pixels, header = len(_PNG), bytearray(), b""
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        crc = data[at + 8 + length : at + 12 + length]
        critical = not kind[0] & 0x20  # a capital first letter, PNG specification 5.4
        if len(crc) < 4 or (critical and zlib.crc32(kind + body) != int.from_bytes(crc, "big")):
            return False
        if kind == b"IHDR":
            header = body
        elif kind == b"IDAT":
            pixels += body
        elif kind == b"IEND":
            return len(header) == 13 and _unpacks_to(bytes(pixels), _png_rows_length(header))
        at += 12 + length
    return False


def _png_rows_length(header: bytes) -> int:
    """Bytes of all rows with their filter bytes, before they were packed (Adam7 passes counted one by one)."""
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    bits = header[8] * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(header[9], 1)
    passes = _ADAM7 if header[12] else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _unpacks_to(packed: bytes, length: int) -> bool:
    """True when the zlib stream holds `length` bytes or more; no more than that is unpacked."""
    unpack = zlib.decompressobj()
    left, rest = length, packed
    try:
        while left > 0 and rest:
            piece = unpack.decompress(rest, min(left, 1 << 20))
            left, rest = left - len(piece), unpack.unconsumed_tail
            if not piece:
                break
    except zlib.error:
        return False
    return left <= 0
